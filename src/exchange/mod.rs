//! Bitget's protocol: signatures, requests, messages and the session, without sockets.
//!
//! [`Api`] is what differs between the generations of the API; [`v2`] and [`v3`] implement it, and
//! their wire names stop there. What both spell alike is parsed by the private modules beside them.
//! [`rest::RestClient`] sends the requests, over a transport that offers GET alone; [`ws::Session`]
//! is a state machine: texts and times in, texts to send and updates out.

mod api;
mod common_account;
mod common_market;
mod credentials;
mod envelope;
mod error;
mod ledger_row;
pub mod ledger_word;
mod levels;
mod number;
mod observer;
mod obstacle;
mod open_enum;
pub mod rest;
mod rows;
mod sign;
pub mod v2;
pub mod v3;
pub mod ws;

pub use api::{Api, BookPart, BookRow, Channel, HttpRequest, Message, Request, Response, Topic};
pub use credentials::Credentials;
pub use error::{ErrorClass, ExchangeError, ShapeError};
pub use observer::{Applied, ChannelEvent, EndedRequest, Observe, Purpose};

use crate::domain::AccountKind;

/// Returns the generation of the API that serves accounts of a kind.
pub fn api_of(kind: AccountKind) -> &'static dyn Api {
    match kind {
        AccountKind::Classic => &v2::V2_API,
        AccountKind::Unified => &v3::V3_API,
    }
}
