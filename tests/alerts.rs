//! Alerts of the binary: the document, `alert test`, and what reaches webhooks and commands.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use assert_cmd::cargo::cargo_bin;
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

/// Far beyond what anything here takes; only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

struct Setup {
    folder: TempDir,
    config: PathBuf,
}

impl Setup {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, config).unwrap();
        Self { folder, config: path }
    }

    fn run(&self, arguments: &[&str], env: &[(&str, &str)]) -> Output {
        let mut command = Command::new(cargo_bin!("bitget-watch"));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).stdin(Stdio::null());
        command.args(arguments).arg("--config").arg(&self.config).envs(env.iter().copied());
        command.output().unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Answers every request on loopback with `status`; returns the address and the bodies.
fn server(status: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/canary-path", listener.local_addr().unwrap());
    let (sender, bodies) = channel();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
            let body = loop {
                let seen = String::from_utf8_lossy(&bytes).into_owned();
                let length = |head: &str| -> Option<usize> {
                    let head = head.to_ascii_lowercase();
                    head.split("content-length: ").nth(1)?.lines().next()?.parse().ok()
                };
                if let Some((head, body)) = seen.split_once("\r\n\r\n")
                    && body.len() >= length(head).unwrap_or(0)
                {
                    break body.to_owned();
                }
                let count = socket.read(&mut buffer).unwrap();
                assert!(count > 0, "{seen}");
                bytes.extend_from_slice(&buffer[..count]);
            };
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            socket.write_all(answer.as_bytes()).unwrap();
            if sender.send(body).is_err() {
                return;
            }
        }
    });
    (address, bodies)
}

const PHONE: &str = "[[way]]\nname = \"phone\"\nkind = \"webhook\"\nurl_env = \"PHONE\"\n";

#[test]
fn the_document_holds_the_alerts_that_are_on() {
    let setup = Setup::new(
        "[[alert]]\nname = \"any price\"\nmetric = \"mark_price\"\nabove = \"1\"\n\
        symbol = \"BTCUSDT_UMCBL\"\nseverity = \"critical\"\n\
        [[alert]]\nmetric = \"mark_price\"\nbelow = \"1\"",
    );
    let output = setup.run(&["snapshot", "--demo", "--seed", "7", "--json"], &[]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let alerts = document["alerts"].as_array().unwrap();
    assert_eq!(alerts.len(), 1, "{alerts:#?}");
    let alert = alerts[0].as_object().unwrap();
    let keys: Vec<&str> = alert.keys().map(String::as_str).collect();
    let expected = [
        "acknowledged",
        "delivery",
        "limit",
        "metric",
        "name",
        "raised_at",
        "severity",
        "since",
        "subject",
        "value",
    ];
    assert_eq!(keys, expected);
    assert_eq!((&alert["name"], &alert["metric"]), (&"any price".into(), &"mark_price".into()));
    assert_eq!(alert["subject"], "BTCUSDT_UMCBL");
    assert_eq!((&alert["severity"], &alert["limit"]), (&"critical".into(), &"1".into()));
    assert_eq!(alert["value"], document["ticker"]["mark"]);
    assert_eq!(
        (&alert["acknowledged"], &alert["delivery"]),
        (&false.into(), &Value::Array(vec![]))
    );
    assert!(alert["raised_at"].as_str() >= alert["since"].as_str());
}

#[test]
fn the_plain_reading_has_a_line_for_each() {
    let setup = Setup::new("[[alert]]\nmetric = \"funding_rate_pct\"\nabove = \"-99\"");
    let output = setup.run(&["snapshot", "--demo", "--seed", "7"], &[]);
    let said = text(&output.stdout);
    let line = said.lines().find(|line| line.starts_with("alert ")).unwrap_or_default();
    let start = "alert danger: funding_rate_pct BTCUSDT_UMCBL, value ";
    assert!(line.starts_with(start) && line.contains(", limit -99, since 20"), "{said}");
}

#[test]
fn a_test_goes_out_by_each_way_and_says_what_came_back() {
    let setup = Setup::new(&format!(
        "{PHONE}[[way]]\nname = \"script\"\nkind = \"command\"\n\
        argv = [\"sh\", \"-c\", \"cat > $1; env > $2\", \"sh\", \"FOLDER/in\", \"FOLDER/env\"]"
    ));
    let folder = setup.folder.path().to_str().unwrap();
    let config = std::fs::read_to_string(&setup.config).unwrap().replace("FOLDER", folder);
    std::fs::write(&setup.config, config).unwrap();
    let (address, bodies) = server("204 No Content");
    let secrets = [
        ("PHONE", address.as_str()),
        ("BITGET_API_KEY", "key-canary"),
        ("BITGET_SECRET_KEY", "secret-canary"),
        ("BITGET_PASSPHRASE", "pass-canary"),
        ("BITGET_WATCH_OTHER", "canary"),
        ("OTHER", "kept"),
    ];
    let output = setup.run(&["alert", "test"], &secrets);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    let expected = "bell: not tried: standard output is not a terminal\n\
        terminal: not tried: standard output is not a terminal\n\
        phone: sent, HTTP 204\nscript: sent, exit status 0\n";
    assert_eq!(said, expected);
    let body: Value = serde_json::from_str(&bodies.recv_timeout(PATIENCE).unwrap()).unwrap();
    assert_eq!((&body["event"], &body["alert"]), (&"test".into(), &Value::Null));
    let input: Value =
        serde_json::from_slice(&std::fs::read(setup.folder.path().join("in")).unwrap()).unwrap();
    assert_eq!(input, body);
    let env = std::fs::read_to_string(setup.folder.path().join("env")).unwrap();
    assert!(env.contains("OTHER=kept") && !env.contains("canary"), "{env}");

    let output = setup.run(&["alert", "test", "script"], &[]);
    assert_eq!(text(&output.stdout), "script: sent, exit status 0\n");
}

#[test]
fn a_way_that_refuses_fails_the_test() {
    let setup = Setup::new(PHONE);
    let (address, _bodies) = server("404 Not Found");
    let output = setup.run(&["alert", "test", "phone"], &[("PHONE", &address)]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout), "phone: FAILED, HTTP 404\n");
    let output = setup.run(&["alert", "test", "bell"], &[("PHONE", &address)]);
    assert_eq!(output.status.code(), Some(1), "there is no terminal");
}

/// The address of a webhook is a secret, whatever comes back and however much is logged.
#[rstest]
#[case::taken(Some("200 OK"), 0)]
#[case::refused(Some("404 Not Found"), 1)]
#[case::redirected(Some("302 Found\r\nlocation: http://127.0.0.1:1/canary-path"), 1)]
#[case::nobody_there(None, 1)]
fn no_part_of_an_address_is_told(#[case] status: Option<&'static str>, #[case] code: i32) {
    let templates = ["json", "ntfy", "slack", "discord", "telegram"];
    let way = |name: &str| {
        let env = name.to_uppercase();
        format!(
            "[[way]]\nname = \"{name}\"\nkind = \"webhook\"\ntemplate = \"{name}\"\nurl_env = \"W_{env}\"\n"
        )
    };
    let setup = Setup::new(&templates.map(way).concat());
    let (address, bodies) = status.map_or_else(
        || {
            let taken = TcpListener::bind("127.0.0.1:0").unwrap();
            (format!("http://{}/canary-path", taken.local_addr().unwrap()), channel().1)
        },
        server,
    );
    let address = format!("{address}?chat_id=canary-chat&token=canary-token");
    let names = templates.map(|name| format!("W_{}", name.to_uppercase()));
    let env = [0, 1, 2, 3, 4].map(|at| (names[at].as_str(), address.as_str()));
    let log = setup.folder.path().join("log");
    let arguments = ["alert", "test", "--log-level", "debug", "--log-file", log.to_str().unwrap()];
    let output = setup.run(&arguments, &env);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert_eq!(said.matches("telegram: ").count(), 1, "{said}");
    let log = std::fs::read_to_string(log).unwrap_or_default();
    assert!(!said.contains("canary") && !log.contains("canary"), "{said}\n{log}");
    // In a body stands the chat alone, which is whom Telegram is to tell.
    for body in bodies.try_iter() {
        assert!(!body.contains("canary-path") && !body.contains("canary-token"), "{body}");
    }
}

#[rstest]
#[case(&["alert", "test"], None, "way phone: PHONE is not set")]
#[case(&["alert", "test"], Some("http://canary.example.org"), "way phone: PHONE must begin with https://")]
#[case(&["alert", "test", "fone"], Some("https://canary.example.org"), "there is no way \"fone\"; the ways are bell, terminal, phone")]
fn a_wrong_setup_is_told_without_the_address(
    #[case] arguments: &[&str],
    #[case] address: Option<&str>,
    #[case] message: &str,
) {
    let env: Vec<_> = address.into_iter().map(|address| ("PHONE", address)).collect();
    let output = Setup::new(PHONE).run(arguments, &env);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr), format!("bitget-watch: {message}\n"));
}
