//! The embedded exchange: Bitget's REST paths and sockets, V2 and V3, on one loopback port.
//!
//! `--demo`, `simulate` and the tests talk to it over real HTTP, WebSocket and TLS. A simulated `world`
//! is behind both API generations: markets on a seeded random walk, and a margin account whose ledger
//! adds up to its wallets, of one product and one coin or of several (`mixed_account`). `margin` has arithmetic of its own and `encode` JSON templates of its own, and
//! neither shares a type with `risk` or `exchange`: a mistake there cannot be hidden by the same mistake
//! here. `account_mode` decides which generation serves private requests, `fault` corrupts connections,
//! responses and frames by a script, `oracle` tells tests the state of the world. Equal seeds give equal
//! histories. Start with [`SimServer`].

#[macro_use]
mod object;

mod acceptor;
mod account_actions;
mod account_mode;
mod account_records;
mod account_script;
mod auth;
mod contracts;
mod dollar_rate;
mod encode;
mod fault;
mod http;
mod initial_account;
mod intervals;
mod margin;
mod margin_account;
mod mixed_account;
mod oracle;
mod products;
mod proxy;
mod query;
mod random;
mod rate_limits;
mod rest;
mod server;
mod shared_state;
mod sim_config;
mod simulated_market;
mod subscription;
mod tls;
mod valuation;
mod world;
mod ws;

pub use auth::Expected;
pub use fault::{
    Corruption, Direction, Entry, Fault, Garbage, On, Reason, Reply, Script, ScriptError, Stage,
};
pub use oracle::{OraclePosition, Sides};
pub use proxy::{ProxyFault, ProxyLogin, SimProxy};
pub use server::SimServer;
pub use shared_state::Recorded;
pub use sim_config::{Holdings, Pace, SimConfig};
pub use simulated_market::ContractStatus;
pub use world::World;
