//! V2's words for closed sets, and the real direction of orders.

use crate::domain::{AssetMode, MarginMode, OrderSide, PositionMode, Side, Text, Word};
use crate::exchange::number::Raw;

/// Returns the side of a position; strict, because PnL hangs on it.
pub(super) fn side(raw: &Raw<'_>) -> Option<Side> {
    match () {
        () if raw.is("long") => Some(Side::Long),
        () if raw.is("short") => Some(Side::Short),
        () => None,
    }
}

fn word<T>(raw: &Raw<'_>, known: &[(&str, T)]) -> Option<Word<T>>
where
    T: Copy,
{
    let text = raw.text()?;
    let found = known.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
    Some(found.map_or_else(|| Word::Other(Text::new(text)), |(_, value)| Word::Known(*value)))
}

/// Returns the margin mode; V1's `fixed` is isolated.
pub(super) fn margin_mode(raw: &Raw<'_>) -> Option<Word<MarginMode>> {
    word(
        raw,
        &[
            ("crossed", MarginMode::Cross),
            ("cross", MarginMode::Cross),
            ("isolated", MarginMode::Isolated),
            ("fixed", MarginMode::Isolated),
        ],
    )
}

/// Returns the position mode.
pub(super) fn position_mode(raw: &Raw<'_>) -> Option<Word<PositionMode>> {
    word(raw, &[("one_way_mode", PositionMode::OneWay), ("hedge_mode", PositionMode::Hedge)])
}

/// Returns the asset mode.
pub(super) fn asset_mode(raw: &Raw<'_>) -> Option<Word<AssetMode>> {
    word(raw, &[("single", AssetMode::Single), ("union", AssetMode::Multi)])
}

/// Returns the word for the direction of a trade.
pub(super) fn order_side(raw: &Raw<'_>) -> Option<OrderSide> {
    match () {
        () if raw.is("buy") => Some(OrderSide::Buy),
        () if raw.is("sell") => Some(OrderSide::Sell),
        () => None,
    }
}

/// Returns the direction in which a position is opened or closed.
pub(super) const fn direction(side: Side, closes: bool) -> OrderSide {
    match (side, closes) {
        (Side::Long, false) | (Side::Short, true) => OrderSide::Buy,
        (Side::Long, true) | (Side::Short, false) => OrderSide::Sell,
    }
}

/// The words that `tradeSide` may hold, as far as they tell opening from closing.
pub(super) fn closes(trade_side: &Raw<'_>) -> Option<bool> {
    let text = trade_side.text()?.to_ascii_lowercase();
    match text.as_str() {
        "open" => Some(false),
        "close" => Some(true),
        _ if forced(trade_side).is_some() => Some(true),
        _ => None,
    }
}

/// Returns the word of a forced trade: liquidation, netting, delivery, deleveraging.
pub(super) fn forced(trade_side: &Raw<'_>) -> Option<Text> {
    let text = trade_side.text()?;
    let lower = text.to_ascii_lowercase();
    ["reduce_", "burst_", "offset_", "delivery_", "dte_sys_adl_"]
        .iter()
        .any(|prefix| lower.starts_with(prefix))
        .then(|| Text::new(text))
}
