//! The order book of the focus as a ladder: asks above, bids below, the last price and the spread between them,
//! and beside the levels what the user has at their prices. What lies beyond the levels stands at the ends.

use ratatui::layout::Rect;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::inputs::Inputs;
use super::price_levels::{self, Level as OwnPrice};
use crate::domain::Level;
use crate::risk;
use crate::ui::format::{self, Sign};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Column, Formatter, Heading, Panel, Span, Table};

/// Borders, and the titles of the table.
const AROUND: u16 = 3;
/// Columns of borders, prices and sizes, which leave the rest to what is own.
const OTHERS: u16 = 20;
/// Cells of a full bar.
const BAR_CELLS: u16 = 7;
/// Of a side, one row in so many is for prices beyond its levels.
const BEYOND_SHARE: usize = 3;
const BASIS_POINTS: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

/// The panel, as large as `area` with its borders.
pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState, area: Rect) -> Panel {
    let report = inputs.report;
    let show = inputs.formatter(state, report.market.book_age);
    let heading = Heading::new(format!("Order book {}", report.focus)).aged(show.freshness);
    let Some(book) = &report.market.book else {
        // One that was held before a cut says nothing of the present.
        return Panel::message(heading, [Span::label("waiting for the book")]);
    };
    let rows = usize::from(area.height.saturating_sub(AROUND)).saturating_sub(1) / 2;
    let own = price_levels::of(inputs, state);
    let asks = Side::new(&book.asks, |price| price, rows, &own);
    let bids = Side::new(&book.bids, |price: Decimal| -price, rows, &own);
    let ladder = Ladder {
        show,
        room: area.width.saturating_sub(OTHERS),
        price_places: inputs.price_places(),
        size_places: inputs.contract().map(|contract| contract.size_places),
        most: asks.sum().max(bids.sum()),
        mark: report.ticker.mark,
    };
    let mut lines = ladder.side(&asks, "▲");
    lines.reverse();
    lines.push(middle(inputs, state, [asks.best(), bids.best()]));
    lines.extend(ladder.side(&bids, "▼"));
    let columns = vec![
        Column::new("Price", true, 0, 8),
        Column::new("Size", true, 1, 6),
        Column::new("Sum", true, 4, 7),
        Column::new("", false, 3, BAR_CELLS),
        Column::new("Own", true, 2, 6),
    ];
    let hidden = asks.hidden.saturating_add(bids.hidden);
    let heading =
        if hidden > 0 { heading.noted(&format!("{hidden} own farther away")) } else { heading };
    Panel::new(heading, Body::Table(Table::new(columns, lines)))
}

/// A level, what is offered up to it, and the own prices at it.
struct Rung<'a> {
    level: Level,
    sum: Decimal,
    own: Vec<&'a OwnPrice>,
}

/// One side of the book as it is shown.
struct Side<'a> {
    /// Best first.
    rungs: Vec<Rung<'a>>,
    /// Own prices beyond the last level that is shown, the nearest first.
    beyond: Vec<&'a OwnPrice>,
    /// Own prices that are farther still, and have no room.
    hidden: usize,
    /// The rows of the side.
    rows: usize,
}

impl<'a> Side<'a> {
    /// Returns the side in so many rows. `outward` grows with a price's distance from the best one. Prices beyond
    /// the levels take the rows of the farthest of these.
    fn new(
        levels: &[Level],
        outward: impl Fn(Decimal) -> Decimal,
        rows: usize,
        own: &'a [OwnPrice],
    ) -> Self {
        let beyond = |count: usize| {
            let last = levels.iter().take(count).next_back().map(|level| outward(level.price));
            let is_beyond = |own: &&OwnPrice| last.is_some_and(|last| outward(own.price) > last);
            let mut beyond: Vec<&OwnPrice> = own.iter().filter(is_beyond).collect();
            beyond.sort_by_key(|own| outward(own.price));
            beyond
        };
        let room = beyond(rows).len().min(rows / BEYOND_SHARE);
        let count = rows.saturating_sub(room);
        let mut sum = Decimal::ZERO;
        let rung = |level: &Level| {
            sum = sum.saturating_add(level.size);
            Rung { level: *level, sum, own: Vec::new() }
        };
        let mut rungs: Vec<Rung<'a>> = levels.iter().take(count).map(rung).collect();
        let mut beyond = beyond(count);
        let best = rungs.first().map(|rung| outward(rung.level.price));
        let is_held = |own: &&OwnPrice| {
            let at = outward(own.price);
            best.is_some_and(|best| at >= best)
                && !beyond.iter().any(|far| std::ptr::eq(*far, *own))
        };
        for own in own.iter().filter(is_held) {
            // The level that it rests at; a trigger between two levels stands at the farther one.
            let at = outward(own.price);
            if let Some(rung) = rungs.iter_mut().find(|rung| outward(rung.level.price) >= at) {
                rung.own.push(own);
            }
        }
        for Rung { level, own, .. } in &mut rungs {
            // What rests there before what only lies near it.
            own.sort_by_key(|own| own.price != level.price);
        }
        let hidden = beyond.len().saturating_sub(room);
        // Of all that is far the liquidation price must be seen.
        let liquidation = beyond.iter().position(|own| own.is_liquidation);
        if let (Some(last), Some(at)) = (room.checked_sub(1), liquidation)
            && at > last
        {
            beyond.swap(last, at);
        }
        beyond.truncate(room);
        Self { rungs, beyond, hidden, rows }
    }

    fn best(&self) -> Option<Decimal> {
        self.rungs.first().map(|rung| rung.level.price)
    }

    /// What is offered at all levels that are shown.
    fn sum(&self) -> Decimal {
        self.rungs.last().map_or(Decimal::ZERO, |rung| rung.sum)
    }
}

/// How the cells of a book are written.
struct Ladder<'a> {
    show: Formatter<'a>,
    /// Columns for what is own.
    room: u16,
    price_places: Option<u32>,
    size_places: Option<u32>,
    /// What a full bar is.
    most: Decimal,
    mark: Option<Decimal>,
}

impl Ladder<'_> {
    /// Returns the rows of a side from the best level outward.
    fn side(&self, side: &Side<'_>, arrow: &str) -> Vec<Vec<Span>> {
        let mut rows: Vec<_> = side.rungs.iter().map(|rung| self.rung(rung)).collect();
        if let Some(price) = rows.first_mut().and_then(|best| best.first_mut()) {
            *price = price.clone().or_role(Role::Strong);
        }
        rows.resize(side.rows.saturating_sub(side.beyond.len()), vec![Span::plain(""); 5]);
        rows.extend(side.beyond.iter().map(|own| self.beyond(own, arrow)));
        rows
    }

    fn rung(&self, rung: &Rung<'_>) -> Vec<Span> {
        let Rung { level, sum, own } = rung;
        let cells = sum
            .checked_mul(BAR_CELLS.into())
            .and_then(|cells| cells.checked_div(self.most)?.round().to_usize());
        let own = own.split_first().map(|(first, more)| {
            let text = tag(first, (first.price != level.price, more.len()), self.room);
            Span::new(text, own_role(first))
        });
        vec![
            self.show.price(Some(level.price), self.price_places),
            self.show.quantity(Some(level.size), self.size_places),
            self.show.quantity(Some(*sum), self.size_places),
            Span::new("━".repeat(cells.unwrap_or(0)), Role::Label),
            own.unwrap_or_else(|| Span::plain("")),
        ]
    }

    /// The row of a price beyond the levels, with its distance from the mark price.
    fn beyond(&self, own: &OwnPrice, arrow: &str) -> Vec<Span> {
        let distance = self.mark.and_then(|mark| risk::liquidation_distance(mark, own.price));
        let percent = distance.and_then(|share| format::percent(share, 2, Sign::Negative));
        let away = format!(" {arrow}{}", percent.unwrap_or_default());
        let room = self.room.saturating_sub(format::width(&away));
        let text = tag(own, (false, 0), room) + &away;
        let role = own_role(own);
        let blank = || Span::plain("");
        let price = Span { role, ..own.written.clone() };
        vec![price, blank(), blank(), blank(), Span::new(text, role)]
    }
}

/// What an own price is, what would be traded there, the price itself where it is not that of the row, and how
/// many more there are. What has no room in so many columns is left out from the right: no figure is cut.
fn tag(own: &OwnPrice, (with_price, more): (bool, usize), room: u16) -> String {
    let size = own.size.iter().map(|size| size.text.clone());
    let price = with_price.then(|| own.written.text.clone());
    let more = (more > 0).then(|| format!("+{more}"));
    let mut words: Vec<String> = [own.name.to_owned()].into_iter().chain(size).collect();
    words.extend(price);
    words.extend(more);
    while words.len() > 1 && format::width(&words.join(" ")) > room {
        words.pop();
    }
    words.join(" ")
}

/// An order is as heavy as the best prices: it is what the user looks for.
fn own_role(own: &OwnPrice) -> Role {
    let live = if own.size.is_some() { Role::Strong } else { own.role };
    own.written.clone().or_role(live).role
}

/// The row between the sides: the last price, the spread in steps and basis points, and the mark price.
fn middle(inputs: &Inputs<'_>, state: &UiState, [ask, bid]: [Option<Decimal>; 2]) -> Vec<Span> {
    let ticker = &inputs.report.ticker;
    let show = inputs.formatter(state, ticker.age);
    let places = inputs.price_places();
    let step = inputs.contract().and_then(|contract| contract.price_step);
    let both = ask.zip(bid);
    let spread = both.and_then(|(ask, bid)| ask.checked_sub(bid));
    let steps = spread.zip(step).and_then(|(spread, step)| spread.checked_div(step));
    let steps = steps.map_or_else(String::new, |steps| {
        let word = if steps == Decimal::ONE { "tick" } else { "ticks" };
        format!("{} {word}", steps.normalize())
    });
    let points = both.and_then(|(ask, bid)| risk::spread(bid, ask)?.checked_mul(BASIS_POINTS));
    let points = points.map_or_else(String::new, |points| {
        let places = if points < Decimal::TEN { 2 } else { 0 };
        format!("{} bp", format::decimal(points, places, Sign::Negative))
    });
    // The column of the bars, which shortens what it has no room for.
    let points = if format::width(&points) > BAR_CELLS { String::new() } else { points };
    let mark = show.price(ticker.mark, places);
    vec![
        show.price(ticker.last, places).or_role(Role::Strong),
        Span::label("spread"),
        Span::label(steps),
        Span::label(points),
        mark.after("mark"),
    ]
}

#[cfg(test)]
mod tests;
