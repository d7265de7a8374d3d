//! `docs/snapshot.schema.json` against real documents: every key is described, its value is as described, and
//! nothing is described that no document has.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// The words of JSON Schema that are understood here; another one would be believed and not tested.
const WORDS: [&str; 11] = [
    "$ref",
    "const",
    "description",
    "enum",
    "format",
    "items",
    "minimum",
    "pattern",
    "properties",
    "required",
    "type",
];

/// Rows that no document here has: the embedded exchange takes fees in USDT alone, and a single reading tells
/// nobody of an alert.
const NO_ROWS: [&str; 2] = ["alerts[].delivery[]", "pnl.other_fees_today[]"];

/// Is on at any price.
const ALERT: &str = "[[alert]]\nmetric = \"price\"\nabove = \"1\"\n";

/// Makes the problem that a permission is missing.
const REFUSED_ORDERS: &str =
    "[[step]]\nat = \"0s\"\nfault = \"code\"\ncode = \"40014\"\npath = \"orders\"\n";

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/snapshot.schema.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Returns a document of the embedded exchange.
fn document(kind: &str, script: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let (config, faults) = (folder.path().join("config.toml"), folder.path().join("faults.toml"));
    std::fs::write(&config, ALERT).unwrap();
    std::fs::write(&faults, script).unwrap();
    let mut command = Command::new(cargo_bin!("bitget-watch"));
    command.env_clear().stdin(Stdio::null());
    command.args(["snapshot", "--demo", "--json", "--seed", "7", "--account", kind]);
    let output = command.arg("--config").arg(&config).arg("--script").arg(&faults).output();
    serde_json::from_slice(&output.unwrap().stdout).unwrap()
}

/// Returns the place of a key in the object at `place`.
fn join(place: &str, key: &str) -> String {
    if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() || number.is_i64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Returns the strings of a word of a rule, which has one or a list of them.
fn strings<'a>(rule: &'a Value, word: &str) -> Vec<&'a str> {
    match rule.get(word) {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(one) => one.as_str().into_iter().collect(),
        None => Vec::new(),
    }
}

/// Whether a string has the form that its rule asks for.
fn has_form(text: &str, rule: &Value) -> bool {
    let is_decimal = rule.get("pattern").is_none_or(|_| text.parse::<Decimal>().is_ok());
    let is_time = match rule.get("format").and_then(Value::as_str) {
        Some("date-time") => text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(),
        Some("date") => text.parse::<jiff::civil::Date>().is_ok(),
        Some(_) => false,
        None => true,
    };
    is_decimal && is_time
}

struct Walk<'a> {
    schema: &'a Value,
    /// The places that a document has.
    seen: BTreeSet<String>,
    /// What is wrong, by place.
    faults: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    /// Returns the rule that a rule stands for.
    fn resolve(&self, rule: &'a Value) -> &'a Value {
        let words = rule.as_object().unwrap().keys();
        let unknown: Vec<&String> = words.filter(|word| !WORDS.contains(&word.as_str())).collect();
        assert!(unknown.is_empty(), "{unknown:?} in {rule}");
        let Some(name) = rule.get("$ref") else { return rule };
        let definition = name.as_str().unwrap().strip_prefix('#').unwrap();
        self.schema.pointer(definition).unwrap()
    }

    /// Collects the places that a rule describes.
    fn describe(&self, rule: &'a Value, place: &str, places: &mut BTreeSet<String>) {
        let rule = self.resolve(rule);
        if let Some(properties) = rule.get("properties").and_then(Value::as_object) {
            let required: BTreeSet<&str> = strings(rule, "required").into_iter().collect();
            let keys: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
            assert_eq!(required, keys, "{place}: a key that is described is always there");
            for (key, rule) in properties {
                let place = join(place, key);
                self.describe(rule, &place, places);
                places.insert(place);
            }
        }
        if let Some(items) = rule.get("items") {
            self.describe(items, &format!("{place}[]"), places);
        }
    }

    fn fault(&mut self, place: &str, what: &str) {
        self.faults.insert(format!("{place} {what}"));
    }

    /// Compares a value with its rule.
    fn check(&mut self, value: &Value, rule: &'a Value, place: &str) {
        let rule = self.resolve(rule);
        let types = strings(rule, "type");
        if !types.is_empty() && !types.contains(&kind(value)) {
            return self.fault(place, &format!("is {value} and not {types:?}"));
        }
        let listed = rule.get("enum").and_then(Value::as_array);
        let is_listed = listed.is_none_or(|listed| listed.contains(value));
        if !is_listed || rule.get("const").is_some_and(|only| only != value) {
            self.fault(place, &format!("is {value}, which is not listed"));
        }
        match value {
            Value::Object(object) => self.object(object, rule, place),
            Value::Array(items) => {
                let place = format!("{place}[]");
                for item in items {
                    self.check(item, &rule["items"], &place);
                }
            }
            Value::String(text) if !has_form(text, rule) => {
                self.fault(place, &format!("is {text:?}"));
            }
            Value::Number(number) => {
                let least = rule.get("minimum").and_then(Value::as_i64);
                if number.as_i64() < least {
                    self.fault(place, &format!("is {number}"));
                }
            }
            Value::String(_) | Value::Bool(_) | Value::Null => {}
        }
    }

    fn object(&mut self, object: &Map<String, Value>, rule: &'a Value, place: &str) {
        let described = rule["properties"].as_object().unwrap();
        for key in object.keys().filter(|key| !described.contains_key(key.as_str())) {
            self.fault(&join(place, key), "is not described");
        }
        for (key, rule) in described {
            let place = join(place, key);
            match object.get(key) {
                Some(value) => self.check(value, rule, &place),
                None => self.fault(&place, "is described and absent"),
            }
            self.seen.insert(place);
        }
    }
}

#[test]
fn the_schema_describes_what_documents_have() {
    let schema = schema();
    let mut root = schema.clone();
    for word in ["$schema", "$defs", "title"] {
        assert!(root.as_object_mut().unwrap().remove(word).is_some(), "{word}");
    }
    let mut walk = Walk { schema: &schema, seen: BTreeSet::new(), faults: BTreeSet::new() };
    for (kind, script) in [("classic", ""), ("unified", ""), ("classic", REFUSED_ORDERS)] {
        walk.check(&document(kind, script), &root, "");
    }
    let mut described = BTreeSet::new();
    walk.describe(&root, "", &mut described);
    assert!(walk.faults.is_empty(), "{:#?}", walk.faults);

    let unseen: BTreeSet<&str> = described
        .difference(&walk.seen)
        .filter_map(|place| place.rsplit_once('.'))
        .map(|(rows, _)| rows)
        .collect();
    assert_eq!(unseen, BTreeSet::from(NO_ROWS), "nothing else is described without a document");
}
