//! Implausible times: an exchange time further ahead than the clocks allow counts as unknown.
//!
//! The exchange's times decide what is newer. A single wrong one far ahead would make everything after
//! it look old, so such times are ignored, in updates and in what is held.

use super::Snapshot;
use crate::domain::{Body, Timestamp};

/// How far ahead of the exchange's clock a time may be.
const AHEAD_MS: i64 = 5_000;
/// The same before that clock has been measured.
const UNMEASURED_MS: i64 = 86_400_000;

/// Returns the latest time that is not in the future, by the exchange's clock.
pub(super) fn latest(state: &Snapshot, received: Timestamp) -> Timestamp {
    received.plus_millis(match state.clock_offset_ms {
        Some((offset, error)) => offset + error + AHEAD_MS,
        None => UNMEASURED_MS,
    })
}

/// Removes times after `latest` from `body`, together with rows that are useless without their time.
pub(super) fn strip(body: &mut Body, latest: Timestamp) {
    let is_plausible = |time: &Timestamp| *time <= latest;
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are not ordered by their times")]
    match body {
        Body::Candles { rows, .. } | Body::MarkCandles { rows, .. } => {
            rows.retain(|row| is_plausible(&row.start));
        }
        Body::Trades { rows, .. } => rows.retain(|row| is_plausible(&row.time)),
        Body::Positions(set) => {
            for row in &mut set.rows {
                row.updated_at = row.updated_at.filter(is_plausible);
            }
        }
        Body::Orders(set) => {
            for row in &mut set.rows {
                row.updated_at = row.updated_at.filter(is_plausible);
            }
        }
        _ => {}
    }
}

/// Returns whether `new` is before `held`; an unknown or implausible time orders nothing.
pub(super) fn is_older(new: Option<Timestamp>, held: Option<Timestamp>, latest: Timestamp) -> bool {
    new.zip(held.filter(|held| *held <= latest)).is_some_and(|(new, held)| new < held)
}
