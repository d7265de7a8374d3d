//! Profit and loss: that of the account, and beside it that of the position that the user looks at.

use rust_decimal::Decimal;

use super::absence::no_subject;
use super::equity_curve::heights;
use super::inputs::Inputs;
use super::row_formatter::RowFormatter;
use crate::domain::Text;
use crate::report::{Freshness, PositionRow};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Formatter, Heading, Line, Paired, PairedRow, Panel, Span};

/// The coin of every amount that names no other.
const QUOTE: &str = "USDT";

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let pnl = &inputs.report.pnl;
    let (session, today) = (&pnl.session, &pnl.today);
    let account = OfAccount { inputs, state };
    let own = OfPosition::new(inputs, state);
    let totals = today.totals;
    let day = inputs.formatter(state, inputs.day_age());
    let of_day = |value| of_ledger(day, value);
    let net = inputs.formatter(state, pnl.age.with(inputs.day_age()));
    let live = inputs.formatter(state, pnl.age);
    let of_session = |value| account.own(inputs.formatter(state, session.age), value);
    let unrealized = account.own(live, pnl.unrealized);
    let funding = of_ledger(live, pnl.next_funding_payment);
    let row = |label: &str, values| PairedRow::new(label, values);
    let mut rows = vec![
        row("Unrealized", [unrealized, own.live(|row| row.unrealized_pnl)]),
        row("Net today", [of_ledger(net, totals.and_then(|totals| totals.net)), Vec::new()]),
        row("Net PnL", [Vec::new(), own.live(|row| row.net_pnl)]),
        row("Close now", [Vec::new(), own.close_now()]),
        row("Session", [of_session(session.change), Vec::new()]),
    ];
    if let Some(movement) = session.unexplained {
        rows.push(row("  unexplained", [of_session(Some(movement)), Vec::new()]));
    }
    // Fees are money out, so what was paid carries a minus.
    let paid = totals.and_then(|totals| totals.fees_paid).map(|paid| -paid);
    rows.extend([
        row("Next funding", [funding, own.live(|row| row.risk.next_funding_payment)]),
        row("Max drawdown", [account.drawdown(), Vec::new()]),
        row("ROE", [Vec::new(), own.write(|show| (show.live, show.roe()))]),
        row("Realized today", [of_day(totals.and_then(|totals| totals.realized)), Vec::new()]),
        row("Fees today", [of_day(paid), Vec::new()]),
    ]);
    rows.extend(today.other_fees.iter().map(|fee| {
        let paid = day.cash(fee.paid.map(|paid| -paid));
        let value = day.cash(fee.value.map(|value| -value)).after("=");
        row(&format!("  in {}", fee.coin), [vec![paid, value], Vec::new()])
    }));
    rows.extend([
        row("Funding today", [of_day(totals.and_then(|totals| totals.funding)), Vec::new()]),
        row("Funding so far", [Vec::new(), own.funding()]),
        row("Break-even", [Vec::new(), own.write(|show| (show.list, show.break_even()))]),
    ]);
    // Before two points there is no curve.
    if session.curve.len() > 1 {
        let role = inputs.fresh(session.age).role();
        let curve = Some((heights(&session.curve), role));
        rows.push(PairedRow { curve, ..row("Equity", [Vec::new(), Vec::new()]) });
    }
    let mut heading =
        Heading::new(format!("PnL {QUOTE}")).aged(inputs.fresh(pnl.age.with(inputs.day_age())));
    if let Some(show) = &own.show {
        let name = inputs.short_name(&show.row.key);
        heading = heading.noted(&format!("selected: {name}"));
    }
    Panel::new(heading, Body::Paired(Paired { titles: ["Account", "Selected"], rows }))
}

/// Returns whether the account is kept in another coin than that of the panel.
pub(super) fn has_other_coin(inputs: &Inputs<'_>) -> bool {
    inputs.report.account.margin_coin.as_ref().is_some_and(|coin| coin.as_str() != QUOTE)
}

/// Returns a figure with for how long it has not held.
fn aged(show: Formatter<'_>, figure: Span) -> Line {
    let mark = match show.freshness {
        Freshness::Stale { ms } => Some(Span::stale_mark("!", ms)),
        Freshness::Live { .. } | Freshness::Missing => None,
    };
    [figure].into_iter().chain(mark).collect()
}

/// What the ledger says, in the coin of the contracts.
fn of_ledger(show: Formatter<'_>, value: Option<Decimal>) -> Line {
    aged(show, show.cents(value))
}

/// How the figures of the account are written.
struct OfAccount<'a> {
    inputs: &'a Inputs<'a>,
    state: &'a UiState,
}

impl OfAccount<'_> {
    /// What is kept in the coin of the account.
    fn own(&self, show: Formatter<'_>, value: Option<Decimal>) -> Line {
        aged(show, self.named(show.cents(value), value))
    }

    fn named(&self, mut span: Span, value: Option<Decimal>) -> Span {
        let coin = self.inputs.report.account.margin_coin.as_ref().map(Text::as_str);
        if let Some(coin) = coin.filter(|coin| value.is_some() && *coin != QUOTE) {
            span.text = format!("{} {coin}", span.text);
        }
        span
    }

    /// The largest fall of the session, as a fraction of its peak.
    fn drawdown(&self) -> Line {
        let session = &self.inputs.report.pnl.session;
        let show = self.inputs.formatter(self.state, session.age);
        aged(show, show.percent(session.max_drawdown))
    }
}

/// How the figures of the selected position are written.
struct OfPosition<'a> {
    show: Option<RowFormatter<'a>>,
    /// What stands where no position is selected.
    absent: Span,
}

impl<'a> OfPosition<'a> {
    fn new(inputs: &Inputs<'a>, state: &UiState) -> Self {
        let show = inputs.subject(state).map(|row| RowFormatter::new(inputs, state, row));
        Self { show, absent: no_subject(inputs).span() }
    }

    fn write(&self, figure: impl Fn(&RowFormatter<'a>) -> (Formatter<'a>, Span)) -> Line {
        let Some(show) = &self.show else { return vec![self.absent.clone()] };
        let (by, span) = figure(show);
        aged(by, span)
    }

    /// An amount that moves with the price.
    fn live(&self, value: impl Fn(&PositionRow) -> Option<Decimal>) -> Line {
        self.write(|show| (show.live, amount(show, show.live, value(show.row))))
    }

    fn funding(&self) -> Line {
        self.write(|show| (show.list, amount(show, show.list, show.row.funding_pnl)))
    }

    /// What closing through the book would leave, with all that the position has brought before. Only the book
    /// of the focus is known.
    fn close_now(&self) -> Line {
        self.write(|show| {
            let span = match &show.row.risk.close_now {
                Some(close) if close.too_thin => Span::new("thin book", Role::Warn),
                close => amount(show, show.live, close.as_ref().and_then(|close| close.net)),
            };
            (show.live, span)
        })
    }
}

/// Two decimals are for dollars: in another coin they would hide most of it.
fn amount(show: &RowFormatter<'_>, by: Formatter<'_>, value: Option<Decimal>) -> Span {
    show.in_settle_coin(value, |value| by.cents(value), |value| by.coin_gain(value))
}
