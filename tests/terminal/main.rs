//! The program on a real pseudo-terminal: what it paints, what its keys do, and how it leaves.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may fail loudly, and it measures the time that a process takes"
)]

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use bitget_watch::domain::{SystemClock, Timestamp};
use bitget_watch::ui::run::{Screen, run};
use bitget_watch::ui::{Effect, RealTty, Traffic, Wake};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use ratatui::Frame;
use ratatui::crossterm::event::KeyEvent;
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Termios, tcgetattr};

/// Far beyond what anything here takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

struct Program {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    raw: Vec<u8>,
    /// Kept open, so that the modes of the line can be read after the program has ended.
    line: File,
    before: Termios,
    /// Ends the reader, which holds the terminal open, with the next byte.
    hang_up: Arc<AtomicBool>,
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn parser(columns: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap(), 0)
}

impl Program {
    fn start(columns: u16, rows: u16, arguments: &[&str], env: &[(&str, &str)]) -> Self {
        Self::launch(env!("CARGO_BIN_EXE_bitget-watch"), columns, rows, arguments, env)
    }

    fn launch(
        binary: &str,
        columns: u16,
        rows: u16,
        arguments: &[&str],
        env: &[(&str, &str)],
    ) -> Self {
        let pair = native_pty_system().openpty(size(columns, rows)).unwrap();
        let name = pair.master.tty_name().unwrap();
        let line = File::options().read(true).write(true).open(name).unwrap();
        let before = tcgetattr(line.as_fd()).unwrap();
        let mut command = CommandBuilder::new(binary);
        command.args(arguments);
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        command.env("XDG_CONFIG_HOME", "/nonexistent");
        for (name, value) in env {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, bytes) = channel();
        let hang_up = Arc::new(AtomicBool::new(false));
        let gone = Arc::clone(&hang_up);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() || gone.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        let screen = parser(columns, rows);
        let (master, raw) = (Some(pair.master), Vec::new());
        Self { child, master, keys, bytes, screen, raw, line, before, hang_up }
    }

    fn demo(columns: u16, rows: u16) -> Self {
        Self::start(columns, rows, &["--demo", "--seed", "7"], &[])
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Reads until the screen is as `wanted`.
    fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let limit = Instant::now() + PATIENCE;
        while !wanted(&self.text()) {
            match self.bytes.recv_timeout(limit.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.raw.extend(bytes);
                }
                Err(RecvTimeoutError::Timeout) => panic!("never: {what}\n{}", self.text()),
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("ended before {what}\n{}", self.text())
                }
            }
        }
    }

    fn until_live(&mut self) {
        self.until("positions", |text| text.contains("LONG") && text.contains("DEMO"));
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.process_id().unwrap().cast_signed()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for the end and returns the exit code; a signal that killed it is a failure.
    fn end(&mut self) -> u32 {
        let limit = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(50)) {
                    self.screen.process(&bytes);
                    self.raw.extend(bytes);
                }
                return status.exit_code();
            }
            assert!(Instant::now() < limit, "still running");
            // Reading on lets the program write its last words.
            if let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(20)) {
                self.screen.process(&bytes);
                self.raw.extend(bytes);
            }
        }
    }

    /// The terminal is as it was: modes of the line, normal screen, visible cursor, no paste mode.
    fn assert_given_back(&self) {
        let after = tcgetattr(self.line.as_fd()).unwrap();
        assert_eq!(format!("{after:?}"), format!("{:?}", self.before), "modes of the line");
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "normal screen");
        assert!(!screen.hide_cursor(), "visible cursor");
        assert!(!screen.bracketed_paste(), "no paste mode");
        let count = |needle: &[u8]| self.raw.windows(needle.len()).filter(|w| *w == needle).count();
        assert_eq!(count(b"\x1b[?1049h"), count(b"\x1b[?1049l"), "left as often as entered");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
    }
}

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
fn fc_35_every_way_out_gives_the_terminal_back() {
    let ways: [(&str, Option<Signal>, u32); 7] = [
        ("q", None, 0),
        ("\x03", None, 0),
        ("Q", None, 0),
        ("", Some(Signal::TERM), 143),
        ("", Some(Signal::INT), 130),
        ("", Some(Signal::HUP), 129),
        ("", Some(Signal::QUIT), 131),
    ];
    for (keys, signal, code) in ways {
        let mut program = Program::demo(120, 40);
        program.until_live();
        program.press(keys);
        if let Some(signal) = signal {
            program.signal(signal);
        }
        let asked = Instant::now();
        assert_eq!(program.end(), code, "{keys:?} {signal:?}");
        assert!(asked.elapsed() < PATIENCE / 2);
        program.assert_given_back();
        if keys == "Q" {
            assert!(program.text().contains("LONG"), "the last screen stays in the scrollback");
        }
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
fn fc_34_ends_when_the_terminal_is_gone() {
    let mut program = Program::demo(120, 40);
    program.until_live();
    // Everything that this test holds of the terminal; the program then holds a dead one.
    program.hang_up.store(true, Ordering::SeqCst);
    program.master = None;
    program.keys = Box::new(std::io::sink());
    program.line = File::open("/dev/null").unwrap();
    let code = program.end();
    assert_eq!(code, 129);
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

#[test]
fn each_repaint_is_one_synchronized_update_without_clearing() {
    let mut program = Program::demo(120, 40);
    program.until_live();
    let before = program.raw.len();
    let seen = std::cell::Cell::new(0);
    let first = program.text();
    program.until("some repaints", |text| {
        if text != first {
            seen.set(seen.get() + 1);
        }
        seen.get() > 10
    });
    let raw = &program.raw[before..];
    let count = |needle: &[u8]| raw.windows(needle.len()).filter(|w| *w == needle).count();
    assert!(count(b"\x1b[?2026h") >= 3);
    assert_eq!(count(b"\x1b[2J"), 0, "no full clear while running");
    program.press("q");
    assert_eq!(program.end(), 0);
}

#[test]
fn fc_36_without_a_usable_terminal_one_line_names_the_way_out() {
    for env in [("TERM", "dumb"), ("TERM", "")] {
        let mut program = Program::start(80, 24, &["--demo"], &[env]);
        assert_eq!(program.end(), 2);
        assert!(program.text().contains("snapshot"), "{}", program.text());
        program.assert_given_back();
    }
}

#[test]
fn a_c_locale_gets_ascii_only_and_no_color_no_colours() {
    let mut program = Program::start(120, 40, &["--demo"], &[("LC_ALL", "C"), ("NO_COLOR", "1")]);
    program.until_live();
    assert!(program.text().is_ascii(), "{}", program.text());
    let raw = String::from_utf8_lossy(&program.raw).into_owned();
    for colour in ["\x1b[31m", "\x1b[32m", "\x1b[38;5;1m", "\x1b[38;5;2m"] {
        assert!(!raw.contains(colour));
    }
    program.press("q");
    assert_eq!(program.end(), 0);
}

/// A screen whose third drawing fails.
struct Failing(std::cell::Cell<u32>);

impl Screen for Failing {
    fn on_key(&mut self, _key: KeyEvent) -> Effect {
        Effect::None
    }

    fn on_size(&mut self, _width: u16, _height: u16) {}

    fn refresh(&mut self, _now: Timestamp) -> bool {
        true
    }

    fn draw(&self, frame: &mut Frame<'_>) {
        self.0.set(self.0.get() + 1);
        frame.render_widget(format!("drawing {}", self.0.get()), frame.area());
        assert!(self.0.get() < 3, "the words of the panic");
    }
}

/// Runs in a process of its own, started by the test below: the real loop on the real terminal.
#[test]
#[ignore = "started by the test of panics, in a process of its own"]
fn child_that_panics_while_drawing() {
    let wake = Wake::new().unwrap();
    let mut tty = RealTty::enter(Traffic::default(), false).unwrap();
    let mut screen = Failing(std::cell::Cell::new(0));
    let ringing = wake.clone();
    std::thread::spawn(move || {
        // A panic elsewhere must leave the screen alone.
        drop(std::thread::spawn(|| panic!("a task of no concern")).join());
        for _ in 0..1_000_000 {
            ringing.changed();
            std::thread::yield_now();
        }
    });
    let clock = SystemClock::start();
    drop(run(&mut screen, &mut tty, &wake, &clock, 30, &mut |_| {}));
}

#[test]
fn fc_35_a_panic_while_drawing_gives_the_terminal_back_and_can_be_read() {
    let this = std::env::current_exe().unwrap();
    let arguments = [
        "--exact",
        "child_that_panics_while_drawing",
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
