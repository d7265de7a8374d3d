//! [`Dashboard`]: everything that is on screen, as finished texts with their places.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::layout::{self, Size};
use super::panels::{self, Compact, Header, Hero, Inputs};
use super::state::{Overlay, UiState};
use super::theme::Theme;
use super::views::View;
use super::widgets::{Body, Line, Panel, PriceScale, cells};

/// Everything that is on screen. Two equal ones look the same, so nothing is drawn when nothing changed.
#[derive(Debug, PartialEq)]
pub(crate) struct Dashboard {
    area: Rect,
    around: Around,
    panels: Vec<(Rect, Panel)>,
}

/// What stands around the panels.
#[derive(Debug, PartialEq)]
enum Around {
    Nothing,
    /// The short lines of a small screen.
    Compact(Compact),
    Full {
        header: Header,
        hero: Hero,
        footer: Line,
    },
}

impl Dashboard {
    /// Builds what fits the size of the terminal. What must be remembered between two builds (the order of
    /// the rows, where lists are scrolled to, the scale of the chart) is kept in `state` and `scale`.
    pub(crate) fn build(
        inputs: &Inputs<'_>,
        state: &mut UiState,
        scale: &mut Option<PriceScale>,
    ) -> Self {
        panels::arrange(inputs, state);
        let area = Rect::new(0, 0, state.width, state.height);
        let size = Size::of(area.width, area.height);
        let full = || {
            let header = Header::build(inputs, state);
            let body = layout::shell(area, header.banners.len()).body;
            let (hero, footer) = (Hero::build(inputs, state), panels::footer(state));
            (Around::Full { header, hero, footer }, body)
        };
        let (mut around, body) = match size {
            Size::None => (Around::Nothing, Rect::ZERO),
            Size::Line => (Around::Compact(Compact::line(inputs, state)), Rect::ZERO),
            Size::Strip => (Around::Compact(Compact::strip(inputs, state)), Rect::ZERO),
            Size::Phone => (Around::Compact(Compact::head(inputs, state)), cells::below(area, 1)),
            Size::Small | Size::Normal | Size::Wide => full(),
        };
        let covering = state.overlay.as_ref().map(Overlay::panel).filter(|_| !body.is_empty());
        let areas = covering.map_or_else(
            || {
                let private = inputs.report.has_credentials() || state.view != View::Overview;
                if !private && matches!(size, Size::Small | Size::Normal | Size::Wide) {
                    layout::market(body)
                } else {
                    let content = panels::content(inputs, state);
                    layout::areas(state.view, state.focus, size, body, content)
                }
            },
            |overlay| vec![(overlay, body)],
        );
        if size == Size::Phone && areas.is_empty() {
            around = Around::Compact(Compact::phone(inputs, state));
        }
        let mut built = Vec::with_capacity(areas.len());
        for (id, area) in areas {
            let mut panel = panels::build(id, inputs, state, scale, area);
            panel.first = state.limit_scroll(id, panel.last_page(area));
            if let Body::Candles(candles) = &panel.body {
                state.chart.drawn(candles.extent);
            }
            if let Body::Table(table) | Body::Charted(table, _) = &mut panel.body {
                table.keep_widths(state.kept_widths(id), area.width, inputs.now);
            }
            built.push((area, panel));
        }
        Self { area, around, panels: built }
    }

    /// Returns whether both have the same panels in the same places, with the same headings: their warnings
    /// are there.
    pub(crate) fn has_panels_like(&self, next: &Self) -> bool {
        let banners = |around: &Around| match around {
            Around::Full { header, .. } => Some(header.banners.clone()),
            Around::Nothing | Around::Compact(_) => None,
        };
        let alike = |((area, panel), (next_area, next_panel)): (&(Rect, Panel), &(Rect, Panel))| {
            area == next_area && panel.heading == next_panel.heading
        };
        self.area == next.area
            && banners(&self.around).is_some_and(|shown| Some(shown) == banners(&next.around))
            && self.panels.len() == next.panels.len()
            && self.panels.iter().zip(&next.panels).all(alike)
    }

    /// Takes what stands around the panels of `next`, and returns whether it is different.
    pub(crate) fn take_lead(&mut self, next: Self) -> bool {
        let differs = self.around != next.around;
        self.around = next.around;
        differs
    }

    /// Draws everything. What was built for another size than the buffer has ends at its edge.
    pub(crate) fn draw(&self, theme: Theme, buf: &mut Buffer) {
        match &self.around {
            Around::Nothing => {}
            Around::Compact(compact) => compact.draw(theme, self.area, buf),
            Around::Full { header, hero, footer } => {
                let shell = layout::shell(self.area, header.banners.len());
                header.draw(theme, shell.header, buf);
                hero.draw(theme, shell.hero, buf);
                cells::line(footer, theme, shell.footer, buf);
            }
        }
        for (area, panel) in &self.panels {
            panel.draw(theme, *area, buf);
        }
        if theme.ascii {
            cells::to_ascii(self.area, buf);
        }
    }
}
