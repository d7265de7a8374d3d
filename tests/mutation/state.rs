//! From bodies to the document, and what must hold of it whatever they say.

use bitget_watch::config::{RefreshConfig, RiskConfig};
use bitget_watch::domain::{Body, Origin, Symbol, Timestamp, Update};
use bitget_watch::report::{Context, Limits, Report, Source, build, json};
use bitget_watch::store::Store;
use serde_json::Value;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_790_358_795_100);

pub(crate) fn context() -> Context {
    let limits = Limits::new(&RefreshConfig::default());
    Context {
        source: Source::Live,
        focus: Symbol::default(),
        credentials: true,
        limits,
        risk: RiskConfig::default(),
    }
}

pub(crate) fn update(origin: Origin, body: Body, at: Timestamp) -> Update {
    Update { origin, as_of: at, received: at, sent: Some(at), body }
}

/// A store that was told `bodies`.
pub(crate) fn store(origin: Origin, bodies: Vec<Body>) -> Store {
    let mut store = Store::new(Symbol::default());
    for body in bodies {
        store.apply(update(origin, body, NOW));
    }
    store
}

pub(crate) fn report(store: &Store) -> Report {
    build(store.snapshot(), &context(), NOW)
}

/// The document after `bodies`, as scripts see it; nothing in it may steer a terminal.
pub(crate) fn clean_document(what: &str, origin: Origin, bodies: Vec<Body>) -> Value {
    let document = json::to_string(&report(&store(origin, bodies))).unwrap();
    let document = serde_json::from_str(&document).unwrap();
    assert_clean(what, &document);
    document
}

fn assert_clean(what: &str, value: &Value) {
    match value {
        Value::String(text) => {
            assert!(text.chars().all(is_plain), "{what}: {text:?}");
            assert!(text.chars().count() <= 300, "{what}: an endless text came through");
        }
        Value::Array(members) => members.iter().for_each(|member| assert_clean(what, member)),
        Value::Object(members) => members.values().for_each(|member| assert_clean(what, member)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Neither a control character nor a mark that turns the direction of what follows.
pub(crate) fn is_plain(c: char) -> bool {
    let turns = matches!(c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    !c.is_control() && !turns && !breaks
}

/// Debug output escapes what is left of control characters.
pub(crate) fn assert_clean_debug(what: &str, shown: &str) {
    for escape in ["\\u{1b}", "\\u{9b}", "\\u{9d}", "\\u{7}", "\\u{202e}", "\\u{61c}", "\\u{2028}"]
    {
        assert!(!shown.contains(escape), "{what}: {shown}");
    }
    assert!(!shown.contains(&"x".repeat(201)), "{what}: an endless text came through");
}
