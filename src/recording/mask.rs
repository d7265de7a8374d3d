//! Ids of the user, which name a person, without their digits and letters.

use std::borrow::Cow;

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
        Some(b'[') => inside.find(']'),
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

/// Returns a value with another first digit or letter and no others: ASCII stays as long as it was.
fn replaced(value: &str) -> String {
    if ["null", "true", "false"].contains(&value.trim()) {
        return value.to_owned();
    }
    let mut is_first = true;
    let mask = |letter: char| match letter {
        _ if letter.is_ascii_digit() => {
            if std::mem::take(&mut is_first) {
                '1'
            } else {
                '0'
            }
        }
        _ if letter.is_alphanumeric() => 'x',
        other => other,
    };
    value.chars().map(mask).collect()
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
        for garbage in ["\"userId\"", "\"userId\":", "\"userId\":\"12", "\"userId\"\"uid\"é"] {
            assert!(!mask(garbage).contains('2'), "{garbage}");
        }
    }
}
