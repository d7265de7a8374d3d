//! The names and frames of the sockets of each API generation.

use serde_json::{Value, json};

use crate::domain::AccountKind;
use crate::sim::encode::{WsEncoder, v2, v3};
use crate::sim::products::Product;
use crate::sim::subscription::{Private, Products, Public, Topic};

/// The id of every connection, as long as the real ones.
pub(super) const CONNECTION: &str = "0621ccff00000000-00000000-00000000-0000000000000000-00000000";

/// The sockets of an API generation.
pub(in crate::sim) struct Generation {
    /// The kind of account that it serves.
    pub(super) kind: AccountKind,
    pub(super) encode: &'static WsEncoder,
    pub(super) read: fn(&Value) -> SubscribeRequest,
    /// The acknowledgement `event` of a subscription or of its end.
    pub(super) done: fn(event: &str, &Value, &SubscribeRequest) -> Value,
    /// An error: its argument if it is about one, code, message, operation.
    pub(super) error: fn(Option<&Value>, i64, &str, &str) -> Value,
}

/// A request to subscribe.
pub(super) struct SubscribeRequest {
    /// `None` for a topic that does not exist.
    pub(super) topic: Option<Topic>,
    pub(super) name: String,
    /// Contract or coin; `default` for all.
    pub(super) key: String,
    /// The products that it is about. Topics of none are acknowledged and stay silent, as on the real
    /// exchange.
    pub(super) products: Products,
    /// The message for a contract that does not exist.
    pub(super) unknown_message: String,
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
    done: |event, arg, request| match request.topic {
        Some(Topic::Private(_)) => json!({
            "event": event, "arg": arg, "code": "", "msg": "", "connId": CONNECTION,
        }),
        Some(Topic::Public(_)) | None => {
            json!({ "event": event, "arg": arg, "connId": CONNECTION })
        }
    },
    error: |_, code, text, _| json!({ "event": "error", "code": code, "msg": text, "connId": CONNECTION }),
};

/// Returns a member of an object, null if there is none.
pub(super) fn member<'a>(object: &'a Value, name: &str) -> &'a Value {
    object.get(name).unwrap_or(&Value::Null)
}

fn text_member(arg: &Value, name: &str) -> Option<String> {
    member(arg, name).as_str().map(str::to_owned)
}

fn read_v2(arg: &Value) -> SubscribeRequest {
    let name = text_member(arg, "channel").unwrap_or_default();
    let key = text_member(arg, "coin").or_else(|| text_member(arg, "instId")).unwrap_or_default();
    let product = text_member(arg, "instType").unwrap_or_default();
    let topic = match name.as_str() {
        "ticker" => Some(Topic::Public(Public::Ticker)),
        "trade" => Some(Topic::Public(Public::Trades)),
        "books" => Some(Topic::Public(Public::BookUpdates(usize::MAX))),
        "books1" => Some(Topic::Public(Public::BookSnapshots(1))),
        "books5" => Some(Topic::Public(Public::BookSnapshots(5))),
        "books15" => Some(Topic::Public(Public::BookSnapshots(15))),
        "positions" => Some(Topic::Private(Private::Positions)),
        "positions-history" => Some(Topic::Private(Private::ClosedPositions)),
        "account" => Some(Topic::Private(Private::Account)),
        "equity" => Some(Topic::Private(Private::Equity)),
        "orders" => Some(Topic::Private(Private::Orders)),
        "orders-algo" => Some(Topic::Private(Private::Plans)),
        "fill" => Some(Topic::Private(Private::Fills)),
        "adl-noti" => Some(Topic::Private(Private::DeleveragingNotices)),
        other => other.strip_prefix("candle").and_then(Public::candles).map(Topic::Public),
    };
    let unknown_message =
        format!("instType:{product},channel:{name},instId:{key},precision:null doesn't exist");
    let named = Product::ALL.into_iter().find(|known| known.wire() == product);
    let products = named.map_or(Products::None, Products::One);
    SubscribeRequest { topic, name, key, products, unknown_message }
}

fn read_v3(arg: &Value) -> SubscribeRequest {
    let name = text_member(arg, "topic").unwrap_or_default();
    let key = text_member(arg, "symbol").unwrap_or_else(|| "default".to_owned());
    let interval = text_member(arg, "interval").unwrap_or_default();
    let topic = match name.as_str() {
        "ticker" => Some(Topic::Public(Public::Ticker)),
        "publicTrade" => Some(Topic::Public(Public::Trades)),
        "kline" => Public::candles(&interval).map(Topic::Public),
        "books" => Some(Topic::Public(Public::BookUpdates(usize::MAX))),
        "books1" => Some(Topic::Public(Public::BookSnapshots(1))),
        "books5" => Some(Topic::Public(Public::BookSnapshots(5))),
        "books50" => Some(Topic::Public(Public::BookUpdates(50))),
        "position" => Some(Topic::Private(Private::PositionEvents)),
        "account" => Some(Topic::Private(Private::Account)),
        "order" => Some(Topic::Private(Private::Orders)),
        "strategy-order" => Some(Topic::Private(Private::Plans)),
        "fill" => Some(Topic::Private(Private::Fills)),
        "adl-notification" => Some(Topic::Private(Private::DeleveragingNotices)),
        _ => None,
    };
    let private = matches!(topic, Some(Topic::Private(_)));
    let product = text_member(arg, "instType").unwrap_or_default();
    let named = Product::ALL.into_iter().find(|known| known.stream() == product);
    let products = match (private, named) {
        (true, _) if product == "UTA" => Products::All,
        (false, Some(named)) => Products::One(named),
        (true, _) | (false, None) => Products::None,
    };
    let unknown_message = format!("{arg} doesn't exist");
    SubscribeRequest { topic, name, key, products, unknown_message }
}
