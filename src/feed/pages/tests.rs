use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use rstest::rstest;
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};

use super::{Pages, Step, send};
use crate::domain::{AccountKind, Body, LedgerEntry, LedgerKind, ManualClock, Text, Timestamp};
use crate::exchange::rest::{Header, HttpFailure, HttpGet, HttpResponse, RestClient};
use crate::exchange::{Credentials, Request, api_of};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// An exchange with a ledger of 120 trades, a deposit and an entry that two lists hold.
#[derive(Debug, Default)]
struct Ledger {
    /// Category and cursor of each request.
    asked: Arc<Mutex<Vec<(String, String)>>>,
    /// Every page is full and has another one after it.
    endless: bool,
    /// This category is refused.
    refused: Option<&'static str>,
}

fn parameter(path: &str, name: &str) -> String {
    let mut pairs = path.split(['?', '&']).filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).unwrap_or_default()
}

/// An entry in either spelling; the newest has the highest id.
fn entry(id: usize, word: (&str, &str), amount: &str) -> Value {
    let (classic, unified) = word;
    json!({"billId": id.to_string(), "id": id.to_string(), "symbol": "", "coin": "USDT",
        "businessType": classic, "type": unified, "amount": amount, "fee": "0",
        "cTime": (NOW.as_millis() + i64::try_from(id).unwrap()).to_string(),
        "ts": (NOW.as_millis() + i64::try_from(id).unwrap()).to_string()})
}

impl HttpGet for Ledger {
    fn get<'a>(
        &'a self,
        path: &'a str,
        _headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpResponse, HttpFailure>> {
        let classic = path.starts_with("/api/v2/");
        let (category, cursor) = if classic {
            (String::new(), parameter(path, "idLessThan"))
        } else {
            (parameter(path, "category"), parameter(path, "cursor"))
        };
        self.asked.lock().unwrap().push((category.clone(), cursor.clone()));
        if self.refused == Some(category.as_str()) {
            let body =
                json!({"code": "40014", "msg": "no permission", "requestTime": NOW.as_millis()});
            let body = body.to_string().into_bytes();
            return Box::pin(std::future::ready(Ok(HttpResponse {
                status: 400,
                retry_after: None,
                body,
            })));
        }
        let deposit = || entry(500, ("trans_from_exchange", "TRANSFER_IN"), "500");
        let both =
            || entry(121, ("contract_settle_fee", "CONTRACT_MAIN_SETTLE_FEE_USER_OUT"), "-1");
        let trades = (1..=120).rev().map(|id| entry(id, ("close_long", "CLOSE_LONG"), "2"));
        let mut list: Vec<Value> = match category.as_str() {
            "" => [deposit(), both()].into_iter().chain(trades).collect(),
            "USDT-FUTURES" => std::iter::once(both()).chain(trades).collect(),
            "OTHER" => vec![deposit(), both()],
            _ => Vec::new(),
        };
        let before: usize = cursor.parse().unwrap_or(usize::MAX);
        if !self.endless {
            list.retain(|row| row["id"].as_str().unwrap().parse::<usize>().unwrap() < before);
        }
        list.truncate(100);
        let last = list.last().map_or_else(|| json!(""), |row| row["id"].clone());
        let data = json!({"bills": list.clone(), "endId": last, "list": list, "cursor": last});
        let body = json!({"code": "00000", "msg": "success", "requestTime": NOW.as_millis(),
            "data": data});
        let body = body.to_string().into_bytes();
        Box::pin(std::future::ready(Ok(HttpResponse { status: 200, retry_after: None, body })))
    }
}

/// The entries, whether they are complete, and what was asked.
async fn read(
    kind: AccountKind,
    ledger: Ledger,
) -> (Vec<LedgerEntry>, bool, Vec<(String, String)>) {
    let asked = Arc::clone(&ledger.asked);
    let credentials = Arc::new(Credentials::new("k".into(), "s".into(), "p".into()));
    let clock = Arc::new(ManualClock::at(NOW));
    let client = RestClient::new(Arc::new(ledger), Some(credentials), false, clock);
    let request = Request::Ledger { since: NOW, until: NOW.plus_millis(86_400_000), cursor: None };
    let timed = send(&client, None, api_of(kind), &request).await.unwrap();
    let [Body::Ledger { rows, complete, .. }] = &timed.response.bodies[..] else { panic!() };
    let asked = asked.lock().unwrap().clone();
    (rows.clone(), *complete, asked)
}

#[rstest]
#[case::classic(AccountKind::Classic, 2)]
#[case::unified(AccountKind::Unified, 7)]
#[tokio::test(start_paused = true)]
async fn the_ledger_is_read_in_all_its_lists(#[case] kind: AccountKind, #[case] requests: usize) {
    let (rows, complete, asked) = read(kind, Ledger::default()).await;
    assert!(complete);
    assert_eq!((rows.len(), asked.len()), (122, requests), "{asked:?}");
    let sum = |kind| -> Decimal {
        rows.iter().filter(|row| row.kind == kind).map(|row| row.amount).sum()
    };
    assert_eq!(sum(LedgerKind::Transfer), dec!(500), "whatever lists it");
    assert_eq!(sum(LedgerKind::Funding), dec!(-1), "what two lists hold counts once");
    assert_eq!(sum(LedgerKind::Trade), dec!(240));
    assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(row.time)), "newest first");
    if kind == AccountKind::Unified {
        let mut categories: Vec<_> = asked.iter().map(|(category, _)| category.as_str()).collect();
        categories.dedup();
        let all = ["USDT-FUTURES", "OTHER", "USDC-FUTURES", "COIN-FUTURES", "MARGIN", "SPOT"];
        assert_eq!(categories, all);
    }
}

/// A list with too many pages leaves the whole incomplete, and the others are read all the same.
#[rstest]
#[case::classic(AccountKind::Classic, 20)]
#[case::unified(AccountKind::Unified, 25)]
#[tokio::test(start_paused = true)]
async fn a_list_without_end_is_cut(#[case] kind: AccountKind, #[case] requests: usize) {
    let (rows, complete, asked) = read(kind, Ledger { endless: true, ..Ledger::default() }).await;
    assert!(!complete);
    assert_eq!(asked.len(), requests);
    assert!(rows.iter().any(|row| row.kind == LedgerKind::Transfer));
}

/// What was read before counts, and the whole is incomplete.
#[tokio::test(start_paused = true)]
async fn a_further_list_that_is_refused_spoils_no_other() {
    let ledger = Ledger { refused: Some("USDC-FUTURES"), ..Ledger::default() };
    let (rows, complete, _) = read(AccountKind::Unified, ledger).await;
    assert!(!complete);
    assert_eq!(rows.len(), 122);
}

#[test]
fn pages_are_counted_in_each_list() {
    let cursor = |name: &str| Some(Text::new(name));
    let mut pages = Pages::new(2);
    assert_eq!(pages.step(cursor("a2"), cursor("b")), Step::Page("a2".into()));
    assert_eq!(pages.step(cursor("a3"), cursor("b")), Step::SkipTo("b".into()));
    assert_eq!(pages.step(cursor("b2"), cursor("c")), Step::Page("b2".into()));
    assert_eq!(pages.step(None, cursor("c")), Step::Page("c".into()));
    assert_eq!(pages.step(cursor("c2"), None), Step::Page("c2".into()));
    assert_eq!(pages.step(cursor("c3"), None), Step::CutShort);
    assert_eq!(Pages::new(2).step(None, None), Step::End);
}
