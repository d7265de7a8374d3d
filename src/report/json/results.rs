//! Profit and loss, risk, and what has been.

use serde::{Serialize, Serializer};

use super::values::{List, Time, Word, object, time, word};
use crate::domain::{ClosedPosition, PositionKey, Timestamp};
use crate::report::{
    EquityPoint, Freshness, HistoryPart, OtherFee, PnlPart, RiskPart, SessionPart, VarMethod,
};
use crate::risk::{DayTotals, Journal};

/// With the time of the report.
pub(super) struct Pnl<'a>(pub(super) &'a PnlPart, pub(super) Timestamp);

impl Serialize for Pnl<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part, now) = self;
        let (totals, session) = (part.today.totals, &part.session);
        object!(serializer;
            "unrealized" => part.unrealized,
            "realized_today" => totals.and_then(|totals| totals.realized),
            "fees_today" => totals.and_then(|totals| totals.fees_paid),
            "funding_today" => totals.and_then(|totals| totals.funding),
            "net_today" => totals.and_then(|totals| totals.net),
            "session_change" => session.change,
            "max_drawdown" => session.max_drawdown,
            "close_now_net" => part.close_now_net,
            "next_funding_payment" => part.next_funding_payment,
            "session_started_at" => session.started_at.map(Time),
            "max_drawdown_amount" => session.max_drawdown_amount,
            "equity_curve" => List(session.curve.iter().map(Point)),
            "session_freshness" => session_freshness(session, *now),
            "unexplained_movement" => session.unexplained,
            "interest_today" => totals.and_then(|totals| totals.interest_paid),
            "other_fees_today" => List(part.today.other_fees.iter().map(Other)),
        )
    }
}

struct Other<'a>(&'a OtherFee);

impl Serialize for Other<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(fee) = self;
        object!(serializer;
            "coin" => Word(&fee.coin),
            "paid" => fee.paid,
            "value" => fee.value,
        )
    }
}

/// `None` before the first reading.
fn session_freshness(session: &SessionPart, now: Timestamp) -> Option<&'static str> {
    session.started_at?;
    Some(match session.age.at(now) {
        _ if session.unexplained.is_some() => "unexplained",
        Freshness::Live { .. } => "live",
        Freshness::Stale { .. } | Freshness::Missing => "stale",
    })
}

struct Point<'a>(&'a EquityPoint);

impl Serialize for Point<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        object!(serializer; "at" => Time(self.0.at), "equity" => self.0.equity)
    }
}

pub(super) struct Risk<'a>(pub(super) &'a RiskPart);

impl Serialize for Risk<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part) = self;
        object!(serializer;
            "level" => part.level.map(Word),
            "worst_position" => part.worst_position.as_ref().map(Worst),
            "liquidation_distance" => part.liquidation_distance,
            "liquidation_sigmas" => part.liquidation_sigmas,
            "touch_probability" => part.touch_probability,
            "volatility_annual" => part.volatility_annual,
            "var_95_1d" => part.var_95_1d,
            "es_95_1d" => part.es_95_1d,
            "scenarios" => part.scenarios,
            "reason" => part.reason,
            "sigma_1d" => part.sigma_1d,
            "volatility_provisional" => part.volatility_provisional,
            "var_99_1d" => part.var_99_1d,
            "es_99_1d" => part.es_99_1d,
            "var_method" => part.var_method.map(|method| match method {
                VarMethod::History => "history",
                VarMethod::Normal => "normal",
            }),
            "account_scenarios" => part.account_scenarios,
            "usdt_explains_liquidation" => part.usdt_explains_liquidation,
            "surplus" => part.surplus,
            "at_stake" => part.at_stake,
        )
    }
}

struct Worst<'a>(&'a PositionKey);

impl Serialize for Worst<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        object!(serializer; "symbol" => Word(&self.0.symbol), "side" => Word(self.0.side))
    }
}

pub(super) struct History<'a>(pub(super) &'a HistoryPart, pub(super) Timestamp);

impl Serialize for History<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part, now) = self;
        let freshness = part.age.at(*now);
        object!(serializer;
            "freshness" => word(freshness),
            "age_ms" => freshness.age_ms(),
            "complete" => part.complete,
            "by_day" => List(part.by_day.iter().map(Day)),
            "closed" => List(part.closed.iter().map(Closed)),
            "journal" => JournalObject(&part.journal),
        )
    }
}

struct Day<'a>(&'a (Timestamp, DayTotals));

impl Serialize for Day<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self((day, totals)) = self;
        let date = time(*day).and_then(|text| text.split('T').next().map(str::to_owned));
        object!(serializer;
            "date" => date,
            "realized" => totals.realized,
            "fees" => totals.fees_paid,
            "funding" => totals.funding,
            "net" => totals.net,
        )
    }
}

struct Closed<'a>(&'a ClosedPosition);

impl Serialize for Closed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(row) = self;
        object!(serializer;
            "symbol" => Word(&row.symbol),
            "side" => Word(row.side),
            "margin_mode" => row.margin_mode.as_ref().map(Word),
            "size" => row.size,
            "entry_price" => row.entry_price,
            "exit_price" => row.exit_price,
            "realized_pnl" => row.realized_pnl,
            "funding_pnl" => row.funding_pnl,
            "fees_paid" => row.fees_paid,
            "net_pnl" => row.net_pnl,
            "opened_at" => row.opened_at.map(Time),
            "closed_at" => row.closed_at.map(Time),
        )
    }
}

struct JournalObject<'a>(&'a Journal);

impl Serialize for JournalObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(journal) = self;
        object!(serializer;
            "trades" => journal.trades,
            "wins" => journal.wins,
            "losses" => journal.losses,
            "unknown" => journal.unknown,
            "win_rate" => journal.win_rate,
            "profit_factor" => journal.profit_factor,
            "expectancy" => journal.expectancy,
            "average_win" => journal.average_win,
            "average_loss" => journal.average_loss,
            "payoff_ratio" => journal.payoff_ratio,
            "largest_win" => journal.largest_win,
            "largest_loss" => journal.largest_loss,
            "net" => journal.net,
        )
    }
}
