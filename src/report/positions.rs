//! Position rows: each position with its live mark price and what follows from it.

use rust_decimal::Decimal;

use super::age::Age;
use super::portfolio::Held;
use super::{Context, PositionRisk, PositionRow, Time};
use crate::domain::{AccountKind, Order, OrderKind, Position, Side};
use crate::risk::{self, PositionFigures};

/// Digits that are kept of a quotient; far below anything that is shown.
const QUOTIENT_PLACES: u32 = 12;

/// Rounds a quotient and drops trailing zeros.
pub(super) fn tidy(value: Decimal) -> Decimal {
    value.round_dp(QUOTIENT_PLACES).normalize()
}

/// Returns the row of one position. `account_age` is that of the figures of the account, which the
/// margin ratio of a cross position rests on; `orders` are `None` while their list is not live
/// and whole.
pub(super) fn row(
    held: &Held<'_>,
    figures: &PositionFigures,
    risk: PositionRisk,
    orders: Option<&[Order]>,
    (context, kind, account_age): (&Context, AccountKind, Age),
) -> PositionRow {
    let position = held.position;
    let key = &position.key;
    let liquidation = risk::plausible_liquidation_price(position.liquidation_price, held.mark);
    let age = if held.is_cross() { held.age.with(account_age) } else { held.age };
    let contract = held.rules.and_then(|rules| rules.contract.as_ref());
    let details = position.details.as_ref();
    PositionRow {
        symbol: key.symbol.to_string(),
        side: side_word(key.side),
        margin_mode: key.margin_mode.to_string(),
        position_mode: position.position_mode.as_ref().map(ToString::to_string),
        size: position.size,
        available: position.available,
        entry_price: position.entry_price,
        mark_price: held.mark,
        break_even_price: position.break_even_price,
        liquidation_price: liquidation,
        liquidation_distance: held
            .mark
            .zip(liquidation)
            .and_then(|(mark, price)| risk::liquidation_distance(mark, price))
            .map(tidy),
        leverage: position.leverage,
        margin: figures.margin.map(|margin| margin.normalize()),
        notional: figures.notional.map(|notional| notional.normalize()),
        unrealized_pnl: figures.unrealized.map(|pnl| pnl.normalize()),
        exchange_unrealized_pnl: position.exchange_unrealized_pnl,
        roe: figures.roe.map(tidy),
        realized_pnl: position.realized_pnl,
        funding_pnl: position.funding_pnl,
        fees_paid: position.fees_paid,
        net_pnl: net(position, figures).map(|net| net.normalize()),
        maintenance_margin_rate: position.maintenance_margin_rate,
        margin_ratio: figures
            .margin_ratio
            .filter(|_| held.is_cross() || held.is_isolated())
            .map(tidy),
        take_profit: details
            .and_then(|details| details.take_profit)
            .or_else(|| trigger(position, orders?, OrderKind::TakeProfit)),
        stop_loss: details
            .and_then(|details| details.stop_loss)
            .or_else(|| trigger(position, orders?, OrderKind::StopLoss)),
        // Only complete lists name plans; they name the time of opening as well.
        plans_known: details.is_some_and(|details| details.opened_at.is_some())
            && (kind == AccountKind::Classic || orders.is_some()),
        opened_at: details.and_then(|details| details.opened_at).map(Time),
        updated_at: position.updated_at.map(Time),
        risk,
        freshness: age.freshness,
        age_ms: age.ms,
        is_focus: key.symbol == context.focus,
        price_places: contract.map(|contract| contract.price_places),
        size_places: contract.map(|contract| contract.size_places),
        base_coin: key.symbol.base().map(str::to_owned),
    }
}

pub(super) const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Long => "long",
        Side::Short => "short",
    }
}

fn net(position: &Position, figures: &PositionFigures) -> Option<Decimal> {
    risk::net(
        figures.unrealized?,
        position.realized_pnl?,
        position.funding_pnl?,
        position.fees_paid?,
    )
}

/// Returns the trigger of the plan that closes the whole position, where the row itself does not carry
/// it: a unified account keeps those among the orders.
fn trigger(position: &Position, orders: &[Order], kind: OrderKind) -> Option<Decimal> {
    let whole = |order: &&Order| {
        order.symbol == position.key.symbol
            && order.kind.known() == Some(kind)
            && order.position_side.is_none_or(|side| side == position.key.side)
            && order.size.is_none_or(|size| size >= position.size)
    };
    orders.iter().find(whole).and_then(|order| order.trigger_price)
}
