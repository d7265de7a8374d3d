//! Both generations of the API show one world alike: a document made through V2 and one made through V3 differ
//! in the places that are listed here, and there by no more than their reason explains.

use std::collections::BTreeSet;

use bitget_watch::config::ApiChoice;
use bitget_watch::domain::AccountKind::{Classic, Unified};
use bitget_watch::report::json;
use serde_json::Value;

use super::rig::{Rig, Setup, seconds};

/// How far two figures of one place may be apart.
#[derive(Debug, Clone, Copy)]
enum Bound {
    /// These two words, of V2 and of V3.
    Words(&'static str, &'static str),
    /// V3 does not say it.
    Unknown,
    /// V2 does not say it.
    OfV3,
    /// This share of the larger figure.
    Share(f64),
    /// This much.
    Absolute(f64),
    /// What all positions need as initial margin.
    InitialMargin,
}

/// Contracts have prices of six significant digits at least; probabilities are steeper than prices.
const ROUNDING: f64 = 0.000_2;
/// Isolated positions move by less than this share of the pool between two polls.
const MOVED: f64 = 0.001;
/// The mark price is within this share of the entry price.
const ENTRY_TO_MARK: f64 = 0.03;

/// The exchange rounds what it says of an average to the contract's places.
const ROUNDED: &str = "V2 sends it with twelve more places than V3";
/// What the exchange counts for the whole pool.
const POOL: &str =
    "V3 reports the collateral of cross positions, off by what isolated ones moved within seconds";
/// When the exchange was asked.
const POLLED: &str = "with another number of requests the polls fall at other moments";
/// What an initial margin is.
const MARGIN: &str = "V3 counts cross margin at the mark price, V2 at the entry price";
/// Places of the document that the two generations do not both have, or do not mean alike, how far they
/// may be apart, and why.
const DIFFER: [(&str, Bound, &str); 47] = {
    use Bound::{Absolute, InitialMargin, OfV3, Share, Unknown, Words};
    [
        (
            "account.asset_mode",
            Words("single", "multi"),
            "a unified account has one pool of collateral",
        ),
        ("account.available", InitialMargin, "of the pool in V3, of the futures account in V2"),
        ("account.coins.available", InitialMargin, "as that of the account"),
        ("account.coins.debt", OfV3, "a classic account cannot borrow"),
        ("account.coins.locked", InitialMargin, "as that of the account"),
        ("account.coins.usd_value", OfV3, "V2 gives no coin a value"),
        ("account.effective_leverage", Share(MOVED), POOL),
        ("account.initial_margin", Share(ENTRY_TO_MARK), MARGIN),
        ("account.locked", InitialMargin, "V3 counts margin and orders, V2 orders alone"),
        ("account.margin_coin", Words("USDT", "USD"), "V3 sums the pool up in USD"),
        ("account.margin_ratio", Share(MOVED), POOL),
        ("account.usdt_usd", OfV3, "a classic account is kept in USDT"),
        ("account_kind", Words("classic", "unified"), "this is the difference"),
        (
            "links.frames",
            Share(0.2),
            "V3 has fewer private channels, and sends them at other times",
        ),
        ("orders.age_ms", Absolute(5_000.0), POLLED),
        (
            "orders.rows.kind",
            Words("trailing", "trigger"),
            "V3 knows no trailing plan: it says trigger",
        ),
        ("orders.rows.reduce_only", Unknown, "V3 does not tell it of resting plans by REST"),
        ("orders.rows.side", Unknown, "V3 does not tell it of resting plans by REST"),
        ("positions.age_ms", Absolute(2_000.0), POLLED),
        ("positions.rows.break_even_price", Share(ROUNDING), ROUNDED),
        ("positions.rows.exchange_unrealized_pnl", Absolute(10.0), POLLED),
        ("positions.rows.liquidation_distance", Share(ROUNDING), ROUNDED),
        ("positions.rows.liquidation_price", Share(ROUNDING), ROUNDED),
        ("positions.rows.margin", Share(ENTRY_TO_MARK), MARGIN),
        ("positions.rows.margin_ratio", Share(MOVED), POOL),
        ("positions.rows.risk.bankruptcy_price", Share(MOVED), POOL),
        ("positions.rows.risk.effective_leverage", Share(MOVED), POOL),
        ("positions.rows.risk.funding_yearly_on_margin", Share(ENTRY_TO_MARK), MARGIN),
        ("positions.rows.risk.liquidation_atrs", Share(ROUNDING), ROUNDED),
        ("positions.rows.risk.liquidation_price_ours", Share(MOVED), POOL),
        ("positions.rows.risk.liquidation_sigmas", Share(ROUNDING), ROUNDED),
        ("positions.rows.risk.scenarios.margin_ratio", Share(MOVED), POOL),
        ("positions.rows.risk.surplus", Share(MOVED), POOL),
        ("positions.rows.risk.touch_probability.1h", Share(ROUNDING), ROUNDED),
        ("positions.rows.risk.touch_probability.24h", Share(ROUNDING), ROUNDED),
        ("positions.rows.risk.touch_probability.8h", Share(ROUNDING), ROUNDED),
        ("positions.rows.risk.what_if.margin_to_add", Share(MOVED), POOL),
        ("positions.rows.risk.what_if.size_allowed", Share(MOVED), POOL),
        ("positions.rows.roe", Share(ENTRY_TO_MARK), MARGIN),
        ("risk.account_scenarios.margin_ratio", Share(MOVED), POOL),
        ("risk.liquidation_distance", Share(ROUNDING), ROUNDED),
        ("risk.liquidation_sigmas", Share(ROUNDING), ROUNDED),
        ("risk.scenarios.margin_ratio", Share(MOVED), POOL),
        ("risk.surplus", Share(MOVED), POOL),
        ("risk.touch_probability.1h", Share(ROUNDING), ROUNDED),
        ("risk.touch_probability.24h", Share(ROUNDING), ROUNDED),
        ("risk.touch_probability.8h", Share(ROUNDING), ROUNDED),
    ]
};

/// Every place where two documents differ, without the numbers of rows.
fn differences(place: &str, one: &Value, other: &Value, found: &mut Vec<(String, Value, Value)>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            for (name, value) in one {
                let under = format!("{place}.{name}");
                differences(under.trim_start_matches('.'), value, &other[name], found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (one, other) in one.iter().zip(other) {
                differences(place, one, other, found);
            }
        }
        _ if one != other => found.push((place.to_owned(), one.clone(), other.clone())),
        _ => {}
    }
}

#[tokio::test(start_paused = true)]
async fn both_generations_show_one_world_alike() {
    let mut shown: Vec<Value> = Vec::new();
    for kind in [Classic, Unified] {
        let mut setup = Setup::new(kind, 67);
        setup.api = Some(if kind == Classic { ApiChoice::Classic } else { ApiChoice::Unified });
        let rig = Rig::start(setup).await;
        tokio::time::sleep_until(rig.began + seconds(30)).await;
        assert!(rig.report().complete);
        shown.push(serde_json::from_str(&json::to_string(&rig.report()).unwrap()).unwrap());
    }
    let initial_margin = figure(&shown[1]["account"]["initial_margin"]).unwrap();
    let mut found = Vec::new();
    differences("", &shown[0], &shown[1], &mut found);
    for (place, one, other) in &found {
        let Some((_, bound, reason)) = DIFFER.iter().find(|(listed, ..)| listed == place) else {
            panic!("{place}: {one} and {other}, for no reason that is known")
        };
        let within = bound.holds(one, other, initial_margin);
        assert!(within, "{place}: {one} and {other} are further apart than {bound:?}: {reason}");
    }
    let places: BTreeSet<&str> = found.iter().map(|(place, ..)| place.as_str()).collect();
    // Polls may as well fall at one moment.
    let must_differ = DIFFER.iter().filter(|(.., reason)| *reason != POLLED);
    let unused: Vec<_> = must_differ.filter(|(place, ..)| !places.contains(place)).collect();
    assert!(unused.is_empty(), "they do not differ any more: {unused:?}");
}

/// A figure of the document, as a number to compare.
fn figure(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

impl Bound {
    fn holds(self, one: &Value, other: &Value, initial_margin: f64) -> bool {
        let apart = || Some((figure(one)? - figure(other)?).abs());
        let within = |limit: f64| apart().is_some_and(|apart| apart <= limit);
        match self {
            Self::Words(of_v2, of_v3) => one == of_v2 && other == of_v3,
            Self::Unknown => !one.is_null() && other.is_null(),
            Self::OfV3 => one.is_null() && !other.is_null(),
            Self::Share(share) => {
                let largest = [one, other].into_iter().filter_map(figure).map(f64::abs);
                within(share * largest.fold(0.0, f64::max))
            }
            Self::Absolute(limit) => within(limit),
            Self::InitialMargin => within(initial_margin),
        }
    }
}
