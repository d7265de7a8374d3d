//! The market: prices on a random walk over their tick grid, candles, books, public trades, funding.

use rust_decimal::Decimal;

use super::contracts::{CONTRACTS, Spec, spec};
use super::random::Random;

/// The duration of one simulation step.
pub(super) const STEP_MS: i64 = 100;
const STEPS_A_YEAR: f64 = 365.0 * 86_400.0 * 10.0;
/// Minute candles before the start: a week.
const HISTORY_MINUTES: i64 = 7 * 1_440;
/// Daily candles before those minutes.
const HISTORY_DAYS: i64 = 340;
/// Levels on each side of the full book.
const BOOK_LEVELS: usize = 200;
/// A level keeps its size for this many steps.
const LEVEL_LIFETIME_STEPS: u64 = 20;
/// Public trades that are kept.
const KEPT_TRADES: usize = 50;

/// A candle, prices in ticks and volume in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    pub(super) start_ms: i64,
    pub(super) open: i64,
    pub(super) high: i64,
    pub(super) low: i64,
    pub(super) close: i64,
    pub(super) volume: i64,
}

/// A public trade, price in ticks and size in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PublicTrade {
    pub(super) id: i64,
    pub(super) at_ms: i64,
    pub(super) price: i64,
    pub(super) size: i64,
    pub(super) buy: bool,
}

/// An order book: price in ticks and size in steps, best first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Depth {
    pub(super) bids: Vec<(i64, i64)>,
    pub(super) asks: Vec<(i64, i64)>,
}

/// What the list of contracts says of trading in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ContractStatus {
    /// When it is delisted; `None` for never.
    pub delisted_at_ms: Option<i64>,
    /// From when on positions can only be closed; `None` for never.
    pub closing_only_from_ms: Option<i64>,
    /// It cannot be traded now.
    pub halted: bool,
}

/// The market of one contract.
#[derive(Debug, Clone)]
pub(super) struct Market {
    pub(super) spec: &'static Spec,
    pub(super) status: ContractStatus,
    random: Random,
    salt: u64,
    steps: u64,
    /// The price before it is rounded, in ticks.
    unrounded: f64,
    pub(super) last: i64,
    pub(super) mark: i64,
    pub(super) index: i64,
    pub(super) bars: Vec<Bar>,
    /// Minutes of the mark price since the start; before that the mark was the last price.
    mark_bars: Vec<Bar>,
    /// Days before the minutes, oldest first.
    days: Vec<Bar>,
    /// Newest first.
    pub(super) trades: Vec<PublicTrade>,
    /// Trades of the last step.
    pub(super) new_trades: usize,
    pub(super) seq: i64,
}

impl Market {
    #[expect(clippy::cast_precision_loss, reason = "prices are far below 2^53 ticks")]
    fn new(index: usize, seed: u64, start_ms: i64) -> Self {
        let spec = spec(index);
        let salt_of = |index: usize| seed.wrapping_mul(0x9e37_79b9).wrapping_add(index as u64 + 1);
        let salt = salt_of(index);
        let mut market = Self {
            spec,
            status: ContractStatus::default(),
            random: Random::new(salt_of(spec.moves_with)),
            salt,
            steps: 0,
            unrounded: spec.start_ticks as f64,
            last: spec.start_ticks,
            mark: spec.start_ticks,
            index: spec.start_ticks,
            bars: Vec::new(),
            mark_bars: Vec::new(),
            days: Vec::new(),
            trades: Vec::new(),
            new_trades: 0,
            seq: 790_000_000_000 + i64::try_from(index).unwrap_or(0) * 1_000_000,
        };
        market.write_history(start_ms);
        market
    }

    /// Generates the week before the start, backwards from the first price.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "ticks are small"
    )]
    fn write_history(&mut self, start_ms: i64) {
        let sigma = self.spec.volatility / (STEPS_A_YEAR / 600.0).sqrt();
        let first_minute = start_ms - start_ms.rem_euclid(60_000);
        let mut close = self.spec.start_ticks as f64;
        let mut bars = Vec::new();
        for back in 1..=HISTORY_MINUTES {
            let open = close * (1.0 + sigma * self.random.normal());
            let reach = close * sigma * 0.4;
            let high = open.max(close) + reach * self.random.unit();
            let low = open.min(close) - reach * self.random.unit();
            bars.push(Bar {
                start_ms: first_minute - back * 60_000,
                open: open.round() as i64,
                high: high.round() as i64,
                low: low.round() as i64,
                close: close.round() as i64,
                volume: self.random.below(self.spec.depth * 4) + 1,
            });
            close = open.round();
        }
        bars.reverse();
        self.bars = bars;
        let first = self.bars.first().copied();
        self.days = first.map_or_else(Vec::new, |first| days_before(&first, self.spec, self.salt));
    }

    /// Moves the market by one step, to `now_ms`.
    #[expect(clippy::cast_possible_truncation, reason = "ticks are small")]
    fn step(&mut self, now_ms: i64) {
        self.steps += 1;
        let sigma = self.spec.volatility / STEPS_A_YEAR.sqrt();
        self.unrounded = (self.unrounded * (1.0 + sigma * self.random.normal())).max(100.0);
        self.last = self.unrounded.round() as i64;
        // The index lags the last price; the mark is the midpoint of the two.
        self.index += (self.last - self.index) / 4;
        self.mark = i64::midpoint(self.last, self.index);
        self.seq += 7;
        self.new_trades = 0;
        for _ in 0..self.random.below(3) {
            self.trade(now_ms);
        }
        self.add_to_bar(now_ms);
    }

    fn trade(&mut self, now_ms: i64) {
        let buy = self.random.below(2) == 0;
        let size = self.random.below(self.spec.depth / 4) + 1;
        let id = 1_487_438_024_184_000_000 + i64::try_from(self.steps).unwrap_or(0) * 10;
        let fresh = i64::try_from(self.new_trades).unwrap_or(0);
        self.trades
            .insert(0, PublicTrade { id: id + fresh, at_ms: now_ms, price: self.last, size, buy });
        self.trades.truncate(KEPT_TRADES);
        self.new_trades += 1;
    }

    fn add_to_bar(&mut self, now_ms: i64) {
        let start_ms = now_ms - now_ms.rem_euclid(60_000);
        let volume: i64 = self.trades.iter().take(self.new_trades).map(|trade| trade.size).sum();
        let before = self.bars.last().map_or(self.last, |bar| bar.close);
        add(&mut self.bars, start_ms, self.last, volume, before);
        add(&mut self.mark_bars, start_ms, self.mark, 0, before);
        let most = usize::try_from(HISTORY_MINUTES).unwrap_or(0) + 600;
        let surplus = self.bars.len().saturating_sub(most);
        self.bars.drain(..surplus);
        let surplus = self.mark_bars.len().saturating_sub(most);
        self.mark_bars.drain(..surplus);
    }

    /// Sets the last, mark and index price, for tests and scripts.
    #[expect(clippy::cast_precision_loss, reason = "ticks are small")]
    pub(super) fn set_price(&mut self, ticks: i64) {
        self.unrounded = ticks as f64;
        (self.last, self.mark, self.index) = (ticks, ticks, ticks);
    }

    /// Returns the full book of this step. It depends on the step alone, so every reader sees the same one.
    pub(super) fn depth(&self) -> Depth {
        self.depth_to(BOOK_LEVELS)
    }

    /// Returns the best `levels` of each side: the first one next to the last price, the others on a grid.
    pub(super) fn depth_to(&self, levels: usize) -> Depth {
        let grid = (self.spec.start_ticks / 80_000).max(1);
        let level = |tick: i64| (tick, self.size_at(tick));
        let (bid, ask) = (self.last - 1, self.last + 1);
        let below = (bid - 1) - (bid - 1).rem_euclid(grid);
        let above = ask + grid - ask.rem_euclid(grid);
        let rest = levels.saturating_sub(1);
        let bids = (0..).map(|step| below - step * grid).take_while(|tick| *tick > 0).take(rest);
        let asks = (0..).map(|step| above + step * grid).take(rest);
        Depth {
            bids: std::iter::once(bid).chain(bids).take(levels).map(level).collect(),
            asks: std::iter::once(ask).chain(asks).take(levels).map(level).collect(),
        }
    }

    fn size_at(&self, tick: i64) -> i64 {
        let of = self.salt ^ tick.unsigned_abs().wrapping_mul(0x5851_f42d_4c95_7f2d);
        let age = (self.steps + of % LEVEL_LIFETIME_STEPS) / LEVEL_LIFETIME_STEPS;
        let mut random = Random::new(of ^ age.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        random.below(self.spec.depth) + i64::try_from(self.spec.depth / 50).unwrap_or(0) + 1
    }

    /// Returns the candles of an interval, oldest first. Daily and longer ones reach further back.
    pub(super) fn bars_of(&self, minutes: i64) -> Vec<Bar> {
        aggregate(self.older_days(minutes).iter().chain(&self.bars), minutes)
    }

    /// Returns the candles of the mark price, without volume.
    pub(super) fn mark_bars_of(&self, minutes: i64) -> Vec<Bar> {
        let begin = self.mark_bars.first().map_or(i64::MAX, |bar| bar.start_ms);
        let before = self.bars.iter().take_while(|bar| bar.start_ms < begin);
        let all = self.older_days(minutes).iter().chain(before).chain(&self.mark_bars);
        let mut bars = aggregate(all, minutes);
        for bar in &mut bars {
            bar.volume = 0;
        }
        bars
    }

    fn older_days(&self, minutes: i64) -> &[Bar] {
        if minutes < 1_440 { &[] } else { &self.days }
    }

    /// Returns the minutes of the last 24 hours.
    pub(super) fn day(&self) -> &[Bar] {
        self.bars.get(self.bars.len().saturating_sub(1_440)..).unwrap_or_default()
    }

    pub(super) fn mark_price(&self) -> Decimal {
        self.spec.price(self.mark)
    }

    pub(super) fn last_price(&self) -> Decimal {
        self.spec.price(self.last)
    }

    /// Returns the predicted funding rate, a fraction; it changes every ten minutes.
    pub(super) fn funding_rate(&self) -> Decimal {
        let minute = self.steps / 600;
        let mut random = Random::new(self.salt ^ (minute / 10).wrapping_add(99));
        Decimal::new(random.below(160) - 40, 6)
    }
}

/// Adds a price to the candle of its minute, or begins a new one.
fn add(bars: &mut Vec<Bar>, start_ms: i64, price: i64, volume: i64, before: i64) {
    if let Some(bar) = bars.last_mut().filter(|bar| bar.start_ms == start_ms) {
        bar.high = bar.high.max(price);
        bar.low = bar.low.min(price);
        bar.close = price;
        bar.volume += volume;
        return;
    }
    let open = bars.last().map_or(before, |bar| bar.close);
    let (high, low) = (open.max(price), open.min(price));
    bars.push(Bar { start_ms, open, high, low, close: price, volume });
}

/// Aggregates candles into longer ones of `minutes`.
fn aggregate<'a>(bars: impl Iterator<Item = &'a Bar>, minutes: i64) -> Vec<Bar> {
    let span = minutes * 60_000;
    let mut all: Vec<Bar> = Vec::new();
    for bar in bars {
        let start_ms = bar.start_ms - bar.start_ms.rem_euclid(span);
        match all.last_mut() {
            Some(last) if last.start_ms == start_ms => {
                last.high = last.high.max(bar.high);
                last.low = last.low.min(bar.low);
                last.close = bar.close;
                last.volume += bar.volume;
            }
            _ => all.push(Bar { start_ms, ..*bar }),
        }
    }
    all
}

/// Generates the days before the first minute, backwards from its price. The last one is a partial day.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "ticks are small")]
fn days_before(first: &Bar, spec: &Spec, salt: u64) -> Vec<Bar> {
    const DAY_MS: i64 = 86_400_000;
    let mut random = Random::new(salt ^ 0x000d_a1e5);
    let sigma = spec.volatility / 365.0_f64.sqrt();
    let today = first.start_ms - first.start_ms.rem_euclid(DAY_MS);
    let mut close = first.open as f64;
    let mut days = Vec::new();
    for back in 0..HISTORY_DAYS {
        let open = (close / libm::exp(sigma * random.normal())).max(100.0).round();
        let high = open.max(close) * (1.0 + sigma * 0.3 * random.unit());
        let low = open.min(close) * (1.0 - sigma * 0.3 * random.unit());
        days.push(Bar {
            start_ms: today - back * DAY_MS,
            open: open as i64,
            high: high.round() as i64,
            low: low.round() as i64,
            close: close as i64,
            volume: (random.below(spec.depth) + 1) * 1_440,
        });
        close = open;
    }
    days.reverse();
    days
}

/// Returns the time of the next funding settlement.
pub(super) const fn next_funding_ms(spec: &Spec, now_ms: i64) -> i64 {
    let span = spec.interval_hours * 3_600_000;
    now_ms - now_ms.rem_euclid(span) + span
}

/// Returns the last price of a contract; 1 for one that does not exist.
pub(super) fn last_price(markets: &[Market], contract: usize) -> Decimal {
    markets.get(contract).map_or(Decimal::ONE, Market::last_price)
}

/// Returns the mark price of a contract; 0 for one that does not exist.
pub(super) fn mark_price(markets: &[Market], contract: usize) -> Decimal {
    markets.get(contract).map_or(Decimal::ZERO, Market::mark_price)
}

/// Returns the markets of all contracts.
pub(super) fn all(seed: u64, start_ms: i64) -> Vec<Market> {
    (0..CONTRACTS.len()).map(|index| Market::new(index, seed, start_ms)).collect()
}

/// Moves all markets by one step.
pub(super) fn step(markets: &mut [Market], now_ms: i64) {
    for market in markets {
        market.step(now_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_790_358_794_987;

    fn walk(seed: u64, steps: i64) -> Vec<Market> {
        let mut markets = all(seed, START);
        for step_number in 1..=steps {
            step(&mut markets, START + step_number * STEP_MS);
        }
        markets
    }

    #[test]
    fn equal_seeds_give_equal_histories_and_others_do_not() {
        let (a, b, c) = (walk(7, 3_000), walk(7, 3_000), walk(8, 3_000));
        assert_eq!(a[0].bars, b[0].bars);
        assert_eq!((a[1].last, a[1].depth()), (b[1].last, b[1].depth()));
        assert_ne!(a[0].bars, c[0].bars);
    }

    #[test]
    fn bars_join_and_longer_ones_are_made_of_shorter_ones() {
        let market = &walk(3, 5_000)[0];
        for (bar, next) in market.bars.iter().zip(market.bars.iter().skip(1)) {
            assert_eq!(bar.start_ms + 60_000, next.start_ms);
            assert_eq!(bar.close, next.open, "no gap between bars");
            assert!(bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close));
        }
        let hours = market.bars_of(60);
        let volume = |bars: &[Bar]| bars.iter().map(|bar| bar.volume).sum::<i64>();
        assert_eq!(volume(&hours), volume(&market.bars));
        assert_eq!(hours.last().unwrap().close, market.last);
    }

    #[test]
    fn the_book_is_never_crossed() {
        let depth = walk(5, 100)[2].depth();
        assert!(depth.bids[0].0 < depth.asks[0].0);
        assert!(depth.bids.windows(2).all(|pair| pair[0].0 > pair[1].0));
        assert!(depth.asks.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
