//! Positions, the account, and the permissions of the key.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::sim::account_records::{ClosedPosition, Position};
use crate::sim::contracts::{MAKER_FEE, TAKER_FEE, spec};
use crate::sim::encode::derived::{account_values, deleveraging_rank, position_values};
use crate::sim::encode::wire_text::{PLACES, mode, ms, or_blank, side, text};
use crate::sim::products::{Coin, Product};
use crate::sim::world::World;

/// A row of `all-position`.
pub(in crate::sim) fn rest_position(world: &World, position: &Position) -> Value {
    let own = position_values(world, position);
    let has_plan =
        |price: Option<Decimal>| if price.is_some() { "1300000000000000001" } else { "" };
    object!({
        "marginCoin": position.coin().wire(), "symbol": spec(position.contract).name,
        "holdSide": side(position.long),
        "openDelegateSize": "0", "marginSize": text(position.margin.round_dp(PLACES)),
        "available": text(position.size - own.locked), "locked": text(own.locked),
        "total": text(position.size), "leverage": position.leverage.to_string(),
        "achievedProfits": text(position.realized.round_dp(PLACES)),
        "openPriceAvg": text(position.entry), "marginMode": mode(position.cross),
        "posMode": "hedge_mode", "unrealizedPL": text(own.pnl),
        "liquidationPrice": text(own.liquidation), "keepMarginRate": text(own.rate),
        "markPrice": text(own.mark), "marginRatio": text(own.ratio),
        "breakEvenPrice": or_blank(position.break_even().map(|price| price.round_dp(PLACES))),
        "totalFee": or_blank(position.funding), "deductedFee": text(position.fees.round_dp(PLACES)),
        "grant": "", "assetMode": "single", "autoMargin": "off",
        "takeProfit": or_blank(position.take_profit), "stopLoss": or_blank(position.stop_loss),
        "takeProfitId": has_plan(position.take_profit), "stopLossId": has_plan(position.stop_loss),
        "cTime": ms(position.opened_ms), "uTime": ms(position.updated_ms),
    })
}

/// A row of the `positions` channel, in which the leverage is a number.
pub(in crate::sim) fn ws_position(world: &World, position: &Position) -> Value {
    let own = position_values(world, position);
    let roe = own.pnl.checked_div(position.margin).unwrap_or_default().round_dp(PLACES);
    object!({
        "posId": position.id.to_string(), "instId": spec(position.contract).name,
        "marginCoin": position.coin().wire(), "marginSize": text(position.margin.round_dp(PLACES)),
        "marginMode": mode(position.cross), "holdSide": side(position.long),
        "posMode": "hedge_mode", "total": text(position.size),
        "available": text(position.size - own.locked), "frozen": text(own.locked),
        "openPriceAvg": text(position.entry), "leverage": position.leverage,
        "achievedProfits": text(position.realized.round_dp(PLACES)), "unrealizedPL": text(own.pnl),
        "unrealizedPLR": text(roe), "liquidationPrice": text(own.liquidation),
        "keepMarginRate": text(own.rate), "marginRate": text(own.ratio),
        "cTime": ms(position.opened_ms),
        "breakEvenPrice": or_blank(position.break_even().map(|price| price.round_dp(PLACES))),
        "totalFee": or_blank(position.funding), "deductedFee": text(position.fees.round_dp(PLACES)),
        "markPrice": text(own.mark), "uTime": ms(position.updated_ms), "assetMode": "single",
        "autoMargin": "off",
    })
}

/// A row of `history-position`, in which the names of the times are lower case.
pub(in crate::sim) fn rest_closed(closed: &ClosedPosition) -> Value {
    let position = &closed.position;
    let funding = position.funding.unwrap_or_default();
    object!({
        "positionId": position.id.to_string(), "marginCoin": position.coin().wire(),
        "symbol": spec(position.contract).name, "holdSide": side(position.long),
        "openAvgPrice": text(position.entry), "closeAvgPrice": text(closed.exit),
        "marginMode": mode(position.cross), "openTotalPos": text(position.opened_size),
        "closeTotalPos": text(position.closed_size), "pnl": text(position.realized.round_dp(PLACES)),
        "netProfit": text(closed.net().round_dp(PLACES)), "totalFunding": text(funding),
        "openFee": text(-position.open_fees), "closeFee": text(-position.close_fees),
        "posMode": "hedge_mode", "ctime": ms(position.opened_ms), "utime": ms(closed.at_ms),
    })
}

/// A row of the `positions-history` channel.
pub(in crate::sim) fn ws_closed(closed: &ClosedPosition) -> Value {
    let position = &closed.position;
    object!({
        "posId": position.id.to_string(), "instId": spec(position.contract).name,
        "marginCoin": position.coin().wire(), "marginMode": mode(position.cross), "holdSide": side(position.long),
        "posMode": "hedge_mode", "openPriceAvg": text(position.entry),
        "closePriceAvg": text(closed.exit), "openSize": text(position.opened_size),
        "closeSize": text(position.closed_size),
        "achievedProfits": text(position.realized.round_dp(PLACES)),
        "settleFee": text(position.funding.unwrap_or_default()),
        "openFee": text(-position.open_fees), "closeFee": text(-position.close_fees),
        "cTime": ms(position.opened_ms), "uTime": ms(closed.at_ms),
    })
}

/// A row of `accounts`.
pub(in crate::sim) fn rest_account(world: &World, product: Product) -> Value {
    let own = account_values(world, product.coin());
    object!({
        "accountEquity": text(own.equity), "assetList": json!([]), "assetMode": "single",
        "available": text(own.available), "btcEquity": "0.15", "coupon": text(own.coupon),
        "crossedMargin": text(own.cross), "crossedMaxAvailable": text(own.available),
        "crossedRiskRate": text(own.risk), "crossedUnrealizedPL": "", "grant": text(own.bonus),
        "isolatedMargin": text(own.isolated), "isolatedMaxAvailable": text(own.available),
        "isolatedUnrealizedPL": "", "locked": text(own.locked), "marginCoin": product.coin().wire(),
        "maxTransferOut": text(own.available), "unionAvailable": text(own.available),
        "unionMm": "0", "unionTotalMargin": text(own.equity), "unrealizedPL": text(own.pnl),
        "usdtEquity": text(own.usdt),
    })
}

/// The object of `account`, for one contract, in which leverages are numbers.
pub(in crate::sim) fn rest_account_of(world: &World, product: Product) -> Value {
    let own = account_values(world, product.coin());
    object!({
        "marginCoin": product.coin().wire(), "locked": text(own.locked), "available": text(own.available),
        "crossedMaxAvailable": text(own.available), "isolatedMaxAvailable": text(own.available),
        "maxTransferOut": text(own.available), "accountEquity": text(own.equity),
        "usdtEquity": text(own.usdt), "btcEquity": "0.15", "crossedRiskRate": text(own.risk),
        "crossedMarginLeverage": 20, "isolatedLongLever": 20, "isolatedShortLever": 20,
        "marginMode": "crossed", "posMode": "hedge_mode", "unrealizedPL": text(own.pnl),
        "coupon": text(own.coupon), "crossedUnrealizedPL": text(own.pnl), "isolatedUnrealizedPL": "",
        "assetMode": "single",
    })
}

/// A row of the `account` channel.
pub(in crate::sim) fn ws_account(world: &World, product: Product) -> Value {
    let own = account_values(world, product.coin());
    object!({
        "marginCoin": product.coin().wire(), "frozen": text(own.locked), "available": text(own.available),
        "maxOpenPosAvailable": text(own.available), "maxTransferOut": text(own.available),
        "equity": text(own.equity), "usdtEquity": text(own.usdt),
        "crossedRiskRate": text(own.risk), "unrealizedPL": text(own.pnl),
        "unionTotalMargin": "0", "unionAvailable": "0", "unionMm": "0", "assetsMode": "single",
    })
}

/// A row of the `equity` channel.
pub(in crate::sim) fn ws_equity(world: &World) -> Value {
    let own = account_values(world, Coin::Usdt);
    object!({
        "btcEquity": "0.15", "usdtEquity": text(own.usdt), "unrealizedPL": text(own.pnl),
        "unionTotalMargin": "0", "unionAvailable": "0", "unionMm": "0",
    })
}

/// The response of `spot/account/info`: a read-only futures key that is bound to an address.
pub(in crate::sim) fn key_info() -> Value {
    object!({
        "userId": "1000000001", "inviterId": "", "ips": "127.0.0.1",
        "authorities": ["coor", "cpor", "stor"], "parentId": 1_000_000_001_i64,
        "traderType": "not_trader", "channelCode": "", "channel": "", "regisTime": "1640995200000",
    })
}

/// The response of `trade-rate`.
pub(in crate::sim) fn trade_rate() -> Value {
    object!({ "makerFeeRate": text(MAKER_FEE), "takerFeeRate": text(TAKER_FEE) })
}

/// A row of `adlRank`. The older of its two ranks runs the other way.
pub(in crate::sim) fn adl_rank(world: &World, position: &Position) -> Value {
    let rank = deleveraging_rank(world, position);
    object!({
        "symbol": spec(position.contract).name, "marginCoin": position.coin().wire(),
        "adlRank": text(Decimal::ONE - rank), "rank": text(rank), "holdSide": side(position.long),
    })
}
