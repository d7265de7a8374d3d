//! Logins and subscriptions of a socket.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::generation::{CONNECTION, SubscribeRequest};
use super::{Closed, SUBSCRIPTIONS_PER_HOUR, Socket, count, member};
use crate::domain::AccountKind;
use crate::sim::auth::{self, Claim};
use crate::sim::fault::{Fault, On, Reply, Stage, when};
use crate::sim::rest::exists;
use crate::sim::subscription::{Subscription, Topic};

impl<S> Socket<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    pub(super) async fn login(&mut self, arg: &Value) -> Result<(), Closed> {
        let text = |name: &str| member(arg, name).as_str().unwrap_or_default();
        // Clients send the time as a string or as a number.
        let timestamp = member(arg, "timestamp");
        let timestamp =
            timestamp.as_str().map_or_else(|| Cow::Owned(timestamp.to_string()), Cow::Borrowed);
        let claim = Claim {
            key: text("apiKey"),
            sign: text("sign"),
            timestamp: &timestamp,
            passphrase: text("passphrase"),
        };
        if self.fault("login", when!(Fault::Stall { at: Stage::Login } => ())).is_some() {
            return Ok(());
        }
        let offset = self.fault("login", when!(Fault::ClockOffset { ms } => *ms));
        let now = self.shared.world(|world| world.now_ms()) + offset.unwrap_or_default();
        let revoked = self.fault("login", when!(Fault::KeyRevoked => ())).is_some();
        let checked = if revoked {
            Err((30_011, "Invalid ACCESS_KEY"))
        } else {
            auth::login(self.shared.expected(), &claim, now)
        };
        // The private socket of V2 accepts the login of a unified account and then stays silent, as seen
        // with live keys. There is no report of what V3 does with a classic one; here it replies as REST.
        let refusal = self.shared.world(|world| world.mode.refusal(self.generation.kind));
        let checked = match refusal {
            Some((_, message)) if self.generation.kind == AccountKind::Unified => {
                checked.and(Err((40_084, message)))
            }
            _ => checked,
        };
        if let Err((code, text)) = checked {
            return self.send(&plain_error(code, text)).await;
        }
        self.logged_in = true;
        let mut good = json!({ "event": "login", "code": 0, "connId": CONNECTION });
        let other = when!(Fault::Login { reply, ms, code } => (*reply, *ms, *code));
        let Some((reply, ms, code)) = self.fault("login", other) else {
            return self.send(&good).await;
        };
        match reply {
            Reply::None => return Ok(()),
            Reply::Late => {
                self.send_delayed(good.to_string(), ms);
                return Ok(());
            }
            Reply::Twice => self.send(&good).await?,
            Reply::Error => {
                self.logged_in = false;
                good = plain_error(code, "by the fault script");
            }
            Reply::StringCode => {
                good = json!({ "event": "login", "code": "0", "msg": "" });
            }
            Reply::NoCode => good = json!({ "event": "login" }),
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
    ) -> Result<(), Closed> {
        self.send(&(self.generation.error)(arg, code, text, operation)).await
    }

    pub(super) async fn unsubscribe(&mut self, arg: &Value) -> Result<(), Closed> {
        self.subscriptions.retain(|existing| existing.arg != *arg);
        let request = (self.generation.read)(arg);
        self.send(&(self.generation.done)("unsubscribe", arg, &request)).await
    }

    pub(super) async fn subscribe(&mut self, arg: Value) -> Result<(), Closed> {
        let now = Instant::now();
        if count(&mut self.subscribed, now, Duration::from_secs(3_600)) > SUBSCRIPTIONS_PER_HOUR {
            self.shared.record("WS", "subscriptions", "30006");
            return self.close(CloseCode::Normal, "too many subscriptions").await;
        }
        let request = (self.generation.read)(&arg);
        let Some(topic) = request.topic else {
            return self.refuse(Some(&arg), 30_016, "Param error", "subscribe").await;
        };
        let private = matches!(topic, Topic::Private(_));
        if private {
            if self.on != On::Private || !self.logged_in {
                self.shared.record("WS", "early subscription", "30004");
                let text = "User not logged in / User must be logged in";
                return self.send(&plain_error(30_004, text)).await;
            }
        } else if !exists(&request.key) {
            return self.refuse(Some(&arg), 30_001, &request.unknown_message, "subscribe").await;
        }
        let subject = format!("{} {}", request.name, request.key);
        if self.fault(&subject, when!(Fault::Stall { at: Stage::Subscribe } => ())).is_some() {
            return Ok(());
        }
        if !self.acknowledge(&arg, &subject, &request).await? {
            return Ok(());
        }
        self.subscriptions.retain(|existing| existing.arg != arg);
        let kind = self.generation.kind;
        let serves_account = self.shared.world(|world| world.mode.refusal(kind)).is_none();
        if !request.has_product || private && !serves_account {
            return Ok(());
        }
        let encode = self.generation.encode;
        let mut subscription =
            Subscription { arg, topic, subject, key: request.key, encode, book: None };
        let first = self.shared.world(|world| subscription.first_push(world));
        let subject = subscription.subject.clone();
        self.subscriptions.push(subscription);
        match first {
            Some(frame) => self.push(&subject, frame).await,
            None => Ok(()),
        }
    }

    /// Acknowledges a subscription, subject to faults, and returns whether it is served.
    async fn acknowledge(
        &mut self,
        arg: &Value,
        subject: &str,
        request: &SubscribeRequest,
    ) -> Result<bool, Closed> {
        let good = (self.generation.done)("subscribe", arg, request);
        let other = when!(Fault::Ack { reply, ms, code } => (*reply, *ms, *code));
        match self.fault(subject, other) {
            Some((Reply::None, ..)) => {}
            Some((Reply::Late, ms, _)) => self.send_delayed(good.to_string(), ms),
            Some((Reply::Twice, ..)) => {
                self.send(&good).await?;
                self.send(&good).await?;
            }
            Some((Reply::Error, _, code)) => {
                self.refuse(Some(arg), code, &request.unknown_message, "subscribe").await?;
                return Ok(false);
            }
            Some((Reply::StringCode | Reply::NoCode, ..)) | None => self.send(&good).await?,
        }
        Ok(true)
    }
}

/// An error about the connection, not about an argument.
fn plain_error(code: i64, text: &str) -> Value {
    json!({ "event": "error", "code": code, "msg": text })
}
