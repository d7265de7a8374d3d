//! Alerts on a real terminal: bell, notification, banner, key, and a terminal that takes nothing.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use rstest::rstest;

use super::program::{PATIENCE, Program};

/// Takes requests on loopback; returns the address and what came.
fn server() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let (sender, seen) = channel();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let (mut text, mut buffer) = (String::new(), [0; 4096]);
            // The text of ntfy ends with the limit.
            while !text.ends_with("is above 1") {
                let count = socket.read(&mut buffer).unwrap();
                text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
            }
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
            if sender.send(text).is_err() {
                return;
            }
        }
    });
    (address, seen)
}

fn start(rule: &str, env: &[(&str, &str)]) -> (Program, Receiver<String>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let way =
        "[[way]]\nname = \"phone\"\nkind = \"webhook\"\ntemplate = \"ntfy\"\nurl_env = \"PHONE\"\n";
    std::fs::write(&path, format!("{way}[[alert]]\n{rule}")).unwrap();
    let (address, seen) = server();
    let env = [&[("PHONE", address.as_str())], env].concat();
    let arguments = ["--demo", "--seed", "7", "--config", path.to_str().unwrap()];
    (Program::start(120, 40, &arguments, &env), seen, folder)
}

const PRICE: &str =
    "metric = \"price\"\nabove = \"1\"\nsend = [\"bell\", \"terminal\", \"phone\"]\n";

#[rstest]
#[case::plain(&[], "\x1b]9;bitget-watch DEMO: DANGER: BTCUSDT_UMCBL: price ")]
#[case::rxvt(&[("TERM", "rxvt-unicode-256color")], "\x1b]777;notify;bitget-watch DEMO: DANGER;BTCUSDT_UMCBL: price ")]
#[case::tmux(&[("TMUX", "/tmp/tmux-0/default,1,0")], "\x1bPtmux;\x1b\x1b]9;bitget-watch DEMO: DANGER: BTCUSDT_UMCBL: price ")]
#[case::screen(&[("STY", "1.pts-0.host")], "\x1bP\x1b]9;bitget-watch DEMO: DANGER: BTCUSDT_UMCBL: price ")]
fn every_way_is_used_once(#[case] env: &[(&str, &str)], #[case] notification: &str) {
    let (mut program, seen, _folder) = start(PRICE, env);
    let text = seen.recv_timeout(PATIENCE).unwrap();
    assert!(
        text.contains("BTCUSDT_UMCBL: price ") && text.contains("title: bitget-watch DEMO: DANGER"),
        "{text}"
    );
    program.until("the alert", |text| text.contains("ALERT price BTCUSDT_UMCBL is at"));
    program.until_count("the notification", notification.as_bytes(), 1);
    program.press("a");
    program.until("no banner", |text| !text.contains("ALERT price BTCUSDT_UMCBL is at"));
    program.press("7");
    program.press("q");
    assert_eq!(program.end(), 0);
    assert_eq!(program.count(notification.as_bytes()), 1);
    // The bell stands alone; that which ends a notification does not.
    let raw = String::from_utf8_lossy(&program.raw).into_owned();
    let bells = raw.matches('\x07').count();
    assert_eq!(bells, 2, "one rings, one ends the notification");
    assert!(seen.try_recv().is_err(), "sent twice");
    program.assert_given_back();
}

#[test]
fn without_the_bell_nothing_rings() {
    let (mut program, seen, _folder) = start(&format!("{PRICE}[ui]\nbell = false"), &[]);
    seen.recv_timeout(PATIENCE).unwrap();
    program.until_count("the notification", b"\x1b]9;", 1);
    program.press("q");
    assert_eq!(program.end(), 0);
    assert_eq!(program.count(b"\x07"), 1, "the end of the notification");
}

/// FC-33 of alerts: they are raised and sent while the terminal takes nothing, and it is told when it does.
#[test]
fn fc_33_a_terminal_that_takes_nothing_holds_no_alert_up() {
    let (mut program, seen, _folder) = start(&format!("{PRICE}for = \"4s\""), &[]);
    program.until_live();
    program.hold();
    seen.recv_timeout(PATIENCE).unwrap();
    program.read_on();
    program.until_count("the notification", b"\x1b]9;", 1);
    program.press("q");
    assert_eq!(program.end(), 0);
    assert!(seen.try_recv().is_err(), "sent twice");
}
