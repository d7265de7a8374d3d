//! Arguments of `check`.

use std::time::Duration;

use clap::Args;
use rust_decimal::Decimal;

use super::timeout::timeout;

/// Arguments of `check`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(after_help = "\
Example: bitget-watch check
         bitget-watch check --demo
         bitget-watch check --json --max-age 30s --min-distance 10")]
#[command(after_long_help = "\
Example: bitget-watch check
         bitget-watch check --demo
         bitget-watch check --json --max-age 30s --min-distance 10

Exit codes:
  0 nothing fails    3 credentials refused, or a permission missing    4 exchange not reached, or not in time
  5 --max-age or --min-distance crossed    1 anything else that fails")]
pub struct CheckArgs {
    /// Print one JSON document instead of text
    #[arg(long)]
    pub json: bool,
    /// Wait this long for the first data of everything
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = timeout)]
    pub timeout: Duration,
    /// Fail when price, positions or account are older
    #[arg(long, value_name = "DURATION", value_parser = timeout)]
    pub max_age: Option<Duration>,
    /// Fail when a position is nearer to its liquidation, in percent of the mark price
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub min_distance: Option<Decimal>,
}

/// Reads a percentage, at least 0 and below 100.
fn percent(text: &str) -> Result<Decimal, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse::<Decimal>().ok();
    number
        .filter(|number| (Decimal::ZERO..Decimal::ONE_HUNDRED).contains(number))
        .ok_or_else(|| "expected a percentage below 100, such as 10 or 2.5".to_owned())
}
