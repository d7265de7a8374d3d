//! The program on a real pseudo-terminal: what it paints, what its keys do, how it is stopped and goes
//! on, and how it leaves.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test may fail loudly, and it measures the time that a process takes"
)]

mod alerts;
mod blocked_engine;
mod exits;
mod jobs;
mod looks;
mod modes;
mod program;
mod proxies;
mod replay;
mod stalled;
mod stops;
mod unlisted;

use program::{Program, parser, size};

#[test]
fn paints_every_size_with_the_badge_and_moving_figures() {
    for (columns, rows) in [(200, 60), (120, 40), (80, 24), (40, 12)] {
        let mut program = Program::demo(columns, rows);
        program.until_live();
        let wanted: &[&str] = match columns {
            40 => &["DEMO", "LONG", "uPnL", "liq"],
            80 => &["DEMO", "Positions", "PnL", "Risk", "live"],
            _ => &["DEMO", "Price", "Positions", "PnL", "Risk", "Orders", "Events", "Chart"],
        };
        program.until("its panels", |text| wanted.iter().all(|word| text.contains(word)));
        let first = program.text();
        program.until("a moving figure", |text| text != first);
        program.press("q");
        assert_eq!(program.end(), 0);
        program.assert_given_back();
    }
}

#[test]
fn quits_before_anything_is_connected() {
    let mut program = Program::demo(80, 24);
    program.until("the first paint", |text| text.contains("DEMO"));
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}

#[test]
fn views_overlays_and_resize_follow_the_keys() {
    let mut program = Program::demo(120, 40);
    program.until_live();
    for (key, word) in [
        ("2", "Entry"),
        ("4", "Fills"),
        ("6", "Chart"),
        ("7", "Reconnects"),
        ("1", "Events"),
        ("?", "Help: keys"),
    ] {
        program.press(key);
        program.until(word, |text| text.contains(word));
    }
    program.press("\x1b");
    program.until("no help", |text| !text.contains("Help: keys"));
    program.press("f");
    program.until("frozen", |text| text.contains("FROZEN"));
    program.press("f");
    program.until("not frozen", |text| !text.contains("FROZEN"));
    program.press("p");
    program.until("privacy", |text| text.contains("•••"));
    program.press("p");
    program.master.as_ref().unwrap().resize(size(80, 24)).unwrap();
    program.screen = parser(80, 24);
    program.until("the smaller screen", |text| text.contains("DEMO") && text.contains("PnL"));
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}

/// A resize and a key in the same moment, again and again: no key is lost, and nothing spins.
#[test]
fn fc_38_keys_and_resizes_in_the_same_moment_lose_nothing() {
    let mut program = Program::demo(120, 40);
    program.until_live();
    // The first key, so that everything that reads keys has been set up.
    program.press("?");
    program.until("help", |text| text.contains("Help: keys"));
    for round in 0..40 {
        let (columns, rows) = if round % 2 == 0 { (100, 30) } else { (120, 40) };
        program.master.as_ref().unwrap().resize(size(columns, rows)).unwrap();
        program.screen = parser(columns, rows);
        program.press("?");
        let open = round % 2 == 1;
        program.until("the other state of the help", |text| {
            text.contains("DEMO") && text.contains("Help: keys") == open
        });
    }
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}
