//! What the sockets of the two generations call things.

use serde_json::{Value, json};

use super::member;
use crate::domain::{AccountKind, Symbol};
use crate::sim::encode::{Stream, v2, v3};
use crate::sim::push::{Private, Public, Topic};

/// The id of a connection; the real ones are as long.
pub(super) const CONNECTION: &str = "0621ccff00000000-00000000-00000000-0000000000000000-00000000";

/// A generation of the sockets.
pub(in crate::sim) struct Generation {
    /// The kind of account that it serves.
    pub(super) kind: AccountKind,
    pub(super) encode: &'static Stream,
    pub(super) read: fn(&Value) -> Wanted,
    /// The answer `event` to a good subscription or its end.
    pub(super) done: fn(event: &str, &Value, &Wanted) -> Value,
    /// An error about an argument, or about none; the operation in which it happened.
    pub(super) error: fn(Option<&Value>, i64, &str, &str) -> Value,
}

/// A subscription as it is asked for.
pub(super) struct Wanted {
    /// `None` for a name that does not exist.
    pub(super) topic: Option<Topic>,
    pub(super) name: String,
    /// The contract or the coin; `default` for all.
    pub(super) key: String,
    /// Whether the product is the one that this exchange trades. Others are acknowledged and stay
    /// silent, as on the real exchange.
    pub(super) traded: bool,
    /// The words for a contract that does not exist.
    pub(super) unknown: String,
}

/// The sockets of classic accounts.
pub(in crate::sim) static V2: Generation = Generation {
    kind: AccountKind::Classic,
    encode: &v2::STREAM,
    read: read_v2,
    done: |event, arg, _| json!({ "event": event, "arg": arg }),
    error: |arg, code, text, operation| match arg {
        Some(arg) => json!({
            "event": "error", "arg": arg, "code": code, "msg": text, "op": operation,
        }),
        None => json!({ "event": "error", "code": code, "msg": text, "op": operation }),
    },
};

/// The sockets of unified accounts. Errors do not say which argument they are about.
pub(in crate::sim) static V3: Generation = Generation {
    kind: AccountKind::Unified,
    encode: &v3::STREAM,
    read: read_v3,
    done: |event, arg, wanted| match wanted.topic {
        Some(Topic::Private(_)) => json!({
            "event": event, "arg": arg, "code": "", "msg": "", "connId": CONNECTION,
        }),
        Some(Topic::Public(_)) | None => {
            json!({ "event": event, "arg": arg, "connId": CONNECTION })
        }
    },
    error: |_, code, text, _| json!({ "event": "error", "code": code, "msg": text, "connId": CONNECTION }),
};

fn word(arg: &Value, name: &str) -> Option<String> {
    member(arg, name).as_str().map(str::to_owned)
}

fn read_v2(arg: &Value) -> Wanted {
    let name = word(arg, "channel").unwrap_or_default();
    let key = word(arg, "coin").or_else(|| word(arg, "instId")).unwrap_or_default();
    let product = word(arg, "instType").unwrap_or_default();
    let topic = match name.as_str() {
        "ticker" => Some(Topic::Public(Public::Ticker)),
        "trade" => Some(Topic::Public(Public::Deals)),
        "books" => Some(Topic::Public(Public::Changes(usize::MAX))),
        "books1" => Some(Topic::Public(Public::Book(1))),
        "books5" => Some(Topic::Public(Public::Book(5))),
        "books15" => Some(Topic::Public(Public::Book(15))),
        "positions" => Some(Topic::Private(Private::Positions)),
        "positions-history" => Some(Topic::Private(Private::Closed)),
        "account" => Some(Topic::Private(Private::Account)),
        "equity" => Some(Topic::Private(Private::Equity)),
        "orders" => Some(Topic::Private(Private::Orders)),
        "orders-algo" => Some(Topic::Private(Private::Plans)),
        "fill" => Some(Topic::Private(Private::Fills)),
        "adl-noti" => Some(Topic::Private(Private::Reductions)),
        other => other.strip_prefix("candle").and_then(Public::candles).map(Topic::Public),
    };
    let unknown =
        format!("instType:{product},channel:{name},instId:{key},precision:null doesn't exist");
    Wanted { topic, traded: product == Symbol::V2_PRODUCT, name, key, unknown }
}

fn read_v3(arg: &Value) -> Wanted {
    let name = word(arg, "topic").unwrap_or_default();
    let key = word(arg, "symbol").unwrap_or_else(|| "default".to_owned());
    let interval = word(arg, "interval").unwrap_or_default();
    let topic = match name.as_str() {
        "ticker" => Some(Topic::Public(Public::Ticker)),
        "publicTrade" => Some(Topic::Public(Public::Deals)),
        "kline" => Public::candles(&interval).map(Topic::Public),
        "books" => Some(Topic::Public(Public::Changes(usize::MAX))),
        "books1" => Some(Topic::Public(Public::Book(1))),
        "books5" => Some(Topic::Public(Public::Book(5))),
        "books50" => Some(Topic::Public(Public::Changes(50))),
        "position" => Some(Topic::Private(Private::PositionEvents)),
        "account" => Some(Topic::Private(Private::Account)),
        "order" => Some(Topic::Private(Private::Orders)),
        "strategy-order" => Some(Topic::Private(Private::Plans)),
        "fill" => Some(Topic::Private(Private::Fills)),
        "adl-notification" => Some(Topic::Private(Private::Reductions)),
        _ => None,
    };
    let private = matches!(topic, Some(Topic::Private(_)));
    let product = if private { "UTA" } else { "usdt-futures" };
    let traded = word(arg, "instType").as_deref() == Some(product);
    Wanted { topic, traded, name, key, unknown: format!("{arg} doesn't exist") }
}
