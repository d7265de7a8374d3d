//! [`Dashboard`]: everything that is on screen, as finished texts with their places.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::layout::{self, Size};
use super::panels::{self, Compact, Header, Hero, Inputs};
use super::state::{Overlay, UiState};
use super::theme::Theme;
use super::views::View;
use super::widgets::{Body, Line, Panel, PriceScale, Setting, cells};

/// Everything that is on screen, in parts that do not overlap.
#[derive(Debug)]
pub(crate) struct Dashboard {
    area: Rect,
    /// The lines above the panels and the last one come first, where there are any.
    parts: Vec<(Rect, Part)>,
}

/// Two equal ones look the same, so that nothing is drawn when nothing changed.
#[derive(Debug, PartialEq)]
enum Part {
    /// The short lines of a small screen.
    Compact(Compact),
    Header(Header),
    Hero(Hero),
    Footer(Line),
    Panel(Box<Panel>),
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
        let (mut parts, body) = match size {
            Size::None => (Vec::new(), Rect::ZERO),
            Size::Line => (vec![(area, Part::Compact(Compact::line(inputs, state)))], Rect::ZERO),
            Size::Strip => (vec![(area, Part::Compact(Compact::strip(inputs, state)))], Rect::ZERO),
            Size::Phone => {
                let head = cells::row(area, 0).unwrap_or_default();
                let compact = Compact::head(inputs, state);
                (vec![(head, Part::Compact(compact))], cells::below(area, 1))
            }
            Size::Small | Size::Normal | Size::Wide => around(inputs, state, area),
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
            parts = vec![(area, Part::Compact(Compact::phone(inputs, state)))];
        }
        for (id, area) in areas {
            let mut panel = panels::build(id, inputs, state, scale, area);
            panel.first = state.limit_scroll(id, panel.last_page(area));
            if let Body::Candles(candles) = &panel.body {
                state.chart.drawn(candles.extent);
            }
            if let Body::Table(table) | Body::Charted(table, _) = &mut panel.body {
                let of = Setting { room: area.width, contracts: inputs.known_contracts() };
                table.keep_widths(state.kept_widths(id), of, inputs.now);
            }
            parts.push((area, Part::Panel(Box::new(panel))));
        }
        Self { area, parts }
    }

    /// Builds what stands around the panels and nothing else; `None` on a screen that has no such lines.
    pub(crate) fn lead(inputs: &Inputs<'_>, state: &mut UiState) -> Option<Self> {
        panels::arrange(inputs, state);
        let area = Rect::new(0, 0, state.width, state.height);
        match Size::of(area.width, area.height) {
            Size::None | Size::Line | Size::Strip | Size::Phone => None,
            Size::Small | Size::Normal | Size::Wide => {
                Some(Self { area, parts: around(inputs, state, area).0 })
            }
        }
    }

    /// Returns whether all parts of the other one have their places here.
    pub(crate) fn has_places_of(&self, other: &Self) -> bool {
        let place = |(area, _): &(Rect, Part)| *area;
        self.area == other.area
            && self.parts.len() >= other.parts.len()
            && self.parts.iter().zip(&other.parts).all(|(held, part)| place(held) == place(part))
    }

    /// Returns whether both have the same places.
    pub(crate) fn is_laid_out_like(&self, other: &Self) -> bool {
        self.has_places_of(other) && other.has_places_of(self)
    }

    /// Takes the parts of the other one, which have their places here, and draws those that look different.
    /// Returns where they stand.
    pub(crate) fn take(&mut self, other: Self, theme: Theme, buf: &mut Buffer) -> Vec<Rect> {
        let mut drawn = Vec::new();
        for ((area, held), (_, part)) in self.parts.iter_mut().zip(other.parts) {
            if *held != part {
                cells::clear(*area, buf);
                part.draw(theme, *area, buf);
                *held = part;
                drawn.push(*area);
            }
        }
        drawn
    }

    /// Draws everything.
    pub(crate) fn draw(&self, theme: Theme, buf: &mut Buffer) {
        for (area, part) in &self.parts {
            part.draw(theme, *area, buf);
        }
    }

    /// Returns the whole area.
    pub(crate) const fn area(&self) -> Rect {
        self.area
    }
}

impl Part {
    fn draw(&self, theme: Theme, area: Rect, buf: &mut Buffer) {
        match self {
            Self::Compact(compact) => compact.draw(theme, area, buf),
            Self::Header(header) => header.draw(theme, area, buf),
            Self::Hero(hero) => hero.draw(theme, area, buf),
            Self::Footer(footer) => drop(cells::line(footer, theme, area, buf)),
            Self::Panel(panel) => panel.draw(theme, area, buf),
        }
        if theme.ascii {
            cells::to_ascii(area, buf);
        }
    }
}

/// Returns what stands around the panels of a screen that has room for it, and the room for the panels.
fn around(inputs: &Inputs<'_>, state: &UiState, area: Rect) -> (Vec<(Rect, Part)>, Rect) {
    let header = Header::build(inputs, state);
    let shell = layout::shell(area, header.banners.len());
    let parts = vec![
        (shell.header, Part::Header(header)),
        (shell.hero, Part::Hero(Hero::build(inputs, state))),
        (shell.footer, Part::Footer(panels::footer(state))),
    ];
    (parts, shell.body)
}
