//! [`Discrepancy`]: a difference from the exchange, and for how long it has stood.

use crate::domain::{ProblemCode, Text, Timestamp};
use crate::store::Problem;

/// A difference must stand this long and in so many reports: the account is read less often than the
/// positions, so for some seconds the two may be of different moments.
const LASTING_MS: i64 = 15_000;
const LASTING_REPORTS: u32 = 5;

/// A difference that has stood since a while.
#[derive(Debug)]
pub(super) struct Discrepancy {
    since: Timestamp,
    reports: u32,
    counts: bool,
    text: Text,
}

impl Discrepancy {
    /// Takes note of what one comparison showed: a difference in words, or none. `is_first` says that it is
    /// the first after the start.
    pub(super) fn follow(
        held: &mut Option<Self>,
        is_first: bool,
        text: Option<Text>,
        now: Timestamp,
    ) {
        *held = text.map(|text| match held.take() {
            Some(old) => Self {
                since: old.since,
                reports: old.reports.saturating_add(1),
                counts: true,
                text,
            },
            None => Self { since: now, reports: 1, counts: is_first, text },
        });
    }

    /// Returns whether it is taken for what is so. One that was seen once is not: the next report after a trade is of
    /// one moment again. The first after the start is, because a single reading has no other.
    pub(super) const fn counts(&self) -> bool {
        self.counts
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
