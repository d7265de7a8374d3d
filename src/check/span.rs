//! Spans of time as lines write them.

use std::time::Duration;

/// Returns a span of time as lines write it.
pub(super) fn span(span: Duration) -> String {
    let ms = span.as_millis();
    if ms < 1_000 { format!("{ms} ms") } else { format!("{:.1} s", span.as_secs_f64()) }
}
