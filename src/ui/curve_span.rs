//! [`CurveSpan`]: which time the curve of the history view shows.

use super::selection::around;
use crate::domain::Period;

/// Which time the curve of the history view shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum CurveSpan {
    /// This run of the program.
    #[default]
    Session,
    /// What the memory holds of earlier runs as well.
    Period(Period),
}

impl CurveSpan {
    /// Every span, the shortest first.
    pub(crate) const ALL: [Self; 5] = [
        Self::Session,
        Self::Period(Period::Day1),
        Self::Period(Period::Days7),
        Self::Period(Period::Days30),
        Self::Period(Period::All),
    ];

    /// Returns the next longer or shorter one; after the longest comes the shortest.
    pub(crate) fn stepped(self, longer: bool) -> Self {
        around(&Self::ALL, self, longer).unwrap_or_default()
    }

    /// Returns its name: `7 d`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Period(Period::Day1) => "1 d",
            Self::Period(Period::Days7) => "7 d",
            Self::Period(Period::Days30) => "30 d",
            Self::Period(Period::All) => "all",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_around() {
        let mut span = CurveSpan::default();
        let mut names = Vec::new();
        for _ in 0..6 {
            names.push(span.name());
            span = span.stepped(true);
        }
        assert_eq!(names, ["session", "1 d", "7 d", "30 d", "all", "session"]);
        assert_eq!(CurveSpan::Session.stepped(false), CurveSpan::Period(Period::All));
    }
}
