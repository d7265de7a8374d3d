//! The positions: order, filter, selection, and one table row a position.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::ink::{Forms, Gap, Grade, Ink, Piece, words};
use super::model::{Body, Column, Heading, Panel, Table};
use super::{Inputs, ink, no_credentials};
use crate::domain::{Side, Timestamp};
use crate::report::{Freshness, PositionRow};
use crate::risk;
use crate::ui::state::{PanelId, RowId, SortKey, UiState};
use crate::ui::theme::Role;

/// How long an order of rows is kept while values move, so that rows do not jump about.
const RESORT_MS: i64 = 10_000;

/// Returns the rows to show, sorted and filtered, and remembers them in the state.
pub(super) fn arrange<'a>(inputs: &Inputs<'a>, state: &mut UiState) -> Vec<&'a PositionRow> {
    let rows = &inputs.document.positions.rows;
    let same_rows = state.order.len() == rows.len()
        && rows.iter().all(|row| state.order.iter().any(|id| id.is(row)));
    // The document's own order needs no memory: it does not depend on prices.
    let keep = state.sort != SortKey::Focus
        && same_rows
        && state.sorted_at.is_some_and(|at| is_recent(at, inputs.now));
    if !keep {
        let mut sorted: Vec<&PositionRow> = rows.iter().collect();
        sort(&mut sorted, state.sort, state.reverse);
        remember(&mut state.order, &sorted);
        state.sorted_at = Some(inputs.now);
    }
    let shown: Vec<&PositionRow> = state
        .order
        .iter()
        .filter_map(|id| rows.iter().find(|row| id.is(row)))
        .filter(|row| state.passes([row.symbol.as_str(), row.side, row.margin_mode.as_str()]))
        .collect();
    remember(&mut state.shown, &shown);
    if state.selected.as_ref().is_some_and(|id| !rows.iter().any(|row| id.is(row))) {
        state.selected = None;
    }
    shown
}

/// Keeps who the rows are; nothing is copied when they are the same as before.
fn remember(ids: &mut Vec<RowId>, rows: &[&PositionRow]) {
    if ids.len() != rows.len() || !ids.iter().zip(rows).all(|(id, row)| id.is(row)) {
        *ids = rows.iter().map(|row| RowId::of(row)).collect();
    }
}

fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    (0..RESORT_MS).contains(&now.as_millis().saturating_sub(at.as_millis()))
}

/// Sorts stably; what is not known comes last whichever way round.
fn sort(rows: &mut [&PositionRow], key: SortKey, reverse: bool) {
    let value = |row: &PositionRow| -> Option<Decimal> {
        match key {
            SortKey::Focus | SortKey::Symbol => None,
            SortKey::Notional => row.notional,
            SortKey::Pnl => row.unrealized_pnl,
            SortKey::Roe => row.roe,
            SortKey::Distance => row.liquidation_distance,
        }
    };
    match key {
        SortKey::Focus if reverse => rows.reverse(),
        SortKey::Focus => {}
        SortKey::Symbol => {
            rows.sort_by(|a, b| directed((&a.symbol, a.side).cmp(&(&b.symbol, b.side)), reverse));
        }
        SortKey::Distance => rows.sort_by(|a, b| by_known(value(a), value(b), reverse)),
        // The largest first; the other way round on demand.
        SortKey::Notional | SortKey::Pnl | SortKey::Roe => {
            rows.sort_by(|a, b| by_known(value(a), value(b), !reverse));
        }
    }
}

fn by_known(a: Option<Decimal>, b: Option<Decimal>, reverse: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => directed(a.cmp(&b), reverse),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

fn directed(order: Ordering, reverse: bool) -> Ordering {
    if reverse { order.reverse() } else { order }
}

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState, rows: &[&PositionRow]) -> Panel {
    let positions = &inputs.document.positions;
    let mut title = "Positions".to_owned();
    if state.sort != SortKey::Focus || state.reverse {
        title = format!("{title} by {}", state.sort.word());
        if state.reverse {
            title.push_str(" (reversed)");
        }
    }
    let mark = if inputs.context.credentials {
        let list = inputs.positions_grade();
        // A row whose price is missing says so itself; it is no statement about the list.
        let grades = rows
            .iter()
            .map(|row| inputs.row_grade(row))
            .filter(|grade| grade.freshness == Freshness::Stale);
        grades.fold(list, Grade::worse).mark()
    } else {
        None
    };
    let mut heading = Heading::new(title, mark).focused(state.has_keys(PanelId::Positions));
    if positions.unreadable_rows > 0 {
        heading.marks.push(Piece::new(
            format!("{} rows unreadable", positions.unreadable_rows),
            Role::Danger,
        ));
    }
    if !state.filter.is_empty() {
        heading.marks.push(Piece::new(
            format!("filter {:?}: {} of {}", state.filter, rows.len(), positions.rows.len()),
            Role::Warn,
        ));
    }
    let body = if !inputs.context.credentials {
        Body::Message(no_credentials())
    } else if positions.rows.is_empty() {
        Body::Message(vec![absence(inputs, state)])
    } else {
        Body::Table(table(inputs, state, rows))
    };
    Panel::new(heading, body)
}

/// Returns what can be said when no row is there: flat is said only when it is proven.
pub(super) fn absence(inputs: &Inputs<'_>, state: &UiState) -> Forms {
    let positions = &inputs.document.positions;
    let ink = inputs.ink(state);
    let line = |text: &str, role| words(text, role).collect::<Vec<_>>();
    match positions.confirmed_at {
        Some(at) if inputs.is_flat() => {
            let at = ink.clock(Some(at)).text;
            let text = format!("No open positions (confirmed {at})");
            vec![
                vec![Piece::plain(text)],
                vec![Piece::plain(format!("no position {at}"))],
                vec![Piece::plain(format!("flat {at}"))],
            ]
        }
        Some(at) => {
            let at = ink.clock(Some(at)).text;
            let since = format!("positions unknown since {at}");
            vec![
                vec![Piece::new(since, Role::Unknown)],
                vec![Piece::new(format!("unknown {at}"), Role::Unknown)],
                vec![Piece::new("unknown", Role::Unknown)],
                vec![Gap::Unknown.piece()],
            ]
        }
        None => vec![
            vec![Piece::new("positions not known yet", Role::Unknown)],
            line("not known", Role::Unknown),
            vec![Gap::Unknown.piece()],
        ],
    }
}

fn table(inputs: &Inputs<'_>, state: &UiState, rows: &[&PositionRow]) -> Table {
    let columns = vec![
        Column::new("Symbol", false, 0, 13),
        Column::new("Side", false, 1, 5),
        Column::new("State", false, 4, 9),
        Column::new("Size", true, 2, 8),
        Column::new("uPnL mark", true, 3, 10),
        Column::new("ROE", true, 6, 8),
        Column::new("Entry", true, 8, 10),
        Column::new("Mark", true, 9, 9),
        Column::new("Liq price", true, 7, 9),
        Column::new("To liq", true, 5, 7),
        Column::new("Lev", true, 11, 7),
        Column::new("Mode", false, 13, 8),
        Column::new("Margin ratio", true, 12, 7),
        Column::new("Net", true, 10, 10),
        Column::new("Notional", true, 14, 10),
        Column::new("Margin", true, 15, 9),
        Column::new("Break-even", true, 16, 10),
        Column::new("TP", true, 17, 9),
        Column::new("SL", true, 18, 9),
        Column::new("Next funding", true, 19, 9),
    ];
    Table {
        columns,
        rows: rows.iter().map(|row| cells(inputs, state, row)).collect(),
        selected: state.selected.as_ref().and_then(|id| rows.iter().position(|row| id.is(row))),
        first: 0,
    }
}

fn cells(inputs: &Inputs<'_>, state: &UiState, row: &PositionRow) -> Vec<Piece> {
    let show = RowInk::new(inputs, state, row);
    let symbol_role = if row.is_focus { Role::Strong } else { Role::Plain };
    vec![
        Piece::new(row.symbol.clone(), symbol_role),
        ink::side(row.side),
        show.grade.word(),
        show.size(),
        show.unrealized(),
        show.roe(),
        show.entry(),
        show.mark(),
        show.liquidation(),
        show.distance(),
        Ink::factor(row.leverage, Gap::Unknown, show.grade_of_list),
        Piece::plain(ink::spoken(&row.margin_mode)),
        Ink::percent(row.margin_ratio, Gap::Unknown, show.grade),
        show.ink.gain(row.net_pnl, Gap::Unknown, show.grade),
        show.ink.money(row.notional, Gap::Unknown, show.grade),
        show.ink.money(row.margin, Gap::Unknown, show.grade_of_list),
        show.break_even(),
        show.take_profit(),
        show.stop_loss(),
        show.ink.cash(row.risk.next_funding_payment, Gap::Unknown, show.grade),
    ]
}

/// How the figures of one row are written: the same in the table, the panels and the detail.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowInk<'a> {
    pub(super) row: &'a PositionRow,
    pub(super) ink: Ink<'a>,
    /// Of what moves with the price.
    pub(super) grade: Grade,
    /// Of what the list itself says.
    pub(super) grade_of_list: Grade,
}

/// Opens a panel about one position. Where there is nothing to show the panel is finished already: it
/// says that there is no key, or no position.
pub(super) fn opened<'a>(
    inputs: &Inputs<'a>,
    state: &UiState,
    (title, panel): (&str, PanelId),
    subject: Option<&'a PositionRow>,
) -> Result<(Heading, RowInk<'a>), Box<Panel>> {
    let mut heading = Heading::new(title, None).focused(state.has_keys(panel));
    if !inputs.context.credentials {
        return Err(Box::new(Panel::new(heading, Body::Message(no_credentials()))));
    }
    let Some(row) = subject else {
        heading.marks.extend(inputs.positions_grade().mark());
        let words = Body::Message(vec![absence(inputs, state)]);
        return Err(Box::new(Panel::new(heading, words)));
    };
    Ok((heading, RowInk::new(inputs, state, row)))
}

impl<'a> RowInk<'a> {
    pub(super) fn new(inputs: &Inputs<'a>, state: &UiState, row: &'a PositionRow) -> Self {
        Self {
            row,
            ink: inputs.ink(state),
            grade: inputs.row_grade(row),
            grade_of_list: inputs.positions_grade(),
        }
    }

    pub(super) fn size(&self) -> Piece {
        let row = self.row;
        self.ink.size(Some(row.size), row.size_places, Gap::Unknown, self.grade_of_list)
    }

    pub(super) fn unrealized(&self) -> Piece {
        self.ink.gain(self.row.unrealized_pnl, Gap::Unknown, self.grade)
    }

    pub(super) fn roe(&self) -> Piece {
        Ink::signed_percent(self.row.roe, 2, Gap::Unknown, self.grade)
    }

    pub(super) fn mark(&self) -> Piece {
        Ink::price(self.row.mark_price, self.row.price_places, Gap::Unknown, self.grade)
    }

    /// An average may lie between two steps: one more decimal than the step.
    pub(super) fn entry(&self) -> Piece {
        Ink::price(self.row.entry_price, self.average_places(), Gap::Unknown, self.grade_of_list)
    }

    pub(super) fn break_even(&self) -> Piece {
        let places = self.average_places();
        let price = self.against(self.row.break_even_price, places);
        Ink::price(price, places, Gap::Unknown, self.grade_of_list)
    }

    /// An average has a decimal more than the prices that it is made of.
    fn average_places(&self) -> Option<u32> {
        self.row.price_places.map(|places| places.saturating_add(1))
    }

    /// Returns a price rounded against the position to the decimals that are shown: at a break-even price
    /// that is rounded to the nearest there may still be a loss.
    pub(super) fn against(&self, price: Option<Decimal>, places: Option<u32>) -> Option<Decimal> {
        let side = if self.row.side == "short" { Side::Short } else { Side::Long };
        let step = places.and_then(|places| Decimal::try_new(1, places).ok());
        let rounded = price.zip(step);
        rounded.and_then(|(price, step)| risk::pessimistic_price(side, price, step)).or(price)
    }

    /// The exchange sends no liquidation price when there is none to fear.
    pub(super) fn liquidation(&self) -> Piece {
        Ink::price(self.row.liquidation_price, self.row.price_places, Gap::None, self.grade_of_list)
    }

    /// Returns what stands for a figure that rests on the liquidation price.
    pub(super) const fn gap_of_liquidation(&self) -> Gap {
        if self.row.liquidation_price.is_some() { Gap::Unknown } else { Gap::None }
    }

    pub(super) fn distance(&self) -> Piece {
        Ink::percent(self.row.liquidation_distance, self.gap_of_liquidation(), self.grade)
    }

    fn plan(&self, price: Option<Decimal>) -> Piece {
        let gap = if self.row.plans_known { Gap::None } else { Gap::Unknown };
        Ink::price(price, self.row.price_places, gap, self.grade_of_list)
    }

    pub(super) fn take_profit(&self) -> Piece {
        self.plan(self.row.take_profit)
    }

    pub(super) fn stop_loss(&self) -> Piece {
        self.plan(self.row.stop_loss)
    }

    /// The size with its coin.
    pub(super) fn size_with_coin(&self) -> Piece {
        let mut piece = self.size();
        if let Some(coin) = &self.row.base_coin {
            piece.text = format!("{} {coin}", piece.text);
        }
        piece
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_values_come_last_both_ways() {
        let (one, two) = (Some(Decimal::ONE), Some(Decimal::TWO));
        for reverse in [false, true] {
            assert_eq!(by_known(one, None, reverse), Ordering::Less);
            assert_eq!(by_known(None, two, reverse), Ordering::Greater);
        }
        assert_eq!(by_known(one, two, false), Ordering::Less);
        assert_eq!(by_known(one, two, true), Ordering::Greater);
    }
}
