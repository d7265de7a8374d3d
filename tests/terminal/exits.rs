//! Every way out: what is given back, what is left behind, what it costs.

use std::time::{Duration, Instant};

use bitget_watch::config::UiConfig;
use bitget_watch::domain::{SystemClock, Timestamp};
use bitget_watch::sim::{Entry, Fault, Stage};
use bitget_watch::ui::run::{Screen, run};
use bitget_watch::ui::{Drawing, Effect, Pacer, RealTty, Traffic, Wake};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyEvent;
use rstest::rstest;
use rustix::process::Signal;

use super::program::{Exchange, KEY, PATIENCE, Program};

const TERM: Option<Signal> = Some(Signal::TERM);

#[test]
fn fc_35_every_way_out_gives_the_terminal_back() {
    let ways: [(&str, Option<Signal>, u32); 14] = [
        ("q", None, 0),
        ("\x03", None, 0),
        ("Q", None, 0),
        ("", TERM, 143),
        ("", Some(Signal::INT), 130),
        ("", Some(Signal::HUP), 129),
        ("", Some(Signal::QUIT), 131),
        // From inside what can be opened.
        ("/\x03", None, 0),
        ("?\x03", None, 0),
        ("\r\x03", None, 0),
        ("7q", None, 0),
        ("fq", None, 0),
        ("?", TERM, 143),
        ("/ab", TERM, 143),
    ];
    let mut slowest = Duration::ZERO;
    for (keys, signal, code) in ways {
        let mut program = Program::demo(120, 40);
        program.until_live();
        program.press(keys);
        if let Some(signal) = signal {
            program.signal(signal);
        }
        let asked = Instant::now();
        assert_eq!(program.end(), code, "{keys:?} {signal:?}");
        slowest = slowest.max(asked.elapsed());
        program.assert_given_back();
        if keys == "Q" {
            assert!(program.text().contains("LONG"), "the last screen stays in the scrollback");
        }
    }
    println!("slowest of {} ways out: {} ms", ways.len(), slowest.as_millis());
    assert!(slowest < PATIENCE / 2);
}

/// The exchange goes silent at one point after the other; the key works all the same.
#[test]
fn fc_35_quitting_works_in_every_stage_of_connecting() {
    let stages = [
        Stage::Accept,
        Stage::Upgrade,
        Stage::Login,
        Stage::Subscribe,
        Stage::Headers,
        Stage::Body,
    ];
    for stage in stages {
        let exchange = Exchange::start("");
        exchange.sim.inject(Entry::now(Fault::Stall { at: stage }));
        let mut program = Program::live(80, 24, &exchange, KEY.1);
        program.until("the first paint", |text| text.contains("BTCUSDT_UMCBL"));
        if stage != Stage::Accept {
            exchange.wait_for("/", 1);
        }
        program.press("q");
        assert_eq!(program.end(), 0, "{stage:?}");
        program.assert_given_back();
    }
}

#[test]
fn fc_35_quitting_works_while_nothing_is_reached_and_while_the_key_is_refused() {
    let exchange = Exchange::start("[reconnect]\nfirst_delay = \"1m\"\n");
    exchange.sim.stop();
    let mut program = Program::live(120, 40, &exchange, KEY.1);
    program.until("the pause before the next try", |text| text.contains("backoff"));
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();

    let exchange = Exchange::start("");
    let mut program = Program::live(120, 40, &exchange, "wrong-canary");
    program.until("the refusal", |text| text.contains("stopped"));
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
    assert!(!String::from_utf8_lossy(&program.raw).contains("canary"));
}

/// What is wrong before the screen is entered leaves the screen alone.
#[test]
fn fc_35_errors_before_the_screen_touch_no_terminal() {
    let arguments: [&[&str]; 4] = [
        &["--config", "/nonexistent/config.toml"],
        &["--symbol", "BTC-USDT", "--demo"],
        &["--no-such-option"],
        &["--config", "/proc/self/cmdline"],
    ];
    for arguments in arguments {
        let mut program = Program::start(80, 24, arguments, &[]);
        assert_eq!(program.end(), 2, "{arguments:?}");
        program.assert_given_back();
        assert_eq!(program.count(b"\x1b[?1049h"), 0, "{arguments:?}");
        assert!(!program.text().trim().is_empty(), "it says why: {arguments:?}");
    }
}

/// How the program comes to the terminal: as the leader of its session, with SIGHUP ignored as `nohup`
/// does, and without a controlling terminal, to which no signal is sent at all.
#[rstest]
#[case::hang_up("exec \"$0\" \"$@\"")]
#[case::hang_up_ignored("trap '' HUP; exec \"$0\" \"$@\"")]
#[case::no_controlling_terminal("trap '' HUP; exec setsid -w \"$0\" \"$@\"")]
fn fc_34_ends_when_the_terminal_is_gone(
    #[case] script: &str,
    #[values(false, true)] while_a_write_is_blocked: bool,
) {
    let binary = env!("CARGO_BIN_EXE_bitget-watch");
    let arguments = ["-c", script, binary, "--demo", "--seed", "7"];
    let mut program = Program::launch("/bin/sh", 120, 40, &arguments, &[]);
    program.until_live();
    if while_a_write_is_blocked {
        program.hold();
        // Whole repaints, until nothing more fits into the line.
        program.press(&"\x0c".repeat(40));
        program.listen(Duration::from_millis(500));
    }
    let before = program.cpu_ms();
    let asked = Instant::now();
    program.hang_up();
    program.wait_for_end();
    let (took, cpu) = (asked.elapsed(), program.cpu_ms() - before);
    println!("{script:?}: ended after {} ms, {cpu} ms of processor time", took.as_millis());
    assert_eq!(program.end(), 129);
    assert!(cpu <= 200, "{cpu} ms of processor time after the terminal had gone");
}

/// A screen whose third drawing fails.
#[derive(Default)]
struct Failing {
    drawings: u32,
    picture: Buffer,
}

impl Screen for Failing {
    fn on_key(&mut self, _key: KeyEvent) -> Effect {
        Effect::None
    }

    fn on_size(&mut self, _width: u16, _height: u16) {}

    fn refresh(&mut self, _now: Timestamp) -> bool {
        self.drawings += 1;
        self.picture = Buffer::with_lines([format!("drawing {}", self.drawings)]);
        assert!(self.drawings < 3, "the words of the panic");
        true
    }

    fn take_drawing(&mut self) -> Drawing<'_> {
        Drawing { cells: &self.picture, drawn: vec![self.picture.area] }
    }
}

/// Runs in a process of its own, started by the test below: the real loop on the real terminal.
#[test]
#[ignore = "started by the test of panics, in a process of its own"]
fn child_that_panics_while_drawing() {
    let wake = Wake::new().unwrap();
    let mut tty = RealTty::enter(Traffic::default(), false).unwrap();
    let mut screen = Failing::default();
    let ringing = wake.clone();
    std::thread::spawn(move || {
        // A panic elsewhere must leave the screen alone.
        drop(std::thread::spawn(|| panic!("a task of no concern")).join());
        for _ in 0..1_000_000 {
            ringing.moved();
            std::thread::yield_now();
        }
    });
    let clock = SystemClock::start();
    let pacer = Pacer::new(&UiConfig { max_fps: 30, ..UiConfig::default() });
    drop(run(&mut screen, &mut tty, &wake, &clock, (pacer, &Traffic::default()), &mut |_| {}));
}

#[test]
fn fc_35_a_panic_while_drawing_gives_the_terminal_back_and_can_be_read() {
    let this = std::env::current_exe().unwrap();
    let arguments = [
        "--exact",
        "exits::child_that_panics_while_drawing",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ];
    let mut program = Program::launch(this.to_str().unwrap(), 100, 30, &arguments, &[]);
    assert_ne!(program.end(), 0);
    program.assert_given_back();
    let raw = String::from_utf8_lossy(&program.raw).into_owned();
    assert!(raw.contains("drawing"));
    let after = raw.split("\x1b[?1049l").nth(1).unwrap();
    assert!(after.contains("the words of the panic"), "{after}");
    assert!(!raw.contains("a task of no concern"), "{raw}");
}
