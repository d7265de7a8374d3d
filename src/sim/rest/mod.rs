//! The REST API. `respond` serves a request, `route` describes a path, `v2` and `v3` hold the routes of
//! each generation, `rows` what they have in common.

mod respond;
mod route;
mod rows;
mod v2;
mod v3;

pub(super) use respond::{ApiRequest, respond};
