//! The embedded exchange: Bitget's REST paths and sockets, V2 and V3, on one loopback port.
//!
//! `--demo`, `simulate` and the tests talk to it over real HTTP, WebSocket and TLS. It has a world of
//! its own: `market` walks prices from a seed, `account` holds positions, orders and a ledger that
//! adds up, `margin` computes margin and liquidation with its own arithmetic, so that agreement with
//! `risk` means something. `encode` writes JSON from its own templates and shares no type with
//! `exchange`: a wrong field name cannot be wrong on both sides. Both generations show the same world;
//! `kind` says which of them answers private questions. `fault` spoils links, answers and
//! frames by a script. Equal seeds give equal histories.
//! Start with [`SimServer`].

#[macro_use]
mod object;

mod account;
mod auth;
mod contracts;
mod encode;
mod fault;
mod history;
mod http;
mod hub;
mod kind;
mod life;
mod limits;
mod margin;
mod market;
mod push;
mod query;
mod random;
mod records;
mod rest;
mod server;
mod tls;
mod truth;
mod world;
mod ws;

pub use auth::Expected;
pub use fault::{Answer, Direction, Entry, Fault, Garbage, On, Script, ScriptError, Stage};
pub use hub::Recorded;
pub use server::{SimConfig, SimServer};
pub use truth::{Held, Sides};
pub use world::World;
