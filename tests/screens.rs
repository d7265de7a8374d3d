//! What is on screen, as text: in every size, and in the states where a wrong picture costs money.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

#[path = "screens/engine.rs"]
mod engine;
#[path = "screens/fixtures.rs"]
mod fixtures;
#[path = "screens/keys.rs"]
mod keys;
#[path = "screens/numbers.rs"]
mod numbers;

use std::collections::HashSet;

use bitget_watch::config::Palette;
use bitget_watch::report::{AlertPart, Document, Source};
use bitget_watch::store::Snapshot;
use bitget_watch::ui::{Effect, Ui, UiContext};
use fixtures::{NOW, context, healthy};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Keys that bring up every view, overlay and panel that stands alone on small screens.
const VIEWS: [&str; 15] =
    ["", "2", "3", "3\t", "3\t\t", "3\t\t\t", "4", "4\t", "5", "5\t", "5\t\t", "6", "7", "?", "\n"];
const SIZES: [(u16, u16); 5] = [(200, 60), (120, 40), (80, 24), (40, 12), (20, 3)];

fn draw(ui: &Ui, (width, height): (u16, u16)) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| ui.draw(frame)).unwrap();
    terminal.backend().buffer().clone()
}

/// The screen as lines without trailing blanks.
fn text_of(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut skip = 0;
        let mut line = String::new();
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip == 0 {
                line.push_str(symbol);
            }
            skip = unicode_width::UnicodeWidthStr::width(symbol).max(skip).saturating_sub(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn press(ui: &mut Ui, code: KeyCode) -> Effect {
    ui.on_key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn ui_with(context: UiContext, size: (u16, u16), keys: &str) -> Ui {
    let mut ui = Ui::new(context);
    ui.on_size(size.0, size.1);
    type_keys(&mut ui, keys);
    ui
}

fn type_keys(ui: &mut Ui, keys: &str) {
    for key in keys.chars() {
        let code = match key {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            letter => KeyCode::Char(letter),
        };
        press(ui, code);
    }
}

/// The screen after the keys were pressed on a screen that shows the data.
fn shot(context: UiContext, data: &(Document, Snapshot), size: (u16, u16), keys: &str) -> String {
    let mut ui = ui_with(context, size, "");
    ui.refresh(&data.0, &data.1, NOW);
    type_keys(&mut ui, keys);
    ui.refresh(&data.0, &data.1, NOW);
    text_of(&draw(&ui, size))
}

fn snapshots(name: &str, context: &UiContext, data: &(Document, Snapshot), keys: &str) {
    for size in SIZES {
        let text = shot(context.clone(), data, size, keys);
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), text);
    }
}

#[test]
fn screens_of_the_states_that_matter() {
    let normal = context();
    snapshots("healthy", &normal, &healthy(), "");
    snapshots("stale_prices", &normal, &fixtures::stale_prices(), "");
    snapshots("positions_unknown", &normal, &fixtures::positions_unknown(), "");
    snapshots("flat", &normal, &fixtures::flat(), "");
    let nobody = UiContext { credentials: false, key_tail: None, ..context() };
    snapshots("no_credentials", &nobody, &fixtures::no_credentials(), "");
    snapshots("dangerous_key", &normal, &fixtures::dangerous_key(), "");
    snapshots("privacy", &normal, &healthy(), "p");
    snapshots("help", &normal, &healthy(), "?");
    snapshots("detail", &normal, &healthy(), "\n");
    snapshots("unknown_figures", &normal, &engine::unknown(), "");
    snapshots("wide_symbol", &normal, &fixtures::wide_symbol(), "");
}

#[test]
fn screens_of_the_other_views() {
    for (name, key) in
        [("view_positions", "2"), ("view_orders", "4"), ("view_chart", "6"), ("view_health", "7")]
    {
        for size in [(120, 40), (80, 24)] {
            let text = shot(context(), &healthy(), size, key);
            insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), text);
        }
    }
}

#[test]
fn screens_of_risk_and_history() {
    let normal = context();
    let nobody = UiContext { credentials: false, key_tail: None, ..context() };
    for (view, key) in [("risk", "3"), ("history", "5")] {
        let name = |state: &str| format!("{view}_{state}");
        snapshots(&name("healthy"), &normal, &healthy(), key);
        snapshots(&name("unknown"), &normal, &engine::unknown(), key);
        snapshots(&name("stale"), &normal, &fixtures::stale_prices(), key);
        snapshots(&name("flat"), &normal, &fixtures::flat(), key);
        snapshots(&name("no_credentials"), &nobody, &fixtures::no_credentials(), key);
        snapshots(&name("privacy"), &normal, &healthy(), &format!("p{key}"));
    }
    snapshots("risk_liquidated", &normal, &engine::liquidated(), "3");
    snapshots("risk_thin_book", &normal, &engine::thin_book(), "3");
    snapshots("history_incomplete", &normal, &engine::incomplete(), "5");
}

#[test]
fn tab_gives_small_screens_every_panel_of_risk_and_history() {
    for (keys, words) in [
        ("3", "To liquidation"),
        ("3\t", "VaR 99% 1 day"),
        ("3\t\t", "-10%"),
        ("3\t\t\t", "Margin to add"),
        ("5", "- loss|gain +"),
        ("5\t", "Closed positions UTC"),
        ("5\t\t", "Profit factor"),
        ("4\t", "Fills"),
    ] {
        for size in [(80, 24), (40, 12)] {
            let screen = shot(context(), &healthy(), size, keys);
            assert!(screen.contains(words), "{keys:?} {size:?}:\n{screen}");
        }
    }
}

#[test]
fn a_small_chance_of_liquidation_is_never_written_as_a_number() {
    let (mut document, snapshot) = healthy();
    let tiny = Some(fixtures::d("0.00003"));
    document.risk.touch_probability.h24 = tiny;
    document.positions.rows[0].risk.touch_probability.h24 = tiny;
    for (size, keys) in [((120, 40), ""), ((120, 40), "3"), ((80, 24), "3"), ((40, 12), "3")] {
        let screen = shot(context(), &(document.clone(), snapshot.clone()), size, keys);
        let line = screen.lines().find(|line| line.to_lowercase().contains("touch in 24h"));
        assert!(line.is_some_and(|line| line.contains("< 1%")), "{screen}");
        assert!(!screen.contains("0.003%"), "{screen}");
    }
}

#[test]
fn the_chart_draws_no_line_of_another_contract() {
    let (document, snapshot) = healthy();
    let mut ui = ui_with(context(), (120, 40), "6");
    ui.refresh(&document, &snapshot, NOW);
    let own = text_of(&draw(&ui, (120, 40)));
    // The third position is of another contract.
    type_keys(&mut ui, "G");
    ui.refresh(&document, &snapshot, NOW);
    assert_eq!(text_of(&draw(&ui, (120, 40))), own);
    assert!(own.contains("BTCUSDT_UMCBL 1m, lines of LONG"), "{own}");
    type_keys(&mut ui, "k");
    ui.refresh(&document, &snapshot, NOW);
    let other = text_of(&draw(&ui, (120, 40)));
    assert!(other.contains("lines of SHORT") && other.contains("91,234.5"), "{other}");
}

#[test]
fn every_figure_of_the_detail_can_be_reached_on_a_phone() {
    let (document, snapshot) = healthy();
    let mut ui = ui_with(context(), (40, 12), "");
    ui.refresh(&document, &snapshot, NOW);
    type_keys(&mut ui, "\nG");
    ui.refresh(&document, &snapshot, NOW);
    let screen = text_of(&draw(&ui, (40, 12)));
    assert!(screen.contains("-109.50% of margin"), "{screen}");
}

#[test]
fn huge_screens_and_sizes_that_were_not_announced_are_drawn() {
    let mut ui = ui_with(context(), (120, 40), "");
    let (document, snapshot) = healthy();
    ui.refresh(&document, &snapshot, NOW);
    for size in [(0, 0), (1, 1), (0, 9), (9, 0), (500, 200), (3, 50), (200, 2)] {
        draw(&ui, size);
    }
    // Before the first data there is nothing to draw, and that is fine too.
    draw(&Ui::new(context()), (80, 24));
}

#[test]
fn an_unchanged_document_draws_nothing() {
    let (document, snapshot) = healthy();
    let mut ui = ui_with(context(), (120, 40), "");
    assert!(ui.refresh(&document, &snapshot, NOW));
    assert!(!ui.refresh(&document, &snapshot, NOW));
    assert!(!ui.refresh(&document.clone(), &snapshot.clone(), NOW));
    let mut moved = document;
    moved.ticker.last = Some(fixtures::d("63251.1"));
    assert!(ui.refresh(&moved, &snapshot, NOW));
    press(&mut ui, KeyCode::Char('p'));
    assert!(ui.refresh(&moved, &snapshot, NOW));
}

/// Both kinds of account have the same screens, but for the word of the kind and the coin of the equity.
#[test]
fn both_kinds_of_account_have_the_same_screens() {
    for size in [(200, 60), (120, 40), (80, 24), (40, 12)] {
        for keys in VIEWS {
            let classic = shot(context(), &healthy(), size, keys);
            let unified = shot(context(), &fixtures::unified(), size, keys);
            let words = |screen: &str| -> Vec<String> {
                let plain = screen.replace("unified", "KIND").replace("classic", "KIND");
                let words = plain.split_whitespace().map(|w| w.trim_matches('│').to_owned());
                words.filter(|word| !["USD", "USDT", ""].contains(&word.as_str())).collect()
            };
            assert_eq!(words(&unified), words(&classic), "{size:?} {keys:?}");
        }
        if size.0 >= 80 {
            let screen = shot(context(), &fixtures::unified(), size, "");
            assert!(screen.contains("unified") && screen.contains(" USD "), "{screen}");
        }
    }
}

#[test]
fn flat_is_said_only_when_it_is_proven() {
    for size in SIZES.into_iter().take(4) {
        let flat = shot(context(), &fixtures::flat(), size, "");
        assert!(flat.contains("No open positions (confirmed 12:03:07)"), "{size:?}:\n{flat}");
        let unknown = shot(context(), &fixtures::positions_unknown(), size, "");
        assert!(unknown.contains("positions unknown since 12:01:37"), "{size:?}:\n{unknown}");
        let mut never = fixtures::positions_unknown();
        never.0.positions.confirmed_at = None;
        let never = shot(context(), &never, size, "");
        assert!(never.contains("positions not known yet"), "{size:?}:\n{never}");
        let mut unread = fixtures::flat();
        unread.0.positions.unreadable_rows = 1;
        let unread = shot(context(), &unread, size, "");
        for screen in [&unknown, &never, &unread] {
            assert!(!screen.contains("No open positions"), "{size:?}:\n{screen}");
        }
    }
}

#[test]
fn the_badge_is_on_every_screen() {
    let paper = UiContext { demo_trading: true, ..context() };
    for (context, source, badge) in [
        (context(), Source::Live, "LIVE"),
        (paper, Source::Live, "PAPER"),
        (context(), Source::Demo, "DEMO"),
        (context(), Source::Replay, "REPLAY"),
    ] {
        let mut data = healthy();
        data.0.source = source;
        for size in [(200, 60), (120, 40), (80, 24), (40, 12), (20, 3), (10, 1), (6, 2)] {
            for keys in VIEWS {
                let screen = shot(context.clone(), &data, size, keys);
                let first = screen.lines().next().unwrap();
                assert!(first.contains(badge), "{badge} {size:?} {keys:?}:\n{screen}");
            }
        }
        assert_eq!(shot(context, &data, (1, 1), ""), format!("{}\n", &badge[..1]));
    }
}

#[test]
fn without_colours_side_and_sign_are_words() {
    let mono = UiContext { colors: false, ..context() };
    let (document, snapshot) = healthy();
    let mut ui = ui_with(mono, (120, 40), "");
    ui.refresh(&document, &snapshot, NOW);
    let buffer = draw(&ui, (120, 40));
    for cell in buffer.content() {
        assert_eq!(cell.fg, ratatui::style::Color::Reset);
        assert_eq!(cell.bg, ratatui::style::Color::Reset);
    }
    let text = text_of(&buffer);
    for word in ["LONG", "SHORT", "+123.45", "-389.56", "DEMO"] {
        assert!(text.contains(word), "{word}:\n{text}");
    }
}

#[test]
fn ascii_mode_draws_nothing_else() {
    let ascii = UiContext { ascii: true, palette: Palette::BlueOrange, ..context() };
    for data in [healthy(), fixtures::flat(), fixtures::wide_symbol()] {
        for keys in VIEWS {
            for size in SIZES {
                let screen = shot(ascii.clone(), &data, size, keys);
                assert!(screen.is_ascii(), "{size:?} {keys:?}:\n{screen}");
            }
        }
    }
}

#[test]
fn without_credentials_every_private_panel_names_the_variables() {
    let nobody = UiContext { credentials: false, ..context() };
    let data = fixtures::no_credentials();
    for size in [(200, 60), (120, 40), (80, 24), (40, 12)] {
        let screen = shot(nobody.clone(), &data, size, "");
        for name in ["BITGET_API_KEY", "BITGET_SECRET_KEY", "BITGET_PASSPHRASE"] {
            assert!(screen.contains(name), "{size:?}:\n{screen}");
        }
        assert!(screen.contains("63,250.5"), "market data stay:\n{screen}");
    }
}

#[test]
fn other_hosts_problems_alerts_and_lost_links_are_words() {
    let elsewhere = UiContext { other_host: Some("proxy.example\u{1b}[2J".into()), ..context() };
    let mut data = fixtures::dangerous_key();
    data.0.alerts = vec![AlertPart {
        metric: "liquidation_distance_pct".into(),
        subject: "BTCUSDT_UMCBL long".into(),
        value: Some(fixtures::d("8.2")),
        limit: Some(fixtures::d("10")),
        since: fixtures::at(5),
    }];
    data.0.links[2].state = "down".into();
    data.0.links[2].attempts = 5;
    data.0.links[2].last_error = Some("connection reset".into());
    data.1.links[2].next_attempt_at = Some(NOW.plus_millis(14_000));
    for size in [(200, 60), (120, 40), (80, 24)] {
        let screen = shot(elsewhere.clone(), &data, size, "");
        for words in [
            "OTHER HOST proxy.example",
            "PROBLEM the local clock is 2400 ms ahead",
            "ALERT liquidation distance pct BTCUSDT_UMCBL long is at 8.2 (limit 10)",
            "KEY CAN WITHDRAW/TRADE",
            "private DOWN",
            "attempt 5 next in 14s",
            "LONG   live         0.5000     +123.45",
        ] {
            assert!(screen.contains(words), "{words:?} {size:?}:\n{screen}");
        }
        assert!(!screen.contains('\u{1b}'), "{size:?}");
    }
    let phone = shot(elsewhere, &data, (40, 20), "");
    for words in [
        "OTHER HOST",
        "PROBLEM the local clock is 2400 ms ahead",
        "ALERT liquidation distance pct",
        "KEY CAN WITHDRAW/TRADE",
        "private DOWN",
    ] {
        assert!(phone.contains(words), "{words:?}:\n{phone}");
    }
}

#[test]
fn a_tick_changes_only_the_last_column_of_the_chart() {
    let (mut document, mut snapshot) = healthy();
    let mut ui = ui_with(context(), (120, 40), "6");
    ui.refresh(&document, &snapshot, NOW);
    let before = draw(&ui, (120, 40));
    let mut series = (*snapshot.candles).clone();
    let newest = series.rows.last_mut().unwrap();
    newest.close = newest.open + fixtures::d("11");
    document.ticker.last = Some(newest.close);
    newest.high = newest.close;
    snapshot.candles = series.into();
    ui.refresh(&document, &snapshot, NOW);
    let after = draw(&ui, (120, 40));
    let columns: HashSet<u16> = before.diff(&after).iter().map(|(x, _, _)| *x).collect();
    assert!(!columns.is_empty());
    // The newest candle and the axis on its right.
    assert!(columns.iter().all(|x| *x >= 107), "{columns:?}");
}
