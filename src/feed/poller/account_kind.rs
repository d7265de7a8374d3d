//! Requests the kind of the account, and moves the private side when it changes.

use std::sync::Arc;

use super::Poller;
use crate::domain::{AccountKind, Body, ProblemCode, RequestKind, Timestamp};
use crate::exchange::rest::TimedResponse;
use crate::exchange::{ErrorClass, ExchangeError, Request, api_of};
use crate::feed::context::{Generation, KeyState};
use crate::feed::detection::Decision;
use crate::feed::error_policy;

impl Poller {
    /// Returns when the kind of the account is to be requested; `None` for not now.
    pub(super) fn kind_due(&self) -> Option<Timestamp> {
        let may_send = self.shared.settings.credentials.is_some()
            && self.clock_tried
            && *self.shared.key.borrow() != KeyState::Refused;
        self.detection.due().filter(|_| may_send)
    }

    /// Takes a response to the request for the kind of the account.
    pub(super) fn detect(&mut self, result: Result<TimedResponse, ExchangeError>) {
        let (shared, now) = (Arc::clone(&self.shared), self.shared.now());
        let (decision, error) = match result {
            Ok(timed) => {
                timed.response.bodies.into_iter().for_each(|body| shared.apply(body));
                (self.detection.succeeded(timed.response.switching, now), None)
            }
            Err(error) => (self.detection.failed(&error, now), Some(error)),
        };
        let reason = error.as_ref().map(ToString::to_string);
        let is_open = matches!(decision, Decision::Open | Decision::Forbidden);
        shared.failure(RequestKind::AccountKind, reason.as_deref().filter(|_| is_open));
        if error.as_ref().is_some_and(|error| error.class() == ErrorClass::Clock) {
            self.schedule.hurry(now, |job| job.request == Request::ServerTime);
        }
        if !is_open {
            let switching = (decision == Decision::Switching).then_some(
                "the exchange is moving the account between classic and unified: private data wait \
                 until it is done",
            );
            shared.problem(ProblemCode::AccountSwitching, "account", switching);
        }
        let remedy = error.as_ref().filter(|_| decision == Decision::Forbidden);
        let remedy =
            remedy.map(|error| format!("{}: {}", RequestKind::AccountKind, error.remedy()));
        shared.problem(ProblemCode::PermissionMissing, "account", remedy.as_deref());
        match decision {
            Decision::Is(kind) => self.settle(kind, error.is_none()),
            Decision::Switching => shared.apply(Body::AccountKind(None)),
            Decision::Refused => {
                if let Some(error) = &error {
                    error_policy::refuse_key(&shared, error);
                }
            }
            Decision::Open | Decision::Forbidden => {
                if let Some(error) = &error {
                    error_policy::unanswered(&shared, &Request::AccountKind, error);
                }
            }
        }
    }

    /// The kind of the account is known: the private side uses its generation from now on. Rows from
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
        self.schedule.restart_private(now);
        if proves_key {
            shared.mark_key(KeyState::Proven);
        }
    }
}
