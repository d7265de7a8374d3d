//! [`ForeignRules`]: rules of margin that the owner of a unified account may choose and that are not modelled.
//!
//! In delta-neutral and in isolated mode the account is backed otherwise than in the modes whose rules are
//! documented. Ratio, maintenance margin and liquidation price are then the exchange's own, as old as its
//! reports, and what follows from ours (scenarios, what-ifs, loss until liquidation) is unknown.

use super::inputs::Inputs;
use crate::domain::{AccountKind, ProblemCode, Text, Timestamp};
use crate::store::Problem;

/// Levels of a unified account whose rules are not modelled.
const LEVELS: [&str; 2] = ["delta", "isolated"];

/// Since when they hold.
#[derive(Debug, Default)]
pub(super) struct ForeignRules {
    since: Option<Timestamp>,
}

impl ForeignRules {
    /// Returns the problem that names the rules while they hold.
    pub(super) fn follow(&mut self, inputs: &Inputs<'_>) -> Option<Problem> {
        let Some(level) = inputs.foreign_rules() else {
            self.since = None;
            return None;
        };
        let text = format!(
            "margin rules of account level \"{level}\" are not modelled; ratios and liquidation prices are \
             the exchange's figures; scenarios and what-ifs are unknown"
        );
        Some(Problem {
            code: ProblemCode::RulesNotModelled,
            subject: "account".into(),
            text: Text::new(&text),
            since: *self.since.get_or_insert(inputs.now),
        })
    }
}

impl Inputs<'_> {
    /// Returns the level of a unified account whose rules of margin are not modelled.
    pub(super) fn foreign_rules(&self) -> Option<&str> {
        let level = self.snapshot.account_level.as_ref()?.as_str();
        let is_foreign = LEVELS.iter().any(|known| known.eq_ignore_ascii_case(level));
        (self.kind == Some(AccountKind::Unified) && is_foreign).then_some(level)
    }
}
