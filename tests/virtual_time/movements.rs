//! Money that comes in while no push tells of it.

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::report::Report;
use bitget_watch::sim::{Entry, Fault, On};
use rstest::rstest;
use rust_decimal::dec;

use super::rig::{Setup, live, pass};

/// The ledger is read every minute, and an account report that shows another balance asks for it at once.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_movement_in_a_report_asks_for_the_ledger_at_once(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let rig = live(Setup::new(kind, 43)).await;
    pass(5_000).await;
    let equity = |report: &Report| report.account.equity;
    let before = equity(&rig.report()).unwrap();
    rig.sim.inject(Entry::now(Fault::Drop).on(On::Private));
    rig.sim.with_world(|world| world.deposit("USDT", dec!(500)));
    let has_come =
        |report: &Report| equity(report).is_some_and(|equity| equity > before + dec!(400));
    rig.until("the deposit is in the equity", 12, has_come).await;
    let explained = |report: &Report| {
        let session = &report.pnl.session;
        session.unexplained.is_none() && session.change.is_some_and(|change| change < dec!(100))
    };
    rig.until("and it is no gain", 3, |report| has_come(report) && explained(report)).await;
}
