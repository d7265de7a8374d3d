//! Fault scripts in TOML: which fault is active when.
//!
//! ```toml
//! seed = 7
//!
//! [[step]]
//! at = "30s"        # after the start
//! for = "10s"       # how long; default: until the end
//! every = "5m"      # how often it repeats; default: once
//! on = "private"    # rest, public, private or all; default: all
//! path = "positions"  # part of a path or of a channel's name; default: any
//! one_in = 3        # affects one in N, chosen by the seed; default: 1
//! fault = "latency"
//! ms = 400
//! ```

use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::kinds::{Fault, On};

/// An invalid script: one line for each error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScriptError(String);

/// One step of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it starts, after the start of the exchange.
    pub at: Duration,
    /// How long it is active; `None` for without end.
    pub lasts: Option<Duration>,
    /// The period with which it starts again; `None` for never.
    pub every: Option<Duration>,
    /// Which connections it affects.
    pub on: On,
    /// Part of a path or of a channel's name; `None` for any.
    pub path: Option<String>,
    /// It affects one in `one_in`, chosen at random.
    pub one_in: u32,
    /// The fault.
    pub fault: Fault,
}

impl Entry {
    /// Returns a fault that starts at once and has no end.
    pub const fn now(fault: Fault) -> Self {
        Self {
            at: Duration::ZERO,
            lasts: None,
            every: None,
            on: On::All,
            path: None,
            one_in: 1,
            fault,
        }
    }

    /// Limits it to some connections.
    #[must_use]
    pub const fn on(mut self, on: On) -> Self {
        self.on = on;
        self
    }

    /// Limits it to paths or channels whose name contains `path`.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Limits it to one in `one_in`, chosen at random.
    #[must_use]
    pub const fn one_in(mut self, one_in: u32) -> Self {
        self.one_in = one_in;
        self
    }

    /// Limits how long it is active.
    #[must_use]
    pub const fn lasting(mut self, lasts: Duration) -> Self {
        self.lasts = Some(lasts);
        self
    }
}

/// A script: a list of faults with their times.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// Seed of everything random in the faults.
    pub seed: u64,
    /// The steps.
    pub steps: Vec<Entry>,
}

/// The keys that all steps share; the rest of a table is the fault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    at: SignedDuration,
    #[serde(rename = "for")]
    lasts: Option<SignedDuration>,
    every: Option<SignedDuration>,
    #[serde(default)]
    on: On,
    path: Option<String>,
    #[serde(default = "every_one")]
    one_in: u32,
}

const fn every_one() -> u32 {
    1
}

const COMMON: [&str; 6] = ["at", "for", "every", "on", "path", "one_in"];

impl Script {
    /// Parses a script.
    ///
    /// # Errors
    /// All errors of the script, each with the number of its step.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut table: Table = toml::from_str(text).map_err(|e| ScriptError(e.to_string()))?;
        let seed = match table.remove("seed") {
            None => 0,
            Some(seed) => read("seed", seed)?,
        };
        let steps = match table.remove("step") {
            None => Vec::new(),
            Some(Value::Array(steps)) => steps,
            Some(_) => {
                return Err(ScriptError("step: must be an array of tables: [[step]]".to_owned()));
            }
        };
        if let Some(name) = table.keys().next() {
            return Err(ScriptError(format!(
                "unknown key `{name}`: expected `seed` or `[[step]]`"
            )));
        }
        let steps: Vec<Result<Entry, ScriptError>> =
            steps.into_iter().enumerate().map(|(i, step)| entry(i + 1, step)).collect();
        let errors: Vec<String> =
            steps.iter().filter_map(|step| Some(step.as_ref().err()?.to_string())).collect();
        if errors.is_empty() {
            Ok(Self { seed, steps: steps.into_iter().flatten().collect() })
        } else {
            Err(ScriptError(errors.join("\n")))
        }
    }
}

fn read<T: DeserializeOwned>(what: &str, value: Value) -> Result<T, ScriptError> {
    value.try_into().map_err(|e: toml::de::Error| ScriptError(format!("{what}: {}", e.message())))
}

fn entry(number: usize, step: Value) -> Result<Entry, ScriptError> {
    let what = format!("step {number}");
    let Value::Table(mut table) = step else {
        return Err(ScriptError(format!("{what}: expected a table")));
    };
    let mut common = Table::new();
    for name in COMMON {
        if let Some(value) = table.remove(name) {
            common.insert(name.to_owned(), value);
        }
    }
    let common: Common = read(&what, Value::Table(common))?;
    let parameter = table.keys().find(|name| *name != "fault").cloned();
    let fault: Fault = read(&what, Value::Table(table))?;
    // Serde rejects unknown fields in variants that have fields, and in no others.
    if let Some(name) = parameter.filter(|_| !format!("{fault:?}").contains('{')) {
        return Err(ScriptError(format!("{what}: unknown field `{name}`")));
    }
    let span = |name: &str, value: SignedDuration| {
        Duration::try_from(value)
            .map_err(|_error| ScriptError(format!("{what}: `{name}` must not be negative")))
    };
    let positive_span = |name: &str, value: Option<SignedDuration>| {
        let span = value.map(|value| span(name, value)).transpose()?;
        if span == Some(Duration::ZERO) {
            return Err(ScriptError(format!("{what}: `{name}` must be longer than 0")));
        }
        Ok(span)
    };
    Ok(Entry {
        at: span("at", common.at)?,
        lasts: positive_span("for", common.lasts)?,
        every: positive_span("every", common.every)?,
        on: common.on,
        path: common.path,
        one_in: common.one_in.max(1),
        fault,
    })
}

#[cfg(test)]
mod tests {
    use super::super::kinds::{Reply, Stage};
    use super::*;

    #[test]
    fn steps_have_common_keys_and_those_of_their_fault() {
        let script = Script::parse(
            "seed = 7\n[[step]]\nat = \"30s\"\nfor = \"1m 30s\"\non = \"private\"\nfault = \"login\"\n\
             reply = \"late\"\nms = 300\n[[step]]\nat = \"0s\"\nevery = \"24h\"\nfault = \"fin\"\n",
        )
        .unwrap();
        assert_eq!(script.seed, 7);
        let login = script.steps.first().unwrap();
        assert_eq!(login.lasts, Some(Duration::from_secs(90)));
        assert_eq!((login.on, login.one_in), (On::Private, 1));
        assert_eq!(login.fault, Fault::Login { reply: Reply::Late, ms: 300, code: 0 });
        assert_eq!(script.steps.get(1).unwrap().every, Some(Duration::from_secs(86_400)));
        let stall = "[[step]]\nat = \"1s\"\nfault = \"stall\"\nstage = \"body\"\n";
        let stall = Script::parse(stall).unwrap();
        assert_eq!(stall.steps.first().unwrap().fault, Fault::Stall { at: Stage::Body });
    }

    #[test]
    fn a_change_of_the_account_kind_is_a_step_with_a_duration() {
        let text = "[[step]]\nat = \"30s\"\nfor = \"60s\"\nfault = \"upgrade\"\n\
                    [[step]]\nat = \"5m\"\nfault = \"switching\"\n";
        let steps = Script::parse(text).unwrap().steps;
        let parsed: Vec<_> = steps.iter().map(|step| (&step.fault, step.lasts)).collect();
        let minute = Some(Duration::from_secs(60));
        assert_eq!(parsed, [(&Fault::Upgrade, minute), (&Fault::Switching, None)]);
    }

    #[test]
    fn errors_name_their_step_and_come_all_at_once() {
        let error = |text| Script::parse(text).unwrap_err().to_string();
        let two = error(
            "[[step]]\nat = \"1s\"\nfault = \"latncy\"\nms = 1\n[[step]]\nat = \"1s\"\n\
             fault = \"no_pong\"\nms = 1\n",
        );
        assert!(two.contains("step 1: unknown variant `latncy`"), "{two}");
        assert!(two.contains("step 2: unknown field `ms`"), "{two}");
        assert!(error("[[step]]\nfault = \"fin\"\n").contains("step 1: missing field `at`"));
        assert!(error("sed = 1\n").contains("sed"));
        let never = "[[step]]\nat = \"1s\"\nevery = \"0s\"\nfault = \"fin\"\n";
        assert!(error(never).contains("every"));
        assert!(error("[[step]]\nat = \"-1s\"\nfault = \"fin\"\n").contains("at"));
    }
}
