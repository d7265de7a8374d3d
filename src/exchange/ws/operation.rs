//! The four operations that a stream can be sent. There are no others in the program.

use serde_json::{Value, json};

use crate::domain::Timestamp;
use crate::exchange::{Api, Channel, Credentials, sign};

/// The heartbeat; the reply is the text `pong`.
pub(super) const PING: &str = "ping";
/// The most arguments of one frame: far below the limit of 4,096 bytes.
pub(super) const MAX_ARGUMENTS: usize = 10;

/// Returns a login, signed with the exchange's time in seconds.
pub(super) fn login(credentials: &Credentials, exchange_now: Timestamp) -> String {
    let at = (exchange_now.as_millis() / 1000).to_string();
    let argument = json!({
        "apiKey": credentials.key(),
        "passphrase": credentials.passphrase(),
        "timestamp": at,
        "sign": sign::login(credentials, &at),
    });
    operation("login", &[argument])
}

/// Returns a subscription to `channels`.
pub(super) fn subscribe(api: &dyn Api, channels: &[Channel]) -> String {
    operation("subscribe", &arguments(api, channels))
}

/// Returns the operation that ends the subscription to `channels`.
pub(super) fn unsubscribe(api: &dyn Api, channels: &[Channel]) -> String {
    operation("unsubscribe", &arguments(api, channels))
}

fn arguments(api: &dyn Api, channels: &[Channel]) -> Vec<Value> {
    channels.iter().map(|channel| api.channel_json(channel)).collect()
}

fn operation(name: &'static str, arguments: &[Value]) -> String {
    json!({ "op": name, "args": arguments }).to_string()
}
