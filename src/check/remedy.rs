//! What to do about a failure, for a user who has just started the program.
//!
//! The texts of [`ExchangeError::remedy`] are for the running dashboard, which retries by itself and has a key
//! for it; here nothing is retried.

use crate::domain::{AccountKind, RequestKind};
use crate::exchange::{ErrorClass, ExchangeError};

const LATER: &str = "try again later; if it lasts, see the exchange's status page";
const REPORT: &str = "try again; if it lasts, report this line as a bug";
const BETWEEN: &str =
    "a firewall, a VPN or a proxy may end connections: try again, then from another network";

/// Returns what to do about a failed request.
pub(super) fn of_error(error: &ExchangeError, request: &RequestKind, kind: AccountKind) -> String {
    match error {
        ExchangeError::Transport(reason) => of_reason(reason).to_owned(),
        ExchangeError::Obstructed { obstacle, .. } => obstacle.remedy().to_owned(),
        ExchangeError::Status { status } => of_status(*status).to_owned(),
        ExchangeError::RateLimited { .. } => {
            "stop other programs that use this key or address, or slow down [refresh]".to_owned()
        }
        ExchangeError::NoData | ExchangeError::Shape(_) => REPORT.to_owned(),
        ExchangeError::NoCredentials => error.remedy(),
        ExchangeError::Refused { code, .. } => match error.class() {
            ErrorClass::Permission => permission(request, kind),
            ErrorClass::Clock => {
                "the offset is corrected when it is measured: try again; if it lasts, set this \
                 machine's clock"
                    .to_owned()
            }
            ErrorClass::Credentials if is_address(code) => {
                "add this machine's public address to the key's IP whitelist: Bitget, API Keys, Edit"
                    .to_owned()
            }
            ErrorClass::Credentials
            | ErrorClass::Restricted
            | ErrorClass::WrongApi
            | ErrorClass::NoSuchSymbol => error.remedy(),
            ErrorClass::OwnBug => REPORT.to_owned(),
            ErrorClass::Unavailable => "nothing: not offered to this account".to_owned(),
            ErrorClass::Retry | ErrorClass::RateLimited => LATER.to_owned(),
        },
    }
}

fn is_address(code: &str) -> bool {
    matches!(code, "40018" | "40038" | "22010" | "49003")
}

/// Names a missing permission as the exchange's menu does.
fn permission(request: &RequestKind, kind: AccountKind) -> String {
    let name = match (kind, request) {
        (AccountKind::Classic, RequestKind::KeyRights) => "Spot",
        (AccountKind::Classic, RequestKind::Orders(..) | RequestKind::Fills) => "Futures Orders",
        (
            AccountKind::Classic,
            RequestKind::Positions(_) | RequestKind::ClosedPositions | RequestKind::AdlRanks,
        ) => "Futures Holdings",
        (AccountKind::Classic, _) => "Futures Orders and Futures Holdings",
        (AccountKind::Unified, RequestKind::Account | RequestKind::AccountKind) => {
            "Unified account: Management"
        }
        (AccountKind::Unified, _) => "Unified account: Trade",
    };
    format!("tick {name} with Read-only for this key: Bitget, API Keys, Edit")
}

/// Returns what to do about an HTTP status of something that is not the exchange's API.
const fn of_status(status: u16) -> &'static str {
    match status {
        300..=399 => {
            "a portal or a proxy redirects: log in to the network with a browser, or check rest_url"
        }
        403 => "the exchange's CDN blocks this address: try from another network, without VPN",
        451 => "the exchange does not serve this region",
        404 => "check exchange.rest_url: it must be an origin of the exchange",
        429 => "too many requests from this address: wait some minutes",
        500..=599 => LATER,
        _ => "something between answers in place of the exchange: try from another network",
    }
}

/// Returns what to do about the reason of a failed request or a lost link.
pub(super) fn of_reason(reason: &str) -> &'static str {
    let has = |words: &str| reason.contains(words);
    if let Some(status) = status_in(reason) {
        return of_status(status);
    }
    if has("name lookup") {
        return "check the network and its resolver: the name must resolve on this machine";
    }
    if has("certificate") || has("TLS") {
        return "something between may intercept TLS; its authority goes into exchange.extra_ca_file";
    }
    if has("TCP connect") || has("onnection refused") {
        return "a firewall may block the port; check exchange.rest_url and ws_url";
    }
    if has("upgrade did not end") {
        return "a proxy between may not pass WebSocket: try from another network";
    }
    if has("did not end within") {
        return "the link is slow or loses packets: try again, or raise exchange.request_timeout";
    }
    if has("ping was not answered") || has("was not answered in time") || has("acknowledged") {
        return "the exchange, or a proxy in its place, is silent on the stream: try again later";
    }
    if has("every subscription was refused") {
        return REPORT;
    }
    if has("too many") {
        return "another program uses this key or address too much: stop it";
    }
    if has("login") || has("logged") || has("the exchange says") {
        return "see the line of the key";
    }
    BETWEEN
}

/// Returns the status that a reason names.
fn status_in(reason: &str) -> Option<u16> {
    let (_, rest) = reason.split_once("HTTP ")?;
    rest.get(..3)?.parse().ok()
}
