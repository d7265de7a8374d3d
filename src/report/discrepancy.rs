//! [`Discrepancy`]: a difference from the exchange, and for how long it has stood.

use crate::domain::{ProblemCode, Text, Timestamp};
use crate::store::Problem;

/// A difference must stand this long and in so many reports: the account is read less often than the
/// positions, so for some seconds the two may be of different moments.
const LASTING_MS: i64 = 15_000;
const LASTING_REPORTS: u32 = 5;
/// From so many reports on it counts: the next one after a trade is of one moment again.
const COUNTING_REPORTS: u32 = 2;

/// A difference that has stood since a while.
#[derive(Debug)]
pub(super) struct Discrepancy {
    since: Timestamp,
    reports: u32,
    text: Text,
}

impl Discrepancy {
    /// Takes note of what one comparison showed: a difference in words, or none.
    pub(super) fn follow(held: &mut Option<Self>, text: Option<Text>, now: Timestamp) {
        *held = text.map(|text| match held.take() {
            Some(old) => Self { since: old.since, reports: old.reports.saturating_add(1), text },
            None => Self { since: now, reports: 1, text },
        });
    }

    /// Returns whether it was seen often enough to be taken for what is so.
    pub(super) const fn counts(&self) -> bool {
        self.reports >= COUNTING_REPORTS
    }

    /// Returns the problem that it is once it has lasted.
    pub(super) fn problem(&self, subject: &str, now: Timestamp) -> Option<Problem> {
        let lasting = self.reports >= LASTING_REPORTS
            && now.as_millis() - self.since.as_millis() >= LASTING_MS;
        lasting.then(|| Problem {
            code: ProblemCode::PnlMismatch,
            subject: Text::new(subject),
            text: self.text.clone(),
            since: self.since,
        })
    }
}
