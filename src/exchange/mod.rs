//! Bitget's protocol: signatures, requests, messages and the session, without sockets.
//!
//! [`Api`] is what differs between the generations of the API; [`v2`] and [`v3`] implement it, and
//! their words stop there. What both say alike is read by the private modules beside them.
//! [`rest::RestClient`] makes the requests, over a transport that knows no method but GET;
//! [`ws::Session`] is a state machine that is told texts and times and answers with what to send and
//! what is new.

mod account;
mod api;
mod credentials;
mod envelope;
mod error;
mod levels;
mod market;
mod number;
mod open_enum;
pub mod rest;
mod rows;
mod sign;
pub mod v2;
pub mod v3;
pub mod ws;

pub use api::{Answer, Api, BookPart, BookRow, Channel, Message, Query, Request, Topic};
pub use credentials::Credentials;
pub use error::{ErrorClass, ExchangeError, ShapeError};

use crate::domain::AccountKind;

/// Returns the generation of the API that accounts of a kind answer.
pub fn api_of(kind: AccountKind) -> &'static dyn Api {
    match kind {
        AccountKind::Classic => &v2::V2_API,
        AccountKind::Unified => &v3::V3_API,
    }
}
