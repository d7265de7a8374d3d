//! The market of the focus.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::candle_chart::overdue;
use super::inputs::Inputs;
use super::thousandths::thousandths;
use crate::report::Report;
use crate::risk;
use crate::ui::format::{self, Sign};
use crate::ui::layout::Size;
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Figure, Formatter, Heading, Line, Panel, Span, sparkline};

/// Candles of the sparkline.
const RECENT: u16 = 10;

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let report = inputs.report;
    let ticker = &report.ticker;
    let (show, places) = (inputs.formatter(state, ticker.age), inputs.price_places());
    let price = |value| show.price(value, places);
    let base = report.focus.base().unwrap_or_default();
    let size_places = inputs.contract().map(|contract| contract.size_places);
    let quote = |price_of, size: Option<Decimal>| {
        let mut value = vec![price(price_of)];
        value.extend(size.map(|size| {
            let text = format!("x {}", format::stepped(size, size_places));
            Span::label(text)
        }));
        value
    };
    // A rate is nobody's gain: who pays depends on the side.
    let mut rate = show.signed_percent(ticker.funding_rate, 4);
    if matches!(rate.role, Role::Gain | Role::Loss) {
        rate.role = Role::Plain;
    }
    let mut funding = vec![rate];
    let hours = ticker.funding_interval_hours;
    funding.extend(hours.map(|hours| Span::label(format!("per {hours}h"))));
    let next = ticker.next_funding_at.map_or_else(
        || Absent::Unknown.span(),
        |at| show.word(format::countdown(risk::funding_countdown(at, report.taken_at))),
    );
    let range = vec![price(ticker.low_24h), Span::label("to"), price(ticker.high_24h)];
    let mut last = vec![price(ticker.last).or_role(Role::Strong)];
    if Size::of(state.width, state.height) == Size::Small {
        last.extend(recent(report, show));
    }
    let figures = vec![
        Figure::new("Last", last),
        Figure::one("Mark", price(ticker.mark).or_role(Role::Strong)),
        Figure::one("24h change", show.signed_percent(ticker.change_24h, 2)),
        Figure::new("Funding rate", funding),
        Figure::one("Next funding in", next),
        Figure::new("Spread", spread(inputs, show)),
        Figure::new("Bid", quote(ticker.bid, ticker.bid_size)),
        Figure::new("Ask", quote(ticker.ask, ticker.ask_size)),
        Figure::one("Index", price(ticker.index)),
        Figure::new("24h range", range),
        Figure::one("24h volume", show.volume(ticker.volume_24h_base, base)),
        Figure::one("Open interest", show.volume(ticker.open_interest, base)),
        Figure::one("24h turnover", show.volume(ticker.volume_24h_quote, "USDT")),
        Figure::one("24h open", price(ticker.open_24h)),
    ];
    let heading = Heading::new(format!("Price {}", report.focus)).aged(show.freshness);
    Panel::new(heading, Body::Figures(figures))
}

/// How the price moved lately, where the chart has no room: the closes of the newest candles.
fn recent(report: &Report, show: Formatter<'_>) -> Option<Span> {
    let series = &report.candles;
    let skip = series.rows.len().saturating_sub(usize::from(RECENT));
    let closes: Vec<f64> =
        series.rows.iter().skip(skip).filter_map(|candle| candle.close.to_f64()).collect();
    let is_live = show.freshness.is_live() && overdue(report).is_none();
    let curve = sparkline(&thousandths(&closes), RECENT);
    let text = format!("{curve} {}", series.interval);
    let role = if is_live { Role::Label } else { Role::Stale };
    (closes.len() > 1).then(|| Span::new(text, role))
}

/// Ask minus bid, in price and in percent of the middle.
fn spread(inputs: &Inputs<'_>, show: Formatter<'_>) -> Line {
    let ticker = &inputs.report.ticker;
    let Some((bid, ask)) = ticker.bid.zip(ticker.ask) else {
        return vec![Absent::Unknown.span()];
    };
    let share = risk::spread(bid, ask).and_then(|share| format::percent(share, 4, Sign::Negative));
    let mut value = vec![show.price(ask.checked_sub(bid), inputs.price_places())];
    value.extend(share.map(Span::label));
    value
}
