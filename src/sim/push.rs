//! What a subscription begins with, and what each step of the world brings to it.

use serde_json::{Value, json};

use super::account::Position;
use super::encode::{Stream, book_changes, v2};
use super::market::{Depth, Market};
use super::rest::INTERVALS;
use super::world::{Happened, World};

/// Candles of a first push.
const FIRST_CANDLES: usize = 500;

/// What a subscription is about, whatever its generation calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Public(Public),
    Private(Private),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Public {
    Ticker,
    Deals,
    /// Candles of so many minutes.
    Candles(i64),
    /// A book of so many levels: the whole of it in every push.
    Book(usize),
    /// A book of so many levels: the whole of it at first, then what changes.
    Changes(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Private {
    Account,
    Equity,
    /// Positions, all of them in every push.
    Positions,
    /// Positions, all of them at first, then one a push: that to which something happened.
    PositionEvents,
    Closed,
    Orders,
    Plans,
    Fills,
    /// Forced reductions, which this exchange does not make.
    Reductions,
}

impl Public {
    /// Returns the candles of an interval; `None` for one that does not exist.
    pub(super) fn candles(interval: &str) -> Option<Self> {
        let minutes = INTERVALS.iter().find(|(name, _)| *name == interval)?.1;
        Some(Self::Candles(minutes))
    }
}

/// One subscription of a client.
pub(super) struct Subscription {
    pub(super) arg: Value,
    pub(super) topic: Topic,
    /// What faults find it by: the name of the topic and its key.
    pub(super) subject: String,
    pub(super) key: String,
    pub(super) encode: &'static Stream,
    /// The last book that was sent, for the changes of the next.
    pub(super) book: Option<(i64, Depth)>,
}

impl Subscription {
    fn frame(&self, action: &str, data: &[Value], now: i64) -> Value {
        json!({ "action": action, "arg": self.arg, "data": data, "ts": now })
    }

    fn market<'a>(&self, world: &'a World) -> Option<&'a Market> {
        world.markets.iter().find(|market| market.spec.name == self.key)
    }

    fn positions(&self, world: &World) -> Vec<Value> {
        let all = world.account.positions.iter();
        all.map(|position| (self.encode.position)(world, position)).collect()
    }

    /// Returns what it begins with; some topics begin silently.
    pub(super) fn first(&mut self, world: &World) -> Option<Value> {
        let now = world.now_ms();
        let data = match self.topic {
            Topic::Public(topic) => self.first_of_market(topic, self.market(world)?, now),
            Topic::Private(topic) => self.first_of_account(topic, world)?,
        };
        Some(self.frame("snapshot", &data, now))
    }

    fn first_of_market(&mut self, topic: Public, market: &Market, now: i64) -> Vec<Value> {
        match topic {
            Public::Ticker => vec![(self.encode.ticker)(market, now)],
            Public::Deals => {
                market.deals.iter().map(|deal| (self.encode.deal)(market, deal)).collect()
            }
            Public::Candles(minutes) => {
                let bars = market.bars_of(minutes);
                let skip = bars.len().saturating_sub(FIRST_CANDLES);
                bars.iter().skip(skip).map(|bar| (self.encode.candle)(market, bar)).collect()
            }
            Public::Changes(levels) => {
                let depth = depth_of(market, levels);
                let row = (self.encode.book)(market, &depth, levels, (market.seq, 0), now);
                self.book = Some((market.seq, depth));
                vec![row]
            }
            Public::Book(levels) => {
                vec![(self.encode.book)(market, &market.depth(), levels, (market.seq, 0), now)]
            }
        }
    }

    fn first_of_account(&self, topic: Private, world: &World) -> Option<Vec<Value>> {
        match topic {
            Private::Positions | Private::PositionEvents => Some(self.positions(world)),
            Private::Account => Some(vec![(self.encode.account)(world)]),
            Private::Equity => Some(vec![v2::account::ws_equity(world)]),
            Private::Orders
            | Private::Plans
            | Private::Fills
            | Private::Closed
            | Private::Reductions => None,
        }
    }

    /// Returns what step number `ticks` of the world brings, in which this `happened`.
    pub(super) fn pushes(
        &mut self,
        world: &World,
        ticks: u64,
        happened: &[Happened],
    ) -> Vec<Value> {
        match self.topic {
            Topic::Public(Public::Changes(levels)) => self.changes(levels, world),
            Topic::Public(topic) => self.of_market(topic, world, ticks).into_iter().collect(),
            Topic::Private(topic) => self.of_account(topic, world, happened),
        }
    }

    /// Returns what a step brings to a public topic; each has its own pace.
    fn of_market(&mut self, topic: Public, world: &World, ticks: u64) -> Option<Value> {
        let market = self.market(world)?;
        let now = world.now_ms();
        let due = match topic {
            Public::Ticker => ticks.is_multiple_of(3),
            Public::Deals => market.fresh_deals > 0,
            Public::Book(_) => ticks.is_multiple_of(2),
            Public::Changes(_) => false,
            Public::Candles(_) => ticks.is_multiple_of(10),
        };
        if !due {
            return None;
        }
        let (action, rows) = match topic {
            Public::Ticker => ("snapshot", vec![(self.encode.ticker)(market, now)]),
            Public::Deals => {
                let fresh = market.deals.iter().take(market.fresh_deals);
                ("update", fresh.map(|deal| (self.encode.deal)(market, deal)).collect())
            }
            Public::Changes(_) => return None,
            Public::Book(levels) => {
                let row = (self.encode.book)(market, &market.depth(), levels, (market.seq, 0), now);
                ("snapshot", vec![row])
            }
            Public::Candles(minutes) => {
                let bars = market.bars_of(minutes);
                ("update", vec![(self.encode.candle)(market, bars.last()?)])
            }
        };
        Some(self.frame(action, &rows, now))
    }

    /// Returns what a step changes of a book, one side after the other: the one that makes room first, so
    /// that the book is never crossed in between.
    fn changes(&mut self, levels: usize, world: &World) -> Vec<Value> {
        let (Some(market), Some((mut previous, old))) = (self.market(world), self.book.take())
        else {
            return Vec::new();
        };
        let depth = depth_of(market, levels);
        let Depth { bids, asks } = book_changes(&old, &depth);
        let rises = depth.bids.first() > old.bids.first();
        let (bids, asks) = (Depth { bids, asks: Vec::new() }, Depth { bids: Vec::new(), asks });
        let (first, second) = if rises { (asks, bids) } else { (bids, asks) };
        let (mut frames, now) = (Vec::new(), world.now_ms());
        for (seq, part) in [(market.seq - 3, first), (market.seq, second)] {
            let row = (self.encode.book)(market, &part, usize::MAX, (seq, previous), now);
            frames.push(self.frame("update", &[row], now));
            previous = seq;
        }
        self.book = Some((market.seq, depth));
        frames
    }

    /// Returns what a step brings to a private topic. Prices moving bring nothing.
    fn of_account(&self, topic: Private, world: &World, happened: &[Happened]) -> Vec<Value> {
        if topic == Private::Positions {
            let changed = happened.contains(&Happened::Positions);
            let all = || self.frame("snapshot", &self.positions(world), world.now_ms());
            return changed.then(all).into_iter().collect();
        }
        let rows = if topic == Private::PositionEvents {
            self.position_events(world, happened)
        } else if happened.contains(&Happened::Wallet) && topic == Private::Account {
            vec![(self.encode.account)(world)]
        } else if happened.contains(&Happened::Wallet) && topic == Private::Equity {
            vec![v2::account::ws_equity(world)]
        } else {
            happened.iter().filter_map(|what| self.row_of(topic, world, what)).collect()
        };
        rows.into_iter().map(|row| self.frame("snapshot", &[row], world.now_ms())).collect()
    }

    fn row_of(&self, topic: Private, world: &World, what: &Happened) -> Option<Value> {
        match (topic, what) {
            (Private::Orders, Happened::Order(order)) => Some((self.encode.order)(world, order)),
            (Private::Plans, Happened::Plan(order)) => Some((self.encode.plan)(order, order.plan?)),
            (Private::Fills, Happened::Fill(fill)) => Some((self.encode.fill)(fill)),
            (Private::Closed, Happened::Closed(closed)) => {
                Some((self.encode.closed)(world, closed))
            }
            _ => None,
        }
    }

    /// Returns the rows of positions that ended, then of those that opened, changed their size or got or
    /// lost a closing order. Settlements of funding are told by the account alone.
    fn position_events(&self, world: &World, happened: &[Happened]) -> Vec<Value> {
        let ended = happened.iter().filter_map(|what| {
            let Happened::Closed(closed) = what else { return None };
            Some((self.encode.closed)(world, closed))
        });
        let touches = |what: &Happened, position: &Position| {
            let (contract, long) = match what {
                Happened::Fill(fill) => (fill.contract, fill.long),
                Happened::Order(order) | Happened::Plan(order) if order.closes => {
                    (order.contract, order.long)
                }
                Happened::Order(_)
                | Happened::Plan(_)
                | Happened::Closed(_)
                | Happened::Positions
                | Happened::Wallet
                | Happened::Switched => return false,
            };
            (contract, long) == (position.contract, position.long)
        };
        let touched = |position: &&Position| happened.iter().any(|what| touches(what, position));
        let held = world.account.positions.iter().filter(touched);
        ended.chain(held.map(|position| (self.encode.position)(world, position))).collect()
    }
}

fn depth_of(market: &Market, levels: usize) -> Depth {
    let mut depth = market.depth();
    depth.bids.truncate(levels);
    depth.asks.truncate(levels);
    depth
}
