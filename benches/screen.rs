//! What a repaint costs: state → report → panels → drawn buffer at 120x40, the diff against the last
//! frame included. `unchanged` is the case in which nothing visible has changed.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a bench may fail loudly"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bitget_watch::config::{RefreshConfig, RiskConfig};
use bitget_watch::domain::{Body, Origin, Product, Symbol, Timestamp, Update};
use bitget_watch::exchange::{Api, Message, Request, v2::V2_API};
use bitget_watch::report::{Context, Limits, Source, build};
use bitget_watch::store::Store;
use bitget_watch::ui::{Painter, Ui, UiContext};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

const NOW: Timestamp = Timestamp::from_millis(1_790_358_795_100);

fn data_of(envelope: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(envelope).unwrap();
    value["data"].to_string()
}

fn respond(store: &mut Store, request: &Request, envelope: &str) {
    for body in V2_API.read_response(request, &data_of(envelope)).unwrap().bodies {
        store.apply(Update { origin: Origin::Rest, as_of: NOW, received: NOW, sent: None, body });
    }
}

fn ticker() -> Body {
    let text = include_str!("../tests/fixtures/v2/ws_ticker_btcusdt_live_2026-09.json");
    let Message::Push { mut bodies, .. } = V2_API.read_message(text).unwrap() else { panic!() };
    bodies.remove(0)
}

fn state() -> Store {
    let mut store = Store::new(Symbol::default());
    let focus = Symbol::default();
    for (request, envelope) in [
        (
            Request::Contract(focus.clone()),
            include_str!("../tests/fixtures/v2/rest_contracts_usdt_live_2026-09.json"),
        ),
        (
            Request::Tiers(focus),
            include_str!(
                "../tests/fixtures/v2/rest_query_position_lever_btcusdt_live_2026-09.json"
            ),
        ),
        (
            Request::Positions(Product::UsdtFutures),
            include_str!("../tests/fixtures/v2/rest_all_position_isolated_hedge_live_2025-08.json"),
        ),
        (Request::Account, include_str!("../tests/fixtures/v2/rest_accounts_live_2025-08.json")),
    ] {
        respond(&mut store, &request, envelope);
    }
    store.apply(push(ticker()));
    store
}

fn push(body: Body) -> Update {
    Update { origin: Origin::PublicPush, as_of: NOW, received: NOW, sent: None, body }
}

fn moved(step: i64) -> Update {
    let Body::Ticker(mut ticker) = ticker() else { panic!() };
    let shift = rust_decimal::Decimal::new(step % 50, 1);
    ticker.mark = ticker.mark.map(|mark| mark + shift);
    ticker.last = ticker.last.map(|last| last + shift);
    push(Body::Ticker(ticker))
}

fn screen(criterion: &mut Criterion) {
    let second = Duration::from_secs(1);
    let refresh = RefreshConfig {
        price: second,
        positions: second,
        orders: second,
        account: second,
        ttl: second * 5,
    };
    let context = Context {
        source: Source::Live,
        focus: Symbol::default(),
        credentials: true,
        limits: Limits::new(&refresh),
        risk: RiskConfig::default(),
    };
    let mut store = state();
    let mut ui = Ui::new(UiContext::default());
    ui.on_size(120, 40);
    let mut painter = Painter::default();
    let mut group = criterion.benchmark_group("screen 120x40");
    group.bench_function("snapshot and report", |bencher| {
        bencher.iter(|| {
            let snapshot = store.snapshot().clone();
            black_box(build(&snapshot, &context, NOW))
        });
    });
    let mut step = 0;
    group.bench_function("tick to drawn buffer", |bencher| {
        bencher.iter_batched(
            || {
                step += 1;
                store.apply(moved(step));
                store.snapshot().clone()
            },
            |snapshot| {
                let report = Arc::new(build(&snapshot, &context, NOW));
                if ui.refresh(&report, NOW) {
                    black_box(painter.paint(&ui.take_drawing()));
                }
            },
            BatchSize::SmallInput,
        );
    });
    let snapshot = store.snapshot().clone();
    group.bench_function("unchanged", |bencher| {
        bencher.iter(|| {
            let report = Arc::new(build(&snapshot, &context, NOW));
            assert!(!ui.refresh(&report, NOW));
        });
    });
    group.finish();
}

criterion_group!(benches, screen);
criterion_main!(benches);
