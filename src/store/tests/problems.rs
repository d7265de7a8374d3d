//! When problems begin and end.

use super::{at, store};
use crate::domain::{Body, LinkReport, LinkState, ProblemCode, Product, Stream, Symbol, Update};
use crate::store::Store;

fn codes(store: &Store) -> Vec<ProblemCode> {
    store.snapshot().problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn a_link_that_is_down_stays_a_problem_until_it_is_connected() {
    let mut store = store([]);
    let mut report = |ms, state| {
        let stream = Stream::WsPublic;
        let (attempts, reason, next_attempt_at) = (0, None, None);
        let report =
            LinkReport::State { stream, state, attempts, reason, next_attempt_at, fault: None };
        store.apply(Update::local(at(ms), Body::Link(report)));
        codes(&store)
    };
    assert_eq!(report(0, LinkState::Down), [ProblemCode::LinkDown]);
    // Key r begins a new count of attempts.
    assert_eq!(report(1, LinkState::Connecting), [ProblemCode::LinkDown]);
    assert_eq!(report(2, LinkState::Backoff), [ProblemCode::LinkDown]);
    assert_eq!(report(3, LinkState::Connecting), [ProblemCode::LinkDown]);
    assert_eq!(report(4, LinkState::Live), []);
}

#[test]
fn a_contract_that_is_no_longer_listed_is_a_problem_of_its_own() {
    let mut store = store([]);
    for name in ["BTCUSDT", "ETHUSDT"] {
        let symbol = Symbol::from_wire(name, Product::UsdtFutures).unwrap();
        store.apply(Update::local(at(1), Body::Unlisted(symbol)));
    }
    let problems = &store.snapshot().problems;
    let subjects: Vec<_> = problems.iter().map(|problem| problem.subject.as_str()).collect();
    assert_eq!(subjects, ["BTCUSDT_UMCBL", "ETHUSDT_UMCBL"]);
    assert_eq!(codes(&store), [ProblemCode::ContractUnlisted; 2]);
}
