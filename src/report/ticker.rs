//! The prices of the focus.

use super::TickerPart;
use super::age::Age;
use super::inputs::Inputs;

/// Returns the prices of the focus.
pub(super) fn part(inputs: &Inputs<'_>) -> TickerPart {
    let (snapshot, focus) = (inputs.snapshot, &inputs.context.focus);
    let held = snapshot.tickers.get(focus);
    let ticker = held.map(|held| &held.value);
    let rules = snapshot.rules.get(focus);
    let funding = rules.and_then(|rules| rules.funding.as_ref());
    let contract = rules.and_then(|rules| rules.contract.as_ref());
    TickerPart {
        age: Age::new(held.map(|ticker| ticker.as_of), inputs.context.limits.price),
        exchange_time: ticker.and_then(|t| t.exchange_time),
        last: ticker.and_then(|t| t.last),
        mark: ticker.and_then(|t| t.mark),
        index: ticker.and_then(|t| t.index),
        bid: ticker.and_then(|t| t.bid),
        bid_size: ticker.and_then(|t| t.bid_size),
        ask: ticker.and_then(|t| t.ask),
        ask_size: ticker.and_then(|t| t.ask_size),
        open_24h: ticker.and_then(|t| t.open_24h),
        high_24h: ticker.and_then(|t| t.high_24h),
        low_24h: ticker.and_then(|t| t.low_24h),
        change_24h: ticker.and_then(|t| t.change_24h),
        volume_24h_base: ticker.and_then(|t| t.volume_24h_base),
        volume_24h_quote: ticker.and_then(|t| t.volume_24h_quote),
        open_interest: ticker.and_then(|t| t.open_interest),
        funding_rate: ticker.and_then(|t| t.funding_rate).or_else(|| funding?.rate),
        funding_interval_hours: funding
            .and_then(|funding| funding.interval_hours)
            .or_else(|| contract?.funding_interval_hours),
        next_funding_at: ticker.and_then(|t| t.next_funding_at).or_else(|| funding?.next_at),
    }
}
