//! A contract that does not trade as usual is a problem with its time, by both generations of the API.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{ProblemCode, Symbol, Timestamp, Update};
use bitget_watch::exchange::{Request, api_of};
use bitget_watch::store::Store;
use rstest::rstest;

/// 2026-11-30T08:00:00Z.
const TIME: &str = "1796025600000";

/// A row of the list of contracts, as far as it is read.
fn row(kind: AccountKind, status: &str, off: &str, limit_open: &str) -> String {
    match kind {
        Classic => format!(
            r#"[{{"symbol":"BTCUSDT","pricePlace":"1","priceEndStep":"1","volumePlace":"4",
            "sizeMultiplier":"0.0001","makerFeeRate":"0.0002","takerFeeRate":"0.0006","maxLever":"150",
            "fundInterval":"8","symbolStatus":"{status}","offTime":"{off}","limitOpenTime":"{limit_open}"}}]"#
        ),
        Unified => format!(
            r#"[{{"symbol":"BTCUSDT","category":"USDT-FUTURES","pricePrecision":"1",
            "priceMultiplier":"0.1","quantityPrecision":"4","quantityMultiplier":"0.0001",
            "makerFeeRate":"0.0002","takerFeeRate":"0.0006","maxLeverage":"150","fundInterval":"8",
            "status":"{status}","offTime":"{off}","limitOpenTime":"{limit_open}"}}]"#
        ),
    }
}

fn read(store: &mut Store, kind: AccountKind, data: &str) -> Vec<(ProblemCode, String)> {
    let request = Request::Contract(Symbol::default());
    let response = api_of(kind).read_response(&request, data).unwrap();
    for body in response.bodies {
        store.apply(Update::local(Timestamp::from_millis(1_790_000_000_000), body));
    }
    let problems = &store.snapshot().problems;
    problems.iter().map(|problem| (problem.code, problem.text.to_string())).collect()
}

#[rstest]
#[case("off-time", "-1", ProblemCode::ContractDelisted, "is delisted at 2026-11-30 08:00 UTC")]
#[case(
    "limit-time",
    "-1",
    ProblemCode::ContractHalted,
    "to closing positions from 2026-11-30 08:00 UTC"
)]
#[case("limit_open", "", ProblemCode::ContractHalted, "is limited to closing positions")]
#[case("maintain", "", ProblemCode::ContractHalted, "is halted for maintenance")]
#[case("offline", "-1", ProblemCode::ContractDelisted, "is delisted")]
#[case("paused", "-1", ProblemCode::ContractHalted, "is in the state paused")]
fn a_contract_that_does_not_trade_as_usual_is_a_problem(
    #[case] state: &str,
    #[case] none: &str,
    #[case] code: ProblemCode,
    #[case] words: &str,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let usual = if kind == Classic { "normal" } else { "online" };
    let row = match state {
        "off-time" => row(kind, usual, TIME, none),
        "limit-time" => row(kind, usual, none, TIME),
        status => row(kind, status, none, none),
    };
    let mut store = Store::new(Symbol::default());
    let problems = read(&mut store, kind, &row);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].0, code);
    assert!(problems[0].1.starts_with("BTCUSDT_UMCBL ") && problems[0].1.contains(words));
    assert_eq!(read(&mut store, kind, &self::row(kind, usual, "-1", "")), [], "it trades again");
}
