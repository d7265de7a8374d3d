//! From a request to its response: rate limit, account kind, signature and parameters are checked, then
//! the route's handler reads the world.

use serde_json::{Value, json};

use super::route::Route;
use super::{v2, v3};
use crate::domain::AccountKind;
use crate::sim::auth::{self, Claim, Expected};
use crate::sim::query::{ApiError, Parameters};
use crate::sim::rate_limits::RateLimits;
use crate::sim::world::World;

/// A request.
#[derive(Debug)]
pub(in crate::sim) struct ApiRequest<'a> {
    pub(in crate::sim) path: &'a str,
    /// The raw query, percent-encoded.
    pub(in crate::sim) query: &'a str,
    pub(in crate::sim) claim: Claim<'a>,
    /// By how much the exchange's clock is ahead.
    pub(in crate::sim) clock_offset_ms: i64,
    /// Whether the key has been revoked.
    pub(in crate::sim) revoked: bool,
}

/// A response.
#[derive(Debug)]
pub(in crate::sim) struct ApiResponse {
    pub(in crate::sim) status: u16,
    pub(in crate::sim) body: Value,
    /// Requests to this path that are left in this second.
    pub(in crate::sim) remaining: Option<u32>,
    /// The error code; empty for success.
    pub(in crate::sim) refused: &'static str,
}

/// Returns a route, and the kind of account that it serves where it is private.
fn route(path: &str) -> Option<(AccountKind, &'static Route)> {
    let v2 = v2::ROUTES.iter().map(|route| (AccountKind::Classic, route));
    let v3 = v3::ROUTES.iter().map(|route| (AccountKind::Unified, route));
    v2.chain(v3).find(|(_, route)| route.path == path)
}

/// Returns whether a private route serves accounts of both kinds: during a change of kind the settings do.
fn serves_both_kinds(route: &Route, world: &World) -> bool {
    world.mode.is_changing() && route.path == v3::SETTINGS
}

/// Returns the response to a request.
pub(in crate::sim) fn respond(
    world: &World,
    limits: &mut RateLimits,
    expected: Option<&Expected>,
    request: &ApiRequest<'_>,
) -> ApiResponse {
    let now = world.now_ms();
    if ["/api/mix/v1/", "/api/spot/v1/"].iter().any(|old| request.path.starts_with(old)) {
        let text = "The V1 API has been decommissioned. Please migrate to a newer version.";
        return refusal(now, 400, &ApiError::new("30032", text), None);
    }
    let Some((kind, route)) = route(request.path) else {
        return refusal(now, 404, &ApiError::new("40404", "Request URL NOT FOUND"), None);
    };
    let Some(remaining) = limits.take(route.path, route.limit, now) else {
        return refusal(now, 429, &ApiError::new("429", "Too many requests"), Some(0));
    };
    let parameters = Parameters::parse(request.query);
    let result = authorize(world, (kind, route), expected, request, &parameters)
        .and_then(|()| validate(kind, route, &parameters))
        .and_then(|()| (route.handler)(world, &parameters));
    match result {
        Ok(data) => ApiResponse {
            status: 200,
            body: json!({ "code": "00000", "msg": "success", "requestTime": now, "data": data }),
            remaining: Some(remaining),
            refused: "",
        },
        Err(error) => refusal(now, 400, &error, Some(remaining)),
    }
}

fn refusal(now: i64, status: u16, error: &ApiError, remaining: Option<u32>) -> ApiResponse {
    let body = json!({ "code": error.0, "msg": error.1, "requestTime": now, "data": null });
    ApiResponse { status, body, remaining, refused: error.0 }
}

/// Authorizes a request to a private path. A known key of an account of the other kind is refused before
/// its signature is checked. The signature may cover the query as sent or decoded.
fn authorize(
    world: &World,
    (kind, route): (AccountKind, &Route),
    expected: Option<&Expected>,
    request: &ApiRequest<'_>,
    parameters: &Parameters,
) -> Result<(), ApiError> {
    if !route.private {
        return Ok(());
    }
    if request.revoked {
        return Err(ApiError::new("40037", "Apikey does not exist"));
    }
    let key = request.claim.key;
    let known = !key.is_empty() && expected.is_none_or(|expected| expected.key == key);
    if known
        && !serves_both_kinds(route, world)
        && let Some((code, message)) = world.mode.refusal(kind)
    {
        return Err(ApiError::new(code, message));
    }
    let text = |query: &str| {
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", request.path)
    };
    let texts = [text(request.query), text(&parameters.decoded)];
    auth::request(expected, &request.claim, &texts, world.now_ms() + request.clock_offset_ms)
        .map_err(|(code, message)| ApiError::new(code, message))
}

fn validate(kind: AccountKind, route: &Route, parameters: &Parameters) -> Result<(), ApiError> {
    if route.required.iter().any(|name| parameters.get(name).is_empty()) {
        return Err(ApiError::new("400172", "Parameter verification failed"));
    }
    let product = parameters.product().to_uppercase();
    // The products of the exchange's former demo trading begin with an S and are still accepted.
    let plain = product.strip_prefix('S').unwrap_or(&product);
    let futures = ["USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES"];
    let others = ["SPOT", "MARGIN", "OTHER"];
    match kind {
        _ if product.is_empty() => Ok(()),
        AccountKind::Classic if futures.contains(&plain) => Ok(()),
        AccountKind::Unified if [&futures[..], &others].concat().contains(&product.as_str()) => {
            Ok(())
        }
        AccountKind::Classic => {
            Err(ApiError::new("40019", "Parameter productType cannot be empty"))
        }
        AccountKind::Unified => Err(ApiError::new("400172", "Parameter category error")),
    }
}
