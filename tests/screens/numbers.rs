//! No number is cut, goes unmarked or leaks, at any width.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bitget_watch::domain::{Interval, ProblemCode, Side, Timestamp};
use bitget_watch::report::{Age, Report};
use bitget_watch::ui::{Effect, UiContext};
use proptest::prelude::*;
use ratatui::crossterm::event::KeyCode;
use rust_decimal::Decimal;

use super::fixtures::{NOW, context, healthy, with};
use super::{SIZES, VIEWS, fixtures, press, shot, type_keys, ui_with};

/// Runs of digits with their separators and signs: what the user reads as one number.
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

/// Every number that any view of this report can show, from screens with room for all of it.
fn all_numbers(context: &UiContext, report: &Arc<Report>) -> HashSet<String> {
    let mut all = HashSet::new();
    for keys in VIEWS {
        // The small screens with room, whose forms are their own.
        for size in [(400, 150), (69, 200), (400, 5), (400, 1), (250, 1), (60, 5), (15, 5)] {
            all.extend(numbers(&shot(context.clone(), report, size, keys)));
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
    let is_volume = line.ends_with(&format!("vol {number}│"));
    // The axis of times has round ones, and the date of midnight; how many depends on the width.
    let is_time = number.len() == 5
        && number.split_once(':').is_some_and(|(hour, minute)| {
            hour.parse::<u8>().is_ok() && minute.parse::<u8>().is_ok_and(|minute| minute % 5 == 0)
        });
    let is_interval = Interval::ALL.iter().any(|interval| interval.to_string() == number);
    // A name may be shortened where that is said, a figure never.
    let is_name = number.starts_with(char::is_alphabetic) && line.contains(&format!("{number}…"));
    is_count || is_axis || is_volume || is_time || is_interval || is_name
}

fn assert_no_number_is_cut(
    context: &UiContext,
    report: &Arc<Report>,
    size: (u16, u16),
    keys: &str,
    known: &HashSet<String>,
) {
    let screen = shot(context.clone(), report, size, keys);
    for line in screen.lines() {
        for number in numbers(line) {
            assert!(
                known.contains(&number)
                    // Where there is little room a contract goes without the suffix of its product.
                    || known.contains(&format!("{number}_UMCBL"))
                    || is_of_the_screen(line, &number),
                "{number:?} on a screen of {size:?}, keys {keys:?}:\n{screen}"
            );
        }
    }
}

#[test]
fn no_number_is_cut_in_any_width() {
    for report in [healthy(), fixtures::stale_prices(), fixtures::crowded()] {
        let known = all_numbers(&context(), &report);
        assert!(known.contains("+123.45") || known.contains("-16,766.00"));
        for width in (0..=220).step_by(3) {
            for height in [1, 2, 3, 5, 8, 12, 20, 24, 40, 60] {
                assert_no_number_is_cut(&context(), &report, (width, height), "", &known);
            }
        }
    }
}

#[test]
fn no_number_is_cut_in_any_view() {
    let report = healthy();
    let known = all_numbers(&context(), &report);
    for keys in VIEWS {
        for width in (1..=220).step_by(9) {
            for height in [4, 12, 24, 45] {
                assert_no_number_is_cut(&context(), &report, (width, height), keys, &known);
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
        let report = with(fixtures::crowded(), |report| report.positions.rows.truncate(count));
        let screen = shot(context(), &report, (width, height), keys);
        prop_assert!(screen.lines().count() == usize::from(height));
        if width > 0 && height > 0 {
            prop_assert!(screen.contains('D'), "no badge at {width}x{height}:\n{screen}");
        }
    }
}

#[test]
fn stale_figures_say_so_in_words_at_every_size() {
    let report = fixtures::stale_prices();
    for size in [(200, 60), (120, 40), (80, 24), (40, 12), (24, 4), (20, 3), (40, 1)] {
        let screen = shot(context(), &report, size, "");
        assert!(screen.contains("STALE"), "{size:?}:\n{screen}");
    }
    // No line of a small screen shows a result without the word.
    for width in 1..70 {
        for height in [1, 3, 5, 12] {
            let screen = shot(context(), &report, (width, height), "");
            for line in screen.lines().filter(|line| line.contains("123.45")) {
                // A row of the table has a sign, its title the word.
                assert!(
                    line.contains("STALE") || line.contains(" ! "),
                    "{width}x{height}:\n{screen}"
                );
            }
        }
    }
    let screen = shot(context(), &report, (120, 40), "");
    for panel in ["┌ Price", "┌ Chart", "┌ Positions", "┌ PnL", "┌ Risk"] {
        let title = screen.lines().find(|line| line.contains(panel)).unwrap();
        assert!(title.contains("STALE 14s"), "{panel}: {title}");
    }
    let rows = screen.lines().filter(|line| line.contains("_UMCBL") && line.contains(" ! "));
    assert!(rows.count() >= 3, "{screen}");
}

/// The warning is said once for a panel, in its title, and gives way to the word alone where the age takes
/// more room than there is.
#[test]
fn a_long_age_costs_no_panel_its_warning() {
    let report = fixtures::stale_for(36_000_000);
    for size in [(200, 60), (120, 40), (110, 34), (100, 32)] {
        let screen = shot(context(), &report, size, "");
        for title in [" PnL USDT", " Risk", " Price", " Positions"] {
            let cells = screen.lines().flat_map(|line| line.split('┌'));
            let cell = cells.into_iter().find(|cell| cell.starts_with(title)).unwrap();
            assert!(cell.contains("STALE"), "{size:?} {cell}\n{screen}");
        }
        let figure = screen.lines().find(|line| line.contains("Unrealized ")).unwrap();
        assert!(!figure.contains("STALE"), "said twice: {figure}");
    }
}

#[test]
fn privacy_leaks_no_amount() {
    let report = with(healthy(), |report| {
        let text = "PnL 123.45 here, 122.95 there";
        report.problems = vec![fixtures::problem(ProblemCode::PnlMismatch, text, 3)];
    });
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
            let open = shot(context(), &report, size, keys);
            let hidden = shot(context(), &report, size, &format!("p{keys}"));
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
    let screen = shot(context(), &report, (120, 40), "p");
    assert!(screen.contains("63,250.5") && screen.contains("8.20%") && screen.contains("•••"));
    // What is copied hides as much.
    let mut ui = ui_with(context(), (120, 40), "p");
    ui.refresh(&report, NOW);
    let Effect::Copy(text) = press(&mut ui, KeyCode::Char('y')) else {
        panic!("nothing copied");
    };
    assert!(text.contains("•••") && !text.contains("123.45"), "{text}");
}

#[test]
fn absurd_values_are_drawn_and_sorted() {
    let tiny = fixtures::d("0.0000000000000000000000000001");
    let values = [
        Some(Decimal::MAX),
        Some(Decimal::MIN),
        Some(tiny),
        Some(-tiny),
        Some(Decimal::ZERO),
        None,
    ];
    let time = Timestamp::from_millis;
    let report = with(fixtures::crowded(), |report| {
        let rows = report.positions.rows.iter_mut();
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
            row.age = Age::new(Some(time(i64::MIN)), Duration::MAX);
            row.opened_at = Some(time(i64::MIN));
        }
        report.account.margin_ratio = Some(Decimal::MAX);
        report.ticker.last = Some(Decimal::MAX);
        report.ticker.next_funding_at = Some(time(i64::MAX));
        report.ticker.age = Age::ended(time(i64::MAX));
        let candles = Arc::make_mut(&mut report.candles);
        candles.rows[100].high = Decimal::MAX;
        candles.rows[101].low = Decimal::MIN;
        report.clock_offset_ms = Some((i64::MIN, i64::MAX));
    });
    for view in ["1", "2", "3", "5", "6", "7"] {
        for size in SIZES {
            let mut ui = ui_with(context(), size, view);
            for key in "sSsSsSsSsSsSG\n".chars() {
                ui.refresh(&report, NOW);
                type_keys(&mut ui, &key.to_string());
                ui.refresh(&report, time(i64::MAX));
            }
        }
    }
    // A size that is not zero is not written as zero.
    let screen = shot(context(), &report, (400, 60), "2");
    assert!(screen.contains("0.0000000000000000000000000001"), "{screen}");
}

#[test]
fn break_even_and_our_liquidation_price_round_against_the_position() {
    let shown = |side| {
        let report = with(healthy(), |report| {
            let row = &mut report.positions.rows[0];
            row.key.side = side;
            row.break_even_price = Some(fixtures::d("63041.314"));
            row.risk.liquidation_price_ours = Some(fixtures::d("58101.24"));
        });
        shot(context(), &report, (200, 60), "\n")
    };
    let (long, short) = (shown(Side::Long), shown(Side::Short));
    assert!(long.contains("63,041.32") && long.contains("58,101.3"), "{long}");
    assert!(short.contains("63,041.31") && short.contains("58,101.2"), "{short}");
}
