//! Positions, the account, and the permissions of the key.

use rust_decimal::Decimal;
use serde_json::Value;

use super::category::CATEGORY;
use crate::sim::account_records::{ClosedPosition, Position};
use crate::sim::contracts::{MAKER_FEE, Spec, TAKER_FEE, spec};
use crate::sim::encode::derived::{deleveraging_rank, position_values};
use crate::sim::encode::wire_text::{PLACES, join, mode, ms, or_blank, side, text};
use crate::sim::margin;
use crate::sim::margin_account::Account;
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
        margin::cross_initial(position.size * own.mark, position.leverage)
    } else {
        position.margin
    };
    let funding = position.funding.unwrap_or_default();
    let places = spec(position.contract).price_places;
    let shared = object!({
        "symbol": spec(position.contract).name, "marginCoin": "USDT", "holdMode": "hedge_mode",
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
            "category": CATEGORY,
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
        "symbol": spec(position.contract).name, "leverage": position.leverage.to_string(),
        "openFeeTotal": "", "mmr": "", "breakEvenPrice": "", "available": "0", "liqPrice": "",
        "marginMode": mode(position.cross), "unrealisedPnl": "0", "markPrice": text(mark),
        "createdTime": ms(position.opened_ms), "avgPrice": "0", "totalFundingFee": "0",
        "updatedTime": ms(closed.at_ms), "marginCoin": "USDT", "frozen": "0", "profitRate": "",
        "closeFeeTotal": "", "marginSize": "0", "curRealisedPnl": "0", "size": "0",
        "positionStatus": "ended", "posSide": side(position.long), "holdMode": "hedge_mode",
    })
}

/// A row of `history-position`.
pub(in crate::sim) fn rest_closed(closed: &ClosedPosition) -> Value {
    let position = &closed.position;
    object!({
        "positionId": position.id.to_string(), "category": CATEGORY,
        "symbol": spec(position.contract).name, "marginCoin": "USDT", "holdMode": "hedge_mode",
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
        "symbol": spec(position.contract).name, "marginCoin": "USDT",
        "adlRank": text(deleveraging_rank(world, position)), "holdSide": side(position.long),
    })
}

/// One coin of the account. Amounts in the coin, `value` in US dollars.
struct Coin {
    name: &'static str,
    equity: Decimal,
    value: Decimal,
    balance: Decimal,
    locked: Decimal,
}

struct AccountValues {
    equity: Decimal,
    effective: Decimal,
    pnl: Decimal,
    initial: Decimal,
    maintenance: Decimal,
    ratio: Decimal,
    bitcoin: Decimal,
    coins: Vec<Coin>,
}

fn account_values(world: &World) -> AccountValues {
    let (account, markets) = (&world.account, &world.markets);
    let (own, pnl) = (account.equity(markets), account.pnl(markets));
    let (effective, maintenance) =
        (account.cross_equity(markets), account.cross_maintenance(markets));
    let isolated = own - account.usdt_cross_equity(markets);
    let bitcoin = Account::bitcoin_price(markets);
    let btc_balance = account.bitcoin;
    let usdt =
        Coin { name: "USDT", equity: own, value: own, balance: account.wallet, locked: isolated };
    let btc = Coin {
        name: "BTC",
        equity: btc_balance,
        value: btc_balance * bitcoin,
        balance: btc_balance,
        locked: Decimal::ZERO,
    };
    AccountValues {
        equity: own + btc_balance * bitcoin,
        effective,
        pnl,
        initial: account.initial_margin(markets),
        maintenance,
        ratio: maintenance.checked_div(effective).unwrap_or_default(),
        bitcoin,
        coins: [usdt, btc].into_iter().filter(|coin| !coin.equity.is_zero()).collect(),
    }
}

/// The response of `assets`.
pub(in crate::sim) fn rest_account(world: &World) -> Value {
    let own = account_values(world);
    let bitcoin =
        |value: Decimal| text(value.checked_div(own.bitcoin).unwrap_or_default().round_dp(8));
    let amount = |value: Decimal| text(value.round_dp(8));
    let coin = |coin: &Coin| {
        object!({
            "coin": coin.name, "equity": amount(coin.equity), "usdValue": amount(coin.value),
            "balance": amount(coin.balance), "available": amount(coin.equity - coin.locked),
            "debt": "0", "locked": amount(coin.locked),
        })
    };
    let ratio = text(own.ratio.round_dp(PLACES));
    object!({
        "accountEquity": amount(own.equity), "usdtEquity": amount(own.equity),
        "btcEquity": bitcoin(own.equity), "unrealisedPnl": amount(own.pnl),
        "usdtUnrealisedPnl": amount(own.pnl), "btcUnrealizedPnl": bitcoin(own.pnl),
        "effEquity": amount(own.effective), "mmr": amount(own.maintenance),
        "imr": amount(own.initial), "mgnRatio": ratio.clone(), "positionMgnRatio": ratio,
        "assets": own.coins.iter().map(coin).collect::<Vec<_>>(),
    })
}

/// A row of the `account` topic, which rounds to cents.
pub(in crate::sim) fn ws_account(world: &World) -> Value {
    let own = account_values(world);
    let cents = |value: Decimal| text(value.round_dp(2));
    let amount = |value: Decimal| text(value.round_dp(8));
    let coin = |coin: &Coin| {
        object!({
            "coin": coin.name, "balance": amount(coin.balance), "locked": amount(coin.locked),
            "equity": amount(coin.equity), "usdValue": amount(coin.value),
            "available": amount(coin.equity - coin.locked), "borrow": "0", "debts": "0",
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
            "category": CATEGORY, "symbol": spec(position.contract).name,
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
    join(fee_rate(), object!({ "symbol": spec.name, "category": CATEGORY }))
}
