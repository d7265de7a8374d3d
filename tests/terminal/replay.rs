//! The dashboard over a recording: its badge, its clock and its keys.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::program::Program;

/// Five minutes from noon, UTC; it ends at 12:05:09.
fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recordings/classic.rec")
}

fn replay(recording: &Path, arguments: &[&str]) -> Program {
    let recording = ["--replay", recording.to_str().unwrap()];
    let arguments: Vec<&str> = recording.iter().chain(arguments).copied().collect();
    let mut program = Program::start(120, 40, &arguments, &[("TZ", "UTC")]);
    program.until("the badge", |text| text.contains("REPLAY"));
    program
}

/// The time of day on screen, which is that of the recording.
fn time(text: &str) -> Option<&str> {
    text.lines().next()?.split_whitespace().rev().find(|word| word.matches(':').count() == 2)
}

fn go_to(program: &mut Program, time_of_day: &str) {
    program.press(&format!(":seek {time_of_day}\r"));
    program.until(time_of_day, |text| time(text) == Some(time_of_day));
}

#[test]
fn a_recording_is_paused_stepped_sought_and_played_to_its_end() {
    let mut program = replay(&fixture(), &[]);
    program.until("a position and a time", |text| {
        text.contains("LONG") && time(text).is_some_and(|time| time.starts_with("12:00:"))
    });
    program.press(" ");
    program.until("paused", |text| text.contains("REPLAY PAUSED"));
    go_to(&mut program, "12:01:00");
    program.press(&".".repeat(40));
    program.until("forty reports later", |text| {
        time(text).is_some_and(|time| ("12:01:03".."12:01:20").contains(&time))
    });
    assert!(program.text().contains("REPLAY PAUSED"), "{}", program.text());
    for (keys, badge) in [(">", "REPLAY PAUSED"), (" ", "REPLAY 2x"), ("<<", "REPLAY 0.5x")] {
        program.press(keys);
        program.until(badge, |text| text.contains(badge));
    }
    let before = program.text();
    program.press("n");
    program.until("the next event", |text| text != before && text.contains("REPLAY PAUSED"));
    let event = time(&program.text()).unwrap().to_owned();
    program.press("(");
    program.until("a minute back", |text| time(text).is_some_and(|time| *time < *event));
    program.press(")");
    program.until("a minute on", |text| time(text) == Some(event.as_str()));
    program.press("N");
    program.until("the next alert", |text| text.contains("ALERT"));
    program.press("r");
    program.until("the reason", |text| text.contains("a recording has what was asked for"));
    program.press(":seek 12:30:00\r");
    program.until("the end", |text| text.contains("REPLAY ENDED") && !text.contains("INCOMPLETE"));
    assert_eq!(time(&program.text()), Some("12:05:09"));
    go_to(&mut program, "12:02:00");
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}

#[test]
fn a_damaged_recording_plays_to_the_damage_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("story.rec");
    std::fs::copy(fixture(), &original).unwrap();
    // The fixture is one frame; a copy for the public has many.
    let mut copy = Command::new(env!("CARGO_BIN_EXE_bitget-watch"));
    assert!(copy.arg("anonymize").arg(&original).output().unwrap().status.success());
    let damaged = folder.path().join("story.rec.public");
    let mut bytes = std::fs::read(&damaged).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&damaged, bytes).unwrap();
    let mut program = replay(&damaged, &["--speed", "1000"]);
    program.until("the damage", |text| text.contains("REPLAY ENDED, INCOMPLETE"));
    program.press("Q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}
