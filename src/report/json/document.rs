//! The document as a whole, prices, orders, links and problems.

use serde::{Serialize, Serializer};

use super::account::{Account, Positions};
use super::alerts::AlertObject;
use super::results::{History, Pnl, Risk};
use super::values::{List, Time, Word, object, source_name, word};
use super::zeros;
use crate::domain::{AccountKind, Order, Timestamp};
use crate::report::{AccountStatus, OrdersPart, Report, TickerPart};
use crate::store::{LinkStatus, Problem};

/// The version of the document's shape.
pub const SCHEMA: &str = "bitget-watch/1";

/// Returns the document of a report, on one line.
///
/// # Errors
/// Never in practice: every value has a form in JSON.
pub fn to_string(report: &Report) -> serde_json::Result<String> {
    serde_json::to_string(&Document(report)).map(|text| zeros::without_sign(&text))
}

struct Document<'a>(&'a Report);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let now = report.now;
        object!(serializer;
            "schema" => SCHEMA,
            "taken_at" => Time(report.taken_at),
            "source" => source_name(report.source),
            "symbol" => Word(&report.focus),
            "account_kind" => match report.account_kind {
                AccountStatus::NoCredentials => "none",
                AccountStatus::Unknown => "unknown",
                AccountStatus::Known(AccountKind::Classic) => "classic",
                AccountStatus::Known(AccountKind::Unified) => "unified",
            },
            "complete" => report.complete,
            "ticker" => Ticker(&report.ticker, now),
            "positions" => Positions(&report.positions, now),
            "account" => Account(&report.account, now),
            "orders" => Orders(&report.orders, now),
            "pnl" => Pnl(&report.pnl, report.now),
            "risk" => Risk(&report.risk),
            "history" => History(&report.history, now),
            "links" => List(report.links.iter().map(|link| Link(link, report))),
            "alerts" => List(report.alerts.iter().map(AlertObject)),
            "problems" => List(report.problems.iter().map(|problem| ProblemObject(problem, report))),
        )
    }
}

struct Ticker<'a>(&'a TickerPart, Timestamp);

impl Serialize for Ticker<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part, now) = self;
        let freshness = part.age.at(*now);
        object!(serializer;
            "freshness" => word(freshness),
            "age_ms" => freshness.age_ms(),
            "exchange_time" => part.exchange_time.map(Time),
            "last" => part.last,
            "mark" => part.mark,
            "index" => part.index,
            "bid" => part.bid,
            "bid_size" => part.bid_size,
            "ask" => part.ask,
            "ask_size" => part.ask_size,
            "open_24h" => part.open_24h,
            "high_24h" => part.high_24h,
            "low_24h" => part.low_24h,
            "change_24h" => part.change_24h,
            "volume_24h_base" => part.volume_24h_base,
            "volume_24h_quote" => part.volume_24h_quote,
            "open_interest" => part.open_interest,
            "funding_rate" => part.funding_rate,
            "funding_interval_hours" => part.funding_interval_hours,
            "next_funding_at" => part.next_funding_at.map(Time),
        )
    }
}

struct Orders<'a>(&'a OrdersPart, Timestamp);

impl Serialize for Orders<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(part, now) = self;
        let freshness = part.age.at(*now);
        object!(serializer;
            "freshness" => word(freshness),
            "age_ms" => freshness.age_ms(),
            "rows" => List(part.rows.iter().map(OrderObject)),
        )
    }
}

struct OrderObject<'a>(&'a Order);

impl Serialize for OrderObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(order) = self;
        object!(serializer;
            "symbol" => Word(&order.symbol),
            "order_id" => order.order_id.as_str(),
            "side" => order.side.map(Word),
            "position_side" => order.position_side.map(Word),
            "reduce_only" => order.reduce_only,
            "kind" => order.kind.sent().map(Word),
            "price" => order.price,
            "trigger_price" => order.trigger_price,
            "size" => order.size,
            "filled" => order.filled,
            "status" => order.status.sent().map(Word),
            "created_at" => order.created_at.map(Time),
            "take_profit" => order.take_profit,
            "stop_loss" => order.stop_loss,
        )
    }
}

struct Link<'a>(&'a LinkStatus, &'a Report);

impl Serialize for Link<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(link, report) = self;
        object!(serializer;
            "name" => Word(link.stream),
            "state" => Word(link.state),
            "since" => link.since.map(|at| Time(report.exchange_time(at))),
            "attempts" => link.attempts,
            "last_error" => link.last_error.as_ref().map(Word),
            "latency_ms" => link.latency.and_then(|span| i64::try_from(span.as_millis()).ok()),
            "frames" => link.frames,
            "reconnects" => link.reconnects,
        )
    }
}

struct ProblemObject<'a>(&'a Problem, &'a Report);

impl Serialize for ProblemObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(problem, report) = self;
        object!(serializer;
            "code" => Word(problem.code),
            "text" => problem.text.as_str(),
            "since" => Time(report.exchange_time(problem.since)),
        )
    }
}
