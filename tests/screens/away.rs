//! What the memory tells: an absence, announced until it is read, and the equity of earlier runs; at every size.

use std::sync::Arc;

use bitget_watch::domain::{
    Away, AwayAlert, AwayChange, AwayEquity, AwayEvent, AwayNearest, EquityPart, Gap, MemoryReport,
    Metric, Period, PeriodReport, Severity, Text,
};
use bitget_watch::report::Report;

use super::fixtures::{at, context, d, healthy, unified, with};
use super::{NORMAL, PHONE, SMALL, WIDE, shot, snapshots};

/// Four hours with a fall, a cut and a liquidation.
fn night() -> Away {
    let coin = Text::new("USDT");
    let event = |seconds_ago, what| AwayEvent {
        at: at(seconds_ago),
        symbol: Text::new("BTCUSDT_UMCBL"),
        side: Text::new("long"),
        what,
    };
    let part = |(seconds_ago, equity): (i64, &str)| {
        let last = d(equity);
        EquityPart { from: at(seconds_ago), low: last, high: last, last }
    };
    let parts = (0..100).map(|n| (14_400 - n * 60, if n < 50 { "10000" } else { "9500" }));
    let later = (0..120).map(|n| (7_200 - n * 60, if n < 60 { "8800" } else { "9100" }));
    Away {
        from: at(14_400),
        to: at(0),
        equity: Some(AwayEquity {
            coin: coin.clone(),
            coin_since: None,
            last: d("9100"),
            known_since: at(14_400),
            change: Some(d("-900")),
            max_drawdown: Some(d("0.12")),
            parts: parts.chain(later).map(part).collect(),
        }),
        events: vec![
            event(7_000, AwayChange::Changed(Some(d("0.5")), Some(d("0.25")))),
            event(6_900, AwayChange::Forced(Some(Text::new("burst_close_long")))),
            event(6_899, AwayChange::Closed(Some(d("0.25")))),
            event(6_899, AwayChange::Result(Some(d("-812.4")), Some(coin.clone()))),
        ],
        funding: vec![(coin, Some(d("-1.25")))],
        ledger_to: Some(at(0)),
        alerts: vec![AwayAlert {
            metric: Metric::LiquidationDistance,
            subject: Text::new("BTCUSDT_UMCBL long"),
            severity: Severity::Danger,
            raised_at: at(7_100),
            value: Some(d("9.09")),
            limit: Some(d("10")),
            cleared_at: Some(at(6_899)),
        }],
        nearest: Some(AwayNearest {
            symbol: Text::new("BTCUSDT_UMCBL"),
            side: Text::new("long"),
            distance: d("0.0012"),
            at: at(6_901),
        }),
        gaps: vec![Gap { from: at(8_400), to: at(7_200), why: Text::new("link_down") }],
        is_cut: false,
    }
}

fn after_the_night(report: Arc<Report>) -> Arc<Report> {
    with(report, |report| {
        let away = Some(Arc::new(night()));
        report.memory = Arc::new(MemoryReport { away, ..MemoryReport::default() });
    })
}

#[test]
fn it_is_told_at_every_size() {
    let report = after_the_night(healthy());
    snapshots("away", &report, "w", &[NORMAL, SMALL, PHONE]);
    let screen = shot(context(), &report, WIDE, "w");
    assert!(screen.contains("nothing known: link down"), "{screen}");
}

#[test]
fn it_is_announced_until_it_is_read() {
    for report in [healthy(), unified()].map(after_the_night) {
        for size in [WIDE, NORMAL, SMALL, PHONE] {
            let screen = shot(context(), &report, size, "");
            assert!(screen.contains("AWAY 4h00m"), "{screen}");
            for keys in ["ww", "a"] {
                let screen = shot(context(), &report, size, keys);
                assert!(!screen.contains("AWAY 4h00m"), "{screen}");
            }
        }
        let hidden = shot(context(), &report, NORMAL, "p");
        assert!(hidden.contains("AWAY 4h00m") && !hidden.contains("900.00"), "{hidden}");
    }
}

/// A week of which a day and a half is missing.
fn week(report: Arc<Report>) -> Arc<Report> {
    const PART: i64 = 42 * 60;
    let part = |n: i64| {
        let last = d("9000") + d("4") * rust_decimal::Decimal::from((n * 37) % 200 + n);
        let (low, high) = (last - d("150"), last + d("90"));
        EquityPart { from: at((240 - n) * PART), low, high, last }
    };
    let parts: Vec<_> = (0..=240).filter(|n| !(100..150).contains(n)).map(part).collect();
    let gap = Gap { from: at(141 * PART), to: at(90 * PART), why: Text::new("not_running") };
    let period = PeriodReport {
        period: Period::Days7,
        from: at(240 * PART),
        to: at(0),
        coin: Text::new("USDT"),
        coin_since: at(240 * PART),
        known_since: at(90 * PART),
        change: Some(d("312.5")),
        max_drawdown: Some(d("0.0711")),
        max_drawdown_amount: Some(d("700")),
        parts,
        gaps: vec![gap],
    };
    with(report, |report| {
        let periods = vec![period.clone()];
        report.memory = Arc::new(MemoryReport { periods, ..MemoryReport::default() });
    })
}

#[test]
fn the_curve_of_earlier_runs_is_shown_with_its_gaps() {
    let report = week(healthy());
    snapshots("history_week", &report, "5tt", &[WIDE, NORMAL]);
    snapshots("history_week", &report, "5tt\t\t\t", &[SMALL, PHONE]);
    let screen = shot(context(), &report, NORMAL, "5ttt");
    assert!(
        screen.contains("Equity 30 d") && screen.contains("nothing is remembered yet"),
        "{screen}"
    );
    let phone = shot(context(), &report, PHONE, "5tt\t\t\t");
    assert!(!phone.contains("7.11%"), "the drawdown never stands without its begin: {phone}");
    let hidden = shot(context(), &report, NORMAL, "5ttp");
    assert!(hidden.contains("7.11%") && !hidden.contains("312.5"), "{hidden}");
    // In other views the key is that of the candles.
    let screen = shot(context(), &report, NORMAL, "6t5");
    assert!(screen.contains("Equity since"), "{screen}");
}
