//! The import rule, circles of files, the bans and the size of files, read off the sources.
//!
//! ```text
//! domain   <- risk, store, exchange, sim           (plain values; imports nothing of the crate)
//! report   <- domain, risk, store, config          (every figure that is shown)
//! alerts   <- domain, risk, store, report, config  (when the user is told, and by which ways)
//! engine   <- domain, report, store, config, alerts (publishes reports)
//! memory   <- domain, report, risk, store          (what outlasts the process)
//! feed     <- domain, exchange, store, config      (sockets and polls)
//! check    <- domain, config, exchange, feed, store, risk, report
//! recording <- domain, exchange, feed, store, report, alerts, engine
//! ui       <- domain, report, risk, store, config
//! app      <- everything                           main <- app, cli
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod graph;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use graph::Tree;

/// What each module may import, of those above it. A module that is not named here fails the test.
const MAY_IMPORT: [(&str, &[&str]); 19] = [
    ("domain", &[]),
    ("risk", &["domain"]),
    ("store", &["domain"]),
    ("exchange", &["domain"]),
    ("sim", &["domain"]),
    ("logging", &["domain"]),
    // The limits of the risk levels are written down once, where they are used.
    ("config", &["domain", "risk"]),
    ("cli", &["config", "domain", "logging"]),
    ("report", &["domain", "risk", "store", "config"]),
    ("alerts", &["domain", "risk", "store", "report", "config"]),
    ("engine", &["domain", "report", "store", "config", "alerts"]),
    ("memory", &["domain", "report", "risk", "store"]),
    ("metrics", &["domain", "report", "risk"]),
    ("feed", &["domain", "exchange", "store", "config"]),
    ("check", &["domain", "config", "exchange", "feed", "store", "risk", "report"]),
    ("recording", &["domain", "exchange", "feed", "store", "report", "alerts", "engine"]),
    ("ui", &["domain", "report", "risk", "store", "config"]),
    (
        "app",
        &[
            "alerts",
            "check",
            "cli",
            "config",
            "report",
            "domain",
            "engine",
            "exchange",
            "feed",
            "logging",
            "memory",
            "metrics",
            "recording",
            "risk",
            "sim",
            "store",
            "ui",
        ],
    ),
    ("main", &["app", "cli"]),
];

/// Crates that must not be named in a module.
const BANNED: [(&str, &[&str]); 9] = [
    ("domain", &["tokio", "tokio_tungstenite", "ratatui", "serde", "hyper"]),
    ("risk", &["tokio", "tokio_tungstenite", "ratatui", "serde", "hyper"]),
    ("store", &["tokio", "tokio_tungstenite", "ratatui", "hyper"]),
    ("report", &["tokio", "tokio_tungstenite", "ratatui", "hyper"]),
    // No terminal and no connection can hold up who publishes reports.
    ("alerts", &["tokio_tungstenite", "ratatui", "hyper"]),
    ("engine", &["tokio_tungstenite", "ratatui", "hyper", "rusqlite", "reqwest"]),
    ("memory", &["tokio", "tokio_tungstenite", "ratatui", "hyper"]),
    // The exchange is reached by our own dialer alone; `reqwest` is for the hosts of others.
    ("exchange", &["ratatui", "hyper", "tokio_tungstenite", "reqwest"]),
    ("feed", &["ratatui", "reqwest"]),
];

/// The files of `risk` that may use binary numbers, for logarithms and probabilities. Everywhere else
/// in it money is decimal.
const STATISTICS: [&str; 4] =
    ["risk/statistic.rs", "risk/touch.rs", "risk/value_at_risk.rs", "risk/volatility.rs"];

const MOST_LINES: usize = 400;

static PROGRAM: LazyLock<Tree> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    Tree::read(|name| fs::read_to_string(root.join(name)).ok())
});

#[test]
fn modules_import_only_what_lies_below_them() {
    let rule: BTreeMap<_, _> = MAY_IMPORT.into_iter().collect();
    let mut wrong = BTreeSet::new();
    for (module, file) in PROGRAM.files() {
        let Some(allowed) = rule.get(module) else {
            wrong.insert(format!("{}: module `{module}` has no rule", file.name));
            continue;
        };
        for path in file.source.paths() {
            if let [root, name, ..] = path.as_slice()
                && root == "crate"
                && name != module
                && !allowed.contains(&name.as_str())
            {
                wrong.insert(format!("{}: {module} imports {}", file.name, path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_rule_itself_has_no_circle() {
    let mut above = BTreeSet::new();
    for (module, allowed) in MAY_IMPORT {
        let below: Vec<_> = allowed.iter().filter(|name| !above.contains(*name)).collect();
        assert!(below.is_empty(), "{module} may import {below:?}, which stand below it");
        above.insert(module);
    }
}

#[test]
fn files_of_a_module_do_not_go_in_circles() {
    let circles = PROGRAM.circles();
    assert!(
        circles.is_empty(),
        "files that use each other are one piece: split by meaning or leave it whole\n{circles:#?}"
    );
}

#[test]
fn layers_do_not_know_the_crates_of_others() {
    let mut wrong = Vec::new();
    for (module, file) in PROGRAM.files() {
        for banned in BANNED.iter().filter(|(name, _)| *name == module).flat_map(|(_, b)| *b) {
            if file.source.words.contains(*banned) {
                wrong.push(format!("{}: {module} names {banned}", file.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn money_is_decimal_but_for_the_files_of_statistics() {
    let is_binary = |word: &String| word.ends_with("f64") || word.ends_with("f32");
    let found: Vec<&str> = PROGRAM
        .files()
        .filter(|(module, file)| *module == "risk" && file.source.words.iter().any(is_binary))
        .map(|(_, file)| file.name.as_str())
        .collect();
    assert_eq!(found, STATISTICS);
}

#[test]
fn fc_43_one_file_makes_requests_and_it_knows_no_method_but_get() {
    let names_of = |crates: &[&str]| -> Vec<&str> {
        PROGRAM
            .files()
            .filter(|(module, _)| *module != "sim")
            .filter(|(_, file)| crates.iter().any(|name| file.source.words.contains(*name)))
            .map(|(_, file)| file.name.as_str())
            .collect()
    };
    // Nothing else of the program opens a connection for requests: metrics answer those of others.
    assert_eq!(
        names_of(&["hyper", "hyper_util"]),
        ["feed/http.rs", "feed/proxy.rs", "metrics/server.rs"]
    );
    let (_, client) = PROGRAM.files().find(|(_, file)| file.name == "feed/http.rs").unwrap();
    let made: Vec<String> = client
        .source
        .mentions
        .iter()
        .filter(|path| path.len() > 1 && path.iter().any(|segment| segment == "Request"))
        .map(|path| path.join("::"))
        .collect();
    assert_eq!(made, ["Request::get"]);
    for way in ["method", "Method"] {
        assert!(!client.source.words.contains(way), "{way}");
    }
    // The other asks proxies for tunnels, in the library's words.
    let (_, proxy) = PROGRAM.files().find(|(_, file)| file.name == "feed/proxy.rs").unwrap();
    assert!(!proxy.source.words.contains("Request"));
    // In `sim` and `metrics` a server answers: it has no client.
    let makers = PROGRAM.files().filter(|(_, file)| {
        let is_client = |of: &[String]| {
            of.len() > 1 && ["hyper", "hyper_util"].contains(&of[0].as_str()) && of[1] == "client"
        };
        file.source.paths().any(|path| is_client(path))
    });
    assert_eq!(
        makers.map(|(_, file)| file.name.as_str()).collect::<Vec<_>>(),
        ["feed/http.rs", "feed/proxy.rs"]
    );
}

/// A file that no module names is not compiled, and its tests are not run: nothing else tells.
#[test]
fn every_file_is_part_of_a_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut unnamed = Vec::new();
    let mut folders = vec![root.join("src"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        let files: Vec<_> =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.extend(files.iter().filter(|path| path.is_dir()).cloned());
        let own = ["mod.rs", "main.rs", "lib.rs"].map(|name| folder.join(name));
        let heads = [&own[..], &[folder.with_extension("rs")]].concat();
        let named: String = heads.iter().filter_map(|head| fs::read_to_string(head).ok()).collect();
        // Each file of `tests` itself is a program.
        let files = files
            .iter()
            .filter(|path| path.extension().is_some_and(|of| of == "rs") && !heads.contains(path));
        for file in files.filter(|_| folder != root.join("tests")) {
            let stem = file.file_stem().unwrap().to_str().unwrap();
            if !named.contains(&format!("mod {stem};")) {
                unnamed.push(file.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    assert!(unnamed.is_empty(), "no module names {unnamed:?}");
}

/// Webhooks are the user's, and nothing of the exchange's goes near the one file that can say POST.
#[test]
fn fc_43_one_file_sends_webhooks() {
    let named = |word: &str| -> Vec<&str> {
        let files = PROGRAM.files().filter(|(module, _)| *module != "sim");
        files
            .filter(|(_, file)| file.source.words.contains(word))
            .map(|(_, file)| file.name.as_str())
            .collect()
    };
    for word in ["reqwest", "post"] {
        assert_eq!(named(word), ["alerts/webhook.rs"], "{word}");
    }
    let (_, webhook) = PROGRAM.files().find(|(_, file)| file.name == "alerts/webhook.rs").unwrap();
    for way in ["get", "put", "patch", "delete", "head", "execute", "Method"] {
        assert!(!webhook.source.words.contains(way), "{way}");
    }
}

#[test]
fn files_stay_small() {
    let big: Vec<_> = PROGRAM
        .files()
        .filter(|(_, file)| file.source.lines > MOST_LINES)
        .map(|(_, file)| format!("{}: {} lines", file.name, file.source.lines))
        .collect();
    assert!(
        big.is_empty(),
        "over {MOST_LINES} lines without tests: split by meaning, never into files that use each other\n{big:#?}"
    );
}
