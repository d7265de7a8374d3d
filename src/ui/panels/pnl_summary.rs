//! Profit and loss: the account today and in this session, then one position.

use super::absence::no_subject;
use super::equity_curve::heights;
use super::inputs::Inputs;
use super::position_figures::{closing_net, next_funding};
use super::row_formatter::RowFormatter;
use crate::domain::Text;
use crate::ui::state::UiState;
use crate::ui::widgets::{Body, Figure, Formatter, Heading, Line, Panel, Span};

/// The coin in which positions gain and lose.
const QUOTE: &str = "USDT";

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let pnl = &inputs.report.pnl;
    let totals = pnl.today.totals;
    let live = inputs.formatter(state, pnl.age);
    let session = inputs.formatter(state, pnl.session.age);
    let today = inputs.formatter(state, pnl.today.age);
    let both = inputs.formatter(state, pnl.age.with(pnl.today.age));
    let mixed = has_other_coin(inputs);
    // What the ledger says is in the coin of the contracts, what is of the account in its own.
    let gain = |label, show: Formatter<'_>, value| {
        let mut figure = show.figure(label, show.gain(value));
        figure.value.extend(mixed.then(|| Span::label(QUOTE)));
        figure
    };
    let unrealized = live.marked(live.gain(pnl.unrealized));
    let change = session.marked(session.gain(pnl.session.change));
    let mut figures = vec![
        Figure::new("Unrealized mark", in_coin(unrealized, inputs)),
        gain("Net today UTC", both, totals.and_then(|totals| totals.net)),
        Figure::new("Session", in_coin(change, inputs)),
        Figure::new("Max drawdown", drawdown(inputs, session)),
        gain("Realized today", today, totals.and_then(|totals| totals.realized)),
        // Fees are money out, so what was paid carries a minus.
        gain("Fees today", today, totals.and_then(|totals| totals.fees_paid).map(|paid| -paid)),
        gain("Funding today", today, totals.and_then(|totals| totals.funding)),
    ];
    for fee in pnl.today.other_fees.iter().rev() {
        let paid = today.cash(fee.paid.map(|paid| -paid));
        let value = today.cash(fee.value.map(|value| -value)).after("=");
        figures.insert(6, Figure::new(format!("  in {}", fee.coin), vec![paid, value]));
    }
    if let Some(movement) = pnl.session.unexplained {
        let line = session.marked(session.gain(Some(movement)));
        figures.insert(3, Figure::new("unexplained movement", in_coin(line, inputs)));
    }
    // Before two points there is no curve.
    if pnl.session.curve.len() > 1 {
        let curve = Some((heights(&pnl.session.curve), session.freshness.role()));
        figures.push(Figure { curve, ..Figure::new("Equity session", Vec::new()) });
    }
    figures.extend(of_position(inputs, state));
    let title = if mixed { "PnL".to_owned() } else { format!("PnL {QUOTE}") };
    Panel::new(Heading::new(title).aged(both.freshness), Body::Figures(figures))
}

/// The largest fall of the session, as a fraction of its peak and in money.
fn drawdown(inputs: &Inputs<'_>, show: Formatter<'_>) -> Line {
    let session = &inputs.report.pnl.session;
    let mut line = show.marked(show.percent(session.max_drawdown));
    if session.max_drawdown_amount.is_some() {
        line.push(show.money(session.max_drawdown_amount).after("="));
        return in_coin(line, inputs);
    }
    line
}

/// Returns whether the account is kept in another coin than that of the panel: then every amount is named.
pub(super) fn has_other_coin(inputs: &Inputs<'_>) -> bool {
    inputs.report.account.margin_coin.as_ref().is_some_and(|coin| coin.as_str() != QUOTE)
}

/// Names the coin of the account's figures where it is another than that of the panel.
fn in_coin(mut line: Line, inputs: &Inputs<'_>) -> Line {
    let coin = inputs.report.account.margin_coin.as_ref().map(Text::as_str);
    line.extend(coin.filter(|coin| *coin != QUOTE).map(Span::label));
    line
}

fn of_position(inputs: &Inputs<'_>, state: &UiState) -> Vec<Figure> {
    let Some(row) = inputs.subject(state) else {
        return vec![Figure::one("Position", no_subject(inputs).span())];
    };
    let show = RowFormatter::new(inputs, state, row);
    let (live, list) = (show.live, show.list);
    let own = |mut figure: Figure| {
        let coin = row.key.symbol.settle_coin().filter(|_| has_other_coin(inputs));
        let is_named = |coin: &str| figure.value.iter().any(|span| span.text.ends_with(coin));
        if let Some(coin) = coin.filter(|coin| !is_named(coin)) {
            figure.value.push(Span::label(coin));
        }
        figure
    };
    vec![
        Figure::new("Position", show.name()),
        own(live.figure("  net", show.net())),
        own(closing_net("  close now", &show)),
        own(next_funding("  next funding", inputs, &show)),
        live.figure("  ROE (mark)", show.roe()),
        list.figure("  break-even", show.break_even()),
        own(list.figure("  funding so far", list.cash(row.funding_pnl))),
    ]
}
