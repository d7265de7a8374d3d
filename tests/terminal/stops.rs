//! Stopped and continued, with another size in between.

use std::time::Duration;

use bitget_watch::sim::{Direction, Entry, Fault};
use rstest::rstest;
use rustix::process::Signal;
use rustix::termios::tcgetattr;
use std::os::fd::AsFd;

use super::program::{Exchange, KEY, Program, parser, size};

/// While it is stopped the exchange goes silent, so that nothing can be proved again: what is painted
/// first must be marked.
#[rstest]
#[case::key("\x1a", None, true)]
#[case::sigtstp("", Some(Signal::TSTP), true)]
#[case::sigstop("", Some(Signal::STOP), false)]
fn fc_37_after_a_stop_everything_is_marked_until_it_is_proved_again(
    #[case] keys: &str,
    #[case] signal: Option<Signal>,
    #[case] gives_back: bool,
) {
    // Old after half a second, so that the stop need not be long.
    let exchange = Exchange::start(
        "[refresh]\nprice = \"200ms\"\npositions = \"200ms\"\norders = \"200ms\"\naccount = \"200ms\"\n\
         ttl = \"500ms\"\n",
    );
    let mut program = Program::live(120, 40, &exchange, KEY.1);
    program.until("all live", |text| text.contains("LONG   ●") && !text.contains("no data"));
    program.press(keys);
    if let Some(signal) = signal {
        program.signal(signal);
    }
    program.until_stopped();
    exchange.sim.inject(Entry::now(Fault::BlackHole { direction: Direction::Both }));
    program.listen(Duration::from_millis(200));
    if gives_back {
        program.assert_given_back();
    }
    program.master.as_ref().unwrap().resize(size(100, 30)).unwrap();
    assert_eq!(program.listen(Duration::from_millis(1_200)), 0, "it does nothing while stopped");

    program.screen = parser(100, 30);
    let seen = program.raw.len();
    program.signal(Signal::CONT);
    // It may have been stopped in the middle of a frame, whose rest comes first.
    program.until("the first whole paint", |text| text.contains("LONG") && text.contains("q:quit"));
    let text = program.text();
    let rows: Vec<&str> = text.lines().filter(|line| line.contains("_UMCBL  ")).collect();
    assert!(rows.len() >= 2, "{text}");
    for row in rows {
        assert!(row.contains(" ! "), "{text}");
    }
    for panel in ["┌ Price", "┌ Risk", "┌ Positions", "┌ PnL"] {
        let title = text.split(panel).nth(1).unwrap().split('─').next().unwrap();
        assert!(title.contains("STALE"), "{panel}: {text}");
    }
    let again = &program.raw[seen..];
    assert!(again.windows(4).any(|bytes| bytes == b"\x1b[2J"), "a full repaint");
    let modes = tcgetattr(program.line.as_fd()).unwrap();
    assert_ne!(format!("{modes:?}"), format!("{:?}", program.before), "raw again");
    exchange.sim.heal();
    program.until("live again", |text| text.contains("LONG   ●") && !text.contains("STALE"));
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}
