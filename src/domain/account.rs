//! The account: equity and margin, its kind, and what the key may do.

use std::fmt;

use rust_decimal::Decimal;

use super::{OpenEnum, Text, UserId};

/// Which generation of the API serves an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountKind {
    /// Served by V2 alone.
    Classic,
    /// Served by V3 alone.
    Unified,
}

impl fmt::Display for AccountKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Classic => "classic",
            Self::Unified => "unified",
        })
    }
}

/// Whether one coin or several back the positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetMode {
    /// The margin coin alone.
    Single,
    /// Several coins together.
    Multi,
}

impl fmt::Display for AssetMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Single => "single",
            Self::Multi => "multi",
        })
    }
}

/// What an account holds of one coin, in units of that coin unless a field says otherwise. `None` is what
/// the report does not say, never zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoinBalance {
    /// The coin, upper case.
    pub coin: Text,
    /// Equity, with the unrealized PnL of contracts that settle in it; negative for a debt.
    pub equity: Option<Decimal>,
    /// Available for new positions and transfers.
    pub available: Option<Decimal>,
    /// Locked by orders.
    pub locked: Option<Decimal>,
    /// Borrowed and not repaid, interest included; positive.
    pub debt: Option<Decimal>,
    /// The equity in USD, at the exchange's rate; negative for a debt.
    pub usd_value: Option<Decimal>,
    /// What of the equity counts as collateral, in USD, after the haircut of the coin. No report of the
    /// exchange says it of a single coin so far: `Account::effective_equity` is that of all.
    pub collateral_value: Option<Decimal>,
    /// Bonus: backs positions, cannot be withdrawn, and may be taken back.
    pub bonus: Option<Decimal>,
    /// What is there without unrealized PnL, borrowed coins included.
    pub wallet: Option<Decimal>,
}

/// A rate is told from this distance to one on.
const PARITY: Decimal = Decimal::from_parts(1, 0, 0, false, 3);
/// Coins that are worth a dollar.
const DOLLARS: [&str; 3] = ["USDT", "USDC", "USD"];
/// The decimals of a rate. The values that it is told by have eight, and are far above one.
const RATE_PLACES: u32 = 10;
/// A value of less than this tells no rate: its eight decimals are too few.
const LEAST_FOR_RATE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

impl CoinBalance {
    /// Returns USD for one unit, by the value that the report gives the equity; `None` where it does not, or
    /// where there is too little of the coin to tell.
    pub fn usd_rate(&self) -> Option<Decimal> {
        let value = self.usd_value.filter(|value| value.abs() >= LEAST_FOR_RATE)?;
        let rate = value.checked_div(self.equity?)?.round_dp(RATE_PLACES);
        (rate > Decimal::ZERO).then_some(rate)
    }

    /// Returns whether a rate is so far from one that amounts of both coins are not the same: 0.1 %.
    pub fn is_off_par(rate: Decimal) -> bool {
        rate.checked_sub(Decimal::ONE).is_none_or(|gap| gap.abs() >= PARITY)
    }

    /// Returns whether its amounts are as good as dollars, of which two decimals are shown.
    pub fn is_dollar(&self) -> bool {
        Self::is_dollar_coin(self.coin.as_str())
    }

    /// Returns whether amounts of this coin are as good as dollars.
    pub fn is_dollar_coin(coin: &str) -> bool {
        DOLLARS.contains(&coin)
    }

    /// Returns what is there and not owed, without unrealized PnL; `None` where the report does not say.
    pub fn own_wallet(&self) -> Option<Decimal> {
        self.wallet?.checked_sub(self.debt.unwrap_or_default())
    }
}

/// The futures account as the exchange reports it, in its margin coin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The coin of all amounts here: `USDT` for a classic account, `USD` for a unified one.
    pub margin_coin: Text,
    /// Equity, which includes the unrealized PnL of that moment.
    pub equity: Option<Decimal>,
    /// The unrealized PnL that `equity` includes; `None` when the report does not say. The store then puts
    /// in what the positions earned at its time.
    pub unrealized_pnl: Option<Decimal>,
    /// Equity that counts as collateral, after the haircuts of its coins; unified accounts only. The
    /// exchange's margin ratio divides by it.
    pub effective_equity: Option<Decimal>,
    /// The part of a unified account's equity that is in USDT; the rest of `effective_equity` is in other
    /// coins.
    pub usdt_equity: Option<Decimal>,
    /// The exchange's initial margin of all positions and orders, an amount; unified accounts only.
    pub initial_margin: Option<Decimal>,
    /// Available for new positions; for a unified account in USDT alone.
    pub available: Option<Decimal>,
    /// Locked by orders; for a unified account in USDT alone.
    pub locked: Option<Decimal>,
    /// The exchange's maintenance margin, where it reports an amount.
    pub maintenance_margin: Option<Decimal>,
    /// The exchange's margin ratio of the cross positions, a fraction; 1 means liquidation.
    pub margin_ratio: Option<Decimal>,
    /// One coin or several.
    pub asset_mode: Option<OpenEnum<AssetMode>>,
    /// The coins that it holds, in the order of the report: of a unified account those that are not zero,
    /// of a classic one the margin coin and those that back it in `AssetMode::Multi`. Empty where the
    /// report has no readable list. A push may list the changed ones alone.
    pub coins: Vec<CoinBalance>,
    /// USD for one USDT, by the value that the report gives its USDT; `None` where it holds none.
    pub usdt_usd: Option<Decimal>,
    /// Bonus in the equity, in the margin coin: it backs positions and may be taken back.
    pub bonus: Option<Decimal>,
    /// Trading coupons in the equity, in the margin coin.
    pub coupon: Option<Decimal>,
    /// The rules of margin that the owner chose (`basic`, `advanced`, `isolated`, `delta`), of unified
    /// accounts, as the exchange sends it.
    pub account_level: Option<Text>,
}

/// An account of which nothing is known but that its amounts are in no coin.
impl Default for Account {
    fn default() -> Self {
        Self {
            margin_coin: Text::new(""),
            equity: None,
            unrealized_pnl: None,
            effective_equity: None,
            usdt_equity: None,
            initial_margin: None,
            available: None,
            locked: None,
            maintenance_margin: None,
            margin_ratio: None,
            asset_mode: None,
            coins: Vec::new(),
            usdt_usd: None,
            bonus: None,
            coupon: None,
            account_level: None,
        }
    }
}

impl Account {
    /// Two wallets that differ by no more are the same: reports round to cents, and an equity and its PnL
    /// are two figures.
    pub const WALLET_ROUNDING: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

    /// The coins in which USDT-M and USDC-M contracts pay.
    pub const SETTLE_COINS: [&str; 2] = ["USDT", "USDC"];

    /// Returns what the report says of a coin.
    pub fn coin(&self, name: &str) -> Option<&CoinBalance> {
        self.coins.iter().find(|coin| coin.coin.as_str() == name)
    }

    /// Returns the worth of one unit of a settle coin in the currency of the account: one where it is kept in
    /// that coin, else by the rate of the report. `None` where the report does not tell.
    pub fn rate_of(&self, settle_coin: &str) -> Option<Decimal> {
        if self.margin_coin.as_str() == settle_coin {
            return Some(Decimal::ONE);
        }
        let told = self.coin(settle_coin).and_then(CoinBalance::usd_rate);
        told.or_else(|| self.usdt_usd.filter(|_| settle_coin == "USDT"))
    }

    /// Returns whether two wallets differ by more than rounding.
    pub fn has_moved(before: Decimal, after: Decimal) -> bool {
        Self::has_moved_by_more(before, after, Self::WALLET_ROUNDING)
    }

    /// Returns whether two balances differ by more than `rounding`. A difference that cannot be told is one.
    pub fn has_moved_by_more(before: Decimal, after: Decimal, rounding: Decimal) -> bool {
        after.checked_sub(before).is_none_or(|moved| moved.abs() > rounding)
    }

    /// Returns what rounding comes to in a coin whose unit is worth `rate`; zero where that is not known, so
    /// that every difference counts.
    pub fn rounding_at(rate: Option<Decimal>) -> Decimal {
        rate.and_then(|rate| Self::WALLET_ROUNDING.checked_div(rate)).unwrap_or_default()
    }

    /// Returns whether money of any coin came or went between the report `before` and this one, by more than
    /// rounding. A coin that only one of them lists was not there in the other; a balance that is not told
    /// tells nothing.
    pub fn has_moved_since(&self, before: &Self) -> bool {
        let settled = before.wallet().zip(self.wallet());
        if settled.is_some_and(|(before, after)| Self::has_moved(before, after)) {
            return true;
        }
        let names = self.coins.iter().chain(&before.coins).map(|coin| coin.coin.as_str());
        let mut others = names.filter(|name| !DOLLARS.contains(name));
        others.any(|name| {
            let listed = [before.coin(name), self.coin(name)];
            let [old, new] = listed.map(|coin| match coin {
                Some(coin) => coin.own_wallet(),
                None => Some(Decimal::ZERO),
            });
            let rate = listed.into_iter().flatten().find_map(CoinBalance::usd_rate);
            let rounding = Self::rounding_at(rate);
            old.zip(new).is_some_and(|(old, new)| Self::has_moved_by_more(old, new, rounding))
        })
    }

    /// Returns what it holds without unrealized PnL. Of a unified account that is in its settle coins, one for
    /// the other: the worth of its other coins moves without any entry in the ledger. `None` where the report
    /// does not say what it includes.
    pub fn wallet(&self) -> Option<Decimal> {
        let settled = |coin: &&CoinBalance| Self::SETTLE_COINS.contains(&coin.coin.as_str());
        let mut coins = self.coins.iter().filter(settled).peekable();
        if coins.peek().is_some_and(|coin| coin.wallet.is_some()) {
            return coins.try_fold(Decimal::ZERO, |sum, coin| sum.checked_add(coin.own_wallet()?));
        }
        self.usdt_equity.or(self.equity)?.checked_sub(self.unrealized_pnl?)
    }
}

/// What the API key may do; `None` when the exchange does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyRights {
    /// May place or cancel orders.
    pub trade: Option<bool>,
    /// May move money between accounts.
    pub transfer: Option<bool>,
    /// May withdraw.
    pub withdraw: Option<bool>,
    /// May read futures positions and orders.
    pub read_futures: Option<bool>,
    /// Restricted to whitelisted addresses.
    pub ip_bound: Option<bool>,
    /// Whose key it is.
    pub user_id: Option<UserId>,
}
