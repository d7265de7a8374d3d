//! Resting orders, own fills and closed positions.

use super::ink::{Forms, Gap, Grade, Ink, Piece, side, spoken};
use super::model::{Body, Column, Heading, Panel, Table};
use super::{Inputs, no_credentials};
use crate::document::{Freshness, OrderRow};
use crate::domain::{Liquidity, OrderSide};
use crate::ui::format;
use crate::ui::state::{PanelId, UiState};
use crate::ui::theme::Role;

/// Rows of a list that are built; no screen shows more.
const MAX_ROWS: usize = 200;

const fn column(title: &'static str, right: bool, rank: u8, min: u16) -> Column {
    Column { title, right, rank, min }
}

/// Fresh is what was received and is no snapshot of a moment: history.
const SETTLED: Grade = Grade::new(Freshness::Live, None);

/// Resting orders, take-profit and stop-loss plans, triggers.
pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let orders = &inputs.document.orders;
    let grade = Grade::new(orders.freshness, orders.age_ms);
    let mut heading = Heading::new("Orders", None).focused(state.has_keys(PanelId::Orders));
    if !inputs.context.credentials {
        return Panel::new(heading, Body::Message(no_credentials()));
    }
    heading.marks.extend(grade.mark());
    if orders.unreadable_rows > 0 {
        let text = format!("{} rows unreadable", orders.unreadable_rows);
        heading.marks.push(Piece::new(text, Role::Danger));
    }
    let rows: Vec<&OrderRow> = orders
        .rows
        .iter()
        .filter(|row| {
            let side = row.side.unwrap_or_default();
            state.passes([row.symbol.as_str(), side, row.kind.as_str()])
        })
        .collect();
    if !state.filter.is_empty() {
        let text = format!("filter {:?}: {} of {}", state.filter, rows.len(), orders.rows.len());
        heading.marks.push(Piece::new(text, Role::Warn));
    }
    if orders.rows.is_empty() {
        return Panel::new(heading, Body::Message(vec![absence(inputs, state)]));
    }
    let columns = vec![
        column("Kind", false, 1, 11),
        column("Side", false, 2, 4),
        column("Symbol", false, 0, 13),
        column("At", true, 3, 9),
        column("Then", true, 4, 9),
        column("Size", true, 5, 8),
        column("Filled", true, 7, 8),
        column("For", false, 6, 5),
        column("Reduce", false, 8, 6),
        column("Status", false, 9, 8),
        column("Created", false, 10, 8),
    ];
    let table = Table {
        columns,
        rows: rows.iter().take(MAX_ROWS).map(|row| cells(inputs, state, row, grade)).collect(),
        selected: None,
        first: state.scroll.orders,
    };
    Panel::new(heading, Body::Table(table))
}

/// What can be said when there is no row.
fn absence(inputs: &Inputs<'_>, state: &UiState) -> Forms {
    let orders = &inputs.document.orders;
    let confirmed = inputs.snapshot.orders.confirmed_at;
    let at = inputs.ink(state).clock_of(confirmed).text;
    let known = orders.freshness == Freshness::Live && orders.unreadable_rows == 0;
    let (text, role) = match confirmed {
        Some(_) if known => (format!("No resting orders (confirmed {at})"), Role::Plain),
        Some(_) => (format!("orders unknown since {at}"), Role::Unknown),
        None => ("orders not known yet".to_owned(), Role::Unknown),
    };
    vec![vec![Piece::new(text, role)], vec![Gap::Unknown.piece()]]
}

fn direction(word: Option<&str>) -> Piece {
    match word {
        Some("buy") => Piece::new("buy", Role::Gain),
        Some("sell") => Piece::new("sell", Role::Loss),
        Some(other) => Piece::plain(other.to_owned()),
        None => Gap::Unknown.piece(),
    }
}

fn cells(inputs: &Inputs<'_>, state: &UiState, row: &OrderRow, grade: Grade) -> Vec<Piece> {
    let ink = inputs.ink(state);
    let rests = row.kind == "limit";
    // What sets it off, or where it rests; then what it does: nothing more, a limit, or the market.
    let price = |value| Ink::price(value, row.price_places, Gap::Unknown, grade);
    let (acts_at, then) = match (row.trigger_price, row.price) {
        (Some(trigger), Some(limit)) => (price(Some(trigger)), price(Some(limit))),
        (Some(trigger), None) => (price(Some(trigger)), Piece::label("market")),
        (None, _) if row.kind == "market" => (Piece::label("market"), Gap::None.piece()),
        (None, limit) if rests => (price(limit), Gap::None.piece()),
        (None, limit) => (Gap::Unknown.piece(), price(limit)),
    };
    let size = match row.size {
        None if !rests => Piece::label("whole"),
        size => ink.size(size, None, Gap::Unknown, grade),
    };
    let reduce = match row.reduce_only {
        Some(true) => Piece::plain("yes"),
        Some(false) => Piece::label("no"),
        None => Gap::Unknown.piece(),
    };
    vec![
        Piece::plain(spoken(&row.kind)),
        direction(row.side),
        Piece::plain(row.symbol.clone()),
        acts_at,
        then,
        size,
        ink.size(row.filled, None, Gap::Unknown, grade),
        row.position_side.map_or_else(|| Gap::None.piece(), side),
        reduce,
        Piece::plain(spoken(&row.status)),
        ink.clock(row.created_at),
    ]
}

/// Own fills, newest first.
pub(super) fn fills(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let heading = Heading::new("Fills", None).focused(state.has_keys(PanelId::Fills));
    if !inputs.context.credentials {
        return Panel::new(heading, Body::Message(no_credentials()));
    }
    let ink = inputs.ink(state);
    let rows: Vec<Vec<Piece>> = inputs
        .snapshot
        .fills
        .iter()
        .take(MAX_ROWS)
        .map(|fill| {
            let side = fill.side.map(|side| match side {
                OrderSide::Buy => "buy",
                OrderSide::Sell => "sell",
            });
            let fees: Vec<String> = fill
                .fees
                .iter()
                .map(|fee| {
                    let paid = ink.cash(Some(-fee.paid), Gap::Unknown, SETTLED).text;
                    format!("{paid} {}", fee.coin)
                })
                .collect();
            let liquidity = fill.liquidity.map_or_else(
                || Gap::Unknown.piece(),
                |liquidity| {
                    Piece::plain(match liquidity {
                        Liquidity::Maker => "maker",
                        Liquidity::Taker => "taker",
                    })
                },
            );
            let forced = fill
                .forced
                .as_ref()
                .map_or_else(|| Piece::label(""), |word| Piece::new(word.as_str(), Role::Danger));
            vec![
                ink.clock_of(fill.time),
                direction(side),
                Piece::plain(fill.symbol.to_string()),
                Ink::price(fill.price, None, Gap::Unknown, SETTLED),
                ink.size(fill.size, None, Gap::Unknown, SETTLED),
                ink.gain(fill.realized_pnl, Gap::Unknown, SETTLED),
                Piece::plain(fees.join(" ")),
                liquidity,
                forced,
            ]
        })
        .collect();
    let columns = vec![
        column("Time", false, 0, 8),
        column("Side", false, 2, 4),
        column("Symbol", false, 1, 13),
        column("Price", true, 3, 9),
        column("Size", true, 4, 8),
        column("Realized", true, 5, 10),
        column("Fee", true, 6, 12),
        column("Kind", false, 7, 5),
        column("Forced", false, 8, 6),
    ];
    list(heading, columns, rows, state.scroll.fills, "fills")
}

/// Closed positions, newest first.
pub(super) fn closed(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let heading = Heading::new("Closed positions", None).focused(state.has_keys(PanelId::Closed));
    if !inputs.context.credentials {
        return Panel::new(heading, Body::Message(no_credentials()));
    }
    let ink = inputs.ink(state);
    let zone = &inputs.context.timezone;
    let rows: Vec<Vec<Piece>> = inputs
        .snapshot
        .closed
        .iter()
        .take(MAX_ROWS)
        .map(|row| {
            let time = row
                .closed_at
                .and_then(|at| format::date_time(at, zone))
                .map_or_else(|| Gap::Unknown.piece(), Piece::plain);
            vec![
                time,
                Piece::plain(row.symbol.to_string()),
                side(&row.side.to_string()),
                ink.gain(row.net_pnl, Gap::Unknown, SETTLED),
                ink.gain(row.realized_pnl, Gap::Unknown, SETTLED),
                ink.cash(row.fees_paid.map(|paid| -paid), Gap::Unknown, SETTLED),
                ink.cash(row.funding_pnl, Gap::Unknown, SETTLED),
                ink.size(row.size, None, Gap::Unknown, SETTLED),
                Ink::price(row.entry_price, None, Gap::Unknown, SETTLED),
                Ink::price(row.exit_price, None, Gap::Unknown, SETTLED),
            ]
        })
        .collect();
    let columns = vec![
        column("Closed", false, 4, 23),
        column("Symbol", false, 0, 13),
        column("Side", false, 1, 5),
        column("Net", true, 2, 10),
        column("Realized", true, 3, 10),
        column("Fees", true, 5, 10),
        column("Funding", true, 6, 10),
        column("Size", true, 7, 8),
        column("Entry", true, 8, 10),
        column("Exit", true, 9, 10),
    ];
    list(heading, columns, rows, state.scroll.closed, "closed positions")
}

/// A list of history; an empty one only says that nothing was received.
fn list(
    heading: Heading,
    columns: Vec<Column>,
    rows: Vec<Vec<Piece>>,
    first: usize,
    what: &str,
) -> Panel {
    if rows.is_empty() {
        let words = Piece::label(format!("no {what} received"));
        return Panel::new(heading, Body::Message(vec![vec![vec![words]]]));
    }
    let table = Table { columns, rows, selected: None, first };
    Panel::new(heading, Body::Table(table))
}
