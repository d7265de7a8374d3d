//! Parsers for values whose JSON type cannot be relied on.
//!
//! The exchange writes most numbers as strings, some as numbers, and "no value" as `""`, `null` or a
//! missing key. These parsers accept all of them. What is unusable (not a number, too large) is
//! `None`: it never loses the row around it and is never zero.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::domain::{Text, Timestamp};

/// The latest time that is accepted: 2100-01-01. Later ones are errors.
const LATEST_MS: i64 = 4_102_444_800_000;
/// The earliest time that is accepted: 2017-01-01, before the exchange existed.
const EARLIEST_MS: i64 = 1_483_228_800_000;

/// A string, a number, or nothing, borrowed where possible.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Raw<'a>(Option<Cow<'a, str>>);

/// A number, parsed at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Num(pub(crate) Option<Decimal>);

impl Num {
    /// Returns the number where it is above zero: any other price means that there is none.
    pub(crate) fn positive(self) -> Option<Decimal> {
        self.0.filter(|value| value.is_sign_positive() && !value.is_zero())
    }

    /// Returns the number, or that of a field with another name for the same thing. These are two
    /// fields and not two names of one, so that a row with both of them stays readable.
    pub(crate) fn or(self, other: Self) -> Option<Decimal> {
        self.0.or(other.0)
    }
}

/// Whether a key was present at all, and its number.
///
/// A key with an empty value means zero so far for some amounts; a missing key means unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Presence {
    /// The key is missing.
    #[default]
    Absent,
    /// The key is present; `None` for an empty value.
    Present(Option<Decimal>),
}

impl Presence {
    /// Returns this, or that of a field with another name where this key is missing.
    pub(crate) fn or(self, other: Self) -> Self {
        if self == Self::Absent { other } else { self }
    }

    /// Returns the amount; an empty value is zero, a missing key is unknown.
    pub(crate) fn or_zero(self) -> Option<Decimal> {
        match self {
            Self::Absent => None,
            Self::Present(value) => Some(value.unwrap_or(Decimal::ZERO)),
        }
    }
}

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Something that is present but not a number must not become zero.
        let json = <&RawValue>::deserialize(deserializer)?.get();
        if json.starts_with(['[', '{']) {
            return Ok(Self::Absent);
        }
        let raw: Raw<'_> = serde_json::from_str(json).map_err(serde::de::Error::custom)?;
        Ok(match raw.text() {
            None => Self::Present(None),
            Some(text) => decimal(text).map_or(Self::Absent, |value| Self::Present(Some(value))),
        })
    }
}

/// A time in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Ms(pub(crate) Option<Timestamp>);

impl Ms {
    /// Returns the time, or that of a field with another name.
    pub(crate) fn or(self, other: Self) -> Option<Timestamp> {
        self.0.or(other.0)
    }
}

impl Raw<'_> {
    /// Returns this, or a field with another name where this one has no text.
    pub(crate) fn or<'s>(&'s self, other: &'s Self) -> &'s Self {
        if self.text().is_some() { self } else { other }
    }

    /// Returns the text; `None` for nothing and for blanks.
    pub(crate) fn text(&self) -> Option<&str> {
        self.0.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Returns the text, sanitized.
    pub(crate) fn cleaned(&self) -> Option<Text> {
        self.text().map(Text::new)
    }

    /// Returns the number.
    pub(crate) fn decimal(&self) -> Option<Decimal> {
        self.text().and_then(decimal)
    }

    /// Returns the number as a small count, such as decimal places or hours.
    pub(crate) fn count(&self) -> Option<u32> {
        u32::try_from(self.decimal()?.normalize()).ok()
    }

    /// Returns the meaning of `yes`/`no` in all spellings.
    pub(crate) fn yes(&self) -> Option<bool> {
        match self.text()?.to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "1" => Some(true),
            "no" | "false" | "off" | "0" => Some(false),
            _ => None,
        }
    }

    /// Returns whether the text is `name`, in any case.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.text().is_some_and(|text| text.eq_ignore_ascii_case(name))
    }
}

/// Parses a decimal; `None` when the text is not one or does not fit.
///
/// Up to 28 digits are exact. More digits (float noise of the exchange) are rounded; scientific
/// notation is accepted.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    if let Ok(value) = Decimal::from_str_exact(text) {
        // The library accepts digit separators; the exchange sends none.
        return (!text.as_bytes().contains(&b'_')).then_some(value);
    }
    let text = text.trim();
    if text.contains('_') {
        return None;
    }
    if let Ok(value) = Decimal::from_str_exact(text) {
        return Some(value);
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') {
        return None;
    }
    if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str(text).ok()
    }
}

/// Returns `-value`; zero stays `0` and never becomes `-0`.
pub(crate) fn negated(value: Decimal) -> Decimal {
    if value.is_zero() { Decimal::ZERO } else { -value }
}

/// Parses milliseconds since the epoch; `None` when the time is not between 2017 and 2100.
pub(crate) fn millis(text: &str) -> Option<Timestamp> {
    let ms = text.trim().parse::<i64>().ok()?;
    (EARLIEST_MS..LATEST_MS).contains(&ms).then_some(Timestamp::from_millis(ms))
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number or nothing")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Raw(Some(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Raw(Some(Cow::Owned(text.to_owned()))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Raw(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Raw(Some(Cow::Owned(number.to_string()))))
    }

    /// The shortest text that parses to the same float is what was sent, up to 15 digits.
    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Raw(Some(Cow::Owned(number.to_string()))))
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Self::Value, E> {
        Ok(Raw(Some(Cow::Borrowed(if yes { "true" } else { "false" }))))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Raw(None))
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Raw(None))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Raw(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Raw(None))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

/// Parses a number in place: prices take this path many times per second.
struct NumVisitor;

impl<'de> Visitor<'de> for NumVisitor {
    type Value = Num;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RawVisitor.expecting(f)
    }

    fn visit_str<E>(self, text: &str) -> Result<Num, E> {
        Ok(Num(decimal(text)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Num, E> {
        Ok(Num(Some(number.into())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Num, E> {
        Ok(Num(Some(number.into())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Num, E> {
        Ok(Num(decimal(&number.to_string())))
    }

    fn visit_bool<E>(self, _yes: bool) -> Result<Num, E> {
        Ok(Num(None))
    }

    fn visit_unit<E>(self) -> Result<Num, E> {
        Ok(Num(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Num, A::Error> {
        RawVisitor.visit_seq(seq).map(|_| Num(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Num, A::Error> {
        RawVisitor.visit_map(map).map(|_| Num(None))
    }
}

impl<'de> Deserialize<'de> for Num {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumVisitor)
    }
}

impl<'de> Deserialize<'de> for Ms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Raw::deserialize(deserializer)?.text().and_then(millis)))
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    fn num(json: &str) -> Option<Decimal> {
        serde_json::from_str::<Num>(json).unwrap().0
    }

    #[test]
    fn reads_strings_and_numbers_alike() {
        assert_eq!(num("\"31725.023602417\""), Some(dec!(31725.023602417)));
        assert_eq!(num("20"), Some(dec!(20)));
        assert_eq!(num("-26348.5"), Some(dec!(-26348.5)));
        assert_eq!(num("\" 1.5 \""), Some(dec!(1.5)));
        assert_eq!(num("\"1E-7\""), Some(dec!(0.0000001)));
        assert_eq!(num("\"31911.3455999999605\""), Some(dec!(31911.3455999999605)));
    }

    #[test]
    fn nothing_and_nonsense_are_none_and_never_zero() {
        for json in [
            "\"\"",
            "null",
            "\"  \"",
            "\"NaN\"",
            "\"inf\"",
            "\"-inf\"",
            "\"1e400\"",
            "\"1,5\"",
            "\"0x10\"",
            "\"1_000\"",
            "[]",
            "[1]",
            "{}",
            "{\"a\":1}",
            "true",
            "\"--1\"",
            "\"1.2.3\"",
        ] {
            assert_eq!(num(json), None, "{json}");
        }
    }

    #[test]
    fn more_digits_than_fit_are_rounded() {
        let text = format!("\"0.{}\"", "3".repeat(40));
        assert_eq!(num(&text).unwrap().round_dp(10), dec!(0.3333333333));
    }

    #[test]
    fn times_outside_of_reason_are_none() {
        let ms = |json| serde_json::from_str::<Ms>(json).unwrap().0;
        assert_eq!(ms("\"1790358794983\""), Some(Timestamp::from_millis(1_790_358_794_983)));
        assert_eq!(ms("1790358794983"), Some(Timestamp::from_millis(1_790_358_794_983)));
        for json in ["0", "\"-1\"", "1790358794", "\"21312312312321\"", "\"\"", "null", "\"x\""] {
            assert_eq!(ms(json), None, "{json}");
        }
    }

    #[test]
    fn a_key_with_an_empty_value_is_not_a_missing_key() {
        #[derive(serde::Deserialize)]
        struct Row {
            #[serde(default)]
            fee: Presence,
        }
        let fee = |json: &str| serde_json::from_str::<Row>(json).unwrap().fee.or_zero();
        assert_eq!(fee("{\"fee\":\"\"}"), Some(dec!(0)));
        assert_eq!(fee("{\"fee\":\"1.5\"}"), Some(dec!(1.5)));
        for json in ["\"NaN\"", "\"1,5\"", "true", "[]", "{}"] {
            assert_eq!(fee(&format!("{{\"fee\":{json}}}")), None, "{json}");
        }
        assert_eq!(fee("{}"), None);
    }
}
