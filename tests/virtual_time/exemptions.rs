//! What the oracle must not insist on, because a message of the exchange was wrong: for each kind of data
//! exactly what the wrong messages explain.
//!
//! - A message that says a later time than its own, or that is read with a wrong clock, looks newer than
//!   it is. Its data may be as old as they were when it arrived: the value must still be one that the
//!   exchange had at that time or later.
//! - A list of positions that lacks rows explains that the positions of these rows are not shown, for as long
//!   as the list is live.
//! - A report of the account whose unrealized PnL cannot be read is completed with what the positions earn
//!   when it arrives, which is not the moment that it speaks of: its equity is right but for what prices
//!   moved in between.
//!
//! Nothing else is exempt. Responses and pushes that are lost, late, repeated, old, empty, unreadable or
//! full of invalid values explain no wrong figure.

use std::collections::VecDeque;
use std::time::Duration;

use bitget_watch::domain::Product;
use bitget_watch::sim::{Corruption, Entry, Fault, On, OraclePosition};
use serde_json::Value;

/// The age limit of prices and positions.
pub const PRICE_MS: i64 = 5_000;
/// The age limit of the account.
pub const ACCOUNT_MS: i64 = 25_000;
/// Between two samples, and from a step of the world to its sample.
pub const SLACK_MS: i64 = 250;
/// The age limit of the list of a product in which nothing is held.
const EMPTY_LIST_MS: i64 = 25_000;
/// For this long REST neither reopens nor changes back what a push said of a position, because a list may
/// come from a replica that lags.
const LAG_MS: i64 = 5_000;

/// The data that the oracle checks, each with an age limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    Prices,
    Positions,
    Account,
}

impl Data {
    pub const fn limit_ms(self) -> i64 {
        match self {
            Self::Prices | Self::Positions => PRICE_MS,
            Self::Account => ACCOUNT_MS,
        }
    }

    /// Returns whether a message carries this data, by the path of a response or the topic of a push.
    fn is_in(self, path: &str) -> bool {
        let topic = path.split(' ').next().unwrap_or_default();
        match self {
            // Lists of positions have a mark price as well.
            Self::Prices => topic.contains("ticker") || Self::Positions.is_in(path),
            Self::Positions => {
                ["positions", "position"].contains(&topic)
                    || topic.ends_with("/all-position")
                    || topic.ends_with("/current-position")
            }
            Self::Account => {
                topic == "account"
                    || topic.ends_with("/account/accounts")
                    || topic.ends_with("/account/assets")
            }
        }
    }

    /// Returns the sockets that carry it.
    const fn sockets(self) -> &'static [On] {
        match self {
            Self::Prices => &[On::Public, On::Private],
            Self::Positions | Self::Account => &[On::Private],
        }
    }
}

/// A fault that holds back the messages of a connection.
#[derive(Debug, Clone, Copy)]
struct Delay {
    on: On,
    from_ms: i64,
    until_ms: i64,
    /// How long after being sent a message arrives; `None` for when the fault is over.
    latency_ms: Option<i64>,
}

impl Delay {
    /// Returns the delay of a fault; `None` when it has none. All faults are over at `end_ms`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other faults explain nothing")]
    fn of(entry: &Entry, end_ms: i64) -> Option<Self> {
        // A fault of the connection has no path to be limited to.
        if entry.path.is_some() {
            return None;
        }
        let from_ms = ms(entry.at);
        let until_ms = entry.lasts.map_or(end_ms, |lasts| (from_ms + ms(lasts)).min(end_ms));
        let (until_ms, latency_ms) = match entry.fault {
            Fault::Latency { ms, jitter_ms } => (until_ms, i64::try_from(ms + jitter_ms).ok()),
            Fault::BlackHole { .. } => (until_ms, None),
            // What waits for a slow link goes on waiting when the link is fast again.
            Fault::Bandwidth { .. } | Fault::Slice { .. } => (i64::MAX, None),
            _ => return None,
        };
        Some(Self { on: entry.on, from_ms, until_ms, latency_ms })
    }

    fn affects(&self, on: On) -> bool {
        self.on == On::All || self.on == on
    }

    /// Returns when a message arrives at the latest that was sent at `sent_ms` and would arrive at
    /// `arrives_ms` without this.
    fn arrival(&self, sent_ms: i64, arrives_ms: i64) -> i64 {
        match self.latency_ms {
            // Messages do not overtake each other.
            Some(latency_ms)
                if sent_ms >= self.from_ms && sent_ms <= self.until_ms + latency_ms =>
            {
                arrives_ms.max(sent_ms.min(self.until_ms) + latency_ms)
            }
            None if arrives_ms >= self.from_ms && sent_ms <= self.until_ms => {
                arrives_ms.max(self.until_ms)
            }
            Some(_) | None => arrives_ms,
        }
    }
}

fn ms(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// A message that may look newer than its data are.
#[derive(Debug)]
struct OldData {
    path: String,
    /// When the data were true.
    data_at_ms: i64,
    /// When it arrived at the latest.
    arrived_ms: i64,
    /// Whether it says a later time than its own; else it looks newer only to a wrong clock.
    is_shifted: bool,
}

/// A position that a list lacked.
#[derive(Debug)]
struct LeftOut {
    contract: String,
    long: bool,
    /// Until when it may be missing.
    until_ms: i64,
}

impl LeftOut {
    /// Returns the position of a row, in either generation's words.
    fn of(row: &Value, until_ms: i64) -> Option<Self> {
        let text = |names: [&str; 2]| names.iter().find_map(|name| row.get(*name)?.as_str());
        // V3 names coin-margined contracts in its own way.
        let contract = text(["symbol", "instId"])?.trim_end_matches("_CM").to_owned();
        Some(Self { contract, long: text(["holdSide", "posSide"])? == "long", until_ms })
    }

    fn is_of(&self, position: &OraclePosition) -> bool {
        (self.contract.as_str(), self.long) == (position.contract, position.long)
    }
}

/// What need not hold now.
#[derive(Debug, Default)]
pub struct Exemptions {
    delays: Vec<Delay>,
    old_data: VecDeque<OldData>,
    /// When the client did not know the exchange's time, or believed that it was earlier than it is.
    slow_clock_ms: VecDeque<i64>,
    /// Positions that lists lacked.
    left_out: Vec<LeftOut>,
    /// Until when the unrealized PnL in the equity may be that of another moment.
    completed_until_ms: Option<i64>,
    /// Whether values of messages are replaced by others, names too.
    mutates: bool,
}

impl Exemptions {
    /// Returns the exemptions of a run with these faults, which are over after `end_ms`.
    pub fn new(faults: &[Entry], end_ms: i64) -> Self {
        let delays = faults.iter().filter_map(|entry| Delay::of(entry, end_ms)).collect();
        let mutates = faults.iter().any(|entry| matches!(entry.fault, Fault::Mutate));
        Self { delays, mutates, ..Self::default() }
    }

    /// Returns when a message arrives at the latest.
    fn arrival(&self, on: On, sent_ms: i64) -> i64 {
        // The request is older than its response, and counts.
        if on == On::Rest {
            return sent_ms;
        }
        let (mut arrives_ms, mut before_ms) = (sent_ms, None);
        while before_ms != Some(arrives_ms) {
            before_ms = Some(arrives_ms);
            for delay in self.delays.iter().filter(|delay| delay.affects(on)) {
                arrives_ms = delay.arrival(sent_ms, arrives_ms);
            }
        }
        arrives_ms
    }

    /// Takes account of a corrupted message. Its times count from the start of the exchange, which was at
    /// `start_ms`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the other faults explain nothing")]
    pub fn note(&mut self, corruption: Corruption, start_ms: i64) {
        let Corruption { at_ms, data_at_ms, on, path, fault, left_out } = corruption;
        let (at_ms, data_at_ms) = (at_ms - start_ms, data_at_ms - start_ms);
        let arrived_ms = self.arrival(on, at_ms);
        // A push of V3 is never taken for a whole list.
        let is_list = Data::Positions.is_in(&path) && !path.starts_with("position ");
        match fault {
            Fault::EmptyList | Fault::Partial if is_list => {
                let lag_ms = if on == On::Rest { 0 } else { LAG_MS };
                let until_ms = arrived_ms.saturating_add(lag_ms + PRICE_MS + SLACK_MS);
                for row in left_out.iter().filter_map(|row| LeftOut::of(row, until_ms)) {
                    self.leave_out(row);
                }
            }
            Fault::Mutate | Fault::ControlCharacters if Data::Account.is_in(&path) => {
                let until_ms = arrived_ms.saturating_add(ACCOUNT_MS + SLACK_MS);
                self.completed_until_ms = self.completed_until_ms.max(Some(until_ms));
            }
            Fault::ClockOffset { ms } if ms > 0 => {
                self.old_data.push_back(OldData { path, data_at_ms, arrived_ms, is_shifted: true });
            }
            Fault::StaleRest { .. } | Fault::Replay { .. } => {
                self.old_data.push_back(OldData {
                    path,
                    data_at_ms,
                    arrived_ms,
                    is_shifted: false,
                });
            }
            _ => {}
        }
    }

    /// Lets a position be missing; it is looked up at every sample, so each is held once.
    fn leave_out(&mut self, row: LeftOut) {
        let same = |held: &&mut LeftOut| (&held.contract, held.long) == (&row.contract, row.long);
        match self.left_out.iter_mut().find(same) {
            Some(held) => held.until_ms = held.until_ms.max(row.until_ms),
            None => self.left_out.push(row),
        }
    }

    /// Takes account of the clock offset that the client has measured, with its error; the true one is 0.
    pub fn note_clock(&mut self, now_ms: i64, measured: Option<(i64, i64)>) {
        if measured.is_none_or(|(offset, error)| offset < -error - SLACK_MS) {
            self.slow_clock_ms.push_back(now_ms);
        }
        while self.slow_clock_ms.front().is_some_and(|at| *at < now_ms - ACCOUNT_MS - LAG_MS) {
            self.slow_clock_ms.pop_front();
        }
        let keep_ms = now_ms - ACCOUNT_MS - 2 * LAG_MS;
        self.old_data.retain(|message| message.arrived_ms >= keep_ms);
        self.left_out.retain(|row| row.until_ms >= keep_ms - EMPTY_LIST_MS);
    }

    /// Returns whether a position may be missing.
    pub fn may_be_missing(&self, now_ms: i64) -> bool {
        self.left_out.iter().any(|row| now_ms <= row.until_ms)
    }

    /// Returns whether this position may be missing.
    pub fn may_lack(&self, position: &OraclePosition, now_ms: i64) -> bool {
        // Of a product in which nothing is held, as far as the wrong list says, the next list may be late.
        let elsewhere = Product::of_contract(position.contract) != Some(Product::UsdtFutures);
        let late_ms = if elsewhere { EMPTY_LIST_MS } else { 0 };
        let mut rows = self.left_out.iter().filter(|row| row.is_of(position));
        rows.any(|row| now_ms <= row.until_ms + late_ms)
    }

    /// Returns whether the exchange gives contracts names that nobody can know for wrong.
    pub const fn may_be_renamed(&self) -> bool {
        self.mutates
    }

    /// Returns whether the unrealized PnL in the equity may be that of a moment close to the report's.
    pub fn may_be_completed(&self, now_ms: i64) -> bool {
        self.completed_until_ms.is_some_and(|until| now_ms <= until)
    }

    /// Returns whether the client had a wrong clock within the age limit of this data.
    pub fn had_slow_clock(&self, data: Data, now_ms: i64) -> bool {
        let recent_ms = now_ms - data.limit_ms() - SLACK_MS;
        self.slow_clock_ms.iter().any(|at| *at >= recent_ms)
    }

    /// Returns the time from which on live data may be, without and with exemptions.
    pub fn allowed_since(&self, data: Data, now_ms: i64) -> (i64, i64) {
        let normal_ms = now_ms - data.limit_ms() - SLACK_MS;
        let mut since_ms = normal_ms;
        let slow_clock = self.had_slow_clock(data, now_ms);
        let lag_ms = if data == Data::Account { 0 } else { LAG_MS };
        for message in self.old_data.iter().filter(|message| data.is_in(&message.path)) {
            let believed = message.arrived_ms >= normal_ms - lag_ms;
            if believed && (message.is_shifted || slow_clock) {
                since_ms = since_ms.min(message.data_at_ms - SLACK_MS);
            }
        }
        if slow_clock {
            // Messages that arrived late since then look as if they had just been sent.
            let first_ms = self.slow_clock_ms.iter().find(|at| **at >= normal_ms);
            let first_ms = first_ms.copied().unwrap_or(now_ms) - SLACK_MS;
            let latency_ms = self.delays.iter().filter_map(|delay| delay.latency_ms).max();
            let latency_ms = latency_ms.unwrap_or(0);
            for delay in &self.delays {
                let on = data.sockets().iter().any(|on| delay.affects(*on));
                let last_ms = delay.until_ms.saturating_add(delay.latency_ms.unwrap_or(0));
                if on && delay.from_ms <= now_ms && last_ms >= first_ms {
                    let sent_ms = if delay.latency_ms.is_some() { first_ms } else { delay.from_ms };
                    since_ms = since_ms.min(sent_ms - latency_ms - SLACK_MS);
                }
            }
        }
        (normal_ms, since_ms)
    }
}
