//! Watches live Bitget futures positions in a terminal: price, position, PnL and risk. The contract in focus is
//! a USDT-M one; positions of USDC-M and COIN-M are listed beside those of USDT-M.
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
//! | [`alerts`] | when the user is told what happens unseen, and by which ways | domain, risk, store, report, config |
//! | [`engine`] | the task that makes a report of every change, and raises alerts | domain, report, store, alerts |
//! | [`memory`] | what outlasts the process: the file of history | domain, risk, store, report |
//! | [`metrics`] | figures for Prometheus over HTTP | domain, report, risk |
//! | [`feed`] | every connection: the two sockets and the polls, as tasks | domain, exchange, store, config |
//! | [`check`] | walks from the name lookup to the first data, and says what to do where it fails | domain, config, exchange, feed, store, risk, report |
//! | [`recording`] | what the exchange sent and when, in a file that plays again | domain, exchange, feed, store, report, alerts, engine |
//! | [`ui`] | panels, the drawing loop, the terminal | domain, report, risk, store, config |
//! | [`config`], [`cli`], [`logging`] | what the user sets | domain; config also risk, for its limits; cli also config and logging |
//! | [`app`] | puts it together | everything |
//!
//! `tests/layering` keeps this table true, and refuses circles between the files of a module. `sim` and
//! [`exchange`] share no type of the wire, so a wrong field name cannot be wrong on both sides and pass.
//!
//! # From a ticker frame to a glyph
//!
//! 1. `feed::connection` reads a text frame and stamps it; `exchange::ws::Session` routes it by channel.
//! 2. `exchange::v3` (or `v2`) parses the rows into a [`domain::Ticker`], an [`domain::Update`] each.
//! 3. [`store::SharedStore::apply`] takes it where it was read: older than what is held is dropped.
//! 4. The store tells the [`engine`], which makes a [`report::Report`] at once, or when the frame cap has
//!    one to give: the mark price meets the positions in `report::prices`, [`risk::Valuation`] computes.
//! 5. The report is published and the drawing loop woken. [`ui::Ui::refresh`] builds the panels that have
//!    room; those equal to the last ones are not drawn.
//! 6. `ui::panels` draw into ratatui's buffer; the [`ui::Painter`] has what differs there leave in one write.
//!
//! # From a positions answer to a row
//!
//! 1. `feed::poller` sends the request; `exchange::v3::positions` parses the rows into a
//!    [`domain::PositionSet`]: a row that cannot be read makes the set incomplete, and is counted.
//! 2. `store::open_positions` merges it with what was pushed, each product by itself: only a complete list
//!    closes by absence.
//! 3. `report::prices` puts the live mark price and an age on each position, and parts those that are
//!    computed with from those whose figures are the exchange's own (`report::other_products`).
//! 4. `report::reconciliation` compares the list with the exchange's own figures and calibrates the rules.
//! 5. `report::portfolio` hands it to [`risk::Valuation`]; `report::position_row` makes the row, whole.
//! 6. `ui::panels::positions_table` writes its cells; `report::json` its object of the document.
//!
//! Feeds and engine run on one current-thread runtime; drawing is a synchronous loop on the main thread,
//! because a write to a terminal blocks when the link behind it stalls. Nothing that is derived waits for
//! it. The store's lock is held for one update or one copy, never across an await or a write.
//!
//! # Where the tree differs from the usual one
//!
//! [`report`] is a module of its own between `risk` and `ui`, and [`engine`] the task around it: the screen,
//! `snapshot` and scripts must show the same figures, so one builder makes them, and the screen only formats.
//!
//! A text of the screen that exists in ever shorter forms is called `Variants` (`Glyphs` would promise single
//! characters).
//!
//! Every connection is opened in [`feed`], those of requests too, by the same [`feed::Dial`]:
//! [`exchange`] has no sockets at all, and both transports run over pipes in virtual time. Requests take
//! `hyper-util`'s client over that dialer rather than a library with a dialer of its own, so that a proxy, a
//! dead family of addresses and a deadline mean the same for requests and sockets.

pub mod alerts;
pub mod app;
pub mod check;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod exchange;
pub mod feed;
pub mod logging;
pub mod memory;
pub mod metrics;
pub mod recording;
pub mod report;
pub mod risk;
pub mod sim;
pub mod store;
pub mod ui;
