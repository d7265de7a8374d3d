//! HTTP of one connection: requests to `rest`, upgrades to `ws`, with the faults of both.

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
use super::fault::{Body, Fault, Link, On, Stage, Target, spoil_answer, when};
use super::hub::Hub;
use super::rest::{self, Asked};
use super::ws::{self, Generation};

/// A page as proxies send it, with what no terminal should see.
const PAGE: &str =
    "<html><head><title>\u{1b}[31mAccess denied\u{1b}]0;x\u{7}</title></head></html>";

/// Serves HTTP over any byte stream until it ends or the exchange stops.
pub(super) async fn serve<S>(stream: S, hub: Arc<Hub>, link: Arc<Link>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stop = hub.stop().clone();
    let service = service_fn(move |request| {
        let (hub, link) = (Arc::clone(&hub), Arc::clone(&link));
        async move { Ok::<_, Infallible>(respond(request, &hub, &link).await) }
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        // How a client leaves is its own business.
        _ended = serving => {}
    }
}

async fn respond(request: Request<Incoming>, hub: &Arc<Hub>, link: &Arc<Link>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let (on, generation) = match path.as_str() {
        "/v2/ws/public" => (On::Public, &ws::V2),
        "/v2/ws/private" => (On::Private, &ws::V2),
        "/v3/ws/public" => (On::Public, &ws::V3),
        "/v3/ws/private" => (On::Private, &ws::V3),
        _ => (On::Rest, &ws::V2),
    };
    link.carries(on);
    let target = Target { on, path: &path };
    if request.method() != Method::GET {
        hub.record(request.method().as_str(), &path, "405");
        return plain(StatusCode::METHOD_NOT_ALLOWED, "only GET".to_owned());
    }
    let silent = if on == On::Rest { Stage::Headers } else { Stage::Upgrade };
    if hub.fault(target, |fault| (*fault == Fault::Stall { at: silent }).then_some(())).is_some() {
        hub.record("GET", &path, "");
        // The client gives up first, or the exchange stops.
        std::future::pending::<()>().await;
    }
    if let Some(instead) = instead(hub, target) {
        hub.record("GET", &path, "");
        return instead;
    }
    if on == On::Rest {
        return answer(&request, hub, target);
    }
    hub.record("GET", &path, "");
    upgrade(request, hub, link, (on, generation))
}

/// Returns what a fault answers instead of the exchange.
fn instead(hub: &Hub, target: Target<'_>) -> Option<Response<Body>> {
    let status = when!(Fault::Status { status, html } => (*status, *html));
    if let Some((status, html)) = hub.fault(target, status) {
        let page = || format!("{PAGE}{}", "<p>\u{9b}2J</p>".repeat(3_500));
        return Some(plain(code(status), if html { page() } else { String::new() }));
    }
    let redirect = when!(Fault::Redirect { status, to } => (*status, to.clone()));
    if let Some((status, to)) = hub.fault(target, redirect) {
        return Some(with(plain(code(status), String::new()), LOCATION, &to));
    }
    let limited = when!(Fault::RateLimited { status, retry_after } => (*status, *retry_after));
    if let Some((status, retry_after)) = hub.fault(target, limited) {
        let response = json_response(status, &refusal("429", "Too many requests"));
        return Some(match retry_after {
            Some(seconds) => with(response, RETRY_AFTER, &seconds.to_string()),
            None => response,
        });
    }
    let refused = when!(Fault::Code { code, status } => (code.clone(), *status));
    if let Some((code, status)) = hub.fault(target, refused) {
        return Some(json_response(status, &refusal(&code, "refused by the script")));
    }
    let empty = hub.fault(target, when!(Fault::EmptyBody => ()));
    empty.map(|()| plain(StatusCode::OK, String::new()))
}

fn refusal(code: &str, text: &str) -> Value {
    json!({ "code": code, "msg": text, "requestTime": 0, "data": null })
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn with(mut response: Response<Body>, name: HeaderName, value: &str) -> Response<Body> {
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
    json_headers(plain(code(status), body.to_string()))
}

fn json_headers(mut response: Response<Body>) -> Response<Body> {
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn answer(request: &Request<Incoming>, hub: &Hub, target: Target<'_>) -> Response<Body> {
    let header = |name: &str| value_of(request.headers(), name);
    let asked = Asked {
        path: request.uri().path(),
        query: request.uri().query().unwrap_or_default(),
        claim: Claim {
            key: header("access-key"),
            sign: header("access-sign"),
            timestamp: header("access-timestamp"),
            passphrase: header("access-passphrase"),
        },
        clock_offset_ms: hub
            .fault(target, when!(Fault::ClockOffset { ms } => *ms))
            .unwrap_or_default(),
        revoked: hub.fault(target, when!(Fault::KeyRevoked => ())).is_some(),
    };
    let mut told =
        hub.limits(|limits| hub.world(|world| rest::answer(world, limits, hub.expected(), &asked)));
    hub.record("GET", asked.path, told.refused);
    if hub.is_scripted() {
        let question = format!("{}?{}", asked.path, asked.query);
        hub.spoil(|plan, memory, now| {
            spoil_answer(plan, target, memory, now, &question, &mut told.body);
        });
    }
    let text = told.body.to_string();
    let stall = when!(Fault::Stall { at: Stage::Body } => ());
    let body = if let Some(ms) = hub.fault(target, when!(Fault::DripBody { ms } => *ms)) {
        Body::drip(text, Duration::from_millis(ms))
    } else if let Some(bytes) = hub.fault(target, when!(Fault::HugeBody { bytes } => *bytes)) {
        Body::huge(text, bytes)
    } else if hub.fault(target, stall).is_some() {
        Body::stalled(text)
    } else {
        Body::whole(text)
    };
    let response = json_headers(response(code(told.status), body));
    match told.remaining {
        Some(remaining) => {
            let name = HeaderName::from_static("x-mbx-used-remain-limit");
            with(response, name, &remaining.to_string())
        }
        None => response,
    }
}

fn value_of<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn upgrade(
    mut request: Request<Incoming>,
    hub: &Arc<Hub>,
    link: &Arc<Link>,
    (on, generation): (On, &'static Generation),
) -> Response<Body> {
    let key = value_of(request.headers(), "sec-websocket-key").to_owned();
    if key.is_empty() {
        return plain(StatusCode::BAD_REQUEST, "a WebSocket upgrade is expected".to_owned());
    }
    let upgrading = hyper::upgrade::on(&mut request);
    let (hub, link) = (Arc::clone(hub), Arc::clone(link));
    tokio::spawn(async move {
        if let Ok(stream) = upgrading.await {
            let stream = TokioIo::new(stream);
            let socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
            ws::serve(socket, hub, on, generation).await;
        }
        // The link counts as open as long as its socket is.
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
