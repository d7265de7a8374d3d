//! The test oracle: a figure that is shown as live was right at some moment within its age limit.
//!
//! The oracle samples the exchange's world at every check. A live price, position, PnL or equity must be
//! found in the samples, by the exchange's own arithmetic; a position that was open all the time must be
//! in a live list. What the exchange itself said wrongly is exempt: see `exemptions`.

use std::collections::{BTreeMap, VecDeque};

use bitget_watch::domain::{MarginMode, Product, Side, Timestamp};
use bitget_watch::report::{Age, Freshness, PositionRow, Report};
use bitget_watch::sim::{Entry, OraclePosition, World};
use rust_decimal::Decimal;

use super::exemptions::{ACCOUNT_MS, Data, Exemptions, PRICE_MS, SLACK_MS};
use super::not_better::{CONTRACTS, Truths};
use super::rig::Rig;

/// Of two amounts that the exchange rounds to cents each, the difference is off by at most this.
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
/// Entry prices are averages, with more places than any wire has.
const ENTRY_TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// The exchange's world at one moment.
#[derive(Debug)]
struct Sample {
    at_ms: i64,
    /// Last and mark price.
    prices: BTreeMap<&'static str, (Decimal, Decimal)>,
    positions: Vec<OraclePosition>,
    equity: Decimal,
    unrealized: Decimal,
}

impl Sample {
    fn of(world: &World, at_ms: i64) -> Self {
        let prices = CONTRACTS.iter().filter_map(|name| Some((*name, world.prices(name)?)));
        Self {
            at_ms,
            prices: prices.collect(),
            positions: world.positions(),
            equity: world.equity(),
            unrealized: world.unrealized_pnl(),
        }
    }
}

/// How much was checked of the money that was live.
#[derive(Debug, Clone, Copy, Default)]
pub struct Coverage {
    /// Checks at which prices were live.
    pub prices: u64,
    /// Live rows, live lists, and of the account the live equity, margin ratio and session, each once a check.
    pub money: u64,
    /// Those that were checked: all but lists with a name that cannot be known, and margin ratios from which what
    /// a position needs may be missing.
    pub checked: u64,
    /// Those that were checked against the truth within their age limit, and no older one.
    pub strict: u64,
    /// Checks of an equity that was live.
    pub equity: u64,
}

impl Coverage {
    /// Returns the share of money that was checked, in percent; 100 when none was live.
    pub fn checked_percent(self) -> u64 {
        (self.checked * 100).checked_div(self.money).unwrap_or(100)
    }

    /// Returns the share of money that was checked strictly, in percent; 100 when none was live.
    pub fn strict_percent(self) -> u64 {
        (self.strict * 100).checked_div(self.money).unwrap_or(100)
    }
}

/// The oracle of one run.
#[derive(Debug, Default)]
pub struct Oracle {
    samples: VecDeque<Sample>,
    truths: Truths,
    /// The exchange's time at the start.
    start_ms: Option<i64>,
    exemptions: Exemptions,
    /// The newest exchange time that was shown of the ticker.
    newest_ticker_ms: i64,
    pub coverage: Coverage,
    /// The age of the oldest live price and of the oldest live position.
    pub worst_price_ms: i64,
    pub worst_position_ms: i64,
}

impl Oracle {
    /// Returns the oracle of a run with these faults, which are over after `end_ms`.
    pub fn new(faults: &[Entry], end_ms: i64) -> Self {
        Self { exemptions: Exemptions::new(faults, end_ms), ..Self::default() }
    }

    /// Samples the world and checks the report against the samples. `now_ms` is the time since the start.
    pub fn check(&mut self, rig: &Rig, now_ms: i64) -> Result<(), String> {
        self.sample(rig, now_ms);
        let start_ms = self.start_ms.unwrap_or_default();
        for corruption in rig.sim.take_corruptions() {
            self.exemptions.note(corruption, start_ms);
        }
        self.exemptions.note_clock(now_ms, rig.state(|state| state.clock_offset_ms));
        let equity_moves = rig.state(|state| {
            state.account.as_ref().is_some_and(|account| account.value.unrealized_pnl.is_some())
        });
        let report = rig.report();
        self.ticker(&report, now_ms)?;
        for row in &report.positions.rows {
            if self.is_renamed(row) {
                continue;
            }
            self.mark_price(row, report.now, now_ms)?;
            self.position(row, report.now, now_ms)?;
        }
        self.no_position_missing(&report, now_ms)?;
        let kinds = [Data::Prices, Data::Positions, Data::Account];
        let since = kinds.map(|data| self.exemptions.allowed_since(data, now_ms).1);
        let since_ms = since.into_iter().min().unwrap_or_default();
        let may_lack = |position: &OraclePosition| self.exemptions.may_lack(position, now_ms);
        let unchecked = self.truths.check(&report, since_ms, start_ms, &may_lack)?;
        // Over several products and coins no two figures are of one moment.
        if !rig.sim.with_world(|world| world.is_mixed()) {
            self.account(&report, now_ms, equity_moves)?;
        }
        self.count(&report, now_ms, unchecked);
        Ok(())
    }

    /// Samples the world.
    pub fn sample(&mut self, rig: &Rig, now_ms: i64) {
        let truths = &mut self.truths;
        let (sample, time) = rig.sim.with_world(|world| {
            truths.sample(world, now_ms);
            (Sample::of(world, now_ms), world.time().as_millis())
        });
        self.start_ms.get_or_insert(time - now_ms);
        self.samples.push_back(sample);
    }

    /// Returns the samples at which data of this kind may have been right if it is live now, newest first.
    ///
    /// The error of the measured clock offset allows nothing more: it counts against the age.
    fn allowed(&self, data: Data, now_ms: i64) -> impl Iterator<Item = &Sample> {
        let (_, since_ms) = self.exemptions.allowed_since(data, now_ms);
        self.samples.iter().rev().take_while(move |sample| sample.at_ms >= since_ms)
    }

    /// Returns the least and the most that positions of a sample earn at mark prices of about its time, each at
    /// its own moment.
    fn unrealized_around(
        &self,
        report: &Sample,
        counts: impl Fn(&OraclePosition) -> bool,
    ) -> (Decimal, Decimal) {
        let near = self.samples.iter().filter(|s| (s.at_ms - report.at_ms).abs() <= PRICE_MS);
        let of = |position: &OraclePosition| {
            let pnl = near.clone().map(|s| position.unrealized_pnl(s.prices[position.contract].1));
            (pnl.clone().min().unwrap_or_default(), pnl.max().unwrap_or_default())
        };
        let earned = report.positions.iter().filter(|position| counts(position)).map(of);
        earned.fold((Decimal::ZERO, Decimal::ZERO), |sum, own| (sum.0 + own.0, sum.1 + own.1))
    }

    /// Returns whether data may be older than their limit.
    fn is_exempt(&self, data: Data, now_ms: i64) -> bool {
        let (normal_ms, since_ms) = self.exemptions.allowed_since(data, now_ms);
        since_ms < normal_ms
    }

    /// Counts what was checked; of the account `unchecked` figures were not.
    fn count(&mut self, report: &Report, now_ms: i64, unchecked: u64) {
        let (positions, account) = (&report.positions, &report.account);
        let exempt = |data| self.is_exempt(data, now_ms);
        let missing = self.exemptions.may_be_missing(now_ms);
        let renamed = positions.rows.iter().any(|row| self.is_renamed(row));
        let (wide_rows, wide_list) = (exempt(Data::Prices), exempt(Data::Positions));
        let wide_equity = exempt(Data::Account);
        let rows = positions.rows.iter().filter(|row| row.age.is_live(report.now));
        let rows = u64::try_from(rows.count()).unwrap_or(0);
        let list = u64::from(positions.age.is_live(report.now));
        let equity = account.derived.is_live(report.now) && account.equity.is_some();
        let equity = u64::from(equity);
        let (ratio, session) = (account.margin_ratio, &report.pnl.session);
        // Equity, margin ratio and session are three figures of the account.
        let of_account = equity
            + u64::from(ratio.is_some() && account.derived.is_live(report.now))
            + u64::from(session.change.is_some() && session.age.is_live(report.now));
        let coverage = &mut self.coverage;
        coverage.prices += u64::from(report.ticker.age.is_live(report.now));
        coverage.money += rows + list + of_account;
        coverage.checked += rows + list * u64::from(!renamed) + of_account - unchecked;
        coverage.strict += rows * u64::from(!wide_rows && !wide_list)
            + list * u64::from(!wide_list && !missing && !renamed)
            + (of_account - unchecked) * u64::from(!wide_equity);
        coverage.equity += equity;
    }

    fn ticker(&mut self, report: &Report, now_ms: i64) -> Result<(), String> {
        let ticker = &report.ticker;
        if !ticker.age.is_live(report.now) {
            return Ok(());
        }
        self.ticker_time(ticker.exchange_time.map(Timestamp::as_millis), now_ms)?;
        for (name, shown, pick) in [
            ("last", ticker.last, (|p| p.0) as fn((Decimal, Decimal)) -> Decimal),
            ("mark", ticker.mark, |p| p.1),
        ] {
            let Some(shown) = shown else { continue };
            let found = self
                .allowed(Data::Prices, now_ms)
                .find(|sample| pick(sample.prices["BTCUSDT"]) == shown)
                .map(|sample| now_ms - sample.at_ms);
            let Some(age) = found else {
                return Err(format!("{name} {shown} is live and was not so within {PRICE_MS} ms"));
            };
            if !self.is_exempt(Data::Prices, now_ms) {
                self.worst_price_ms = self.worst_price_ms.max(age);
            }
        }
        Ok(())
    }

    /// Checks that the time of the ticker does not go back. A time in the future is the exchange's mistake,
    /// and a client whose clock is slow takes the right times for such.
    fn ticker_time(&mut self, time_ms: Option<i64>, now_ms: i64) -> Result<(), String> {
        let now = self.start_ms.unwrap_or_default() + now_ms;
        let Some(time_ms) = time_ms.filter(|time| *time <= now + SLACK_MS) else { return Ok(()) };
        if self.exemptions.had_slow_clock(Data::Prices, now_ms) {
            self.newest_ticker_ms = 0;
        } else if time_ms < self.newest_ticker_ms {
            return Err(format!(
                "the ticker goes back from {} to {time_ms}",
                self.newest_ticker_ms
            ));
        }
        self.newest_ticker_ms = time_ms;
        Ok(())
    }

    fn mark_price(&self, row: &PositionRow, now: Timestamp, now_ms: i64) -> Result<(), String> {
        let contract = contract_of(row);
        let Some(mark) = row.mark_price else { return Ok(()) };
        let had =
            |sample: &Sample| sample.prices.get(contract.as_str()).is_some_and(|p| p.1 == mark);
        if row.age.is_live(now) && !self.allowed(Data::Prices, now_ms).any(had) {
            return Err(format!("mark {mark} of {contract} is live and was not so"));
        }
        Ok(())
    }

    /// Checks that the position existed, and its unrealized PnL by the exchange's arithmetic at the mark
    /// price of the row.
    fn position(&mut self, row: &PositionRow, now: Timestamp, now_ms: i64) -> Result<(), String> {
        if !row.age.is_live(now) {
            return Ok(());
        }
        let name = || format!("{} {} {}", row.key, row.key.margin_mode, row.size);
        let Some((at_ms, position)) = self.find(row, now_ms) else {
            return Err(format!("{} is live and was not open", name()));
        };
        if let Some((shown, mark)) = row.unrealized_pnl.zip(row.mark_price) {
            let theirs = position.unrealized_pnl(mark);
            if (shown - theirs).abs() > row.size * ENTRY_TOLERANCE {
                return Err(format!("PnL of {} is {shown}, the exchange's is {theirs}", name()));
            }
        }
        if !self.is_exempt(Data::Positions, now_ms) {
            self.worst_position_ms = self.worst_position_ms.max(now_ms - at_ms);
        }
        Ok(())
    }

    /// Returns whether a row is one whose contract the exchange gave another name.
    fn is_renamed(&self, row: &PositionRow) -> bool {
        self.exemptions.may_be_renamed() && !CONTRACTS.contains(&contract_of(row).as_str())
    }

    /// Returns the newest position of the exchange that a row may show, with its time.
    fn find(&self, row: &PositionRow, now_ms: i64) -> Option<(i64, &OraclePosition)> {
        self.allowed(Data::Positions, now_ms).find_map(|sample| {
            let found = sample.positions.iter().find(|position| is_same(position, row))?;
            Some((sample.at_ms, found))
        })
    }

    /// Checks that a position that was open all the time is in the list of its product, where that is live: unless
    /// the exchange itself has just left this position out.
    fn no_position_missing(&self, report: &Report, now_ms: i64) -> Result<(), String> {
        let is_renamed = report.positions.rows.iter().any(|row| self.is_renamed(row));
        if is_renamed {
            return Ok(());
        }
        let (_, allowed_ms) = self.exemptions.allowed_since(Data::Positions, now_ms);
        for product in Product::ALL {
            let Freshness::Live { ms } = report.positions.age_of(product).at(report.now) else {
                continue;
            };
            // Lists of other products may be older than the limit of what is held.
            let listed_ms = now_ms - ms - PRICE_MS - SLACK_MS;
            let other = product != Product::UsdtFutures;
            let since_ms = if other { listed_ms.min(allowed_ms) } else { allowed_ms };
            self.no_position_of_missing(product, report, since_ms, now_ms)?;
        }
        Ok(())
    }

    fn no_position_of_missing(
        &self,
        product: Product,
        report: &Report,
        since_ms: i64,
        now_ms: i64,
    ) -> Result<(), String> {
        let mut always: Option<Vec<&OraclePosition>> = None;
        let recent = self.samples.iter().rev().take_while(|sample| sample.at_ms >= since_ms);
        for sample in recent {
            let of_product =
                |p: &&OraclePosition| Product::of_contract(p.contract) == Some(product);
            match &mut always {
                None => always = Some(sample.positions.iter().filter(of_product).collect()),
                Some(open) => open.retain(|p| sample.positions.iter().any(|q| key(q) == key(p))),
            }
        }
        let is_sure = |position: &&OraclePosition| !self.exemptions.may_lack(position, now_ms);
        for position in always.unwrap_or_default().into_iter().filter(is_sure) {
            let rows = &report.positions.rows;
            let shown = |row: &PositionRow| {
                contract_of(row) == position.contract
                    && (row.key.side == Side::Long) == position.long
                    && is_mode(row, position.cross)
            };
            if !rows.iter().any(shown) {
                let rows: Vec<_> = rows
                    .iter()
                    .map(|row| (row.key.to_string(), &row.key.margin_mode, row.size))
                    .collect();
                return Err(format!("{position:?} is missing in a live list: {rows:?}"));
            }
        }
        Ok(())
    }

    /// Checks the account against the exchange's own.
    ///
    /// Its unrealized PnL is the sum of the exchange's PnL of every position that is shown, at the mark
    /// price that is shown. Its equity is that sum and what the exchange's equity was besides unrealized
    /// PnL, at a moment within the age limit of the account; where the report's own unrealized PnL may have
    /// been unreadable, besides that of a moment close to it. An equity that does not follow the prices (its
    /// PnL was not reported, or a list has not come) must be the exchange's equity of such a moment.
    fn account(&self, report: &Report, now_ms: i64, equity_moves: bool) -> Result<(), String> {
        let account = &report.account;
        if !(account.age.is_live(report.now) && account.derived.is_live(report.now)) {
            return Ok(());
        }
        let pnl = report.positions.rows.iter().map(|row| {
            let (_, position) = self.find(row, now_ms)?;
            Some(position.unrealized_pnl(row.mark_price?))
        });
        let pnl: Option<Decimal> = pnl.sum();
        if let Some((shown, theirs)) = account.unrealized_pnl.zip(pnl) {
            let sizes: Decimal = report.positions.rows.iter().map(|row| row.size).sum();
            if (shown - theirs).abs() > sizes * ENTRY_TOLERANCE {
                return Err(format!("unrealized PnL {shown} is live, the exchange's is {theirs}"));
            }
        }
        let (Some(equity), Some(pnl)) = (account.equity, pnl) else { return Ok(()) };
        let is_right = |sample: &Sample| {
            let moved = sample.equity - sample.unrealized + pnl;
            (equity - sample.equity).abs() <= CENT || equity_moves && (equity - moved).abs() <= CENT
        };
        if self.allowed(Data::Account, now_ms).any(is_right) {
            return Ok(());
        }
        if equity_moves && self.exemptions.may_be_completed(now_ms) {
            let is_right = |report: &Sample| {
                let (least, most) = self.unrealized_around(report, |_| true);
                let reported = equity - pnl + least <= report.equity + CENT;
                reported && equity - pnl + most >= report.equity - CENT
            };
            if self.allowed(Data::Account, now_ms).any(is_right) {
                return Ok(());
            }
        }
        if equity_moves && self.exemptions.may_be_missing(now_ms) {
            // What an unlisted position had earned at the report stays in the equity.
            let rows = &report.positions.rows;
            let is_unlisted = |p: &OraclePosition| !rows.iter().any(|row| is_same(p, row));
            let is_right = |report: &Sample| {
                let (least, most) = self.unrealized_around(report, is_unlisted);
                let listed = equity - (report.equity - report.unrealized) - pnl;
                listed >= least - CENT && listed <= most + CENT
            };
            if self.allowed(Data::Account, now_ms).any(is_right) {
                return Ok(());
            }
        }
        if equity_moves && report.positions.listed(report.now).len() < Product::ALL.len() {
            // Beside a list that has not come the least counts that the positions may have brought.
            let is_no_better =
                |sample: &Sample| equity <= sample.equity - sample.unrealized + pnl + CENT;
            if self.allowed(Data::Account, now_ms).any(is_no_better) {
                return Ok(());
            }
        }
        Err(format!("equity {equity} is live and was not so within {ACCOUNT_MS} ms"))
    }

    /// Returns what differs between the exchange and a report that is complete; `None` for nothing.
    /// Equity and unrealized PnL must be the exchange's of one moment.
    pub fn difference(&self, rig: &Rig, now_ms: i64) -> Option<String> {
        difference(rig).or_else(|| {
            if rig.sim.with_world(|world| world.is_mixed()) {
                return None;
            }
            let account = rig.report().account;
            let (equity, unrealized) = account.equity.zip(account.unrealized_pnl)?;
            let is_now = |sample: &Sample| {
                (sample.equity - equity).abs() <= CENT
                    && (sample.unrealized - unrealized).abs() <= CENT
            };
            let mut recent = self.samples.iter().rev();
            let found = recent.by_ref().take_while(|s| s.at_ms >= now_ms - PRICE_MS).any(is_now);
            (!found).then(|| "the account differs".to_owned())
        })
    }
}

/// Returns the exchange's name of a row's contract.
fn contract_of(row: &PositionRow) -> String {
    row.key.symbol.to_string().split('_').next().unwrap_or_default().to_owned()
}

fn key(position: &OraclePosition) -> (&'static str, bool, bool) {
    (position.contract, position.long, position.cross)
}

/// An unknown margin mode is shown as it came: the row is there, whatever its mode.
fn is_mode(row: &PositionRow, cross: bool) -> bool {
    match row.key.margin_mode.known() {
        Some(MarginMode::Cross) => cross,
        Some(MarginMode::Isolated) => !cross,
        None => true,
    }
}

fn is_same(position: &OraclePosition, row: &PositionRow) -> bool {
    contract_of(row) == position.contract
        && (row.key.side == Side::Long) == position.long
        && is_mode(row, position.cross)
        && row.size == position.size
        && row.entry_price.is_none_or(|entry| (entry - position.entry).abs() < ENTRY_TOLERANCE)
}

/// Returns what differs between the exchange and what is shown, besides money; `None` for nothing.
pub fn difference(rig: &Rig) -> Option<String> {
    let report = rig.report();
    let (positions, orders) = rig.sim.with_world(|world| (world.positions(), world.open_orders()));
    if !report.complete {
        let (pnl, rows) = (&report.pnl, &report.positions.rows);
        let ratio = rows.iter().all(|row| row.margin_ratio.is_some());
        let at = |age: Age| age.at(report.now);
        return Some(format!(
            "not complete: price {:?}, list {:?} ({} unreadable, ratios {ratio}), account {:?}, \
             orders {:?}, ledger {:?}, kind {:?}, funding {}",
            at(report.ticker.age),
            at(report.positions.age),
            report.positions.unreadable_rows,
            at(report.account.age),
            at(report.orders.age),
            at(pnl.today.age),
            report.account_kind,
            report.ticker.funding_interval_hours.is_some(),
        ));
    }
    let rows = &report.positions.rows;
    let is_shown = |position| rows.iter().any(|row| is_same(position, row));
    if rows.len() != positions.len() || !positions.iter().all(is_shown) {
        return Some("positions differ".to_owned());
    }
    let mut shown: Vec<&str> = report.orders.rows.iter().map(|row| row.order_id.as_str()).collect();
    shown.sort_unstable();
    let mut orders: Vec<&str> = orders.iter().map(String::as_str).collect();
    orders.sort_unstable();
    (shown != orders).then(|| "orders differ".to_owned())
}
