//! What a terminal sends, in any bytes and any pieces, and sizes, in any order: read, decoded and drawn by the
//! loop of the program.
//!
//! The first byte chooses the state that is shown. Then steps: a size, another state, time that passes, or some
//! bytes that arrive together. What an input may draw is bounded in cells, so that a second tries many inputs:
//! some keys on a small screen, or a few on a large one.
#![no_main]

use std::cell::OnceCell;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bitget_watch::config::UiConfig;
use bitget_watch::domain::{Body, Interval, ManualClock, Product, Symbol, Timestamp};
use bitget_watch::exchange::v2::V2_API;
use bitget_watch::exchange::{Api, Message, Request};
use bitget_watch::report::{Context, Report, build};
use bitget_watch::store::Store;
use bitget_watch::ui::run::{Ready, Screen, Tty, run};
use bitget_watch::ui::{
    Drawing, Effect, Pacer, Painter, TerminalColors, Traffic, Ui, UiContext, Wake,
};
use bitget_watch_fuzz::{NOW, apply_response, context, is_plain, report};
use libfuzzer_sys::fuzz_target;
use ratatui::crossterm::event::KeyEvent;

/// Inputs have at most so many steps,
const STEPS: usize = 24;
/// and draw at most so many cells: the largest usual screen once, or 80x24 six times.
const CELLS: usize = 12_000;

fn data(envelope: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(envelope).expect("a payload");
    value["data"].to_string()
}

/// Everything that a screen can show.
fn full() -> Store {
    let mut store = Store::new(Symbol::default());
    let focus = Symbol::default;
    macro_rules! payload {
        ($name:literal) => {
            include_str!(concat!("../../tests/fixtures/v2/", $name, ".json"))
        };
    }
    let orders = |class| Request::Orders(Product::UsdtFutures, class);
    use bitget_watch::domain::OrderClass::{Plain, Trigger};
    for (request, envelope) in [
        (Request::Contract(focus()), payload!("rest_contracts_usdt_live_2026-09")),
        (Request::Tiers(focus()), payload!("rest_query_position_lever_btcusdt_live_2026-09")),
        (Request::Account, payload!("rest_accounts_live_2025-08")),
        (
            Request::Positions(Product::UsdtFutures),
            payload!("rest_all_position_cross_hedge_two_symbols_2024-12"),
        ),
        (orders(Plain), payload!("rest_orders_pending_hedge_2023-11")),
        (orders(Trigger), payload!("rest_orders_plan_pending_2023-11")),
        (Request::Fills, payload!("rest_fills_2023-11")),
        (Request::ClosedPositions, payload!("rest_history_position_2024-07")),
        (Request::KeyRights, payload!("rest_spot_account_info_doc")),
        (
            Request::Candles { symbol: focus(), interval: Interval::Min1, limit: 200 },
            payload!("rest_candles_1m_live_2026-09"),
        ),
    ] {
        let response = V2_API.read_response(&request, &data(envelope)).expect("a good response");
        apply_response(&mut store, response.bodies, NOW);
    }
    for text in [
        payload!("ws_ticker_btcusdt_live_2026-09"),
        payload!("ws_positions_cross_hedge_2023-12"),
        payload!("ws_positions_doc_2025-12"),
    ] {
        let Ok(Message::Push { bodies, .. }) = V2_API.read_message(text) else { continue };
        apply_response(&mut store, bodies, NOW.plus_millis(1));
    }
    store
}

/// The state of an account with nothing open.
fn flat() -> Store {
    let mut store = Store::new(Symbol::default());
    for request in [Request::Positions(Product::UsdtFutures), Request::Fills] {
        if let Ok(response) = V2_API.read_response(&request, "[]") {
            apply_response(&mut store, response.bodies, NOW);
        }
    }
    apply_response(&mut store, vec![Body::Unlisted(Symbol::default())], NOW);
    store
}

struct State {
    report: Arc<Report>,
    now: Timestamp,
}

fn states() -> Vec<State> {
    let state = |store: &Store, later: i64| {
        let now = NOW.plus_millis(later);
        State { report: Arc::new(report(store, now)), now }
    };
    let nothing = Store::new(Symbol::default());
    let now = NOW.plus_millis(2);
    let without_key = Context { credentials: false, ..context() };
    let without_key = Arc::new(build(full().snapshot(), &without_key, now));
    vec![
        state(&full(), 2),
        state(&full(), 86_400_000),
        state(&flat(), 2),
        state(&nothing, 2),
        state(&nothing, i64::MAX),
        State { report: without_key, now },
    ]
}

/// The screen of the program, over reports that change when the script says so.
struct Shown<'a> {
    ui: Ui,
    states: &'a [State],
    at: usize,
}

impl Screen for Shown<'_> {
    fn on_key(&mut self, key: KeyEvent) -> Effect {
        let effect = self.ui.on_key(key);
        if let Effect::Copy(text) = &effect {
            assert!(text.chars().all(|c| c == '\n' || is_plain(c)), "{text:?}");
        }
        // Half of all inputs would end with the first `q`.
        if matches!(effect, Effect::Quit | Effect::QuitKeepScreen) { Effect::None } else { effect }
    }

    fn on_size(&mut self, width: u16, height: u16) {
        self.ui.on_size(width, height);
    }

    fn on_colors(&mut self, colors: TerminalColors) {
        self.ui.on_colors(colors);
    }

    fn refresh(&mut self, _now: Timestamp) -> bool {
        let state = &self.states[self.at % self.states.len()];
        self.at += 1;
        self.ui.refresh(&state.report, state.now)
    }

    fn take_drawing(&mut self) -> Drawing<'_> {
        self.ui.take_drawing()
    }
}

/// A terminal that does what the input says.
struct Script<'a> {
    steps: &'a [u8],
    left: usize,
    size: (u16, u16),
    clock: &'a ManualClock,
    /// Cells that may still be drawn.
    cells: usize,
    painter: Painter,
}

impl<'a> Script<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.steps.split_at(count.min(self.steps.len()));
        self.steps = rest;
        taken
    }
}

impl Tty for Script<'_> {
    fn wait(&mut self, wake: &Wake, timeout: Duration) -> io::Result<Ready> {
        let (Some(&kind), Some(left)) = (self.take(1).first(), self.left.checked_sub(1)) else {
            return Ok(Ready::Gone);
        };
        self.left = left;
        match kind {
            0 => {
                if let [width, height] = *self.take(2) {
                    self.size = (width.into(), (height / 2).into());
                    wake.resized();
                }
            }
            1 => wake.moved(),
            2 => self.clock.advance(timeout.min(Duration::from_secs(2))),
            3 => wake.continued(),
            count => {
                let bytes = self.take(usize::from(count % 24) + 1).to_vec();
                return Ok(Ready::Input(bytes));
            }
        }
        Ok(Ready::Input(Vec::new()))
    }

    fn size(&self) -> io::Result<(u16, u16)> {
        Ok(self.size)
    }

    /// What is painted where was drawn has the terminal show all of the screen.
    fn draw(&mut self, drawing: &Drawing<'_>) -> io::Result<()> {
        let cells = drawing.cells;
        let Some(rest) = self.cells.checked_sub(cells.content.len()) else {
            self.left = 0;
            return Ok(());
        };
        self.cells = rest;
        for cell in &cells.content {
            assert!(cell.symbol().chars().all(is_plain), "{:?}", cell.symbol());
        }
        let frame = self.painter.paint(drawing);
        assert!(frame.chars().all(|c| is_plain(c) || matches!(c, '\x1b' | '\x08')), "{frame:?}");
        // Clusters of characters are printed each time.
        if cells.content.iter().all(|cell| cell.symbol().chars().count() == 1) {
            let whole = Drawing { cells, drawn: vec![cells.area] };
            assert_eq!(self.painter.paint(&whole), "");
        }
        Ok(())
    }

    fn repaint(&mut self) {
        self.painter.forget();
    }

    fn copy(&mut self, _text: &str) -> io::Result<()> {
        Ok(())
    }

    fn signal(&mut self, _bytes: &str) -> io::Result<()> {
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn in_background(&self) -> bool {
        false
    }

    fn wait_for_foreground(&mut self, _wake: &Wake) -> io::Result<()> {
        Ok(())
    }

    fn resume(&mut self) -> io::Result<()> {
        Ok(())
    }
}

thread_local! {
    static STATES: OnceCell<Vec<State>> = const { OnceCell::new() };
}

fuzz_target!(|input: &[u8]| {
    let Some((&first, steps)) = input.split_first() else { return };
    STATES.with(|states| {
        let states = states.get_or_init(self::states);
        let ui = Ui::new(UiContext {
            title: "fuzz".to_owned(),
            colors: first & 8 == 0,
            ascii: first & 16 != 0,
            other_host: (first & 32 != 0).then(|| "127.0.0.1".to_owned()),
            key_tail: Some("abcd".to_owned()),
            demo_trading: first & 128 != 0,
            ..UiContext::default()
        });
        let mut screen = Shown { ui, states, at: usize::from(first) };
        let clock = ManualClock::at(NOW);
        let mut tty = Script {
            steps,
            left: STEPS,
            size: (80, 24),
            clock: &clock,
            cells: CELLS,
            painter: Painter::default(),
        };
        let wake = Wake::new().expect("a pipe");
        let pace = (Pacer::new(&UiConfig::default()), &Traffic::default());
        run(&mut screen, &mut tty, &wake, &clock, pace, &mut |_| {}).expect("nothing fails");
    });
});
