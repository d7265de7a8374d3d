//! What is told of the night, against what the exchange says of it.

use std::collections::BTreeMap;

use bitget_watch::domain::AccountKind::{self, Classic};
use bitget_watch::domain::{AlertChange, AwayChange, Metric, Text, Timestamp};
use bitget_watch::store::EventKind;
use rusqlite::Connection;
use rust_decimal::{Decimal, dec};

use super::super::rig::BEGIN;
use super::{EVENING_MS, Night};

#[track_caller]
fn assert_near(what: &str, found: Decimal, expected: Decimal, tolerance: Decimal) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, the exchange says {expected}");
}

/// What a change of an alert is about.
pub(super) type Told = (AlertChange, Metric, &'static str);

/// The same in the words of the document.
type Change = (AlertChange, String, String);

/// The log of the night: what a phone is told, in this order.
pub(super) fn expected() -> Vec<Told> {
    use AlertChange::{Cleared, Raised, Unknown};
    use Metric::{DataStale, Drawdown, LinkDown, LiquidationDistance, MarginRatio, PositionClosed};
    let (btc, eth, account) = ("BTCUSDT_UMCBL long", "ETHUSDT_UMCBL long", "account");
    vec![
        // The fall. It ends by what comes back; the dip is within the cooldown.
        (Raised, Drawdown, account),
        (Raised, LiquidationDistance, btc),
        (Cleared, LiquidationDistance, btc),
        // The cut.
        (Raised, LinkDown, "ws_private"),
        (Raised, LinkDown, "rest"),
        (Raised, LinkDown, "ws_public"),
        (Raised, DataStale, "data"),
        (Unknown, LiquidationDistance, account),
        (Unknown, MarginRatio, account),
        (Unknown, Drawdown, account),
        (Cleared, LinkDown, "rest"),
        (Cleared, LiquidationDistance, account),
        (Cleared, MarginRatio, account),
        (Cleared, Drawdown, account),
        (Cleared, DataStale, "data"),
        (Cleared, LinkDown, "ws_public"),
        (Cleared, LinkDown, "ws_private"),
        // The other contract.
        (Raised, LiquidationDistance, eth),
        (Raised, MarginRatio, eth),
        (Cleared, LiquidationDistance, eth),
        (Cleared, MarginRatio, eth),
        (Raised, PositionClosed, eth),
        (Cleared, PositionClosed, eth),
    ]
}

/// What ends without anything raised in between ends as the links happen to come back: in any order.
fn ends_sorted(mut log: Vec<Change>) -> Vec<Change> {
    let both_end = |a: &Change, b: &Change| [a.0, b.0] == [AlertChange::Cleared; 2];
    log.chunk_by_mut(both_end).for_each(<[_]>::sort);
    log
}

impl Night {
    /// What a change of alert was about, in the words of the document.
    fn log(&self) -> Vec<Change> {
        let told = self.phone.0.lock().unwrap();
        told.iter()
            .map(|message| {
                let json: serde_json::Value = serde_json::from_str(&message.document).unwrap();
                let word = |name: &str| json["alert"][name].as_str().unwrap().to_owned();
                (message.change, word("metric"), word("subject"))
            })
            .collect()
    }

    /// Raised and ended, in order, and none twice.
    pub(super) fn check_log(&self) {
        let expected = expected()
            .into_iter()
            .map(|(change, metric, subject)| (change, metric.to_string(), subject.to_owned()));
        let expected = ends_sorted(expected.collect());
        assert_eq!(ends_sorted(self.log()), expected);
        // The events of the screen are the same, newest first.
        let events = self.report().events.clone();
        let notices = events.iter().rev().filter_map(|event| {
            let EventKind::Alert(notice) = &event.kind else { return None };
            Some((notice.change, notice.metric.to_string(), notice.subject.to_string()))
        });
        assert_eq!(ends_sorted(notices.collect()), expected);
    }

    /// Every alert that was raised is in the file, with what became of it by each way, and ended where it ended; its rule was silent for its
    /// cooldown.
    pub(super) fn check_memory(&self) {
        let memory = Connection::open(self.path()).unwrap();
        let mut rows = memory
            .prepare("SELECT metric, subject, raised_at, cleared_at, delivery, value FROM alert ORDER BY raised_at")
            .unwrap();
        let rows = rows.query_map([], |row| {
            let (metric, subject): (String, String) = (row.get(0)?, row.get(1)?);
            let (raised, cleared): (i64, Option<i64>) = (row.get(2)?, row.get(3)?);
            let (sent, value): (String, Option<String>) = (row.get(4)?, row.get(5)?);
            Ok(((metric, subject), raised, cleared, sent, value.is_some()))
        });
        let rows: Vec<_> = rows.unwrap().map(Result::unwrap).collect();
        let log = self.log();
        let begun = log.iter().filter(|(change, ..)| *change != AlertChange::Cleared);
        let mut begun: Vec<_> =
            begun.map(|(_, metric, subject)| (metric.clone(), subject.clone())).collect();
        let mut held: Vec<_> = rows.iter().map(|row| row.0.clone()).collect();
        begun.sort();
        held.sort();
        assert_eq!(held, begun);
        for (whose, raised, cleared, sent, _) in &rows {
            let tried: serde_json::Value = serde_json::from_str(sent).unwrap();
            let word = |row: usize, name: &str| tried[row][name].as_str().unwrap().to_owned();
            let states = [0, 1].map(|row| word(row, "way") + " " + &word(row, "state"));
            assert_eq!(states, ["terminal pending", "phone sent"], "{whose:?}");
            let is_on = whose.0 == "drawdown_pct" && whose.1 == "account" && cleared.is_none();
            assert!(is_on || cleared.is_some_and(|cleared| cleared > *raised), "{whose:?}");
        }
        let mut last: BTreeMap<_, i64> = BTreeMap::new();
        for (whose, raised, _, _, _) in rows.iter().filter(|row| row.4) {
            let before = last.insert(whose, *raised);
            assert!(before.is_none_or(|before| raised - before >= 600_000), "{whose:?}");
        }
        // The dip is there: no minute between the fall and the cut is missing.
        let count = |sql: &str| memory.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(DISTINCT account) FROM minute"), 1);
        let evening = BEGIN + EVENING_MS;
        let minutes =
            count(&format!("SELECT count(*) FROM minute WHERE at < {}", evening + 15 * 60_000));
        assert_eq!(minutes, 15);
        let low = self.equity.iter().map(|(_, equity)| *equity).min().unwrap();
        let lowest = "SELECT equity_low FROM minute ORDER BY CAST(equity_low AS REAL) LIMIT 1";
        let lowest: String = memory.query_row(lowest, [], |row| row.get(0)).unwrap();
        assert_near("the lowest equity", lowest.parse().unwrap(), low, dec!(40));
    }

    /// The equity of the exchange at a time.
    fn equity_at(&self, at: Timestamp) -> Decimal {
        self.equity.iter().find(|(time, _)| *time >= at).unwrap().1
    }

    pub(super) fn check_away(&self, kind: AccountKind) {
        let evening = Timestamp::from_millis(BEGIN + EVENING_MS);
        let minute = |minutes: i64| evening.plus_millis(minutes * 60_000);
        let is_about = |at: Timestamp, minutes: i64, late_ms: i64| {
            let late = at.as_millis() - minute(minutes).as_millis();
            assert!((-1_000..=late_ms).contains(&late), "{late} ms after minute {minutes}");
        };
        let report = self.report();
        let away = report.memory.away.as_deref().unwrap();
        is_about(away.from, 0, 30_000);
        is_about(away.to, 56, 1_000);
        // The result of the night, across the cut and the change of the account.
        let equity = away.equity.as_ref().unwrap();
        let [before, after] = if kind == Classic { ["USDT", "USD"] } else { ["USD", "USDT"] };
        assert_eq!(equity.coin.as_str(), after);
        is_about(equity.coin_since.unwrap(), 45, 90_000);
        is_about(equity.known_since, 0, 30_000);
        assert_near("equity", equity.last, self.equity_at(minute(56)), dec!(60));
        let change = self.equity_at(minute(56)) - self.equity_at(equity.known_since);
        assert_near("result", equity.change.unwrap(), change, dec!(80));
        let highest = self.equity.iter().map(|(_, equity)| *equity).max().unwrap();
        let lowest = self.equity.iter().map(|(_, equity)| *equity).min().unwrap();
        let fall = (highest - lowest) / highest;
        assert_near("drawdown", equity.max_drawdown.unwrap(), fall, dec!(0.005));
        // Funding is what the exchange settled at 16:00, to the last digit.
        assert_eq!(away.funding, [(Text::new("USDT"), Some(self.funding))]);
        assert!(away.ledger_to.is_some_and(|to| to >= minute(55)));
        // The position: gone, by whose hand, and what it came to.
        let [closed, forced, settled] = away.events.as_slice() else {
            panic!("{:#?}", away.events)
        };
        for event in &away.events {
            is_about(event.at, 42, 60_000);
            assert_eq!(event.symbol.as_str(), "ETHUSDT_UMCBL");
        }
        assert_eq!(closed.what, AwayChange::Closed(Some(dec!(3))));
        assert!(
            matches!(&forced.what, AwayChange::Forced(Some(note)) if note.as_str().contains("burst"))
        );
        let AwayChange::Result(Some(net), Some(coin)) = &settled.what else {
            panic!("{settled:?}")
        };
        assert_eq!(coin.as_str(), "USDT");
        // Fees and its share of the funding are a few USDT.
        assert_near("result of the position", *net, self.liquidated, dec!(12));
        let nearest = away.nearest.as_ref().unwrap();
        assert_eq!((nearest.symbol.as_str(), nearest.side.as_str()), ("ETHUSDT_UMCBL", "long"));
        assert!(nearest.distance < dec!(0.005), "{}", nearest.distance);
        is_about(nearest.at, 42, 60_000);
        let [gap] = away.gaps.as_slice() else { panic!("{:#?}", away.gaps) };
        // Figures of before hold for five seconds.
        is_about(gap.from, 15, 6_000);
        is_about(gap.to, 35, 20_000);
        assert_eq!(gap.why.as_str(), "link_down");

        let screen = self.screen('w');
        let words = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "from 15:20 to 16:15 (55m".to_owned(),
            format!("in {after} since the account changed at 16:0"),
            "nearest to liquidation: ETHUSDT_UMCBL LONG 0.".to_owned(),
            "closed ETHUSDT_UMCBL LONG 3".to_owned(),
            "CLOSED BY THE EXCHANGE ETHUSDT_UMCBL burst_close_long".to_owned(),
            "result ETHUSDT_UMCBL LONG net -7".to_owned(),
            format!("funding {:.4} USDT", self.funding.round_dp(4)),
            "ALERT account drawdown 2".to_owned(),
            "not ended".to_owned(),
            "ALERT BTCUSDT_UMCBL long liquidation distance 5.".to_owned(),
            "15:36 ALERT not judged: account drawdown".to_owned(),
            "15:35 to 15:55 nothing known: link down".to_owned(),
        ] {
            assert!(words.contains(&part), "{part}, before in {before}\n{screen}");
        }
    }

    pub(super) fn check_metrics(&self, in_the_cut: &str) {
        let value = |text: &str, name: &str| -> Option<Decimal> {
            let start = format!("bitget_watch_{name}");
            let line = text.lines().find(|line| line.starts_with(&start))?;
            line.rsplit_once(' ').unwrap().1.parse().ok()
        };
        // Nothing old is told as if it were of now.
        assert_eq!(value(in_the_cut, "up{"), Some(dec!(0.0)));
        for absent in
            ["equity{", "margin_ratio{", "session_change{", "position_size{", "mark_price{"]
        {
            assert_eq!(value(in_the_cut, absent), None, "{absent}");
        }
        let age = value(in_the_cut, "data_age_seconds{account=\"main\",datum=\"price\"}");
        assert!(age.is_some_and(|age| age > dec!(590) && age < dec!(610)), "{age:?}");
        let link = "link_state{account=\"main\",link=\"ws_public\",state=\"down\"}";
        assert_eq!(value(in_the_cut, link), Some(dec!(1.0)));

        let text = self.metrics();
        assert_eq!(value(&text, "up{"), Some(dec!(1.0)), "{text}");
        let raised = |metric: &str| {
            value(&text, &format!("alerts_raised_total{{account=\"main\",metric=\"{metric}\"}}"))
        };
        for (metric, count) in [
            ("drawdown_pct", 1),
            ("liquidation_distance_pct", 2),
            ("margin_ratio_pct", 1),
            ("link_down", 3),
            ("data_stale", 1),
            ("position_closed", 1),
        ] {
            assert_eq!(raised(metric), Some(Decimal::from(count)), "{metric}");
        }
        assert_eq!(value(&text, "alerts_delivery_failures_total"), None);
        assert!(!text.contains("ETHUSDT"), "{text}");
        let (_, equity) = *self.equity.last().unwrap();
        assert_near("equity", value(&text, "equity{").unwrap(), equity, dec!(40));
        let began = self.report().pnl.session.started_at.unwrap();
        let change = equity - self.equity_at(began);
        assert_near("session", value(&text, "session_change{").unwrap(), change, dec!(80));
    }
}
