//! Hostile values, and the documents that hold one of them in one place.

use serde_json::Value;

/// What is put in the place of a value, as JSON text, because much of it is no [`Value`].
#[derive(Clone)]
pub(crate) enum Poison {
    Json(String),
    /// The key is not there at all.
    Missing,
}

/// The values by name. Each is tried in every place of every payload.
pub(crate) fn hostile() -> Vec<(&'static str, Poison)> {
    let text = |text: &str| serde_json::to_string(text).unwrap();
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let json = [
        ("a word", text("abc")),
        ("a number", "12345.678".to_owned()),
        ("more than a float holds", "9007199254740993".to_owned()),
        ("blank", text("")),
        ("spaces", text("  ")),
        ("null", "null".to_owned()),
        ("true", "true".to_owned()),
        ("a list", "[]".to_owned()),
        ("a list of lists", "[[1,\"x\"],{}]".to_owned()),
        ("an object", "{}".to_owned()),
        ("not a number", text("NaN")),
        ("infinity", text("inf")),
        ("1e400", text("1e400")),
        ("1e400 bare", "1e400".to_owned()),
        ("1E-7", text("1E-7")),
        ("1E-7 bare", "1E-7".to_owned()),
        ("40 digits", text(&"9".repeat(40))),
        ("40 digits bare", "9".repeat(40)),
        ("40 places", text(&format!("0.{}", "3".repeat(40)))),
        ("the largest decimal", text("79228162514264337593543950335")),
        ("the smallest decimal", text("0.0000000000000000000000000001")),
        ("a comma", text("1,5")),
        ("a padded number", text(" 1 ")),
        ("negative", text("-1")),
        ("negative bare", "-1".to_owned()),
        ("zero", text("0")),
        ("a time in seconds", text("1790358795")),
        ("a far future", text("4102444799999")),
        ("beyond every time", text("9223372036854775807")),
        ("a negative time", text("-1790358795000")),
        ("OSC 52", text("\u{1b}]52;c;eA==\u{7}")),
        ("an OSC without end", text("\u{1b}]0;title")),
        ("CSI", text("\u{1b}[2J")),
        ("8-bit CSI", text("\u{9b}2J\u{9d}0;x\u{9c}")),
        ("bidi marks", text("\u{202e}\u{2066}\u{200f}\u{61c}x")),
        ("lines", text("a\r\nb\u{2028}c\tb\u{0}d\u{7f}")),
        ("10 kB", text(&"x".repeat(10_000))),
        ("10,000 deep", deep),
        ("half a pair", r#""\ud83d""#.to_owned()),
    ];
    let json = json.into_iter().map(|(name, json)| (name, Poison::Json(json)));
    json.chain([("missing", Poison::Missing)]).collect()
}

/// Stands for the poison until the document is text.
const PLACE: &str = "@poison@";

/// Returns `document` as text with `poison` at `place`; `None` when nothing can be missing there.
pub(crate) fn poisoned(document: &Value, place: &str, poison: &Poison) -> Option<String> {
    let mut document = document.clone();
    match poison {
        Poison::Json(json) => {
            *document.pointer_mut(place).unwrap() = Value::from(PLACE);
            Some(document.to_string().replace(&format!("\"{PLACE}\""), json))
        }
        Poison::Missing => {
            let (parent, name) = place.rsplit_once('/')?;
            document.pointer_mut(parent)?.as_object_mut()?.remove(name)?;
            Some(document.to_string())
        }
    }
}

/// Every place of a document: the values, and the lists and objects around them.
pub(crate) fn places(value: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, found: &mut Vec<String>) {
        found.push(path.to_owned());
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    walk(member, &format!("{path}/{name}"), found);
                }
            }
            Value::Array(members) => {
                for (index, member) in members.iter().enumerate() {
                    walk(member, &format!("{path}/{index}"), found);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

/// Each text that differs from `document` in one place: the place, the name of the value, the text.
pub(crate) fn mutants(document: &Value) -> impl Iterator<Item = (String, &'static str, String)> {
    let hostile = hostile();
    places(document).into_iter().flat_map(move |place| {
        let of_place = |(name, poison): &(&'static str, Poison)| {
            Some((place.clone(), *name, poisoned(document, &place, poison)?))
        };
        hostile.iter().filter_map(of_place).collect::<Vec<_>>()
    })
}
