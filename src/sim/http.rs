//! The HTTP server of one connection: requests go to `rest`, upgrades to `ws`, with the faults of both.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{
    CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
    SEC_WEBSOCKET_ACCEPT, UPGRADE,
};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::auth::Claim;
use super::fault::{Body, Fault, FaultTarget, Link, On, Stage, corrupt_response, when};
use super::rest::{self, ApiRequest};
use super::shared_state::SharedState;
use super::ws::{self, Generation};

/// An error page as proxies send it, with control characters that must not reach a terminal.
const PROXY_PAGE: &str =
    "<html><head><title>\u{1b}[31mAccess denied\u{1b}]0;x\u{7}</title></head></html>";

/// Serves HTTP over any byte stream until it ends or the exchange stops.
pub(super) async fn serve<S>(stream: S, shared: Arc<SharedState>, link: Arc<Link>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stop = shared.stop().clone();
    let service = service_fn(move |request| {
        let (shared, link) = (Arc::clone(&shared), Arc::clone(&link));
        async move { Ok::<_, Infallible>(respond(request, &shared, &link).await) }
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        // A client may leave in any way.
        _result = serving => {}
    }
}

async fn respond(
    request: Request<Incoming>,
    shared: &Arc<SharedState>,
    link: &Arc<Link>,
) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let (on, generation) = match path.as_str() {
        "/v2/ws/public" => (On::Public, &ws::V2),
        "/v2/ws/private" => (On::Private, &ws::V2),
        "/v3/ws/public" => (On::Public, &ws::V3),
        "/v3/ws/private" => (On::Private, &ws::V3),
        _ => (On::Rest, &ws::V2),
    };
    link.set_on(on);
    let target = FaultTarget { on, path: &path };
    if request.method() != Method::GET {
        shared.record(request.method().as_str(), &path, "405");
        return plain(StatusCode::METHOD_NOT_ALLOWED, "only GET".to_owned());
    }
    let silent = if on == On::Rest { Stage::Headers } else { Stage::Upgrade };
    if shared.fault(target, |fault| (*fault == Fault::Stall { at: silent }).then_some(())).is_some()
    {
        shared.record("GET", &path, "");
        // Until the client gives up or the exchange stops.
        std::future::pending::<()>().await;
    }
    if let Some(response) = override_response(shared, target) {
        shared.record("GET", &path, "");
        return response;
    }
    if on == On::Rest {
        return respond_to_rest(&request, shared, target);
    }
    shared.record("GET", &path, "");
    upgrade(request, shared, link, (on, generation))
}

/// Returns the response of a fault in place of the exchange's own.
fn override_response(shared: &SharedState, target: FaultTarget<'_>) -> Option<Response<Body>> {
    let status = when!(Fault::Status { status, html } => (*status, *html));
    if let Some((status, html)) = shared.fault(target, status) {
        let page = || format!("{PROXY_PAGE}{}", "<p>\u{9b}2J</p>".repeat(3_500));
        return Some(plain(status_code(status), if html { page() } else { String::new() }));
    }
    let page = when!(Fault::Page { status, text } => (*status, text.clone()));
    if let Some((status, text)) = shared.fault(target, page) {
        return Some(plain(status_code(status), text));
    }
    let redirect = when!(Fault::Redirect { status, to } => (*status, to.clone()));
    if let Some((status, to)) = shared.fault(target, redirect) {
        return Some(with_header(plain(status_code(status), String::new()), LOCATION, &to));
    }
    let limited = when!(Fault::RateLimited { status, retry_after } => (*status, *retry_after));
    if let Some((status, retry_after)) = shared.fault(target, limited) {
        let response = json_response(status, &refusal("429", "Too many requests"));
        return Some(match retry_after {
            Some(seconds) => with_header(response, RETRY_AFTER, &seconds.to_string()),
            None => response,
        });
    }
    let refused = when!(Fault::Code { code, status } => (code.clone(), *status));
    if let Some((code, status)) = shared.fault(target, refused) {
        return Some(json_response(status, &refusal(&code, "refused by the fault script")));
    }
    let empty = shared.fault(target, when!(Fault::EmptyBody => ()));
    empty.map(|()| plain(StatusCode::OK, String::new()))
}

fn refusal(code: &str, text: &str) -> Value {
    json!({ "code": code, "msg": text, "requestTime": 0, "data": null })
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn with_header(mut response: Response<Body>, name: HeaderName, value: &str) -> Response<Body> {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn plain(status: StatusCode, body: String) -> Response<Body> {
    response(status, Body::whole(body))
}

fn response(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn json_response(status: u16, body: &Value) -> Response<Body> {
    json_headers(plain(status_code(status), body.to_string()))
}

fn json_headers(mut response: Response<Body>) -> Response<Body> {
    let content_type = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

fn respond_to_rest(
    request: &Request<Incoming>,
    shared: &SharedState,
    target: FaultTarget<'_>,
) -> Response<Body> {
    let header = |name: &str| value_of(request.headers(), name);
    let api_request = ApiRequest {
        path: request.uri().path(),
        query: request.uri().query().unwrap_or_default(),
        claim: Claim {
            key: header("access-key"),
            sign: header("access-sign"),
            timestamp: header("access-timestamp"),
            passphrase: header("access-passphrase"),
        },
        clock_offset_ms: shared
            .fault(target, when!(Fault::ClockOffset { ms } => *ms))
            .unwrap_or_default(),
        revoked: shared.fault(target, when!(Fault::KeyRevoked => ())).is_some(),
    };
    let mut reply = shared.limits(|limits| {
        shared.world(|world| rest::respond(world, limits, shared.expected(), &api_request))
    });
    shared.record("GET", api_request.path, reply.refused);
    if shared.faults().is_scripted() {
        let request_line = format!("{}?{}", api_request.path, api_request.query);
        shared.corrupt(|schedule, traffic, now| {
            corrupt_response(schedule, target, traffic, now, &request_line, &mut reply.body);
        });
    }
    let text = reply.body.to_string();
    let stall = when!(Fault::Stall { at: Stage::Body } => ());
    let body = if let Some(ms) = shared.fault(target, when!(Fault::DripBody { ms } => *ms)) {
        Body::drip(text, Duration::from_millis(ms))
    } else if let Some(bytes) = shared.fault(target, when!(Fault::HugeBody { bytes } => *bytes)) {
        Body::huge(text, bytes)
    } else if shared.fault(target, stall).is_some() {
        Body::stalled(text)
    } else {
        Body::whole(text)
    };
    let response = json_headers(response(status_code(reply.status), body));
    match reply.remaining {
        Some(remaining) => {
            let name = HeaderName::from_static("x-mbx-used-remain-limit");
            with_header(response, name, &remaining.to_string())
        }
        None => response,
    }
}

fn value_of<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn upgrade(
    mut request: Request<Incoming>,
    shared: &Arc<SharedState>,
    link: &Arc<Link>,
    (on, generation): (On, &'static Generation),
) -> Response<Body> {
    let key = value_of(request.headers(), "sec-websocket-key").to_owned();
    if key.is_empty() {
        return plain(StatusCode::BAD_REQUEST, "a WebSocket upgrade is expected".to_owned());
    }
    let upgrading = hyper::upgrade::on(&mut request);
    let (shared, link) = (Arc::clone(shared), Arc::clone(link));
    tokio::spawn(async move {
        if let Ok(stream) = upgrading.await {
            let stream = TokioIo::new(stream);
            let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
            ws::serve(socket, shared, on, generation).await;
        }
        // The link counts as open while its socket is.
        drop(link);
    });
    let mut response = plain(StatusCode::SWITCHING_PROTOCOLS, String::new());
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&derive_accept_key(key.as_bytes())) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}
