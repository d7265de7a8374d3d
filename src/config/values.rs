//! How one value of the file is read: its type, its form and its range.
//!
//! A failed reading says what was expected. It does not repeat the value, since someone may have put
//! a secret in the wrong place; only symbols and time zones, which cannot be guessed from what was
//! expected, are shown, cleaned.

use std::path::PathBuf;
use std::time::Duration;

use rust_decimal::Decimal;
use toml::de::DeValue;

use super::{ApiChoice, ColorChoice, Palette, ThemeName};
use crate::domain::{Symbol, SymbolError, Text};

/// What a duration looks like, for messages.
const DURATION: &str = r#"a duration such as "500ms", "2s", "1m""#;
/// What a decimal number looks like, for messages.
const NUMBER: &str = r#"a number in quotes such as "20" or "0.5""#;
/// The longest title, in characters: more cannot be shown beside the symbol on any usual screen.
const MAX_TITLE_CHARS: usize = 80;

/// Reads a duration of the forms `500ms`, `2s` and `1m`, more than 0 and at most `max`.
///
/// # Errors
/// Says which forms there are, or which range is allowed.
pub fn parse_duration(text: &str, max: Duration) -> Result<Duration, String> {
    let malformed = || format!("expected {DURATION}");
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(malformed)?;
    let (digits, unit) = text.split_at(unit_at);
    if digits.is_empty() {
        return Err(malformed());
    }
    let factor = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(malformed()),
    };
    // Digits that overflow are a number far beyond every maximum.
    digits
        .parse::<u64>()
        .ok()
        .and_then(|count| count.checked_mul(factor))
        .map(Duration::from_millis)
        .filter(|duration| !duration.is_zero() && *duration <= max)
        .ok_or_else(|| format!("must be more than 0 and at most {}", shown(max)))
}

/// Returns a duration in the form in which users write it.
fn shown(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis.is_multiple_of(60_000) {
        format!("{}m", millis / 60_000)
    } else if millis.is_multiple_of(1_000) {
        format!("{}s", millis / 1_000)
    } else {
        format!("{millis}ms")
    }
}

/// Returns a reader of durations up to `max`.
pub(super) fn duration(max: Duration) -> impl Fn(&DeValue<'_>) -> Result<Duration, String> {
    move |value| parse_duration(string(value, DURATION)?, max)
}

/// Returns a reader of whole numbers from `min` to `max`.
pub(super) fn number(min: u32, max: u32) -> impl Fn(&DeValue<'_>) -> Result<u32, String> {
    move |value| {
        let expected = format!("a whole number from {min} to {max}");
        let integer = value.as_integer().ok_or_else(|| mismatch(&expected, value))?;
        u32::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .filter(|number| (min..=max).contains(number))
            .ok_or_else(|| format!("expected {expected}"))
    }
}

/// Returns a reader of decimal numbers, more than 0 and at most `max`. They are written in quotes: a
/// TOML float would be read as a binary number.
pub(super) fn decimal(max: Decimal) -> impl Fn(&DeValue<'_>) -> Result<Decimal, String> {
    move |value| {
        let text = string(value, NUMBER)?;
        let plain = text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || c == '.');
        let number = plain.then(|| Decimal::from_str_exact(text).ok()).flatten();
        let number = number.ok_or_else(|| format!("expected {NUMBER}"))?;
        (number > Decimal::ZERO && number <= max)
            .then_some(number)
            .ok_or_else(|| format!("must be more than 0 and at most {max}"))
    }
}

/// Returns a reader of percentages up to `max`, which gives fractions.
pub(super) fn percent(max: Decimal) -> impl Fn(&DeValue<'_>) -> Result<Decimal, String> {
    move |value| {
        let percent = decimal(max)(value)?;
        percent.checked_div(Decimal::ONE_HUNDRED).ok_or_else(|| format!("expected {NUMBER}"))
    }
}

/// Reads a decimal number, which may be negative.
pub(super) fn signed(value: &DeValue<'_>) -> Result<Decimal, String> {
    let text = string(value, NUMBER)?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    let number = plain.then(|| Decimal::from_str_exact(text).ok()).flatten();
    number.ok_or_else(|| format!("expected {NUMBER}"))
}

/// Reads a decimal number that is not negative.
pub(super) fn not_negative(value: &DeValue<'_>) -> Result<Decimal, String> {
    let number = signed(value)?;
    (!number.is_sign_negative()).then_some(number).ok_or_else(|| "must not be negative".to_owned())
}

/// Returns a reader of durations up to `max`, nothing included.
pub(super) fn span(max: Duration) -> impl Fn(&DeValue<'_>) -> Result<Duration, String> {
    move |value| {
        let text = string(value, DURATION)?;
        let is_zero = matches!(text, "0ms" | "0s" | "0m" | "0h");
        if is_zero { Ok(Duration::ZERO) } else { parse_duration(text, max) }
    }
}

pub(super) fn boolean(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| mismatch("true or false", value))
}

pub(super) fn symbol(value: &DeValue<'_>) -> Result<Symbol, String> {
    string(value, r#"a symbol such as "BTCUSDT_UMCBL""#)?
        .parse()
        .map_err(|error: SymbolError| error.to_string())
}

/// Reads a contract of any product; the empty name means every one.
pub(super) fn optional_symbol(value: &DeValue<'_>) -> Result<Option<Symbol>, String> {
    let text = string(value, r#"a symbol such as "BTCUSDT_UMCBL", or "" for every one"#)?;
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(symbol) => Ok(Some(symbol)),
        Err(SymbolError::Product { product, .. }) => Ok(Symbol::from_wire(text, product)),
        Err(error @ SymbolError::Form { .. }) => Err(error.to_string()),
    }
}

/// Reads a short text of one line.
pub(super) fn line(value: &DeValue<'_>, max_chars: usize) -> Result<String, String> {
    let text = string(value, "a string")?;
    if Text::new(text).as_str() != text || text.chars().count() > max_chars {
        return Err(format!("expected at most {max_chars} characters, none of them invisible"));
    }
    Ok(text.to_owned())
}

pub(super) fn title(value: &DeValue<'_>) -> Result<String, String> {
    line(value, MAX_TITLE_CHARS)
}

/// Reads the name of an account: it stands in labels of metrics and in columns of exports.
pub(super) fn label(value: &DeValue<'_>) -> Result<String, String> {
    const EXPECTED: &str = "1 to 40 letters, digits, dots, dashes or underscores";
    let text = string(value, EXPECTED)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if (1..=40).contains(&text.len()) && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    Err(format!("expected {EXPECTED}"))
}

/// Reads a path; the empty one means none.
pub(super) fn optional_path(value: &DeValue<'_>) -> Result<Option<PathBuf>, String> {
    let text = string(value, "a path, or \"\" for none")?;
    if text.chars().any(char::is_control) {
        return Err("expected a path without control characters".to_owned());
    }
    Ok((!text.is_empty()).then(|| PathBuf::from(text)))
}

/// Reads the name of a zone and looks it up, so that a wrong name fails at start.
pub(super) fn timezone(value: &DeValue<'_>) -> Result<String, String> {
    const EXPECTED: &str = r#"the name of a time zone such as "UTC" or "Europe/Berlin""#;
    let name = string(value, EXPECTED)?;
    // `UTC` needs no database: bare containers have none.
    if name == "UTC" || jiff::tz::TimeZone::get(name).is_ok() {
        return Ok(name.to_owned());
    }
    Err(format!(
        "expected {EXPECTED}; the time zone database of this system has no {:?}",
        Text::new(name)
    ))
}

pub(super) fn api(value: &DeValue<'_>) -> Result<ApiChoice, String> {
    choice(
        value,
        &[
            ("auto", ApiChoice::Auto),
            ("classic", ApiChoice::Classic),
            ("unified", ApiChoice::Unified),
        ],
    )
}

pub(super) fn color(value: &DeValue<'_>) -> Result<ColorChoice, String> {
    choice(
        value,
        &[
            ("auto", ColorChoice::Auto),
            ("always", ColorChoice::Always),
            ("never", ColorChoice::Never),
        ],
    )
}

pub(super) fn palette(value: &DeValue<'_>) -> Result<Palette, String> {
    choice(
        value,
        &[
            ("green_red", Palette::GreenRed),
            ("red_green", Palette::RedGreen),
            ("blue_orange", Palette::BlueOrange),
        ],
    )
}

pub(super) fn theme(value: &DeValue<'_>) -> Result<ThemeName, String> {
    string(value, "the name of a theme such as \"default\"")?.parse()
}

pub(super) fn choice<T: Copy>(value: &DeValue<'_>, choices: &[(&str, T)]) -> Result<T, String> {
    let expected =
        choices.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(" or ");
    let word = string(value, &expected)?;
    choices
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, meaning)| *meaning)
        .ok_or_else(|| format!("expected {expected}"))
}

/// Returns the text of a string value; `expected` is for the message.
pub(super) fn string<'v>(value: &'v DeValue<'_>, expected: &str) -> Result<&'v str, String> {
    value.as_str().ok_or_else(|| mismatch(expected, value))
}

/// Returns the message of a value of the wrong type.
pub(super) fn mismatch(expected: &str, found: &DeValue<'_>) -> String {
    let article = match found {
        DeValue::Integer(_) | DeValue::Array(_) => "an",
        DeValue::String(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Table(_) => "a",
    };
    format!("expected {expected}, found {article} {}", found.type_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[rstest::rstest]
    #[case("500ms", 500)]
    #[case("2s", 2_000)]
    #[case("1m", 60_000)]
    #[case("007s", 7_000)]
    fn reads_durations(#[case] text: &str, #[case] millis: u64) {
        assert_eq!(parse_duration(text, DAY), Ok(Duration::from_millis(millis)));
    }

    #[rstest::rstest]
    #[case("")]
    #[case("5")]
    #[case("ms")]
    #[case("-1s")]
    #[case("+1s")]
    #[case("1.5s")]
    #[case("1 s")]
    #[case(" 1s")]
    #[case("1m30s")]
    #[case("1S")]
    #[case("1d")]
    #[case("٣s")]
    fn refuses_other_forms(#[case] text: &str) {
        let error = parse_duration(text, DAY).unwrap_err();
        assert!(error.contains(r#""500ms", "2s", "1m""#), "{error}");
    }

    #[rstest::rstest]
    #[case("0ms")]
    #[case("0m")]
    #[case("1441m")]
    #[case("25h")]
    #[case("18446744073709551615m")]
    #[case("99999999999999999999999s")]
    fn refuses_values_out_of_range(#[case] text: &str) {
        let error = parse_duration(text, DAY).unwrap_err();
        assert_eq!(error, "must be more than 0 and at most 1440m");
    }

    #[test]
    fn shows_durations_as_users_write_them() {
        for text in ["1500ms", "90s", "10m"] {
            assert_eq!(shown(parse_duration(text, DAY).unwrap()), text);
        }
    }
}
