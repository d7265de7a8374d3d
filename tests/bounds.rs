//! Bounds of what is shown: exact figures for any position, every size of the terminal, and the bytes
//! that a repaint takes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::string_slice,
    reason = "a test may fail loudly, and says what it measured"
)]

#[path = "screens/engine.rs"]
#[allow(dead_code, clippy::allow_attributes, reason = "other states are for other tests")]
mod engine;
#[path = "screens/fixtures.rs"]
#[allow(dead_code, clippy::allow_attributes, reason = "other states are for other tests")]
mod fixtures;

use std::sync::Arc;
use std::time::Duration;

use bitget_watch::config::{RefreshConfig, RiskConfig};
use bitget_watch::domain::{AccountKind, Body, Origin, Product, Symbol, Timestamp, Update};
use bitget_watch::exchange::{Api, Message, Request, v2::V2_API};
use bitget_watch::report::{Age, Context, Limits, Report, Source, build};
use bitget_watch::store::Store;
use bitget_watch::ui::run::plain_text;
use bitget_watch::ui::{Painter, Repaint, Ui};
use fixtures::{NOW, context, healthy, row, with};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rust_decimal::Decimal;
use serde_json::json;

/// Billionths: the arithmetic of this test, in whole numbers only.
const BILLION: i128 = 1_000_000_000;

fn decimal(billionths: i128) -> String {
    Decimal::from_i128_with_scale(billionths, 9).normalize().to_string()
}

/// One position and its market, in billionths.
#[derive(Debug)]
struct Case {
    long: bool,
    size: i128,
    entry: i128,
    mark: i128,
    liquidation: i128,
    margin: i128,
    price_places: i128,
    size_places: i128,
}

impl Case {
    fn random(random: &mut fastrand::Rng) -> Self {
        // Any magnitude is as likely as any other.
        let mut spread = |most: i128| {
            let magnitude = random.u32(0..=most.ilog10());
            random.i128(1..=10_i128.pow(magnitude).min(most))
        };
        let mark = spread(1_000_000 * BILLION);
        let entry = spread(1_000_000 * BILLION);
        // A notional of a billion at most: what an account could hold.
        let most_size = (BILLION * BILLION * BILLION / mark.max(entry)).min(BILLION * BILLION);
        let size = spread(most_size.max(1));
        let (liquidation, margin) = (spread(1_000_000 * BILLION), spread(1_000_000 * BILLION));
        Self {
            long: random.bool(),
            size,
            entry,
            mark,
            liquidation,
            margin,
            price_places: random.i128(0..=9),
            size_places: random.i128(0..=9),
        }
    }

    fn store(&self) -> Store {
        let focus = Symbol::default();
        let rules = json!([{
            "symbol": "BTCUSDT", "baseCoin": "BTC", "quoteCoin": "USDT", "makerFeeRate": "0.0002",
            "takerFeeRate": "0.0006", "minTradeNum": "0.0001", "priceEndStep": "1",
            "volumePlace": self.size_places.to_string(), "pricePlace": self.price_places.to_string(),
            "sizeMultiplier": "0.000000001", "symbolStatus": "normal", "fundInterval": "8",
            "maxLever": "150",
        }]);
        let rows = json!([{
            "symbol": "BTCUSDT", "marginCoin": "USDT", "marginMode": "isolated",
            "posMode": "hedge_mode", "holdSide": if self.long { "long" } else { "short" },
            "total": decimal(self.size), "available": decimal(self.size),
            "openPriceAvg": decimal(self.entry), "markPrice": decimal(self.entry),
            "marginSize": decimal(self.margin), "leverage": "10",
            "liquidationPrice": decimal(self.liquidation), "achievedProfits": "0",
            "totalFee": "0", "deductedFee": "0", "uTime": "1790358794000",
        }]);
        let ticker = json!({
            "action": "snapshot",
            "arg": { "instType": "USDT-FUTURES", "channel": "ticker", "instId": "BTCUSDT" },
            "data": [{ "instId": "BTCUSDT", "lastPr": decimal(self.mark),
                "markPrice": decimal(self.mark), "ts": NOW.as_millis().to_string() }],
            "ts": NOW.as_millis(),
        });
        let mut store = Store::new(focus.clone());
        apply(&mut store, Origin::Rest, Body::AccountKind(Some(AccountKind::Classic)));
        for (request, data) in
            [(Request::Contract(focus), rules), (Request::Positions(Product::UsdtFutures), rows)]
        {
            for body in V2_API.read_response(&request, &data.to_string()).unwrap().bodies {
                apply(&mut store, Origin::Rest, body);
            }
        }
        let Message::Push { bodies, .. } = V2_API.read_message(&ticker.to_string()).unwrap() else {
            panic!("a push");
        };
        for body in bodies {
            apply(&mut store, Origin::PublicPush, body);
        }
        store
    }
}

fn apply(store: &mut Store, origin: Origin, body: Body) {
    store.apply(Update { origin, as_of: NOW, received: NOW, sent: None, body });
}

/// Returns whether `ratio` is `above / below` as far as ratios go, which is twelve decimals. The product
/// is compared, so that nothing is divided here.
fn is_ratio(ratio: Decimal, above: Decimal, below: Decimal) -> bool {
    let product = ratio.checked_mul(below).unwrap();
    (product - above).abs() <= below * Decimal::new(1, 12)
}

#[test]
fn fc_22_a_thousand_positions_agree_with_exact_arithmetic() {
    let limits = Limits::new(&RefreshConfig::default());
    let context_of_report = Context {
        source: Source::Live,
        focus: Symbol::default(),
        credentials: true,
        limits,
        risk: RiskConfig::default(),
    };
    let mut random = fastrand::Rng::with_seed(22);
    let (mut smallest, mut largest) = (i128::MAX, 0);
    for round in 0..1_000 {
        let case = Case::random(&mut random);
        smallest = smallest.min(case.mark);
        largest = largest.max(case.mark);
        let store = case.store();
        let report = Arc::new(build(store.snapshot(), &context_of_report, NOW));
        let [shown] = &report.positions.rows[..] else { panic!("{round}: {case:?}") };

        let sign = if case.long { 1 } else { -1 };
        let pnl = sign * case.size * (case.mark - case.entry);
        let exact = Decimal::from_i128_with_scale(pnl, 18).normalize();
        assert_eq!(shown.unrealized_pnl.map(|pnl| pnl.normalize()), Some(exact), "{case:?}");
        let notional = Decimal::from_i128_with_scale(case.size * case.mark, 18).normalize();
        assert_eq!(shown.notional.map(|value| value.normalize()), Some(notional), "{case:?}");
        let value = |billionths: i128| Decimal::from_i128_with_scale(billionths, 9).normalize();
        let roe = shown.roe.unwrap();
        assert!(is_ratio(roe, exact, value(case.margin)), "{roe} {case:?}");
        if let Some(distance) = shown.liquidation_distance {
            let apart = value((case.mark - case.liquidation).abs());
            assert!(is_ratio(distance, apart, value(case.mark)), "{distance} {case:?}");
        } else {
            assert!(case.liquidation > 10 * case.mark, "a distance is missing: {case:?}");
        }

        let mut ui = Ui::new(context());
        ui.on_size(200, 60);
        ui.on_key(KeyEvent::new(KeyCode::Char('2'), KeyModifiers::NONE));
        ui.refresh(&report, NOW);
        let text = plain_text(ui.picture());
        let side = if case.long { "LONG" } else { "SHORT" };
        // The row says by its glyph that it is live.
        let line = text.lines().find(|line| line.contains(side) && line.contains('●'));
        let words = line.unwrap().split_whitespace();
        let size = words.skip_while(|word| *word != "●").nth(1).unwrap();
        let written: Decimal = size.replace(',', "").parse().unwrap();
        assert!(written > Decimal::ZERO, "a size that is not zero is shown as {size}: {case:?}");
        let held = value(case.size);
        assert!((written - held).abs() <= held, "{size} for {held}");
    }
    println!("1,000 positions, marks from {} to {}", decimal(smallest), decimal(largest));
}

/// So many positions, of contracts of their own.
fn held(count: usize) -> Arc<Report> {
    with(healthy(), |report| {
        report.positions.rows =
            (0..count).map(|index| row(&format!("C{index:03}USDT"), index == 0)).collect();
    })
}

#[test]
fn fc_38_every_size_is_drawn() {
    let small = (0..=20).flat_map(|width| (0..=10).map(move |height| (width, height)));
    let sizes: Vec<(u16, u16)> = small.chain([(80, 24), (500, 200), (1000, 1000)]).collect();
    for count in [0, 1, 100] {
        let report = held(count);
        for view in ['1', '2', '4', '6', '7', '?'] {
            for &(width, height) in &sizes {
                // The widest once: a million cells are what the others are, only more of them.
                if width == 1000 && view != '1' {
                    continue;
                }
                let mut ui = Ui::new(context());
                ui.on_size(width, height);
                ui.on_key(KeyEvent::new(KeyCode::Char(view), KeyModifiers::NONE));
                ui.refresh(&report, NOW);
                let text = plain_text(ui.picture());
                let blank = text.trim().is_empty();
                assert!(!blank || width < 8 || height == 0, "{width}x{height} {view} is blank");
            }
        }
    }
}

/// Begin and end of the synchronized update around each repaint.
const AROUND: usize = 16;

/// A minute in which the prices of all twenty contracts move with each repaint, ten times a second.
#[test]
fn fc_39_twenty_symbols_at_ten_frames_a_second_fit_through_a_slow_link() {
    for (view, fps) in [('1', 10), ('2', 10), ('2', 4)] {
        let frames = 60 * fps;
        let mut report = held(20);
        let mut painter = Painter::default();
        let mut bytes = 0;
        let mut ui = Ui::new(context());
        ui.on_size(120, 40);
        ui.on_key(KeyEvent::new(KeyCode::Char(view), KeyModifiers::NONE));
        let mut random = fastrand::Rng::with_seed(39);
        let mut first = 0;
        for frame in 0..=frames {
            let now: Timestamp = NOW.plus_millis(frame * 1_000 / fps);
            let next = Arc::make_mut(&mut report);
            (next.now, next.taken_at) = (now, now);
            next.positions.age = Age::new(Some(now), Duration::from_secs(5));
            for row in &mut next.positions.rows {
                row.age = next.positions.age;
                let step = Decimal::new(random.i64(-30..=30), 1);
                let moved = |value: Option<Decimal>| value.map(|value| value + step);
                row.mark_price = moved(row.mark_price);
                row.unrealized_pnl = moved(row.unrealized_pnl);
                row.roe = row.roe.map(|roe| roe + step / Decimal::ONE_THOUSAND);
                row.liquidation_distance =
                    row.liquidation_distance.map(|far| far + step / Decimal::from(60_000));
            }
            let age = next.positions.age;
            (next.ticker.mark, next.ticker.age) = (next.positions.rows[0].mark_price, age);
            (next.pnl.age, next.risk.age, next.account.derived) = (age, age, age);
            next.pnl.unrealized =
                Some(next.positions.rows.iter().filter_map(|row| row.unrealized_pnl).sum());
            if ui.refresh(&report, now) {
                bytes += painter.paint(&ui.take_drawing()).len() + AROUND;
            }
            if frame == 0 {
                first = bytes;
            }
        }
        let a_second = (bytes - first) / 60;
        println!(
            "view {view} at {fps} fps: {first} bytes at first, then {a_second} bytes a second"
        );
        assert!(a_second <= 8_000, "view {view}: {a_second} bytes a second");
    }
}

/// Returns `report` with every price a little higher.
fn moved(report: &Arc<Report>, now: Timestamp) -> Arc<Report> {
    let mut next = report.as_ref().clone();
    let up = |value: &mut Option<Decimal>| *value = value.map(|value| value + Decimal::ONE);
    (next.now, next.taken_at) = (now, now);
    up(&mut next.ticker.mark);
    up(&mut next.ticker.last);
    up(&mut next.pnl.unrealized);
    for row in &mut next.positions.rows {
        up(&mut row.mark_price);
        up(&mut row.unrealized_pnl);
    }
    Arc::new(next)
}

#[test]
fn the_lines_above_the_panels_take_few_bytes_and_wait_for_no_panel() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let first = held(20);
        let mut painter = Painter::default();
        let mut ui = Ui::new(context());
        ui.on_size(width, height);
        let mut draw = |ui: &mut Ui| painter.paint(&ui.take_drawing()).len() + AROUND;
        assert_eq!(
            ui.refresh_lead(&first, NOW),
            Some(Repaint::Whole),
            "whole, as nothing was shown"
        );
        draw(&mut ui);
        let before = plain_text(ui.picture());
        let later = NOW.plus_millis(300);
        let next = moved(&first, later);
        assert_eq!(ui.refresh_lead(&next, later), Some(Repaint::Lead));
        let bytes = draw(&mut ui);
        assert!(bytes <= 150, "{bytes} bytes at {width}x{height}");
        let lead = plain_text(ui.picture());
        let differing = |other: &str| {
            let lines = before.lines().zip(other.lines()).enumerate();
            lines.filter(|(_, (a, b))| a != b).map(|(y, _)| y).collect::<Vec<_>>()
        };
        assert_eq!(differing(&lead), [3], "the figures of the strip at {width}x{height}");
        assert_eq!(ui.refresh_lead(&next, later), None, "nothing more is new above the panels");
        assert!(ui.refresh(&next, later), "the panels follow");
        let whole = draw(&mut ui);
        println!("{width}x{height}: {bytes} bytes, then {whole} for the panels");
        // What is not a price is seen at once, with everything.
        let changes: [fn(&mut Report); 4] = [
            |report| report.positions.rows[0].size += Decimal::ONE,
            |report| drop(report.positions.rows.pop()),
            |report| report.complete = !report.complete,
            |report| report.risk.level = None,
        ];
        for change in changes {
            let mut changed = moved(&next, later).as_ref().clone();
            change(&mut changed);
            ui.refresh(&next, later);
            let built = ui.refresh_lead(&Arc::new(changed), later);
            assert_eq!(built, Some(Repaint::Whole));
            let shown = plain_text(ui.picture());
            assert!(differing(&shown).iter().any(|y| *y > 4), "{width}x{height}: {shown}");
        }
    }
}
