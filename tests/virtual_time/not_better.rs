//! No figure of the account that is shown as live is better than the truth: equity, margin ratio, session.
//!
//! The exact checks of `oracle` need one coin and one product. These hold for every account, whatever it
//! holds: they compare with the best that can be made of what the exchange's own account was within the age
//! limits.

use std::collections::{BTreeMap, VecDeque};

use bitget_watch::domain::Product;
use bitget_watch::report::Report;
use bitget_watch::sim::{OraclePosition, World};
use rust_decimal::Decimal;

/// Every contract of the exchange.
pub const CONTRACTS: [&str; 6] = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT", "BTCPERP", "BTCUSD"];
/// The exchange rounds pushed amounts to cents; a figure is made of several.
const ROUNDING: Decimal = Decimal::from_parts(5, 0, 0, false, 2);
/// Beside positions that are not computed with, what the others earned at a report is known within a range of
/// prices, and the worst of it counts: where the session begins too low, it goes on too high by as much.
const START: Decimal = Decimal::from_parts(3, 0, 0, false, 0);
/// A ratio is a quotient of amounts in cents; this is the share of it that rounding may be.
const RATIO_ROUNDING: Decimal = Decimal::from_parts(5, 0, 0, false, 3);

/// The exchange's account at one moment, in US dollars when it is unified.
#[derive(Debug)]
struct Truth {
    at_ms: i64,
    unified: bool,
    /// Equity without unrealized PnL.
    wallet: Decimal,
    positions: Vec<OraclePosition>,
    /// Of every contract in the equity its mark price and the price of its coin.
    prices: BTreeMap<&'static str, (Decimal, Decimal)>,
    /// What came in without being earned, less what went out.
    flows: Decimal,
    /// What backs the cross positions.
    backing: Decimal,
}

impl Truth {
    /// Returns the maintenance margin of the cross positions in the equity, but for those that `without` names. Of
    /// a contract held on both sides the larger one counts.
    fn maintenance_margin(&self, without: &dyn Fn(&OraclePosition) -> bool) -> Decimal {
        let of = |(contract, (_, coin)): (&&'static str, &(Decimal, Decimal))| {
            let own = self.positions.iter().filter(|position| position.contract == *contract);
            let counted = own.filter(|position| position.cross && !without(position));
            counted.map(|position| position.maintenance_margin * coin).max().unwrap_or_default()
        };
        self.prices.iter().map(of).sum()
    }
}

/// The truth of a run.
#[derive(Debug, Default)]
pub struct Truths(VecDeque<Truth>);

impl Truths {
    pub fn sample(&mut self, world: &World, at_ms: i64) {
        self.0.push_back(Truth {
            at_ms,
            unified: world.is_unified(),
            wallet: world.equity() - world.unrealized_pnl(),
            positions: world.positions(),
            prices: CONTRACTS
                .into_iter()
                .filter_map(|name| Some((name, (world.prices(name)?.1, world.coin_price(name)?))))
                .collect(),
            flows: world.flows(),
            backing: world.cross_margin().1,
        });
    }

    /// Checks a report against the truth since `since_ms`. `start_ms` is the exchange's time at the start; a
    /// list may lack the positions that `may_lack` names. Returns how many live figures were not checked.
    pub fn check(
        &self,
        report: &Report,
        since_ms: i64,
        start_ms: i64,
        may_lack: &dyn Fn(&OraclePosition) -> bool,
    ) -> Result<u64, String> {
        let account = &report.account;
        let recent = || self.0.iter().rev().take_while(move |truth| truth.at_ms >= since_ms);
        if !(account.age.is_live(report.now) && account.derived.is_live(report.now)) {
            return Ok(0);
        }
        let best = recent().map(|truth| truth.wallet).max().zip(Some(best_unrealized(recent())));
        if let Some((shown, (wallet, unrealized))) = account.equity.zip(best)
            && shown > wallet + unrealized + ROUNDING
        {
            return Err(format!(
                "equity {shown} is live and better than {wallet} with {unrealized}"
            ));
        }
        self.session(report, since_ms, start_ms)?;
        let Some(shown) = account.margin_ratio else { return Ok(0) };
        let mut open = recent().flat_map(|truth| &truth.positions);
        if open.any(|position| !position.cross && may_lack(position)) {
            // Nobody has said what an isolated position holds back that is left out.
            return Ok(1);
        }
        let needed = recent().map(|truth| truth.maintenance_margin(may_lack)).min();
        let backing = recent().map(|truth| truth.backing).max();
        if let Some((needed, backing)) = needed.zip(backing)
            && let Some(least) = needed.checked_div(backing)
            && shown < least * (Decimal::ONE - RATIO_ROUNDING)
        {
            return Err(format!("margin ratio {shown} is live and better than {least}"));
        }
        Ok(0)
    }

    /// Checks the change of the session. The kind of the account must not have changed in it: each has an
    /// equity of its own.
    fn session(&self, report: &Report, since_ms: i64, start_ms: i64) -> Result<(), String> {
        let session = &report.pnl.session;
        let started_at = session.started_at.map(|at| at.as_millis() - start_ms);
        let Some((change, started_ms)) = session.change.zip(started_at) else { return Ok(()) };
        if !session.age.is_live(report.now) {
            return Ok(());
        }
        // The first reading may have been as old as any.
        let first_ms = started_ms - (self.0.back().map_or(0, |now| now.at_ms) - since_ms);
        let in_session = || self.0.iter().filter(move |truth| truth.at_ms >= first_ms);
        let kind = self.0.back().is_some_and(|now| now.unified);
        if in_session().any(|truth| truth.unified != kind) {
            return Ok(());
        }
        let at_start = || in_session().take_while(move |truth| truth.at_ms <= started_ms + 250);
        let recent = || self.0.iter().rev().take_while(move |truth| truth.at_ms >= since_ms);
        let earned = |truth: &Truth| truth.wallet - truth.flows;
        let wallets = recent().map(earned).max().zip(at_start().map(earned).min());
        let Some((late, early)) = wallets else { return Ok(()) };
        let most = late + best_unrealized(recent()) - early - worst_unrealized(at_start());
        let mut both = at_start().chain(self.0.back());
        let mixed = both.any(|truth| truth.positions.iter().any(is_inverse));
        let slack = if mixed { START } else { ROUNDING };
        if change > most + slack {
            return Err(format!("session {change} is live and better than {most}"));
        }
        Ok(())
    }
}

fn is_inverse(position: &OraclePosition) -> bool {
    Product::of_contract(position.contract) == Some(Product::CoinFutures)
}

/// Returns the best unrealized PnL that can be made of these moments: the positions of a contract, its mark
/// price, and the price of its coin may each be of another one.
fn best_unrealized<'a>(truths: impl Iterator<Item = &'a Truth>) -> Decimal {
    extreme_unrealized(&truths.collect::<Vec<_>>(), Decimal::max)
}

/// Returns the worst, in the same way.
fn worst_unrealized<'a>(truths: impl Iterator<Item = &'a Truth>) -> Decimal {
    extreme_unrealized(&truths.collect::<Vec<_>>(), Decimal::min)
}

fn extreme_unrealized(truths: &[&Truth], pick: fn(Decimal, Decimal) -> Decimal) -> Decimal {
    let of = |contract: &'static str| {
        let prices = truths.iter().filter_map(|truth| truth.prices.get(contract).copied());
        let ends = |of: fn((Decimal, Decimal)) -> Decimal| {
            let all = prices.clone().map(of);
            all.clone().min().zip(all.max()).map(|(low, high)| [low, high])
        };
        let (marks, coins) = ends(|own| own.0).zip(ends(|own| own.1))?;
        let values = truths.iter().flat_map(move |truth| {
            let pnl = move |mark: Decimal| -> Decimal {
                let own = truth.positions.iter().filter(|position| position.contract == contract);
                own.map(|position| position.unrealized_pnl(mark)).sum()
            };
            marks.into_iter().flat_map(move |mark| coins.map(|coin| pnl(mark) * coin))
        });
        values.reduce(pick)
    };
    CONTRACTS.into_iter().filter_map(of).sum()
}
