//! What is on screen, as text: in every size, and in the states where a wrong picture costs money.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

#[path = "screens/engine.rs"]
mod engine;
#[path = "screens/fixtures.rs"]
mod fixtures;

use std::collections::HashSet;

use bitget_watch::config::Palette;
use bitget_watch::document::{AlertPart, Document, Source, Time};
use bitget_watch::domain::{Interval, Timestamp};
use bitget_watch::store::Snapshot;
use bitget_watch::ui::{Effect, Ui, UiContext};
use fixtures::{NOW, context, healthy};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rust_decimal::Decimal;

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
fn the_target_is_asked_for_with_keys_and_told_apart_from_the_answer() {
    let (mut document, snapshot) = healthy();
    let mut ui = ui_with(context(), (120, 40), "3");
    assert_eq!(ui.target_distance(), fixtures::d("0.2"));
    ui.refresh(&document, &snapshot, NOW);
    assert!(!text_of(&draw(&ui, (120, 40))).contains("asked for"));
    type_keys(&mut ui, "+");
    assert_eq!(ui.target_distance(), fixtures::d("0.25"));
    ui.refresh(&document, &snapshot, NOW);
    let screen = text_of(&draw(&ui, (120, 40)));
    assert!(
        screen.contains("20.00% = 50,600.4") && screen.contains("asked for   25.00%"),
        "{screen}"
    );
    document.positions.rows[0].risk.what_if.target_distance = Some(fixtures::d("0.25"));
    ui.refresh(&document, &snapshot, NOW);
    let screen = text_of(&draw(&ui, (120, 40)));
    assert!(screen.contains("25.00%") && !screen.contains("asked for"), "{screen}");
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

/// Runs of digits with their separators and signs: what a person reads as one number.
fn numbers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    for letter in text.chars().chain([' ']) {
        if letter.is_ascii_alphanumeric() || ",.+-%:_/".contains(letter) {
            word.push(letter);
        } else if !word.is_empty() {
            if word.chars().any(|c| c.is_ascii_digit()) {
                found.push(std::mem::take(&mut word));
            }
            word.clear();
        }
    }
    found
}

/// Every number that any view of this data can show, from screens with room for all of it.
fn all_numbers(context: &UiContext, data: &(Document, Snapshot)) -> HashSet<String> {
    let mut all = HashSet::new();
    for keys in VIEWS {
        // The small screens with room, whose forms are their own.
        for size in [(400, 150), (69, 200), (400, 5), (400, 1), (250, 1), (60, 5), (15, 5)] {
            all.extend(numbers(&shot(context.clone(), data, size, keys)));
        }
    }
    all
}

/// Numbers that a screen makes of its own size: how many rows did not fit, and the chart's axis.
fn is_of_the_screen(line: &str, number: &str) -> bool {
    let is_count = [
        format!("─{number} more─"),
        format!("+{number} more"),
        format!("{number} more"),
        format!("{number} rows hidden"),
        format!("─rows {number} of "),
    ]
    .iter()
    .any(|words| line.contains(words.as_str()))
        || line.contains(&format!(" of {number}─"))
        || line.contains(&format!(" of {number} · "));
    // The axis stands at the right edge and has round prices.
    let is_axis = line.ends_with(&format!("{number}│"))
        && number
            .replace(',', "")
            .parse::<f64>()
            .is_ok_and(|price| (62_000.0..65_000.0).contains(&price) && price % 5.0 == 0.0);
    is_count || is_axis
}

fn assert_no_number_is_cut(
    context: &UiContext,
    data: &(Document, Snapshot),
    size: (u16, u16),
    keys: &str,
    known: &HashSet<String>,
) {
    let screen = shot(context.clone(), data, size, keys);
    for line in screen.lines() {
        for number in numbers(line) {
            assert!(
                known.contains(&number) || is_of_the_screen(line, &number),
                "{number:?} on a screen of {size:?}, keys {keys:?}:\n{screen}"
            );
        }
    }
}

#[test]
fn no_number_is_cut_in_any_width() {
    for data in [healthy(), fixtures::stale_prices(), fixtures::crowded()] {
        let known = all_numbers(&context(), &data);
        assert!(known.contains("+123.45") || known.contains("-16,766.00"));
        for width in (0..=220).step_by(3) {
            for height in [1, 2, 3, 5, 8, 12, 20, 24, 40, 60] {
                assert_no_number_is_cut(&context(), &data, (width, height), "", &known);
            }
        }
    }
}

#[test]
fn no_number_is_cut_in_any_view() {
    let data = healthy();
    let known = all_numbers(&context(), &data);
    for keys in VIEWS {
        for width in (1..=220).step_by(9) {
            for height in [4, 12, 24, 45] {
                assert_no_number_is_cut(&context(), &data, (width, height), keys, &known);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_size_and_view_is_drawn_with_its_badge(
        width in 0_u16..=220,
        height in 0_u16..=70,
        keys in prop::sample::select([&VIEWS[..], &["p", "s"]].concat()),
        count in prop::sample::select(vec![0_usize, 1, 30]),
    ) {
        let mut data = fixtures::crowded();
        data.0.positions.rows.truncate(count);
        let screen = shot(context(), &data, (width, height), keys);
        prop_assert!(screen.lines().count() == usize::from(height));
        if width > 0 && height > 0 {
            prop_assert!(screen.contains('D'), "no badge at {width}x{height}:\n{screen}");
        }
    }
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

#[test]
fn stale_figures_say_so_in_words_at_every_size() {
    let data = fixtures::stale_prices();
    for size in [(200, 60), (120, 40), (80, 24), (40, 12), (24, 4), (20, 3), (40, 1)] {
        let screen = shot(context(), &data, size, "");
        assert!(screen.contains("STALE"), "{size:?}:\n{screen}");
    }
    // No line of a small screen shows a result without the word.
    for width in 1..70 {
        for height in [1, 3, 5, 12] {
            let screen = shot(context(), &data, (width, height), "");
            for line in screen.lines().filter(|line| line.contains("123.45")) {
                assert!(line.contains("STALE"), "{width}x{height}:\n{screen}");
            }
        }
    }
    let screen = shot(context(), &data, (120, 40), "");
    for panel in ["┌ Price", "┌ Chart", "┌ Positions", "┌ PnL", "┌ Risk"] {
        let title = screen.lines().find(|line| line.contains(panel)).unwrap();
        assert!(title.contains("STALE 14s"), "{panel}: {title}");
    }
    let rows = screen.lines().filter(|line| line.contains("_UMCBL") && line.contains("STALE 14s"));
    assert!(rows.count() >= 3, "{screen}");
}

/// An age that takes more room than there is gives way to the word alone.
#[test]
fn a_long_age_costs_no_figure_its_warning() {
    let data = fixtures::stale_for(36_000_000);
    for size in [(200, 60), (120, 40), (110, 34), (100, 32)] {
        let screen = shot(context(), &data, size, "");
        let figures = ["Unrealized mark", "Margin ratio  ", "Equity  ", "Maintenance  "];
        let cells = screen.lines().flat_map(|line| line.split('│'));
        let mut seen = 0;
        for cell in cells.filter(|cell| figures.iter().any(|figure| cell.starts_with(figure))) {
            assert!(cell.contains("STALE") || cell.contains('!'), "{size:?} {cell}\n{screen}");
            seen += 1;
        }
        assert!(seen >= 3, "{size:?}: {seen}\n{screen}");
    }
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
fn privacy_leaks_no_amount() {
    let mut data = healthy();
    data.0.problems = vec![bitget_watch::document::ProblemPart {
        code: "pnl_mismatch".into(),
        text: "PnL 123.45 here, 122.95 there".into(),
        since: fixtures::at(3),
    }];
    let amounts = [
        "0.5000",
        "0.1200",
        "12.50",
        "123.45",
        "122.95",
        "76.74",
        "389.56",
        "189.32",
        "412.70",
        "18.2231",
        "2.501",
        "202.65",
        "15,234.56",
        "8,123.01",
        "380.25",
        "31,625.25",
        "3,162.5",
        "103.30",
        "70.44",
        "402.11",
        "0.25",
        "3.1625",
        "1.2500",
        "18.9",
        "81.44",
        "88.12",
        "331.77",
        "1,633.10",
        "2,047.99",
        "2,309.77",
        "2,646.21",
        "13,271.04",
        "2,679.77",
        "1,426.50",
        "0.1679",
        "101.80",
        "18.9735",
        "9.4876",
        "15,562.68",
        "15,002.68",
        "2,700.32",
        "12,723.56",
        "391.98",
        "165.15",
        "62.11",
        "109.61",
    ];
    for keys in VIEWS.into_iter().filter(|keys| *keys != "?") {
        for size in [(200, 60), (120, 40), (80, 24), (40, 12), (20, 3), (60, 1)] {
            let open = shot(context(), &data, size, keys);
            let hidden = shot(context(), &data, size, &format!("p{keys}"));
            for amount in amounts {
                assert!(
                    !numbers(&hidden)
                        .iter()
                        .any(|number| number.trim_start_matches(['+', '-']) == amount),
                    "{amount} {size:?} {keys:?}:\n{hidden}"
                );
            }
            if size == (120, 40) && !["6", "7"].contains(&keys) {
                assert!(open != hidden && hidden.contains("•••"), "{hidden}");
            }
        }
    }
    let screen = shot(context(), &data, (120, 40), "p");
    assert!(screen.contains("63,250.5") && screen.contains("8.20%") && screen.contains("•••"));
    // What is copied hides as much.
    let mut ui = ui_with(context(), (120, 40), "p");
    ui.refresh(&data.0, &data.1, NOW);
    let Effect::Copy(text) = press(&mut ui, KeyCode::Char('y')) else {
        panic!("nothing copied");
    };
    assert!(text.contains("•••") && !text.contains("123.45"), "{text}");
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
fn the_help_lists_every_key() {
    let screen = shot(context(), &healthy(), (120, 40), "?");
    for key in [
        "q ",
        "Ctrl-C",
        "Q ",
        "?",
        "Esc",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "Tab",
        "Shift-Tab",
        "j / Down",
        "k / Up",
        "h / Left",
        "l / Right",
        "g / Home",
        "G / End",
        "PgUp",
        "PgDn",
        "Enter",
        "s ",
        "S ",
        "/",
        "f ",
        "r ",
        "t ",
        "T ",
        "+ / =",
        "- / _",
        "p ",
        "y ",
        "Ctrl-L",
        "Ctrl-Z",
    ] {
        assert!(
            screen.lines().any(|line| {
                // One column or two.
                let line = line.trim_start_matches('│');
                let right: String = line.chars().skip(59).collect();
                line.starts_with(key) || right.starts_with(key)
            }),
            "{key:?}:\n{screen}"
        );
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
            "PROBLEM 1 of 2: the API key can withdraw money",
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
        "PROBLEM 1 of 2: key can withdraw",
        "ALERT liquidation distance pct",
        "KEY CAN WITHDRAW/TRADE",
        "private DOWN",
    ] {
        assert!(phone.contains(words), "{words:?}:\n{phone}");
    }
}

#[test]
fn lists_end_at_their_last_row_and_come_back_at_once() {
    let (mut document, snapshot) = healthy();
    let order = document.orders.rows[0].clone();
    document.orders.rows = (0..60)
        .map(|index| {
            let mut row = order.clone();
            row.price = Some(Decimal::from(60_000 + index));
            row
        })
        .collect();
    let mut ui = ui_with(context(), (120, 40), "4");
    ui.refresh(&document, &snapshot, NOW);
    type_keys(&mut ui, "G");
    ui.refresh(&document, &snapshot, NOW);
    let end = text_of(&draw(&ui, (120, 40)));
    assert!(end.contains("60,059.0") && end.contains("of 60"), "{end}");
    type_keys(&mut ui, "g");
    ui.refresh(&document, &snapshot, NOW);
    assert!(text_of(&draw(&ui, (120, 40))).contains("60,000.0"));
}

#[test]
fn a_frozen_screen_says_so_with_its_age() {
    let (document, snapshot) = healthy();
    for size in SIZES {
        let mut ui = ui_with(context(), size, "");
        ui.refresh(&document, &snapshot, NOW);
        assert!(!ui.frozen());
        press(&mut ui, KeyCode::Char('f'));
        assert!(ui.frozen());
        assert!(ui.refresh(&document, &snapshot, NOW.plus_millis(12_000)));
        let screen = text_of(&draw(&ui, size));
        assert!(screen.contains("FROZEN 12s"), "{size:?}:\n{screen}");
        press(&mut ui, KeyCode::Char('f'));
        assert!(!ui.frozen());
    }
}

#[test]
fn the_selection_stays_on_its_position_and_the_filter_hides_loudly() {
    let (mut document, snapshot) = fixtures::crowded();
    let mut ui = ui_with(context(), (120, 40), "");
    ui.refresh(&document, &snapshot, NOW);
    type_keys(&mut ui, "jj\n");
    ui.refresh(&document, &snapshot, NOW);
    assert!(text_of(&draw(&ui, (120, 40))).contains(" COIN2USDT_UMCBL LONG "));
    document.positions.rows.reverse();
    ui.refresh(&document, &snapshot, NOW);
    assert!(text_of(&draw(&ui, (120, 40))).contains(" COIN2USDT_UMCBL LONG "));
    document.positions.rows.retain(|row| row.symbol != "COIN2USDT_UMCBL");
    ui.refresh(&document, &snapshot, NOW);
    assert!(text_of(&draw(&ui, (120, 40))).contains("not in the last list"));
    press(&mut ui, KeyCode::Esc);
    type_keys(&mut ui, "/coin30\n");
    ui.refresh(&document, &snapshot, NOW);
    let screen = text_of(&draw(&ui, (120, 40)));
    assert!(screen.contains("filter \"coin30\": 1 of 29"), "{screen}");
}

#[test]
fn absurd_values_are_drawn_and_sorted() {
    let (mut document, mut snapshot) = fixtures::crowded();
    let tiny = fixtures::d("0.0000000000000000000000000001");
    let values = [
        Some(Decimal::MAX),
        Some(Decimal::MIN),
        Some(tiny),
        Some(-tiny),
        Some(Decimal::ZERO),
        None,
    ];
    let rows = document.positions.rows.iter_mut();
    for (row, value) in rows.zip(values.into_iter().cycle()) {
        row.size = value.unwrap_or(tiny);
        row.entry_price = value;
        row.mark_price = value;
        row.liquidation_price = value;
        row.liquidation_distance = value;
        row.notional = value;
        row.unrealized_pnl = value;
        row.roe = value;
        row.leverage = value;
        row.margin_ratio = value;
        row.price_places = Some(99);
        row.age_ms = Some(i64::MAX);
        row.opened_at = Some(Time(Timestamp::from_millis(i64::MIN)));
    }
    document.account.margin_ratio = Some(Decimal::MAX);
    document.ticker.last = Some(Decimal::MAX);
    document.ticker.next_funding_at = Some(Time(Timestamp::from_millis(i64::MAX)));
    document.ticker.age_ms = Some(i64::MIN);
    let mut series = (*snapshot.candles).clone();
    series.rows[100].high = Decimal::MAX;
    series.rows[101].low = Decimal::MIN;
    snapshot.candles = series.into();
    snapshot.clock_offset_ms = Some((i64::MAX, i64::MAX));
    for view in ["1", "2", "3", "5", "6", "7"] {
        for size in SIZES {
            let mut ui = ui_with(context(), size, view);
            for key in "sSsSsSsSsSsSG\n".chars() {
                ui.refresh(&document, &snapshot, NOW);
                type_keys(&mut ui, &key.to_string());
                ui.refresh(&document, &snapshot, Timestamp::from_millis(i64::MAX));
                draw(&ui, size);
            }
        }
    }
    // A size that is not zero is not written as zero.
    let screen = shot(context(), &(document, snapshot), (400, 60), "2");
    assert!(screen.contains("0.0000000000000000000000000001"), "{screen}");
}

#[test]
fn sorting_does_not_move_rows_while_values_move() {
    let (mut document, snapshot) = healthy();
    let mut ui = ui_with(context(), (120, 40), "");
    ui.refresh(&document, &snapshot, NOW);
    type_keys(&mut ui, "sss");
    let order = |ui: &Ui| {
        let screen = text_of(&draw(ui, (120, 40)));
        let rows: Vec<String> = screen
            .lines()
            .filter(|line| line.contains("_UMCBL") && line.contains("live"))
            .map(|line| line.chars().skip(1).take(21).collect())
            .collect();
        rows
    };
    ui.refresh(&document, &snapshot, NOW);
    let first = order(&ui);
    assert!(first[0].starts_with("BTCUSDT_UMCBL  LONG"), "{first:?}");
    assert!(first[2].starts_with("ETHUSDT_UMCBL"), "{first:?}");
    document.positions.rows[2].unrealized_pnl = Some(fixtures::d("5000"));
    ui.refresh(&document, &snapshot, NOW.plus_millis(1_000));
    assert_eq!(order(&ui), first);
    ui.refresh(&document, &snapshot, NOW.plus_millis(11_000));
    assert!(order(&ui)[0].starts_with("ETHUSDT_UMCBL"));
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

#[test]
fn keys_ask_for_what_they_say() {
    let (document, snapshot) = healthy();
    let mut ui = ui_with(context(), (120, 40), "");
    assert_eq!(press(&mut ui, KeyCode::Char('y')), Effect::None);
    ui.refresh(&document, &snapshot, NOW);
    for (key, effect) in [
        ('q', Effect::Quit),
        ('Q', Effect::QuitKeepScreen),
        ('r', Effect::Refetch),
        ('t', Effect::SetInterval(Interval::Min5)),
        ('T', Effect::SetInterval(Interval::Min1)),
        ('8', Effect::None),
    ] {
        assert_eq!(press(&mut ui, KeyCode::Char(key)), effect, "{key}");
    }
    let Effect::Copy(text) = press(&mut ui, KeyCode::Char('y')) else {
        panic!("nothing copied");
    };
    assert!(text.starts_with("DEMO 2026-09-25 12:03:07 UTC live\nBTCUSDT_UMCBL LONG 0.5000 BTC\nuPnL (mark) +123.45 +3.92%\n"), "{text}");
}
