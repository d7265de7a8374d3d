//! The conditions that the user must know of.

use std::cmp::Reverse;

use super::inputs::Inputs;
use super::reconciliation::Reconciliation;
use crate::domain::ProblemCode;
use crate::store::Problem;

/// Returns the problems that stand, the most pressing first, of one kind the newest: there is room for one.
pub(super) fn list(inputs: &Inputs<'_>, reconciliation: &Reconciliation) -> Vec<Problem> {
    let mut all: Vec<Problem> = inputs.snapshot.problems.clone();
    all.retain(|problem| concerns(inputs, problem));
    all.extend(reconciliation.problems(inputs.now));
    all.sort_by_key(|problem| (problem.code, Reverse(problem.since)));
    all
}

/// Returns whether a problem is still the user's: a contract is no more asked for once its position has
/// closed, so nothing would ever end what was wrong with it.
fn concerns(inputs: &Inputs<'_>, problem: &Problem) -> bool {
    let is_subject =
        |symbol: &dyn std::fmt::Display| symbol.to_string() == problem.subject.as_str();
    let positions = &inputs.snapshot.positions.rows;
    problem.code != ProblemCode::ContractUnlisted
        || is_subject(&inputs.context.focus)
        || positions.iter().any(|position| is_subject(&position.key.symbol))
}
