//! Which generation's private paths the account answers, and its way from one to the other.

use crate::domain::AccountKind;

/// The kind of the account, and the change that is under way.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) now: AccountKind,
    /// When the change is done, in the exchange's time.
    until_ms: Option<i64>,
}

impl Kind {
    pub(super) const fn new(now: AccountKind) -> Self {
        Self { now, until_ms: None }
    }

    const fn other(&self) -> AccountKind {
        match self.now {
            AccountKind::Classic => AccountKind::Unified,
            AccountKind::Unified => AccountKind::Classic,
        }
    }

    /// Begins the change to `kind`; of a kind to itself there is none.
    pub(super) fn begin(&mut self, kind: AccountKind, until_ms: i64) {
        self.until_ms = (kind != self.now).then_some(until_ms);
    }

    /// Lets a change that is under way be done now.
    pub(super) fn hasten(&mut self) {
        self.until_ms = self.until_ms.map(|_| i64::MIN);
    }

    /// Ends a change whose time has come, and returns whether it has.
    pub(super) fn advance(&mut self, now_ms: i64) -> bool {
        let done = self.until_ms.is_some_and(|until| until <= now_ms);
        if done {
            self.now = self.other();
            self.until_ms = None;
        }
        done
    }

    pub(super) const fn is_changing(&self) -> bool {
        self.until_ms.is_some()
    }

    /// Returns the account mode of `settings`. Those answer during a change, whatever the kind was.
    pub(super) const fn word(&self) -> &'static str {
        match (self.is_changing(), self.now) {
            (true, AccountKind::Classic) => "upgrading",
            (true, AccountKind::Unified) => "switching",
            (false, _) => "unified",
        }
    }

    /// Returns the code and words for who asks the generation of the other kind; `None` for who does
    /// not.
    pub(super) fn refusal(&self, asked: AccountKind) -> Option<(&'static str, &'static str)> {
        if asked == self.now {
            return None;
        }
        Some(match self.now {
            AccountKind::Classic => (
                "40084",
                "You are in Classic Account mode, and the Unified Account API is not supported at \
                 this time",
            ),
            AccountKind::Unified => (
                "40085",
                "You are in Unified Account mode, and the Classic Account API is not supported at \
                 this time",
            ),
        })
    }
}
