//! The account, its mode and the rights of the key.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::{
    Account, AccountUpdate, AssetMode, Body, CoinBalance, KeyRights, OpenEnum, Text, UserId,
};
use crate::exchange::number::{Num, Raw};
use crate::exchange::rows::{self, Row};
use crate::exchange::{Response, ShapeError, open_enum};

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
    /// Of the whole account; in some revisions each coin has its own instead.
    bonus: Num,
    coupon: Num,
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
    debt: Num,
    /// The push splits what is owed in two; whether the second contains the first is not documented.
    debts: Num,
    borrow: Num,
    balance: Num,
    #[serde(rename = "usdValue")]
    usd_value: Num,
    bonus: Num,
}

impl CoinModel<'_> {
    fn balance(&self) -> Option<CoinBalance> {
        Some(CoinBalance {
            coin: open_enum::coin(&self.coin)?,
            equity: self.equity.0,
            available: self.available.0,
            locked: self.locked.0,
            debt: self.debt.0.or_else(|| self.debts.0.max(self.borrow.0)),
            usd_value: self.usd_value.0,
            collateral_value: None,
            bonus: self.bonus.0,
            wallet: self.balance.0,
        })
    }
}

/// Returns the bonus of all coins in USD; `None` where no coin says one, or one has no rate.
fn bonus(coins: &[CoinBalance]) -> Option<Decimal> {
    let mut said = coins.iter().filter_map(|coin| Some((coin, coin.bonus?))).peekable();
    said.peek()?;
    said.try_fold(Decimal::ZERO, |sum, (coin, bonus)| {
        let value = if bonus.is_zero() { bonus } else { bonus.checked_mul(coin.usd_rate()?)? };
        sum.checked_add(value)
    })
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
        rows::list("a list of coins", list.get(), |coin: CoinModel<'_>| Row::from(coin.balance()))
    });
    let coins = coins.and_then(Result::ok);
    let unreadable = coins.as_ref().map_or(0, |coins| coins.unreadable);
    // The list has every coin that is not zero, so a missing one is zero.
    let whole = listed && unreadable == 0 && coins.is_some();
    let coins = coins.map(|coins| coins.rows).unwrap_or_default();
    let usdt = coins.iter().find(|coin| coin.coin.as_str() == MARGIN_COIN);
    let [usdt_equity, available, locked] = match usdt {
        Some(usdt) => [usdt.equity, usdt.available, usdt.locked],
        None => [whole.then_some(Decimal::ZERO); 3],
    };
    let usdt_usd = usdt.and_then(CoinBalance::usd_rate);
    let bonus = model.bonus.0.or_else(|| bonus(&coins));
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
        coins,
        usdt_usd,
        bonus,
        coupon: model.coupon.0,
        account_level: None,
    };
    Ok(Body::Account(AccountUpdate { account, unreadable }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SettingsModel<'a> {
    #[serde(borrow)]
    account_mode: Raw<'a>,
    #[serde(borrow)]
    account_level: Raw<'a>,
}

/// Reads the data of `settings`: whether the account is being moved between the generations, and the rules
/// of margin that its owner chose.
pub(super) fn settings(data: &str) -> Result<Response, ShapeError> {
    const WHAT: &str = "the settings of the account";
    let model: SettingsModel<'_> = rows::object(WHAT, data)?;
    if model.account_mode.text().is_none() {
        return Err(ShapeError::new(WHAT, "no mode in it"));
    }
    let switching = ["upgrading", "switching"].iter().any(|mode| model.account_mode.is(mode));
    let bodies = vec![Body::AccountLevel(model.account_level.cleaned())];
    Ok(Response { bodies, switching, ..Response::default() })
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
    #[serde(borrow)]
    user_id: Raw<'a>,
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
    let user_id = model.user_id.text().and_then(UserId::new);
    let Some(held) = model.permissions else {
        return Ok(Body::KeyRights(KeyRights { user_id, ..KeyRights::default() }));
    };
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
        user_id,
    }))
}
