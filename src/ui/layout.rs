//! Which panels stand where, by size of the terminal. Every size is served.

use ratatui::layout::{Constraint, Layout, Rect};

use super::state::{UiState, View};

/// How much a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// Every panel, with room: 160x50 and up.
    Wide,
    /// Every panel: 100x32 and up.
    Normal,
    /// The panels that matter: 70x20 and up.
    Compact,
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
            (0..100, _) | (_, 0..32) => Self::Compact,
            (0..160, _) | (_, 0..50) => Self::Normal,
            (_, _) => Self::Wide,
        }
    }

    /// Returns the width of the price panel beside the chart.
    const fn price_width(self) -> u16 {
        match self {
            Self::Wide => 48,
            Self::Normal | Self::Compact | Self::Phone | Self::Strip | Self::Line | Self::None => {
                40
            }
        }
    }
}

/// Returns the columns inside the chart of the present view.
pub(crate) fn chart_columns(state: &UiState) -> u16 {
    let beside = match state.view {
        View::Overview => Size::of(state.width, state.height).price_width(),
        View::Positions
        | View::Risk
        | View::Orders
        | View::History
        | View::Chart
        | View::Health => 0,
    };
    state.width.saturating_sub(beside).saturating_sub(2)
}

/// The frame around the panels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shell {
    pub(crate) header: Rect,
    pub(crate) body: Rect,
    pub(crate) status: Rect,
    pub(crate) footer: Rect,
}

/// Returns the frame; `banners` lines are added to the two of the header.
pub(crate) fn shell(area: Rect, banners: u16) -> Shell {
    let [header, body, status, footer] = Layout::vertical([
        Constraint::Length(banners.saturating_add(2)),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(area);
    Shell { header, body, status, footer }
}

/// The panels of the overview; what has no room is empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Overview {
    pub(crate) price: Rect,
    pub(crate) chart: Rect,
    pub(crate) positions: Rect,
    pub(crate) pnl: Rect,
    pub(crate) risk: Rect,
    pub(crate) orders: Rect,
    pub(crate) events: Rect,
}

/// Returns the panels of the overview.
pub(crate) fn overview(size: Size, body: Rect) -> Overview {
    let rows = |top: u16, positions: u16| -> [Rect; 3] {
        Layout::vertical([
            Constraint::Length(top),
            Constraint::Length(positions),
            Constraint::Min(0),
        ])
        .areas(body)
    };
    let price_width = size.price_width();
    match size {
        Size::Wide => {
            let [top, positions, bottom] = rows(body.height.saturating_sub(30), 12);
            let [price, chart] = beside(top, price_width);
            let [pnl, risk, orders, events] = Layout::horizontal([
                Constraint::Length(46),
                Constraint::Length(50),
                Constraint::Fill(3),
                Constraint::Fill(2),
            ])
            .areas(bottom);
            Overview { price, chart, positions, pnl, risk, orders, events }
        }
        Size::Normal => {
            let [top, positions, bottom] = rows(body.height.saturating_sub(7) / 2, 7);
            let [price, chart] = beside(top, price_width);
            let [pnl, risk, lists] = Layout::horizontal([
                Constraint::Length(37),
                Constraint::Length(37),
                Constraint::Min(0),
            ])
            .areas(bottom);
            let [orders, events] = halves(lists);
            Overview { price, chart, positions, pnl, risk, orders, events }
        }
        Size::Compact | Size::Phone | Size::Strip | Size::Line | Size::None => {
            // Four positions, and three when banners take the room: what is held comes first.
            let positions = body.height.saturating_sub(13).max(6);
            let others = body.height.saturating_sub(positions);
            let [top, positions, pnl] = rows((others * 8).div_ceil(14), positions);
            let [price, risk] = beside(top, top.width / 2);
            Overview {
                price,
                chart: Rect::ZERO,
                positions,
                pnl,
                risk,
                orders: Rect::ZERO,
                events: Rect::ZERO,
            }
        }
    }
}

/// Returns a part of `width` columns and the rest.
fn beside(area: Rect, width: u16) -> [Rect; 2] {
    Layout::horizontal([Constraint::Length(width), Constraint::Min(0)]).areas(area)
}

/// Returns the upper and the lower half.
fn halves(area: Rect) -> [Rect; 2] {
    Layout::vertical([Constraint::Fill(1), Constraint::Fill(1)]).areas(area)
}

/// Returns positions above, and two panels below them.
pub(crate) fn positions(body: Rect) -> [Rect; 3] {
    let below = if body.height >= 28 { 15 } else { 8 };
    let [positions, below] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(below)]).areas(body);
    let [left, right] = beside(below, below.width / 2);
    [positions, left, right]
}

/// The panels of the risk view; what has no room is empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Risk {
    pub(crate) account: Rect,
    pub(crate) position: Rect,
    pub(crate) what_if: Rect,
    pub(crate) curve: Rect,
    pub(crate) scenarios: Rect,
}

/// Returns the panels of the risk view.
pub(crate) fn risk(size: Size, body: Rect) -> Risk {
    // Eight moves, the present, a title and two borders.
    let [top, scenarios] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(12)]).areas(body);
    match size {
        Size::Wide | Size::Normal => {
            let [account, position, right] =
                Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1), Constraint::Fill(1)])
                    .areas(top);
            let [what_if, curve] =
                Layout::vertical([Constraint::Length(8), Constraint::Min(0)]).areas(right);
            Risk { account, position, what_if, curve, scenarios }
        }
        Size::Compact | Size::Phone | Size::Strip | Size::Line | Size::None => {
            let [account, position] = beside(top, top.width / 2);
            Risk { account, position, what_if: Rect::ZERO, curve: Rect::ZERO, scenarios }
        }
    }
}

/// The panels of the history view; what has no room is empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct History {
    pub(crate) days: Rect,
    pub(crate) journal: Rect,
    pub(crate) trades: Rect,
    pub(crate) curve: Rect,
}

/// Returns the panels of the history view.
pub(crate) fn history(size: Size, body: Rect) -> History {
    match size {
        Size::Wide => {
            let [left, right] = beside(body, 76);
            // Thirty days, a title and two borders.
            let [days, journal] =
                Layout::vertical([Constraint::Length(33), Constraint::Min(0)]).areas(left);
            let [trades, curve] =
                Layout::vertical([Constraint::Min(0), Constraint::Length(23)]).areas(right);
            History { days, journal, trades, curve }
        }
        Size::Normal => {
            let [days, right] = beside(body, 54);
            let [journal, trades, curve] = Layout::vertical([
                Constraint::Length(14),
                Constraint::Min(0),
                Constraint::Length(8),
            ])
            .areas(right);
            History { days, journal, trades, curve }
        }
        Size::Compact | Size::Phone | Size::Strip | Size::Line | Size::None => {
            let [top, trades] = halves(body);
            let [days, journal] = beside(top, 42);
            History { days, journal, trades, curve: Rect::ZERO }
        }
    }
}

/// Returns three lists above each other.
pub(crate) fn lists(body: Rect) -> [Rect; 3] {
    Layout::vertical([Constraint::Fill(2), Constraint::Fill(1), Constraint::Fill(1)]).areas(body)
}

/// Returns the links above, and two panels below them.
pub(crate) fn health(body: Rect) -> [Rect; 3] {
    let [links, below] = Layout::vertical([Constraint::Length(6), Constraint::Min(0)]).areas(body);
    let [ages, trouble] = beside(below, below.width / 2);
    [links, ages, trouble]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_of_the_contract() {
        for (width, height, size) in [
            (200, 60, Size::Wide),
            (120, 40, Size::Normal),
            (80, 24, Size::Compact),
            (40, 12, Size::Phone),
            (20, 3, Size::Strip),
            (10, 1, Size::Line),
            (0, 5, Size::None),
        ] {
            assert_eq!(Size::of(width, height), size, "{width}x{height}");
        }
    }
}
