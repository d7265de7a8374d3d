//! Ids of the user, which name a person, without their digits and letters.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// The fields that say who the user is and since when, who invited them, and where their key may be used from.
const FIELDS: [&str; 11] = [
    "\"userId\"",
    "\"uid\"",
    "\"inviterId\"",
    "\"parentId\"",
    "\"parentUid\"",
    "\"accountId\"",
    "\"subUid\"",
    "\"subAccountId\"",
    "\"channelCode\"",
    "\"ips\"",
    "\"regisTime\"",
];

/// Returns a text of JSON whose ids of the user are masked: of the same length and kind, so that it is read as
/// the original would be.
pub(super) fn mask(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    for field in FIELDS {
        let mut from = 0;
        while let Some(found) = masked.get(from..).and_then(|rest| rest.find(field)) {
            let start = from + found + field.len();
            let (rest, end) = value(&masked, start);
            if let Some(original) = masked.get(rest..end) {
                let plain = replaced(original);
                if plain != original {
                    masked.to_mut().replace_range(rest..end, &plain);
                }
            }
            from = start;
        }
    }
    masked
}

/// Returns where the value after a field's name starts and ends; an empty range where there is none.
fn value(text: &str, after_name: usize) -> (usize, usize) {
    let rest = text.get(after_name..).unwrap_or_default();
    let Some(inside) = rest.trim_start().strip_prefix(':') else { return (after_name, after_name) };
    let inside = inside.trim_start();
    let start = text.len() - inside.len();
    let end = match inside.as_bytes().first() {
        Some(b'"') => closing_quote(inside),
        Some(b'[') => inside.find(']').map(|end| end + 1),
        _ => inside.find([',', '}', ']']),
    };
    // A text that was cut inside the value is masked to its end.
    (start, end.map_or(text.len(), |end| start + end))
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().skip(1).find_map(|(at, letter)| {
        let closes = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        closes.then_some(at)
    })
}

/// Returns a value with another first digit or letter and no others: ASCII stays as long as it was, and JSON
/// stays JSON: letters outside of its strings are those of a number, of `null` or of a truth value.
fn replaced(value: &str) -> String {
    let is_json = serde_json::from_str::<IgnoredAny>(value).is_ok();
    let (mut is_first, mut is_string) = (true, false);
    let mut masked = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => {
                is_string = !is_string;
                masked.push(letter);
            }
            '\\' => match letters.next() {
                // The letter x, written as its number.
                Some('u') => {
                    masked.push_str("\\u0078");
                    letters.by_ref().take(4).for_each(drop);
                }
                Some(escaped) => masked.extend([letter, escaped]),
                None => masked.push(letter),
            },
            _ if letter.is_ascii_digit() => {
                masked.push(if std::mem::take(&mut is_first) { '1' } else { '0' });
            }
            _ if letter.is_alphanumeric() && (is_string || !is_json) => masked.push('x'),
            other => masked.push(other),
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_the_user_lose_their_digits_and_nothing_else_changes() {
        let text = r#"{"userId":"8714250093","x":8714,"inviterId" : 42,"ips":["10.1.2.3","::1"],"parentId":null,"uid":7"#;
        let masked = r#"{"userId":"1000000000","x":8714,"inviterId" : 10,"ips":["10.0.0.0","::0"],"parentId":null,"uid":1"#;
        assert_eq!(mask(text), masked);
        assert_eq!(mask(r#"{"userId":"ab\"c9"}"#), r#"{"userId":"xx\"x1"}"#);
        assert!(matches!(mask(r#"{"orderId":"123"}"#), Cow::Borrowed(_)));
        // What was JSON is JSON: escapes, exponents and words are not letters of a name.
        for (value, wanted) in [
            (r#""a\u001b[2J\n\u202ez\\7""#, r#""x\u0078[1x\n\u0078x\\0""#),
            ("1.5e-7", "1.0e-0"),
            ("12a", "10x"),
            ("null", "null"),
            ("false", "false"),
            (r#"["fe80::1",true]"#, r#"["xx10::0",true]"#),
        ] {
            let masked = mask(&format!(r#"{{"uid":{value}}}"#)).into_owned();
            assert_eq!(masked, format!(r#"{{"uid":{wanted}}}"#));
            let is_json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
            assert_eq!(is_json(value), is_json(&masked), "{masked}");
        }
        for garbage in ["\"userId\"", "\"userId\":", "\"userId\":\"12", "\"userId\"\"uid\"é"] {
            assert!(!mask(garbage).contains('2'), "{garbage}");
        }
    }
}
