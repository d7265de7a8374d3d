//! Canaries for the credentials, searched for wherever the program writes and wherever another
//! process can look.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use assert_cmd::cargo::cargo_bin;
use rstest::rstest;
use rustix::process::{Pid, Signal, geteuid, kill_process};
use tempfile::TempDir;

const KEY: &str = "bg_keycanary0123456789wxyz";
const SECRET: &str = "secretcanary0123456789abcdef";
const PASSPHRASE: &str = "passcanary-with-16-letters";
/// A user without any rights, for looking at a process from outside.
const NOBODY: u32 = 65_534;

fn program() -> Command {
    let mut command = Command::new(cargo_bin!("bitget-watch"));
    command.env_clear().env("XDG_CONFIG_HOME", "/nonexistent").stdin(Stdio::null());
    command
}

/// The embedded exchange as a process that verifies the canaries, and the file that points at it.
struct Exchange {
    process: Child,
    folder: TempDir,
}

impl Exchange {
    fn start(key: &str) -> Self {
        let mut command = program();
        command.args(["simulate", "--listen", "127.0.0.1:0", "--seed", "7", "--plain"]);
        command.args(["--key", key, "--secret", SECRET, "--passphrase", PASSPHRASE]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut origin =
            || lines.next().unwrap().unwrap().split_whitespace().last().unwrap().to_owned();
        let (rest, streams) = (origin(), origin());
        let folder = TempDir::new().unwrap();
        let config = format!("[exchange]\nrest_url = \"{rest}\"\nws_url = \"{streams}\"\n");
        let file = folder.path().join("config.toml");
        std::fs::write(&file, config).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        Self { process, folder }
    }

    /// A snapshot with the log at its finest.
    fn snapshot(&self, binary: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary);
        command
            .env_clear()
            .stdin(Stdio::null())
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .env("BITGET_API_KEY", KEY)
            .env("BITGET_SECRET_KEY", SECRET)
            .env("BITGET_PASSPHRASE", PASSPHRASE)
            .arg("--config")
            .arg(self.folder.path().join("config.toml"))
            .arg("snapshot")
            .args(arguments);
        command
    }

    fn end(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.end();
    }
}

/// Fails where a text holds a secret, the whole key, or a signature. Signatures are SHA-256 in base64:
/// 43 characters and one `=`.
fn assert_silent(what: &str, text: &str) {
    for canary in [KEY, SECRET, PASSPHRASE, "secretcanary", "passcanary", "keycanary"] {
        assert!(!text.contains(canary), "{what} holds {canary}:\n{text}");
    }
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
    for (end, _) in text.match_indices('=') {
        let run = text.get(..end).unwrap().chars().rev().take_while(|c| is_base64(*c)).count();
        assert!(run != 43, "{what} holds a signature:\n{text}");
    }
}

#[test]
#[should_panic(expected = "holds a signature")]
fn a_signature_would_be_found() {
    assert_silent("a header", "access-sign: 0/RDf4+f/rR5pqL0DxJ4V2poX4O3HfN4xWRfHeg8gkM=\n");
}

fn assert_all_silent(what: &str, output: &Output, log: &Path) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_silent(&format!("{what}: standard output"), &text(&output.stdout));
    assert_silent(&format!("{what}: standard error"), &text(&output.stderr));
    let log = std::fs::read_to_string(log).unwrap();
    // A program that answers in a second has nothing to log; one that is refused says so.
    let refused = output.status.code() != Some(0);
    assert!(!refused || !log.is_empty(), "{what}: no line in the log");
    assert_silent(&format!("{what}: the log"), &log);
}

/// What is wrong with the credentials, and the exit code.
#[rstest]
#[case::nothing(None, KEY, 0)]
#[case::the_secret(Some(("BITGET_SECRET_KEY", "secretcanary-that-is-wrong")), KEY, 3)]
#[case::the_passphrase(Some(("BITGET_PASSPHRASE", "passcanary-that-is-wrong")), KEY, 3)]
#[case::revoked(None, "bg_another_key", 3)]
fn fc_40_no_stream_and_no_log_holds_a_secret(
    #[case] wrong: Option<(&str, &str)>,
    #[case] known: &str,
    #[case] code: i32,
) {
    let exchange = Exchange::start(known);
    let log = exchange.folder.path().join("log");
    for form in [&["--json"][..], &[], &["--line"]] {
        let mut command = exchange.snapshot(cargo_bin!("bitget-watch"), form);
        command.args(["--timeout", "20s", "--log-level", "trace", "--log-file"]).arg(&log);
        command.envs(wrong);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{form:?}: {output:?}");
        assert_all_silent(&format!("{form:?}"), &output, &log);
    }
}

/// The address of a proxy may hold a password: one that cannot be reached, and one that is no address.
#[rstest]
#[case(
    "HTTPS_PROXY",
    "http://someone:secretcanary@127.0.0.1:1",
    "proxy 127.0.0.1:1: TCP connect",
    4
)]
#[case(
    "all_proxy",
    "socks5h://someone:secretcanary@127.0.0.1:1",
    "proxy 127.0.0.1:1: TCP connect",
    4
)]
#[case("https_proxy", "socks4://someone:secretcanary@127.0.0.1:1", "https_proxy: expected", 2)]
fn fc_40_the_password_of_a_proxy_is_not_told(
    #[case] variable: &str,
    #[case] value: &str,
    #[case] told: &str,
    #[case] code: i32,
) {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let mut command = program();
    command.args(["snapshot", "--json", "--timeout", "2s", "--log-level", "trace", "--log-file"]);
    let output = command.arg(&log).env(variable, value).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    let all = [&output.stdout[..], &output.stderr[..]].concat();
    let all = String::from_utf8_lossy(&all).into_owned();
    assert!(all.contains(told), "{all}");
    assert_silent("the output", &all);
    assert_silent("the log", &std::fs::read_to_string(&log).unwrap_or_default());
}

#[test]
fn fc_40_nothing_is_told_when_the_exchange_dies() {
    let mut exchange = Exchange::start(KEY);
    let log = exchange.folder.path().join("log");
    let arguments = ["--json", "--every", "200ms", "--count", "15"];
    let mut command = exchange.snapshot(cargo_bin!("bitget-watch"), &arguments);
    command.args(["--log-level", "trace", "--log-file"]).arg(&log);
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(process.stdout.take().unwrap());
    let mut documents = String::new();
    out.read_line(&mut documents).unwrap();
    exchange.end();
    out.read_to_string(&mut documents).unwrap();
    let mut output = process.wait_with_output().unwrap();
    output.stdout = documents.into_bytes();
    assert_all_silent("a dying exchange", &output, &log);

    let mut command = exchange.snapshot(cargo_bin!("bitget-watch"), &["--timeout", "1s"]);
    let output = command.args(["--log-level", "trace", "--log-file"]).arg(&log).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert_all_silent("a dead exchange", &output, &log);
}

#[test]
fn fc_41_a_secret_on_the_command_line_is_refused_and_not_repeated() {
    for option in ["--secret", "--secret-key", "--passphrase", "--api-key", "--key"] {
        for arguments in [
            vec!["snapshot".to_owned(), format!("{option}={SECRET}")],
            vec!["snapshot".to_owned(), option.to_owned(), SECRET.to_owned()],
            vec![format!("{option}={SECRET}")],
        ] {
            let output = program().args(&arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
            assert_silent("the message", &String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// A snapshot that goes on for ever, as a user without rights where the test may choose one.
struct Running {
    process: Child,
    out: BufReader<ChildStdout>,
    exchange: Exchange,
    user: u32,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let exchange = Exchange::start(KEY);
        let folder = exchange.folder.path();
        // Where the build is, that user may not look.
        let binary = folder.join("bitget-watch");
        std::fs::copy(cargo_bin!("bitget-watch"), &binary).unwrap();
        std::fs::set_permissions(&binary, Permissions::from_mode(0o755)).unwrap();
        let home = folder.join("home");
        std::fs::create_dir(&home).unwrap();
        std::fs::set_permissions(&home, Permissions::from_mode(0o777)).unwrap();

        // The shell asks for core files of any size, so that a refusal is the program's own.
        let script = "ulimit -S -c \"$(ulimit -H -c)\"; exec \"$@\"";
        let mut snapshot = exchange.snapshot(&binary, &["--json", "--every", "200ms"]);
        snapshot.args(arguments);
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, "sh"]).arg(snapshot.get_program()).args(snapshot.get_args());
        command.env_clear().current_dir(&home).stdin(Stdio::null());
        command.envs(snapshot.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let mut user = geteuid().as_raw();
        if user == 0 {
            user = NOBODY;
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        assert!(first.contains("\"complete\":true"), "{first}");
        Self { process, out, exchange, user }
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.process.id())
    }

    /// Returns what the same user sees in a file of the process, from a process of its own.
    fn seen_by_the_same_user(&self, file: &str) -> Output {
        let mut command = Command::new("/bin/cat");
        command.arg(self.proc(file)).env_clear();
        if geteuid().is_root() {
            command.uid(self.user).gid(self.user);
        }
        command.output().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// The demo needs no credentials, but they may be set while it runs.
#[rstest]
#[case::live(&[])]
#[case::demo(&["--demo"])]
fn fc_41_the_same_user_sees_no_secret_from_outside(#[case] arguments: &[&str]) {
    let running = Running::start(arguments);
    let arguments = running.seen_by_the_same_user("cmdline");
    assert!(arguments.status.success());
    let arguments = String::from_utf8_lossy(&arguments.stdout).into_owned();
    assert!(arguments.contains("snapshot"), "{arguments}");
    assert_silent("the arguments", &arguments);

    // What the kernel keeps of a process that must not be dumped belongs to root.
    for file in ["environ", "mem", "maps"] {
        let seen = running.seen_by_the_same_user(file);
        assert!(!seen.status.success(), "{file} can be read");
        assert!(seen.stdout.is_empty(), "{file} can be read");
        assert_eq!(std::fs::metadata(running.proc(file)).unwrap().uid(), 0, "{file}");
    }
    let children = running.proc(&format!("task/{}/children", running.process.id()));
    if let Ok(children) = std::fs::read_to_string(children) {
        assert_eq!(children.trim(), "", "no child could inherit the environment");
    }
}

#[rstest]
#[case::live(&[])]
#[case::demo(&["--demo"])]
fn fc_41_an_abort_leaves_no_core_file(#[case] arguments: &[&str]) {
    let mut running = Running::start(arguments);
    let limits = std::fs::read_to_string(running.proc("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let values: Vec<&str> = core.split_whitespace().filter(|word| *word == "0").collect();
    assert_eq!(values.len(), 2, "soft and hard: {core}");

    let pid = Pid::from_raw(running.process.id().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::ABORT).unwrap();
    let mut rest = String::new();
    running.out.read_to_string(&mut rest).unwrap();
    let status = running.process.wait().unwrap();
    assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()));
    assert!(!status.core_dumped());
    let home = running.exchange.folder.path().join("home");
    assert_eq!(std::fs::read_dir(home).unwrap().count(), 0, "a file was left behind");
    assert_silent("standard output", &rest);
}
