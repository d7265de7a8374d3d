//! What the figures of a frame cost: an account of twenty positions, with everything that may become of
//! each of them, against the bare copy of the state.

use std::hint::black_box;
use std::sync::Arc;

use bitget_watch::config::{RefreshConfig, RiskConfig};
use bitget_watch::domain::{
    Account, AccountKind, AccountUpdate, Body, Book, Candle, Contract, FeeRate, FundingInfo,
    Interval, Level, LinkReport, LinkState, MarginMode, OpenEnum, OrderClass, OrderSet, Origin,
    Position, PositionKey, PositionSet, Product, Scope, Side, Stream, Symbol, Ticker, Tier,
    Timestamp, Update,
};
use bitget_watch::report::{Context, Engine, Limits, Source};
use bitget_watch::store::Store;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use rust_decimal::{Decimal, dec};

const NOW: Timestamp = Timestamp::from_millis(1_790_358_794_987);

/// How the positions of the account are backed.
#[derive(Debug, Clone, Copy)]
enum Backing {
    Cross,
    Isolated,
    /// A long and a short of each contract.
    Hedged,
}

fn tiers() -> Vec<Tier> {
    let steps = [
        (dec!(0), dec!(200000), dec!(0.004)),
        (dec!(200000), dec!(1000000), dec!(0.005)),
        (dec!(1000000), dec!(5000000), dec!(0.007)),
        (dec!(5000000), dec!(15000000), dec!(0.01)),
        (dec!(15000000), dec!(50000000), dec!(0.02)),
    ];
    let tier =
        |(start, end, rate)| Tier { start, end, max_leverage: None, maintenance_margin_rate: rate };
    steps.into_iter().map(tier).collect()
}

fn bars(interval: Interval, count: i64) -> Vec<Candle> {
    let span = interval.as_millis();
    let first = NOW.plus_millis(-NOW.as_millis().rem_euclid(span) - count * span);
    let bar = |index: i64| {
        let close = Decimal::new(6_325_000 + index * 7919 % 9000, 2);
        let start = first.plus_millis(index * span);
        Candle { start, open: close, high: close, low: close, close, volume: None }
    };
    (0..count).map(bar).collect()
}

/// Everything that is known of one contract and the positions in it.
fn bodies_of(symbol: &Symbol, index: i64) -> Vec<Body> {
    let mut ticker = Ticker::unknown(symbol.clone());
    (ticker.last, ticker.mark) = (Some(dec!(63250)), Some(Decimal::new(6_325_050 + index, 2)));
    ticker.funding_rate = Some(dec!(0.000071));
    let candles = |interval, count| Body::MarkCandles {
        symbol: symbol.clone(),
        interval,
        rows: bars(interval, count),
    };
    vec![
        Body::Contract(Contract {
            symbol: symbol.clone(),
            price_places: 1,
            price_step: Some(dec!(0.1)),
            size_places: 4,
            size_step: Some(dec!(0.0001)),
            default_fees: Some(FeeRate { maker: dec!(0.0002), taker: dec!(0.0006) }),
            max_leverage: None,
            funding_interval_hours: Some(8),
            status: None,
            off_at: None,
            limit_open_at: None,
        }),
        Body::Tiers { symbol: symbol.clone(), tiers: tiers() },
        Body::Funding(FundingInfo {
            symbol: symbol.clone(),
            rate: Some(dec!(0.000071)),
            interval_hours: Some(8),
            next_at: None,
        }),
        Body::Ticker(ticker),
        candles(Interval::Min1, 1_440),
        candles(Interval::Hour1, 168),
        candles(Interval::Day1, 300),
    ]
}

fn position(symbol: &Symbol, side: Side, margin_mode: MarginMode, index: i64) -> Position {
    Position {
        key: PositionKey {
            symbol: symbol.clone(),
            side,
            margin_mode: OpenEnum::Known(margin_mode),
            margin_coin: "USDT".into(),
        },
        position_mode: None,
        asset_mode: None,
        size: Decimal::new(50 + index, 2),
        available: None,
        entry_price: Some(Decimal::new(6_400_000 + 1_000 * index, 2)),
        mark_price: Some(dec!(63250)),
        break_even_price: None,
        liquidation_price: Some(if side == Side::Long { dec!(51234.5) } else { dec!(74321.5) }),
        leverage: Some(dec!(10)),
        margin: Some(dec!(3200)),
        exchange_unrealized_pnl: None,
        exchange_margin_ratio: None,
        realized_pnl: Some(dec!(42.15)),
        funding_pnl: Some(dec!(-18.2304)),
        fees_paid: Some(dec!(19.2)),
        maintenance_margin_rate: Some(dec!(0.004)),
        updated_at: None,
        details: None,
    }
}

fn account() -> Body {
    Body::Account(AccountUpdate {
        account: Account {
            margin_coin: "USDT".into(),
            equity: Some(dec!(250000)),
            unrealized_pnl: Some(dec!(-400)),
            available: Some(dec!(90000)),
            ..Account::default()
        },
        unreadable: 0,
    })
}

/// The full book of the focus: 500 levels a side.
fn book(focus: &Symbol) -> Body {
    let side = |sign: i64| {
        let level = |step: i64| Level {
            price: Decimal::new(632_500 + sign * step, 1),
            size: Decimal::new(12 + step % 40, 3),
        };
        (1..=500).map(level).collect()
    };
    let book = Book { bids: side(-1), asks: side(1), exchange_time: None };
    Body::Book { symbol: focus.clone(), book: Some(Arc::new(book)) }
}

fn state(backing: Backing) -> Store {
    let focus = Symbol::default();
    let mut store = Store::new(focus.clone());
    let mut apply = |body| {
        let update = Update { origin: Origin::Rest, as_of: NOW, received: NOW, sent: None, body };
        store.apply(update);
    };
    let contracts = if matches!(backing, Backing::Hedged) { 10 } else { 20 };
    let mut rows = Vec::new();
    for index in 0..contracts {
        let name = format!("X{index}USDT");
        let symbol = if index == 0 {
            focus.clone()
        } else {
            Symbol::from_wire(&name, Product::UsdtFutures).unwrap_or_default()
        };
        bodies_of(&symbol, index).into_iter().for_each(&mut apply);
        let side = if index % 3 == 2 { Side::Short } else { Side::Long };
        match backing {
            Backing::Cross => rows.push(position(&symbol, side, MarginMode::Cross, index)),
            Backing::Isolated => rows.push(position(&symbol, side, MarginMode::Isolated, index)),
            Backing::Hedged => rows.extend([
                position(&symbol, Side::Long, MarginMode::Cross, index),
                position(&symbol, Side::Short, MarginMode::Cross, index + 7),
            ]),
        }
    }
    let no_orders = OrderSet {
        scope: Scope::Complete,
        classes: OrderClass::ALL.to_vec(),
        rows: Vec::new(),
        unreadable: 0,
        products: Product::ALL.to_vec(),
    };
    for body in [
        Body::AccountKind(Some(AccountKind::Classic)),
        Body::Positions(PositionSet {
            scope: Scope::Complete,
            rows,
            closed: Vec::new(),
            unreadable: 0,
            products: Product::ALL.to_vec(),
        }),
        account(),
        Body::Orders(no_orders),
        book(&focus),
        Body::Link(LinkReport::State {
            stream: Stream::WsPublic,
            state: LinkState::Live,
            attempts: 0,
            reason: None,
            next_attempt_at: None,
            fault: None,
        }),
    ] {
        apply(body);
    }
    store
}

fn context() -> Context {
    Context {
        source: Source::Live,
        focus: Symbol::default(),
        credentials: true,
        limits: Limits::new(&RefreshConfig::default()),
        risk: RiskConfig::default(),
    }
}

fn engine(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("20 positions");
    let store = state(Backing::Cross);
    group.bench_function("copy of the state", |bencher| {
        bencher.iter(|| black_box(store.snapshot().clone()));
    });
    for (name, backing) in
        [("cross", Backing::Cross), ("isolated", Backing::Isolated), ("hedged", Backing::Hedged)]
    {
        let store = state(backing);
        let snapshot = store.snapshot();
        let mut engine = Engine::new(context());
        engine.read(snapshot, NOW);
        group.bench_function(format!("{name}, a frame"), |bencher| {
            bencher.iter(|| black_box(engine.read(snapshot, NOW)));
        });
    }
    // The first frame after a new list compares with the exchange, and reads all bars.
    let snapshot = store.snapshot();
    group.bench_function("cross, the first frame", |bencher| {
        bencher.iter_batched(
            || Engine::new(context()),
            |mut engine| black_box(engine.read(snapshot, NOW)),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, engine);
criterion_main!(benches);
