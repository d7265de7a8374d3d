//! Puts the texts of the view-model on screen. Nothing is decided here but what fits: a piece of
//! text is drawn whole or left out.

mod brief;
mod chart;
mod curve;
mod figures;
mod frame;
mod header;
mod lines;
mod pen;
mod table;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Clear, Widget};

use super::layout::{self, Size};
use super::theme::Theme;
use super::view::{Body, Dashboard, HistoryScreen, Line, Panel, RiskScreen, Screen};

/// Draws everything.
pub(crate) fn draw(dashboard: &Dashboard, theme: Theme, area: Rect, buf: &mut Buffer) {
    let size = Size::of(area.width, area.height);
    match size {
        Size::None => {}
        Size::Line => brief::line(&dashboard.brief, theme, area, buf),
        Size::Strip => brief::strip(&dashboard.brief, theme, area, buf),
        Size::Phone => phone(dashboard, theme, area, buf),
        Size::Compact | Size::Normal | Size::Wide => full(dashboard, size, theme, area, buf),
    }
    if theme.ascii {
        pen::to_ascii(area, buf);
    }
}

/// Returns the panel that has the keys, else the first.
fn focused<'a>(first: &'a Panel, others: &[&'a Panel]) -> &'a Panel {
    others.iter().copied().find(|panel| panel.heading.focused).unwrap_or(first)
}

/// One panel below one line of header.
fn phone(dashboard: &Dashboard, theme: Theme, area: Rect, buf: &mut Buffer) {
    let body = pen::below(area, 1);
    if let Some(overlay) = &dashboard.overlay {
        brief::head(&dashboard.brief, theme, area, buf);
        return panel(overlay, dashboard.overlay_first, theme, body, buf);
    }
    let alone = match &dashboard.screen {
        Screen::Overview(part) if part.others().iter().any(|panel| panel.heading.focused) => {
            focused(&part.orders, &part.others())
        }
        Screen::Overview(_) | Screen::Positions { .. } => {
            return brief::phone(&dashboard.brief, theme, area, buf);
        }
        Screen::Chart { chart } => {
            brief::head(&dashboard.brief, theme, area, buf);
            return chart::render(chart, theme, body, buf);
        }
        Screen::Risk(part) => focused(&part.position, &part.others()),
        Screen::History(part) => focused(&part.days, &part.others()),
        Screen::Orders { orders, fills, closed } => focused(orders, &[fills, closed]),
        Screen::Health { ages, .. } => ages,
    };
    brief::head(&dashboard.brief, theme, area, buf);
    panel(alone, 0, theme, body, buf);
}

fn full(dashboard: &Dashboard, size: Size, theme: Theme, area: Rect, buf: &mut Buffer) {
    let banners = u16::try_from(dashboard.header.banners.len()).unwrap_or(u16::MAX);
    let shell = layout::shell(area, banners);
    header::render(&dashboard.header, theme, shell.header, buf);
    pen::line(&dashboard.status, theme, shell.status, buf);
    pen::line(&dashboard.footer, theme, shell.footer, buf);
    if let Some(overlay) = &dashboard.overlay {
        return panel(overlay, dashboard.overlay_first, theme, shell.body, buf);
    }
    match &dashboard.screen {
        Screen::Overview(part) => {
            if let Some(alone) = alone(&part.others(), size) {
                return panel(alone, 0, theme, shell.body, buf);
            }
            let areas = layout::overview(size, shell.body);
            panel(&part.price, 0, theme, areas.price, buf);
            chart::render(&part.chart, theme, areas.chart, buf);
            panel(&part.positions, 0, theme, areas.positions, buf);
            panel(&part.pnl, 0, theme, areas.pnl, buf);
            panel(&part.risk, 0, theme, areas.risk, buf);
            panel(&part.orders, 0, theme, areas.orders, buf);
            panel(&part.events, 0, theme, areas.events, buf);
        }
        Screen::Positions { positions, pnl, risk } => {
            three([positions, pnl, risk], layout::positions(shell.body), theme, buf);
        }
        Screen::Risk(part) => risk(part, size, theme, shell.body, buf),
        Screen::History(part) => history(part, size, theme, shell.body, buf),
        Screen::Orders { orders, fills, closed } => {
            three([orders, fills, closed], layout::lists(shell.body), theme, buf);
        }
        Screen::Chart { chart } => chart::render(chart, theme, shell.body, buf),
        Screen::Health { links, ages, trouble } => {
            three([links, ages, trouble], layout::health(shell.body), theme, buf);
        }
    }
}

fn risk(part: &RiskScreen, size: Size, theme: Theme, body: Rect, buf: &mut Buffer) {
    if let Some(alone) = alone(&part.others(), size) {
        return panel(alone, 0, theme, body, buf);
    }
    let areas = layout::risk(size, body);
    panel(&part.account, 0, theme, areas.account, buf);
    panel(&part.position, 0, theme, areas.position, buf);
    panel(&part.what_if, 0, theme, areas.what_if, buf);
    panel(&part.scenarios, 0, theme, areas.scenarios, buf);
    curve::render(&part.curve, theme, areas.curve, buf);
}

fn history(part: &HistoryScreen, size: Size, theme: Theme, body: Rect, buf: &mut Buffer) {
    if let Some(alone) = alone(&part.others(), size) {
        return panel(alone, 0, theme, body, buf);
    }
    let areas = layout::history(size, body);
    panel(&part.days, 0, theme, areas.days, buf);
    panel(&part.journal, 0, theme, areas.journal, buf);
    panel(&part.trades, 0, theme, areas.trades, buf);
    curve::render(&part.curve, theme, areas.curve, buf);
}

/// Returns the panel that takes the whole of a compact screen: one that has the keys and is not the
/// first of its view.
fn alone<'a>(others: &[&'a Panel], size: Size) -> Option<&'a Panel> {
    others.iter().copied().find(|panel| size == Size::Compact && panel.heading.focused)
}

fn three(panels: [&Panel; 3], areas: [Rect; 3], theme: Theme, buf: &mut Buffer) {
    for (part, area) in panels.into_iter().zip(areas) {
        panel(part, 0, theme, area, buf);
    }
}

/// Draws one panel; `first` is the first line of a list of lines.
fn panel(panel: &Panel, first: usize, theme: Theme, area: Rect, buf: &mut Buffer) {
    Clear.render(area, buf);
    let Some(inner) = frame::render(&panel.heading, theme, area, buf) else {
        return;
    };
    let shown = match &panel.body {
        Body::Figures(figures) => figures::render(figures, first, theme, inner, buf),
        Body::Told(words, figures) => {
            // The figures keep two thirds of the panel.
            let most = (inner.height / 3).max(1);
            let told = lines::told(words, most, theme, inner, buf);
            figures::render(figures, first, theme, pen::below(inner, told), buf)
        }
        Body::Keys(keys) => lines::columns(keys, first, theme, inner, buf),
        Body::Table(table) => table::render(table, theme, inner, buf),
        Body::Lines(lines) => lines::render(lines, first, theme, inner, buf),
        Body::Message(message) => {
            lines::message(message, theme, inner, buf);
            None
        }
    };
    let mut note: Line = shown.into_iter().collect();
    for piece in &panel.heading.note {
        let mut piece = piece.clone();
        if !note.is_empty() {
            piece.text.insert_str(0, "· ");
        }
        note.push(piece);
    }
    frame::note(&note, theme, area, buf);
}
