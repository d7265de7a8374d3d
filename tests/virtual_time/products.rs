//! Positions and orders of other products than that of the focus.

use std::sync::Arc;

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::{ProblemCode, Product, RequestKind};
use bitget_watch::exchange::rest::{Header, HttpFailure, HttpGet, HttpResponse};
use bitget_watch::feed::HttpClient;
use futures_util::future::BoxFuture;
use rstest::rstest;

use crate::rig::{Rig, Setup, pass};

/// Answers some requests in place of the exchange.
#[derive(Debug)]
struct Instead(HttpClient, fn(&str) -> Option<String>);

impl HttpGet for Instead {
    fn get<'a>(
        &'a self,
        path: &'a str,
        headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpResponse, HttpFailure>> {
        match (self.1)(path) {
            Some(body) => {
                let response = HttpResponse { status: 200, retry_after: None, body: body.into() };
                Box::pin(std::future::ready(Ok(response)))
            }
            None => self.0.get(path, headers),
        }
    }
}

fn is_positions(path: &str, product: Product) -> bool {
    let lists = path.contains("all-position") || path.contains("current-position");
    lists && path.contains(product.wire())
}

fn list(classic: &str, unified: &str, path: &str) -> String {
    let data = if path.contains("/v2/") {
        format!("[{classic}]")
    } else {
        format!(r#"{{"list":[{unified}]}}"#)
    };
    format!(r#"{{"code":"00000","msg":"success","requestTime":0,"data":{data}}}"#)
}

/// A position in USDC and one in coin.
fn holds_both(path: &str) -> Option<String> {
    let row = |symbol: &str, coin: &str, wire: &str| {
        let classic = format!(
            r#"{{"symbol":"{symbol}","marginCoin":"{coin}","holdSide":"long","total":"0.5",
            "marginMode":"crossed","openPriceAvg":"80000","markPrice":"81000",
            "liquidationPrice":"60000","unrealizedPL":"500","marginRatio":"0.02"}}"#
        );
        let unified = format!(
            r#"{{"category":"{wire}","symbol":"{symbol}","marginCoin":"{coin}","posSide":"long",
            "total":"0.5","marginMode":"crossed","avgPrice":"80000","markPrice":"81000",
            "liquidationPrice":"60000","unrealisedPnl":"500"}}"#
        );
        list(&classic, &unified, path)
    };
    if is_positions(path, Product::UsdcFutures) {
        return Some(row("BTCPERP", "USDC", Product::UsdcFutures.wire()));
    }
    let coin = if path.contains("/v2/") { "BTCUSD" } else { "BTCUSD_CM" };
    is_positions(path, Product::CoinFutures).then(|| row(coin, "BTC", Product::CoinFutures.wire()))
}

fn code(code: &str) -> String {
    format!(r#"{{"code":"{code}","msg":"no","requestTime":0,"data":null}}"#)
}

fn with(kind: AccountKind, wrap: fn(HttpClient) -> Arc<dyn HttpGet>) -> Setup {
    Setup { wrap: Some(wrap), ..Setup::new(kind, 71) }
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn positions_of_all_products_are_held_beside_each_other(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let setup = with(kind, |client| Arc::new(Instead(client, holds_both)));
    let rig = Rig::start(setup).await;
    let held = |name: &str| {
        rig.state(|state| state.positions.rows.iter().any(|row| row.key.symbol.to_string() == name))
    };
    for _ in 0..50 {
        pass(100).await;
    }
    assert!(held("BTCPERP_CMCBL") && held("BTCUSD_DMCBL") && held("BTCUSDT_UMCBL"));
    let known: Vec<Product> =
        rig.state(|state| state.positions.confirmed.keys().copied().collect());
    assert_eq!(known, Product::ALL);
    // The lists of the focus's product go on without closing what they do not name.
    pass(60_000).await;
    assert!(held("BTCPERP_CMCBL") && held("BTCUSD_DMCBL") && held("BTCUSDT_UMCBL"));
    // The rules of the linear contract are asked for under its own product, those of the other not.
    let asked = rig.sim.recorded();
    let rules: Vec<_> = asked
        .iter()
        .filter(|asked| asked.what.contains("contracts") || asked.what.contains("instruments"))
        .map(|asked| asked.what.clone())
        .collect();
    assert!(!rules.iter().any(|what| what.contains("BTCUSD&") || what.contains("BTCUSD_CM")));
}

/// Refusals that would stop everything if they were those of the product of the focus.
#[rstest]
#[case::permission("40014", Some(ProblemCode::PermissionMissing))]
#[case::credentials("40012", None)]
#[case::restricted("40103", None)]
#[case::other_api("40085", None)]
#[case::own_bug("40020", None)]
#[tokio::test(start_paused = true)]
async fn a_product_that_is_refused_spoils_no_other(
    #[case] refusal: &str,
    #[case] problem: Option<ProblemCode>,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let wrap: fn(HttpClient) -> Arc<dyn HttpGet> = match refusal {
        "40014" => |client| Arc::new(Instead(client, |path| refused(path, "40014"))),
        "40012" => |client| Arc::new(Instead(client, |path| refused(path, "40012"))),
        "40103" => |client| Arc::new(Instead(client, |path| refused(path, "40103"))),
        "40085" => |client| Arc::new(Instead(client, |path| refused(path, "40085"))),
        _ => |client| Arc::new(Instead(client, |path| refused(path, "40020"))),
    };
    let rig = Rig::start(with(kind, wrap)).await;
    rig.until("positions", 10, |report| report.positions.age.is_live(report.now)).await;
    for _ in 0..60 {
        pass(1_000).await;
        let report = rig.report();
        let live = |age: bitget_watch::report::Age| age.is_live(report.now);
        assert!(live(report.positions.age) && live(report.account.age) && live(report.orders.age));
    }
    let stale = rig.report().problems;
    let stale = stale.iter().find(|problem| problem.code == ProblemCode::DataStale);
    let told = stale.map(|problem| problem.text.to_string()).unwrap_or_default();
    assert_eq!(told.contains("positions of USDC-M not received"), problem.is_none(), "{told}");
    assert!(!rig.report().complete && !told.contains("COIN-M"), "{told}");
    let request = RequestKind::Positions(Product::UsdcFutures);
    rig.state(|state| {
        assert!(state.failures.contains_key(&request), "{:?}", state.failures);
        assert!(!state.positions.confirmed.contains_key(&Product::UsdcFutures), "not known");
        assert!(state.positions.confirmed.contains_key(&Product::CoinFutures));
        let codes: Vec<_> = state.problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes.contains(&ProblemCode::PermissionMissing), problem.is_some());
        assert!(!codes.contains(&ProblemCode::KeyRefused), "{codes:?}");
        assert_eq!(state.account_kind, Some(kind));
    });
}

fn refused(path: &str, with: &str) -> Option<String> {
    (path.contains(Product::UsdcFutures.wire())).then(|| code(with))
}
