//! A process on a pseudo-terminal, and an exchange for it to look at.

use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use bitget_watch::domain::SystemClock;
use bitget_watch::sim::{Expected, Script, SimConfig, SimServer};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use rustix::termios::{Termios, tcgetattr};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Far beyond what anything here takes; only a failure waits for it.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// Of the figures in `/proc/PID/stat`, on every Linux.
const TICKS_PER_SECOND: u64 = 100;
/// Stands for a variable that is not set.
pub const UNSET: &str = "(unset)";
pub const KEY: (&str, &str, &str) = ("key-canary-1234", "secret-canary", "pass-canary");

/// What the reader of the terminal does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    On,
    /// It leaves everything unread.
    Held,
    /// It lets go of the terminal.
    Over,
}

pub struct Program {
    pub child: Box<dyn Child + Send + Sync>,
    pub master: Option<Box<dyn MasterPty + Send>>,
    keys: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    pub screen: vt100::Parser,
    pub raw: Vec<u8>,
    /// Kept open, so that the modes of the line can be read after the program has ended.
    pub line: File,
    pub before: Termios,
    reading: Arc<(Mutex<Reading>, Condvar)>,
}

pub fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

pub fn parser(columns: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(NonZeroU16::new(rows).unwrap(), NonZeroU16::new(columns).unwrap(), 0)
}

impl Program {
    pub fn start(columns: u16, rows: u16, arguments: &[&str], env: &[(&str, &str)]) -> Self {
        Self::launch(env!("CARGO_BIN_EXE_bitget-watch"), columns, rows, arguments, env)
    }

    pub fn launch(
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
            match *value {
                UNSET => command.env_remove(name),
                value => command.env(name, value),
            }
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, bytes) = channel();
        let reading = Arc::new((Mutex::new(Reading::On), Condvar::new()));
        let wanted = Arc::clone(&reading);
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
                let held = |reading: &mut Reading| *reading == Reading::Held;
                let now = wanted.1.wait_while(wanted.0.lock().unwrap(), held).unwrap();
                if *now == Reading::Over {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        let screen = parser(columns, rows);
        let (master, raw) = (Some(pair.master), Vec::new());
        Self { child, master, keys, bytes, screen, raw, line, before, reading }
    }

    pub fn demo(columns: u16, rows: u16) -> Self {
        Self::start(columns, rows, &["--demo", "--seed", "7"], &[])
    }

    /// The dashboard on an exchange of the test, with more lines of configuration.
    pub fn live(columns: u16, rows: u16, exchange: &Exchange, secret: &str) -> Self {
        Self::live_with(columns, rows, exchange, &[("BITGET_SECRET_KEY", secret)])
    }

    /// The same with the right key, and more variables.
    pub fn live_with(columns: u16, rows: u16, exchange: &Exchange, more: &[(&str, &str)]) -> Self {
        let config = exchange.folder.path().join("config.toml");
        let key =
            [("BITGET_API_KEY", KEY.0), ("BITGET_SECRET_KEY", KEY.1), ("BITGET_PASSPHRASE", KEY.2)];
        let env = [&key, more].concat();
        Self::start(columns, rows, &["--config", config.to_str().unwrap()], &env)
    }

    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Whether no frame has come in part: half of one is a picture that nobody drew.
    fn is_whole(&self) -> bool {
        let last = |sequence: &[u8]| self.raw.windows(8).rposition(|bytes| bytes == sequence);
        last(b"\x1b[?2026l") >= last(b"\x1b[?2026h")
    }

    /// Reads until the screen is whole and as `wanted`.
    pub fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        let limit = Instant::now() + PATIENCE;
        while !self.is_whole() || !wanted(&self.text()) {
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

    pub fn until_live(&mut self) {
        self.until("positions", |text| text.contains("LONG") && text.contains("DEMO"));
    }

    /// Reads until a sequence was written so many times.
    pub fn until_count(&mut self, what: &str, sequence: &[u8], wanted: usize) {
        let limit = Instant::now() + PATIENCE;
        while self.count(sequence) < wanted {
            assert!(Instant::now() < limit, "never: {what}\n{}", self.text());
            self.listen(Duration::from_millis(20));
        }
    }

    /// Waits until the process is stopped.
    pub fn until_stopped(&mut self) {
        let limit = Instant::now() + PATIENCE;
        while !fs::read_to_string(self.proc("stat")).unwrap().contains(") T ") {
            assert!(Instant::now() < limit, "never stopped");
            self.listen(Duration::from_millis(20));
        }
    }

    /// Takes note of everything that comes for a while, and returns how many bytes that were.
    pub fn listen(&mut self, span: Duration) -> usize {
        let (limit, before) = (Instant::now() + span, self.raw.len());
        while let Ok(bytes) =
            self.bytes.recv_timeout(limit.saturating_duration_since(Instant::now()))
        {
            self.screen.process(&bytes);
            self.raw.extend(bytes);
        }
        self.raw.len() - before
    }

    fn read(&self, reading: Reading) {
        *self.reading.0.lock().unwrap() = reading;
        self.reading.1.notify_all();
    }

    /// Leaves everything unread, but for what is being read at this moment.
    pub fn hold(&self) {
        self.read(Reading::Held);
    }

    pub fn read_on(&self) {
        self.read(Reading::On);
    }

    /// Lets go of everything that this test holds of the terminal; the program then holds a dead one.
    pub fn hang_up(&mut self) {
        self.read(Reading::Over);
        self.master = None;
        self.keys = Box::new(std::io::sink());
        self.line = File::open("/dev/null").unwrap();
    }

    /// A value of the process's status, without its unit.
    pub fn status(&self, name: &str) -> String {
        let status = fs::read_to_string(self.proc("status")).unwrap();
        let line =
            status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    }

    /// Processor time that the process and its children took so far, in milliseconds.
    pub fn cpu_ms(&self) -> u64 {
        let ticks = |pid: &str, fields: &[usize]| -> u64 {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            let after: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
            fields.iter().map(|field| after[*field].parse::<u64>().unwrap()).sum()
        };
        let pid = self.child.process_id().unwrap().to_string();
        let children = fs::read_to_string(self.proc(&format!("task/{pid}/children"))).unwrap();
        // Of its own and of the children that have ended; then of those that run.
        let ended = ticks(&pid, &[11, 12, 13, 14]);
        let running: u64 = children.split_whitespace().map(|pid| ticks(pid, &[11, 12])).sum();
        (ended + running) * 1000 / TICKS_PER_SECOND
    }

    pub fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.process_id().unwrap())
    }

    /// Waits until the process has ended; what it took can still be read.
    pub fn wait_for_end(&self) {
        let pid = Pid::from_raw(self.child.process_id().unwrap().cast_signed()).unwrap();
        waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).unwrap();
    }

    /// How often a sequence was written.
    pub fn count(&self, sequence: &[u8]) -> usize {
        self.raw.windows(sequence.len()).filter(|bytes| *bytes == sequence).count()
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.process_id().unwrap().cast_signed()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for the end and returns the exit code; a signal that killed it is a failure.
    pub fn end(&mut self) -> u32 {
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
    pub fn assert_given_back(&self) {
        let after = tcgetattr(self.line.as_fd()).unwrap();
        assert_eq!(format!("{after:?}"), format!("{:?}", self.before), "modes of the line");
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen(), "normal screen");
        assert!(!screen.hide_cursor(), "visible cursor");
        assert!(!screen.bracketed_paste(), "no paste mode");
        let (entered, left) = (self.count(b"\x1b[?1049h"), self.count(b"\x1b[?1049l"));
        assert_eq!(entered, left, "left as often as entered");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
    }
}

/// An exchange in this process, and the file that points at it.
pub struct Exchange {
    pub sim: SimServer,
    folder: TempDir,
    _runtime: Runtime,
}

impl Exchange {
    /// The exchange verifies the key; `more` is added to the configuration.
    pub fn start(more: &str) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.unwrap();
        let expected =
            Expected { key: KEY.0.into(), secret: KEY.1.into(), passphrase: KEY.2.into() };
        let config = SimConfig {
            seed: 7,
            plain: true,
            expected: Some(expected),
            script: Some(Script::default()),
            ..SimConfig::default()
        };
        let sim = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            SimServer::start(listener, config, Arc::new(SystemClock::start())).unwrap()
        });
        let folder = TempDir::new().unwrap();
        let text = format!(
            "[exchange]\nrest_url = \"{}\"\nws_url = \"{}\"\n{more}",
            sim.rest_origin(),
            sim.stream_origin()
        );
        let file = folder.path().join("config.toml");
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        Self { sim, folder, _runtime: runtime }
    }

    /// Counts what was asked for, by a part of its name.
    pub fn asked(&self, what: &str) -> usize {
        self.sim.recorded().iter().filter(|asked| asked.what.contains(what)).count()
    }

    /// Waits until the exchange was asked for something so many times more.
    pub fn wait_for(&self, what: &str, more: usize) {
        let begun = self.asked(what);
        for wanted in begun + 1..=begun + more {
            let limit = Instant::now() + PATIENCE;
            while self.asked(what) < wanted {
                assert!(Instant::now() < limit, "{what} was not asked for");
                std::thread::park_timeout(Duration::from_millis(5));
            }
        }
    }
}
