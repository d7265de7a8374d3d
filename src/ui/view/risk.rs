//! The risk view: what may become of the account and of the selected position.

use rust_decimal::Decimal;

use super::ink::{Gap, Grade, Ink, Line, Piece, words};
use super::model::{Body, Figure, Heading, Panel};
use super::money::{gap_in_price, level, marked, ratio};
use super::positions::{RowInk, opened};
use super::{Inputs, no_credentials};
use crate::report::{AtTrigger, PositionRow};
use crate::risk::{adl_lights, funding_countdown};
use crate::ui::format::{self, Sign};
use crate::ui::state::{PanelId, UiState};
use crate::ui::theme::Role;

/// Lights of the queue of automatic deleveraging.
const LIGHTS: usize = 5;

/// The account: its level with the reason, what is left, and what a day may cost.
pub(super) fn account(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let mut heading = Heading::new("Account risk", None).focused(state.has_keys(PanelId::Account));
    if !inputs.context.credentials {
        return Panel::new(heading, Body::Message(no_credentials()));
    }
    let (account, risk) = (&inputs.document.account, &inputs.document.risk);
    let ink = inputs.ink(state);
    let derived = Grade::new(account.derived, account.derived_age_ms);
    let reported = Grade::new(account.freshness, account.age_ms);
    let of_risk = Grade::new(risk.freshness, risk.age_ms);
    heading.marks.extend(derived.worse(reported).worse(of_risk).mark());
    heading.marks.extend(risk.level.map(|word| level(word, of_risk)));
    // Without a position nothing can be lost.
    let gap = if inputs.is_flat() { Gap::None } else { Gap::Unknown };
    let money = |label: &str, value, gap, grade: Grade| {
        Figure::new(label, marked(ink.money(value, gap, grade), grade))
    };
    let at_risk = |label: &str, var, shortfall| {
        let mut line = marked(ink.money(var, gap, of_risk), of_risk);
        line.push(ink.money(shortfall, gap, of_risk).after("ES"));
        Figure::new(label, line)
    };
    let mut figures = vec![
        ratio("Margin ratio", account.margin_ratio, gap, derived),
        money("Surplus", risk.surplus, gap, derived),
        Figure::new(
            "Touch in 24h",
            marked(touch(risk.touch_probability.h24, gap, of_risk), of_risk),
        ),
        at_risk("VaR 95% 1 day", risk.var_95_1d, risk.es_95_1d),
        at_risk("VaR 99% 1 day", risk.var_99_1d, risk.es_99_1d),
        money("Equity", account.equity, Gap::Unknown, derived),
        Figure::new(
            "Leverage",
            marked(Ink::factor(account.effective_leverage, gap, derived), derived),
        ),
        Figure::new(
            "Volatility day",
            volatility(risk.sigma_1d, risk.volatility_provisional, of_risk),
        ),
        Figure::new(
            "  a year",
            volatility(risk.volatility_annual, risk.volatility_provisional, of_risk),
        ),
        Figure::one("VaR method", method(risk.var_method, gap)),
        money("Maintenance", account.maintenance_margin, gap, derived),
        money("Available", account.available, Gap::Unknown, reported),
    ];
    if risk.usdt_explains_liquidation == Some(false) {
        let also = Piece::new("other coins too", Role::Warn);
        let so = Piece::label("liquidation prices rest on them");
        figures.insert(2, Figure::new("Backed by", vec![also, so]));
    }
    let why = told(risk.level, risk.reason.as_deref(), state, of_risk);
    Panel::new(heading, Body::Told(why, figures))
}

/// The reason of the level, which stands in the heading. It may name amounts, so privacy hides it.
fn told(word: Option<&'static str>, reason: Option<&str>, state: &UiState, grade: Grade) -> Line {
    if word.is_none() {
        return vec![Piece::plain("level"), Gap::Unknown.piece()];
    }
    let reason = reason.filter(|_| !state.privacy);
    reason.map(|reason| words(reason, grade.plain()).collect()).unwrap_or_default()
}

/// A volatility; resting on few candles it says so in the same piece, and never stands without that.
fn volatility(value: Option<Decimal>, provisional: bool, grade: Grade) -> Line {
    let mut piece = Ink::percent(value, Gap::Unknown, grade);
    if provisional && value.is_some() {
        piece.text.push_str(" provisional");
        piece.role = if grade.is_live() { Role::Warn } else { piece.role };
    }
    marked(piece, grade)
}

fn method(word: Option<&'static str>, gap: Gap) -> Piece {
    match word {
        Some("normal") => Piece::plain("normal curve"),
        Some("history") => Piece::plain("daily history"),
        Some(other) => Piece::plain(other),
        None => gap.piece(),
    }
}

/// A probability of touching the liquidation price. The tail is not known better than to a percent.
pub(super) fn touch(value: Option<Decimal>, gap: Gap, grade: Grade) -> Piece {
    let mut piece = Ink::percent(value, gap, grade);
    if value.is_some_and(|value| value < Decimal::new(1, 2)) {
        "< 1%".clone_into(&mut piece.text);
    }
    piece
}

/// The selected position: how near it is, what closing brings, what holding costs.
pub(super) fn position(
    inputs: &Inputs<'_>,
    state: &UiState,
    subject: Option<&PositionRow>,
) -> Panel {
    let (mut heading, show) = match opened(inputs, state, ("Position", PanelId::Danger), subject) {
        Ok(open) => open,
        Err(nothing) => return *nothing,
    };
    let row = show.row;
    heading.title = format!("{} {}", row.symbol, row.side.to_uppercase());
    heading.marks.extend(show.grade.mark());
    heading.marks.extend(row.risk.level.map(|word| level(word, show.grade)));
    heading.note = vec![Piece::label("Tab: next panel"), Piece::label("j, k: next position")];
    let mut distance = marked(show.distance(), show.grade);
    distance.extend(gap_in_price(&show));
    let mut figures = vec![
        Figure::new("To liquidation", distance),
        Figure::new("Liq. exchange", marked(show.liquidation(), show.grade_of_list)),
    ];
    figures.extend(near(&show));
    figures.extend([
        ratio("Margin ratio", row.margin_ratio, Gap::Unknown, show.grade),
        surplus(&show),
    ]);
    figures.extend(closing(&show));
    let mut leverage =
        marked(Ink::factor(row.risk.effective_leverage, Gap::Unknown, show.grade), show.grade);
    leverage.push(Ink::factor(row.leverage, Gap::Unknown, show.grade_of_list).after("set"));
    figures.extend([
        bankruptcy(&show),
        Figure::new("Leverage now", leverage),
        queue(&show),
        Figure::new("Next funding", next_funding(inputs, &show)),
    ]);
    figures.extend(carry(&show));
    let why = told(row.risk.level, row.risk.reason.as_deref(), state, show.grade);
    Panel::new(heading, Body::Told(why, figures))
}

/// The next payment with the time until it is due.
pub(super) fn next_funding(inputs: &Inputs<'_>, show: &RowInk<'_>) -> Line {
    let row = show.row;
    let payment = show.ink.cash(row.risk.next_funding_payment, Gap::Unknown, show.grade);
    let mut line = marked(payment, show.grade);
    if row.is_focus
        && let Some(at) = inputs.document.ticker.next_funding_at
    {
        let left = funding_countdown(at.0, inputs.document.taken_at.0);
        line.push(Piece::label(format!("in {}", format::countdown(left))));
    }
    line
}

/// How near the liquidation price is, besides its distance.
pub(super) fn near(show: &RowInk<'_>) -> [Figure; 4] {
    let (risk, grade) = (&show.row.risk, show.grade);
    // Where there is no price there is nothing to touch.
    let gap = show.gap_of_liquidation();
    let chance = |value| touch(value, gap, grade);
    let mut sigmas = marked(Ink::number(risk.liquidation_sigmas, gap, grade), grade);
    if risk.liquidation_atrs.is_some() {
        let mut ranges = Ink::number(risk.liquidation_atrs, gap, grade).after("=");
        ranges.text.push_str(" ATRs of 1h");
        sigmas.push(ranges);
    }
    let mut sooner = marked(chance(risk.touch_probability.h8), grade);
    sooner.push(chance(risk.touch_probability.h1).after("in 1h"));
    let places = show.row.price_places;
    let ours = Ink::price(show.against(risk.liquidation_price_ours, places), places, gap, grade);
    [
        Figure::new("Liq. ours", marked(ours, grade)),
        Figure::new("Sigmas of 1d", sigmas),
        Figure::new("Touch in 24h", marked(chance(risk.touch_probability.h24), grade)),
        Figure::new("Touch in 8h", sooner),
    ]
}

pub(super) fn surplus(show: &RowInk<'_>) -> Figure {
    let value = show.ink.money(show.row.risk.surplus, Gap::Unknown, show.grade);
    Figure::new("Surplus", marked(value, show.grade))
}

pub(super) fn bankruptcy(show: &RowInk<'_>) -> Figure {
    let places = show.row.price_places;
    let gap = show.gap_of_liquidation();
    let value = Ink::price(show.row.risk.bankruptcy_price, places, gap, show.grade);
    Figure::new("Bankruptcy", marked(value, show.grade))
}

/// The place in the queue of automatic deleveraging: lights, and how many of them are on.
pub(super) fn queue(show: &RowInk<'_>) -> Figure {
    let Some(lit) = show.row.risk.adl_rank.and_then(adl_lights).map(usize::from) else {
        return Figure::one("ADL queue", Gap::Unknown.piece());
    };
    let lights = "█".repeat(lit) + &"░".repeat(LIGHTS.saturating_sub(lit));
    let role = match lit {
        _ if !show.grade_of_list.is_live() => Role::Stale,
        0..=2 => Role::Good,
        3..=4 => Role::Warn,
        _ => Role::Danger,
    };
    let first = if lit == LIGHTS { " FIRST" } else { "" };
    let text = format!("{lights} {lit} of {LIGHTS}{first}");
    Figure::new("ADL queue", marked(Piece::new(text, role), show.grade_of_list))
}

/// What a plan that closes the position would bring, under the plan's own line; nothing without one.
pub(super) fn trigger(show: &RowInk<'_>, at: Option<&AtTrigger>) -> Vec<Figure> {
    let gain = |value| marked(show.ink.gain(value, Gap::Unknown, show.grade), show.grade);
    let Some(at) = at else { return Vec::new() };
    vec![
        Figure::new("  from here", gain(at.from_mark)),
        Figure::new("  net of its life", gain(at.net)),
    ]
}

/// What closing through the book would bring now.
pub(super) fn closing(show: &RowInk<'_>) -> Vec<Figure> {
    let (row, ink, grade) = (show.row, show.ink, show.grade);
    let Some(close) = &row.risk.close_now else {
        return vec![Figure::one("Close now net", Gap::Unknown.piece())];
    };
    let average = Ink::price(
        close.vwap,
        row.price_places.map(|places| places.saturating_add(1)),
        Gap::Unknown,
        grade,
    );
    let through = marked(average, grade);
    let slippage = marked(slippage(close.slippage_bps, grade), grade);
    if close.too_thin {
        let part = ink.size(Some(close.filled), row.size_places, Gap::Unknown, grade);
        let text = format!("{} of {}", part.text, show.size().text);
        return vec![
            Figure::one("Close now net", Piece::new("book too thin", Role::Warn)),
            Figure::new("  book takes", marked(Piece::new(text, part.role), grade)),
            Figure::new("  at", through),
            Figure::new("  slippage", slippage),
        ];
    }
    let gain = |value| marked(ink.gain(value, Gap::Unknown, grade), grade);
    let fee = ink.cash(close.fee.map(|paid| -paid), Gap::Unknown, grade);
    vec![
        Figure::new("Close now net", gain(close.net)),
        Figure::new("  this close", gain(close.pnl)),
        Figure::new("  at", through),
        Figure::new("  slippage", slippage),
        Figure::new("  fee", marked(fee, grade)),
    ]
}

/// A slippage in basis points: the word says whether it costs or brings.
fn slippage(value: Option<Decimal>, grade: Grade) -> Piece {
    let Some(value) = value else { return Gap::Unknown.piece() };
    let word = if value.is_sign_negative() && !value.is_zero() { "better" } else { "cost" };
    let text = format!("{} bps {word}", format::decimal(value, 2, Sign::Always));
    Piece::new(text, grade.plain())
}

/// What holding the position brings or costs at the present rate.
pub(super) fn carry(show: &RowInk<'_>) -> [Figure; 2] {
    let (risk, grade) = (&show.row.risk, show.grade);
    let day = show.ink.cash(risk.funding_per_day, Gap::Unknown, grade);
    let mut year =
        marked(Ink::signed_percent(risk.funding_yearly_on_margin, 2, Gap::Unknown, grade), grade);
    year.push(Piece::label("of margin"));
    [Figure::new("  a day", marked(day, grade)), Figure::new("  a year", year)]
}
