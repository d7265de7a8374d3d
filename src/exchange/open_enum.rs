//! Enum values that both generations of the API spell alike, and the real direction of orders.

use super::number::Raw;
use crate::domain::{
    Fee, Liquidity, MarginMode, OpenEnum, Order, OrderSide, OrderStatus, PositionMode, Product,
    Side, Symbol, Text,
};

/// Parses the side of a position; strict, because PnL depends on it.
pub(super) fn side(raw: &Raw<'_>) -> Option<Side> {
    match () {
        () if raw.is("long") => Some(Side::Long),
        () if raw.is("short") => Some(Side::Short),
        () => None,
    }
}

/// Looks a value up in `known`, in any case; `None` for a missing or blank one.
pub(super) fn parse<T>(raw: &Raw<'_>, known: &[(&str, T)]) -> Option<OpenEnum<T>>
where
    T: Copy,
{
    let text = raw.text()?;
    let found = known.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
    Some(
        found
            .map_or_else(|| OpenEnum::Other(Text::new(text)), |(_, value)| OpenEnum::Known(*value)),
    )
}

/// Looks up a value that should be present.
pub(super) fn parse_or_missing<T: Copy>(raw: &Raw<'_>, known: &[(&str, T)]) -> OpenEnum<T> {
    parse(raw, known).unwrap_or(OpenEnum::Missing)
}

/// Gives listed orders without a status theirs: what the exchange lists as waiting is live. Plans of
/// unified accounts come so.
pub(super) fn listed_status(orders: &mut [Order]) {
    for order in orders.iter_mut().filter(|order| order.status == OpenEnum::Missing) {
        let in_part = order.filled.is_some_and(|filled| !filled.is_zero());
        order.status =
            OpenEnum::Known(if in_part { OrderStatus::PartiallyFilled } else { OrderStatus::Live });
    }
}

/// Parses a margin mode; V1's `fixed` is isolated.
pub(super) fn margin_mode(raw: &Raw<'_>) -> Option<OpenEnum<MarginMode>> {
    parse(
        raw,
        &[
            ("crossed", MarginMode::Cross),
            ("cross", MarginMode::Cross),
            ("isolated", MarginMode::Isolated),
            ("fixed", MarginMode::Isolated),
        ],
    )
}

/// Parses a position mode.
pub(super) fn position_mode(raw: &Raw<'_>) -> Option<OpenEnum<PositionMode>> {
    parse(raw, &[("one_way_mode", PositionMode::OneWay), ("hedge_mode", PositionMode::Hedge)])
}

/// Parses the direction of a trade.
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

/// Returns whether a `tradeSide` closes; `None` where the value does not say.
pub(super) fn closes(trade_side: &Raw<'_>) -> Option<bool> {
    let text = trade_side.text()?.to_ascii_lowercase();
    match text.as_str() {
        "open" => Some(false),
        "close" => Some(true),
        _ if forced(trade_side).is_some() => Some(true),
        _ => None,
    }
}

/// Returns the `tradeSide` of a forced trade: liquidation, netting, delivery, deleveraging.
pub(super) fn forced(trade_side: &Raw<'_>) -> Option<Text> {
    let text = trade_side.text()?;
    let lower = text.to_ascii_lowercase();
    ["reduce_", "burst_", "offset_", "delivery_", "dte_sys_adl_"]
        .iter()
        .any(|prefix| lower.starts_with(prefix))
        .then(|| Text::new(text))
}

/// Returns whether a fill rested in the book or took from it.
pub(super) fn liquidity(raw: &Raw<'_>) -> Option<Liquidity> {
    match () {
        () if raw.is("maker") || raw.is("m") => Some(Liquidity::Maker),
        () if raw.is("taker") || raw.is("t") => Some(Liquidity::Taker),
        () => None,
    }
}

/// Returns a coin's name, upper case.
pub(super) fn coin(raw: &Raw<'_>) -> Option<Text> {
    raw.text().map(|coin| Text::new(&coin.to_uppercase()))
}

/// Returns a fee in its coin; `None` when either is missing.
pub(super) fn fee(coin_name: &Raw<'_>, paid: Option<rust_decimal::Decimal>) -> Option<Fee> {
    Some(Fee { coin: coin(coin_name)?, paid: paid? })
}

/// Returns a contract of `product`; `None` for a name that says another one. Contracts that settle in USDT
/// all say so, dated ones too.
pub(super) fn contract(raw: &Raw<'_>, product: Product) -> Option<Symbol> {
    let symbol = Symbol::from_wire(raw.text()?, product)?;
    let said = Product::of_contract(symbol.wire());
    let fits = said == Some(product) || (said.is_none() && product != Product::UsdtFutures);
    fits.then_some(symbol)
}

/// Returns a contract of the product that its name tells, for rows that say nothing else.
pub(super) fn named_contract(raw: &Raw<'_>) -> Option<Symbol> {
    contract(raw, Product::of_contract(raw.text()?)?)
}

#[cfg(test)]
mod tests;
