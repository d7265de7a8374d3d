//! How long a command waits for a complete reading.

use std::time::Duration;

use crate::config::parse_duration;

/// The longest `--timeout`.
const MAX_TIMEOUT: Duration = Duration::from_secs(60 * 60);

pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    parse_duration(text, MAX_TIMEOUT)
}
