//! Bitget's protocol: signatures, requests, messages and the session, without sockets.
//!
//! [`Api`] is what differs between the generations of the API; [`v2`] implements it, and its words
//! stop there. [`rest::RestClient`] is the one place that makes requests, and it cannot take a
//! method; [`ws::Session`] is a state machine that is told texts and times and answers with what to
//! send and what is new. Mirrors Bitget's V2 contract ("mix") documentation.

mod api;
mod credentials;
mod error;
mod number;
pub mod rest;
mod sign;
pub mod v2;
pub mod ws;

pub use api::{Answer, Api, BookPart, BookRow, Channel, Message, Query, Request, Topic};
pub use credentials::Credentials;
pub use error::{ErrorClass, ExchangeError, ShapeError};
