//! [`build`]: from the state at one moment to the document.

use rust_decimal::Decimal;

use super::freshness::{Age, Limits};
use super::positions::{self, Valued};
use super::{
    Document, Freshness, HistoryPart, Journal, LinkPart, OrderRow, OrdersPart, PnlPart,
    PositionRow, PositionsPart, ProblemPart, RiskPart, SCHEMA, Source, TickerPart, Time,
    TouchProbability, WorstPosition, account,
};
use crate::domain::{AccountKind, Order, OrderSide, Symbol, Timestamp};
use crate::risk::{self, DayTotals};
use crate::store::{LinkStatus, Snapshot};

/// What the document depends on besides the state and the present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Where the data come from.
    pub source: Source,
    /// The focus.
    pub focus: Symbol,
    /// Whether private data are asked for at all.
    pub credentials: bool,
    /// From which age on data are stale.
    pub limits: Limits,
}

/// Returns the document of `snapshot` at `now` (local clock).
pub fn build(snapshot: &Snapshot, context: &Context, now: Timestamp) -> Document {
    let exchange = ExchangeTime(snapshot.clock_offset_ms.map_or(0, |(offset, _)| offset));
    let taken_at = exchange.of(now);
    let limits = &context.limits;

    let list_age = Age::new(snapshot.positions.confirmed_at, now, limits.positions);
    let account_age = Age::new(snapshot.account.as_ref().map(|a| a.as_of), now, limits.account);
    let valued = positions::value(snapshot, context, list_age, now);
    let (account, cross) = account::part(snapshot, &valued, list_age, account_age);
    let rows: Vec<PositionRow> =
        valued.iter().map(|row| positions::row(row, context, cross)).collect();

    let mut document = Document {
        schema: SCHEMA,
        taken_at,
        source: context.source,
        symbol: context.focus.to_string(),
        account_kind: account_kind(snapshot, context),
        complete: false,
        ticker: ticker(snapshot, context, now),
        risk: risk_part(&rows, list_age, &valued),
        pnl: pnl(snapshot, &valued, list_age, taken_at, now, limits),
        positions: PositionsPart {
            freshness: list_age.freshness,
            age_ms: list_age.ms,
            unreadable_rows: snapshot.positions.unreadable,
            rows,
            confirmed_at: snapshot.positions.confirmed_at.map(|at| exchange.of(at)),
        },
        account,
        orders: orders(snapshot, now, limits),
        history: HistoryPart {
            freshness: Freshness::Missing,
            age_ms: None,
            complete: false,
            by_day: Vec::new(),
            closed: Vec::new(),
            journal: Journal::default(),
        },
        links: snapshot.links.iter().map(|link| link_part(link, exchange)).collect(),
        alerts: Vec::new(),
        problems: snapshot
            .problems
            .iter()
            .map(|problem| ProblemPart {
                code: problem.code.to_string(),
                text: problem.text.to_string(),
                since: exchange.of(problem.since),
            })
            .collect(),
    };
    document.complete = is_complete(&document, context.credentials);
    document
}

/// Turns local times into the exchange's.
#[derive(Debug, Clone, Copy)]
struct ExchangeTime(i64);

impl ExchangeTime {
    const fn of(self, local: Timestamp) -> Time {
        Time(local.plus_millis(self.0))
    }
}

/// Whether everything that was asked for is present and fresh.
fn is_complete(document: &Document, credentials: bool) -> bool {
    let ticker = &document.ticker;
    let market = ticker.freshness == Freshness::Live
        && ticker.last.is_some()
        && ticker.mark.is_some()
        && ticker.funding_rate.is_some()
        && ticker.funding_interval_hours.is_some();
    if !credentials {
        return market;
    }
    let rows = &document.positions;
    market
        && rows.freshness == Freshness::Live
        && rows.unreadable_rows == 0
        && rows
            .rows
            .iter()
            .all(|row| row.freshness == Freshness::Live && row.margin_ratio.is_some())
        && document.account.freshness == Freshness::Live
        && document.account.equity.is_some()
        && document.orders.freshness == Freshness::Live
        && document.orders.unreadable_rows == 0
        && document.account_kind != "unknown"
        && document.pnl.ledger_freshness == Freshness::Live
        && document.pnl.net_today.is_some()
}

const fn account_kind(snapshot: &Snapshot, context: &Context) -> &'static str {
    match (context.credentials, snapshot.account_kind) {
        (false, _) => "none",
        (true, None) => "unknown",
        (true, Some(AccountKind::Classic)) => "classic",
        (true, Some(AccountKind::Unified)) => "unified",
    }
}

fn ticker(snapshot: &Snapshot, context: &Context, now: Timestamp) -> TickerPart {
    let held = snapshot.tickers.get(&context.focus);
    let age = Age::new(held.map(|ticker| ticker.as_of), now, context.limits.price);
    let ticker = held.map(|held| &held.value);
    let rules = snapshot.rules.get(&context.focus);
    let funding = rules.and_then(|rules| rules.funding.as_ref());
    let contract = rules.and_then(|rules| rules.contract.as_ref());
    TickerPart {
        freshness: age.freshness,
        age_ms: age.ms,
        exchange_time: ticker.and_then(|t| t.exchange_time).map(Time),
        last: ticker.and_then(|t| t.last),
        mark: ticker.and_then(|t| t.mark),
        index: ticker.and_then(|t| t.index),
        bid: ticker.and_then(|t| t.bid),
        bid_size: ticker.and_then(|t| t.bid_size),
        ask: ticker.and_then(|t| t.ask),
        ask_size: ticker.and_then(|t| t.ask_size),
        open_24h: ticker.and_then(|t| t.open_24h),
        high_24h: ticker.and_then(|t| t.high_24h),
        low_24h: ticker.and_then(|t| t.low_24h),
        change_24h: ticker.and_then(|t| t.change_24h),
        volume_24h_base: ticker.and_then(|t| t.volume_24h_base),
        volume_24h_quote: ticker.and_then(|t| t.volume_24h_quote),
        open_interest: ticker.and_then(|t| t.open_interest),
        funding_rate: ticker.and_then(|t| t.funding_rate).or_else(|| funding?.rate),
        funding_interval_hours: funding
            .and_then(|funding| funding.interval_hours)
            .or_else(|| contract?.funding_interval_hours),
        next_funding_at: ticker
            .and_then(|t| t.next_funding_at)
            .or_else(|| funding?.next_at)
            .map(Time),
    }
}

fn pnl(
    snapshot: &Snapshot,
    rows: &[Valued<'_>],
    list_age: Age,
    taken_at: Time,
    now: Timestamp,
    limits: &Limits,
) -> PnlPart {
    let known = snapshot.positions.confirmed_at.is_some();
    let age = rows.iter().fold(list_age, |age, row| age.with(row.age));
    let sum = |figure: fn(&Valued<'_>) -> Option<Decimal>| {
        if known { risk::sum(rows.iter().map(figure)).map(|sum| sum.normalize()) } else { None }
    };
    let today = taken_at.0.start_of_day();
    // Bills of yesterday say nothing of today.
    let ledger = snapshot.ledger.as_ref().filter(|day| day.value.since == today);
    let ledger_age = Age::new(ledger.map(|day| day.as_of), now, limits.ledger);
    let totals: Option<DayTotals> = ledger
        .filter(|day| day.value.complete)
        .and_then(|day| risk::day_totals(&day.value.rows, "USDT", today));
    PnlPart {
        unrealized: sum(|row| row.unrealized),
        realized_today: totals.map(|totals| totals.realized),
        fees_today: totals.map(|totals| totals.fees_paid),
        funding_today: totals.map(|totals| totals.funding),
        net_today: totals.map(|totals| totals.net),
        session_change: None,
        max_drawdown: None,
        close_now_net: None,
        next_funding_payment: sum(|row| row.next_funding),
        session_started_at: None,
        max_drawdown_amount: None,
        equity_curve: Vec::new(),
        freshness: age.freshness,
        age_ms: age.ms,
        ledger_freshness: ledger_age.freshness,
        ledger_age_ms: ledger_age.ms,
    }
}

/// The part of the risk that follows from the exchange's liquidation prices.
fn risk_part(rows: &[PositionRow], list_age: Age, valued: &[Valued<'_>]) -> RiskPart {
    let age = valued.iter().fold(list_age, |age, row| age.with(row.age));
    let worst = rows
        .iter()
        .filter_map(|row| row.liquidation_distance.map(|distance| (distance, row)))
        .min_by_key(|(distance, _)| *distance);
    RiskPart {
        level: None,
        worst_position: worst
            .map(|(_, row)| WorstPosition { symbol: row.symbol.clone(), side: row.side }),
        liquidation_distance: worst.map(|(distance, _)| distance),
        liquidation_sigmas: None,
        touch_probability: TouchProbability::default(),
        volatility_annual: None,
        var_95_1d: None,
        es_95_1d: None,
        scenarios: Vec::new(),
        reason: None,
        sigma_1d: None,
        volatility_provisional: false,
        var_99_1d: None,
        es_99_1d: None,
        var_method: None,
        account_scenarios: Vec::new(),
        usdt_explains_liquidation: None,
        surplus: None,
        freshness: age.freshness,
        age_ms: age.ms,
    }
}

fn orders(snapshot: &Snapshot, now: Timestamp, limits: &Limits) -> OrdersPart {
    let age = Age::new(snapshot.orders.confirmed_at, now, limits.orders);
    OrdersPart {
        freshness: age.freshness,
        age_ms: age.ms,
        rows: snapshot.orders.rows.iter().map(|order| order_row(order, snapshot)).collect(),
        unreadable_rows: snapshot.orders.unreadable,
    }
}

fn order_row(order: &Order, snapshot: &Snapshot) -> OrderRow {
    let contract = snapshot.rules.get(&order.symbol).and_then(|rules| rules.contract.as_ref());
    OrderRow {
        symbol: order.symbol.to_string(),
        order_id: order.order_id.to_string(),
        side: order.side.map(|side| match side {
            OrderSide::Buy => "buy",
            OrderSide::Sell => "sell",
        }),
        position_side: order.position_side.map(positions::side_word),
        reduce_only: order.reduce_only,
        kind: order.kind.to_string(),
        price: order.price,
        trigger_price: order.trigger_price,
        size: order.size,
        filled: order.filled,
        status: order.status.to_string(),
        created_at: order.created_at.map(Time),
        price_places: contract.map(|contract| contract.price_places),
    }
}

fn link_part(link: &LinkStatus, exchange: ExchangeTime) -> LinkPart {
    LinkPart {
        name: link.stream.to_string(),
        state: link.state.to_string(),
        since: link.since.map(|at| exchange.of(at)),
        attempts: link.attempts,
        last_error: link.last_error.as_ref().map(ToString::to_string),
        latency_ms: link.latency.and_then(|span| i64::try_from(span.as_millis()).ok()),
        frames: link.frames,
        reconnects: link.reconnects,
        next_attempt_at: link.next_attempt_at.map(|at| exchange.of(at)),
    }
}
