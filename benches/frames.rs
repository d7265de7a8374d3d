//! What a frame costs: from its text to the state applied, against a plain parse of the same text
//! into borrowed fields, in one run. Compare the ratios; the absolute times are the machine's.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may fail loudly")]

use std::hint::black_box;

use bitget_watch::domain::{Interval, Stream, Symbol, Timestamp};
use bitget_watch::exchange::ws::{Output, Session, Timing};
use bitget_watch::exchange::{Api, v2::V2_API};
use bitget_watch::store::{SharedStore, Store};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use serde::Deserialize;

const TICKER: &str = include_str!("../tests/fixtures/v2/ws_ticker_btcusdt_live_2026-09.json");
const POSITIONS: &str = include_str!("../tests/fixtures/v2/ws_positions_cross_hedge_2023-12.json");

/// A `books` frame of `levels` levels per side, in the shape of the recorded ones. Sizes depend on the
/// sequence number, so that an update changes the book.
fn books(action: &str, levels: i64, seq: u64, previous: u64) -> String {
    let side = |step: i64| -> String {
        (0..levels)
            .map(|i| {
                let price = 83_692 + step * (i + 1);
                format!("[\"{price}.{}\",\"{}.{}\"]", i % 10, i + 1, 1_000 + seq % 1_000)
            })
            .collect::<Vec<_>>()
            .join(",")
    };
    format!(
        r#"{{"action":"{action}","arg":{{"instType":"USDT-FUTURES","channel":"books","instId":"BTCUSDT"}},"data":[{{"asks":[{}],"bids":[{}],"ts":"1790358794983","seq":{seq},"pseq":{previous}}}],"ts":1790358794987}}"#,
        side(1),
        side(-1)
    )
}

#[derive(Deserialize)]
struct Frame<'a, T> {
    #[serde(borrow)]
    arg: Arg<'a>,
    data: Vec<T>,
    ts: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read to be parsed")]
struct Arg<'a> {
    inst_type: &'a str,
    channel: &'a str,
    inst_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read to be parsed")]
struct PlainTicker<'a> {
    inst_id: &'a str,
    last_pr: &'a str,
    bid_pr: &'a str,
    ask_pr: &'a str,
    bid_sz: &'a str,
    ask_sz: &'a str,
    open24h: &'a str,
    high24h: &'a str,
    low24h: &'a str,
    change24h: &'a str,
    funding_rate: &'a str,
    next_funding_time: &'a str,
    mark_price: &'a str,
    index_price: &'a str,
    holding_amount: &'a str,
    base_volume: &'a str,
    quote_volume: &'a str,
    open_utc: &'a str,
    symbol_type: &'a str,
    symbol: &'a str,
    ts: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read to be parsed")]
struct PlainPosition<'a> {
    pos_id: &'a str,
    inst_id: &'a str,
    margin_coin: &'a str,
    margin_size: &'a str,
    margin_mode: &'a str,
    hold_side: &'a str,
    pos_mode: &'a str,
    total: &'a str,
    available: &'a str,
    frozen: &'a str,
    open_price_avg: &'a str,
    leverage: u32,
    achieved_profits: &'a str,
    #[serde(rename = "unrealizedPL")]
    unrealized_pl: &'a str,
    #[serde(rename = "unrealizedPLR")]
    unrealized_plr: &'a str,
    liquidation_price: &'a str,
    keep_margin_rate: &'a str,
    margin_rate: &'a str,
    c_time: &'a str,
    u_time: &'a str,
    auto_margin: &'a str,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read to be parsed")]
struct PlainBook<'a> {
    #[serde(borrow)]
    asks: Vec<[&'a str; 2]>,
    #[serde(borrow)]
    bids: Vec<[&'a str; 2]>,
    ts: &'a str,
    seq: u64,
    pseq: u64,
}

fn session(stream: Stream) -> Session {
    let api: &'static dyn Api = &V2_API;
    let channels = match stream {
        Stream::WsPrivate => api.private_channels(),
        Stream::WsPublic | Stream::Rest => {
            api.public_channels(&Symbol::default(), Interval::Min1, &[])
        }
    };
    let mut session = Session::new(api, stream, channels, None, Timing::of(stream));
    session.on_open(Timestamp::from_millis(1_790_358_794_000), 0, &mut Vec::new());
    session
}

fn frame<'a, T: Deserialize<'a>>(
    criterion: &mut Criterion,
    name: &str,
    text: &'a str,
    stream: Stream,
) {
    let mut group = criterion.benchmark_group(name);
    group.bench_function("plain borrowed parse", |bencher| {
        bencher.iter(|| {
            let frame: Frame<'_, T> = serde_json::from_str(black_box(text)).unwrap();
            (frame.arg.channel.len(), frame.data.len(), frame.ts)
        });
    });
    group.bench_function("text to message", |bencher| {
        bencher.iter(|| V2_API.read_message(black_box(text)).unwrap());
    });
    let store = SharedStore::new(Store::new(Symbol::default()), || {});
    let mut session = session(stream);
    let (mut out, mut now) = (Vec::new(), Timestamp::from_millis(1_790_358_795_000));
    group.bench_function("text to state applied", |bencher| {
        bencher.iter(|| {
            now = now.plus_millis(1);
            session.on_text(black_box(text), now, &mut out);
            for output in out.drain(..) {
                if let Output::Emit(update) = output {
                    store.apply(update);
                }
            }
        });
    });
    group.finish();
}

/// Updates of ten levels per side on a book of 500: each continues the one before, so each is another
/// text. A snapshot of 500 levels comes once per connection.
fn updates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("books update");
    let text = books("update", 10, 11, 10);
    group.bench_function("plain borrowed parse", |bencher| {
        bencher.iter(|| {
            let frame: Frame<'_, PlainBook<'_>> = serde_json::from_str(black_box(&text)).unwrap();
            (frame.arg.channel.len(), frame.data.len(), frame.ts)
        });
    });
    group.bench_function("text to message", |bencher| {
        bencher.iter(|| V2_API.read_message(black_box(&text)).unwrap());
    });
    let store = SharedStore::new(Store::new(Symbol::default()), || {});
    let mut session = session(Stream::WsPublic);
    let (mut out, mut seq) = (Vec::new(), 10);
    let now = Timestamp::from_millis(1_790_358_795_000);
    session.on_text(&books("snapshot", 500, seq, 0), now, &mut out);
    group.bench_function("text to state applied", |bencher| {
        let next = || {
            seq += 1;
            books("update", 10, seq, seq - 1)
        };
        let apply = |text: String| {
            session.on_text(black_box(&text), now, &mut out);
            for output in out.drain(..) {
                if let Output::Emit(update) = output {
                    store.apply(update);
                }
            }
        };
        bencher.iter_batched(next, apply, BatchSize::SmallInput);
    });
    group.finish();
    let whole = store.with(|state| state.book.as_ref().map(|book| book.value.bids.len()));
    assert_eq!(whole, Some(500), "every update was taken");
}

fn frames(criterion: &mut Criterion) {
    frame::<PlainTicker<'_>>(criterion, "ticker", TICKER, Stream::WsPublic);
    frame::<PlainPosition<'_>>(criterion, "positions", POSITIONS, Stream::WsPrivate);
    let whole = books("snapshot", 500, 10, 0);
    frame::<PlainBook<'_>>(criterion, "books snapshot", &whole, Stream::WsPublic);
    updates(criterion);
}

criterion_group!(benches, frames);
criterion_main!(benches);
