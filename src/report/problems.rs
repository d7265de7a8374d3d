//! The conditions that the user must know of.

use std::cmp::Reverse;

use super::inputs::Inputs;
use super::reconciliation::Reconciliation;
use crate::domain::{KeyRights, ProblemCode};
use crate::store::{Problem, Snapshot};

/// Returns the problems that stand, the most pressing first, of one kind the newest: there is room for one.
pub(super) fn list(
    inputs: &Inputs<'_>,
    reconciliation: &Reconciliation,
    own: impl Iterator<Item = Problem>,
) -> Vec<Problem> {
    let mut all: Vec<Problem> = inputs.snapshot.problems.clone();
    all.retain(|problem| concerns(inputs, problem));
    all.extend(reconciliation.problems(inputs.now));
    all.extend(own);
    all.sort_by_key(|problem| (problem.code, Reverse(problem.since)));
    all
}

/// Returns what the key may do. What was known of a key does not hold once the exchange refuses it.
pub(super) fn key_rights(snapshot: &Snapshot) -> Option<KeyRights> {
    let is_refused = snapshot.problems.iter().any(|held| held.code == ProblemCode::KeyRefused);
    snapshot.key_rights.clone().filter(|_| !is_refused)
}

/// Returns whether a problem is still the user's: a contract is no more asked for once its position has
/// closed, so nothing would ever end what was wrong with it.
fn concerns(inputs: &Inputs<'_>, problem: &Problem) -> bool {
    let is_subject =
        |symbol: &dyn std::fmt::Display| symbol.to_string() == problem.subject.as_str();
    let positions = &inputs.snapshot.positions.rows;
    let is_contract = matches!(
        problem.code,
        ProblemCode::ContractUnlisted | ProblemCode::ContractDelisted | ProblemCode::ContractHalted
    );
    !is_contract
        || is_subject(&inputs.context.focus)
        || positions.iter().any(|position| is_subject(&position.key.symbol))
}
