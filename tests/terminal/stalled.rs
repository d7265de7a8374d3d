//! A terminal that takes nothing: the network continues beside it.

use std::time::{Duration, Instant};

use bitget_watch::sim::{Entry, Fault, On};
use rust_decimal::Decimal;

use super::program::{Exchange, KEY, Program};

/// Fifty frames of the public stream a second become five hundred.
const TIMES: u32 = 10;

/// What was seen while nothing was read.
struct Seen {
    pings: usize,
    longest_gap_ms: i64,
    grown_kib: i64,
    /// From reading on to the newest price.
    caught_up: Duration,
}

/// Leaves the terminal unread while the exchange is asked for positions `polls` times.
fn stall(polls: usize) -> Seen {
    let exchange = Exchange::start("[refresh]\npositions = \"500ms\"\n[ui]\nmax_fps = 30\n");
    exchange.sim.inject(Entry::now(Fault::Flood { times: TIMES }).on(On::Public));
    let mut program = Program::live(120, 40, &exchange, KEY.1);
    program.until("live positions", |text| text.contains("LONG   ●"));
    exchange.wait_for("all-position", 10);
    program.hold();
    // Whole repaints, until nothing more fits into the line.
    program.press(&"\x0c".repeat(40));
    exchange.wait_for("all-position", 4);
    let resident = |program: &Program| program.status("VmRSS").parse::<i64>().unwrap();
    let (before, begun) = (resident(&program), exchange.sim.recorded().len());
    exchange.wait_for("all-position", polls);
    let grown_kib = resident(&program) - before;
    let recorded = exchange.sim.recorded();
    let asked: Vec<i64> = recorded[begun..]
        .iter()
        .filter(|asked| asked.what.contains("all-position"))
        .map(|asked| asked.at_ms)
        .collect();
    let pings = recorded[begun..].iter().filter(|asked| asked.what == "ping").count();
    let longest_gap_ms = asked.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();

    exchange.sim.with_world(|world| world.set_price("BTCUSDT", Decimal::from(97_531)));
    exchange.wait_for("all-position", 4);
    let on = Instant::now();
    program.read_on();
    program.until("the newest price", |text| {
        let lines: Vec<&str> = text.lines().collect();
        let is_drawn = lines.len() > 35 && lines.last().unwrap().contains("quit");
        // For a moment after a trade the account is stale.
        text.contains("97,5") && is_drawn && !text.contains("STALE")
    });
    let caught_up = on.elapsed();
    let complete = program.text();
    assert!(complete.contains("LONG   ●"), "{complete}");
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
    Seen { pings, longest_gap_ms, grown_kib, caught_up }
}

fn tell(seen: &Seen) {
    println!(
        "unread terminal: {} pings, longest pause between two polls {} ms of 500 ms, {} KiB more, newest \
         frame {} ms after reading on",
        seen.pings,
        seen.longest_gap_ms,
        seen.grown_kib,
        seen.caught_up.as_millis()
    );
}

#[test]
fn fc_33_an_unread_terminal_holds_nothing_up_and_then_shows_the_newest() {
    let seen = stall(12);
    tell(&seen);
    assert!(seen.grown_kib <= 1_024, "{} KiB", seen.grown_kib);
}

/// The long form has the limits of the failure case, and needs a quiet machine.
#[test]
#[ignore = "takes a minute and wants a quiet machine: see tests/README.md"]
fn fc_33_a_minute_unread_with_pings_on_time() {
    let seen = stall(120);
    tell(&seen);
    assert!(seen.pings >= 6, "four of the private stream, three of the public one: {}", seen.pings);
    assert!(seen.longest_gap_ms <= 500 + 100, "{} ms", seen.longest_gap_ms);
    assert!(seen.grown_kib <= 1_024, "{} KiB", seen.grown_kib);
    assert!(seen.caught_up <= Duration::from_secs(1), "{:?}", seen.caught_up);
}
