//! Resting orders and own fills.

use super::ink::{Forms, Gap, Grade, Ink, Piece, side, spoken};
use super::model::{Body, Column, Heading, Panel, Table};
use super::{Inputs, no_credentials};
use crate::domain::{Liquidity, OrderSide};
use crate::report::{Freshness, OrderRow};
use crate::ui::state::{PanelId, UiState};
use crate::ui::theme::Role;

/// Rows of a list that are built; no screen shows more.
const MAX_ROWS: usize = 200;

/// Fresh is what was received and is no snapshot of a moment: history.
const SETTLED: Grade = Grade::new(Freshness::Live, None);

/// Resting orders, take-profit and stop-loss plans, triggers.
pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let orders = &inputs.document.orders;
    let grade = Grade::new(orders.freshness, orders.age_ms);
    let mut heading = Heading::new("Orders", None).focused(state.has_keys(PanelId::Orders));
    heading.note = vec![Piece::label("Tab: next panel")];
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
        Column::new("Kind", false, 1, 11),
        Column::new("Side", false, 2, 4),
        Column::new("Symbol", false, 0, 13),
        Column::new("At", true, 3, 9),
        Column::new("Then", true, 4, 9),
        Column::new("Size", true, 5, 8),
        Column::new("Filled", true, 7, 8),
        Column::new("For", false, 6, 5),
        Column::new("Reduce", false, 8, 6),
        Column::new("Status", false, 9, 8),
        Column::new("Created", false, 10, 8),
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
    let at = inputs.ink(state).clock_of(confirmed.map(|at| inputs.exchange_time(at))).text;
    let (text, role) = match confirmed {
        Some(_) if orders.is_whole() => {
            (format!("No resting orders (confirmed {at})"), Role::Plain)
        }
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
    let rests = row.is_limit();
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
        Column::new("Time", false, 0, 8),
        Column::new("Side", false, 2, 4),
        Column::new("Symbol", false, 1, 13),
        Column::new("Price", true, 3, 9),
        Column::new("Size", true, 4, 8),
        Column::new("Realized", true, 5, 10),
        Column::new("Fee", true, 6, 12),
        Column::new("Kind", false, 7, 5),
        Column::new("Forced", false, 8, 6),
    ];
    if rows.is_empty() {
        // An empty list only says that nothing was received.
        let words = Piece::label("no fills received");
        return Panel::new(heading, Body::Message(vec![vec![vec![words]]]));
    }
    let table = Table { columns, rows, selected: None, first: state.scroll.fills };
    Panel::new(heading, Body::Table(table))
}
