//! Watches live Bitget USDT-M futures positions in a terminal: price, position, PnL and risk.
//!
//! Read-only by construction: towards the exchange the program makes GET requests and sends the
//! socket operations login, subscribe, unsubscribe and ping, and nothing else can be built with it.
//!
//! # Map
//!
//! | module | owns | may import |
//! |---|---|---|
//! | [`domain`] | plain values: symbol, ticker, position, order, update, time | – |
//! | [`risk`] | PnL, margin, funding, the ledger of a day, exactly; and the statistics of risk | domain |
//! | [`store`] | the one mutable state: merge of streams and polls, links, problems | domain |
//! | [`exchange`] | Bitget's protocol: signatures, parsers, the sans-IO session, the REST client | domain |
//! | [`sim`] | the embedded exchange behind `--demo`, `simulate` and the tests | domain |
//! | [`report`] | every figure that is shown, with its age; the snapshot document | domain, risk, store, config |
//! | [`feed`] | every connection: the two sockets and the polls, as tasks | domain, exchange, store, config |
//! | [`ui`] | view-model, panels, the drawing loop, the terminal | domain, report, risk, store, config |
//! | [`config`], [`cli`], [`logging`] | what the user sets | domain; config also risk, for its limits; cli also config and logging |
//! | [`app`] | puts it together | everything |
//!
//! `tests/layering.rs` keeps this table true. `sim` and [`exchange`] share no type of the wire, so a
//! wrong field name cannot be wrong on both sides and pass.
//!
//! # From a frame to a glyph
//!
//! ```text
//! socket ─ feed::connection ─ exchange::ws::Session ─ Update ─┐
//! REST   ─ feed::poller     ─ exchange::rest, v2, v3 ─ Update ─┤
//!                                                   store::SharedStore (small lock, version)
//!                                                             │ Snapshot, once a frame
//!                    report::Engine (snapshot, now) ── figures and ages
//!                                                             │ Document
//!                    ui::view (strings, compared with the last) ── panels ── one write
//! ```
//!
//! Feeds run on one current-thread runtime; drawing is a synchronous loop on the main thread, because
//! a write to a terminal blocks when the link behind it stalls. The lock is held for one update or
//! one copy, never across an await or a write.
//!
//! # Where the tree differs from the usual one
//!
//! [`report`] is a module of its own between `risk` and `ui`: the screen, `snapshot` and scripts
//! must show the same figures, so one builder makes them, and the screen only formats.
//!
//! Every connection is opened in [`feed`], those of requests too, by the same [`feed::Dial`]:
//! [`exchange`] has no sockets at all, and both transports run over pipes in virtual time. Requests
//! take `hyper` as it is, because the exchange should see two connections at the most, and a pool that
//! races a new connection against one that becomes free cannot promise that.

pub mod app;
pub mod cli;
pub mod config;
pub mod domain;
pub mod exchange;
pub mod feed;
pub mod logging;
pub mod report;
pub mod risk;
pub mod sim;
pub mod store;
pub mod ui;
