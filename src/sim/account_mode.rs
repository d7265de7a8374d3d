//! The kind of the account, which decides whose private paths are answered, and the change from one
//! kind to the other.

use crate::domain::AccountKind;

/// The kind of the account, and a change that is in progress.
#[derive(Debug)]
pub(super) struct AccountMode {
    pub(super) kind: AccountKind,
    /// When the change completes, in the exchange's time.
    completes_at_ms: Option<i64>,
}

impl AccountMode {
    pub(super) const fn new(kind: AccountKind) -> Self {
        Self { kind, completes_at_ms: None }
    }

    const fn other(&self) -> AccountKind {
        match self.kind {
            AccountKind::Classic => AccountKind::Unified,
            AccountKind::Unified => AccountKind::Classic,
        }
    }

    /// Begins the change to `kind`. A change to the present kind does nothing, and cancels one that is in
    /// progress.
    pub(super) fn begin_change(&mut self, kind: AccountKind, completes_at_ms: i64) {
        self.completes_at_ms = (kind != self.kind).then_some(completes_at_ms);
    }

    /// Makes a change that is in progress due now.
    pub(super) fn hasten(&mut self) {
        self.completes_at_ms = self.completes_at_ms.map(|_| i64::MIN);
    }

    /// Completes a change that is due, and returns whether there was one.
    pub(super) fn advance(&mut self, now_ms: i64) -> bool {
        let due = self.completes_at_ms.is_some_and(|at| at <= now_ms);
        if due {
            self.kind = self.other();
            self.completes_at_ms = None;
        }
        due
    }

    pub(super) const fn is_changing(&self) -> bool {
        self.completes_at_ms.is_some()
    }

    /// Returns the `accountMode` of the account settings. During a change they answer whatever the kind.
    pub(super) const fn wire_name(&self) -> &'static str {
        match (self.is_changing(), self.kind) {
            (true, AccountKind::Classic) => "upgrading",
            (true, AccountKind::Unified) => "switching",
            (false, _) => "unified",
        }
    }

    /// Returns the error code and message for a request to the API generation of `requested`; `None` when
    /// that is the account's own.
    pub(super) fn refusal(&self, requested: AccountKind) -> Option<(&'static str, &'static str)> {
        if requested == self.kind {
            return None;
        }
        Some(match self.kind {
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
