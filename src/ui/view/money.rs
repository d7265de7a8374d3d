//! Profit and loss, and risk: the account's figures and those of one position.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::ink::{Gap, Grade, Ink, Line, Piece};
use super::model::{Body, Figure, Gauge, Heading, Panel};
use super::positions::RowInk;
use super::{Inputs, curve, ink, no_credentials, risk};
use crate::report::PositionRow;
use crate::ui::state::{RowId, UiState};
use crate::ui::theme::Role;

/// The coin in which positions gain and lose, and of what is available for them.
const QUOTE: &str = "USDT";

/// Returns a value with the warning of its grade beside it.
pub(super) fn marked(value: Piece, grade: Grade) -> Line {
    let mut line = vec![value];
    line.extend(grade.mark());
    line
}

/// Profit and loss: the account today, then one position.
pub(super) fn pnl(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    if !inputs.context.credentials {
        return Panel::new(Heading::new("PnL", None), Body::Message(no_credentials()));
    }
    let (pnl, ink) = (&inputs.document.pnl, inputs.ink(state));
    let live = Grade::new(pnl.freshness, pnl.age_ms);
    let session = Grade::new(pnl.session_freshness, pnl.session_age_ms);
    let bills = Grade::new(pnl.ledger_freshness, pnl.ledger_age_ms);
    let both = live.worse(bills);
    let today = |label: &str, value| {
        Figure::new(label, marked(ink.cash(value, Gap::Unknown, bills), bills))
    };
    let gained = |value, grade| marked(ink.gain(value, Gap::Unknown, grade), grade);
    let gain = |label: &str, value, grade| Figure::new(label, gained(value, grade));
    let mut figures = vec![
        gain("Unrealized mark", pnl.unrealized, live),
        gain("Net today UTC", pnl.net_today, both),
        close_now(inputs, state, live),
        Figure::new("Session", in_coin(gained(pnl.session_change, session), inputs)),
        Figure::new("Max drawdown", drawdown(inputs, state, session)),
        gain("Realized today", pnl.realized_today, bills),
        // Fees are money out, so what was paid carries a minus.
        today("Fees today", pnl.fees_today.map(|paid| -paid)),
        today("Funding today", pnl.funding_today),
    ];
    figures.extend(equity_curve(inputs, session));
    figures.extend(of_position(inputs, state));
    let heading = Heading::new("PnL USDT", both.mark());
    Panel::new(heading, Body::Figures(figures))
}

/// What closing the focus through the book would leave now, with all that it has brought before.
fn close_now(inputs: &Inputs<'_>, state: &UiState, grade: Grade) -> Figure {
    let rows = &inputs.document.positions.rows;
    let mut focus = rows.iter().filter(|row| row.is_focus).peekable();
    let gap = match focus.peek() {
        None if inputs.is_flat() || !rows.is_empty() => Gap::None,
        Some(_) | None => Gap::Unknown,
    };
    let net = inputs.document.pnl.close_now_net;
    let too_thin = focus.any(|row| row.risk.close_now.as_ref().is_some_and(|now| now.too_thin));
    let value = if too_thin && net.is_none() {
        Piece::new("book too thin", Role::Warn)
    } else {
        inputs.ink(state).gain(net, gap, grade)
    };
    Figure::new("Close now net", marked(value, grade))
}

/// The largest fall of the session, as a fraction of its peak and in money.
fn drawdown(inputs: &Inputs<'_>, state: &UiState, grade: Grade) -> Line {
    let pnl = &inputs.document.pnl;
    let mut line = marked(Ink::percent(pnl.max_drawdown, Gap::Unknown, grade), grade);
    if pnl.max_drawdown_amount.is_some() {
        let amount = inputs.ink(state).money(pnl.max_drawdown_amount, Gap::Unknown, grade);
        line.push(amount.after("="));
        return in_coin(line, inputs);
    }
    line
}

/// Names the coin of the account's figures where it is another than that of the panel.
fn in_coin(mut line: Line, inputs: &Inputs<'_>) -> Line {
    let coin = inputs.document.account.margin_coin.as_deref();
    line.extend(coin.filter(|coin| *coin != QUOTE).map(Piece::label));
    line
}

/// The equity of the session in one line; nothing before two points make a curve.
fn equity_curve(inputs: &Inputs<'_>, grade: Grade) -> Option<Figure> {
    let points = &inputs.document.pnl.equity_curve;
    let heights = (points.len() > 1).then(|| curve::heights(points))?;
    let mut figure = Figure::new("Equity session", Vec::new());
    figure.curve = Some((heights, grade.plain()));
    Some(figure)
}

/// The result of one position.
fn of_position(inputs: &Inputs<'_>, state: &UiState) -> Vec<Figure> {
    let Some(row) = inputs.subject(state) else {
        return vec![Figure::one("Position", gap_of_subject(inputs).piece())];
    };
    let show = RowInk::new(inputs, state, row);
    let payment = risk::next_funding(inputs, &show);
    let (live, list) = (show.grade, show.grade_of_list);
    vec![
        Figure::new("Position", name(row)),
        Figure::new("  net", marked(show.ink.gain(row.net_pnl, Gap::Unknown, live), live)),
        Figure::new("  next funding", payment),
        Figure::new("  ROE (mark)", marked(show.roe(), live)),
        Figure::new("  break-even", marked(show.break_even(), list)),
        Figure::new(
            "  funding so far",
            marked(show.ink.cash(row.funding_pnl, Gap::Unknown, list), list),
        ),
    ]
}

/// Risk: the account, and the position that the person looks at.
pub(super) fn risk(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    if !inputs.context.credentials {
        return Panel::new(Heading::new("Risk", None), Body::Message(no_credentials()));
    }
    let document = inputs.document;
    let (account, part, ink) = (&document.account, &document.risk, inputs.ink(state));
    let derived = Grade::new(account.derived, account.derived_age_ms);
    let reported = Grade::new(account.freshness, account.age_ms);
    let of_risk = Grade::new(part.freshness, part.age_ms);
    // Without a position there is nothing to be liquidated.
    let gap = if inputs.is_flat() { Gap::None } else { Gap::Unknown };
    let coin = account.margin_coin.as_deref().unwrap_or_default();
    let money = |label: &str, value, coin: &str, gap, grade: Grade| {
        // The warning comes before the coin: what stands last is left out first.
        let mut line = marked(ink.money(value, gap, grade), grade);
        if value.is_some() {
            line.push(Piece::label(coin));
        }
        Figure::new(label, line)
    };
    let mut figures = vec![ratio("Margin ratio", account.margin_ratio, gap, derived)];
    figures.extend(worst(inputs, state, of_risk));
    figures.extend([
        money("Equity", account.equity, coin, Gap::Unknown, derived),
        money("VaR 95% 1 day", part.var_95_1d, QUOTE, gap, of_risk),
        money("Available", account.available, QUOTE, Gap::Unknown, reported),
    ]);
    figures.extend(of_subject(inputs, state));
    figures.extend([
        money("Maintenance", account.maintenance_margin, coin, gap, derived),
        Figure::new(
            "Acct leverage",
            marked(Ink::factor(account.effective_leverage, gap, derived), derived),
        ),
    ]);
    let all = derived.worse(reported).worse(of_risk);
    let mut heading = Heading::new("Risk", all.mark());
    heading.marks.extend(part.level.map(|word| level(word, of_risk)));
    Panel::new(heading, Body::Figures(figures))
}

/// The level as a word that is loud enough.
pub(super) fn level(word: &str, grade: Grade) -> Piece {
    let role = match word {
        _ if !grade.is_live() => Role::Stale,
        "ok" => Role::Good,
        "watch" => Role::Warn,
        _ => Role::Danger,
    };
    Piece::new(word.to_uppercase(), role)
}

/// The position nearest to its liquidation: which one, how near, and how likely it is touched.
fn worst(inputs: &Inputs<'_>, state: &UiState, grade: Grade) -> Vec<Figure> {
    let risk = &inputs.document.risk;
    let Some(row) = nearest(inputs) else {
        // Positions that have no liquidation price have no nearest one among them.
        return vec![Figure::one("Worst position", gap_of_subject(inputs).piece())];
    };
    let show = RowInk::new(inputs, state, row);
    let mut touch = marked(risk::touch(risk.touch_probability.h24, Gap::Unknown, grade), grade);
    if risk.liquidation_sigmas.is_some() {
        let mut sigmas = Ink::number(risk.liquidation_sigmas, Gap::Unknown, grade).after("at");
        sigmas.text.push_str(" sigmas");
        touch.push(sigmas);
    }
    let mut figures = vec![Figure::new("Worst position", name(row))];
    figures.extend(distance(&show));
    figures.push(Figure::new("  touch in 24h", touch));
    figures
}

/// Returns the row that the document calls the worst.
fn nearest<'a>(inputs: &Inputs<'a>) -> Option<&'a PositionRow> {
    let risk = &inputs.document.risk;
    let worst = risk.worst_position.as_ref()?;
    inputs.document.positions.rows.iter().find(|row| {
        (row.symbol == worst.symbol && row.side == worst.side)
            && row.liquidation_distance == risk.liquidation_distance
    })
}

fn name(row: &PositionRow) -> Line {
    vec![Piece::plain(row.symbol.clone()), ink::side(row.side)]
}

/// How far the mark price is from the liquidation price, and that price.
fn distance(show: &RowInk<'_>) -> [Figure; 2] {
    let mut distance = marked(show.distance(), show.grade);
    distance.extend(gap_in_price(show));
    [
        Figure::new("  to liq.", distance),
        Figure::new("  liq. price", marked(show.liquidation(), show.grade_of_list)),
    ]
}

/// The position that the person looks at.
fn of_subject(inputs: &Inputs<'_>, state: &UiState) -> Vec<Figure> {
    let Some(row) = inputs.subject(state) else {
        return vec![Figure::one("Position", gap_of_subject(inputs).piece())];
    };
    let show = RowInk::new(inputs, state, row);
    let mut figures = vec![Figure::new("Position", name(row))];
    if nearest(inputs).is_none_or(|nearest| !RowId::of(nearest).is(row)) {
        figures.extend(distance(&show));
    }
    let leverage = Ink::factor(row.risk.effective_leverage, Gap::Unknown, show.grade);
    figures.extend([
        ratio("  margin ratio", row.margin_ratio, Gap::Unknown, show.grade),
        Figure::new("  leverage", marked(leverage, show.grade)),
    ]);
    figures
}

/// What stands where there is no position to look at.
fn gap_of_subject(inputs: &Inputs<'_>) -> Gap {
    let others = !inputs.document.positions.rows.is_empty();
    if inputs.is_flat() || others { Gap::None } else { Gap::Unknown }
}

/// A margin ratio with its bar: full means liquidation.
pub(super) fn ratio(label: &str, value: Option<Decimal>, gap: Gap, grade: Grade) -> Figure {
    let mut figure = Figure::new(label, marked(Ink::percent(value, gap, grade), grade));
    figure.gauge = value.and_then(|value| gauge(value, grade));
    figure
}

fn gauge(value: Decimal, grade: Grade) -> Option<Gauge> {
    let permille =
        value.clamp(Decimal::ZERO, Decimal::ONE).checked_mul(Decimal::ONE_THOUSAND)?.to_u16()?;
    let role = match permille {
        _ if !grade.is_live() => Role::Stale,
        0..500 => Role::Good,
        500..800 => Role::Warn,
        800.. => Role::Danger,
    };
    Some(Gauge { permille, role })
}

/// How far the mark price may move until liquidation, in price.
pub(super) fn gap_in_price(show: &RowInk<'_>) -> Option<Piece> {
    let row = show.row;
    let gap = row.mark_price?.checked_sub(row.liquidation_price?)?.abs();
    Some(Ink::price(Some(gap), row.price_places, Gap::Unknown, show.grade).after("="))
}
