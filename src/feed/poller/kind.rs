//! Asks the account for its kind, and moves the private side when it changes.

use std::sync::Arc;

use super::Poller;
use crate::domain::{AccountKind, Body, Datum, ProblemCode, Text, Timestamp};
use crate::exchange::rest::Reply;
use crate::exchange::{ErrorClass, ExchangeError, Query, api_of};
use crate::feed::context::{Generation, KeyState};
use crate::feed::detection::Decision;
use crate::feed::verdict;

impl Poller {
    /// Returns when the account is to be asked for its kind.
    pub(super) fn kind_due(&self) -> Option<Timestamp> {
        let may_ask = self.shared.settings.credentials.is_some()
            && self.clock_tried
            && *self.shared.key.borrow() != KeyState::Refused;
        self.detection.due().filter(|_| may_ask)
    }

    /// Takes an answer to the question for the kind of the account.
    pub(super) fn detect(&mut self, result: Result<Reply, ExchangeError>) {
        let (shared, now) = (Arc::clone(&self.shared), self.shared.now());
        let (decision, error) = match result {
            Ok(reply) => (self.detection.answered(reply.answer.switching, now), None),
            Err(error) => (self.detection.failed(&error, now), Some(error)),
        };
        let datum = Datum::AccountKind;
        let reason = error.as_ref().map(|error| Text::new(&error.to_string()));
        let is_open = matches!(decision, Decision::Open | Decision::Forbidden);
        shared.apply(Body::Failed { datum, reason: reason.filter(|_| is_open) });
        if error.as_ref().is_some_and(|error| error.class() == ErrorClass::Clock) {
            self.schedule.hurry(now, |job| job.query == Query::ServerTime);
        }
        if !is_open {
            let switching = (decision == Decision::Switching).then_some(
                "the exchange is moving the account between classic and unified: private data wait",
            );
            shared.problem(ProblemCode::AccountSwitching, "account", switching);
        }
        let remedy = error.as_ref().filter(|_| decision == Decision::Forbidden);
        let remedy = remedy.map(|error| format!("{datum}: {}", error.remedy()));
        shared.problem(ProblemCode::PermissionMissing, "account", remedy.as_deref());
        match decision {
            Decision::Is(kind) => self.settle(kind, error.is_none()),
            Decision::Switching => shared.apply(Body::AccountKind(None)),
            Decision::Refused => {
                if let Some(error) = &error {
                    verdict::refuse_key(&shared, error);
                }
            }
            Decision::Open | Decision::Forbidden => {}
        }
    }

    /// The kind of the account is known: the private side speaks its generation from now on. Rows of
    /// before stay and age until a list of that generation confirms or closes them.
    pub(super) fn settle(&mut self, kind: AccountKind, proves_key: bool) {
        let (shared, now) = (Arc::clone(&self.shared), self.shared.now());
        let because = self.detection.because().cloned();
        shared.apply(Body::AccountKind(Some(kind)));
        shared.private.send_if_modified(|held| {
            let differs = held.kind() != Some(kind);
            *held = Generation { api: Some(api_of(kind)), because };
            differs
        });
        self.plan_orders();
        self.schedule.begin_anew_private(now);
        if proves_key {
            shared.mark_key(KeyState::Proven);
        }
    }
}
