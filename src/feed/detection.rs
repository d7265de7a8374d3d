//! Which generation of the API the account answers: events in, decisions out.
//!
//! API V3 is asked for the settings of the account. Only a good answer or one of the exchange's own
//! codes decides; a key that may not ask is tried at V2. Everything else (network, limits, maintenance,
//! pages of proxies) decides nothing and is asked again. An account can be moved at any time: a refusal
//! by code while running puts the kind in doubt, and it is asked for at once.

use std::time::Duration;

use crate::domain::{AccountKind, Text, Timestamp};
use crate::exchange::{ErrorClass, ExchangeError};

/// The pause after an answer that decides nothing doubles from here.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// Moving an account takes the exchange about a minute; the private data wait for this at the most
/// once it is done.
const SWITCHING_PAUSE: Duration = Duration::from_secs(10);
/// A key without the permission is asked about again after this.
const FORBIDDEN_PAUSE: Duration = Duration::from_secs(60);
/// A wrong key gets one more try, in case the exchange erred.
const REFUSALS: u32 = 2;

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// The account is of this kind.
    Is(AccountKind),
    /// The exchange is moving the account; it is asked again.
    Switching,
    /// Nothing is decided; it is asked again.
    Open,
    /// The key may ask neither generation; it is asked again, seldom.
    Forbidden,
    /// The key is refused for good; nothing is asked until a person acts.
    Refused,
}

/// What is known of the kind of the account, and what is to be asked next.
#[derive(Debug)]
pub(super) struct Detection {
    kind: Option<AccountKind>,
    /// Chosen by the user: never asked for and never in doubt.
    forced: bool,
    /// The generation to ask next, and when.
    next: Option<(AccountKind, Timestamp)>,
    /// The generation that has been asked and has not answered.
    asked: Option<AccountKind>,
    /// The generation that was taken for the right one and refused the account.
    refused_by: Option<AccountKind>,
    /// The refusal that decided, in the exchange's words.
    because: Option<Text>,
    /// Answers in a row that decided nothing.
    open: u32,
    refusals: u32,
}

impl Detection {
    /// Returns a detection that asks at once.
    pub(super) const fn new(now: Timestamp) -> Self {
        Self {
            kind: None,
            forced: false,
            next: Some((AccountKind::Unified, now)),
            asked: None,
            refused_by: None,
            because: None,
            open: 0,
            refusals: 0,
        }
    }

    /// Returns a detection that believes the user and asks nothing.
    pub(super) fn forced(kind: AccountKind, now: Timestamp) -> Self {
        Self { kind: Some(kind), forced: true, next: None, ..Self::new(now) }
    }

    /// Returns the kind, while it is not in doubt.
    pub(super) const fn kind(&self) -> Option<AccountKind> {
        self.kind
    }

    /// Returns the refusal that decided, where one did.
    pub(super) const fn because(&self) -> Option<&Text> {
        self.because.as_ref()
    }

    /// Returns when the next question is due; `None` while there is none, or one is on its way.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.next.filter(|_| self.asked.is_none()).map(|(_, due)| due)
    }

    /// The next question leaves; returns the generation that it goes to.
    pub(super) fn ask(&mut self) -> Option<AccountKind> {
        let (kind, _) = self.next.take()?;
        self.asked = Some(kind);
        Some(kind)
    }

    /// A generation refused the account as not its own: asks at once, and knows nothing meanwhile.
    /// Returns whether that changed anything; a kind that the user chose stays.
    pub(super) fn doubt(&mut self, now: Timestamp) -> bool {
        if self.forced || self.kind.is_none() {
            return false;
        }
        self.refused_by = self.kind.take();
        self.wonder(now);
        true
    }

    /// Something speaks for another kind without proving it: asks, and goes on meanwhile.
    pub(super) fn wonder(&mut self, now: Timestamp) {
        if !self.forced && self.asked.is_none() {
            self.next = Some((AccountKind::Unified, now));
        }
    }

    /// A person or a link that came back wants everything tried now.
    pub(super) fn begin_anew(&mut self, now: Timestamp) {
        (self.open, self.refusals) = (0, 0);
        if self.kind.is_none() || self.next.is_some() {
            self.wonder(now);
        }
    }

    /// The generation that was asked gave a good answer; API V3 also tells that the account is moving.
    pub(super) fn answered(&mut self, switching: bool, now: Timestamp) -> Decision {
        let Some(asked) = self.asked.take() else { return Decision::Open };
        if switching {
            return self.switching(now);
        }
        self.because = None;
        self.decide(asked, now)
    }

    /// The question failed.
    pub(super) fn failed(&mut self, error: &ExchangeError, now: Timestamp) -> Decision {
        let Some(asked) = self.asked.take() else { return Decision::Open };
        if let Some(kind) = error.proves() {
            self.because = Some(Text::new(&error.to_string()));
            return self.decide(kind, now);
        }
        match (error.class(), asked) {
            (ErrorClass::Credentials | ErrorClass::Restricted, _) => {
                self.refusals = self.refusals.saturating_add(1);
                if self.refusals >= REFUSALS {
                    self.kind = None;
                    return Decision::Refused;
                }
            }
            // V2 needs another permission, and checks the kind of the account on its way.
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
        // The generation that is named has just refused the account: neither serves it now.
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

    const START: Timestamp = Timestamp::from_millis(1_790_337_600_000);

    fn refused(code: &str) -> ExchangeError {
        ExchangeError::refused(code, "words".into())
    }

    fn later(seconds: u64) -> Timestamp {
        START.after(Duration::from_secs(seconds))
    }

    fn asked() -> Detection {
        let mut detection = Detection::new(START);
        assert_eq!((detection.due(), detection.kind()), (Some(START), None));
        assert_eq!(detection.ask(), Some(AccountKind::Unified));
        assert_eq!(detection.due(), None, "one question at a time");
        detection
    }

    fn settled(kind: AccountKind) -> Detection {
        let mut detection = asked();
        let decision = match kind {
            AccountKind::Unified => detection.answered(false, START),
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
        let mut detection = asked();
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
    #[case(ExchangeError::Transport("reset".to_owned()))]
    #[case(ExchangeError::NoData)]
    #[case(ExchangeError::Shape(crate::exchange::ShapeError::new("settings", "none")))]
    fn fc_06_everything_else_decides_nothing_and_is_asked_again(#[case] error: ExchangeError) {
        let mut detection = asked();
        let mut now = START;
        for pause in [2, 4, 8, 15, 15, 15] {
            assert_eq!(detection.failed(&error, now), Decision::Open);
            assert_eq!(detection.kind(), None);
            assert_eq!(detection.due(), Some(now.after(Duration::from_secs(pause))));
            now = detection.due().unwrap();
            assert_eq!(detection.ask(), Some(AccountKind::Unified));
        }
        assert_eq!(detection.answered(false, now), Decision::Is(AccountKind::Unified));
    }

    #[test]
    fn fc_06_an_account_on_its_way_is_asked_about_every_ten_seconds() {
        let mut detection = asked();
        assert_eq!(detection.answered(true, START), Decision::Switching);
        assert_eq!((detection.kind(), detection.due()), (None, Some(later(10))));
        detection.ask();
        assert_eq!(detection.answered(true, later(10)), Decision::Switching);
        assert_eq!(detection.due(), Some(later(20)));
        detection.ask();
        assert_eq!(detection.answered(false, later(20)), Decision::Is(AccountKind::Unified));
    }

    #[rstest]
    #[case(None, Decision::Is(AccountKind::Classic))]
    #[case(Some("40085"), Decision::Is(AccountKind::Unified))]
    #[case(Some("40014"), Decision::Forbidden)]
    #[case(Some("40731"), Decision::Open)]
    #[case(Some("45001"), Decision::Open)]
    fn fc_06_a_key_that_may_not_ask_v3_asks_v2(
        #[case] answer: Option<&str>,
        #[case] wanted: Decision,
    ) {
        let mut detection = asked();
        assert_eq!(detection.failed(&refused("40014"), START), Decision::Open);
        assert_eq!(detection.due(), Some(START), "at once");
        assert_eq!(detection.ask(), Some(AccountKind::Classic));
        let decision = match answer {
            None => detection.answered(false, START),
            Some(code) => detection.failed(&refused(code), START),
        };
        assert_eq!(decision, wanted);
        let asks_again = !matches!(decision, Decision::Is(_));
        assert_eq!(detection.due().is_some(), asks_again);
        if asks_again {
            assert_eq!(detection.ask(), Some(AccountKind::Unified), "V3 first, always");
        }
    }

    #[rstest]
    fn fc_02_a_wrong_key_is_tried_twice_and_decides_nothing(
        #[values("40037", "40012", "40009", "40018", "40006", "40036", "40038")] code: &str,
    ) {
        let mut detection = asked();
        assert_eq!(detection.failed(&refused(code), START), Decision::Open);
        detection.ask();
        assert_eq!(detection.failed(&refused(code), later(2)), Decision::Refused);
        assert_eq!((detection.kind(), detection.due()), (None, None), "a person must act");
        detection.begin_anew(later(100));
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
        assert!(detection.doubt(later(500)));
        assert_eq!((detection.kind(), detection.due()), (None, Some(later(500))));
        assert!(!detection.doubt(later(500)), "every poll says it");
        detection.ask();
        let decision = match after {
            AccountKind::Unified => detection.answered(false, later(500)),
            AccountKind::Classic => detection.failed(&refused("40084"), later(500)),
        };
        assert_eq!(decision, Decision::Is(after));
    }

    #[test]
    fn fc_06_an_account_that_neither_serves_is_on_its_way() {
        let mut detection = settled(AccountKind::Classic);
        detection.doubt(later(10));
        detection.ask();
        assert_eq!(detection.failed(&refused("40084"), later(10)), Decision::Switching);
        assert_eq!((detection.kind(), detection.due()), (None, Some(later(20))));
        detection.ask();
        assert_eq!(
            detection.failed(&refused("40084"), later(20)),
            Decision::Is(AccountKind::Classic),
            "it was put off"
        );
    }

    #[test]
    fn what_proves_nothing_leaves_the_kind_as_it_is() {
        let mut detection = settled(AccountKind::Classic);
        detection.wonder(later(5));
        assert_eq!(
            (detection.kind(), detection.due()),
            (Some(AccountKind::Classic), Some(later(5)))
        );
        detection.ask();
        assert_eq!(detection.failed(&refused("45001"), later(5)), Decision::Open);
        assert_eq!(
            (detection.kind(), detection.due()),
            (Some(AccountKind::Classic), Some(later(7)))
        );
    }

    #[test]
    fn what_the_user_chose_is_never_in_doubt() {
        let mut detection = Detection::forced(AccountKind::Unified, START);
        assert!(!detection.doubt(later(1)));
        detection.wonder(later(1));
        detection.begin_anew(later(1));
        assert_eq!((detection.kind(), detection.due()), (Some(AccountKind::Unified), None));
    }
}
