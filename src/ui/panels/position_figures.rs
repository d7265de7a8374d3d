//! Figures of one position that more than one panel shows.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::inputs::Inputs;
use super::row_formatter::{RowFormatter, level_role};
use crate::report::{AtTrigger, PositionRow};
use crate::risk::{RiskLevel, adl_lights, funding_countdown};
use crate::ui::format::{self, Sign};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Figure, Formatter, Gauge, Line, Span, words};

/// Lights of the queue of automatic deleveraging.
const LIGHTS: usize = 5;
/// The longest name of a coin that a label holds, in columns.
const LONGEST_COIN: u16 = 6;

/// The distances to liquidation, in percent, at which one more cell of the bar is filled.
const STEPS: [i64; 8] = [50, 30, 20, 15, 10, 5, 3, 2];

/// A bar that fills as liquidation nears, by steps that the user's limits lie among; nothing without a
/// distance.
pub(super) fn distance_bar(distance: Option<Decimal>, role: Role) -> Option<Span> {
    let distance = distance?;
    let filled = STEPS.iter().filter(|step| distance < Decimal::new(**step, 2)).count();
    // A reversed bar would be filled where it is empty.
    let upright = [(Role::Alarm, Role::Danger), (Role::Warn, Role::Strong)];
    let found = upright.into_iter().find(|(from, _)| *from == role);
    let role = found.map_or(role, |(_, to)| to);
    Some(Span::new("█".repeat(filled) + &"░".repeat(STEPS.len() - filled), role))
}

/// The level as a word that is loud enough.
pub(super) fn level(level: RiskLevel, show: Formatter<'_>) -> Span {
    // Only a good level must not be believed any more.
    let is_past = level == RiskLevel::Ok && !show.freshness.is_live();
    let role = if is_past { Role::Stale } else { level_role(Some(level)) };
    Span::new(level.as_str().to_uppercase(), role)
}

/// The reason of the level, which stands in the heading. It may name amounts, so privacy hides it.
pub(super) fn reason(
    level: Option<RiskLevel>,
    reason: Option<&str>,
    state: &UiState,
    show: Formatter<'_>,
) -> Line {
    if level.is_none() {
        return vec![Span::plain("level"), Absent::Unknown.span()];
    }
    let reason = reason.filter(|_| !state.privacy).unwrap_or_default();
    words(reason, show.freshness.role()).collect()
}

/// A margin ratio with its bar: full means liquidation.
pub(super) fn ratio(label: &str, value: Option<Decimal>, show: Formatter<'_>) -> Figure {
    let mut figure = show.figure(label, show.percent(value));
    figure.gauge = value.and_then(|value| gauge(value, show));
    figure
}

fn gauge(value: Decimal, show: Formatter<'_>) -> Option<Gauge> {
    let permille =
        value.clamp(Decimal::ZERO, Decimal::ONE).checked_mul(Decimal::ONE_THOUSAND)?.to_u16()?;
    let role = match permille {
        _ if !show.freshness.is_live() => Role::Stale,
        0..500 => Role::Good,
        500..800 => Role::Warn,
        800.. => Role::Danger,
    };
    Some(Gauge { permille, role })
}

/// A probability of touching the liquidation price. The tail is not known better than to a percent.
pub(super) fn touch(value: Option<Decimal>, show: Formatter<'_>) -> Span {
    let mut span = show.percent(value);
    if value.is_some_and(|value| value < Decimal::new(1, 2)) {
        "< 1%".clone_into(&mut span.text);
    }
    span
}

/// How far the mark price may move until liquidation: a fraction of it, and in price.
pub(super) fn distance(show: &RowFormatter<'_>) -> Line {
    let row = show.row;
    let mut line = show.live.marked(show.distance());
    let gap = row.mark_price.zip(row.liquidation_price).and_then(|(a, b)| a.checked_sub(b));
    line.extend(gap.map(|gap| show.live.price(Some(gap.abs()), row.price_places).after("=")));
    line
}

/// How near the liquidation price is, besides its distance.
pub(super) fn near(show: &RowFormatter<'_>) -> [Figure; 4] {
    // Where there is no price there is nothing to touch.
    let (risk, to_liquidation) = (&show.row.risk, show.of_liquidation());
    let chance = |value| touch(value, to_liquidation);
    let mut sigmas = to_liquidation.marked(to_liquidation.number(risk.liquidation_sigmas));
    if risk.liquidation_atrs.is_some() {
        let mut ranges = to_liquidation.number(risk.liquidation_atrs).after("=");
        ranges.text.push_str(" ATRs 1h");
        sigmas.push(ranges);
    }
    let mut sooner = to_liquidation.marked(chance(risk.touch_probability.h8));
    sooner.push(chance(risk.touch_probability.h1).after("· 1h"));
    let places = show.row.price_places;
    let ours = to_liquidation.price(show.against(risk.liquidation_price_ours, places), places);
    [
        to_liquidation.figure("Liq. computed", ours),
        Figure::new("Sigmas of 1d", sigmas),
        to_liquidation.figure("Liq. chance 24h", chance(risk.touch_probability.h24)),
        Figure::new("Liq. chance 8h", sooner),
    ]
}

pub(super) fn surplus(show: &RowFormatter<'_>) -> Figure {
    show.live.figure("Loss until liq.", show.live.money(show.row.risk.surplus))
}

pub(super) fn bankruptcy(show: &RowFormatter<'_>) -> Figure {
    let (risk, to_liquidation) = (&show.row.risk, show.of_liquidation());
    let price = to_liquidation.price(risk.bankruptcy_price, show.row.price_places);
    to_liquidation.figure("Bankruptcy", price)
}

/// What the leverage really is. The one that is set says how much margin was put in.
pub(super) fn leverage_now(label: &str, show: &RowFormatter<'_>) -> Figure {
    show.live.figure(label, show.live.factor(show.row.risk.effective_leverage))
}

/// The place in the queue of automatic deleveraging: lights, and how many of them are on.
pub(super) fn queue(show: &RowFormatter<'_>) -> Figure {
    let Some(lit) = show.row.risk.adl_rank.and_then(adl_lights).map(usize::from) else {
        return Figure::one("ADL queue", Absent::Unknown.span());
    };
    let lights = "█".repeat(lit) + &"░".repeat(LIGHTS.saturating_sub(lit));
    let role = match lit {
        _ if !show.list.freshness.is_live() => Role::Stale,
        0..=2 => Role::Good,
        3..=4 => Role::Warn,
        _ => Role::Danger,
    };
    let first = if lit == LIGHTS { " FIRST" } else { "" };
    let text = format!("{lights} {lit} of {LIGHTS}{first}");
    show.list.figure("ADL queue", Span::new(text, role))
}

/// What a plan that closes the position would bring, under the plan's own line; nothing without one.
pub(super) fn trigger(show: &RowFormatter<'_>, at: Option<AtTrigger>) -> Vec<Figure> {
    let gain = |label, value| show.live.figure(label, show.live.gain(value));
    at.map_or_else(Vec::new, |at| {
        vec![gain("  PnL from now", at.from_mark), gain("  total net PnL", at.net)]
    })
}

/// What the result of closing now is called: `Close BTC now`.
fn close_label(row: &PositionRow) -> String {
    let base = row.key.symbol.base().filter(|base| format::width(base) <= LONGEST_COIN);
    base.map_or_else(|| "Close now".to_owned(), |base| format!("Close {base} now"))
}

/// What closing through the book would leave now, with all that the position has brought before. Only the
/// book of the focus is known.
pub(super) fn closing_net(label: impl Into<String>, show: &RowFormatter<'_>) -> Figure {
    match &show.row.risk.close_now {
        None => Figure::one(label, Absent::Unknown.span()),
        Some(close) if close.too_thin => Figure::one(label, Span::new("book too thin", Role::Warn)),
        Some(close) => show.live.figure(label, show.live.gain(close.net)),
    }
}

/// What closing through the book would bring now.
pub(super) fn closing(show: &RowFormatter<'_>) -> Vec<Figure> {
    let (row, live) = (show.row, show.live);
    let net = closing_net(close_label(row), show);
    let Some(close) = &row.risk.close_now else { return vec![net] };
    let at = live.figure("  at", live.average(close.vwap, row.price_places));
    let slippage = live.figure("  slippage cost", slippage(close.slippage_bps, live));
    if close.too_thin {
        let part = live.size(Some(close.filled), row.size_places);
        let text = format!("{} of {}", part.text, show.size().text);
        return vec![net, live.figure("  book takes", Span::new(text, part.role)), at, slippage];
    }
    vec![
        net,
        live.figure("  this close", live.gain(close.pnl)),
        at,
        slippage,
        live.figure("  fee", live.cash(close.fee.map(|paid| -paid))),
    ]
}

/// A slippage in basis points: what it costs, or by how much the book is better.
fn slippage(value: Option<Decimal>, show: Formatter<'_>) -> Span {
    let Some(value) = value else { return Absent::Unknown.span() };
    let better = value.is_sign_negative() && !value.is_zero();
    let bps = format::decimal(value.abs(), 2, Sign::Negative);
    let text = if better { format!("{bps} bps better") } else { format!("{bps} bps") };
    Span::new(text, show.freshness.role())
}

/// The next payment with the time until it is due.
pub(super) fn next_funding(label: &str, inputs: &Inputs<'_>, show: &RowFormatter<'_>) -> Figure {
    let payment = show.live.cash(show.row.risk.next_funding_payment);
    let mut figure = show.live.figure(label, payment);
    if show.row.is_focus
        && let Some(at) = inputs.report.ticker.next_funding_at
    {
        let left = format::countdown(funding_countdown(at, inputs.report.taken_at));
        figure.value.push(Span::label(format!("in {left}")));
    }
    figure
}

/// What holding the position brings or costs at the present rate.
pub(super) fn carry(show: &RowFormatter<'_>) -> [Figure; 2] {
    let (risk, live) = (&show.row.risk, show.live);
    let mut year = live.marked(live.signed_percent(risk.funding_yearly_on_margin, 2));
    year.push(Span::label("of margin"));
    let day = live.figure("  per day", live.cash(risk.funding_per_day));
    [day, Figure::new("  per year", year)]
}
