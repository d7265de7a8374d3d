//! The client against responses of every kind, without a network.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use rstest::rstest;

use super::{Header, HttpFailure, HttpGet, HttpResponse, RestClient};
use crate::domain::{ManualClock, Product, Symbol, Timestamp};
use crate::exchange::v2::V2_API;
use crate::exchange::{Credentials, ErrorClass, ExchangeError, Request};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

type Sent = Arc<Mutex<Vec<(String, Vec<Header>)>>>;

/// Gives every request the same response and records what was sent.
#[derive(Debug)]
struct Fixed {
    response: Result<HttpResponse, HttpFailure>,
    sent: Sent,
}

impl HttpGet for Fixed {
    fn get<'a>(
        &'a self,
        path: &'a str,
        headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpResponse, HttpFailure>> {
        self.sent.lock().unwrap().push((path.to_owned(), headers.to_vec()));
        Box::pin(std::future::ready(self.response.clone()))
    }
}

fn client(response: Result<HttpResponse, HttpFailure>, demo_trading: bool) -> (RestClient, Sent) {
    let sent = Sent::default();
    let http = Fixed { response, sent: Arc::clone(&sent) };
    let credentials =
        Credentials::new("key".into(), "test-secret-0123456789abcdef".into(), "pass".into());
    let clock = Arc::new(ManualClock::at(NOW));
    let client = RestClient::new(Arc::new(http), Some(Arc::new(credentials)), demo_trading, clock);
    (client, sent)
}

fn response(status: u16, body: &str) -> HttpResponse {
    HttpResponse { status, retry_after: None, body: body.as_bytes().to_vec() }
}

async fn error(status: u16, body: &str) -> ExchangeError {
    client(Ok(response(status, body)), false)
        .0
        .send(&V2_API, &Request::Positions(Product::UsdtFutures))
        .await
        .unwrap_err()
}

fn good(data: &str) -> String {
    format!(r#"{{"code":"00000","msg":"success","requestTime":1767225600123,"data":{data}}}"#)
}

#[tokio::test(start_paused = true)]
async fn signs_what_it_sends() {
    let (client, sent) = client(Ok(response(200, &good(r#"{"authorities":[]}"#))), false);
    client.send(&V2_API, &Request::KeyRights).await.unwrap();
    let (path, headers) = sent.lock().unwrap()[0].clone();
    assert_eq!(path, "/api/v2/spot/account/info");
    let value = |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str());
    // Vector R1 of the protocol notes.
    assert_eq!(value("access-sign"), Some("0/RDf4+f/rR5pqL0DxJ4V2poX4O3HfN4xWRfHeg8gkM="));
    assert_eq!(value("access-timestamp"), Some("1767225600000"));
    assert_eq!((value("access-key"), value("access-passphrase")), (Some("key"), Some("pass")));
    assert_eq!(value("paptrading"), None);
}

#[tokio::test(start_paused = true)]
async fn corrects_the_time_and_selects_paper_trading() {
    let (client, sent) = client(Ok(response(200, &good("[]"))), true);
    client.set_offset_ms(-1_500);
    let reply = client.send(&V2_API, &Request::Positions(Product::UsdtFutures)).await.unwrap();
    assert_eq!((reply.started, reply.sent), (NOW, Some(Timestamp::from_millis(1_767_225_600_123))));
    let (path, headers) = sent.lock().unwrap()[0].clone();
    assert!(path.ends_with("/api/v2/mix/position/all-position?productType=USDT-FUTURES"));
    assert!(headers.contains(&("access-timestamp", "1767225598500".to_owned())));
    assert!(headers.contains(&("paptrading", "1".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn public_requests_carry_no_key_and_names_are_encoded() {
    let body = good(r#"[{"symbol":"牛来USDT","lastPr":"1"}]"#);
    let (client, sent) = client(Ok(response(200, &body)), false);
    let symbol = Symbol::from_wire("牛来USDT", Product::UsdtFutures).unwrap();
    client.send(&V2_API, &Request::Ticker(symbol)).await.unwrap();
    let (path, headers) = sent.lock().unwrap()[0].clone();
    assert!(path.ends_with("productType=USDT-FUTURES&symbol=%E7%89%9B%E6%9D%A5USDT"), "{path}");
    assert!(headers.iter().all(|(name, _)| !name.starts_with("access")));
}

#[rstest]
#[case::business_error_as_400(
    400,
    r#"{"code":"40037","msg":"Apikey does not exist","data":null}"#,
    ErrorClass::Credentials
)]
#[case::business_error_as_200(
    200,
    r#"{"code":"40085","msg":"unified","data":null}"#,
    ErrorClass::WrongApi
)]
#[case::code_as_number(400, r#"{"code":40008,"msg":"expired"}"#, ErrorClass::Clock)]
#[case::limit_by_status(429, "", ErrorClass::RateLimited)]
#[case::limit_by_code(
    200,
    r#"{"code":"429","msg":"Too many requests","data":null}"#,
    ErrorClass::RateLimited
)]
#[case::limit_with_another_code(
    429,
    r#"{"code":"12345","msg":"Slow down","data":null}"#,
    ErrorClass::RateLimited
)]
#[case::html(502, "<html>\u{1b}[2Jbad gateway</html>", ErrorClass::Retry)]
#[case::blocked(403, "<html>no</html>", ErrorClass::Retry)]
#[case::redirect(302, "", ErrorClass::Retry)]
#[case::empty(200, "", ErrorClass::Retry)]
#[case::not_an_envelope(200, "[]", ErrorClass::Retry)]
#[case::null_data(200, r#"{"code":"00000","msg":"success","data":null}"#, ErrorClass::Retry)]
#[case::wrong_shape(200, r#"{"code":"00000","msg":"success","data":{}}"#, ErrorClass::Retry)]
#[case::good_code_bad_status(
    500,
    r#"{"code":"00000","msg":"success","data":[]}"#,
    ErrorClass::Retry
)]
#[tokio::test(start_paused = true)]
async fn fc_08_only_a_good_response_is_taken_for_one(
    #[case] status: u16,
    #[case] body: &str,
    #[case] class: ErrorClass,
) {
    let error = error(status, body).await;
    assert_eq!(error.class(), class, "{error}");
    let text = error.to_string();
    assert!(!text.contains('<') && !text.contains('\u{1b}') && text.len() < 300, "{text}");
}

#[tokio::test(start_paused = true)]
async fn fc_08_an_empty_list_is_a_response_and_null_data_is_not() {
    let (client, _) = client(Ok(response(200, &good("[]"))), false);
    assert!(client.send(&V2_API, &Request::Positions(Product::UsdtFutures)).await.is_ok());
    assert_eq!(error(200, r#"{"code":"00000","data":null}"#).await, ExchangeError::NoData);
}

#[tokio::test(start_paused = true)]
async fn fc_09_the_reason_names_the_status() {
    assert!(error(403, "<html>").await.to_string().contains("blocked by the CDN (HTTP 403)"));
    assert!(error(503, "").await.to_string().contains("not available (HTTP 503)"));
}

#[tokio::test(start_paused = true)]
async fn fc_07_retry_after_is_obeyed() {
    let limited =
        HttpResponse { status: 429, retry_after: Some(Duration::from_secs(9)), body: Vec::new() };
    let (client, sent) = client(Ok(limited), false);
    let began = tokio::time::Instant::now();
    for _ in 0..3 {
        client.send(&V2_API, &Request::Positions(Product::UsdtFutures)).await.unwrap_err();
    }
    assert_eq!(sent.lock().unwrap().len(), 3);
    assert!(began.elapsed() >= Duration::from_secs(18), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_failed_transport_says_why() {
    let (client, _) = client(Err(HttpFailure::new("connecting failed: refused")), false);
    let error = client.send(&V2_API, &Request::ServerTime).await.unwrap_err();
    assert_eq!(error.to_string(), "connecting failed: refused");
    assert!(!error.is_response());
}

#[tokio::test(start_paused = true)]
async fn without_credentials_no_signed_request_is_sent() {
    let sent = Sent::default();
    let http = Fixed { response: Ok(response(200, "")), sent: Arc::clone(&sent) };
    let clock = Arc::new(ManualClock::at(NOW));
    let client = RestClient::new(Arc::new(http), None, false, clock);
    let error = client.send(&V2_API, &Request::Positions(Product::UsdtFutures)).await.unwrap_err();
    assert_eq!(error, ExchangeError::NoCredentials);
    assert!(sent.lock().unwrap().is_empty());
}
