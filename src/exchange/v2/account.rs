//! The account and the rights of the key.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::{
    Account, AccountUpdate, AssetMode, Body, CoinBalance, KeyRights, OpenEnum, Text, UserId,
};
use crate::exchange::number::{Num, Raw};
use crate::exchange::rows::{self, Row};
use crate::exchange::{ShapeError, open_enum};

/// The coin that backs USDT-M positions of a classic account.
const MARGIN_COIN: &str = "USDT";

/// A row of `accounts` or of the `account` channel.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Model<'a> {
    #[serde(borrow)]
    margin_coin: Raw<'a>,
    /// The push calls it `equity`.
    account_equity: Num,
    equity: Num,
    #[serde(rename = "unrealizedPL")]
    unrealized_pl: Num,
    available: Num,
    /// The push calls it `frozen`.
    locked: Num,
    frozen: Num,
    crossed_risk_rate: Num,
    #[serde(borrow)]
    asset_mode: Raw<'a>,
    #[serde(borrow)]
    assets_mode: Raw<'a>,
    /// What the exchange gave to trade with.
    grant: Num,
    coupon: Num,
    /// The coins that back a multi-asset account; parsed on its own, so that anything else in its place
    /// costs no figure of the account.
    #[serde(borrow)]
    asset_list: Option<&'a RawValue>,
}

/// A coin of `assetList`, in units of that coin.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CoinModel<'a> {
    #[serde(borrow)]
    coin: Raw<'a>,
    balance: Num,
    available: Num,
}

/// Returns the margin coin and the coins that back the account beside it. The report gives none of them a
/// value in USD.
fn coins(model: &Model<'_>) -> Vec<CoinBalance> {
    let unvalued = |coin| CoinBalance {
        coin,
        equity: None,
        available: None,
        locked: None,
        debt: None,
        usd_value: None,
        collateral_value: None,
        bonus: None,
        wallet: None,
    };
    let own = CoinBalance {
        equity: model.account_equity.or(model.equity),
        available: model.available.0,
        locked: model.locked.or(model.frozen),
        bonus: model.grant.0,
        ..unvalued(Text::new(MARGIN_COIN))
    };
    let list = model.asset_list.map_or("[]", RawValue::get);
    let others = rows::list("a list of coins", list, |row: CoinModel<'_>| {
        let coin = open_enum::coin(&row.coin);
        if coin.as_ref().is_some_and(|coin| coin.as_str() == MARGIN_COIN) {
            return Row::Nothing;
        }
        Row::from(coin.map(|coin| CoinBalance {
            equity: row.balance.0,
            available: row.available.0,
            ..unvalued(coin)
        }))
    });
    std::iter::once(own).chain(others.map(|read| read.rows).unwrap_or_default()).collect()
}

/// Returns the asset mode.
pub(super) fn asset_mode(raw: &Raw<'_>) -> Option<OpenEnum<AssetMode>> {
    open_enum::parse(raw, &[("single", AssetMode::Single), ("union", AssetMode::Multi)])
}

/// Reads the data of `accounts` or of an `account` push.
pub(super) fn rest(data: &str) -> Result<Body, ShapeError> {
    let read = rows::list("a list of accounts", data, |model: Model<'_>| {
        if model.margin_coin.text().is_none() {
            return Row::Unreadable;
        }
        if !model.margin_coin.is(MARGIN_COIN) {
            return Row::Nothing;
        }
        Row::Good(Account {
            margin_coin: Text::new(MARGIN_COIN),
            equity: model.account_equity.or(model.equity),
            unrealized_pnl: model.unrealized_pl.0,
            available: model.available.0,
            locked: model.locked.or(model.frozen),
            effective_equity: None,
            usdt_equity: None,
            initial_margin: None,
            maintenance_margin: None,
            margin_ratio: model.crossed_risk_rate.0,
            asset_mode: asset_mode(model.asset_mode.or(&model.assets_mode)),
            coins: coins(&model),
            usdt_usd: None,
            bonus: model.grant.0,
            coupon: model.coupon.0,
            account_level: None,
        })
    })?;
    let unreadable = read.unreadable;
    let account = read
        .rows
        .into_iter()
        .next()
        .ok_or_else(|| ShapeError::new("an account in USDT", "no such row"))?;
    Ok(Body::Account(AccountUpdate { account, unreadable }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RightsModel<'a> {
    #[serde(borrow)]
    authorities: Option<Vec<Raw<'a>>>,
    #[serde(borrow)]
    ips: Raw<'a>,
    #[serde(borrow, rename = "userId")]
    user_id: Raw<'a>,
}

/// Codes that let a key place or cancel orders, of futures and of everything else.
const TRADE: [&str; 7] = ["coow", "cpow", "stow", "smow", "ttow", "pllw", "trade"];
/// Codes that move money or change accounts.
const TRANSFER: [&str; 4] = ["wtow", "chow", "p2p", "transfer"];
const WITHDRAW: [&str; 2] = ["wwow", "withdraw"];
/// Codes that only read, or write nothing that matters here.
const READ: [&str; 12] = [
    "coor", "cpor", "stor", "smor", "ttor", "wtor", "taxr", "taxw", "chor", "p2pr", "pllr",
    "readonly",
];

/// Reads the data of `spot/account/info`. An unknown code makes every right unknown that it might
/// grant.
pub(super) fn key_rights(data: &str) -> Result<Body, ShapeError> {
    let model: RightsModel<'_> = rows::object("the rights of the key", data)?;
    let user_id = model.user_id.text().and_then(UserId::new);
    let Some(codes) = model.authorities else {
        return Ok(Body::KeyRights(KeyRights { user_id, ..KeyRights::default() }));
    };
    let codes: Vec<String> =
        codes.iter().filter_map(Raw::text).map(str::to_ascii_lowercase).collect();
    let known = |code: &String| {
        let code = code.as_str();
        TRADE.contains(&code)
            || TRANSFER.contains(&code)
            || WITHDRAW.contains(&code)
            || READ.contains(&code)
    };
    let all_known = codes.iter().all(known);
    let has = |set: &[&str]| {
        if codes.iter().any(|code| set.contains(&code.as_str())) {
            Some(true)
        } else {
            all_known.then_some(false)
        }
    };
    Ok(Body::KeyRights(KeyRights {
        trade: has(&TRADE),
        transfer: has(&TRANSFER),
        withdraw: has(&WITHDRAW),
        read_futures: has(&["coor", "cpor", "coow", "cpow", "readonly", "trade"]),
        ip_bound: Some(model.ips.text().is_some()),
        user_id,
    }))
}
