//! Parts of the screen that are drawn alone leave a picture as one that is drawn whole, and a terminal that shows
//! it.

use std::sync::Arc;

use bitget_watch::report::{Age, Report};
use bitget_watch::risk::RiskLevel;
use bitget_watch::ui::{Drawing, Painter, Rgb, TerminalColors, Ui, UiContext};
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyCode;

use super::fixtures::{self, NOW, age, context, healthy, unified, with};
use super::stale::{DARK, stopped, titles};
use super::{NORMAL, PHONE, SMALL, STRIP, VIEWS, WIDE, plain_text, press, ui_with};

const LIGHT: TerminalColors =
    TerminalColors { letters: Some(Rgb([0; 3])), background: Some(Rgb([1_000; 3])) };

/// Every price a little higher.
fn risen(report: Arc<Report>, by: &str) -> Arc<Report> {
    let by = fixtures::d(by);
    with(report, |report| {
        report.ticker.last = report.ticker.last.map(|last| last + by);
        report.ticker.mark = report.ticker.mark.map(|mark| mark + by);
        report.pnl.unrealized = report.pnl.unrealized.map(|pnl| pnl + by);
        for row in &mut report.positions.rows {
            row.mark_price = row.mark_price.map(|mark| mark + by);
            row.unrealized_pnl = row.unrealized_pnl.map(|pnl| pnl + by);
        }
    })
}

/// Draws everything anew: with other colours, and with those that it had.
fn draw_whole(ui: &mut Ui, report: &Arc<Report>) {
    for colors in [LIGHT, DARK] {
        ui.on_colors(colors);
        ui.refresh(report, NOW);
    }
}

#[test]
fn what_is_drawn_in_parts_looks_like_what_is_drawn_whole() {
    let reports = [
        healthy(),
        risen(healthy(), "11.5"),
        risen(healthy(), "-640"),
        unified(),
        stopped(unified()),
        with(healthy(), |report| report.positions.rows.truncate(1)),
        with(healthy(), |report| report.events = Arc::default()),
    ];
    let keys: Vec<KeyCode> = "1234567jkJK?/e:st.SfpTa+-[]{}\n\t"
        .chars()
        .map(|key| match key {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            key => KeyCode::Char(key),
        })
        .chain([KeyCode::Esc, KeyCode::PageDown, KeyCode::Up])
        .collect();
    let mut random = fastrand::Rng::with_seed(40);
    let mut partly = 0;
    for size in [WIDE, NORMAL, SMALL, PHONE, STRIP] {
        for ascii in [false, true] {
            let context = || UiContext { ascii, ..context() };
            let (mut ui, mut other) = (ui_with(context(), size, ""), ui_with(context(), size, ""));
            ui.on_colors(DARK);
            let (mut painter, mut before) = (Painter::default(), Buffer::default());
            let mut emulator =
                vt100::Parser::new(size.1.try_into().unwrap(), size.0.try_into().unwrap(), 0);
            for step in 0..120 {
                let report = &reports[random.usize(..reports.len())];
                let pressed = random.bool().then(|| keys[random.usize(..keys.len())]);
                for ui in [&mut ui, &mut other] {
                    pressed.map(|key| press(ui, key));
                }
                ui.refresh(report, NOW);
                draw_whole(&mut other, report);
                let (picture, whole) = (ui.picture(), other.picture());
                let differing = picture.diff(whole);
                assert!(differing.is_empty(), "{size:?} {step} {pressed:?}: {differing:?}");
                partly += usize::from(*picture != before);
                before = picture.clone();
                emulator.process(painter.paint(&ui.take_drawing()).as_bytes());
                let whole = Drawing { cells: ui.picture(), drawn: vec![ui.picture().area] };
                assert_eq!(
                    painter.paint(&whole),
                    "",
                    "all of it is shown, and nowhere else was drawn"
                );
                let rows = emulator.screen().rows(0, size.0);
                let shown: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
                let wanted = plain_text(ui.picture());
                assert!(shown.iter().eq(wanted.lines()), "{size:?} {step} {pressed:?}: {wanted}");
            }
        }
    }
    assert!(partly > 500, "{partly}");
}

type Change = (&'static str, fn(&mut Report));

/// What a title may warn of.
const CHANGES: &[Change] = &[
    ("ticker", |report| report.ticker.age = age(20_000)),
    ("ticker never", |report| report.ticker.age = Age::MISSING),
    ("positions", |report| report.positions.age = age(20_000)),
    ("orders", |report| report.orders.age = age(20_000)),
    ("account", |report| report.account.age = age(20_000)),
    ("derived", |report| report.account.derived = age(20_000)),
    ("pnl", |report| report.pnl.age = age(20_000)),
    ("today", |report| report.pnl.today.age = age(20_000)),
    ("session", |report| report.pnl.session.age = age(20_000)),
    ("risk", |report| report.risk.age = age(20_000)),
    ("history", |report| report.history.age = age(200_000)),
    ("history incomplete", |report| report.history.complete = !report.history.complete),
    ("book", |report| report.market.book_age = age(20_000)),
    ("no book", |report| report.market.book = None),
    ("trades", |report| report.market.trades_age = age(20_000)),
    ("row", |report| report.positions.rows[0].age = age(20_000)),
    ("unreadable positions", |report| report.positions.unreadable_rows += 1),
    ("unreadable orders", |report| report.orders.unreadable_rows += 1),
    ("level", |report| report.risk.level = Some(RiskLevel::Critical)),
    ("row level", |report| report.positions.rows[0].risk.level = Some(RiskLevel::Critical)),
    ("no candle", |report| report.taken_at = report.taken_at.plus_millis(400_000)),
    ("unexplained", |report| report.pnl.session.unexplained = Some(fixtures::d("-5"))),
    ("debt", |report| {
        if let Some(coin) = report.account.coins.first_mut() {
            coin.debt = Some(fixtures::d("5"));
        }
    }),
];

/// The texts of the upper borders.
fn title_texts(buffer: &Buffer) -> Vec<String> {
    let text = |(top, left, right)| (left..right).map(|x| buffer[(x, top)].symbol()).collect();
    titles(buffer).into_iter().map(text).collect()
}

#[test]
fn no_warning_in_a_title_waits_for_the_panels() {
    let (mut leads, mut warnings) = (0, 0);
    for report in [healthy(), unified()] {
        for size in [WIDE, NORMAL, SMALL] {
            for keys in VIEWS {
                let mut ui = ui_with(context(), size, keys);
                let moved = risen(Arc::clone(&report), "7");
                ui.refresh(&report, NOW);
                leads += usize::from(ui.refresh_lead(&moved, NOW).is_some());
                for (name, change) in CHANGES {
                    ui.refresh(&report, NOW);
                    let before = title_texts(ui.picture());
                    let changed = with(Arc::clone(&moved), change);
                    ui.refresh_lead(&changed, NOW);
                    let lead = title_texts(ui.picture());
                    ui.refresh(&changed, NOW);
                    let whole = title_texts(ui.picture());
                    assert_eq!(lead, whole, "{name} {keys:?} {size:?}");
                    warnings += usize::from(whole != before);
                }
            }
        }
    }
    assert!(leads > 20 && warnings > 150, "{leads} {warnings}");
}
