//! Alerts in the document; the same object is what ways out are given.

use serde::{Serialize, Serializer};

use super::values::{List, Time, Word, object, source_name};
use crate::domain::Timestamp;
use crate::report::{Alert, Delivery, Source};

/// One alert as an object of the document.
pub(super) struct AlertObject<'a>(pub(super) &'a Alert);

impl Serialize for AlertObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(alert) = self;
        object!(serializer;
            "name" => alert.name.as_str(),
            "metric" => Word(alert.metric),
            "subject" => Word(&alert.subject),
            "severity" => Word(alert.severity),
            "value" => alert.value,
            "limit" => alert.limit,
            "since" => Time(alert.since),
            "raised_at" => Time(alert.raised_at),
            "acknowledged" => alert.acknowledged,
            "delivery" => List(alert.delivery.iter().map(DeliveryObject)),
        )
    }
}

struct DeliveryObject<'a>(&'a Delivery);

impl Serialize for DeliveryObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(delivery) = self;
        object!(serializer;
            "way" => delivery.way.as_str(),
            "state" => Word(delivery.state),
            "at" => Time(delivery.at),
            "error" => delivery.error.as_ref().map(Word),
        )
    }
}

/// The version of the shape of what ways out are given.
const ALERT_SCHEMA: &str = "bitget-watch/alert/1";

/// Returns the object that ways out are given, on one line: what happened (`raised`, `unknown`, `cleared`,
/// `test` or `heartbeat`), when by the exchange's clock, in words, and to which alert.
///
/// # Errors
/// Never in practice: every value has a form in JSON.
pub fn alert_to_string(
    event: &str,
    source: Source,
    at: Timestamp,
    text: &str,
    alert: Option<&Alert>,
) -> serde_json::Result<String> {
    serde_json::to_string(&AlertDocument { event, source, at, text, alert })
}

struct AlertDocument<'a> {
    event: &'a str,
    source: Source,
    at: Timestamp,
    text: &'a str,
    alert: Option<&'a Alert>,
}

impl Serialize for AlertDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        object!(serializer;
            "schema" => ALERT_SCHEMA,
            "event" => self.event,
            "source" => source_name(self.source),
            "at" => Time(self.at),
            "text" => self.text,
            "alert" => self.alert.map(AlertObject),
        )
    }
}
