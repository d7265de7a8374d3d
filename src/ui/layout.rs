//! Which panels a view shows and where they stand, by size of the terminal. Every size is served.

use ratatui::layout::{Constraint, Layout, Rect};

use super::views::{PanelId, View};

/// How much a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// Every panel, with room: 160x50 and up.
    Wide,
    /// Every panel: 100x32 and up.
    Normal,
    /// The panels that matter: 70x20 and up.
    Small,
    /// One list of short lines: 30x6 and up.
    Phone,
    /// A few short lines.
    Strip,
    /// One line.
    Line,
    /// Nothing.
    None,
}

impl Size {
    /// Returns the class of an area.
    pub(crate) const fn of(width: u16, height: u16) -> Self {
        match (width, height) {
            (0, _) | (_, 0) => Self::None,
            (_, 1) => Self::Line,
            (0..30, _) | (_, 0..6) => Self::Strip,
            (0..70, _) | (_, 0..20) => Self::Phone,
            (0..100, _) | (_, 0..32) => Self::Small,
            (0..160, _) | (_, 0..50) => Self::Normal,
            (_, _) => Self::Wide,
        }
    }
}

/// How many rows the lists of a screen have: panels are as tall as what they say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Content {
    pub(crate) positions: usize,
    pub(crate) orders: usize,
    pub(crate) fills: usize,
}

/// From this width on each position has a second line: there is room for all of it.
pub(crate) const TWO_LINES: u16 = 164;
/// Columns of the order book: price, size, bar, and what is own at a level; then the sum as well. The chart
/// beside the narrow one has an hour of minutes at 120 columns.
const LADDER: u16 = 46;
const WIDE_LADDER: u16 = 52;
/// One line and two borders: what says anything of a list.
const LEAST: u16 = 3;

impl Content {
    /// Returns the height of the figures of results and risk, a part of which are of a position.
    const fn of_figures(self) -> u16 {
        if self.positions > 0 { 17 } else { 11 }
    }

    /// Returns the orders above the events. These keep three lines, but leave a line to an order.
    fn orders_and_events(self, lists: Rect) -> [Rect; 2] {
        let one = tall(self.orders.min(1)).min(lists.height.saturating_sub(LEAST));
        let orders = tall(self.orders).min(lists.height.saturating_sub(5)).max(one);
        under(lists, orders, LEAST)
    }

    /// Returns the height of the table of positions, at most `most`: its titles, its rows, their sum.
    fn of_positions(self, width: u16, most: u16) -> u16 {
        let sum = usize::from(self.positions > 1);
        let lines = |each: usize| tall(self.positions.saturating_mul(each).saturating_add(sum));
        let two = lines(2);
        if width >= TWO_LINES && two <= most { two } else { lines(1).min(most).max(LEAST) }
    }
}

/// Returns the height of a table of so many rows with its titles; without one, that of a line that says so.
fn tall(rows: usize) -> u16 {
    u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(LEAST)
}

/// What stands around the panels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shell {
    pub(crate) header: Rect,
    pub(crate) hero: Rect,
    pub(crate) body: Rect,
    pub(crate) footer: Rect,
}

/// Returns what stands around the panels; `banners` lines are added to the two of the header.
pub(crate) fn shell(area: Rect, banners: usize) -> Shell {
    let banners = u16::try_from(banners).unwrap_or(u16::MAX);
    let [header, hero, body, footer] = Layout::vertical([
        Constraint::Length(banners.saturating_add(2)),
        Constraint::Length(2),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    Shell { header, hero, body, footer }
}

/// Returns the panels of a view that take keys, in the order of Tab; never empty.
pub(crate) const fn tab_order(view: View) -> &'static [PanelId] {
    use PanelId as Id;
    match view {
        View::Overview => &[Id::Positions, Id::Orders, Id::Events],
        View::Positions | View::Chart => &[Id::Positions],
        View::Risk => &[Id::PositionRisk, Id::AccountRisk, Id::Scenarios, Id::WhatIf, Id::Coins],
        View::Orders => &[Id::Orders, Id::Fills, Id::ClosedPositions],
        View::History => &[Id::Days, Id::ClosedPositions, Id::Journal, Id::EquityCurve],
        View::Health => &[Id::Links],
    }
}

/// Returns the panels that a view has room for and their places. On small screens the one that has the
/// keys stands alone. None on a phone stands for its own list of positions.
pub(crate) fn areas(
    view: View,
    focus: PanelId,
    size: Size,
    body: Rect,
    content: Content,
) -> Vec<(PanelId, Rect)> {
    let is_first = tab_order(view).first() == Some(&focus);
    let mut areas = match (size, view) {
        (Size::Strip | Size::Line | Size::None, _) => Vec::new(),
        (Size::Phone, View::Overview | View::Positions) if is_first => Vec::new(),
        (Size::Phone, View::Health) => vec![(PanelId::Ages, body)],
        (Size::Normal, View::Chart) => chart(body, LADDER),
        (Size::Wide, View::Chart) => chart(body, WIDE_LADDER),
        (_, View::Chart) => vec![(PanelId::Chart, body)],
        (Size::Phone, _) => vec![(focus, body)],
        (Size::Small, View::Overview | View::Risk | View::History) if !is_first => {
            vec![(focus, body)]
        }
        (_, View::Overview) => overview(size, body, content),
        (_, View::Positions) => positions(size, body, content),
        (_, View::Risk) => risk(size, body),
        (_, View::Orders) => orders(size, body, content),
        (_, View::History) => history(size, body),
        (_, View::Health) => health(body),
    };
    areas.retain(|(_, area)| !area.is_empty());
    areas
}

fn overview(size: Size, body: Rect, content: Content) -> Vec<(PanelId, Rect)> {
    use PanelId::{Book, Chart, Events, Fills, Orders, Pnl, Positions, Price, Risk, Trades};
    let height = body.height;
    match size {
        Size::Wide => {
            // Market, positions, account: the chart has at least twelve rows.
            let above = height.saturating_sub(content.of_figures());
            let positions = content.of_positions(body.width, above.saturating_sub(12));
            let top = above.saturating_sub(positions);
            let [top, positions, bottom] = above_each_other(body, top, positions);
            let [market, chart] = beside(top, 48);
            let [price, fills] = under(market, 16, 5);
            let [ladder, chart] = beside(chart, WIDE_LADDER);
            let [book, trades] = book_and_trades(ladder);
            let [pnl, risk, lists] = three(bottom, 46, 50);
            let [orders, events] = content.orders_and_events(lists);
            let mut areas = placed([Price, Fills, Book, Trades], [price, fills, book, trades]);
            let lower = [chart, positions, pnl, risk, orders, events];
            areas.extend(placed([Chart, Positions, Pnl, Risk, Orders, Events], lower));
            areas
        }
        Size::Normal => {
            let positions = content.of_positions(body.width, height / 2);
            let rest = height.saturating_sub(positions);
            let top = rest.saturating_sub((rest / 2).min(content.of_figures()));
            let [top, positions, bottom] = above_each_other(body, top, positions);
            let [price, chart] = beside(top, 40);
            // The lists have room for the size of an order.
            let [pnl, risk, lists] = three(bottom, 36, 37);
            let [orders, events] = content.orders_and_events(lists);
            let areas = [price, chart, positions, pnl, risk, orders, events];
            placed([Price, Chart, Positions, Pnl, Risk, Orders, Events], areas)
        }
        Size::Small | Size::Phone | Size::Strip | Size::Line | Size::None => {
            // Of the results and the risk the figures that matter most always have room.
            let positions = content.of_positions(body.width, height.saturating_sub(10));
            let others = height.saturating_sub(positions);
            let pnl = (others.saturating_mul(6) / 14).max(5).min(others / 2);
            let top = others.saturating_sub(pnl);
            let [top, positions, pnl] = above_each_other(body, top, positions);
            let [price, risk] = beside(top, top.width / 2);
            placed([Price, Risk, Positions, Pnl], [price, risk, positions, pnl])
        }
    }
}

/// Returns the overview where no key is set: what the market says has all of it.
pub(crate) fn market(body: Rect) -> Vec<(PanelId, Rect)> {
    use PanelId::{Book, Chart, Events, Price, Trades};
    let [top, events] = Layout::vertical([Constraint::Min(0), Constraint::Length(6)]).areas(body);
    let [column, chart] = beside(top, 40.min(top.width / 2));
    // Fourteen figures; below them a ladder of four levels a side at least.
    let [price, ladder] = under(column, 16, 12);
    let [book, trades] = book_and_trades(ladder);
    let areas = [price, book, trades, chart, events];
    let mut areas = placed([Price, Book, Trades, Chart, Events], areas);
    areas.retain(|(_, area)| !area.is_empty());
    areas
}

/// Returns the chart with order book and trades beside it.
fn chart(body: Rect, ladder: u16) -> Vec<(PanelId, Rect)> {
    let [chart, ladder] = beside(body, body.width.saturating_sub(ladder));
    let [book, trades] = book_and_trades(ladder);
    placed([PanelId::Chart, PanelId::Book, PanelId::Trades], [chart, book, trades])
}

/// Returns a ladder and the trades below it, which have a third of the rows where that is a list worth its place.
fn book_and_trades(column: Rect) -> [Rect; 2] {
    // An odd number of rows within titles and borders: as many asks as bids around the spread.
    let book = (column.height.saturating_mul(2) / 3) & !1;
    under(column, book, 7)
}

fn positions(size: Size, body: Rect, content: Content) -> Vec<(PanelId, Rect)> {
    use PanelId::{Chart, Detail, Pnl, Positions, Risk};
    let least = if size == Size::Small { 8 } else { 16 };
    let positions = content.of_positions(body.width, body.height.saturating_sub(least));
    let [positions, below] =
        Layout::vertical([Constraint::Length(positions), Constraint::Min(0)]).areas(body);
    match size {
        Size::Wide => {
            let [detail, right] = beside(below, below.width / 2);
            let [figures, chart] = under(right, content.of_figures(), 8);
            let [pnl, risk] = beside(figures, figures.width / 2);
            let areas = [positions, detail, pnl, risk, chart];
            placed([Positions, Detail, Pnl, Risk, Chart], areas)
        }
        Size::Normal if below.height >= 24 => {
            let [detail, right] = beside(below, below.width / 2);
            let [pnl, risk] = halves(right);
            placed([Positions, Detail, Pnl, Risk], [positions, detail, pnl, risk])
        }
        Size::Normal | Size::Small | Size::Phone | Size::Strip | Size::Line | Size::None => {
            let [pnl, risk] = beside(below, below.width / 2);
            placed([Positions, Pnl, Risk], [positions, pnl, risk])
        }
    }
}

fn risk(size: Size, body: Rect) -> Vec<(PanelId, Rect)> {
    use PanelId::{AccountRisk, Chart, Coins, EquityCurve, PositionRisk, Scenarios, WhatIf};
    // Eight moves, the present, a title and two borders.
    if size == Size::Wide {
        let [top, scenarios, curve] = above_each_other(body, 26, 12);
        let [account, position, right] = thirds(top);
        // Fourteen figures and the reason of the level.
        let [account, coins] = under(account, 17, 5);
        let [what_if, chart] = under(right, 8, 8);
        let areas = [account, coins, position, what_if, chart, scenarios, curve];
        let panels = [AccountRisk, Coins, PositionRisk, WhatIf, Chart, Scenarios, EquityCurve];
        return placed(panels, areas);
    }
    let [top, scenarios] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(12)]).areas(body);
    match size {
        Size::Wide | Size::Normal => {
            let [account, position, right] = thirds(top);
            let [what_if, curve] =
                Layout::vertical([Constraint::Length(8), Constraint::Min(0)]).areas(right);
            // Four coins, a title and two borders.
            let [account, coins] =
                Layout::vertical([Constraint::Min(0), Constraint::Length(7)]).areas(account);
            let areas = [account, coins, position, what_if, scenarios, curve];
            placed([AccountRisk, Coins, PositionRisk, WhatIf, Scenarios, EquityCurve], areas)
        }
        Size::Small | Size::Phone | Size::Strip | Size::Line | Size::None => {
            let [account, position] = beside(top, top.width / 2);
            placed([AccountRisk, PositionRisk, Scenarios], [account, position, scenarios])
        }
    }
}

fn orders(size: Size, body: Rect, content: Content) -> Vec<(PanelId, Rect)> {
    use PanelId::{ClosedPositions, Events, Fills, OrderDetail, Orders};
    let has_detail = size == Size::Wide && content.orders > 0;
    let (lists, aside) = if has_detail {
        let [lists, aside] = beside(body, body.width.saturating_sub(70));
        (lists, Some(aside))
    } else {
        (body, None)
    };
    let orders = tall(content.orders).min(lists.height / 2);
    let fills = tall(content.fills).min(lists.height.saturating_sub(orders) / 2);
    let [orders, fills, closed] = above_each_other(lists, orders, fills);
    let mut areas = placed([Orders, Fills, ClosedPositions], [orders, fills, closed]);
    if let Some(aside) = aside {
        // Sixteen figures of one order.
        let [detail, events] = under(aside, 18, 5);
        areas.extend(placed([OrderDetail, Events], [detail, events]));
    }
    areas
}

fn history(size: Size, body: Rect) -> Vec<(PanelId, Rect)> {
    use PanelId::{ClosedPositions, Days, EquityCurve, Fills, Journal};
    match size {
        Size::Wide => {
            let [left, right] = beside(body, 76);
            // Thirty days, a title and two borders; then ten figures.
            let [days, below] = under(left, 33, 5);
            let [journal, fills] = under(below, 12, 5);
            let [closed, curve] =
                Layout::vertical([Constraint::Min(0), Constraint::Length(23)]).areas(right);
            let areas = [days, journal, fills, closed, curve];
            placed([Days, Journal, Fills, ClosedPositions, EquityCurve], areas)
        }
        Size::Normal => {
            let [days, right] = beside(body, 54);
            let [journal, closed, curve] = Layout::vertical([
                Constraint::Length(14),
                Constraint::Min(0),
                Constraint::Length(8),
            ])
            .areas(right);
            placed([Days, Journal, ClosedPositions, EquityCurve], [days, journal, closed, curve])
        }
        Size::Small | Size::Phone | Size::Strip | Size::Line | Size::None => {
            let [top, closed] = halves(body);
            let [days, journal] = beside(top, 42);
            placed([Days, Journal, ClosedPositions], [days, journal, closed])
        }
    }
}

fn health(body: Rect) -> Vec<(PanelId, Rect)> {
    let [links, below] = Layout::vertical([Constraint::Length(6), Constraint::Min(0)]).areas(body);
    let [ages, trouble] = beside(below, below.width / 2);
    placed([PanelId::Links, PanelId::Ages, PanelId::Trouble], [links, ages, trouble])
}

fn placed<const N: usize>(panels: [PanelId; N], areas: [Rect; N]) -> Vec<(PanelId, Rect)> {
    panels.into_iter().zip(areas).collect()
}

/// Returns parts of so many rows, and the rest below them.
fn above_each_other(area: Rect, first: u16, second: u16) -> [Rect; 3] {
    let (first, second) = (Constraint::Length(first), Constraint::Length(second));
    Layout::vertical([first, second, Constraint::Min(0)]).areas(area)
}

/// Returns a part of `height` rows and the rest below it. Where `least` rows are not left for that, the first
/// part has them too.
fn under(area: Rect, height: u16, least: u16) -> [Rect; 2] {
    let rest = area.height.saturating_sub(height);
    let height = if rest < least { area.height } else { height };
    Layout::vertical([Constraint::Length(height), Constraint::Min(0)]).areas(area)
}

/// Returns two parts of so many columns and the rest.
fn three(area: Rect, first: u16, second: u16) -> [Rect; 3] {
    let (first, second) = (Constraint::Length(first), Constraint::Length(second));
    Layout::horizontal([first, second, Constraint::Min(0)]).areas(area)
}

fn thirds(area: Rect) -> [Rect; 3] {
    Layout::horizontal([Constraint::Fill(1); 3]).areas(area)
}

/// Returns a part of `width` columns and the rest.
fn beside(area: Rect, width: u16) -> [Rect; 2] {
    Layout::horizontal([Constraint::Length(width), Constraint::Min(0)]).areas(area)
}

/// Returns the upper and the lower half.
fn halves(area: Rect) -> [Rect; 2] {
    Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(area)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_of_the_contract() {
        for (width, height, size) in [
            (200, 60, Size::Wide),
            (120, 40, Size::Normal),
            (80, 24, Size::Small),
            (40, 12, Size::Phone),
            (20, 3, Size::Strip),
            (10, 1, Size::Line),
            (0, 5, Size::None),
        ] {
            assert_eq!(Size::of(width, height), size, "{width}x{height}");
        }
    }

    /// Whatever has the keys can be seen.
    #[test]
    fn the_panel_that_has_the_keys_is_shown_at_every_size_with_panels() {
        use View::{Chart, Health, History, Orders, Overview, Positions, Risk};
        for (width, height) in [(200, 60), (120, 40), (80, 24), (40, 12)] {
            let (size, body) = (Size::of(width, height), Rect::new(0, 1, width, height - 1));
            for view in [Overview, Positions, Risk, Orders, History] {
                for focus in tab_order(view) {
                    for rows in [0, 1, 5, 9, 30, 1_000] {
                        let content = Content { positions: rows, orders: rows, fills: rows };
                        let areas = areas(view, *focus, size, body, content);
                        let is_list = size == Size::Phone && *focus == PanelId::Positions;
                        let shown = areas.iter().any(|(id, at)| id == focus && at.height >= LEAST);
                        let is_seen = shown || (is_list && areas.is_empty());
                        assert!(is_seen, "{view:?} {focus:?} {size:?} {rows}");
                    }
                }
            }
            for (view, panel) in [(Chart, PanelId::Chart), (Health, PanelId::Ages)] {
                let areas = areas(view, tab_order(view)[0], size, body, Content::default());
                assert!(areas.iter().any(|(id, _)| *id == panel), "{view:?} {size:?}");
            }
        }
    }
}
