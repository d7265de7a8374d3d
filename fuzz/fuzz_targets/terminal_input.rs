//! Keys and sizes, in any order: the screen is drawn after each.
//!
//! The first byte chooses the state that is shown. Then three bytes each: a size or a key with its
//! modifiers. What an input may draw is bounded in cells, so that a second tries many inputs: some keys
//! on a small screen, or a few on a large one.
#![no_main]

use std::cell::OnceCell;
use std::sync::Arc;

use bitget_watch::config::{Palette, ThemeName};
use bitget_watch::report::{Context, Report, build};
use bitget_watch::domain::{Body, Interval, Product, Symbol, Timestamp};
use bitget_watch::exchange::v2::V2_API;
use bitget_watch::exchange::{Api, Message, Request};
use bitget_watch::store::Store;
use bitget_watch::ui::{Effect, Ui, UiContext};
use bitget_watch_fuzz::{NOW, apply_response, context, is_plain, report};
use libfuzzer_sys::fuzz_target;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers};

const CODES: [KeyCode; 22] = [
    KeyCode::Backspace,
    KeyCode::Enter,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Delete,
    KeyCode::Insert,
    KeyCode::Null,
    KeyCode::Esc,
    KeyCode::CapsLock,
    KeyCode::NumLock,
    KeyCode::PrintScreen,
    KeyCode::Pause,
    KeyCode::Menu,
    KeyCode::KeypadBegin,
];
/// Letters that keyboards have and programs forget.
const LETTERS: [char; 8] =
    ['\u{1b}', '\u{9b}', '\u{202e}', '牛', '\u{0301}', '\u{200d}', '👩', '\u{10ffff}'];

/// Inputs have at most so many steps,
const STEPS: usize = 12;
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

fn key(code: u8, modifiers: u8) -> KeyEvent {
    let shown = match code {
        0..=127 => KeyCode::Char(char::from(code)),
        128..=149 => CODES[usize::from(code - 128)],
        150..=157 => KeyCode::Char(LETTERS[usize::from(code - 150)]),
        _ => KeyCode::F(code - 157),
    };
    let kind = match modifiers >> 6 {
        0 | 1 => KeyEventKind::Press,
        2 => KeyEventKind::Repeat,
        _ => KeyEventKind::Release,
    };
    let modifiers = KeyModifiers::from_bits_truncate(modifiers & 63);
    KeyEvent { code: shown, modifiers, kind, state: KeyEventState::NONE }
}

thread_local! {
    static STATES: OnceCell<Vec<State>> = const { OnceCell::new() };
}

fuzz_target!(|input: &[u8]| {
    let Some((&first, steps)) = input.split_first() else { return };
    STATES.with(|states| {
        let states = states.get_or_init(self::states);
        let mut state = &states[usize::from(first) % states.len()];
        let mut ui = Ui::new(UiContext {
            title: "fuzz".to_owned(),
            palette: Palette::GreenRed,
            colors: first & 8 == 0,
            ascii: first & 16 != 0,
            timezone: jiff::tz::TimeZone::UTC,
            other_host: (first & 32 != 0).then(|| "127.0.0.1".to_owned()),
            key_tail: Some("abcd".to_owned()),
            demo_trading: first & 128 != 0,
            theme: ThemeName::Default,
        });
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("memory");
        let (mut left, mut drawn) = (CELLS, None);
        for step in steps.as_chunks::<3>().0.iter().take(STEPS) {
            match *step {
                [0, width, height] => {
                    terminal.backend_mut().resize(width.into(), (height / 2).into());
                    ui.on_size(width.into(), (height / 2).into());
                }
                [1, at, _] => state = &states[usize::from(at) % states.len()],
                [_, code, modifiers] => {
                    if let Effect::Copy(text) = ui.on_key(key(code, modifiers)) {
                        assert!(text.chars().all(|c| c == '\n' || is_plain(c)), "{text:?}");
                    }
                }
            }
            // As in the program, what did not change is not drawn again.
            let area = terminal.backend().buffer().area;
            if !ui.refresh(&state.report, state.now) && drawn == Some(area) {
                continue;
            }
            let cells = usize::from(area.width) * usize::from(area.height);
            let Some(rest) = left.checked_sub(cells) else { break };
            (left, drawn) = (rest, Some(area));
            terminal.draw(|frame| ui.draw(frame)).expect("memory");
        }
        for cell in terminal.backend().buffer().content() {
            assert!(cell.symbol().chars().all(is_plain), "{:?}", cell.symbol());
        }
    });
});
