//! `watch` as a service manager sees it: log, signals, exit codes, metrics, and what it remembers.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use assert_cmd::cargo::cargo_bin;
use rstest::rstest;
use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Far beyond what anything here takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(60);
/// The same for a file that is looked at again and again.
const POLLS: u32 = 3_000;

struct Watch {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    memory: PathBuf,
    folder: TempDir,
}

impl Watch {
    fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (config, memory) = (folder.path().join("c.toml"), folder.path().join("m").join("h.db"));
        let text = "[memory]\npath = \"m/h.db\"\naccount_label = \"second\"\n";
        std::fs::write(&config, text).unwrap();
        let mut child = Command::new(cargo_bin!("bitget-watch"))
            .env_clear()
            .args(["watch", "--demo", "--seed", "7", "--config"])
            .arg(&config)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, log, memory, folder }
    }

    /// Waits for a line of the log.
    fn line(&mut self, word: &str) -> String {
        let mut seen = Vec::new();
        for line in self.log.by_ref() {
            let line = line.unwrap();
            if line.contains(word) {
                return line;
            }
            seen.push(line);
        }
        panic!("no line with {word:?} in {seen:#?}");
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
    }

    /// Waits for the end and returns its code and what was written to standard output.
    fn end(&mut self) -> (Option<i32>, String) {
        let mut out = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        (self.child.wait().unwrap().code(), out)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn scrape(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The whole of it: a hang-up is survived, figures are served, SIGTERM ends it and the minute is kept.
#[rstest]
fn watches_until_it_is_told_to_stop(#[values("classic", "unified")] kind: &str) {
    let mut watch = Watch::start(&["--account", kind, "--metrics", "127.0.0.1:0"]);
    let line = watch.line("metrics are served");
    let address = line.split("address=").nth(1).unwrap().trim();
    let address: SocketAddr = address.parse().unwrap();
    watch.line("remembering");
    watch.signal(Signal::HUP);

    let currency = if kind == "classic" { "USDT" } else { "USD" };
    let equity = format!("bitget_watch_equity{{account=\"second\",currency=\"{currency}\"}} ");
    let text = std::iter::repeat_with(|| scrape(address))
        .find(|text| text.lines().any(|line| line.starts_with(&equity)))
        .unwrap();
    assert!(text.contains("application/openmetrics-text"), "{text}");
    for start in [
        "bitget_watch_link_state{account=\"second\",link=\"rest\",state=\"live\"} 1".to_owned(),
        "bitget_watch_position_size{account=\"second\",symbol=\"BTCUSDT_UMCBL\",side=\"".to_owned(),
        "bitget_watch_rest_requests_total{account=\"second\",code=\"200\"} ".to_owned(),
    ] {
        assert!(text.lines().any(|line| line.starts_with(&start)), "{start}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"), "{text}");

    watch.signal(Signal::TERM);
    watch.line("stopped");
    assert_eq!(watch.end(), (Some(143), String::new()));
    let memory = Connection::open(&watch.memory).unwrap();
    let columns =
        "SELECT a.label, m.coin, m.nearest_symbol FROM minute m JOIN account a ON a.id = m.account";
    let row: [String; 3] =
        memory.query_row(columns, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?])).unwrap();
    assert_eq!(row[..2], ["second".to_owned(), currency.to_owned()]);
    assert!(row[2].ends_with("_UMCBL"), "{row:?}");

    // What is remembered can be exported without a connection.
    let output = Command::new(cargo_bin!("bitget-watch"))
        .env_clear()
        .args(["history", "--what", "equity", "--config"])
        .arg(watch.folder.path().join("c.toml"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("account,time,coin,equity,"), "{text}");
    let last: Vec<&str> = text.lines().last().unwrap().split(',').collect();
    assert_eq!((last[0], last[2]), ("second", currency));
    assert!(last[1].ends_with(":00.000Z"), "{last:?}");
}

#[test]
fn an_interrupt_ends_it_as_well() {
    let mut watch = Watch::start(&[]);
    watch.line("watching");
    watch.signal(Signal::INT);
    assert_eq!(watch.end().0, Some(130));
}

#[test]
fn with_a_log_file_standard_error_is_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut watch =
        Watch::start(&["--log-file", log.to_str().unwrap(), "--metrics", "127.0.0.1:0"]);
    watch.signal(Signal::HUP);
    watch.signal(Signal::TERM);
    let code = watch.end().0;
    // A signal that comes before it is watched for has its usual effect.
    assert!(matches!(code, Some(143) | None), "{code:?}");
    assert_eq!(watch.log.by_ref().map_while(Result::ok).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_port_that_is_taken_is_said_before_anything_is_connected() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut watch = Watch::start(&["--metrics", &address]);
    let line = watch.line("--metrics");
    assert!(line.starts_with(&format!("bitget-watch: --metrics {address}: ")), "{line}");
    assert_eq!(watch.end().0, Some(1));
}

/// The embedded exchange as a process of its own, which outlasts the watchman.
struct Simulate {
    child: Child,
    /// Open until the end: what writes into a closed pipe ends.
    _out: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Simulate {
    fn start(kind: &str) -> Self {
        let mut child = Command::new(cargo_bin!("bitget-watch"))
            .env_clear()
            .args(["simulate", "--plain", "--listen", "127.0.0.1:0", "--seed", "7"])
            .args(["--account", kind])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = out.next().unwrap().unwrap();
        let address = line.split_once("http://").unwrap().1.to_owned();
        Self { child, _out: out, address }
    }
}

impl Drop for Simulate {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// Answers every request on loopback; returns the address and the sentences.
fn phone() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/hook", listener.local_addr().unwrap());
    let (sender, seen) = channel();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let (mut text, mut buffer) = (String::new(), [0; 4096]);
            while !text.ends_with('}') {
                let count = socket.read(&mut buffer).unwrap();
                text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
            }
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
            let body = text.split_once("\r\n\r\n").unwrap().1;
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            if sender.send(body["text"].as_str().unwrap().to_owned()).is_err() {
                return;
            }
        }
    });
    (address, seen)
}

/// Killed without a warning and started again: what still holds is raised as known since then, and only what has
/// cooled is sent again.
#[rstest]
fn after_a_kill_nothing_is_sent_twice_within_its_cooldown(
    #[values("classic", "unified")] kind: &str,
) {
    let exchange = Simulate::start(kind);
    let (address, seen) = phone();
    let folder = tempfile::tempdir().unwrap();
    let rule = |name: &str, cooldown: &str| {
        format!(
            "[[alert]]\nname = \"{name}\"\nmetric = \"mark_price\"\nsymbol = \"BTCUSDT_UMCBL\"\nabove = \"1\"\n\
            cooldown = \"{cooldown}\"\nsend = [\"phone\"]\n"
        )
    };
    let config = format!(
        "[exchange]\nrest_url = \"http://{0}\"\nws_url = \"ws://{0}\"\n[memory]\npath = \"h.db\"\n\
        [[way]]\nname = \"phone\"\nkind = \"webhook\"\nurl_env = \"PHONE\"\n{1}{2}",
        exchange.address,
        rule("first", "10m"),
        rule("second", "0s"),
    );
    std::fs::write(folder.path().join("c.toml"), config).unwrap();
    let start = || {
        Command::new(cargo_bin!("bitget-watch"))
            .env_clear()
            .args(["watch", "--config"])
            .arg(folder.path().join("c.toml"))
            .envs([("BITGET_API_KEY", "k"), ("BITGET_SECRET_KEY", "s"), ("BITGET_PASSPHRASE", "p")])
            .env("PHONE", &address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let rows = || -> Vec<(String, i64, i64, bool)> {
        let Ok(memory) = Connection::open(folder.path().join("h.db")) else { return Vec::new() };
        let columns = "SELECT name, since, raised_at, sent FROM alert ORDER BY name, raised_at";
        let Ok(mut found) = memory.prepare(columns) else { return Vec::new() };
        let rows =
            found.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
        rows.map_or_else(|_| Vec::new(), |rows| rows.map_while(Result::ok).collect())
    };
    let until = |count: usize| {
        for _ in 0..POLLS {
            let rows = rows();
            if rows.len() == count && rows.iter().all(|row| row.3) {
                return rows;
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        panic!("never: {count} alerts that were sent, but {:?}", rows());
    };

    let mut watch = start();
    let told = [(); 2].map(|()| seen.recv_timeout(PATIENCE).unwrap());
    assert!(told[0].starts_with("first: ") && told[1].starts_with("second: "), "{told:?}");
    assert!(told.iter().all(|text| !text.contains("known since")), "{told:?}");
    let before = until(2);
    watch.kill().unwrap();
    watch.wait().unwrap();

    let mut watch = start();
    let told = seen.recv_timeout(PATIENCE).unwrap();
    assert!(
        told.starts_with("second: ") && told.contains(", known since "),
        "the first has not cooled: {told}"
    );
    let after = until(4);
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert!(seen.try_recv().is_err(), "nothing else was sent");
    for (earlier, later) in
        [(&before[0], [&after[0], &after[1]]), (&before[1], [&after[2], &after[3]])]
    {
        assert_eq!(earlier, later[0]);
        assert_eq!(earlier.1, later[1].1, "since when it holds is known");
        assert!(later[1].2 > earlier.2, "it was raised again");
    }

    // What went out last by each way is said by `check`.
    let output = Command::new(cargo_bin!("bitget-watch"))
        .env_clear()
        .args(["check", "--config"])
        .arg(folder.path().join("c.toml"))
        .envs([("BITGET_API_KEY", "k"), ("BITGET_SECRET_KEY", "s"), ("BITGET_PASSPHRASE", "p")])
        .env("PHONE", &address)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("ok    alerts phone: the newest alert was sent at 20"));
    assert!(line.is_some(), "{text}");
}
