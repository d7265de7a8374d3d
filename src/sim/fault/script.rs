//! Scripts: what goes wrong when, from TOML.
//!
//! ```toml
//! seed = 7
//!
//! [[step]]
//! at = "30s"        # after the start
//! for = "10s"       # how long; without it for ever
//! every = "5m"      # again and again; without it once
//! on = "private"    # rest, public, private or all
//! path = "positions"  # a part of a path or of a channel's name; without it all
//! one_in = 3        # one in so many, by the seed; without it each
//! fault = "latency"
//! ms = 400
//! ```

use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use super::kinds::{Fault, On};

/// A script that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ScriptError(String);

/// One step of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it begins, after the start of the exchange.
    pub at: Duration,
    /// How long it holds; `None` for ever.
    pub lasts: Option<Duration>,
    /// After how long it begins again; `None` for never.
    pub every: Option<Duration>,
    /// Which connections.
    pub on: On,
    /// A part of a path or of a channel's name; `None` for all.
    pub path: Option<String>,
    /// One in so many, at random.
    pub one_in: u32,
    /// What goes wrong.
    pub fault: Fault,
}

impl Entry {
    /// Returns a fault that begins at once and holds for ever.
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

    /// Returns it for some connections only.
    #[must_use]
    pub const fn on(mut self, on: On) -> Self {
        self.on = on;
        self
    }

    /// Returns it for a part of a path or of a channel's name.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Returns it for one in `one_in`.
    #[must_use]
    pub const fn one_in(mut self, one_in: u32) -> Self {
        self.one_in = one_in;
        self
    }

    /// Returns it with an end.
    #[must_use]
    pub const fn lasting(mut self, lasts: Duration) -> Self {
        self.lasts = Some(lasts);
        self
    }
}

/// What goes wrong when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// Seed of what is left to chance.
    pub seed: u64,
    /// The steps.
    pub steps: Vec<Entry>,
}

/// What all steps have in common; the rest of a table is the fault.
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
    #[serde(default = "each")]
    one_in: u32,
}

const fn each() -> u32 {
    1
}

const COMMON: [&str; 6] = ["at", "for", "every", "on", "path", "one_in"];

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// Everything that is not as it should be, each with the number of its step.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let mut table: Table = toml::from_str(text).map_err(|e| ScriptError(e.to_string()))?;
        let seed = match table.remove("seed") {
            None => 0,
            Some(seed) => read("seed", seed)?,
        };
        let steps = match table.remove("step") {
            None => Vec::new(),
            Some(Value::Array(steps)) => steps,
            Some(_) => return Err(ScriptError("step: tables are written [[step]]".to_owned())),
        };
        if let Some(name) = table.keys().next() {
            return Err(ScriptError(format!("{name}: only seed and [[step]] are known")));
        }
        let steps: Vec<Result<Entry, ScriptError>> =
            steps.into_iter().enumerate().map(|(i, step)| entry(i + 1, step)).collect();
        let faults: Vec<String> =
            steps.iter().filter_map(|step| Some(step.as_ref().err()?.to_string())).collect();
        if faults.is_empty() {
            Ok(Self { seed, steps: steps.into_iter().flatten().collect() })
        } else {
            Err(ScriptError(faults.join("\n")))
        }
    }
}

fn read<T: DeserializeOwned>(what: &str, value: Value) -> Result<T, ScriptError> {
    value.try_into().map_err(|e: toml::de::Error| ScriptError(format!("{what}: {}", e.message())))
}

fn entry(number: usize, step: Value) -> Result<Entry, ScriptError> {
    let what = format!("step {number}");
    let Value::Table(mut table) = step else {
        return Err(ScriptError(format!("{what}: a table is expected")));
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
    // Serde looks for unknown fields in variants that have fields, and in no others.
    if let Some(name) = parameter.filter(|_| !format!("{fault:?}").contains('{')) {
        return Err(ScriptError(format!("{what}: unknown field `{name}`")));
    }
    let span = |name: &str, value: SignedDuration| {
        Duration::try_from(value).map_err(|_error| ScriptError(format!("{what}: {name} < 0")))
    };
    let later = |name: &str, value: Option<SignedDuration>| {
        let span = value.map(|value| span(name, value)).transpose()?;
        if span == Some(Duration::ZERO) {
            return Err(ScriptError(format!("{what}: {name} must be more than nothing")));
        }
        Ok(span)
    };
    Ok(Entry {
        at: span("at", common.at)?,
        lasts: later("for", common.lasts)?,
        every: later("every", common.every)?,
        on: common.on,
        path: common.path,
        one_in: common.one_in.max(1),
        fault,
    })
}

#[cfg(test)]
mod tests {
    use super::super::kinds::{Answer, Stage};
    use super::*;

    #[test]
    fn reads_steps_with_what_they_have_in_common_and_what_not() {
        let script = Script::parse(
            "seed = 7\n[[step]]\nat = \"30s\"\nfor = \"1m 30s\"\non = \"private\"\nfault = \"login\"\n\
             answer = \"late\"\nms = 300\n[[step]]\nat = \"0s\"\nevery = \"24h\"\nfault = \"fin\"\n",
        )
        .unwrap();
        assert_eq!(script.seed, 7);
        let login = script.steps.first().unwrap();
        assert_eq!(login.lasts, Some(Duration::from_secs(90)));
        assert_eq!((login.on, login.one_in), (On::Private, 1));
        assert_eq!(login.fault, Fault::Login { answer: Answer::Late, ms: 300, code: 0 });
        assert_eq!(script.steps.get(1).unwrap().every, Some(Duration::from_secs(86_400)));
        let stall = "[[step]]\nat = \"1s\"\nfault = \"stall\"\nstage = \"body\"\n";
        let stall = Script::parse(stall).unwrap();
        assert_eq!(stall.steps.first().unwrap().fault, Fault::Stall { at: Stage::Body });
    }

    #[test]
    fn a_change_of_kind_is_a_step_with_a_length() {
        let text = "[[step]]\nat = \"30s\"\nfor = \"60s\"\nfault = \"upgrade\"\n\
                    [[step]]\nat = \"5m\"\nfault = \"switching\"\n";
        let steps = Script::parse(text).unwrap().steps;
        let told: Vec<_> = steps.iter().map(|step| (&step.fault, step.lasts)).collect();
        let minute = Some(Duration::from_secs(60));
        assert_eq!(told, [(&Fault::Upgrade, minute), (&Fault::Switching, None)]);
    }

    #[test]
    fn says_which_step_is_wrong_and_why_all_at_once() {
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
