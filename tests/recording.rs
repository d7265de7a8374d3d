//! Five bad minutes of each kind of account, played from a file: parsers, merge and engine at once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use rstest::rstest;
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recordings").join(name)
}

/// Runs the program without anything of the user.
fn run(arguments: &[&str]) -> std::process::Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::cargo_bin("bitget-watch").unwrap();
    command.env_clear().env("HOME", home.path()).args(arguments).output().unwrap()
}

/// The figures are the same on every machine; `BITGET_WATCH_UPDATE` writes them anew.
#[rstest]
fn five_bad_minutes_end_in_the_stored_document(#[values("classic", "unified")] kind: &str) {
    let recording = fixture(&format!("{kind}.rec"));
    let output = run(&["snapshot", "--json", "--replay", recording.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.as_str()), (Some(0), ""), "{kind}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["source"], "replay");
    assert_eq!(document["account_kind"], kind);
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    let stored = fixture(&format!("{kind}.json"));
    if std::env::var_os("BITGET_WATCH_UPDATE").is_some() {
        std::fs::write(&stored, &text).unwrap();
    }
    let wanted = std::fs::read_to_string(&stored).unwrap();
    let different: Vec<_> =
        text.lines().zip(wanted.lines()).filter(|(one, two)| one != two).take(10).collect();
    assert!(text == wanted, "{kind}: {different:#?}");
}

#[test]
fn a_cut_recording_plays_to_the_cut_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("story.rec");
    let public = run_record(&recording);
    assert_eq!(public.status.code(), Some(0), "{}", String::from_utf8_lossy(&public.stderr));
    let bytes = std::fs::read(&recording).unwrap();
    let cut: Vec<u8> = bytes.iter().copied().take(bytes.len() - 20).collect();
    std::fs::write(&recording, cut).unwrap();
    let output = run(&["snapshot", "--json", "--replay", recording.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("it is cut or damaged after"), "{said}");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["problems"].to_string().contains("recording_incomplete"), "{document}");
}

/// Records ten seconds of the embedded exchange, and then a copy for the public of it.
fn run_record(recording: &Path) -> std::process::Output {
    let path = recording.to_str().unwrap();
    let live = run(&[
        "snapshot", "--demo", "--seed", "5", "--json", "--record", path, "--every", "500ms",
        "--count", "14",
    ]);
    assert_eq!(live.status.code(), Some(0), "{}", String::from_utf8_lossy(&live.stderr));
    let last: Value =
        serde_json::from_slice(live.stdout.trim_ascii().rsplit(|b| *b == b'\n').next().unwrap())
            .unwrap();
    let played = run(&["snapshot", "--json", "--replay", path]);
    let played: Value = serde_json::from_slice(&played.stdout).unwrap();
    for part in ["events", "account_kind", "symbol"] {
        assert_eq!(played[part], last[part], "{part}");
    }
    let output = run(&["anonymize", path]);
    let name = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(name.trim_end(), format!("{path}.public"));
    let copy = run(&["snapshot", "--json", "--replay", name.trim_end()]);
    let copy: Value = serde_json::from_slice(&copy.stdout).unwrap();
    assert_ne!(copy["account"]["equity"], played["account"]["equity"]);
    assert_eq!(copy["risk"]["level"], played["risk"]["level"]);
    output
}
