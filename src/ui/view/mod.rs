//! The view-model: every text of the screen, built from the document, the snapshot and the choices
//! of the person. Two equal [`Dashboard`]s look the same, so nothing is drawn when nothing changed.

mod brief;
mod chart;
mod curve;
mod events;
mod header;
mod health;
mod history;
mod ink;
mod model;
mod money;
mod orders;
mod overlay;
mod positions;
mod price;
mod risk;
mod scenarios;

pub(crate) use chart::{Bar, Chart, ChartBounds, PITCH};
pub(crate) use curve::{Curve, Span, sparkline};
pub(crate) use ink::{Forms, Line, Piece};
pub(crate) use model::{Body, Brief, Column, Figure, Gauge, Header, Heading, Panel, Table};

use ink::{Grade, Ink};

use super::keymap::KEYS;
use super::layout;
use super::rates::Rates;
use super::screen::UiContext;
use super::state::{Overlay, PanelId, UiState, View};
use crate::domain::{Contract, Symbol, Timestamp};
use crate::report::{Document, PositionRow};
use crate::store::Snapshot;

/// The variables that the private panels ask for.
const VARIABLES: [&str; 3] = ["BITGET_API_KEY", "BITGET_SECRET_KEY", "BITGET_PASSPHRASE"];

/// What a view-model is built from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) document: &'a Document,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) context: &'a UiContext,
    pub(crate) rates: Rates,
    /// Local time.
    pub(crate) now: Timestamp,
}

/// Everything that is on screen.
#[derive(Debug, PartialEq)]
pub(crate) struct Dashboard {
    pub(crate) header: Header,
    pub(crate) screen: Screen,
    pub(crate) overlay: Option<Panel>,
    /// The first row of the overlay that is drawn.
    pub(crate) overlay_first: usize,
    pub(crate) brief: Brief,
    pub(crate) status: Line,
    pub(crate) footer: Line,
}

/// The panels of one view.
#[derive(Debug, PartialEq)]
pub(crate) enum Screen {
    /// Key 1.
    Overview(Box<Overview>),
    /// Key 2.
    Positions { positions: Panel, pnl: Panel, risk: Panel },
    /// Key 3.
    Risk(Box<RiskScreen>),
    /// Key 4.
    Orders { orders: Panel, fills: Panel, closed: Panel },
    /// Key 5.
    History(Box<HistoryScreen>),
    /// Key 6.
    Chart { chart: Chart },
    /// Key 7.
    Health { links: Panel, ages: Panel, trouble: Panel },
}

/// The panels of the overview.
#[derive(Debug, PartialEq)]
pub(crate) struct Overview {
    pub(crate) price: Panel,
    pub(crate) chart: Chart,
    pub(crate) positions: Panel,
    pub(crate) pnl: Panel,
    pub(crate) risk: Panel,
    pub(crate) orders: Panel,
    pub(crate) events: Panel,
}

impl Overview {
    /// Returns the panels that take keys, without the first.
    pub(crate) const fn others(&self) -> [&Panel; 2] {
        [&self.orders, &self.events]
    }
}

/// The panels of the risk view.
#[derive(Debug, PartialEq)]
pub(crate) struct RiskScreen {
    pub(crate) position: Panel,
    pub(crate) account: Panel,
    pub(crate) scenarios: Panel,
    pub(crate) what_if: Panel,
    pub(crate) curve: Curve,
}

impl RiskScreen {
    /// Returns the panels that take keys, without the first.
    pub(crate) const fn others(&self) -> [&Panel; 3] {
        [&self.account, &self.scenarios, &self.what_if]
    }
}

/// The panels of the history view.
#[derive(Debug, PartialEq)]
pub(crate) struct HistoryScreen {
    pub(crate) days: Panel,
    pub(crate) trades: Panel,
    pub(crate) journal: Panel,
    pub(crate) curve: Curve,
}

impl HistoryScreen {
    /// Returns the panels that take keys, without the first.
    pub(crate) const fn others(&self) -> [&Panel; 2] {
        [&self.trades, &self.journal]
    }
}

impl Dashboard {
    /// Builds the view-model. What must be remembered between two builds (the order of the rows,
    /// how many there are, the scale of the chart) is kept in `state` and `bounds`.
    pub(crate) fn build(
        inputs: &Inputs<'_>,
        state: &mut UiState,
        bounds: &mut Option<ChartBounds>,
    ) -> Self {
        let rows = positions::arrange(inputs, state);
        limit_scroll(inputs, state);
        state.copy = overlay::copy_text(inputs, state);
        let screen = match state.view {
            View::Overview => Screen::Overview(Box::new(Overview {
                price: price::panel(inputs),
                chart: chart::build(inputs, state, bounds, layout::chart_columns(state)),
                positions: positions::panel(inputs, state, &rows),
                pnl: money::pnl(inputs, state),
                risk: money::risk(inputs, state),
                orders: orders::panel(inputs, state),
                events: events::panel(inputs, state),
            })),
            View::Positions => Screen::Positions {
                positions: positions::panel(inputs, state, &rows),
                pnl: money::pnl(inputs, state),
                risk: money::risk(inputs, state),
            },
            View::Risk => {
                let subject = inputs.subject(state).or_else(|| rows.first().copied());
                Screen::Risk(Box::new(RiskScreen {
                    position: risk::position(inputs, state, subject),
                    account: risk::account(inputs, state),
                    scenarios: scenarios::table(inputs, state, subject),
                    what_if: scenarios::what_if(inputs, state, subject),
                    curve: curve::panel(inputs, state),
                }))
            }
            View::History => Screen::History(Box::new(HistoryScreen {
                days: history::days(inputs, state),
                trades: history::trades(inputs, state, (PanelId::Trades, state.scroll.trades)),
                journal: history::journal(inputs, state),
                curve: curve::panel(inputs, state),
            })),
            View::Orders => Screen::Orders {
                orders: orders::panel(inputs, state),
                fills: orders::fills(inputs, state),
                closed: history::trades(inputs, state, (PanelId::Closed, state.scroll.closed)),
            },
            View::Chart => Screen::Chart {
                chart: chart::build(inputs, state, bounds, layout::chart_columns(state)),
            },
            View::Health => Screen::Health {
                links: health::links(inputs, state),
                ages: health::ages(inputs),
                trouble: health::trouble(inputs, state),
            },
        };
        Self {
            header: header::build(inputs, state),
            screen,
            overlay: match &state.overlay {
                Overlay::None => None,
                Overlay::Help => Some(overlay::help()),
                Overlay::Detail(id) => Some(overlay::detail(inputs, state, id)),
            },
            overlay_first: state.scroll.overlay,
            brief: brief::build(inputs, state, &rows),
            status: header::status(inputs),
            footer: header::footer(state),
        }
    }
}

impl<'a> Inputs<'a> {
    fn ink(&self, state: &UiState) -> Ink<'a> {
        Ink { privacy: state.privacy, zone: &self.context.timezone }
    }

    /// The rules of the focus, where they are known.
    fn contract(&self) -> Option<&'a Contract> {
        let symbol = Symbol::from_wire(&self.document.symbol)?;
        self.snapshot.rules.get(&symbol)?.contract.as_ref()
    }

    /// Decimals of a price of the focus.
    fn price_places(&self) -> Option<u32> {
        self.contract().map(|contract| contract.price_places)
    }

    /// Decimals of a size of the focus.
    fn size_places(&self) -> Option<u32> {
        self.contract().map(|contract| contract.size_places)
    }

    /// The base coin of the focus, such as `BTC`.
    fn base_coin(&self) -> Option<String> {
        let symbol = Symbol::from_wire(&self.document.symbol)?;
        symbol.base().map(ToOwned::to_owned)
    }

    fn ticker_grade(&self) -> Grade {
        Grade::new(self.document.ticker.freshness, self.document.ticker.age_ms)
    }

    fn positions_grade(&self) -> Grade {
        let positions = &self.document.positions;
        Grade::new(positions.freshness, positions.age_ms)
    }

    /// Returns a local time by the exchange's clock, which all times of day on screen are.
    fn exchange_time(&self, local: Timestamp) -> Timestamp {
        local.plus_millis(self.snapshot.clock_offset_ms.map_or(0, |(offset, _)| offset))
    }

    /// Returns whether it is proven that there is no open position.
    fn is_flat(&self) -> bool {
        let positions = &self.document.positions;
        positions.rows.is_empty() && positions.is_whole() && positions.confirmed_at.is_some()
    }

    /// Returns how far the figures of a row can be trusted: no more than the list that it is from.
    fn row_grade(&self, row: &PositionRow) -> Grade {
        Grade::new(row.freshness, row.age_ms).worse(self.positions_grade())
    }

    /// Returns the position that the panels of single positions speak of: the selected one, else
    /// the first of the focus.
    fn subject(&self, state: &UiState) -> Option<&'a PositionRow> {
        let rows = &self.document.positions.rows;
        state
            .selected
            .as_ref()
            .and_then(|id| rows.iter().find(|row| id.is(row)))
            .or_else(|| rows.iter().find(|row| row.is_focus))
    }
}

impl UiState {
    /// Returns whether the panel has the keys.
    fn has_keys(&self, panel: PanelId) -> bool {
        self.overlay == Overlay::None && self.focus == panel
    }

    /// Returns whether a row with these words passes the filter.
    fn passes<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> bool {
        if self.filter.is_empty() {
            return true;
        }
        let wanted = self.filter.to_lowercase();
        words.into_iter().any(|word| word.to_lowercase().contains(&wanted))
    }
}

/// Ends every scrolling at the last row.
fn limit_scroll(inputs: &Inputs<'_>, state: &mut UiState) {
    let (document, snapshot) = (inputs.document, inputs.snapshot);
    let last = |count: usize| count.saturating_sub(1);
    let scroll = &mut state.scroll;
    for (at, count) in [
        (&mut scroll.orders, document.orders.rows.len()),
        (&mut scroll.events, snapshot.events.len()),
        (&mut scroll.fills, snapshot.fills.len()),
        (&mut scroll.closed, document.history.closed.len()),
        (&mut scroll.links, document.links.len()),
        (&mut scroll.days, document.history.by_day.len()),
        (&mut scroll.trades, document.history.closed.len()),
        (&mut scroll.overlay, KEYS.len().max(overlay::MOST_FIGURES)),
    ] {
        *at = (*at).min(last(count));
    }
}

/// The words where private figures would be, without credentials.
fn no_credentials() -> Vec<Forms> {
    let ask = |text: &str| ink::words(text, crate::ui::theme::Role::Warn).collect();
    let [key, secret, passphrase] = VARIABLES;
    vec![
        vec![
            ask("No credentials: market data only. To see this, set"),
            ask("No credentials. To see this, set"),
            ask("No credentials. Set"),
        ],
        vec![ask(key)],
        vec![ask(secret)],
        vec![ask(passphrase)],
    ]
}
