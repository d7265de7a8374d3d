//! What keys do, and what the help says of them.

use bitget_watch::domain::{Interval, Order, Symbol};
use bitget_watch::risk::RiskLevel;
use bitget_watch::ui::{Effect, Ui};
use ratatui::crossterm::event::KeyCode;
use rust_decimal::Decimal;

use super::fixtures::{NOW, context, healthy, with};
use super::{SIZES, fixtures, plain_text, press, shot, type_keys, ui_with, words};

#[test]
fn the_target_is_asked_for_with_keys_and_told_apart_from_the_answer() {
    let report = healthy();
    let mut ui = ui_with(context(), (120, 40), "3");
    assert_eq!(ui.target_distance(), fixtures::d("0.2"));
    ui.refresh(&report, NOW);
    assert!(!plain_text(ui.picture()).contains("asked for"));
    type_keys(&mut ui, "+");
    assert_eq!(ui.target_distance(), fixtures::d("0.25"));
    ui.refresh(&report, NOW);
    let screen = plain_text(ui.picture());
    assert!(
        screen.contains("20.00% = 50,600.4") && screen.contains("asked for   25.00%"),
        "{screen}"
    );
    let report = with(report, |report| {
        report.positions.rows[0].risk.what_if.target_distance = Some(fixtures::d("0.25"));
    });
    ui.refresh(&report, NOW);
    let screen = plain_text(ui.picture());
    assert!(screen.contains("25.00%") && !screen.contains("asked for"), "{screen}");
}

/// What cannot be said names its reason, and the target that it would be for.
#[test]
fn answers_that_the_exchange_disputes_say_so() {
    let report = with(healthy(), |report| {
        let what_if = &mut report.positions.rows[0].risk.what_if;
        (what_if.margin_to_add, what_if.size_allowed, what_if.size_to_cut) = (None, None, None);
        what_if.is_disputed = true;
    });
    for size in [(120, 40), (200, 60)] {
        let screen = shot(context(), &report, size, "3");
        for part in ["20.00% = 50,600.4", "exchange ends it sooner", "Margin to add ?"] {
            assert!(screen.contains(part), "{part}: {screen}");
        }
        assert!(!screen.contains("cutting cannot reach it"), "{screen}");
    }
}

/// The line above all is typed where the keys are shown, with what Tab would make of it.
#[test]
fn commands_are_typed_after_a_colon() {
    let report = healthy();
    for size in SIZES {
        let mut ui = ui_with(context(), size, "");
        ui.refresh(&report, NOW);
        let screen = |ui: &mut Ui| {
            ui.refresh(&report, NOW);
            plain_text(ui.picture())
        };
        type_keys(&mut ui, ":so");
        assert!(screen(&mut ui).contains(":so_"), "{size:?}:\n{}", screen(&mut ui));
        type_keys(&mut ui, "\tpnl\n");
        let shown = screen(&mut ui);
        if size.0 >= 40 {
            assert!(shown.contains("positions by uPnL"), "{size:?}:\n{shown}");
        }
        type_keys(&mut ui, ":sort wibble\n");
        if size.0 >= 80 {
            let shown = screen(&mut ui);
            assert!(shown.contains("no \"wibble\" here; there are risk, focus, symbol"), "{shown}");
        }
        type_keys(&mut ui, ":view risk\n");
        if size.0 >= 80 {
            let shown = screen(&mut ui);
            assert!(shown.contains("┌ Account risk "), "{size:?}:\n{shown}");
        }
        type_keys(&mut ui, ":filter eth\n");
        if size.0 >= 80 {
            let shown = screen(&mut ui);
            assert!(shown.contains(" FILTER eth "), "{size:?}:\n{shown}");
        }
        for letter in ":q".chars() {
            assert_eq!(press(&mut ui, KeyCode::Char(letter)), Effect::None);
        }
        assert_eq!(press(&mut ui, KeyCode::Enter), Effect::Quit);
    }
    let mut ui = ui_with(context(), (120, 40), "");
    ui.refresh(&report, NOW);
    type_keys(&mut ui, ":theme m\t\n:symbol e\t");
    ui.refresh(&report, NOW);
    let buffer = ui.picture();
    assert!(buffer.content().iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
    assert!(plain_text(buffer).contains(":symbol ETHUSDT_UMCBL_"), "{}", plain_text(buffer));
    let focus: Symbol = "ETHUSDT_UMCBL".parse().unwrap();
    assert_eq!(press(&mut ui, KeyCode::Enter), Effect::Focus(focus.clone()));
    // The selection follows when the report has the new focus.
    let selected = |ui: &Ui| {
        let screen = plain_text(ui.picture());
        screen.lines().find(|line| line.starts_with('▶')).unwrap().to_owned()
    };
    ui.refresh(&report, NOW);
    assert!(selected(&ui).starts_with("▶BTCUSDT_UMCBL"), "{}", selected(&ui));
    let moved = with(report, |report| {
        report.focus = focus;
        for row in &mut report.positions.rows {
            row.is_focus = row.key.symbol == report.focus;
        }
        report.positions.rows.sort_by_key(|row| !row.is_focus);
    });
    ui.refresh(&moved, NOW);
    assert!(selected(&ui).starts_with("▶ETHUSDT_UMCBL"), "{}", selected(&ui));
}

/// Whoever looked for one key had to read all of them.
#[test]
fn the_help_is_searched_by_its_words() {
    let report = healthy();
    for size in [(120, 40), (80, 24), (40, 12)] {
        let mut ui = ui_with(context(), size, "");
        ui.refresh(&report, NOW);
        type_keys(&mut ui, "?/CANDLE");
        ui.refresh(&report, NOW);
        let screen = plain_text(ui.picture());
        assert!(
            screen.contains("longer candles") && screen.contains("shorter candles"),
            "{screen}"
        );
        assert!(!screen.contains("freeze the screen"), "{size:?}:\n{screen}");
        assert!(screen.contains("search: CANDLE_"), "{size:?}:\n{screen}");
        // Enter keeps it, and another search begins empty.
        type_keys(&mut ui, "\n??");
        ui.refresh(&report, NOW);
        assert!(plain_text(ui.picture()).contains("quit"), "{size:?}");
        type_keys(&mut ui, "/no such words");
        ui.refresh(&report, NOW);
        let screen = plain_text(ui.picture());
        assert!(screen.contains("nothing here has these words"), "{screen}");
        press(&mut ui, KeyCode::Esc);
        press(&mut ui, KeyCode::Esc);
        ui.refresh(&report, NOW);
        assert!(!plain_text(ui.picture()).contains("FILTER"), "the positions are not filtered");
    }
}

/// Keys, and the words of the panel with the most of them.
#[test]
fn the_help_is_one_page_at_120x40() {
    for keys in ["?", "3?", "3\t?", "4?", "5?", "7?"] {
        let screen = shot(context(), &healthy(), (120, 40), keys);
        assert!(!screen.contains(" more"), "{keys}:\n{screen}");
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
        "PgUp/PgDn",
        "Enter",
        "s ",
        "S ",
        "/",
        "f ",
        "a ",
        "w ",
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
fn lists_end_at_their_last_row_and_come_back_at_once() {
    let report = with(healthy(), |report| {
        let order = report.orders.rows[0].clone();
        let price = |index| Some(Decimal::from(60_000 + index));
        let id = |index| format!("o{index}").as_str().into();
        report.orders.rows = (0..60)
            .map(|index| Order { price: price(index), order_id: id(index), ..order.clone() })
            .collect();
    });
    let mut ui = ui_with(context(), (120, 40), "4");
    ui.refresh(&report, NOW);
    type_keys(&mut ui, "G");
    ui.refresh(&report, NOW);
    let end = plain_text(ui.picture());
    assert!(end.contains("60,059.0") && end.contains("of 60"), "{end}");
    type_keys(&mut ui, "g");
    ui.refresh(&report, NOW);
    assert!(plain_text(ui.picture()).contains("60,000.0"));
}

/// A frozen screen shows what it showed: neither a newer report, nor younger or older ages.
#[test]
fn a_frozen_screen_says_so_with_its_age_and_stands_still() {
    let frozen_at = NOW.plus_millis(500);
    let later = NOW.plus_millis(12_500);
    let newer = with(healthy(), |report| {
        report.now = later;
        report.positions.rows[0].unrealized_pnl = Some(fixtures::d("987.65"));
    });
    for size in SIZES {
        let mut ui = ui_with(context(), size, "");
        ui.refresh(&healthy(), frozen_at);
        let before = plain_text(ui.picture());
        press(&mut ui, KeyCode::Char('f'));
        assert!(ui.refresh(&newer, later));
        let screen = plain_text(ui.picture());
        assert!(screen.contains("FROZEN 12s"), "{size:?}:\n{screen}");
        assert!(!screen.contains("987.65") && !screen.contains("STALE"), "{size:?}:\n{screen}");
        press(&mut ui, KeyCode::Char('f'));
        ui.refresh(&newer, later);
        let screen = plain_text(ui.picture());
        assert!(!screen.contains("FROZEN"), "{size:?}:\n{screen}");
        assert!(screen.contains("987.65") && screen.contains("STALE"), "{size:?}:\n{screen}");
        assert!(before.contains("123.45") && !before.contains("STALE"), "{size:?}:\n{before}");
    }
}

/// Nothing grows younger by being frozen: where no newer report came, the ages had gone on.
#[test]
fn freezing_an_old_report_leaves_it_stale() {
    let now = NOW.plus_millis(600_000);
    let mut ui = ui_with(context(), (120, 40), "");
    for _ in 0..2 {
        ui.refresh(&healthy(), now);
        let screen = plain_text(ui.picture());
        let title = screen.lines().find(|line| line.contains(" Positions ")).unwrap();
        assert!(title.contains("STALE 10m"), "{screen}");
        press(&mut ui, KeyCode::Char('f'));
    }
}

#[test]
fn the_selection_stays_on_its_position_and_the_filter_hides_loudly() {
    let report = fixtures::crowded();
    let mut ui = ui_with(context(), (120, 40), "");
    ui.refresh(&report, NOW);
    type_keys(&mut ui, "j\n");
    ui.refresh(&report, NOW);
    assert!(plain_text(ui.picture()).contains(" COIN2USDT_UMCBL LONG "));
    let report = with(report, |report| report.positions.rows.reverse());
    ui.refresh(&report, NOW);
    assert!(plain_text(ui.picture()).contains(" COIN2USDT_UMCBL LONG "));
    let report = with(report, |report| {
        report.positions.rows.retain(|row| row.key.symbol.wire() != "COIN2USDT");
    });
    ui.refresh(&report, NOW);
    assert!(plain_text(ui.picture()).contains("not in the last list"));
    press(&mut ui, KeyCode::Esc);
    type_keys(&mut ui, "/coin30\n");
    ui.refresh(&report, NOW);
    let screen = plain_text(ui.picture());
    assert!(screen.contains("filter \"coin30\": 1 of 29"), "{screen}");
}

#[test]
fn sorting_does_not_move_rows_while_values_move() {
    let report = healthy();
    let mut ui = ui_with(context(), (120, 40), "");
    ui.refresh(&report, NOW);
    type_keys(&mut ui, "sss");
    let order = |ui: &Ui| {
        let screen = plain_text(ui.picture());
        let rows: Vec<String> = screen
            .lines()
            .filter(|line| line.contains("_UMCBL") && line.contains("●"))
            .map(|line| words(line).chars().skip(1).take_while(|c| *c != '●').collect())
            .collect();
        rows
    };
    ui.refresh(&report, NOW);
    let first = order(&ui);
    assert!(first[0].starts_with("BTCUSDT_UMCBL LONG"), "{first:?}");
    assert!(first[2].starts_with("ETHUSDT_UMCBL"), "{first:?}");
    let report = with(report, |report| {
        let positions = &mut report.positions;
        positions.age = fixtures::age(-11_000);
        for row in &mut positions.rows {
            row.age = positions.age;
        }
        positions.rows[2].unrealized_pnl = Some(fixtures::d("5000"));
    });
    ui.refresh(&report, NOW.plus_millis(1_000));
    assert_eq!(order(&ui), first);
    ui.refresh(&report, NOW.plus_millis(11_000));
    assert!(order(&ui)[0].starts_with("ETHUSDT_UMCBL"));
}

#[test]
fn keys_ask_for_what_they_say() {
    let report = healthy();
    let mut ui = ui_with(context(), (120, 40), "");
    assert_eq!(press(&mut ui, KeyCode::Char('y')), Effect::None);
    ui.refresh(&report, NOW);
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

#[test]
fn a_filter_is_seen_while_it_is_typed_and_as_long_as_it_hides_anything() {
    for size in SIZES {
        let typed = shot(context(), &healthy(), size, "/eth");
        let words = if size.0 < 40 { "filter: eth" } else { "filter: eth_" };
        assert!(typed.contains(words), "{size:?}:\n{typed}");
    }
    for size in [(40, 12), (60, 10)] {
        let kept = shot(context(), &healthy(), size, "/btc\n");
        assert!(kept.contains("filter \"btc\": 2 of 3 shown"), "{size:?}:\n{kept}");
    }
}

#[test]
fn on_a_phone_the_selected_position_is_always_shown() {
    for (presses, first) in [(0, "BTCUSDT_UMCBL LONG"), (3, "BTCUSDT_UMCBL SHORT")] {
        let screen = shot(context(), &healthy(), (40, 9), &"j".repeat(presses));
        assert!(screen.contains(first), "{presses}:\n{screen}");
        assert!(screen.contains("more"), "{presses}:\n{screen}");
    }
    let all = shot(context(), &healthy(), (40, 14), "jjj");
    assert!(all.contains("BTCUSDT_UMCBL LONG") && !all.contains("more"), "{all}");
}

#[test]
fn on_small_screens_the_panel_that_has_the_keys_stands_alone() {
    for size in [(80, 24), (40, 12)] {
        for (keys, title) in [("\t", "Orders"), ("\t\t", "Events")] {
            let screen = shot(context(), &healthy(), size, keys);
            assert!(screen.contains(title), "{size:?} {title}:\n{screen}");
            assert!(!screen.contains("Unrealized"), "{size:?} {title}:\n{screen}");
        }
        let back = shot(context(), &healthy(), size, "\t\t\t");
        assert!(back.contains("BTCUSDT_UMCBL"), "{back}");
    }
}

/// `G` went past the last page, so that many presses of `k` moved nothing that was seen.
#[test]
fn after_the_last_row_the_next_key_moves_what_is_seen() {
    for (keys, size) in [("4", (80, 24)), ("7?", (80, 24)), ("1\t", (40, 12))] {
        let many = with(healthy(), |report| {
            let one = report.orders.rows[0].clone();
            for index in 0..60 {
                let id = format!("{index}");
                report.orders.rows.push(Order { order_id: id.as_str().into(), ..one.clone() });
            }
        });
        let mut ui = ui_with(context(), size, keys);
        let [end, up] = ["G", "k"].map(|key| {
            ui.refresh(&many, NOW);
            type_keys(&mut ui, key);
            ui.refresh(&many, NOW);
            plain_text(ui.picture())
        });
        assert_ne!(end, up, "{keys} {size:?}");
    }
}

/// On a phone the panel that stood alone could be left by Tab only.
#[test]
fn on_a_phone_a_panel_is_left_by_its_view_and_by_escape() {
    let list = shot(context(), &healthy(), (40, 12), "");
    let mut ui = ui_with(context(), (40, 12), "\t");
    ui.refresh(&healthy(), NOW);
    assert!(plain_text(ui.picture()).contains("Orders"));
    press(&mut ui, KeyCode::Esc);
    ui.refresh(&healthy(), NOW);
    assert_eq!(plain_text(ui.picture()), list);
    assert_eq!(shot(context(), &healthy(), (40, 12), "\t1"), list);
    // The only panel of a view has no other to go back to than the list.
    for keys in ["3", "3\t", "4", "4\t\t", "5"] {
        let mut ui = ui_with(context(), (40, 12), keys);
        for _ in 0..2 {
            ui.refresh(&healthy(), NOW);
            press(&mut ui, KeyCode::Esc);
        }
        ui.refresh(&healthy(), NOW);
        assert_eq!(plain_text(ui.picture()), list, "{keys:?}");
        assert_eq!(shot(context(), &healthy(), (40, 12), &format!("{keys}1")), list, "{keys:?}");
    }
}

/// `take profit` is what the screen says, and the filter knew `take_profit` only; an empty list said nothing.
#[test]
fn the_filter_finds_what_is_on_screen_and_says_when_it_finds_nothing() {
    for (filter, rows) in [("stop loss", 1), ("sell sl", 1), ("long", 2), ("limit", 1)] {
        let screen = shot(context(), &healthy(), (120, 40), &format!("4/{filter}"));
        assert!(screen.contains(&format!("filter {filter:?}: {rows} of 2")), "{filter}:\n{screen}");
    }
    let screen = shot(context(), &healthy(), (120, 40), "/nothing");
    assert_eq!(screen.matches("nothing matches /nothing").count(), 2, "{screen}");
    for size in [(80, 24), (40, 12), (30, 8)] {
        let screen = shot(context(), &healthy(), size, "/a-contract-that-nobody-has");
        assert!(screen.contains("nothing matches"), "{screen}");
    }
}

#[test]
fn take_profit_and_stop_loss_stand_together_and_orders_have_size_and_day() {
    // Where each position has no line of its own for them.
    let screen = shot(context(), &fixtures::crowded(), (200, 60), "");
    let titles = screen.lines().find(|line| line.contains("Liq price")).unwrap();
    assert!(titles.contains(" TP ") && titles.contains(" SL"), "{titles}");
    let screen = shot(context(), &healthy(), (120, 40), "");
    let stop = screen.lines().find(|line| line.contains("sell SL")).unwrap();
    assert!(stop.contains("61,500.0") && stop.contains("full size"), "{screen}");
    let screen = shot(context(), &healthy(), (200, 60), "4");
    assert!(
        screen.lines().any(|line| line.contains("sell SL") && line.contains(" 11:03:07")),
        "{screen}"
    );
}

/// Nothing said what a label means.
#[test]
fn the_help_explains_the_labels_of_the_panel_that_has_the_keys() {
    for (keys, label, meaning) in [
        ("?", "To liq", "how far the mark may move to it"),
        ("\t?", "Executes", "its limit once triggered, or at market"),
        ("3?", "Loss until liq.", "what may be lost before liquidation"),
        ("3\t\t\t\t?", "Debt", "borrowed, interest included"),
        ("5?", "Net", "realized, funding and fees of a UTC day"),
        ("7?", "Attempts", "failed ones in a row"),
    ] {
        let screen = shot(context(), &healthy(), (120, 40), keys);
        let explained = |line: &str| line.contains(label) && line.contains(meaning);
        assert!(screen.lines().any(explained), "{keys:?} {label}:\n{screen}");
        let cut = screen.lines().find(|line| line.starts_with('│') && line.contains('…'));
        assert!(cut.is_none_or(|line| line.contains("Close … now")), "{cut:?}");
    }
}

/// Events were cut at the edge of their panel, and nothing showed the rest.
#[test]
fn enter_on_the_events_shows_every_word_of_them() {
    for (size, keys) in [((40, 12), "\t\t"), ((120, 40), "\t\t")] {
        let cut = shot(context(), &healthy(), size, keys);
        assert!(cut.contains('…'), "{cut}");
        let whole = shot(context(), &healthy(), size, &format!("{keys}\n"));
        let inside: String = whole.replace(['│', '\n'], " ");
        let words: Vec<&str> = inside.split_whitespace().collect();
        assert!(words.join(" ").contains("connection reset by peer"), "{whole}");
        assert_eq!(shot(context(), &healthy(), size, &format!("{keys}\n\n")), cut);
    }
}

/// A `?` where a side should be said nothing of the reason.
#[test]
fn an_order_without_a_side_says_why() {
    let report = with(healthy(), |report| report.orders.rows[0].side = None);
    let screen = shot(context(), &report, (120, 40), "4");
    assert!(screen.contains("? limit") && screen.contains("?: no side is sent"), "{screen}");
    assert!(!shot(context(), &healthy(), (120, 40), "4").contains("no side"));
}

/// After `G` the first `k` moves: the last page is where scrolling ends, and not the last row.
#[test]
fn one_key_back_from_the_end_moves_one_row() {
    for (size, keys) in [((120, 40), "?"), ((40, 12), "?"), ((40, 12), "\n")] {
        let mut ui = ui_with(context(), size, "");
        ui.refresh(&healthy(), NOW);
        type_keys(&mut ui, keys);
        ui.refresh(&healthy(), NOW);
        type_keys(&mut ui, "G");
        ui.refresh(&healthy(), NOW);
        let end = plain_text(ui.picture());
        type_keys(&mut ui, "k");
        ui.refresh(&healthy(), NOW);
        let back = plain_text(ui.picture());
        // Help that fits has nowhere to go.
        let fits = !end.contains("more") && keys == "?" && size.0 == 120;
        assert!(fits || end != back, "{size:?} {keys:?}:\n{end}");
    }
}

/// What every panel of a single position speaks of is marked from the start: the focus, at every size that
/// has the table.
#[test]
fn the_selection_starts_on_the_focus_and_is_marked() {
    for size in [(200, 60), (120, 40), (80, 24)] {
        for (keys, row) in [("", "▶BTCUSDT_UMCBL LONG"), ("j", "▶ETHUSDT_UMCBL LONG")] {
            let screen = shot(context(), &healthy(), size, keys);
            assert!(words(&screen).contains(row), "{size:?}:\n{screen}");
        }
    }
}

/// Returns the contracts of the positions in the order of the screen.
fn order(ui: &Ui) -> Vec<String> {
    let screen = plain_text(ui.picture());
    let rows = screen.lines().filter(|line| line.contains(" ●  "));
    let name = |line: &str| line.chars().skip(1).take_while(|c| *c != '_').collect();
    rows.map(name).collect()
}

/// The focus stood first, however near to its end another position was.
#[test]
fn the_position_nearest_to_harm_stands_first() {
    for report in [healthy(), fixtures::unified()] {
        let report = with(report, |report| {
            let row = |name: &str, level, at_stake: Option<&str>, notional: &str| {
                let mut row = fixtures::row(name, name == "A1USDT");
                (row.risk.level, row.notional) = (level, Some(fixtures::d(notional)));
                row.risk.at_stake = at_stake.map(fixtures::d);
                row
            };
            let (ok, danger) = (Some(RiskLevel::Ok), Some(RiskLevel::Danger));
            report.positions.rows = vec![
                row("A1USDT", ok, Some("900"), "5"),
                row("B2USDT", None, None, "1"),
                row("C3USDT", danger, Some("700"), "2"),
                row("D4USDT", danger, Some("700"), "3"),
                row("E5USDT", danger, Some("800"), "1"),
                row("F6USDT", Some(RiskLevel::Critical), None, "1"),
                row("G7USDT", Some(RiskLevel::Watch), None, "9"),
            ];
        });
        let size = (200, 60);
        let mut ui = ui_with(context(), size, "");
        ui.refresh(&report, NOW);
        let first = ["F6USDT", "E5USDT", "D4USDT", "C3USDT", "G7USDT", "B2USDT", "A1USDT"];
        assert_eq!(order(&ui), first);
        let screen = plain_text(ui.picture());
        assert!(screen.contains("▶A1USDT"), "the selection starts on the focus:\n{screen}");
        type_keys(&mut ui, "S");
        ui.refresh(&report, NOW);
        let mut last = first;
        last.reverse();
        // What has no amount stays below what has one.
        assert_eq!(order(&ui), last);
        type_keys(&mut ui, "S");
        ui.refresh(&report, NOW);
        // Amounts move rows after a while, a level at once.
        let richer = with(report.clone(), |report| {
            report.positions.rows[2].risk.at_stake = Some(fixtures::d("999"));
        });
        ui.refresh(&richer, NOW.plus_millis(1_000));
        assert_eq!(order(&ui), first);
        let worse = with(richer, |report| {
            report.positions.rows[0].risk.level = Some(RiskLevel::Critical);
        });
        ui.refresh(&worse, NOW.plus_millis(1_000));
        assert_eq!(order(&ui)[..3], ["A1USDT", "F6USDT", "C3USDT"]);
    }
}
