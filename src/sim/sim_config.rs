//! [`SimConfig`]: the configuration of an exchange.

use rust_decimal::Decimal;

use super::auth::Expected;
use super::fault::Script;
use crate::domain::AccountKind;

/// What an account holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Holdings {
    /// USDT, contracts that pay in it, and perhaps bitcoin; one USDT is one dollar. For tests of figures.
    #[default]
    Simple,
    /// Contracts of all three products, several coins and a debt; one USDT is not quite one dollar.
    Mixed,
}

/// How often the public streams push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// More often than the real exchange, so that little time shows much: books with every step of 100 ms,
    /// one side after the other, prices with every third.
    #[default]
    Fast,
    /// About as the real exchange: in a second four prices of each contract and six books of 15 levels, with
    /// both sides at once. Trades come as they do otherwise, ten in seven pushes.
    Live,
}

/// The configuration of an exchange.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// Seed of the markets, the account and its script: equal seeds give equal histories.
    pub seed: u64,
    /// Plain HTTP and WebSocket instead of TLS.
    pub plain: bool,
    /// The account starts without positions and opens none by itself.
    pub flat: bool,
    /// The kind of the account, which decides which API generation serves it.
    pub account: AccountKind,
    /// Bitcoin that a unified account holds as collateral besides its USDT.
    pub bitcoin: Decimal,
    /// The credentials that are accepted; `None` for any.
    pub expected: Option<Expected>,
    /// Whether requests are recorded for tests: some 30 MB a day.
    pub record: bool,
    /// The fault script. Faults of a connection require that there was a script, possibly an empty one,
    /// when the connection was opened.
    pub script: Option<Script>,
    /// What the account holds.
    pub holdings: Holdings,
    /// How often the public streams push.
    pub pace: Pace,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self {
            seed: 0,
            plain: false,
            flat: false,
            account: AccountKind::Classic,
            bitcoin: Decimal::ZERO,
            expected: None,
            record: true,
            script: None,
            holdings: Holdings::default(),
            pace: Pace::default(),
        }
    }
}
