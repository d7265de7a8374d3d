//! What has stopped coming: the core data that were asked for and are not live, told as one problem.

use std::time::Duration;

use super::age::{Age, Freshness};
use super::inputs::Inputs;
use crate::domain::{LinkState, ProblemCode, Product, RequestKind, Timestamp, spoken};
use crate::store::Problem;

/// At the start data may take this long before it is said that they are missing.
const GRACE: Duration = Duration::from_secs(5);
/// From this many failed attempts in a row on it is said what the user can do.
const REPEATED: u32 = 2;

/// Remembers since when data are waited for.
#[derive(Debug, Default)]
pub(super) struct Outage {
    began: Option<Timestamp>,
}

impl Outage {
    /// Returns the problem while prices, positions or the account are stale or do not come at all.
    pub(super) fn follow(&mut self, inputs: &Inputs<'_>) -> Option<Problem> {
        let began = *self.began.get_or_insert(inputs.now);
        let mut since = inputs.now;
        let (mut stopped, mut missing, mut failed) = (Vec::new(), Vec::new(), None);
        for (name, request, age) in core(inputs) {
            match age.at(inputs.now) {
                Freshness::Live { .. } => continue,
                Freshness::Stale { ms } => {
                    stopped.push(name);
                    since = since.min(inputs.now.plus_millis(ms.saturating_neg()));
                }
                Freshness::Missing if inputs.now.since(began) < GRACE => continue,
                Freshness::Missing => {
                    missing.push(name);
                    since = since.min(began);
                }
            }
            let failures = &inputs.snapshot.failures;
            let is_private = !matches!(request, RequestKind::Ticker(_));
            let reason = || failures.get(&RequestKind::AccountKind).filter(|_| is_private);
            failed = failed.or_else(|| failures.get(&request).or_else(reason));
        }
        let told = [(stopped, "stopped"), (missing, "not received")];
        let mut clauses: Vec<String> = told
            .into_iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, word)| format!("{} {word}", names.join(", ")))
            .collect();
        if clauses.is_empty() {
            return None;
        }
        // What to do stands before the details: the end is what a long text and a narrow screen leave out.
        clauses.extend(remedies(inputs));
        clauses.extend(failed.map(ToString::to_string));
        clauses.extend(links(inputs));
        Some(Problem {
            code: ProblemCode::DataStale,
            subject: "data".into(),
            text: clauses.join("; ").as_str().into(),
            since,
        })
    }
}

/// The data that everything rests on, as far as they are asked for.
fn core(inputs: &Inputs<'_>) -> Vec<(&'static str, RequestKind, Age)> {
    let held = inputs.snapshot.tickers.get(&inputs.context.focus);
    let prices = Age::new(held.map(|ticker| ticker.as_of), inputs.context.limits.price);
    let mut core = vec![("prices", RequestKind::Ticker(inputs.context.focus.clone()), prices)];
    if inputs.context.credentials {
        let own = Product::UsdtFutures;
        core.push((name_of(own), RequestKind::Positions(own), inputs.list_age));
        core.push(("account", RequestKind::Account, inputs.report_age));
        let others = Product::OTHERS.into_iter().filter(|of| !is_forbidden(inputs, *of));
        core.extend(
            others.map(|of| (name_of(of), RequestKind::Positions(of), inputs.list_age_of(of))),
        );
    }
    core
}

const fn name_of(product: Product) -> &'static str {
    match product {
        Product::UsdtFutures => "positions",
        Product::UsdcFutures => "positions of USDC-M",
        Product::CoinFutures => "positions of COIN-M",
    }
}

/// Returns whether the key lacks the permission for a product, which is a problem by itself.
fn is_forbidden(inputs: &Inputs<'_>, product: Product) -> bool {
    let request = RequestKind::Positions(product).to_string();
    let mut problems = inputs.snapshot.problems.iter();
    problems.any(|problem| {
        problem.code == ProblemCode::PermissionMissing && problem.subject.as_str() == request
    })
}

/// What each link does that is not live, and why.
fn links<'a>(inputs: &Inputs<'a>) -> impl Iterator<Item = String> + 'a {
    let wanted = |state| !matches!(state, LinkState::Live | LinkState::Stopped);
    inputs.snapshot.links.iter().filter(move |link| wanted(link.state)).map(|link| {
        let reason = link.last_error.as_ref().map(|reason| format!(" ({reason})"));
        let name = spoken(link.stream);
        format!("{name} {}{}", link.state, reason.unwrap_or_default())
    })
}

/// What the user can do about links that fail again and again: a first loss mends itself. What stands in the way
/// of one is a problem of its own, with its remedy.
fn remedies(inputs: &Inputs<'_>) -> Vec<String> {
    let failing = inputs.snapshot.links.iter().filter(|link| {
        matches!(link.state, LinkState::Backoff | LinkState::Down) && link.attempts >= REPEATED
    });
    let mut remedies: Vec<String> = Vec::new();
    for fault in failing.filter_map(|link| link.fault) {
        let remedy = fault.remedy();
        if fault.obstacle().is_none() && !remedies.iter().any(|said| said == remedy) {
            remedies.push(remedy.to_owned());
        }
    }
    remedies
}
