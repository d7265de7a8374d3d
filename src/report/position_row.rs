//! Position rows: each position with its live mark price and what follows from it.

use rust_decimal::Decimal;

use super::age::Age;
use super::inputs::Inputs;
use super::levels::Levels;
use super::position_risk;
use super::prices::PricedPosition;
use super::reading::Reading;
use super::rounding::tidy;
use super::{PositionRisk, PositionRow};
use crate::domain::{AccountKind, Order, OrderKind, Position, Product};
use crate::risk::{self, PositionFigures};

/// Returns the rows of all positions. `account_age` is that of the figures of the account, which the
/// margin ratio of a cross position rests on.
pub(super) fn rows(
    reading: &Reading<'_>,
    levels: &mut Levels,
    account_age: Age,
) -> Vec<PositionRow> {
    let inputs = reading.inputs;
    let held = reading.holdings.priced.rows.iter().enumerate();
    let rows = held.map(|(place, held)| {
        let figures = reading.holdings.figures(reading.valuation, place);
        let plans = plans(inputs, held.position);
        let mut risk = position_risk::of(reading, (place, held), &figures, plans);
        let judgement = levels.of_position(inputs, held, &figures, &risk);
        (risk.level, risk.reason) = (judgement.level, judgement.reason);
        risk.at_stake = judgement.at_stake.map(tidy);
        row(reading, (place, held), &figures, plans, (risk, account_age))
    });
    rows.collect()
}

fn row(
    reading: &Reading<'_>,
    (place, held): (usize, &PricedPosition<'_>),
    figures: &PositionFigures,
    [take_profit, stop_loss]: [Option<Decimal>; 2],
    (risk, account_age): (PositionRisk, Age),
) -> PositionRow {
    let inputs = reading.inputs;
    let position = held.position;
    let key = &position.key;
    let known = position_risk::rules_known(reading, held);
    let liquidation = risk::plausible_liquidation_price(position.liquidation_price, held.mark);
    let contract = held.rules.and_then(|rules| rules.contract.as_ref());
    let details = position.details.as_ref();
    PositionRow {
        key: key.clone(),
        is_focus: key.symbol == inputs.context.focus,
        position_mode: position.position_mode.clone(),
        size: position.size,
        available: position.available,
        entry_price: position.entry_price,
        mark_price: held.mark,
        break_even_price: position
            .break_even_price
            .or_else(|| reading.valuation.break_even(place).map(tidy)),
        liquidation_price: liquidation,
        liquidation_distance: held
            .mark
            .zip(liquidation)
            .and_then(|(mark, price)| risk::liquidation_distance(mark, price))
            .filter(|_| inputs.kind.is_some())
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
        // Under rules that are not modelled it is the exchange's.
        margin_ratio: figures
            .margin_ratio
            .filter(|_| known || inputs.foreign_rules().is_some())
            .map(tidy),
        take_profit,
        stop_loss,
        plans_known: plans_known(inputs, position),
        opened_at: details.and_then(|details| details.opened_at),
        updated_at: position.updated_at,
        risk,
        age: if held.is_cross() { held.age.with(account_age) } else { held.age },
        price_places: contract.map(|contract| contract.price_places),
        size_places: contract.map(|contract| contract.size_places),
        modelled: inputs.foreign_rules().is_none(),
        counted: true,
        settle_rate: held.rate,
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

/// Returns the triggers of take-profit and stop-loss of the whole position.
pub(super) fn plans(inputs: &Inputs<'_>, position: &Position) -> [Option<Decimal>; 2] {
    let orders = whole_orders(inputs, position.key.symbol.product());
    [OrderKind::TakeProfit, OrderKind::StopLoss].map(|kind| plan(position, orders, kind))
}

/// Returns whether a plan that is not named does not exist. Only complete lists name plans; they name the
/// time of opening as well.
pub(super) fn plans_known(inputs: &Inputs<'_>, position: &Position) -> bool {
    let listed = position.details.as_ref().is_some_and(|details| details.opened_at.is_some());
    let classic = inputs.kind == Some(AccountKind::Classic);
    listed && (classic || whole_orders(inputs, position.key.symbol.product()).is_some())
}

/// Returns the orders while the lists of a product are live and whole.
fn whole_orders<'a>(inputs: &Inputs<'a>, product: Product) -> Option<&'a [Order]> {
    let orders = &inputs.snapshot.orders;
    let own = product == Product::UsdtFutures;
    let unreadable = if own { orders.unreadable } else { orders.unreadable_elsewhere };
    let live = inputs.orders_age_of(product).is_live(inputs.now);
    (live && unreadable == 0).then_some(orders.rows.as_slice())
}

/// Returns the trigger of the plan that closes the whole position: of the row itself, or of the order
/// where the row does not carry it, as a unified account keeps those among the orders.
fn plan(position: &Position, orders: Option<&[Order]>, kind: OrderKind) -> Option<Decimal> {
    let details = position.details.as_ref();
    let own = details.and_then(|details| match kind {
        OrderKind::TakeProfit => details.take_profit,
        OrderKind::StopLoss => details.stop_loss,
        OrderKind::Limit | OrderKind::Market | OrderKind::Trigger | OrderKind::Trailing => None,
    });
    let whole = |order: &&Order| {
        order.symbol == position.key.symbol
            && order.kind.known() == Some(kind)
            && order.position_side.is_none_or(|side| side == position.key.side)
            && order.size.is_none_or(|size| size >= position.size)
    };
    own.or_else(|| orders?.iter().find(whole).and_then(|order| order.trigger_price))
}
