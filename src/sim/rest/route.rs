//! [`Route`]: one path of the REST API.

use serde_json::Value;

use crate::sim::query::{ApiError, Parameters};
use crate::sim::world::World;

pub(super) type HandlerResult = Result<Value, ApiError>;
type Handler = fn(&World, &Parameters) -> HandlerResult;

/// A path with its rate limit per second, its required parameters and its handler.
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) limit: u32,
    pub(super) private: bool,
    pub(super) required: &'static [&'static str],
    pub(super) handler: Handler,
}

/// A route that anyone may request.
pub(super) const fn public(
    path: &'static str,
    limit: u32,
    required: &'static [&'static str],
    handler: Handler,
) -> Route {
    Route { path, limit, private: false, required, handler }
}

/// A route whose requests must be signed.
pub(super) const fn signed(
    path: &'static str,
    limit: u32,
    required: &'static [&'static str],
    handler: Handler,
) -> Route {
    Route { path, limit, private: true, required, handler }
}
