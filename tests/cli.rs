//! The binary as scripts see it: output, messages and exit codes.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

fn program() -> Command {
    let mut command = Command::new(cargo_bin!("bitget-watch"));
    command.env_clear().env("XDG_CONFIG_HOME", "/nonexistent").stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// One message, one line, with the name of the program, and nothing on standard output.
fn message(output: &Output) -> String {
    assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
    let message = text(&output.stderr);
    assert!(message.starts_with("bitget-watch: ") || message.starts_with("error: "), "{message}");
    message
}

#[rstest]
fn snapshot_of_the_demo_is_complete(#[values("classic", "unified")] kind: &str) {
    let output = run(&["snapshot", "--demo", "--account", kind, "--json", "--seed", "7"]);
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 1);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema"], "bitget-watch/1");
    assert_eq!((&document["source"], &document["complete"]), (&"demo".into(), &true.into()));
    assert_eq!(
        (&document["symbol"], &document["account_kind"]),
        (&"BTCUSDT_UMCBL".into(), &kind.into())
    );
    assert_eq!(document["problems"], Value::Array(Vec::new()));
    let rows = document["positions"]["rows"].as_array().unwrap();
    assert!(rows.len() >= 2);
    for row in rows {
        // A position of another product may have no liquidation price, and not every figure is sent of it.
        let every =
            ["size", "entry_price", "mark_price", "leverage", "margin", "unrealized_pnl", "roe"];
        let own = [
            "break_even_price",
            "liquidation_price",
            "liquidation_distance",
            "notional",
            "net_pnl",
            "margin_ratio",
        ];
        let is_own = row["product"] == "usdt_futures";
        for figure in every.into_iter().chain(own.into_iter().filter(|_| is_own)) {
            assert!(row[figure].is_string(), "{figure} of {row:#}");
        }
    }
    for figure in ["equity", "available", "initial_margin", "maintenance_margin", "margin_ratio"] {
        assert!(document["account"][figure].is_string(), "{figure}");
    }
    for figure in ["unrealized", "realized_today", "fees_today", "funding_today", "net_today"] {
        assert!(document["pnl"][figure].is_string(), "{figure}");
    }
    let links = document["links"].as_array().unwrap();
    // REST alone can make it complete; the streams need not be up by then, but none has failed.
    assert_eq!((&links[0]["name"], &links[0]["state"]), (&"rest".into(), &"live".into()));
    let is_well = |link: &Value| {
        ["live", "connecting"].iter().any(|state| link["state"] == *state)
            && link["last_error"].is_null()
    };
    assert!(links.iter().all(is_well), "{links:#?}");
}

#[test]
fn snapshot_in_words_and_as_a_line() {
    let words = text(&run(&["snapshot", "--demo"]).stdout);
    for wanted in ["BTCUSDT_UMCBL at ", "DEMO data", "unrealized pnl (mark): ", "margin ratio: "] {
        assert!(words.contains(wanted), "{wanted} is not in\n{words}");
    }
    assert!(words.is_ascii() && !words.contains('\u{1b}'));
    let line = text(&run(&["snapshot", "--demo", "--line"]).stdout);
    assert_eq!(line.lines().count(), 1);
    assert!(
        line.starts_with("DEMO BTCUSDT_UMCBL ") && line.contains("LONG") && line.contains("liq")
    );
}

#[test]
fn every_prints_one_document_a_line() {
    let output = run(&["snapshot", "--demo", "--json", "--every", "200ms", "--count", "3"]);
    assert_eq!(code(&output), 0);
    let documents: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(documents.len(), 3);
    let times: Vec<_> = documents.iter().map(|document| document["taken_at"].to_string()).collect();
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn usage_errors_are_one_message_and_exit_2() {
    for (arguments, wanted) in [
        (&["--symbol", "BTC-USDT", "snapshot", "--demo"][..], "did you mean BTCUSDT_UMCBL?"),
        (&["--symbol", "btcusdt_umcbl", "snapshot", "--demo"], "BTCUSDT_UMCBL"),
        (&["snapshot", "--json", "--line"], "--line"),
        (&["--config", "/nonexistent/x.toml", "snapshot"], "/nonexistent/x.toml"),
        (&["--demo"], "snapshot"),
        (&["check", "--min-distance", "x"], "percentage"),
        (&["snapshot", "--replay", "/nonexistent/x"], "--replay /nonexistent/x: "),
        (&["snapshot", "--replay", "Cargo.toml"], "not a recording of this program"),
        (&["simulate", "--listen", "192.0.2.1:1"], "loopback"),
        (&["simulate", "--account", "uta"], "expected classic or unified"),
    ] {
        let output = run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        let message = message(&output);
        assert!(message.contains(wanted), "{arguments:?}: {message}");
    }
}

#[test]
fn missing_variables_are_named() {
    let output = program().env("BITGET_API_KEY", "canary").arg("snapshot").output().unwrap();
    assert_eq!(code(&output), 2);
    let message = message(&output);
    assert!(
        message.contains("BITGET_SECRET_KEY") && message.contains("BITGET_PASSPHRASE"),
        "{message}"
    );
    assert!(!message.contains("canary"));
}

#[test]
fn completions_manual_and_help_are_there() {
    assert!(text(&run(&["completions", "bash"]).stdout).contains("bitget-watch"));
    assert!(text(&run(&["man"]).stdout).contains(".TH"));
    for arguments in [&["--help"][..], &["-h"], &["snapshot", "--help"], &["simulate", "-h"]] {
        let help = text(&run(arguments).stdout);
        assert!(help.contains("Example"), "{help}");
    }
}

/// `simulate` as a process, with the file that points the program at it.
struct Exchange {
    process: Child,
    folder: TempDir,
}

impl Exchange {
    fn start(arguments: &[&str]) -> Self {
        let mut command = program();
        command.args(["simulate", "--listen", "127.0.0.1:0", "--seed", "7"]).args(arguments);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut origin =
            || lines.next().unwrap().unwrap().split_whitespace().last().unwrap().to_owned();
        let (rest, streams) = (origin(), origin());
        let folder = TempDir::new().unwrap();
        let mut config = format!("[exchange]\nrest_url = \"{rest}\"\nws_url = \"{streams}\"\n");
        if rest.starts_with("https") {
            let pem: Vec<String> = lines
                .skip(1)
                .map(Result::unwrap)
                .take_while(|line| !line.contains("END"))
                .collect();
            let pem = format!("{}\n-----END CERTIFICATE-----\n", pem.join("\n"));
            std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
            config.push_str("extra_ca_file = \"ca.pem\"\n");
        }
        std::fs::write(folder.path().join("config.toml"), config).unwrap();
        for name in ["config.toml", "ca.pem"] {
            use std::os::unix::fs::PermissionsExt;
            let only_mine = std::fs::Permissions::from_mode(0o600);
            let _not_there = std::fs::set_permissions(folder.path().join(name), only_mine);
        }
        Self { process, folder }
    }

    fn snapshot(&self, secret: &str, arguments: &[&str]) -> (i32, Value, String) {
        let output = program()
            .env("BITGET_API_KEY", "key-canary")
            .env("BITGET_SECRET_KEY", secret)
            .env("BITGET_PASSPHRASE", "pass-canary")
            .arg("--config")
            .arg(self.folder.path().join("config.toml"))
            .args(["snapshot", "--json"])
            .args(arguments)
            .output()
            .unwrap();
        let document = serde_json::from_slice(&output.stdout).unwrap_or_default();
        assert!(
            !text(&output.stdout).contains("canary") && !text(&output.stderr).contains("canary")
        );
        (code(&output), document, text(&output.stderr))
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}

const STRICT: [&str; 6] =
    ["--key", "key-canary", "--secret", "secret-canary", "--passphrase", "pass-canary"];

#[test]
fn a_live_snapshot_over_tls_with_an_extra_authority() {
    let exchange = Exchange::start(&STRICT);
    let (code, document, errors) = exchange.snapshot("secret-canary", &[]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(
        (&document["source"], &document["account_kind"]),
        (&"live".into(), &"classic".into())
    );
}

#[test]
fn refused_credentials_exit_3_and_still_print_what_is_there() {
    let exchange = Exchange::start(&[&STRICT[..], &["--plain"]].concat());
    let (code, document, errors) = exchange.snapshot("wrong-canary", &["--timeout", "20s"]);
    assert_eq!(code, 3, "{errors}");
    assert_eq!(document["complete"], false);
    assert_eq!(document["positions"]["freshness"], "missing");
    assert!(errors.contains("BITGET_SECRET_KEY"), "{errors}");
    assert_eq!(document["problems"][0]["code"], "key_refused");
}

#[test]
fn a_flat_account_is_complete_and_empty() {
    let exchange = Exchange::start(&["--plain", "--flat"]);
    let (code, document, errors) = exchange.snapshot("any", &[]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(document["positions"]["rows"], Value::Array(Vec::new()));
    assert_eq!(document["positions"]["freshness"], "live");
    assert_eq!(document["pnl"]["unrealized"], "0");
}

#[test]
fn a_contract_that_is_not_listed_exits_2() {
    let exchange = Exchange::start(&["--plain"]);
    let (code, document, errors) = exchange.snapshot("any", &["--symbol", "NOPEUSDT_UMCBL"]);
    assert_eq!((code, document), (2, Value::Null), "a message, and no page before it");
    assert!(errors.contains("NOPEUSDT_UMCBL") && errors.contains("does not list"), "{errors}");
}

#[test]
fn an_exchange_that_is_not_there_exits_4_with_the_reason() {
    let exchange = Exchange::start(&["--plain"]);
    let config = exchange.folder.path().join("config.toml");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    std::fs::write(
        &config,
        format!("[exchange]\nrest_url = \"http://{free}\"\nws_url = \"ws://{free}\"\n"),
    )
    .unwrap();
    let (code, document, errors) = exchange.snapshot("any", &["--timeout", "1s"]);
    assert_eq!(code, 4);
    assert_eq!(document["complete"], false);
    assert!(errors.contains("refused"), "{errors}");
}

#[test]
fn a_port_in_use_exits_2() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(&["simulate", "--plain", "--listen", &address]);
    assert_eq!(code(&output), 2);
    assert!(message(&output).contains(&address));
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let mut command = program();
    command.args(["snapshot", "--demo", "--every", "100ms"]);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = process.stdout.take().unwrap();
    let mut first = [0; 10];
    out.read_exact(&mut first).unwrap();
    drop(out);
    let ended = process.wait_with_output().unwrap();
    assert_eq!((code(&ended), text(&ended.stderr)), (0, String::new()));
}

#[test]
fn a_log_at_its_finest_holds_no_secret() {
    let exchange = Exchange::start(&[&STRICT[..], &["--plain"]].concat());
    let log = exchange.folder.path().join("log");
    let arguments = ["--log-level", "trace", "--log-file", log.to_str().unwrap()];
    assert_eq!(exchange.snapshot("secret-canary", &arguments).0, 0);
    let written = std::fs::read_to_string(log).unwrap();
    assert!(!written.contains("canary"), "{written}");
}
