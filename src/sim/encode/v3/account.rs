//! Positions, the account, and the permissions of the key.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::sim::account_records::{ClosedPosition, Position};
use crate::sim::contracts::{MAKER_FEE, Spec, TAKER_FEE, spec};
use crate::sim::encode::derived::{deleveraging_rank, position_values};
use crate::sim::encode::wire_text::{PLACES, join, mode, ms, or_blank, side, text};
use crate::sim::margin;
use crate::sim::products::{Coin, Product};
use crate::sim::simulated_market::mark_price;
use crate::sim::world::World;

/// The members that REST and socket share, and the values that they name differently.
struct Row {
    shared: Value,
    margin: Value,
    size: Value,
    /// Zero for none.
    liquidation: Decimal,
    funding: Value,
}

fn row(world: &World, position: &Position) -> Row {
    let own = position_values(world, position);
    let margin = if position.cross {
        margin::cross_initial(position.value(own.mark), position.leverage)
    } else {
        position.margin
    };
    let funding = position.funding.unwrap_or_default();
    let places = spec(position.contract).price_places;
    let shared = object!({
        "symbol": spec(position.contract).v3_name, "marginCoin": position.coin().wire(), "holdMode": "hedge_mode",
        "posSide": side(position.long), "marginMode": mode(position.cross),
        "available": text(position.size - own.locked), "frozen": text(own.locked),
        "leverage": position.leverage.to_string(),
        "curRealisedPnl": text(position.realized.round_dp(PLACES)),
        "avgPrice": text(position.entry), "unrealisedPnl": text(own.pnl), "mmr": text(own.rate),
        "profitRate": text(own.pnl.checked_div(margin).unwrap_or_default().round_dp(16)),
        "markPrice": text(own.mark),
        "breakEvenPrice": or_blank(position.break_even().map(|price| price.trunc_with_scale(places))),
        "openFeeTotal": text(-position.open_fees), "closeFeeTotal": text(-position.close_fees),
        "createdTime": ms(position.opened_ms), "updatedTime": ms(position.updated_ms),
    });
    Row {
        shared,
        margin: text(margin.round_dp(8)),
        size: text(position.size),
        liquidation: own.liquidation.round_dp(places),
        funding: text(funding),
    }
}

/// A row of `current-position`.
pub(in crate::sim) fn rest_position(world: &World, position: &Position) -> Value {
    let Row { shared, margin, size, liquidation, funding } = row(world, position);
    join(
        shared,
        object!({
            "category": spec(position.contract).product.wire(),
            "positionBalance": margin,
            "total": size,
            "liquidationPrice": text(liquidation),
            "totalFunding": funding,
            "positionStatus": "normal",
        }),
    )
}

/// A row of the `position` topic.
pub(in crate::sim) fn ws_position(world: &World, position: &Position) -> Value {
    let Row { shared, margin, size, liquidation, funding } = row(world, position);
    join(
        shared,
        object!({
            "marginSize": margin,
            "size": size,
            "liqPrice": or_blank(Some(liquidation).filter(|price| !price.is_zero())),
            "totalFundingFee": funding,
            "positionStatus": "opening",
        }),
    )
}

/// The last row of a position, with most of its members blank.
pub(in crate::sim) fn ws_ended(world: &World, closed: &ClosedPosition) -> Value {
    let position = &closed.position;
    let mark = mark_price(&world.markets, position.contract);
    object!({
        "symbol": spec(position.contract).v3_name, "leverage": position.leverage.to_string(),
        "openFeeTotal": "", "mmr": "", "breakEvenPrice": "", "available": "0", "liqPrice": "",
        "marginMode": mode(position.cross), "unrealisedPnl": "0", "markPrice": text(mark),
        "createdTime": ms(position.opened_ms), "avgPrice": "0", "totalFundingFee": "0",
        "updatedTime": ms(closed.at_ms), "marginCoin": position.coin().wire(), "frozen": "0", "profitRate": "",
        "closeFeeTotal": "", "marginSize": "0", "curRealisedPnl": "0", "size": "0",
        "positionStatus": "ended", "posSide": side(position.long), "holdMode": "hedge_mode",
    })
}

/// A row of `history-position`.
pub(in crate::sim) fn rest_closed(closed: &ClosedPosition) -> Value {
    let position = &closed.position;
    object!({
        "positionId": position.id.to_string(), "category": spec(position.contract).product.wire(),
        "symbol": spec(position.contract).v3_name, "marginCoin": position.coin().wire(), "holdMode": "hedge_mode",
        "posSide": side(position.long), "marginMode": mode(position.cross),
        "openPriceAvg": text(position.entry), "closePriceAvg": text(closed.exit),
        "openTotalPos": text(position.opened_size), "closeTotalPos": text(position.closed_size),
        "cumRealisedPnl": text(position.realized.round_dp(PLACES)),
        "netProfit": text(closed.net().round_dp(PLACES)),
        "totalFunding": text(position.funding.unwrap_or_default()),
        "openFeeTotal": text(-position.open_fees), "closeFeeTotal": text(-position.close_fees),
        "createdTime": ms(position.opened_ms), "updatedTime": ms(closed.at_ms),
    })
}

/// A row of `adlRank`.
pub(in crate::sim) fn adl_rank(world: &World, position: &Position) -> Value {
    object!({
        "symbol": spec(position.contract).v3_name, "marginCoin": position.coin().wire(),
        "adlRank": text(deleveraging_rank(world, position)), "holdSide": side(position.long),
    })
}

/// One coin of the account. Amounts in the coin, `value` in US dollars.
struct CoinRow {
    name: &'static str,
    equity: Decimal,
    value: Decimal,
    balance: Decimal,
    locked: Decimal,
    debt: Decimal,
    bonus: Decimal,
}

/// Amounts in US dollars.
struct AccountValues {
    equity: Decimal,
    effective: Decimal,
    pnl: Decimal,
    initial: Decimal,
    maintenance: Decimal,
    ratio: Decimal,
    coins: Vec<CoinRow>,
}

fn account_values(world: &World) -> AccountValues {
    let (account, markets) = (&world.account, &world.markets);
    let row = |coin: Coin| {
        let equity = account.equity(coin, markets);
        CoinRow {
            name: coin.wire(),
            equity,
            value: equity * account.usd(coin, markets),
            balance: account.balance(coin),
            locked: equity - account.free(coin, markets),
            debt: account.debt(coin),
            bonus: account.purse(coin).bonus,
        }
    };
    let is_held = |row: &CoinRow| ![row.equity, row.balance, row.debt].iter().all(Decimal::is_zero);
    let (effective, maintenance) =
        (account.effective_equity(markets), account.usd_maintenance(markets));
    AccountValues {
        equity: account.usd_equity(markets),
        effective,
        pnl: account.usd_pnl(markets),
        initial: account.initial_margin(markets),
        maintenance,
        ratio: maintenance.checked_div(effective).unwrap_or_default(),
        coins: Coin::ALL.into_iter().map(row).filter(is_held).collect(),
    }
}

/// The response of `assets`.
pub(in crate::sim) fn rest_account(world: &World) -> Value {
    let own = account_values(world);
    let amount = |value: Decimal| text(value.round_dp(8));
    // The same amount of dollars in another coin.
    let within = |value: Decimal, coin: Coin| {
        let price = world.account.usd(coin, &world.markets);
        amount(value.checked_div(price).unwrap_or_default())
    };
    let coin = |coin: &CoinRow| {
        object!({
            "coin": coin.name, "equity": amount(coin.equity), "usdValue": amount(coin.value),
            "balance": amount(coin.balance), "available": amount(coin.equity - coin.locked),
            "debt": amount(coin.debt), "locked": amount(coin.locked), "bonus": amount(coin.bonus),
        })
    };
    let ratio = text(own.ratio.round_dp(PLACES));
    object!({
        "accountEquity": amount(own.equity), "usdtEquity": within(own.equity, Coin::Usdt),
        "btcEquity": within(own.equity, Coin::Btc), "unrealisedPnl": amount(own.pnl),
        "usdtUnrealisedPnl": within(own.pnl, Coin::Usdt),
        "btcUnrealizedPnl": within(own.pnl, Coin::Btc),
        "effEquity": amount(own.effective), "mmr": amount(own.maintenance),
        "imr": amount(own.initial), "mgnRatio": ratio.clone(), "positionMgnRatio": ratio,
        "assets": own.coins.iter().map(coin).collect::<Vec<_>>(),
    })
}

/// A row of the `account` topic, which rounds to cents. It is the same for every product.
pub(in crate::sim) fn ws_account(world: &World, _product: Product) -> Value {
    let own = account_values(world);
    let cents = |value: Decimal| text(value.round_dp(2));
    let amount = |value: Decimal| text(value.round_dp(8));
    let coin = |coin: &CoinRow| {
        object!({
            "coin": coin.name, "balance": amount(coin.balance), "locked": amount(coin.locked),
            "equity": amount(coin.equity), "usdValue": amount(coin.value),
            "available": amount(coin.equity - coin.locked), "borrow": amount(coin.debt),
            "debts": amount(coin.debt), "bonus": amount(coin.bonus),
        })
    };
    let ratio = text(own.ratio.round_dp(4));
    object!({
        "totalEquity": cents(own.equity), "effEquity": cents(own.effective),
        "mmr": cents(own.maintenance), "imr": cents(own.initial), "mgnRatio": ratio.clone(),
        "positionMgnRatio": ratio, "unrealisedPnL": cents(own.pnl),
        "coin": own.coins.iter().map(coin).collect::<Vec<_>>(),
    })
}

/// The response of `settings`.
pub(in crate::sim) fn settings(world: &World) -> Value {
    let setting = |position: &Position| {
        object!({
            "category": spec(position.contract).product.wire(), "symbol": spec(position.contract).v3_name,
            "marginMode": mode(position.cross), "leverage": position.leverage.to_string(),
        })
    };
    object!({
        "uid": "1000000001", "accountMode": world.mode.wire_name(), "assetMode": "multi_assets",
        "accountLevel": "advanced", "holdMode": "hedge_mode", "stpMode": "none",
        "symbolConfigList": world.account.positions.iter().map(setting).collect::<Vec<_>>(),
        "coinConfigList": [object!({ "coin": "USDT", "leverage": "5" })],
    })
}

/// The response of `switch-status`.
pub(in crate::sim) fn switch_status(world: &World) -> Value {
    let status = if world.mode.is_changing() { "process" } else { "success" };
    object!({ "status": status, "reason": "" })
}

/// The response of `account/info`: a read-only key that is bound to an address.
pub(in crate::sim) fn key_info() -> Value {
    object!({
        "userId": "1000000001", "inviterId": "", "parentId": "", "channelCode": "", "channel": "",
        "ips": "127.0.0.1", "permType": "read-only", "permissions": ["uta_mgt", "uta_trade"],
        "regisTime": "1640995200000",
    })
}

/// The response of `fee-rate`.
pub(in crate::sim) fn fee_rate() -> Value {
    object!({ "makerFeeRate": text(MAKER_FEE), "takerFeeRate": text(TAKER_FEE) })
}

/// A row of `all-fee-rate`.
pub(in crate::sim) fn fee_rate_of(spec: &Spec) -> Value {
    join(fee_rate(), object!({ "symbol": spec.v3_name, "category": spec.product.wire() }))
}
