//! [`build`]: from the state at one moment to the document.

use std::cmp::Reverse;

use super::account;
use super::age::{Age, Limits};
use super::portfolio::{Holdings, kind_of};
use super::position_risk::{Reading, at_trigger, moves};
use super::positions;
use super::reconciliation::Agreement;
use super::session::Session;
use super::{
    Document, Engine, Freshness, LinkPart, OrderRow, OrdersPart, PnlPart, PositionRow,
    PositionsPart, ProblemPart, SCHEMA, Source, TickerPart, Time,
};
use crate::config::RiskConfig;
use crate::domain::{AccountKind, Order, OrderSide, Symbol, Timestamp};
use crate::risk::{self, DayTotals, Valuation};
use crate::store::{LinkStatus, Problem, Snapshot};

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
    /// What counts as risky, and what the what-ifs aim at.
    pub risk: RiskConfig,
}

/// Returns the document of `snapshot` at `now` (local clock), read by itself: without a session before
/// it. Who reads again and again keeps an [`Engine`].
pub fn build(snapshot: &Snapshot, context: &Context, now: Timestamp) -> Document {
    Engine::new(context.clone()).read(snapshot, now)
}

pub(super) fn document(engine: &mut Engine, snapshot: &Snapshot, now: Timestamp) -> Document {
    let Engine { context, contracts, agreement, isolated_then, session, gauges, past } = engine;
    let exchange = ExchangeTime(snapshot.clock_offset_ms.map_or(0, |(offset, _)| offset));
    let taken_at = exchange.of(now);
    let limits = &context.limits;
    let list_age = Age::new(snapshot.positions.confirmed_at, now, limits.positions);
    let account_age = Age::new(snapshot.account.as_ref().map(|a| a.as_of), now, limits.account);
    let kind = kind_of(snapshot);

    contracts.follow(snapshot);
    let mut holdings = Holdings::live(snapshot, (context, contracts, agreement), list_age, now);
    isolated_then.follow(&mut holdings, snapshot.account.as_ref().map(|account| account.as_of));
    agreement.compare(snapshot, contracts, isolated_then, now);
    holdings.follow(agreement);
    let valuation = Valuation::new(holdings.portfolio(kind, snapshot, agreement));
    let held = snapshot.account.as_ref().map(|account| &account.value);
    let (account, view) = account::part(held, kind, &holdings, &valuation, (list_age, account_age));
    let reading = Reading {
        snapshot,
        context,
        contracts,
        holdings: &holdings,
        valuation: &valuation,
        moves: &moves(&valuation),
        beyond: view
            .equity
            .zip(view.figures.equity)
            .and_then(|(shown, measured)| risk::sub(shown, measured)),
        now: taken_at.0,
        local: now,
    };
    gauges.keep(&holdings);
    let orders_age = Age::new(snapshot.orders.confirmed_at, now, limits.orders);
    let whole = orders_age.is_live() && snapshot.orders.unreadable == 0;
    let resting = whole.then_some(snapshot.orders.rows.as_slice());
    let rows: Vec<PositionRow> = holdings
        .held
        .iter()
        .enumerate()
        .map(|(place, held)| {
            let figures = valuation.position(place);
            let risk = gauges.of_position(&reading, place, &figures);
            let mut row = positions::row(held, &figures, risk, resting, (context, kind, view.age));
            let ours = || valuation.break_even(place).map(positions::tidy);
            row.break_even_price = row.break_even_price.or_else(ours);
            row.risk.at_take_profit = at_trigger(&reading, place, row.take_profit);
            row.risk.at_stop_loss = at_trigger(&reading, place, row.stop_loss);
            row
        })
        .collect();
    let proven = view.equity.filter(|_| view.age.is_live());
    session.follow(snapshot, proven, (taken_at.0, now));
    let closed_age = Age::new(snapshot.closed_confirmed_at, now, limits.history);
    let today = Today::of(snapshot, taken_at.0, now, limits);

    let mut document = Document {
        schema: SCHEMA,
        taken_at,
        source: context.source,
        symbol: context.focus.to_string(),
        account_kind: account_kind(snapshot, context),
        complete: false,
        ticker: ticker(snapshot, context, now),
        risk: gauges.part(&reading, &rows, &view),
        pnl: pnl(&rows, &holdings, (session, view.age), &today, list_age),
        history: past.part(snapshot, today.age.with(closed_age), taken_at.0),
        positions: PositionsPart {
            freshness: list_age.freshness,
            age_ms: list_age.ms,
            unreadable_rows: snapshot.positions.unreadable,
            rows,
            confirmed_at: snapshot.positions.confirmed_at.map(|at| exchange.of(at)),
        },
        account,
        orders: orders(snapshot, orders_age),
        links: snapshot.links.iter().map(|link| link_part(link, exchange)).collect(),
        alerts: Vec::new(),
        problems: problems(snapshot, agreement, now, exchange),
    };
    document.complete = is_complete(&document, context.credentials);
    document
}

/// The problems that stand, the most pressing first, of one kind the newest: there is room for one.
fn problems(
    snapshot: &Snapshot,
    agreement: &Agreement,
    now: Timestamp,
    exchange: ExchangeTime,
) -> Vec<ProblemPart> {
    let mut all: Vec<Problem> = snapshot.problems.clone();
    all.extend(agreement.problems(now));
    all.sort_by_key(|problem| (problem.code, Reverse(problem.since)));
    let part = |problem: Problem| ProblemPart {
        code: problem.code.to_string(),
        text: problem.text.to_string(),
        since: exchange.of(problem.since),
    };
    all.into_iter().map(part).collect()
}

/// The results of the UTC day, from the bills of today.
#[derive(Debug)]
struct Today {
    totals: Option<DayTotals>,
    age: Age,
}

impl Today {
    fn of(snapshot: &Snapshot, exchange_now: Timestamp, now: Timestamp, limits: &Limits) -> Self {
        let today = exchange_now.start_of_day();
        // Bills of yesterday say nothing of today.
        let ledger = snapshot.ledger.as_ref().filter(|day| day.value.since == today);
        let totals = ledger
            .filter(|day| day.value.complete)
            .and_then(|day| risk::day_totals(&day.value.rows, "USDT", today));
        Self { totals, age: Age::new(ledger.map(|day| day.as_of), now, limits.history) }
    }
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
        && rows.is_whole()
        && rows
            .rows
            .iter()
            .all(|row| row.freshness == Freshness::Live && row.margin_ratio.is_some())
        && document.account.freshness == Freshness::Live
        && document.account.equity.is_some()
        && document.orders.is_whole()
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
    rows: &[PositionRow],
    holdings: &Holdings<'_>,
    (session, session_age): (&Session, Age),
    today: &Today,
    list_age: Age,
) -> PnlPart {
    let age = holdings.held.iter().fold(list_age, |age, held| age.with(held.age));
    let payments = risk::sum(rows.iter().map(|row| row.risk.next_funding_payment));
    let closing = rows.iter().filter(|row| row.is_focus).map(|row| {
        row.risk.close_now.as_ref().filter(|close| !close.too_thin).and_then(|close| close.net)
    });
    let totals = today.totals;
    let figures = session.figures();
    PnlPart {
        unrealized: holdings.unrealized().map(|pnl| pnl.normalize()),
        realized_today: totals.map(|totals| totals.realized),
        fees_today: totals.map(|totals| totals.fees_paid),
        funding_today: totals.map(|totals| totals.funding),
        net_today: totals.map(|totals| totals.net),
        session_change: figures.map(|figures| figures.change.normalize()),
        max_drawdown: figures.and_then(|figures| risk::significant(figures.max_drawdown)),
        close_now_net: if rows.iter().any(|row| row.is_focus) { risk::sum(closing) } else { None },
        next_funding_payment: payments.filter(|_| holdings.known).map(|sum| sum.normalize()),
        session_started_at: session.started_at(),
        max_drawdown_amount: figures.map(|figures| figures.max_drawdown_amount.normalize()),
        equity_curve: session.points(),
        freshness: age.freshness,
        age_ms: age.ms,
        session_freshness: session_age.freshness,
        session_age_ms: session_age.ms,
        ledger_freshness: today.age.freshness,
        ledger_age_ms: today.age.ms,
    }
}

fn orders(snapshot: &Snapshot, age: Age) -> OrdersPart {
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
