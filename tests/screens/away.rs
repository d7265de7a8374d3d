//! What happened while the user was away: announced until it is read, at every size.

use std::sync::Arc;

use bitget_watch::domain::{
    Away, AwayAlert, AwayChange, AwayEquity, AwayEvent, AwayNearest, EquityPart, Gap, MemoryReport,
    Metric, Severity, Text,
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
