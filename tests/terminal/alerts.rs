//! Alerts on a real terminal: bell, notification, banner, key, and a terminal that takes nothing.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rstest::rstest;
use rusqlite::Connection;
use rust_decimal::Decimal;
use rustix::process::Signal;

use super::program::{Exchange, PATIENCE, Program};

/// Takes requests on loopback; returns the address and what came. The text of ntfy ends with the limit, `end`.
fn server(end: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let (sender, seen) = channel();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let (mut text, mut buffer) = (String::new(), [0; 4096]);
            while !text.ends_with(end) {
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
    let (address, seen) = server("is above 1");
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

/// A terminal that takes nothing, a fall, and `kill -9` as soon as the alert is on the disk: it was sent, and the
/// memory holds it with the fall that raised it. Of ten minutes see `virtual_time::night`.
#[test]
fn fc_33_behind_a_stalled_terminal_a_fall_is_told_and_remembered_before_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let memory = folder.path().join("history.db");
    let (address, seen) = server("is below 80000");
    let exchange = Exchange::start(&format!(
        "[refresh]\npositions = \"500ms\"\n[memory]\npath = {memory:?}\n[[way]]\nname = \"phone\"\nkind = \"webhook\"\ntemplate = \"ntfy\"\n\
        url_env = \"PHONE\"\n[[alert]]\nmetric = \"mark_price\"\nsymbol = \"BTCUSDT_UMCBL\"\n\
        below = \"80000\"\nsend = [\"phone\", \"terminal\"]\n"
    ));
    let mut program = Program::live_with(120, 40, &exchange, &[("PHONE", &address)]);
    program.until("live positions", |text| text.contains("LONG   ●"));
    program.hold();
    // Whole repaints, until nothing more fits into the line.
    for _ in 0..16 {
        program.press("\x0c");
        exchange.wait_for("all-position", 1);
    }
    let before = exchange.sim.with_world(|world| world.equity());
    exchange.sim.with_world(|world| world.set_price("BTCUSDT", Decimal::from(73_000)));
    let text = seen.recv_timeout(PATIENCE).unwrap();
    assert!(text.contains("BTCUSDT_UMCBL: mark price 7"), "{text}");
    let sql = "SELECT delivery, equity_low FROM alert, minute WHERE cleared_at IS NULL
               AND delivery LIKE '%\"state\":\"sent\"%' ORDER BY minute.at DESC";
    let limit = Instant::now() + PATIENCE;
    let (delivery, low) = loop {
        assert!(Instant::now() < limit, "never on the disk");
        let row = Connection::open(&memory).and_then(|memory| {
            memory
                .query_row(sql, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        });
        if let Ok(row) = row {
            break row;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    };
    program.signal(Signal::KILL);
    program.wait_for_end();
    assert!(
        delivery.contains("\"state\":\"pending\""),
        "the terminal was told nothing: {delivery}"
    );
    // Of four tenths of a coin that fell by more than ten thousand.
    let fall = before - low.parse::<Decimal>().unwrap();
    assert!(fall > Decimal::from(3_000), "{before} to {low}");
    let memory = Connection::open(&memory).unwrap();
    let whole: String = memory.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    let again: String = memory.query_row(sql, [], |row| row.get(1)).unwrap();
    assert_eq!(again, low, "it outlasts the kill");
    assert!(seen.try_recv().is_err(), "sent twice");
}

/// What the run of before remembered is told by the next one, once somebody looks again.
#[test]
fn what_happened_is_told_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let memory = folder.path().join("history.db");
    let exchange = Exchange::start(&format!(
        "[memory]\npath = {memory:?}\n[[alert]]\nname = \"any price\"\nmetric = \"mark_price\"\n\
        symbol = \"BTCUSDT_UMCBL\"\nabove = \"1\"\n"
    ));
    let mut program = Program::live_with(120, 40, &exchange, &[]);
    program.until("the alert", |text| text.contains("ALERT mark price BTCUSDT_UMCBL is at"));
    assert!(!program.text().contains("AWAY"), "there was no look before");
    program.press("a");
    program.until("no banner", |text| !text.contains("ALERT mark price BTCUSDT_UMCBL is at"));
    program.press("q");
    assert_eq!(program.end(), 0);
    // As if the last key had been pressed twenty minutes ago.
    let written = Connection::open(&memory).unwrap();
    let changed = written.execute("UPDATE seen SET looked_at = looked_at - 1200000", []).unwrap();
    assert_eq!(changed, 1, "the look was noted");
    drop(written);

    let mut program = Program::live_with(120, 40, &exchange, &[]);
    program.until("that there is something", |text| text.contains("AWAY 20m"));
    program.press("w");
    program.until("what it was", |text| {
        text.contains("ALERT BTCUSDT_UMCBL mark price 8")
            && text.contains("nothing was recorded before")
    });
    let screen = program.text();
    for part in ["(20m", "equity 1", "nearest to liquidation: ", "funding", "ended"] {
        assert!(screen.contains(part), "{part}\n{screen}");
    }
    program.press("w");
    program.until("that it was read", |text| {
        !text.contains("While you were away") && !text.contains("AWAY 20m")
    });
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}
