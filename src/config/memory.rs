//! The memory of earlier runs.

use std::path::PathBuf;

/// Where history is kept, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryConfig {
    /// Whether anything is kept.
    pub enabled: bool,
    /// The file; `None` for `bitget-watch/history.db` in the user's folder of state.
    pub path: Option<PathBuf>,
    /// Days that rows are kept.
    pub keep_days: u32,
    /// How metrics and exports name the account.
    pub account_label: String,
}

impl Default for MemoryConfig {
    fn default() -> Self {
        Self { enabled: true, path: None, keep_days: 365, account_label: "main".to_owned() }
    }
}
