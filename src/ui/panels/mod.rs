//! Puts the texts of the view-model on screen. Nothing is decided here but what fits: a piece of
//! text is drawn whole or left out.

mod brief;
mod chart;
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
use super::view::{Body, Dashboard, Panel, Screen};

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

/// One panel below one line of header.
fn phone(dashboard: &Dashboard, theme: Theme, area: Rect, buf: &mut Buffer) {
    let body = pen::below(area, 1);
    if let Some(overlay) = &dashboard.overlay {
        brief::head(&dashboard.brief, theme, area, buf);
        return panel(overlay, dashboard.overlay_first, theme, body, buf);
    }
    let alone = match &dashboard.screen {
        Screen::Overview(_) | Screen::Positions { .. } => {
            return brief::phone(&dashboard.brief, theme, area, buf);
        }
        Screen::Chart { chart } => {
            brief::head(&dashboard.brief, theme, area, buf);
            return chart::render(chart, theme, body, buf);
        }
        Screen::Orders { orders, .. } => orders,
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
        Screen::Orders { orders, fills, closed } => {
            three([orders, fills, closed], layout::lists(shell.body), theme, buf);
        }
        Screen::Chart { chart } => chart::render(chart, theme, shell.body, buf),
        Screen::Health { links, ages, trouble } => {
            three([links, ages, trouble], layout::health(shell.body), theme, buf);
        }
    }
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
        Body::Figures(figures) => figures::render(figures, theme, inner, buf),
        Body::Table(table) => table::render(table, theme, inner, buf),
        Body::Lines(lines) => lines::render(lines, first, theme, inner, buf),
        Body::Message(message) => {
            lines::message(message, theme, inner, buf);
            None
        }
    };
    if let Some(shown) = shown.filter(|_| panel.heading.note.is_empty()) {
        frame::note(&[shown], theme, area, buf);
    }
}
