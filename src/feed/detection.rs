//! Which generation of the API serves the account: events in, decisions out.
//!
//! API V3 is asked for the account's settings. Only a good response or one of the exchange's own codes
//! decides; a key that lacks the permission is tried at V2. Everything else (network, rate limits,
//! maintenance, pages of proxies) decides nothing and is retried. An account can be moved at any time: a
//! refusal by code while running makes the kind uncertain, and it is requested again at once.

use std::time::Duration;

use crate::domain::{AccountKind, Text, Timestamp};
use crate::exchange::{ErrorClass, ExchangeError};

/// The pause after a response that decides nothing doubles from here.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// Moving an account takes the exchange about a minute; its end is noticed within this.
const SWITCHING_PAUSE: Duration = Duration::from_secs(10);
/// A key without the permission is tried again after this.
const FORBIDDEN_PAUSE: Duration = Duration::from_secs(60);
/// Refusals until the key counts as refused: one retry, in case the exchange erred.
const MAX_REFUSALS: u32 = 2;

/// What a response means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// The account is of this kind.
    Is(AccountKind),
    /// The exchange is moving the account; retried.
    Switching,
    /// Nothing is decided; retried.
    Open,
    /// The key lacks the permission for both generations; retried seldom.
    Forbidden,
    /// The key is refused for good; nothing is sent until the user acts.
    Refused,
}

/// What is known about the kind of the account, and which request is next.
#[derive(Debug)]
pub(super) struct Detection {
    kind: Option<AccountKind>,
    /// Chosen by the user: never requested and never uncertain.
    forced: bool,
    /// The generation to ask next, and when.
    next: Option<(AccountKind, Timestamp)>,
    /// The generation whose response is pending.
    in_flight: Option<AccountKind>,
    /// The generation that was in use and refused the account.
    refused_by: Option<AccountKind>,
    /// The error that decided, where one did.
    because: Option<Text>,
    /// Responses in a row that decided nothing.
    open: u32,
    refusals: u32,
}

impl Detection {
    /// Returns a detection that sends its first request at once.
    pub(super) const fn new(now: Timestamp) -> Self {
        Self {
            kind: None,
            forced: false,
            next: Some((AccountKind::Unified, now)),
            in_flight: None,
            refused_by: None,
            because: None,
            open: 0,
            refusals: 0,
        }
    }

    /// Returns a detection that believes the user and sends no request.
    pub(super) fn forced(kind: AccountKind, now: Timestamp) -> Self {
        Self { kind: Some(kind), forced: true, next: None, ..Self::new(now) }
    }

    /// Returns the kind; `None` while it is unknown or uncertain.
    pub(super) const fn kind(&self) -> Option<AccountKind> {
        self.kind
    }

    /// Returns the error that decided, where one did.
    pub(super) const fn because(&self) -> Option<&Text> {
        self.because.as_ref()
    }

    /// Returns when the next request is due; `None` while there is none, or one is in flight.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.next.filter(|_| self.in_flight.is_none()).map(|(_, due)| due)
    }

    /// Starts the next request; returns the generation that it goes to.
    pub(super) fn start(&mut self) -> Option<AccountKind> {
        let (kind, _) = self.next.take()?;
        self.in_flight = Some(kind);
        Some(kind)
    }

    /// The generation in use refused the account as not its own: the kind is unknown until the next
    /// response. Returns whether that changed anything; a kind that the user chose stays.
    pub(super) fn invalidate(&mut self, now: Timestamp) -> bool {
        if self.forced || self.kind.is_none() {
            return false;
        }
        self.refused_by = self.kind.take();
        self.recheck(now);
        true
    }

    /// Something suggests another kind without proving it: requests it, and keeps the kind meanwhile.
    pub(super) fn recheck(&mut self, now: Timestamp) {
        if !self.forced && self.in_flight.is_none() {
            self.next = Some((AccountKind::Unified, now));
        }
    }

    /// The user asked for a retry, or the link is back: everything is tried now.
    pub(super) fn restart(&mut self, now: Timestamp) {
        (self.open, self.refusals) = (0, 0);
        if self.kind.is_none() || self.next.is_some() {
            self.recheck(now);
        }
    }

    /// The request succeeded; API V3 also says whether the account is being moved.
    pub(super) fn succeeded(&mut self, switching: bool, now: Timestamp) -> Decision {
        let Some(asked) = self.in_flight.take() else { return Decision::Open };
        if switching {
            return self.switching(now);
        }
        self.because = None;
        self.decide(asked, now)
    }

    /// The request failed.
    pub(super) fn failed(&mut self, error: &ExchangeError, now: Timestamp) -> Decision {
        let Some(asked) = self.in_flight.take() else { return Decision::Open };
        if let Some(kind) = error.proves() {
            self.because = Some(Text::new(&error.to_string()));
            return self.decide(kind, now);
        }
        match (error.class(), asked) {
            (ErrorClass::Credentials | ErrorClass::Restricted, _) => {
                self.refusals = self.refusals.saturating_add(1);
                if self.refusals >= MAX_REFUSALS {
                    self.kind = None;
                    return Decision::Refused;
                }
            }
            // V2 needs another permission, and its response names the kind of the account too.
            (ErrorClass::Permission, AccountKind::Unified) => {
                self.next = Some((AccountKind::Classic, now));
                return Decision::Open;
            }
            (ErrorClass::Permission, AccountKind::Classic) => {
                self.later(FORBIDDEN_PAUSE, now);
                return Decision::Forbidden;
            }
            _ => {}
        }
        let pause = FIRST_PAUSE.saturating_mul(1 << self.open.min(8)).min(LONGEST_PAUSE);
        self.open = self.open.saturating_add(1);
        self.later(pause, now);
        Decision::Open
    }

    fn decide(&mut self, kind: AccountKind, now: Timestamp) -> Decision {
        // This generation has just refused the account: neither serves it now.
        if self.refused_by.take() == Some(kind) {
            return self.switching(now);
        }
        (self.open, self.refusals) = (0, 0);
        self.next = None;
        self.kind = Some(kind);
        Decision::Is(kind)
    }

    fn switching(&mut self, now: Timestamp) -> Decision {
        self.kind = None;
        (self.refused_by, self.open, self.refusals) = (None, 0, 0);
        self.later(SWITCHING_PAUSE, now);
        Decision::Switching
    }

    fn later(&mut self, pause: Duration, now: Timestamp) {
        self.next = Some((AccountKind::Unified, now.after(pause)));
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::domain::LinkFault;

    const START: Timestamp = Timestamp::from_millis(1_790_337_600_000);

    fn refused(code: &str) -> ExchangeError {
        ExchangeError::refused(code, "text".into())
    }

    fn later(seconds: u64) -> Timestamp {
        START.after(Duration::from_secs(seconds))
    }

    fn started() -> Detection {
        let mut detection = Detection::new(START);
        assert_eq!((detection.due(), detection.kind()), (Some(START), None));
        assert_eq!(detection.start(), Some(AccountKind::Unified));
        assert_eq!(detection.due(), None, "one request at a time");
        detection
    }

    fn settled(kind: AccountKind) -> Detection {
        let mut detection = started();
        let decision = match kind {
            AccountKind::Unified => detection.succeeded(false, START),
            AccountKind::Classic => detection.failed(&refused("40084"), START),
        };
        assert_eq!((decision, detection.due()), (Decision::Is(kind), None));
        detection
    }

    #[rstest]
    #[case("40084", AccountKind::Classic)]
    #[case("25245", AccountKind::Classic)]
    #[case("40085", AccountKind::Unified)]
    fn fc_06_codes_that_decide(#[case] code: &str, #[case] kind: AccountKind) {
        let mut detection = started();
        assert_eq!(detection.failed(&refused(code), START), Decision::Is(kind));
        assert_eq!((detection.kind(), detection.due()), (Some(kind), None));
        assert!(detection.because().is_some_and(|text| text.as_str().contains(code)));
    }

    #[rstest]
    #[case(refused("40015"))]
    #[case(refused("40725"))]
    #[case(refused("40808"))]
    #[case(refused("45001"))]
    #[case(refused("40731"))]
    #[case(refused("40008"))]
    #[case(refused("429"))]
    #[case(refused("99999"))]
    #[case(ExchangeError::Status { status: 404 })]
    #[case(ExchangeError::Status { status: 502 })]
    #[case(ExchangeError::Transport { fault: LinkFault::Cut, text: "reset".to_owned() })]
    #[case(ExchangeError::NoData)]
    #[case(ExchangeError::Shape(crate::exchange::ShapeError::new("settings", "none")))]
    fn fc_06_everything_else_decides_nothing_and_is_retried(#[case] error: ExchangeError) {
        let mut detection = started();
        let mut now = START;
        for pause in [2, 4, 8, 15, 15, 15] {
            assert_eq!(detection.failed(&error, now), Decision::Open);
            assert_eq!(detection.kind(), None);
            assert_eq!(detection.due(), Some(now.after(Duration::from_secs(pause))));
            now = detection.due().unwrap();
            assert_eq!(detection.start(), Some(AccountKind::Unified));
        }
        assert_eq!(detection.succeeded(false, now), Decision::Is(AccountKind::Unified));
    }

    #[test]
    fn fc_06_an_account_that_is_being_moved_is_checked_every_ten_seconds() {
        let mut detection = started();
        assert_eq!(detection.succeeded(true, START), Decision::Switching);
        assert_eq!((detection.kind(), detection.due()), (None, Some(later(10))));
        detection.start();
        assert_eq!(detection.succeeded(true, later(10)), Decision::Switching);
        assert_eq!(detection.due(), Some(later(20)));
        detection.start();
        assert_eq!(detection.succeeded(false, later(20)), Decision::Is(AccountKind::Unified));
    }

    #[rstest]
    #[case(None, Decision::Is(AccountKind::Classic))]
    #[case(Some("40085"), Decision::Is(AccountKind::Unified))]
    #[case(Some("40014"), Decision::Forbidden)]
    #[case(Some("40731"), Decision::Open)]
    #[case(Some("45001"), Decision::Open)]
    fn fc_06_a_key_without_permission_for_v3_is_tried_at_v2(
        #[case] code: Option<&str>,
        #[case] wanted: Decision,
    ) {
        let mut detection = started();
        assert_eq!(detection.failed(&refused("40014"), START), Decision::Open);
        assert_eq!(detection.due(), Some(START), "at once");
        assert_eq!(detection.start(), Some(AccountKind::Classic));
        let decision = match code {
            None => detection.succeeded(false, START),
            Some(code) => detection.failed(&refused(code), START),
        };
        assert_eq!(decision, wanted);
        let is_retried = !matches!(decision, Decision::Is(_));
        assert_eq!(detection.due().is_some(), is_retried);
        if is_retried {
            assert_eq!(detection.start(), Some(AccountKind::Unified), "V3 first, always");
        }
    }

    #[rstest]
    fn fc_02_a_wrong_key_is_tried_twice_and_decides_nothing(
        #[values("40037", "40012", "40009", "40018", "40006", "40036", "40038")] code: &str,
    ) {
        let mut detection = started();
        assert_eq!(detection.failed(&refused(code), START), Decision::Open);
        detection.start();
        assert_eq!(detection.failed(&refused(code), later(2)), Decision::Refused);
        assert_eq!((detection.kind(), detection.due()), (None, None), "the user must act");
        detection.restart(later(100));
        assert_eq!(detection.due(), Some(later(100)));
    }

    #[rstest]
    #[case(AccountKind::Classic, AccountKind::Unified)]
    #[case(AccountKind::Unified, AccountKind::Classic)]
    fn fc_06_a_switch_while_running_is_found_at_once(
        #[case] before: AccountKind,
        #[case] after: AccountKind,
    ) {
        let mut detection = settled(before);
        assert!(detection.invalidate(later(500)));
        assert_eq!((detection.kind(), detection.due()), (None, Some(later(500))));
        assert!(!detection.invalidate(later(500)), "every poll says it");
        detection.start();
        let decision = match after {
            AccountKind::Unified => detection.succeeded(false, later(500)),
            AccountKind::Classic => detection.failed(&refused("40084"), later(500)),
        };
        assert_eq!(decision, Decision::Is(after));
    }

    #[test]
    fn fc_06_an_account_that_neither_serves_is_being_moved() {
        let mut detection = settled(AccountKind::Classic);
        detection.invalidate(later(10));
        detection.start();
        assert_eq!(detection.failed(&refused("40084"), later(10)), Decision::Switching);
        assert_eq!((detection.kind(), detection.due()), (None, Some(later(20))));
        detection.start();
        assert_eq!(
            detection.failed(&refused("40084"), later(20)),
            Decision::Is(AccountKind::Classic),
            "the move was cancelled"
        );
    }

    #[test]
    fn a_recheck_that_proves_nothing_keeps_the_kind() {
        let mut detection = settled(AccountKind::Classic);
        detection.recheck(later(5));
        assert_eq!(
            (detection.kind(), detection.due()),
            (Some(AccountKind::Classic), Some(later(5)))
        );
        detection.start();
        assert_eq!(detection.failed(&refused("45001"), later(5)), Decision::Open);
        assert_eq!(
            (detection.kind(), detection.due()),
            (Some(AccountKind::Classic), Some(later(7)))
        );
    }

    #[test]
    fn a_kind_that_the_user_chose_is_never_uncertain() {
        let mut detection = Detection::forced(AccountKind::Unified, START);
        assert!(!detection.invalidate(later(1)));
        detection.recheck(later(1));
        detection.restart(later(1));
        assert_eq!((detection.kind(), detection.due()), (Some(AccountKind::Unified), None));
    }
}
