//! Arguments of `alert`.

use clap::{Args, Subcommand};

/// Arguments of `alert`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(after_help = "\
Example: bitget-watch alert test
         bitget-watch alert test phone")]
pub struct AlertArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: AlertAction,
}

/// What `alert` can do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum AlertAction {
    /// Send a test by each way, and say what came back
    #[command(after_help = "\
Example: bitget-watch alert test phone

Exit code 0: every way took it; 1: one did not.")]
    Test {
        /// Only by this way
        name: Option<String>,
    },
}
