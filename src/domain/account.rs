//! The account: equity and margin, its kind, and what the key may do.

use std::fmt;

use rust_decimal::Decimal;

use super::{OpenEnum, Text};

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
}

impl Account {
    /// Two wallets that differ by no more are the same: reports round to cents, and an equity and its PnL
    /// are two figures.
    pub const WALLET_ROUNDING: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

    /// Returns what it holds without unrealized PnL, of a unified account in USDT: the worth of its other
    /// coins moves without any entry in the ledger. `None` where the report does not say what it includes.
    pub fn wallet(&self) -> Option<Decimal> {
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
}
