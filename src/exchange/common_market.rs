//! Market data that both generations spell alike, and the rules that both share.

use serde::Deserialize;

use super::number::{self, Ms, Num, Raw};
use super::rows::{self, Read, Row};
use super::{Response, ShapeError, open_enum};
use crate::domain::{Body, Candle, FundingInfo, Interval, Symbol, Text, Tier, Timestamp, Trade};

/// The longest range of one request for candles: 90 days, less one for its ends.
const LONGEST_MS: i64 = 89 * 86_400_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimeModel {
    server_time: Ms,
}

/// Reads the data of `public/time`, a path of V2 that serves both generations.
pub(super) fn server_time(data: &str) -> Result<Timestamp, ShapeError> {
    const WHAT: &str = "the server time";
    let model: TimeModel = rows::object(WHAT, data)?;
    model.server_time.0.ok_or_else(|| ShapeError::new(WHAT, "no time in it"))
}

/// Returns a number of decimal places; `None` for more than prices ever have.
pub(super) fn places(raw: &Raw<'_>) -> Option<u32> {
    raw.count().filter(|places| *places <= 18)
}

/// Reads a list of candles.
pub(super) fn candles(symbol: &Symbol, interval: Interval, data: &str) -> Result<Body, ShapeError> {
    Ok(Body::Candles { symbol: symbol.clone(), interval, rows: listed_candles(data)? })
}

/// A range of mark candles that is read page by page, the newest first.
#[derive(Debug, Clone, Copy)]
pub(super) struct MarkPages<'a> {
    pub(super) symbol: &'a Symbol,
    pub(super) interval: Interval,
    pub(super) since: Timestamp,
    pub(super) until: Timestamp,
    /// The most candles that a response holds.
    pub(super) most: i64,
}

impl<'a> MarkPages<'a> {
    /// Returns the pages of a range. A response holds at most `recent` candles; days reach back further
    /// than those, so they come from the history path, whose responses hold `old` of them.
    pub(super) const fn new(
        symbol: &'a Symbol,
        interval: Interval,
        (since, until): (Timestamp, Timestamp),
        (recent, old): (i64, i64),
    ) -> Self {
        let most = if matches!(interval, Interval::Day1) { old } else { recent };
        Self { symbol, interval, since, until, most }
    }

    /// Returns where the newest page starts. A page is one candle shorter than a response may be,
    /// because the documentation leaves open whether a candle that starts at `startTime` is included;
    /// [`parameters`](Self::parameters) requests one more.
    fn first(&self) -> Timestamp {
        let span = (self.most - 1).saturating_mul(self.interval.as_millis());
        self.since.max(self.until.plus_millis(-span.min(LONGEST_MS)))
    }

    /// Returns the time range and the limit of the newest page.
    pub(super) fn parameters(&self) -> [(&'static str, String); 3] {
        let first = self.first().plus_millis(-self.interval.as_millis());
        [
            ("startTime", first.as_millis().to_string()),
            ("endTime", self.until.as_millis().to_string()),
            ("limit", self.most.to_string()),
        ]
    }

    /// Reads the newest page and where the next one starts. The mark price has no volume.
    pub(super) fn read(&self, data: &str) -> Result<Response, ShapeError> {
        let mut rows = listed_candles(data)?;
        rows.retain(|row| row.start >= self.since && row.start < self.until);
        for row in &mut rows {
            row.volume = None;
        }
        // An empty page lies before the first candle of a young contract: there is nothing older.
        let first = self.first();
        let more = first > self.since && !rows.is_empty();
        let next = more.then(|| Text::new(&first.as_millis().to_string()));
        let (symbol, interval) = (self.symbol.clone(), self.interval);
        let bodies = vec![Body::MarkCandles { symbol, interval, rows }];
        Ok(Response { bodies, next, ..Response::default() })
    }
}

/// Reads candle rows: `[start, open, high, low, close, base volume, …]`.
fn listed_candles(data: &str) -> Result<Vec<Candle>, ShapeError> {
    let read = rows::list("a list of candles", data, |row: Vec<Raw<'_>>| {
        let value = |index: usize| row.get(index).and_then(Raw::decimal);
        let start = row.first().and_then(Raw::text).and_then(number::millis);
        Row::from(candle(start, [1, 2, 3, 4].map(value), value(5)))
    })?;
    Ok(read.rows)
}

/// Returns a candle; `None` without its start or one of its prices (open, high, low, close).
pub(super) fn candle(
    start: Option<Timestamp>,
    prices: [Option<rust_decimal::Decimal>; 4],
    volume: Option<rust_decimal::Decimal>,
) -> Option<Candle> {
    let [open, high, low, close] = prices.map(|p| p.filter(|price| !price.is_sign_negative()));
    Some(Candle {
        start: start?,
        open: open?,
        high: high?,
        low: low?,
        close: close?,
        volume: volume.filter(|volume| !volume.is_sign_negative()),
    })
}

/// Returns a public trade; `None` without price, size or time.
pub(super) fn trade(
    id: &Raw<'_>,
    (price, size): (Num, Num),
    side: &Raw<'_>,
    time: Ms,
) -> Option<Trade> {
    let (id, taker_side) = (id.cleaned(), open_enum::order_side(side));
    Some(Trade { id, price: price.0?, size: size.0?, taker_side, time: time.0? })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FundingModel<'a> {
    funding_rate: Num,
    #[serde(borrow)]
    funding_rate_interval: Raw<'a>,
    next_update: Ms,
}

/// Reads the data of `current-fund-rate`, the one response that is the same in both generations.
pub(super) fn funding(symbol: &Symbol, data: &str) -> Result<Body, ShapeError> {
    let model: FundingModel<'_> = rows::of_contract("a funding rate", symbol, data)?;
    Ok(Body::Funding(FundingInfo {
        symbol: symbol.clone(),
        rate: model.funding_rate.0,
        interval_hours: hours(&model.funding_rate_interval),
        next_at: model.next_update.0,
    }))
}

/// Returns a number of hours above zero.
pub(super) fn hours(raw: &Raw<'_>) -> Option<u32> {
    raw.count().filter(|hours| *hours > 0)
}

/// Returns a time that is planned; the exchange writes `-1` or nothing for none.
pub(super) fn planned(time: Ms) -> Option<Timestamp> {
    time.0.filter(|at| at.as_millis() > 0)
}

/// Returns one step of the maintenance table; `None` without its bounds or its rate.
pub(super) fn tier(start: Num, end: Num, leverage: Num, rate: Num) -> Option<Tier> {
    Some(Tier {
        start: start.0?,
        end: end.0?,
        max_leverage: leverage.0,
        maintenance_margin_rate: rate.0?,
    })
}

/// Returns the whole table, lowest tier first. A table with a gap is an error.
pub(super) fn tiers(symbol: &Symbol, read: Read<Tier>) -> Result<Body, ShapeError> {
    let mut tiers = read.rows;
    tiers.sort_by_key(|tier| tier.start);
    let joined =
        tiers.iter().zip(tiers.iter().skip(1)).all(|(lower, upper)| lower.end == upper.start);
    if read.unreadable > 0 || tiers.is_empty() || !joined {
        return Err(ShapeError::new("a table of tiers", "it has gaps"));
    }
    Ok(Body::Tiers { symbol: symbol.clone(), tiers })
}
