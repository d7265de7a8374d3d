//! The account, its mode and the rights of the key.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::{Account, AccountUpdate, AssetMode, Body, KeyRights, OpenEnum, Text};
use crate::exchange::number::{Num, Raw};
use crate::exchange::rows::{self, Row};
use crate::exchange::{ShapeError, open_enum};

/// The unit of the figures of the whole account.
const UNIT: &str = "USD";
/// The coin in which USDT-M positions gain and lose.
const MARGIN_COIN: &str = "USDT";

/// The data of `assets` or the row of an `account` push; the names differ in three places. Figures of
/// the account are in USD; `imr` and `mmr` are amounts here, not rates.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Model<'a> {
    account_equity: Num,
    total_equity: Num,
    /// The push raises the last letter.
    unrealised_pnl: Num,
    #[serde(rename = "unrealisedPnL")]
    unrealised_pnl_pushed: Num,
    eff_equity: Num,
    imr: Num,
    mmr: Num,
    mgn_ratio: Num,
    /// A list; parsed on its own, so that anything else in its place costs no figure of the account.
    #[serde(borrow)]
    assets: Option<&'a RawValue>,
    #[serde(borrow)]
    coin: Option<&'a RawValue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CoinModel<'a> {
    #[serde(borrow)]
    coin: Raw<'a>,
    equity: Num,
    available: Num,
    locked: Num,
}

/// Reads the data of `assets`, which lists the coins that are not zero.
pub(super) fn rest(data: &str) -> Result<Body, ShapeError> {
    account(&rows::object("an account", data)?, true)
}

/// Reads the data of an `account` push, which may leave coins out.
pub(super) fn push(data: &str) -> Result<Body, ShapeError> {
    account(&rows::first("an account", data)?, false)
}

fn account(model: &Model<'_>, listed: bool) -> Result<Body, ShapeError> {
    if model.account_equity.or(model.total_equity).is_none() && model.eff_equity.0.is_none() {
        return Err(ShapeError::new("an account", "no equity in it"));
    }
    let coins = model.assets.or(model.coin).map(|list| {
        rows::list("a list of coins", list.get(), |coin: CoinModel<'_>| {
            Row::from(
                open_enum::coin(&coin.coin)
                    .map(|name| (name, [coin.equity.0, coin.available.0, coin.locked.0])),
            )
        })
    });
    let coins = coins.and_then(Result::ok);
    let unreadable = coins.as_ref().map_or(0, |coins| coins.unreadable);
    let whole = listed && unreadable == 0;
    let usdt = coins.and_then(|coins| {
        let found = coins.rows.into_iter().find(|(name, _)| name.as_str() == MARGIN_COIN);
        // The list has every coin that is not zero, so a missing one is zero.
        let zero = || (Text::new(MARGIN_COIN), [Some(Decimal::ZERO); 3]);
        found.or_else(|| whole.then(zero))
    });
    let [usdt_equity, available, locked] = usdt.map_or([None; 3], |(_, amounts)| amounts);
    let account = Account {
        margin_coin: Text::new(UNIT),
        equity: model.account_equity.or(model.total_equity),
        unrealized_pnl: model.unrealised_pnl.or(model.unrealised_pnl_pushed),
        effective_equity: model.eff_equity.0,
        usdt_equity,
        initial_margin: model.imr.0,
        available,
        locked,
        maintenance_margin: model.mmr.0,
        margin_ratio: model.mgn_ratio.0,
        asset_mode: Some(OpenEnum::Known(AssetMode::Multi)),
    };
    Ok(Body::Account(AccountUpdate { account, unreadable }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SettingsModel<'a> {
    #[serde(borrow)]
    account_mode: Raw<'a>,
}

/// Reads the data of `settings`: whether the account is being moved between the generations.
pub(super) fn is_switching(data: &str) -> Result<bool, ShapeError> {
    const WHAT: &str = "the settings of the account";
    let model: SettingsModel<'_> = rows::object(WHAT, data)?;
    if model.account_mode.text().is_none() {
        return Err(ShapeError::new(WHAT, "no mode in it"));
    }
    Ok(["upgrading", "switching"].iter().any(|mode| model.account_mode.is(mode)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct InfoModel<'a> {
    #[serde(borrow)]
    perm_type: Raw<'a>,
    #[serde(borrow)]
    permissions: Option<Vec<Raw<'a>>>,
    #[serde(borrow)]
    ips: Raw<'a>,
}

/// Permissions that place or cancel orders when they may write.
const TRADE: [&str; 2] = ["uta_trade", "copy_futures_order"];
/// Permissions that move money between accounts or change the account when they may write.
const MANAGE: [&str; 1] = ["uta_mgt"];
const WITHDRAW: [&str; 1] = ["withdraw"];
/// Permissions that do none of these.
const OTHER: [&str; 1] = ["copy_futures_position"];

/// Reads the data of `account/info`. An unknown permission or type of key makes every right unknown
/// that it might grant.
pub(super) fn key_rights(data: &str) -> Result<Body, ShapeError> {
    let model: InfoModel<'_> = rows::object("the rights of the key", data)?;
    let Some(held) = model.permissions else { return Ok(Body::KeyRights(KeyRights::default())) };
    let has = |set: &[&str]| held.iter().any(|held| set.iter().any(|name| held.is(name)));
    let all = [&TRADE[..], &MANAGE, &WITHDRAW, &OTHER].concat();
    let all_known = held.iter().all(|held| all.iter().any(|name| held.is(name)));
    // Documented with hyphens, seen with underscores.
    let kind = model.perm_type.text().map(|kind| kind.to_ascii_lowercase().replace('_', "-"));
    let writes = match kind.as_deref() {
        Some("read-only" | "readonly") => Some(false),
        Some("read-and-write") => Some(true),
        _ => None,
    };
    let may = |set: &[&str]| match (has(set), writes) {
        (_, Some(false)) => Some(false),
        (true, writes) => writes,
        (false, _) => all_known.then_some(false),
    };
    Ok(Body::KeyRights(KeyRights {
        trade: may(&TRADE),
        transfer: may(&MANAGE),
        withdraw: may(&WITHDRAW),
        read_futures: if has(&["uta_trade"]) { Some(true) } else { all_known.then_some(false) },
        ip_bound: Some(model.ips.text().is_some()),
    }))
}
