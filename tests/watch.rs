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
use std::process::{Child, ChildStderr, Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use rstest::rstest;
use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

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
