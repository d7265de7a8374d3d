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
        }
    }
}
