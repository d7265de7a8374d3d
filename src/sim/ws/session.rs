//! Logins and subscriptions of a socket.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::generation::{CONNECTION, Wanted};
use super::{End, SUBSCRIPTIONS_AN_HOUR, Socket, count, member};
use crate::domain::AccountKind;
use crate::sim::auth::{self, Claim};
use crate::sim::fault::{Answer, Fault, On, Stage, when};
use crate::sim::push::{Subscription, Topic};
use crate::sim::rest::exists;

impl<S> Socket<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    pub(super) async fn login(&mut self, arg: &Value) -> Result<(), End> {
        let word = |name: &str| member(arg, name).as_str().unwrap_or_default();
        // Clients write the time as a string or as a number.
        let timestamp = member(arg, "timestamp");
        let timestamp =
            timestamp.as_str().map_or_else(|| Cow::Owned(timestamp.to_string()), Cow::Borrowed);
        let claim = Claim {
            key: word("apiKey"),
            sign: word("sign"),
            timestamp: &timestamp,
            passphrase: word("passphrase"),
        };
        if self.fault("login", when!(Fault::Stall { at: Stage::Login } => ())).is_some() {
            return Ok(());
        }
        let offset = self.fault("login", when!(Fault::ClockOffset { ms } => *ms));
        let now = self.hub.world(|world| world.now_ms()) + offset.unwrap_or_default();
        let revoked = self.fault("login", when!(Fault::KeyRevoked => ())).is_some();
        let checked = if revoked {
            Err((30_011, "Invalid ACCESS_KEY"))
        } else {
            auth::login(self.hub.expected(), &claim, now)
        };
        // The private socket of V2 takes the login of a unified account and then says nothing, as live
        // keys have shown. What V3 does with a classic one nobody reported; here it says what REST does.
        let refusal = self.hub.world(|world| world.kind.refusal(self.generation.kind));
        let checked = match refusal {
            Some((_, words)) if self.generation.kind == AccountKind::Unified => {
                checked.and(Err((40_084, words)))
            }
            _ => checked,
        };
        if let Err((code, text)) = checked {
            return self.send(&plain_error(code, text)).await;
        }
        self.logged_in = true;
        let mut good = json!({ "event": "login", "code": 0, "connId": CONNECTION });
        let other = when!(Fault::Login { answer, ms, code } => (*answer, *ms, *code));
        let Some((answer, ms, code)) = self.fault("login", other) else {
            return self.send(&good).await;
        };
        match answer {
            Answer::None => return Ok(()),
            Answer::Late => {
                self.send_late(good.to_string(), ms);
                return Ok(());
            }
            Answer::Twice => self.send(&good).await?,
            Answer::Error => {
                self.logged_in = false;
                good = plain_error(code, "the script says so");
            }
            Answer::StringCode => {
                good = json!({ "event": "login", "code": "0", "msg": "" });
            }
            Answer::NoCode => good = json!({ "event": "login" }),
        }
        self.send(&good).await
    }

    /// Sends an error as the generation writes it.
    pub(super) async fn refuse(
        &mut self,
        arg: Option<&Value>,
        code: i64,
        text: &str,
        operation: &str,
    ) -> Result<(), End> {
        self.send(&(self.generation.error)(arg, code, text, operation)).await
    }

    pub(super) async fn unsubscribe(&mut self, arg: &Value) -> Result<(), End> {
        self.subscriptions.retain(|held| held.arg != *arg);
        let wanted = (self.generation.read)(arg);
        self.send(&(self.generation.done)("unsubscribe", arg, &wanted)).await
    }

    pub(super) async fn subscribe(&mut self, arg: Value) -> Result<(), End> {
        let now = Instant::now();
        if count(&mut self.subscribed, now, Duration::from_secs(3_600)) > SUBSCRIPTIONS_AN_HOUR {
            self.hub.record("WS", "subscriptions", "30006");
            return self.close(CloseCode::Normal, "too many subscriptions").await;
        }
        let wanted = (self.generation.read)(&arg);
        let Some(topic) = wanted.topic else {
            return self.refuse(Some(&arg), 30_016, "Param error", "subscribe").await;
        };
        let private = matches!(topic, Topic::Private(_));
        if private {
            if self.on != On::Private || !self.logged_in {
                self.hub.record("WS", "early subscription", "30004");
                let text = "User not logged in / User must be logged in";
                return self.send(&plain_error(30_004, text)).await;
            }
        } else if !exists(&wanted.key) {
            return self.refuse(Some(&arg), 30_001, &wanted.unknown, "subscribe").await;
        }
        let subject = format!("{} {}", wanted.name, wanted.key);
        if self.fault(&subject, when!(Fault::Stall { at: Stage::Subscribe } => ())).is_some() {
            return Ok(());
        }
        if !self.acknowledge(&arg, &subject, &wanted).await? {
            return Ok(());
        }
        self.subscriptions.retain(|held| held.arg != arg);
        let kind = self.generation.kind;
        let own = self.hub.world(|world| world.kind.refusal(kind)).is_none();
        if !wanted.traded || private && !own {
            return Ok(());
        }
        let encode = self.generation.encode;
        let mut subscription =
            Subscription { arg, topic, subject, key: wanted.key, encode, book: None };
        let first = self.hub.world(|world| subscription.first(world));
        let subject = subscription.subject.clone();
        self.subscriptions.push(subscription);
        match first {
            Some(frame) => self.push(&subject, frame).await,
            None => Ok(()),
        }
    }

    /// Acknowledges a subscription, as the faults let it, and returns whether it is served.
    async fn acknowledge(
        &mut self,
        arg: &Value,
        subject: &str,
        wanted: &Wanted,
    ) -> Result<bool, End> {
        let good = (self.generation.done)("subscribe", arg, wanted);
        let other = when!(Fault::Ack { answer, ms, code } => (*answer, *ms, *code));
        match self.fault(subject, other) {
            Some((Answer::None, ..)) => {}
            Some((Answer::Late, ms, _)) => self.send_late(good.to_string(), ms),
            Some((Answer::Twice, ..)) => {
                self.send(&good).await?;
                self.send(&good).await?;
            }
            Some((Answer::Error, _, code)) => {
                self.refuse(Some(arg), code, &wanted.unknown, "subscribe").await?;
                return Ok(false);
            }
            Some((Answer::StringCode | Answer::NoCode, ..)) | None => self.send(&good).await?,
        }
        Ok(true)
    }
}

/// An error about the connection and not an argument.
fn plain_error(code: i64, text: &str) -> Value {
    json!({ "event": "error", "code": code, "msg": text })
}
