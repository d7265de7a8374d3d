//! `history` as journals and tax tools see it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use std::process::{Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use rstest::rstest;
use serde_json::Value;

fn history(arguments: &[&str]) -> Output {
    Command::new(cargo_bin!("bitget-watch"))
        .env_clear()
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("XDG_STATE_HOME", "/nonexistent")
        .arg("history")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What the exchange lists, in both forms.
#[rstest]
#[case(
    "closed",
    "account,closed_at,opened_at,symbol,side,margin_mode,size,entry_price,exit_price,coin,realized_pnl,funding_pnl,fees_paid,net_pnl"
)]
#[case("ledger", "account,time,id,symbol,coin,kind,amount,fee_coin,fee_paid")]
fn exports_what_the_exchange_lists(
    #[case] what: &str,
    #[case] header: &str,
    #[values("classic", "unified")] kind: &str,
) {
    let common = ["--demo", "--seed", "7", "--account", kind, "--what", what];
    let output = history(&common);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{err}");
    let mut lines = out.lines();
    assert_eq!(lines.next(), Some(header));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert!(rows.len() > 3, "{out}");
    for row in &rows {
        assert_eq!(row.len(), header.split(',').count(), "{row:?}");
        assert_eq!(row[0], "main");
        assert!(row[1].ends_with('Z') && row[1].contains('T'), "{row:?}");
    }
    assert!(rows.is_sorted_by_key(|row| row[1]), "oldest first");

    if kind == "classic" {
        let output = history(&[&common[..], &["--format", "json"]].concat());
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["schema"], "bitget-watch-history/1");
        assert_eq!(document["what"], what);
        let row = document["rows"][0].as_object().unwrap();
        assert_eq!(row.len(), header.split(',').count() - 1);
    }
}

#[test]
fn days_before_the_month_are_said_to_be_missing() {
    let output = history(&["--demo", "--from", "2020-01-01"]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stderr);
    assert!(said.contains("there is only what the memory holds"), "{said}");
}

#[test]
fn a_range_that_ends_before_it_begins_is_refused() {
    let output = history(&["--demo", "--from", "2026-02-01", "--to", "2026-01-01"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr), "bitget-watch: --from must not be after --to\n");
}

#[test]
fn without_memory_and_credentials_there_is_nothing() {
    for what in ["closed", "equity"] {
        let output = history(&["--what", what]);
        assert_eq!(output.status.code(), Some(1));
        let said = text(&output.stderr);
        assert!(said.contains("nothing is remembered of the account main"), "{said}");
    }
}
