//! The exchange goes away and returns on the same port. In a test program of its own: no other test may
//! get the port in between.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail loudly"
)]

mod common;

use std::sync::Arc;

use bitget_watch::domain::{AccountKind, Clock, LinkState, Stream, SystemClock};
use bitget_watch::sim::{SimConfig, SimServer};
use common::{Rig, Setup, link};
use tokio::net::TcpListener;

/// One kind of account after the other, because of the port.
#[tokio::test]
async fn fc_17_an_exchange_that_goes_away_and_returns_is_found_again() {
    for kind in [AccountKind::Classic, AccountKind::Unified] {
        goes_away_and_returns(kind).await;
    }
}

async fn goes_away_and_returns(kind: AccountKind) {
    let mut rig = Rig::start(Setup::strict(kind)).await;
    rig.until_live().await;
    let address = rig.sim.address();
    rig.sim.stop();
    let state = rig
        .until("all lost", |state| {
            Stream::ALL.iter().all(|stream| link(state, *stream) != LinkState::Live)
        })
        .await;
    assert!(!state.positions.rows.is_empty(), "a lost link closes no position");
    let mut listener = None;
    for _ in 0..100_000 {
        // The old listener is closed by its task; until then the port is taken.
        listener = TcpListener::bind(address).await.ok();
        if listener.is_some() {
            break;
        }
        tokio::task::yield_now().await;
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let config = SimConfig { seed: 9, plain: true, account: kind, ..SimConfig::default() };
    let again = SimServer::start(listener.unwrap(), config, clock).unwrap();
    rig.until("all back", |state| {
        Stream::ALL.iter().all(|stream| link(state, *stream) == LinkState::Live)
    })
    .await;
    again.stop();
}
