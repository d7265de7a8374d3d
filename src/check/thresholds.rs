//! [`Thresholds`]: what a monitoring system asks for.

use std::time::Duration;

use rust_decimal::Decimal;

use super::evidence::Evidence;
use super::finding::{Area, Finding};
use super::span::span;
use crate::domain::Timestamp;
use crate::report::{Age, Freshness, PositionRow, Report};
use crate::risk;

/// What counts as too old and too near; `None` for what is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Thresholds {
    /// The greatest age of price, positions and account.
    pub max_age: Option<Duration>,
    /// The least distance of a position from its liquidation price, in percent of the mark price.
    pub min_distance: Option<Decimal>,
}

impl Thresholds {
    /// Returns the lines of the thresholds that were asked for. What is not known does not pass.
    pub(super) fn findings(&self, evidence: &Evidence) -> Vec<Finding> {
        let report = evidence.report();
        let age = self.max_age.map(|most| max_age(report, most));
        let distance = self.min_distance.map(|least| min_distance(report, least));
        age.into_iter().chain(distance).collect()
    }
}

fn crossed(name: &'static str, subject: &str, text: String) -> Finding {
    Finding::fail(Area::Threshold, name, subject, text, "look at the dashboard")
}

fn max_age(report: Option<&Report>, most: Duration) -> Finding {
    const NAME: &str = "max_age";
    let Some(report) = report else { return crossed(NAME, "", "nothing is known".to_owned()) };
    let mut parts = vec![("price", report.ticker.age)];
    if report.has_credentials() {
        parts.extend([("positions", report.positions.age), ("account", report.account.age)]);
    }
    let mut oldest = Duration::ZERO;
    for (name, age) in parts {
        let Some(age) = elapsed(age, report.now) else {
            return crossed(NAME, name, format!("{name}: nothing is known"));
        };
        if age > most {
            let text = format!("{name}: {} old, more than {}", span(age), span(most));
            return crossed(NAME, name, text);
        }
        oldest = oldest.max(age);
    }
    Finding::ok(NAME, "", format!("the oldest is {} old, of {}", span(oldest), span(most)))
}

fn elapsed(age: Age, now: Timestamp) -> Option<Duration> {
    match age.at(now) {
        Freshness::Live { ms } | Freshness::Stale { ms } => {
            Some(Duration::from_millis(ms.unsigned_abs()))
        }
        Freshness::Missing => None,
    }
}

fn min_distance(report: Option<&Report>, least: Decimal) -> Finding {
    const NAME: &str = "min_distance";
    let unknown = |what: &str| crossed(NAME, "", format!("not known: {what}"));
    let Some(report) = report else { return unknown("no connection") };
    if !report.has_credentials() {
        return unknown("no credentials");
    }
    if !report.positions.is_whole(report.now) {
        return unknown("the lists of positions are not whole, or stale");
    }
    let mut nearest: Option<(Decimal, &PositionRow)> = None;
    let mut without = 0_u32;
    for row in &report.positions.rows {
        let Some(distance) = distance(row) else {
            without = without.saturating_add(1);
            continue;
        };
        if !row.age.is_live(report.now) {
            return unknown(&format!("{} is stale", row.key.symbol));
        }
        if nearest.is_none_or(|(held, _)| distance < held) {
            nearest = Some((distance, row));
        }
    }
    let also = if without > 0 {
        format!("; {without} without a liquidation price")
    } else {
        String::new()
    };
    let Some((distance, row)) = nearest else {
        return Finding::ok(NAME, "", format!("no position that can be liquidated{also}"));
    };
    let subject = format!("{} {}", row.key.symbol, row.key.side);
    let percent = distance.round_dp(2);
    if distance < least {
        let text = format!("{subject} is {percent} % from its liquidation, less than {least} %");
        return crossed(NAME, &subject, text);
    }
    let text = format!("the nearest is {subject} at {percent} %, of {least} %{also}");
    Finding::ok(NAME, &subject, text)
}

/// Returns the distance in percent, of the nearer of the exchange's and our liquidation price.
fn distance(row: &PositionRow) -> Option<Decimal> {
    let ours = || {
        let mark = row.mark_price.filter(|mark| *mark > Decimal::ZERO)?;
        let away = risk::sub(mark, row.risk.liquidation_price_ours?)?.abs();
        risk::div(away, mark)
    };
    let nearer = [row.liquidation_distance, ours()].into_iter().flatten().min()?;
    risk::mul(nearer, Decimal::ONE_HUNDRED)
}
