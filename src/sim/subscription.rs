//! Subscriptions: their first push, and their pushes after each step of the world.

use serde_json::{Value, json};

use super::account_records::Position;
use super::contracts::{index_of, spec};
use super::encode::{WsEncoder, book_changes, v2};
use super::intervals::interval_minutes;
use super::products::Product;
use super::sim_config::Pace;
use super::simulated_market::{Depth, Market};
use super::world::{Event, World};

/// Candles of the first push.
const FIRST_CANDLES: usize = 500;
/// Pushes a second of a price and of a book, at the pace of the real exchange.
const LIVE_PRICES: u64 = 4;
const LIVE_BOOKS: u64 = 6;
/// Levels of each side that change often enough on the real exchange for their changes to be pushed.
const LIVE_LEVELS: usize = 15;

/// The topic of a subscription, whatever an API generation calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    Public(Public),
    Private(Private),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Public {
    Ticker,
    Trades,
    /// Candles of an interval, in minutes.
    Candles(i64),
    /// A book of this many levels; every push is a snapshot.
    BookSnapshots(usize),
    /// A book of this many levels: a snapshot first, then updates.
    BookUpdates(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Private {
    Account,
    Equity,
    /// Every push has all positions.
    Positions,
    /// The first push has all positions, each later one the single position that an event is about.
    PositionEvents,
    ClosedPositions,
    Orders,
    Plans,
    Fills,
    /// Automatic deleveraging, which never happens on this exchange.
    DeleveragingNotices,
}

/// The products that a subscription is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Products {
    None,
    One(Product),
    All,
}

impl Products {
    fn include(self, contract: usize) -> bool {
        match self {
            Self::None => false,
            Self::One(product) => spec(contract).product == product,
            Self::All => true,
        }
    }

    /// Returns the product whose account is pushed; `None` where the account has none of it.
    fn account(self, world: &World) -> Option<Product> {
        match self {
            Self::None => None,
            Self::One(product) => Some(product).filter(|product| world.holds(*product)),
            Self::All => Some(Product::Usdt),
        }
    }
}

impl Public {
    /// Returns the candles of an interval by its wire name; `None` for one that does not exist.
    pub(super) fn candles(interval: &str) -> Option<Self> {
        interval_minutes(interval).map(Self::Candles)
    }
}

/// One subscription of a client.
pub(super) struct Subscription {
    pub(super) arg: Value,
    pub(super) topic: Topic,
    /// What the `path` of a fault is matched against: the name of the topic and its key.
    pub(super) subject: String,
    pub(super) key: String,
    pub(super) encode: &'static WsEncoder,
    /// The last book that was sent, for the changes of the next.
    pub(super) book: Option<(i64, Depth)>,
    pub(super) products: Products,
    pub(super) pace: Pace,
}

impl Subscription {
    fn frame(&self, action: &str, data: &[Value], now: i64) -> Value {
        json!({ "action": action, "arg": self.arg, "data": data, "ts": now })
    }

    /// Returns how many of so many levels of a book are told.
    fn levels(&self, levels: usize) -> usize {
        match self.pace {
            Pace::Fast => levels,
            Pace::Live => levels.min(LIVE_LEVELS),
        }
    }

    fn market<'a>(&self, world: &'a World) -> Option<&'a Market> {
        let index = index_of(&self.key).filter(|index| self.products.include(*index))?;
        world.markets.get(index)
    }

    fn positions(&self, world: &World) -> Vec<Value> {
        let of = |position: &&Position| self.products.include(position.contract);
        world
            .account
            .positions
            .iter()
            .filter(of)
            .map(|position| (self.encode.position)(world, position))
            .collect()
    }

    /// Returns the first push; `None` for topics without one.
    pub(super) fn first_push(&mut self, world: &World) -> Option<Value> {
        let now = world.now_ms();
        let data = match self.topic {
            Topic::Public(topic) => self.first_public(topic, self.market(world)?, now),
            Topic::Private(topic) => self.first_private(topic, world)?,
        };
        Some(self.frame("snapshot", &data, now))
    }

    fn first_public(&mut self, topic: Public, market: &Market, now: i64) -> Vec<Value> {
        match topic {
            Public::Ticker => vec![(self.encode.ticker)(market, now)],
            Public::Trades => market
                .trades
                .iter()
                .map(|trade| (self.encode.public_trade)(market, trade))
                .collect(),
            Public::Candles(minutes) => {
                let bars = market.bars_of(minutes);
                let skip = bars.len().saturating_sub(FIRST_CANDLES);
                bars.iter().skip(skip).map(|bar| (self.encode.candle)(market, bar)).collect()
            }
            Public::BookUpdates(levels) => {
                let levels = self.levels(levels);
                let depth = depth_of(market, levels);
                let row = (self.encode.book)(market, &depth, levels, (market.seq, 0), now);
                self.book = Some((market.seq, depth));
                vec![row]
            }
            Public::BookSnapshots(levels) => {
                vec![(self.encode.book)(market, &market.depth(), levels, (market.seq, 0), now)]
            }
        }
    }

    fn first_private(&self, topic: Private, world: &World) -> Option<Vec<Value>> {
        match topic {
            Private::Positions | Private::PositionEvents => Some(self.positions(world)),
            Private::Account => {
                self.products.account(world).map(|own| vec![(self.encode.account)(world, own)])
            }
            Private::Equity => Some(vec![v2::account::ws_equity(world)]),
            Private::Orders
            | Private::Plans
            | Private::Fills
            | Private::ClosedPositions
            | Private::DeleveragingNotices => None,
        }
    }

    /// Returns the pushes after step number `ticks` of the world, in which `events` happened.
    pub(super) fn pushes(&mut self, world: &World, ticks: u64, events: &[Event]) -> Vec<Value> {
        match self.topic {
            Topic::Public(Public::BookUpdates(levels)) => self.book_updates(levels, world, ticks),
            Topic::Public(topic) => self.public_push(topic, world, ticks).into_iter().collect(),
            Topic::Private(topic) => self.private_pushes(topic, world, events),
        }
    }

    /// Returns the push of a public topic, if one is due; each topic has its own pace.
    fn public_push(&mut self, topic: Public, world: &World, ticks: u64) -> Option<Value> {
        let market = self.market(world)?;
        let now = world.now_ms();
        let due = match (topic, self.pace) {
            (Public::Ticker, Pace::Fast) => ticks.is_multiple_of(3),
            (Public::Ticker, Pace::Live) => is_due(ticks, LIVE_PRICES),
            (Public::Trades, _) => market.new_trades > 0,
            (Public::BookSnapshots(_), Pace::Fast) => ticks.is_multiple_of(2),
            (Public::BookSnapshots(_), Pace::Live) => is_due(ticks, LIVE_BOOKS),
            (Public::BookUpdates(_), _) => false,
            (Public::Candles(_), _) => ticks.is_multiple_of(10),
        };
        if !due {
            return None;
        }
        let (action, rows) = match topic {
            Public::Ticker => ("snapshot", vec![(self.encode.ticker)(market, now)]),
            Public::Trades => {
                let fresh = market.trades.iter().take(market.new_trades);
                ("update", fresh.map(|trade| (self.encode.public_trade)(market, trade)).collect())
            }
            Public::BookUpdates(_) => return None,
            Public::BookSnapshots(levels) => {
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

    /// Returns the updates of a book, at the fast pace one side after the other. The side that moves away
    /// from the other one comes first, so that the book is never crossed in between. None for a step that the
    /// last push has told of already: a client may subscribe between a step and its push.
    fn book_updates(&mut self, levels: usize, world: &World, ticks: u64) -> Vec<Value> {
        if self.pace == Pace::Live && !is_due(ticks, LIVE_BOOKS) {
            return Vec::new();
        }
        let Some((mut previous, old)) = self.book.take() else { return Vec::new() };
        let Some(market) = self.market(world) else { return Vec::new() };
        if market.seq == previous {
            self.book = Some((previous, old));
            return Vec::new();
        }
        let depth = depth_of(market, self.levels(levels));
        let changes = book_changes(&old, &depth);
        let mut push = |changes: &Depth, seq| {
            let seqs = (seq, std::mem::replace(&mut previous, seq));
            let row = (self.encode.book)(market, changes, usize::MAX, seqs, world.now_ms());
            self.frame("update", &[row], world.now_ms())
        };
        let frames = if self.pace == Pace::Live {
            vec![push(&changes, market.seq)]
        } else {
            let (first, second) = one_side_first(changes, &old, &depth);
            vec![push(&first, market.seq - 3), push(&second, market.seq)]
        };
        self.book = Some((market.seq, depth));
        frames
    }

    /// Returns the pushes of a private topic. A change of prices alone causes none.
    fn private_pushes(&self, topic: Private, world: &World, events: &[Event]) -> Vec<Value> {
        if topic == Private::Positions {
            let changed = events.contains(&Event::Positions);
            let all = || self.frame("snapshot", &self.positions(world), world.now_ms());
            return changed.then(all).into_iter().collect();
        }
        let rows = if topic == Private::PositionEvents {
            self.position_events(world, events)
        } else if events.contains(&Event::Wallet) && topic == Private::Account {
            let own = self.products.account(world);
            own.map(|own| (self.encode.account)(world, own)).into_iter().collect()
        } else if events.contains(&Event::Wallet) && topic == Private::Equity {
            vec![v2::account::ws_equity(world)]
        } else {
            events.iter().filter_map(|event| self.event_row(topic, world, event)).collect()
        };
        rows.into_iter().map(|row| self.frame("snapshot", &[row], world.now_ms())).collect()
    }

    fn event_row(&self, topic: Private, world: &World, event: &Event) -> Option<Value> {
        let contract = match event {
            Event::Order(order) | Event::Plan(order) => order.contract,
            Event::Fill(fill) => fill.contract,
            Event::Closed(closed) => closed.position.contract,
            Event::Positions | Event::Wallet | Event::AccountKindChanged => return None,
        };
        if !self.products.include(contract) {
            return None;
        }
        match (topic, event) {
            (Private::Orders, Event::Order(order)) => Some((self.encode.order)(world, order)),
            (Private::Plans, Event::Plan(order)) => Some((self.encode.plan)(order, order.plan?)),
            (Private::Fills, Event::Fill(fill)) => Some((self.encode.fill)(fill)),
            (Private::ClosedPositions, Event::Closed(closed)) => {
                Some((self.encode.closed)(world, closed))
            }
            _ => None,
        }
    }

    /// Returns the rows of positions that were closed, then of those that were opened, changed their size,
    /// or got or lost a closing order. Funding settlements are pushed on the account topic only.
    fn position_events(&self, world: &World, events: &[Event]) -> Vec<Value> {
        let ended = events.iter().filter_map(|event| {
            let Event::Closed(closed) = event else { return None };
            Some((self.encode.closed)(world, closed))
        });
        let touches = |event: &Event, position: &Position| {
            let (contract, long) = match event {
                Event::Fill(fill) => (fill.contract, fill.long),
                Event::Order(order) | Event::Plan(order) if order.closes => {
                    (order.contract, order.long)
                }
                Event::Order(_)
                | Event::Plan(_)
                | Event::Closed(_)
                | Event::Positions
                | Event::Wallet
                | Event::AccountKindChanged => return false,
            };
            (contract, long) == (position.contract, position.long)
        };
        let touched = |position: &&Position| events.iter().any(|event| touches(event, position));
        let open = world.account.positions.iter().filter(touched);
        ended.chain(open.map(|position| (self.encode.position)(world, position))).collect()
    }
}

/// Returns whether a step of 100 ms has a push of a stream that pushes so many times a second.
const fn is_due(ticks: u64, a_second: u64) -> bool {
    (ticks * a_second) % 10 < a_second
}

/// Parts the changes of a book by sides: the side that moves away from the other one comes first.
fn one_side_first(changes: Depth, old: &Depth, new: &Depth) -> (Depth, Depth) {
    let bids = Depth { bids: changes.bids, asks: Vec::new() };
    let asks = Depth { bids: Vec::new(), asks: changes.asks };
    if new.bids.first() > old.bids.first() { (asks, bids) } else { (bids, asks) }
}

fn depth_of(market: &Market, levels: usize) -> Depth {
    let mut depth = market.depth();
    depth.bids.truncate(levels);
    depth.asks.truncate(levels);
    depth
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::encode::v3;

    const START: i64 = 1_790_358_794_987;

    /// The push of the step before the subscription repeated its sequence numbers: the client lost the book.
    #[test]
    fn a_book_that_is_subscribed_to_between_a_step_and_its_push_stays_in_sequence() {
        for encode in [&v2::STREAM, &v3::STREAM] {
            let mut world = World::new(7, START, false);
            world.advance(START + 100);
            let mut subscription = Subscription {
                arg: Value::Null,
                topic: Topic::Public(Public::BookUpdates(usize::MAX)),
                subject: String::new(),
                key: "SOLUSDT".to_owned(),
                encode,
                book: None,
                products: Products::All,
                pace: Pace::Fast,
            };
            assert!(subscription.first_push(&world).is_some());
            assert_eq!(subscription.pushes(&world, 1, &[]), Vec::<Value>::new());
            let seq = subscription.book.as_ref().map(|(seq, _)| *seq);
            world.advance(START + 200);
            assert_eq!(subscription.pushes(&world, 2, &[]).len(), 2, "both sides");
            assert!(subscription.book.as_ref().map(|(seq, _)| *seq) > seq);
        }
    }
}
