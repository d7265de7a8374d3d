//! The figures of one report as OpenMetrics text.
//!
//! Names and labels are fixed: dashboards and rules of users rely on them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Counters;
use crate::domain::{LinkState, Stream, Timestamp};
use crate::report::{Age, PositionRow, Report};
use crate::risk::RiskLevel;

/// What a scrape shows besides the report.
#[derive(Debug, Clone, Copy)]
pub struct Scrape<'a> {
    /// How the account is named.
    pub account: &'a str,
    /// The present, local time.
    pub now: Timestamp,
    /// What has been counted so far.
    pub counters: &'a Counters,
    /// Requests that were answered, by HTTP status, and by `none` those that were not.
    pub requests: &'a BTreeMap<String, u64>,
}

type Labels = Vec<(&'static str, String)>;
/// Reads a figure of a position.
type Read = fn(&PositionRow) -> Option<Decimal>;
type Gauges = Family<Labels, Gauge<f64, AtomicU64>>;

const LINK_STATES: [LinkState; 6] = [
    LinkState::Connecting,
    LinkState::Live,
    LinkState::Stale,
    LinkState::Backoff,
    LinkState::Down,
    LinkState::Stopped,
];

/// Returns the text of a scrape.
///
/// # Errors
/// None that is known: the text is made in memory.
pub fn text(report: &Report, scrape: &Scrape<'_>) -> Result<String, fmt::Error> {
    let account = ("account".into(), scrape.account.to_owned().into());
    let registry = Registry::with_prefix_and_labels("bitget_watch", [account].into_iter());
    let mut out = Exposition { registry, now: scrape.now };
    out.health(report);
    out.account(report);
    out.positions(report);
    out.counts(report, scrape);
    let mut text = String::new();
    encode(&mut text, &out.registry)?;
    Ok(text)
}

struct Exposition {
    registry: Registry,
    now: Timestamp,
}

impl Exposition {
    /// Adds a gauge with its samples.
    fn gauge(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels, Option<f64>)>,
    ) {
        let family = Gauges::default();
        for (labels, value) in samples {
            if let Some(value) = value {
                family.get_or_create(&labels).set(value);
            }
        }
        self.registry.register(name, help, family);
    }

    /// Adds a gauge of one sample, which is absent unless `age` is live.
    fn single(&mut self, name: &str, help: &str, age: Age, value: Option<Decimal>) {
        let value = value.filter(|_| age.is_live(self.now)).and_then(float);
        self.gauge(name, help, [(Labels::new(), value)]);
    }

    fn counter(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        samples: impl IntoIterator<Item = (String, u64)>,
    ) {
        let family = Family::<Labels, Counter>::default();
        for (value, count) in samples {
            family.get_or_create(&vec![(label, value)]).inc_by(count);
        }
        self.registry.register(name, help, family);
    }

    fn health(&mut self, report: &Report) {
        let up = if report.complete && report.ticker.age.is_live(self.now) { 1.0 } else { 0.0 };
        self.gauge(
            "up",
            "1 while everything that is asked for is present and fresh, else 0",
            [(Labels::new(), Some(up))],
        );
        let states = report.links.iter().flat_map(|link| {
            LINK_STATES.map(|state| {
                let labels = vec![("link", link.stream.to_string()), ("state", state.to_string())];
                (labels, Some(if link.state == state { 1.0 } else { 0.0 }))
            })
        });
        self.gauge("link_state", "1 for the state that a link is in, 0 for the others", states);
        let ages = [
            ("price", report.ticker.age),
            ("positions", report.positions.age),
            ("orders", report.orders.age),
            ("account", report.account.age),
            ("history", report.history.age),
        ];
        let now = self.now;
        let ages = ages.into_iter().map(|(datum, age)| {
            let seconds = age.at(now).age_ms().and_then(|ms| ms.to_f64()).map(|ms| ms / 1_000.0);
            (vec![("datum", datum.to_owned())], seconds)
        });
        self.gauge(
            "data_age_seconds",
            "Age of the newest data; absent for what was never received",
            ages,
        );
    }

    fn account(&mut self, report: &Report) {
        let account = &report.account;
        let is_live = account.derived.is_live(self.now);
        let currency = account.margin_coin.as_ref().map_or_else(String::new, ToString::to_string);
        let equity = account.equity.filter(|_| is_live).and_then(float);
        self.gauge(
            "equity",
            "Equity of the account at the mark price",
            [(vec![("currency", currency)], equity)],
        );
        self.single(
            "margin_ratio",
            "Margin ratio of the account; 1 means liquidation",
            account.derived,
            account.margin_ratio,
        );
        let level = report.risk.level.map(|level| match level {
            RiskLevel::Ok => Decimal::ZERO,
            RiskLevel::Watch => Decimal::ONE,
            RiskLevel::Danger => Decimal::TWO,
            RiskLevel::Critical => Decimal::from(3),
        });
        self.single(
            "risk_level",
            "Level of the risk: 0 ok, 1 watch, 2 danger, 3 critical",
            report.risk.age,
            level,
        );
        let session = &report.pnl.session;
        self.single(
            "session_change",
            "Change of the equity since the start, without money that came in or went out",
            session.age,
            session.change,
        );
        self.single(
            "session_drawdown_ratio",
            "Largest fall of the equity from a peak since the start, a fraction of that peak",
            session.age,
            session.max_drawdown,
        );
        let rate = report.ticker.funding_rate.filter(|_| report.ticker.age.is_live(self.now));
        self.gauge(
            "funding_rate",
            "Funding rate of the focus, a fraction",
            [(vec![("symbol", report.focus.to_string())], rate.and_then(float))],
        );
    }

    fn positions(&mut self, report: &Report) {
        let now = self.now;
        let rows: Vec<&PositionRow> =
            report.positions.rows.iter().filter(|row| row.age.is_live(now)).collect();
        let mut marks: BTreeMap<String, Decimal> = rows
            .iter()
            .filter_map(|row| Some((row.key.symbol.to_string(), row.mark_price?)))
            .collect();
        if let Some(mark) = report.ticker.mark.filter(|_| report.ticker.age.is_live(now)) {
            marks.insert(report.focus.to_string(), mark);
        }
        let marks = marks.into_iter().map(|(symbol, mark)| (vec![("symbol", symbol)], float(mark)));
        self.gauge("mark_price", "Mark price of a contract", marks);
        self.gauge(
            "position_size",
            "Size of a position, base coin",
            summed(&rows, |row| Some(row.size)),
        );
        self.gauge(
            "position_unrealized_pnl",
            "Unrealized PnL of a position at the mark price, in the coin that it settles in",
            summed(&rows, |row| row.unrealized_pnl),
        );
        self.gauge(
            "position_liquidation_distance_ratio",
            "Distance of the mark price to the liquidation price, a fraction of the mark price",
            folded(&rows, |row| row.liquidation_distance, Decimal::min),
        );
        let horizons: [(&str, Read); 3] = [
            ("1h", |row| row.risk.touch_probability.h1),
            ("8h", |row| row.risk.touch_probability.h8),
            ("24h", |row| row.risk.touch_probability.h24),
        ];
        let chances = horizons.into_iter().flat_map(|(horizon, read)| {
            folded(&rows, read, Decimal::max).into_iter().map(move |(mut labels, value)| {
                labels.push(("horizon", horizon.to_owned()));
                (labels, value)
            })
        });
        let chances: Vec<_> = chances.collect();
        self.gauge(
            "position_touch_probability_ratio",
            "Chance that the liquidation price is touched within the horizon, 0 to 1",
            chances,
        );
    }

    fn counts(&mut self, report: &Report, scrape: &Scrape<'_>) {
        let raised = scrape.counters.raised().iter();
        self.counter(
            "alerts_raised",
            "Alerts that were raised",
            "metric",
            raised.map(|(metric, count)| (metric.to_string(), *count)),
        );
        let failures = scrape.counters.not_delivered().iter();
        self.counter(
            "alerts_delivery_failures",
            "Alerts that could not be delivered",
            "way",
            failures.map(|(way, count)| (way.to_string(), *count)),
        );
        let requests = scrape.requests.iter();
        self.counter(
            "rest_requests",
            "Requests to the exchange by HTTP status; none for those without an answer",
            "code",
            requests.map(|(code, count)| (code.clone(), *count)),
        );
        let links = report.links.iter().filter(|link| link.stream != Stream::Rest);
        self.counter(
            "ws_reconnects",
            "How often a stream became live again after a loss",
            "link",
            links.map(|link| (link.stream.to_string(), u64::from(link.reconnects))),
        );
    }
}

/// Returns a figure of every contract and side; a contract may be held cross and isolated at once, and then the
/// figure is that of both. It is absent where one of them is not known.
fn folded(
    rows: &[&PositionRow],
    read: impl Fn(&PositionRow) -> Option<Decimal>,
    join: impl Fn(Decimal, Decimal) -> Decimal,
) -> Vec<(Labels, Option<f64>)> {
    joined(rows, read, |a, b| Some(join(a, b)))
}

fn summed(
    rows: &[&PositionRow],
    read: impl Fn(&PositionRow) -> Option<Decimal>,
) -> Vec<(Labels, Option<f64>)> {
    joined(rows, read, crate::risk::add)
}

fn joined(
    rows: &[&PositionRow],
    read: impl Fn(&PositionRow) -> Option<Decimal>,
    join: impl Fn(Decimal, Decimal) -> Option<Decimal>,
) -> Vec<(Labels, Option<f64>)> {
    let mut found: BTreeMap<(String, String), Option<Decimal>> = BTreeMap::new();
    for row in rows {
        let value = read(row);
        let key = (row.key.symbol.to_string(), row.key.side.to_string());
        found
            .entry(key)
            .and_modify(|held| *held = held.zip(value).and_then(|(a, b)| join(a, b)))
            .or_insert(value);
    }
    let label = |(symbol, side)| vec![("symbol", symbol), ("side", side)];
    found.into_iter().map(|(key, value)| (label(key), value.and_then(float))).collect()
}

/// A figure of metrics is a binary number.
fn float(value: Decimal) -> Option<f64> {
    value.to_f64()
}

#[cfg(test)]
mod tests;
