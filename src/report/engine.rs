//! [`Engine`]: makes one report after the other, and remembers what lies between two of them.
//!
//! Almost every figure follows from the state and the present alone. What does not is kept here: the
//! equity of the session, levels that fall later than they rise, which form of the exchange's rules
//! fits its own figures, and statistics that change once a minute and not at every reading.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::age::Age;
use super::completeness::is_complete;
use super::context::Context;
use super::equity::PnlAtReport;
use super::foreign_rules::ForeignRules;
use super::history::History;
use super::inputs::{Inputs, KnownKind};
use super::levels::{Judgement, Levels};
use super::outage::Outage;
use super::portfolio::Holdings;
use super::reading::{Reading, moves};
use super::reconciliation::Reconciliation;
use super::session::Session;
use super::statistics::Statistics;
use super::value_at_risk::ValueAtRisk;
use super::{AccountStatus, OrdersPart, PositionsPart, Report};
use super::{
    account, market, other_products, pnl, position_row, prices, problems, risk_part, ticker,
};
use crate::domain::{Product, Timestamp};
use crate::risk::{self, Valuation};
use crate::store::Snapshot;

/// Makes reports.
#[derive(Debug)]
pub struct Engine {
    context: Context,
    kind: KnownKind,
    statistics: Statistics,
    reconciliation: Reconciliation,
    pnl_at_report: PnlAtReport,
    session: Session,
    levels: Levels,
    value_at_risk: ValueAtRisk,
    history: History,
    outage: Outage,
    foreign_rules: ForeignRules,
}

/// Returns the report of `snapshot` at `now` (local clock), read by itself: without a session before
/// it. Whoever reads again and again keeps an [`Engine`].
pub fn build(snapshot: &Snapshot, context: &Context, now: Timestamp) -> Report {
    Engine::new(context.clone()).read(snapshot, now)
}

impl Engine {
    /// Returns an engine that has seen nothing yet.
    pub fn new(context: Context) -> Self {
        Self {
            context,
            kind: KnownKind::default(),
            statistics: Statistics::default(),
            reconciliation: Reconciliation::default(),
            pnl_at_report: PnlAtReport::default(),
            session: Session::default(),
            levels: Levels::default(),
            value_at_risk: ValueAtRisk::default(),
            history: History::default(),
            outage: Outage::default(),
            foreign_rules: ForeignRules::default(),
        }
    }

    /// Sets the distance of the liquidation price that the what-ifs aim at, a fraction.
    pub const fn aim_at(&mut self, target_distance: Decimal) {
        self.context.risk.target_distance = target_distance;
    }

    /// Returns the report of `snapshot` at `now` (local clock). Call it with times that do not go back.
    pub fn read(&mut self, snapshot: &Snapshot, now: Timestamp) -> Report {
        if let Some(focus) = &snapshot.focus {
            self.context.focus.clone_from(focus);
        }
        self.kind.follow(snapshot.account_kind, now);
        self.statistics.follow(snapshot, &self.context.focus);
        let inputs = Inputs::new(snapshot, &self.context, &self.statistics, &self.kind, now);
        let priced = prices::live(&inputs, self.reconciliation.learned().calibration);
        self.pnl_at_report.follow(&inputs, &priced);
        self.reconciliation.compare(&inputs, &self.pnl_at_report);
        self.reconciliation.compare_account(&inputs, &priced, &self.pnl_at_report);
        let learned = self.reconciliation.learned();
        let holdings = Holdings::new(&inputs, priced, learned, &self.pnl_at_report);
        let valuation = Valuation::new(holdings.portfolio());

        let (account, view) =
            account::part(&inputs, &holdings, &valuation, &self.pnl_at_report, learned.account);
        let reading = Reading {
            inputs: &inputs,
            holdings: &holdings,
            valuation: &valuation,
            moves: &moves(&valuation),
            unmodelled_equity: view
                .equity
                .zip(view.figures.equity)
                .and_then(|(shown, measured)| risk::sub(shown, measured)),
        };
        self.levels.retain(&holdings.priced);
        let mut rows = position_row::rows(&reading, &mut self.levels, view.age);
        rows.extend(other_products::rows(&inputs, &holdings.priced, &mut self.levels));
        self.session.follow(&inputs, view.equity.filter(|_| view.age.is_live(now)));
        let judgement = if inputs.positions_known() {
            self.levels.of_account(&inputs, &mut rows, &view)
        } else {
            Judgement::default()
        };
        let losses = self.value_at_risk.follow(&reading);
        let pnl = pnl::part(&inputs, &holdings, &rows, &self.session, view.age);

        let mut report = Report {
            now,
            taken_at: inputs.exchange_now,
            clock_offset_ms: snapshot.clock_offset_ms,
            source: inputs.context.source,
            focus: inputs.context.focus.clone(),
            focus_unlisted: snapshot.unlisted.contains(&inputs.context.focus),
            account_kind: account_status(&inputs),
            complete: false,
            ticker: ticker::part(&inputs),
            risk: risk_part::part(&reading, &rows, &view, judgement, losses),
            history: self.history.part(&inputs, &pnl.today),
            pnl,
            positions: PositionsPart {
                age: inputs.list_age,
                unreadable_rows: snapshot.positions.unreadable_in_all(),
                rows,
                confirmed_at: snapshot.positions.confirmed_at,
                others: Product::OTHERS.map(|of| (of, inputs.list_age_of(of))).to_vec(),
            },
            account,
            orders: orders(&inputs),
            rules: Arc::clone(&snapshot.rules),
            candles: Arc::clone(&snapshot.candles),
            market: market::part(&inputs),
            fills: Arc::clone(&snapshot.fills),
            events: Arc::clone(&snapshot.events),
            links: snapshot.links.clone(),
            key_rights: problems::key_rights(snapshot),
            failures: snapshot.failures.clone(),
            alerts: Vec::new(),
            problems: {
                let own = [self.outage.follow(&inputs), self.foreign_rules.follow(&inputs)];
                problems::list(&inputs, &self.reconciliation, own.into_iter().flatten())
            },
            ledger: Arc::clone(&snapshot.history),
            memory: Arc::clone(&snapshot.memory),
        };
        report.complete = is_complete(&report);
        report
    }
}

fn account_status(inputs: &Inputs<'_>) -> AccountStatus {
    if !inputs.context.credentials {
        return AccountStatus::NoCredentials;
    }
    inputs.snapshot.account_kind.map_or(AccountStatus::Unknown, AccountStatus::Known)
}

fn orders(inputs: &Inputs<'_>) -> OrdersPart {
    let orders = &inputs.snapshot.orders;
    OrdersPart {
        age: Age::new(orders.confirmed_at, inputs.context.limits.orders),
        rows: orders.rows.clone(),
        unreadable_rows: orders.unreadable_in_all(),
        confirmed_at: orders.confirmed_at,
        others: Product::OTHERS.map(|of| (of, inputs.orders_age_of(of))).to_vec(),
    }
}
