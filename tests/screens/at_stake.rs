//! What a liquidation would take stands with the level of the account.

use super::fixtures::{context, d, healthy, unified, with};
use super::shot;

#[test]
fn the_level_of_the_account_names_what_is_at_stake() {
    for report in [healthy(), unified()] {
        let report = with(report, |report| report.risk.at_stake = Some(d("3217.5")));
        for size in [(120, 40), (200, 60)] {
            let screen = shot(context(), &report, size, "3");
            assert!(screen.contains("At stake") && screen.contains("3,217.50"), "{screen}");
            let hidden = shot(context(), &report, size, "3p");
            assert!(hidden.contains("At stake") && !hidden.contains("3,217.50"), "{hidden}");
        }
    }
}
