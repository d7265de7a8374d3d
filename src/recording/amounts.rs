//! JSON of the own account with amounts by another factor and other ids.
//!
//! What is not known to be something else is taken for an amount: a field that the exchange adds tells nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// Fields whose numbers are no amounts, beside those that [`is_plain`] tells by their ending.
const PLAIN: [&str; 22] = [
    "code",
    "takeProfit",
    "stopLoss",
    "ts",
    "ctime",
    "utime",
    "cTime",
    "uTime",
    "nextUpdate",
    "level",
    "tier",
    "rank",
    "adlRank",
    "unrealizedPLR",
    "uplRate",
    "seq",
    "pseq",
    "checksum",
    "fundingRateInterval",
    "isolatedLongLever",
    "isolatedShortLever",
    "traderType",
];
/// The fields of the tiers that are money: the rates that follow from it stay as they were.
const TIERS: [&str; 4] = ["startUnit", "endUnit", "minTierValue", "maxTierValue"];

/// Fields whose text somebody has written, or that names somebody, by their ending: nothing is left of it.
const WRITTEN: [&str; 9] =
    ["name", "remark", "label", "note", "memo", "mail", "phone", "mobile", "address"];

/// Whose amounts are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The own account: all of them.
    Account,
    /// The maintenance tiers: where they begin and end.
    Tiers,
}

/// Replaces amounts by their product with a factor, and ids by the order in which they appear.
#[derive(Debug)]
pub(super) struct Disguise {
    factor: Decimal,
    ids: BTreeMap<String, u64>,
}

impl Disguise {
    pub(super) fn new(factor: Decimal) -> Self {
        Self { factor, ids: BTreeMap::new() }
    }

    /// Returns a text of JSON in disguise; of one that is none, nothing is left.
    pub(super) fn text(&mut self, text: &str, about: About) -> String {
        if text == "pong" {
            return text.to_owned();
        }
        let Ok(mut value) = serde_json::from_str(text) else { return "?".to_owned() };
        self.value("", &mut value, about);
        value.to_string()
    }

    /// Returns another id, the same for the same one.
    pub(super) fn id(&mut self, id: &str) -> String {
        if id.is_empty() || id == "0" {
            return id.to_owned();
        }
        let next = 1_000_001 + u64::try_from(self.ids.len()).unwrap_or(0);
        self.ids.entry(id.to_owned()).or_insert(next).to_string()
    }

    fn value(&mut self, name: &str, value: &mut Value, about: About) {
        match value {
            Value::Object(fields) => self.fields(fields, about),
            Value::Array(rows) => rows.iter_mut().for_each(|row| self.value(name, row, about)),
            Value::String(text) => *text = self.leaf(name, text, about),
            Value::Number(number) => {
                let text = self.leaf(name, &number.to_string(), about);
                if let Ok(number) = serde_json::from_str(&text) {
                    *value = Value::Number(number);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn fields(&mut self, fields: &mut Map<String, Value>, about: About) {
        // Those of a position are rates, and those of an account are money.
        let is_position = fields.contains_key("symbol");
        let is_rate = |name: &str| is_position && matches!(name, "mmr" | "imr");
        for (name, value) in fields.iter_mut().filter(|(name, _)| !is_rate(name)) {
            self.value(name, value, about);
        }
    }

    fn leaf(&mut self, name: &str, text: &str, about: About) -> String {
        if about == About::Tiers {
            return if TIERS.contains(&name) { self.scaled(text) } else { text.to_owned() };
        }
        let lower = name.to_ascii_lowercase();
        if (lower.ends_with("id") && lower != "instid") || lower == "cursor" {
            return self.id(text);
        }
        if WRITTEN.iter().any(|ending| lower.ends_with(ending)) {
            return String::new();
        }
        if is_plain(name, &lower) { without_addresses(text) } else { self.scaled(text) }
    }

    fn scaled(&self, text: &str) -> String {
        let number =
            text.parse::<Decimal>().ok().and_then(|number| number.checked_mul(self.factor));
        // A word is no amount.
        number.map_or_else(|| without_addresses(text), |number| number.normalize().to_string())
    }
}

fn is_plain(name: &str, lower: &str) -> bool {
    let endings = ["time", "rate", "ratio", "leverage", "rank"];
    PLAIN.contains(&name)
        || lower.contains("price")
        || lower.contains("px")
        || endings.iter().any(|ending| lower.ends_with(ending))
}

/// Returns a text whose IP addresses are zero.
pub(super) fn without_addresses(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_hexdigit() || letter == '.' || letter == ':';
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        plain.push_str(before);
        let end = from.find(|letter| !is_part(letter)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        plain.push_str(&without_address(word));
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// Returns a word of hexadecimal digits, points and colons, without the address that it may be: with a point or
/// a colon after it, and one of version 4 with a port.
fn without_address(word: &str) -> Cow<'_, str> {
    let word_itself = word.trim_matches('.');
    let is_v6 = |text: &&str| text.len() > 2 && text.parse::<Ipv6Addr>().is_ok();
    let before_colon = word_itself.strip_suffix(':').unwrap_or(word_itself);
    if let Some(address) = [word_itself, before_colon].into_iter().find(is_v6) {
        return Cow::Owned(word.replacen(address, "::", 1));
    }
    let is_v4 = |text: &&str| text.parse::<Ipv4Addr>().is_ok();
    match word.split(':').map(|part| part.trim_matches('.')).find(is_v4) {
        Some(address) => Cow::Owned(word.replace(address, "0.0.0.0")),
        None => Cow::Borrowed(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_addresses_and_of_what_somebody_has_written() {
        for (text, wanted) in [
            ("IP 10.1.2.3 not allowed", "IP 0.0.0.0 not allowed"),
            ("10.1.2.3:443, from:10.1.2.3.", "0.0.0.0:443, from:0.0.0.0."),
            ("Invalid IP: 2a01:4f8::7b2f, ", "Invalid IP: ::, "),
            ("[fe80::1]:443 and ::ffff:10.1.2.3", "[::]:443 and ::"),
            ("at 12:34:56.789, 63250.5, cafe", "at 12:34:56.789, 63250.5, cafe"),
        ] {
            assert_eq!(without_addresses(text), wanted);
        }
        let mut disguise = Disguise::new(Decimal::new(25, 2));
        let text = r#"{"nickName":"Ada","remark":"for 12","email":"a@b.c","status":"live"}"#;
        let plain: Value = serde_json::from_str(&disguise.text(text, About::Account)).unwrap();
        let wanted = r#"{"nickName":"","remark":"","email":"","status":"live"}"#;
        assert_eq!(plain, serde_json::from_str::<Value>(wanted).unwrap());
    }

    #[test]
    fn amounts_are_scaled_ids_replaced_and_prices_kept() {
        let mut disguise = Disguise::new(Decimal::new(25, 2));
        let text = r#"{"code":"00000","msg":"from 10.1.2.3.","requestTime":1790337600000,"data":[
            {"symbol":"BTCUSDT","instId":"BTCUSDT","orderId":"987","total":"0.40","openPriceAvg":"100.5",
             "leverage":20,"marginSize":8,"unknownNews":"12","tradeId":"55","keepMarginRate":"0.004"},
            {"orderId":987,"cursor":"","fee":"-0.1","unrealizedPLR":"0.3","status":"live"}]}"#;
        let plain: Value = serde_json::from_str(&disguise.text(text, About::Account)).unwrap();
        let wanted: Value = serde_json::from_str(
            r#"{"code":"00000","msg":"from 0.0.0.0.","requestTime":1790337600000,"data":[
            {"symbol":"BTCUSDT","instId":"BTCUSDT","orderId":"1000001","total":"0.1","openPriceAvg":"100.5",
             "leverage":20,"marginSize":2,"unknownNews":"3","tradeId":"1000002","keepMarginRate":"0.004"},
            {"orderId":1000001,"cursor":"","fee":"-0.025","unrealizedPLR":"0.3","status":"live"}]}"#,
        )
        .unwrap();
        assert_eq!(plain, wanted);
        assert_eq!(
            disguise.text("equity 1234", About::Account),
            "?",
            "no text that cannot be read"
        );
        let tiers =
            disguise.text(r#"[{"startUnit":"0","endUnit":"800","leverage":"10"}]"#, About::Tiers);
        assert!(tiers.contains(r#""endUnit":"200""#) && tiers.contains(r#""leverage":"10""#));
    }
}
