//! Rows of positions that are not computed with: the exchange's own figures, with their age.
//!
//! A coin-margined contract is not linear in the price, and a classic account backs what it holds in USDC
//! with an account of its own, so margin, ratio and liquidation come from the exchange's list. PnL and
//! distance of a linear one still move with the mark price. Nothing here enters a sum of the account.

use rust_decimal::Decimal;

use super::inputs::Inputs;
use super::levels::Levels;
use super::position_row::{plans, plans_known};
use super::prices::{PricedPosition, PricedPositions};
use super::rounding::tidy;
use super::{PositionRisk, PositionRow};
use crate::risk::{self, PositionFigures};

/// Returns the rows of the positions that are not computed with.
pub(super) fn rows(
    inputs: &Inputs<'_>,
    priced: &PricedPositions<'_>,
    levels: &mut Levels,
) -> Vec<PositionRow> {
    priced.others.iter().map(|held| row(inputs, held, levels)).collect()
}

fn row(inputs: &Inputs<'_>, held: &PricedPosition<'_>, levels: &mut Levels) -> PositionRow {
    let position = held.position;
    let linear = position.key.symbol.product().is_linear();
    let liquidation = risk::plausible_liquidation_price(position.liquidation_price, held.mark);
    let unrealized = if linear { held.unrealized() } else { position.exchange_unrealized_pnl };
    let margin = position.margin.filter(|margin| *margin > Decimal::ZERO);
    // What is at stake is left out: its amounts are not in the coin of the account's equity.
    let figures =
        PositionFigures { margin_ratio: position.exchange_margin_ratio, ..Default::default() };
    let mut risk = PositionRisk::default();
    let judgement = levels.of_position(inputs, held, &figures, &risk);
    (risk.level, risk.reason) = (judgement.level, judgement.reason);
    let [take_profit, stop_loss] = plans(inputs, position);
    let contract = held.rules.and_then(|rules| rules.contract.as_ref());
    let net = || {
        let costs = (position.realized_pnl?, position.funding_pnl?, position.fees_paid?);
        risk::net(unrealized?, costs.0, costs.1, costs.2)
    };
    PositionRow {
        key: position.key.clone(),
        is_focus: false,
        position_mode: position.position_mode.clone(),
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
        margin: position.margin.map(|margin| margin.normalize()),
        // The unit of the size of a coin-margined contract is not documented.
        notional: held
            .mark
            .filter(|_| linear)
            .and_then(|mark| risk::mul(position.size, mark))
            .map(|notional| notional.normalize()),
        unrealized_pnl: unrealized.map(|pnl| pnl.normalize()),
        exchange_unrealized_pnl: position.exchange_unrealized_pnl,
        roe: unrealized.zip(margin).and_then(|(pnl, margin)| risk::div(pnl, margin)).map(tidy),
        realized_pnl: position.realized_pnl,
        funding_pnl: position.funding_pnl,
        fees_paid: position.fees_paid,
        net_pnl: net().map(|net| net.normalize()),
        maintenance_margin_rate: position.maintenance_margin_rate,
        margin_ratio: position.exchange_margin_ratio.map(tidy),
        take_profit,
        stop_loss,
        plans_known: plans_known(inputs, position),
        opened_at: position.details.as_ref().and_then(|details| details.opened_at),
        updated_at: position.updated_at,
        risk,
        age: held.age,
        price_places: contract.map(|contract| contract.price_places),
        size_places: contract.map(|contract| contract.size_places),
        modelled: false,
        counted: false,
        settle_rate: held.rate,
    }
}
