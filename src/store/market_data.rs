//! Prices, candles, the order book and public trades.

use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::mark_candles::{self, Minutes};
use super::plausible::is_older;
use super::{CandleSeries, Snapshot, Stamped};
use crate::domain::{Book, Candle, Interval, Origin, Ticker, Timestamp, Trade};

/// The most candles that are kept: enough for the widest chart and a day of minutes.
const MAX_CANDLES: usize = 1_500;
/// The most public trades that are kept.
const MAX_TRADES: usize = 60;

/// Takes a ticker unless it is older than the one held, or from the future. One without a time has that
/// of its message, or of the ticker that it replaces, so that no older one can replace it.
pub(super) fn ticker(
    state: &mut Snapshot,
    minutes: &mut Minutes,
    mut ticker: Ticker,
    (proven, sent, latest): (Timestamp, Option<Timestamp>, Timestamp),
) -> bool {
    let held = state.tickers.get(&ticker.symbol).and_then(|held| held.value.exchange_time);
    ticker.exchange_time = ticker.exchange_time.or(sent).or(held);
    if ticker.exchange_time.is_some_and(|time| time > latest) {
        return false;
    }
    let price = ticker.mark.zip(ticker.exchange_time);
    let new = Stamped { value: ticker, as_of: proven };
    let held = match state.tickers.entry(new.value.symbol.clone()) {
        Entry::Occupied(held) => {
            let held = held.into_mut();
            if is_older(new.value.exchange_time, held.value.exchange_time, latest) {
                return false;
            }
            *held = new;
            held
        }
        Entry::Vacant(place) => place.insert(new),
    };
    let symbol = &held.value.symbol;
    let closed = price.and_then(|(mark, at)| minutes.price(symbol, mark, at));
    if let Some(candle) = closed {
        let symbol = symbol.clone();
        mark_candles::add(state, &symbol, Interval::Min1, vec![candle]);
    }
    true
}

/// Takes candles by their start. A response of another interval starts a new series; a push of another
/// interval is left over from the previous one and is dropped.
pub(super) fn candles(
    state: &mut Snapshot,
    origin: Origin,
    interval: Interval,
    mut rows: Vec<Candle>,
) -> bool {
    let fresh = state.candles.rows.is_empty();
    if interval != state.candles.interval {
        if origin != Origin::Rest && !fresh {
            return false;
        }
        state.candles = Arc::new(CandleSeries { interval, rows: Vec::new() });
    }
    if rows.is_empty() {
        return false;
    }
    let series = &mut Arc::make_mut(&mut state.candles).rows;
    rows.sort_by_key(|row| row.start);
    let place = |row: &Candle| series.binary_search_by_key(&row.start, |held| held.start);
    let new = rows.iter().filter(|row| place(row).is_err()).count();
    // Room for no more than there are: a series that grew by doubling would keep as much again.
    series.reserve_exact(new);
    for row in rows {
        match series.binary_search_by_key(&row.start, |held| held.start) {
            Ok(index) => {
                if let Some(held) = series.get_mut(index) {
                    *held = row;
                }
            }
            Err(index) => series.insert(index, row),
        }
    }
    let surplus = series.len().saturating_sub(MAX_CANDLES);
    series.drain(..surplus);
    true
}

/// Takes an order book; a lost one leaves none. The session has checked its sequence, so its time orders
/// nothing here.
pub(super) fn book(state: &mut Snapshot, book: Option<Arc<Book>>, proven: Timestamp) -> bool {
    let had = state.book.is_some();
    state.book = book.map(|value| Stamped { value, as_of: proven });
    had || state.book.is_some()
}

/// Adds public trades, newest first. A stream that is subscribed to again repeats the last ones; those are known
/// by their ids. Two trades of one size at one price in the same millisecond are two.
pub(super) fn trades(state: &mut Snapshot, rows: Vec<Trade>) -> bool {
    let is_held = |trade: &Trade| trade.id.is_some() && state.trades.contains(trade);
    let fresh: Vec<Trade> = rows.into_iter().filter(|trade| !is_held(trade)).collect();
    if fresh.is_empty() {
        return false;
    }
    let held = Arc::make_mut(&mut state.trades);
    // Rows of one moment stand in the order of their messages, the newest of which begins with its newest.
    held.splice(0..0, fresh);
    held.sort_by_key(|trade| std::cmp::Reverse(trade.time));
    held.truncate(MAX_TRADES);
    true
}
