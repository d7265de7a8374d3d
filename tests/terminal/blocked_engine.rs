//! A terminal that does not read: what is derived goes on beside it.

use rust_decimal::dec;

use super::program::{Exchange, KEY, Program};

/// The largest fall on screen, in percent.
fn max_drawdown(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.split("Max drawdown").nth(1))?;
    line.trim_start().split('%').next()?.parse().ok()
}

/// The price falls by a tenth and comes back while nobody reads: the session has seen it.
#[test]
fn a_dip_behind_a_blocked_terminal_is_in_the_drawdown() {
    let exchange = Exchange::start("[refresh]\npositions = \"500ms\"\n");
    let mut program = Program::live(120, 40, &exchange, KEY.1);
    program.until("a drawdown", |text| {
        text.contains("LONG   ●") && max_drawdown(text).is_some_and(|percent| percent < 5.0)
    });
    program.hold();
    // Whole repaints, until nothing more fits into the line.
    program.press(&"\x0c".repeat(40));
    exchange.wait_for("all-position", 4);
    let before = exchange.sim.with_world(|world| world.prices("BTCUSDT")).unwrap().0;
    exchange.sim.with_world(|world| world.set_price("BTCUSDT", before * dec!(0.9)));
    exchange.wait_for("all-position", 6);
    exchange.sim.with_world(|world| world.set_price("BTCUSDT", before));
    exchange.wait_for("all-position", 6);
    program.read_on();
    program.until("the dip", |text| {
        max_drawdown(text).is_some_and(|percent| (15.0..50.0).contains(&percent))
    });
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
}
