//! What is on screen, as text: in every size, and in the states where a wrong picture costs money.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "tests")]

#[path = "screens/at_stake.rs"]
mod at_stake;
#[path = "screens/away.rs"]
mod away;
#[path = "screens/chart.rs"]
mod chart;
#[path = "screens/crowded.rs"]
mod crowded;
#[path = "screens/engine.rs"]
mod engine;
#[path = "screens/fixtures.rs"]
mod fixtures;
#[path = "screens/forced_close.rs"]
mod forced_close;
#[path = "screens/keys.rs"]
mod keys;
#[path = "screens/numbers.rs"]
mod numbers;
#[path = "screens/pictures.rs"]
mod pictures;
#[path = "screens/stale.rs"]
mod stale;
#[path = "screens/tables.rs"]
mod tables;

use std::collections::HashSet;
use std::sync::Arc;

use bitget_watch::config::Palette;
use bitget_watch::domain::{LinkState, Metric, Product, Severity, Symbol};
use bitget_watch::report::{Alert, Report, Source};
use bitget_watch::risk::RiskLevel;
use bitget_watch::ui::run::plain_text;
use bitget_watch::ui::{Effect, Ui, UiContext};
use fixtures::{NOW, context, healthy, with};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Modifier;

/// Keys that bring up every view, overlay and panel that stands alone on small screens.
const VIEWS: [&str; 16] = [
    "",
    "2",
    "3",
    "3\t",
    "3\t\t",
    "3\t\t\t",
    "3\t\t\t\t",
    "4",
    "4\t",
    "5",
    "5\t",
    "5\t\t",
    "6",
    "7",
    "?",
    "\n",
];
const WIDE: (u16, u16) = (200, 60);
const NORMAL: (u16, u16) = (120, 40);
const SMALL: (u16, u16) = (80, 24);
/// The widest on which the chart stands alone in its view.
const ALONE: (u16, u16) = (99, 40);
const PHONE: (u16, u16) = (40, 12);
const STRIP: (u16, u16) = (20, 3);
const SIZES: [(u16, u16); 5] = [WIDE, NORMAL, SMALL, PHONE, STRIP];

/// The text with one blank for every gap.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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

/// The screen after the keys were pressed on a screen that shows the report.
fn shot(context: UiContext, report: &Arc<Report>, size: (u16, u16), keys: &str) -> String {
    let mut ui = ui_with(context, size, "");
    ui.refresh(report, NOW);
    type_keys(&mut ui, keys);
    ui.refresh(report, NOW);
    plain_text(ui.picture())
}

fn snapshots(name: &str, report: &Arc<Report>, keys: &str, sizes: &[(u16, u16)]) {
    for (width, height) in sizes {
        let text = shot(context(), report, (*width, *height), keys);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), text);
    }
}

/// Every size where each has a form of its own. A state that only changes words is kept where the most
/// panels stand, and where the short lines of small screens say it in words of their own.
#[test]
fn screens_of_the_states_that_matter() {
    const SHORT: [(u16, u16); 3] = [NORMAL, PHONE, STRIP];
    snapshots("healthy", &healthy(), "", &SIZES);
    snapshots("stale_prices", &fixtures::stale_prices(), "", &SHORT);
    snapshots("positions_unknown", &fixtures::positions_unknown(), "", &SHORT);
    snapshots("flat", &fixtures::flat(), "", &SHORT);
    snapshots("no_credentials", &fixtures::no_credentials(), "", &SHORT);
    snapshots("wide_symbol", &fixtures::wide_symbol(), "", &SHORT);
    snapshots("dangerous_key", &fixtures::dangerous_key(), "", &[NORMAL, PHONE]);
    snapshots("privacy", &healthy(), "p", &[NORMAL, PHONE]);
    snapshots("help", &healthy(), "?", &[NORMAL, PHONE]);
    snapshots("detail", &healthy(), "\n", &[NORMAL, PHONE]);
    snapshots("unknown_figures", &engine::unknown(), "", &[NORMAL, PHONE]);
}

/// Columns go where there is no room for them.
#[test]
fn screens_of_the_other_views() {
    snapshots("view_positions", &healthy(), "2", &[NORMAL, SMALL]);
    snapshots("view_orders", &healthy(), "4", &[NORMAL, SMALL]);
    snapshots("view_chart", &healthy(), "6", &[NORMAL]);
    snapshots("view_health", &healthy(), "7", &[NORMAL, SMALL]);
}

#[test]
fn screens_of_risk_and_history() {
    const PANELS: [(u16, u16); 4] = [WIDE, NORMAL, SMALL, PHONE];
    snapshots("risk_healthy", &healthy(), "3", &PANELS);
    snapshots("risk_unified", &fixtures::several_coins(), "3", &PANELS);
    snapshots("risk_unknown", &engine::unknown(), "3", &[NORMAL, PHONE]);
    snapshots("risk_stale", &fixtures::stale_prices(), "3", &[NORMAL, PHONE]);
    snapshots("risk_liquidated", &engine::liquidated(), "3", &[NORMAL, PHONE]);
    snapshots("risk_thin_book", &engine::thin_book(), "3", &[NORMAL]);
    snapshots("risk_flat", &fixtures::flat(), "3", &[NORMAL]);
    snapshots("risk_no_credentials", &fixtures::no_credentials(), "3", &[NORMAL]);
    snapshots("risk_privacy", &healthy(), "p3", &[NORMAL]);
    snapshots("history_healthy", &healthy(), "5", &PANELS);
    snapshots("history_unknown", &engine::unknown(), "5", &[NORMAL]);
    snapshots("history_stale", &fixtures::stale_prices(), "5", &[NORMAL]);
    snapshots("history_incomplete", &engine::incomplete(), "5", &[NORMAL, SMALL]);
    snapshots("history_no_credentials", &fixtures::no_credentials(), "5", &[NORMAL]);
    snapshots("history_privacy", &healthy(), "p5", &[NORMAL]);
}

#[test]
fn tab_gives_small_screens_every_panel_of_risk_and_history() {
    for (keys, words) in [
        ("3", "To liquidation"),
        ("3\t", "VaR 99% 1 day"),
        ("3\t\t", "-10%"),
        ("3\t\t\t", "Margin to add"),
        ("3\t\t\t\t", "Value USD"),
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
    let tiny = Some(fixtures::d("0.00003"));
    let report = with(healthy(), |report| {
        report.risk.touch_probability.h24 = tiny;
        report.positions.rows[0].risk.touch_probability.h24 = tiny;
    });
    for (size, keys) in [((120, 40), ""), ((120, 40), "3"), ((80, 24), "3"), ((40, 12), "3")] {
        let screen = shot(context(), &report, size, keys);
        let line = screen.lines().find(|line| line.contains("chance 24h"));
        assert!(line.is_some_and(|line| line.contains("< 1%")), "{screen}");
        assert!(!screen.contains("0.003%"), "{screen}");
    }
}

/// A level that judges one leverage beside the figure of another contradicts itself.
#[test]
fn the_leverage_of_the_account_has_one_name_and_one_value() {
    for keys in ["", "3"] {
        let screen = shot(context(), &healthy(), WIDE, keys);
        let lines: Vec<_> = screen.lines().filter(|line| line.contains("Acct leverage")).collect();
        assert_eq!(lines.len(), 1, "{screen}");
        let words: Vec<&str> = lines[0].split_whitespace().collect();
        assert!(words.join(" ").contains("Acct leverage 4.61x"), "{screen}");
        assert_eq!(screen.matches("4.61x").count(), 1, "{screen}");
    }
}

#[test]
fn the_chart_draws_no_line_of_another_contract() {
    let report = healthy();
    let mut ui = ui_with(context(), (120, 40), "6");
    ui.refresh(&report, NOW);
    let own = plain_text(ui.picture());
    // The second position is of another contract.
    type_keys(&mut ui, "j");
    ui.refresh(&report, NOW);
    assert_eq!(plain_text(ui.picture()), own);
    assert!(own.contains("BTCUSDT_UMCBL 1m, LONG levels"), "{own}");
    type_keys(&mut ui, "G");
    ui.refresh(&report, NOW);
    let other = plain_text(ui.picture());
    assert!(other.contains("SHORT levels") && other.contains("91,234.5"), "{other}");
}

#[test]
fn every_figure_of_the_detail_can_be_reached_on_a_phone() {
    let report = healthy();
    let mut ui = ui_with(context(), (40, 12), "");
    ui.refresh(&report, NOW);
    type_keys(&mut ui, "\nG");
    ui.refresh(&report, NOW);
    let screen = plain_text(ui.picture());
    assert!(screen.contains("-109.50% of margin"), "{screen}");
}

#[test]
fn huge_and_tiny_screens_are_drawn() {
    let mut ui = Ui::new(context());
    assert!(ui.picture().area.is_empty(), "nothing is drawn before the first report");
    for (width, height) in [(0, 0), (1, 1), (0, 9), (9, 0), (500, 200), (3, 50), (200, 2)] {
        ui.on_size(width, height);
        ui.refresh(&healthy(), NOW);
        assert_eq!((ui.picture().area.width, ui.picture().area.height), (width, height));
    }
}

#[test]
fn an_unchanged_report_draws_nothing() {
    let report = healthy();
    let mut ui = ui_with(context(), (120, 40), "");
    assert!(ui.refresh(&report, NOW));
    assert!(!ui.refresh(&report, NOW));
    assert!(!ui.refresh(&Arc::new(Report::clone(&report)), NOW));
    let moved = with(report, |report| report.ticker.last = Some(fixtures::d("63251.1")));
    assert!(ui.refresh(&moved, NOW));
    press(&mut ui, KeyCode::Char('p'));
    assert!(ui.refresh(&moved, NOW));
}

/// Both kinds of account have the same screens, but for the word of the kind and the coin of the equity.
#[test]
fn both_kinds_of_account_have_the_same_screens() {
    for size in [(200, 60), (120, 40), (80, 24), (40, 12)] {
        for keys in VIEWS {
            let classic = shot(context(), &healthy(), size, keys);
            let unified = shot(context(), &fixtures::unified(), size, keys);
            let words = |screen: &str| -> Vec<String> {
                // In the lower borders stand remarks of the coins, where there is room.
                let lines = screen.lines().filter(|line| !line.contains('└'));
                let screen = lines.collect::<Vec<_>>().join("\n");
                let plain = screen.replace("unified", "KIND").replace("classic", "KIND");
                let words = plain
                    .split_whitespace()
                    .map(|w| w.trim_matches(['│', '─', '┌', '┐', ',']).to_owned());
                // Beside the names of two coins the net of the day has no room on a phone, and its coin stands in
                // its label elsewhere.
                let given_way: &[&str] =
                    if size.0 < 80 { &["today", "+202.65"] } else { &["Net", "today", "Today"] };
                let counts =
                    |word: &str| !["USD", "USDT", ""].contains(&word) && !given_way.contains(&word);
                words.filter(|word| counts(word)).collect()
            };
            assert_eq!(words(&unified), words(&classic), "{size:?} {keys:?}\n{unified}\n{classic}");
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
        let long = "No open positions (USDT-M, USDC-M, COIN-M), confirmed 12:03:07";
        let words = if size.0 >= 80 { long } else { "No open positions, confirmed 12:03:07" };
        let flat = shot(context(), &fixtures::flat(), size, "");
        assert!(flat.contains(words), "{size:?}:\n{flat}");
        let unknown = shot(context(), &fixtures::positions_unknown(), size, "");
        assert!(unknown.contains("positions unknown since 12:01:37"), "{size:?}:\n{unknown}");
        let never = with(fixtures::positions_unknown(), |report| {
            report.positions.confirmed_at = None;
        });
        let never = shot(context(), &never, size, "");
        assert!(never.contains("positions not known yet"), "{size:?}:\n{never}");
        let unread = with(fixtures::flat(), |report| report.positions.unreadable_rows = 1);
        let unread = shot(context(), &unread, size, "");
        let partly = with(fixtures::flat(), |report| {
            report.positions.others.retain(|(product, _)| *product == Product::UsdcFutures);
        });
        let partly = shot(context(), &partly, size, "");
        assert!(partly.contains("COIN-M not known"), "{size:?}:\n{partly}");
        if size.0 >= 80 {
            let words = "No open positions (USDT-M, USDC-M); COIN-M not known";
            assert!(partly.contains(words), "{size:?}:\n{partly}");
        }
        for screen in [&unknown, &never, &unread] {
            assert!(!screen.contains("No open positions"), "{size:?}:\n{screen}");
        }
    }
}

#[test]
fn no_resting_orders_are_said_of_the_products_whose_lists_are_known() {
    let none = with(healthy(), |report| report.orders.rows.clear());
    let screen = shot(context(), &none, (200, 60), "");
    assert!(screen.contains("No resting orders (USDT-M, USDC-M, COIN-M)"), "{screen}");
    let partly = with(none, |report| report.orders.others.clear());
    let screen = shot(context(), &partly, (200, 60), "");
    assert!(screen.contains("No resting orders (USDT-M)"), "{screen}");
}

#[test]
fn figures_of_the_exchange_are_named_so_and_stand_in_their_coin() {
    let report = with(healthy(), |report| {
        let mut row = fixtures::row("BTCUSD", false);
        row.key.symbol = Symbol::from_wire("BTCUSD", Product::CoinFutures).unwrap();
        row.key.margin_coin = "BTC".into();
        row.unrealized_pnl = Some(fixtures::d("0.0042"));
        row.margin = Some(fixtures::d("0.05"));
        (row.notional, row.price_places, row.size_places) = (None, None, None);
        row.age = fixtures::age(3_000);
        row.modelled = false;
        report.positions.rows.push(row);
    });
    for size in [(200, 60), (120, 40)] {
        let screen = shot(context(), &report, size, "");
        let line = screen.lines().find(|line| line.contains("BTCUSD_DMCBL")).unwrap();
        assert!(line.contains("exch. 3s"), "{size:?}: {line}");
        assert!(line.contains("+0.00420000 BTC"), "two decimals would show nothing: {line}");
    }
    let mut ui = ui_with(context(), (120, 40), "");
    ui.refresh(&report, NOW);
    type_keys(&mut ui, "2jj\n");
    ui.refresh(&report, NOW);
    let detail = plain_text(ui.picture());
    assert!(detail.contains("BTCUSD_DMCBL") && detail.contains("exchange's figures"), "{detail}");
    assert!(detail.contains("0.05000000 BTC"), "{detail}");
}

#[test]
fn the_badge_is_on_every_screen() {
    let paper = UiContext { demo_trading: true, ..context() };
    for (context, source, badge) in [
        (context(), Source::Live, "REAL"),
        (paper, Source::Live, "PAPER"),
        (context(), Source::Demo, "DEMO"),
        (context(), Source::Replay, "REPLAY"),
    ] {
        let report = with(healthy(), |report| report.source = source);
        for size in [(200, 60), (120, 40), (80, 24), (40, 12), (20, 3), (10, 1), (6, 2)] {
            for keys in VIEWS {
                let screen = shot(context.clone(), &report, size, keys);
                let first = screen.lines().next().unwrap();
                assert!(first.contains(badge), "{badge} {size:?} {keys:?}:\n{screen}");
            }
        }
        // The letter of real money would be that of a replay.
        let letter = if badge == "REAL" { "$" } else { &badge[..1] };
        assert_eq!(shot(context, &report, (1, 1), ""), format!("{letter}\n"));
    }
}

#[test]
fn without_colours_side_and_sign_are_words() {
    let mono = UiContext { colors: false, ..context() };
    let report = healthy();
    let mut ui = ui_with(mono, (120, 40), "");
    ui.refresh(&report, NOW);
    let buffer = ui.picture();
    for cell in buffer.content() {
        assert_eq!(cell.fg, ratatui::style::Color::Reset);
        assert_eq!(cell.bg, ratatui::style::Color::Reset);
    }
    let text = plain_text(buffer);
    for word in ["LONG", "SHORT", "+123.45", "-389.56", "DEMO"] {
        assert!(text.contains(word), "{word}:\n{text}");
    }
}

#[test]
fn ascii_mode_draws_nothing_else() {
    let ascii = UiContext { ascii: true, palette: Palette::BlueOrange, ..context() };
    for report in [healthy(), fixtures::flat(), fixtures::wide_symbol()] {
        for keys in VIEWS {
            for size in SIZES {
                let screen = shot(ascii.clone(), &report, size, keys);
                assert!(screen.is_ascii(), "{size:?} {keys:?}:\n{screen}");
            }
        }
    }
}

#[test]
fn without_credentials_every_private_panel_names_the_variables() {
    let report = fixtures::no_credentials();
    for size in [(200, 60), (120, 40), (80, 24), (40, 12)] {
        let screen = shot(context(), &report, size, "");
        for name in ["BITGET_API_KEY", "BITGET_SECRET_KEY", "BITGET_PASSPHRASE"] {
            assert!(screen.contains(name), "{size:?}:\n{screen}");
        }
        assert!(screen.contains("63,250.5"), "market data stay:\n{screen}");
    }
}

#[test]
fn other_hosts_problems_alerts_and_lost_links_are_words() {
    let elsewhere = UiContext { other_host: Some("proxy.example\u{1b}[2J".into()), ..context() };
    let report = with(fixtures::dangerous_key(), |report| {
        report.alerts = vec![Alert {
            name: "near liquidation".into(),
            metric: Metric::LiquidationDistance,
            subject: "BTCUSDT_UMCBL long".into(),
            severity: Severity::Danger,
            value: Some(fixtures::d("8.2")),
            limit: Some(fixtures::d("10")),
            since: fixtures::at(5),
            raised_at: fixtures::at(4),
            acknowledged: false,
            delivery: Vec::new(),
        }];
        let private = &mut report.links[2];
        private.state = LinkState::Down;
        private.attempts = 5;
        private.last_error = Some("connection reset".into());
        private.next_attempt_at = Some(NOW.plus_millis(14_000));
    });
    for size in [(200, 60), (120, 40), (80, 24)] {
        let screen = shot(elsewhere.clone(), &report, size, "");
        for words in [
            "OTHER HOST proxy.example",
            "PROBLEM the local clock is 2400 ms ahead",
            "ALERT liquidation distance BTCUSDT_UMCBL long is at 8.2 % (limit 10 %)",
            "KEY CAN WITHDRAW/TRADE",
            "private DOWN",
            "attempt 5; next try in 14s",
            "LONG ● 0.5000 +123.45",
        ] {
            let found = screen.contains(words) || self::words(&screen).contains(words);
            assert!(found, "{words:?} {size:?}:\n{screen}");
        }
        assert!(!screen.contains('\u{1b}'), "{size:?}");
    }
    let phone = shot(elsewhere, &report, (40, 20), "");
    for words in [
        "OTHER HOST",
        "PROBLEM the local clock is 2400 ms ahead",
        "ALERT liquidation distance",
        "KEY CAN WITHDRAW/TRADE",
        "private DOWN",
    ] {
        assert!(phone.contains(words), "{words:?}:\n{phone}");
    }
    let down = with(report, |report| {
        let alert = &mut report.alerts[0];
        (alert.metric, alert.subject) = (Metric::LinkDown, "ws_private".into());
        (alert.value, alert.limit) = (None, None);
    });
    let screen = shot(context(), &down, (80, 24), "");
    assert!(
        screen.contains("ALERT link down ws private"),
        "as its link is called elsewhere:\n{screen}"
    );
}

#[test]
fn a_tick_changes_only_the_last_column_of_the_chart() {
    let report = healthy();
    let mut ui = ui_with(context(), ALONE, "6");
    ui.refresh(&report, NOW);
    let before = ui.picture().clone();
    let report = with(report, |report| {
        let newest = Arc::make_mut(&mut report.candles).rows.last_mut().unwrap();
        newest.close = newest.open + fixtures::d("11");
        newest.high = newest.close;
        report.ticker.last = Some(newest.close);
    });
    ui.refresh(&report, NOW);
    let after = ui.picture();
    let columns: HashSet<u16> = before.diff(after).iter().map(|(x, _, _)| *x).collect();
    assert!(!columns.is_empty());
    // The newest candle and the axis on its right.
    assert!(columns.iter().all(|x| *x >= 86), "{columns:?}");
}

/// One isolated position that falls made the whole row LIQ, and the ratio of the account was gone.
#[test]
fn a_move_of_all_contracts_names_what_falls_and_keeps_the_ratio() {
    let screen = shot(context(), &engine::liquidated(), NORMAL, "3");
    let row = |shift: &str| screen.lines().find(|line| line.contains(shift)).unwrap().to_owned();
    assert!(row(" -2% ").contains("125.00%") && row(" -2% ").contains("ETH LONG"), "{screen}");
    assert!(row(" -5% ").contains("LIQ") && row(" -5% ").contains("cross, ETH LONG"), "{screen}");
    assert!(shot(context(), &engine::liquidated(), SMALL, "3").contains("cross, ETH LONG"));
    assert!(!shot(context(), &healthy(), NORMAL, "3").contains("All: LIQ"));
}

/// Equity in USD stood beside results in USDT, and nobody could tell one from the other.
#[test]
fn no_panel_mixes_dollars_and_their_coins_without_names() {
    let report = fixtures::several_coins();
    let screen = shot(context(), &report, WIDE, "");
    for line in ["┌ PnL USDT ", "-189.32 USD ", "Net today ", "+202.65 ", "-88.12 USD "] {
        assert!(screen.contains(line), "{line}:\n{screen}");
    }
    let screen = shot(context(), &report, WIDE, "3");
    for words in
        ["Account risk USD ", "8,123.01 USDT", "1 USDT = 0.9990 USD", "bonus 3.28%", "DEBT"]
    {
        assert!(screen.contains(words), "{words}:\n{screen}");
    }
    assert!(screen.contains("uPnL USDT; equity, All: USD"), "{screen}");
    assert!(!shot(context(), &healthy(), WIDE, "").contains(" USD "));
}

/// Results of the account, of the day, of the session and of one position stood in one list, with four decimals
/// below one and two above.
#[test]
fn results_stand_in_a_column_of_the_account_and_one_of_the_selected_position() {
    use bitget_watch::domain::AccountKind;
    for kind in [AccountKind::Classic, AccountKind::Unified] {
        let report = with(healthy(), |report| {
            report.account_kind = bitget_watch::report::AccountStatus::Known(kind);
            report.pnl.unrealized = Some(fixtures::d("-0.5"));
            report.pnl.session.change = Some(fixtures::d("1250"));
        });
        let mut ui = ui_with(context(), NORMAL, "");
        ui.refresh(&report, NOW);
        let panel = |ui: &Ui| {
            let screen = plain_text(ui.picture());
            let lines = screen.lines().skip_while(|line| !line.starts_with("┌ PnL USDT "));
            lines.map(|line| line.chars().take(36).collect()).collect::<Vec<String>>()
        };
        let line = |ui: &Ui, label: &str| {
            let found = panel(ui).into_iter().find(|line| line.contains(label)).unwrap();
            found.trim_matches('│').to_owned()
        };
        let [titles, all, session] =
            ["Account", "Unrealized", "Session"].map(|label| line(&ui, label));
        let ends = |text: &str, word: &str| text.find(word).unwrap() + word.len();
        let account = ends(&titles, "Account");
        assert_eq!(ends(&all, "-0.50"), account, "{all}");
        assert_eq!(ends(&session, "+1,250.00"), account, "{session}");
        assert!(all.ends_with("+123.45") && titles.ends_with("Selected"), "{all}");
        // The other column is of the position that is selected.
        type_keys(&mut ui, "jj");
        ui.refresh(&report, NOW);
        let selected = line(&ui, "Unrealized");
        assert!(selected.contains("-0.50 ") && !selected.ends_with("+123.45"), "{selected}");
        assert!(panel(&ui).iter().any(|line| line.contains("selected: ")), "{:?}", panel(&ui));
    }
}

/// The distance of a position next to its liquidation was plain grey.
#[test]
fn the_distance_of_an_endangered_position_is_a_block_without_colour_too() {
    for colors in [true, false] {
        for (size, level, reversed) in [
            (NORMAL, RiskLevel::Critical, true),
            (SMALL, RiskLevel::Danger, true),
            (PHONE, RiskLevel::Critical, true),
            (NORMAL, RiskLevel::Ok, false),
        ] {
            let report = with(healthy(), |report| {
                report.positions.rows[0].risk.level = Some(level);
            });
            let mut ui = ui_with(UiContext { colors, ..context() }, size, "");
            ui.refresh(&report, NOW);
            let buffer = ui.picture();
            let screen = plain_text(buffer);
            let (y, line) = screen
                .lines()
                .enumerate()
                .filter(|(_, line)| line.contains("8.20%"))
                .last()
                .unwrap();
            let x = line.find("8.20%").map(|at| line[..at].chars().count()).unwrap();
            let (x, y) = (u16::try_from(x).unwrap(), u16::try_from(y).unwrap());
            let cell = &buffer[(x, y)];
            // Without colours it is a hole in the selected row, which is reversed itself.
            let is_reversed = |x: u16| buffer[(x, y)].modifier.contains(Modifier::REVERSED);
            let differs = |other: u16| is_reversed(other) != is_reversed(x);
            let is_block = cell.bg != ratatui::style::Color::Reset || (0..size.0).any(differs);
            assert_eq!(is_block, reversed, "{size:?}:\n{screen}");
        }
    }
}
