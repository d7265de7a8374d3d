//! The import rule, the bans and the size of files, read off the sources.
//!
//! ```text
//! domain   <- risk, store, exchange, sim          (plain values; imports nothing of ours)
//! report <- domain, risk, store, config         (every figure that is shown)
//! feed     <- domain, exchange, store, config     (sockets and polls)
//! ui       <- domain, document, risk, store, config
//! app      <- everything                          main <- app, cli
//! ```
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each module may import. A module that is not named here fails the test.
const MAY_IMPORT: [(&str, &[&str]); 13] = [
    ("domain", &[]),
    ("risk", &["domain"]),
    ("store", &["domain"]),
    ("exchange", &["domain"]),
    ("sim", &["domain"]),
    ("cli", &["config", "domain", "logging"]),
    // The limits of the risk levels are written down once, where they are used.
    ("config", &["domain", "risk"]),
    ("logging", &["domain"]),
    ("report", &["domain", "risk", "store", "config"]),
    ("feed", &["domain", "exchange", "store", "config"]),
    ("ui", &["domain", "report", "risk", "store", "config"]),
    (
        "app",
        &[
            "cli", "config", "report", "domain", "exchange", "feed", "logging", "risk", "sim",
            "store", "ui",
        ],
    ),
    ("main", &["app", "cli"]),
];

/// Crates that must not be named in a module.
const BANNED: [(&str, &[&str]); 6] = [
    ("domain", &["tokio", "tokio_tungstenite", "ratatui", "serde", "hyper"]),
    ("risk", &["tokio", "tokio_tungstenite", "ratatui", "serde", "hyper"]),
    ("store", &["tokio", "tokio_tungstenite", "ratatui", "hyper"]),
    ("report", &["tokio", "tokio_tungstenite", "ratatui", "hyper"]),
    ("exchange", &["ratatui", "hyper", "tokio_tungstenite"]),
    ("feed", &["ratatui"]),
];

/// The files of `risk` that may use binary numbers, for logarithms and probabilities. Everywhere else
/// in it money is decimal.
const STATISTICS: [&str; 4] = ["statistic.rs", "touch.rs", "value_at_risk.rs", "volatility.rs"];

const MOST_LINES: usize = 400;

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

fn all() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    found.sort();
    found
        .into_iter()
        .filter(|path| !path.ends_with("lib.rs"))
        .map(|path| {
            let relative = path.strip_prefix(&root).unwrap();
            let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
            let module = first.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            (module, path, text)
        })
        .collect()
}

/// The lines before the inline tests, without comments.
fn production(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| !line.trim_start().starts_with("#[cfg(test)]"))
        .filter(|line| !line.trim_start().starts_with("//"))
}

fn imports(text: &str, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in production(text) {
        for part in line.split(prefix).skip(1) {
            let name: String =
                part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                found.insert(name);
            }
        }
    }
    found
}

#[test]
fn modules_import_only_what_lies_below_them() {
    let rule: BTreeMap<_, _> = MAY_IMPORT.into_iter().collect();
    let mut wrong = Vec::new();
    for (module, path, text) in all() {
        let Some(allowed) = rule.get(module.as_str()) else {
            wrong.push(format!("{}: module `{module}` has no rule", path.display()));
            continue;
        };
        let prefix = if module == "main" { "bitget_watch::" } else { "crate::" };
        for name in imports(&text, prefix) {
            if name != module && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{}: {module} imports {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn layers_do_not_know_the_crates_of_others() {
    let mut wrong = Vec::new();
    for (module, path, text) in all() {
        for banned in BANNED.iter().filter(|(name, _)| *name == module).flat_map(|(_, b)| *b) {
            let named = production(&text).any(|line| {
                line.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == *banned)
            });
            if named {
                wrong.push(format!("{}: {module} names {banned}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn money_is_decimal_but_for_the_files_of_statistics() {
    let mut found = BTreeSet::new();
    for (_, path, text) in all().into_iter().filter(|(module, _, _)| module == "risk") {
        let binary = production(&text).any(|line| {
            line.split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .any(|word| word.ends_with("f64") || word.ends_with("f32"))
        });
        if binary {
            found.insert(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    assert_eq!(found, STATISTICS.map(str::to_owned).into());
}

#[test]
fn fc_43_one_file_makes_requests_and_it_knows_no_method_but_get() {
    let makers: Vec<_> = all()
        .into_iter()
        .filter(|(_, _, text)| production(text).any(|line| line.contains("hyper::client")))
        .collect();
    let names: Vec<_> = makers.iter().map(|(_, path, _)| path.file_name().unwrap()).collect();
    assert_eq!(names, ["http.rs"], "requests are made in one file");
    for (_, path, text) in &makers {
        let ways = ["Request::", "method", "Method"];
        let made: Vec<_> =
            production(text).filter(|line| ways.iter().any(|way| line.contains(way))).collect();
        assert_eq!(made.len(), 1, "{}: {made:?}", path.display());
        assert!(made[0].contains("Request::get("), "{}: {made:?}", path.display());
    }
    // Nothing else of the program opens a connection for requests.
    let others =
        all().into_iter().filter(|(module, _, _)| module != "sim").filter(|(_, _, text)| {
            production(text).any(|line| line.contains("hyper::") || line.contains("hyper_util"))
        });
    let names: Vec<_> = others.map(|(_, path, _)| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["http.rs"]);
}

#[test]
fn files_stay_small() {
    let big: Vec<_> = all()
        .into_iter()
        .map(|(_, path, text)| {
            let lines = text.lines().take_while(|line| !line.contains("#[cfg(test)]")).count();
            (path, lines)
        })
        .filter(|(path, lines)| *lines > MOST_LINES && !path.ends_with("tests.rs"))
        .collect();
    assert!(big.is_empty(), "over {MOST_LINES} lines before the tests: {big:?}");
}
