//! [`Context`]: what is fixed for the whole run.

use super::Source;
use super::age::Limits;
use crate::config::RiskConfig;
use crate::domain::Symbol;

/// What the report depends on besides the state and the present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Where the data come from.
    pub source: Source,
    /// The focus.
    pub focus: Symbol,
    /// Whether private data are asked for at all.
    pub credentials: bool,
    /// From which age on data are stale.
    pub limits: Limits,
    /// What counts as risky, and what the what-ifs aim at.
    pub risk: RiskConfig,
}

#[cfg(test)]
impl Context {
    /// Returns the context of a live account under the default configuration.
    pub(crate) fn of_defaults() -> Self {
        Self {
            source: Source::Live,
            focus: Symbol::default(),
            credentials: true,
            limits: Limits::new(&crate::config::RefreshConfig::default()),
            risk: RiskConfig::default(),
        }
    }
}
