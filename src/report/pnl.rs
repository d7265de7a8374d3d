//! Profit and loss of the account: now, today, and in the session.

use rust_decimal::Decimal;

use super::age::Age;
use super::fees::{self, COIN};
use super::inputs::Inputs;
use super::portfolio::Holdings;
use super::rounding::tidy;
use super::session::Session;
use super::{PnlPart, PositionRow, SessionPart, TodayPart};
use crate::domain::Fee;
use crate::risk;

/// Returns profit and loss. `account_age` is that of the figures of the account.
pub(super) fn part(
    inputs: &Inputs<'_>,
    holdings: &Holdings<'_>,
    rows: &[PositionRow],
    session: &Session,
    account_age: Age,
) -> PnlPart {
    let counted = rows.iter().filter(|row| row.counted);
    let payments = risk::sum(counted.map(|row| row.risk.next_funding_payment));
    let priced = &holdings.priced;
    PnlPart {
        age: priced.rows.iter().fold(inputs.list_age, |age, held| age.with(held.age)),
        unrealized: priced.unrealized().map(tidy),
        close_now_net: close_now_net(rows),
        next_funding_payment: payments
            .filter(|_| inputs.positions_known())
            .map(|sum| sum.normalize()),
        today: today(inputs),
        session: of_session(inputs, session, account_age),
    }
}

/// The focus closed through the book; `None` without a position in it.
fn close_now_net(rows: &[PositionRow]) -> Option<Decimal> {
    let mut focus = rows.iter().filter(|row| row.is_focus).peekable();
    focus.peek()?;
    risk::sum(focus.map(|row| {
        row.risk.close_now.as_ref().filter(|close| !close.too_thin).and_then(|close| close.net)
    }))
}

fn of_session(inputs: &Inputs<'_>, session: &Session, age: Age) -> SessionPart {
    let figures = session.figures();
    let age = if session.is_current() { age } else { age.with(Age::ended(inputs.now)) };
    SessionPart {
        age,
        started_at: session.started_at(),
        change: figures.map(|figures| tidy(figures.change)),
        max_drawdown: figures.and_then(|figures| risk::significant(figures.max_drawdown)),
        max_drawdown_amount: figures.map(|figures| tidy(figures.max_drawdown_amount)),
        curve: session.points(),
        unexplained: session.unexplained().map(tidy),
    }
}

/// Returns the results of the UTC day, from the ledger entries of today.
fn today(inputs: &Inputs<'_>) -> TodayPart {
    let today = inputs.exchange_now.start_of_day();
    // Entries of yesterday say nothing of today.
    let ledger = inputs.snapshot.ledger.as_ref().filter(|day| day.value.since == today);
    let age = Age::new(ledger.map(|day| day.as_of), inputs.context.limits.history);
    let rows = ledger.map_or(&[][..], |day| &day.value.rows);
    let mut other_fees = fees::of_ledger(inputs, rows, today);
    let of_fills = fees::of_fills(inputs, rows, today);
    let totals = ledger.filter(|day| day.value.complete).map(|_| {
        let worth = |fee: &Fee| fees::worth(inputs, &fee.coin, fee.paid);
        let totals = risk::day_totals(rows, COIN, today, worth);
        if of_fills.is_empty() {
            return totals;
        }
        let more = of_fills.iter().map(|fee| fee.value);
        totals.with_fees(risk::sum(std::iter::once(totals.fees_paid).chain(more)))
    });
    other_fees.extend(of_fills);
    TodayPart { age, totals, other_fees }
}
