//! The conditions that the user must know of.

use std::cmp::Reverse;

use super::inputs::Inputs;
use super::reconciliation::Reconciliation;
use crate::store::Problem;

/// Returns the problems that stand, the most pressing first, of one kind the newest: there is room for one.
pub(super) fn list(inputs: &Inputs<'_>, reconciliation: &Reconciliation) -> Vec<Problem> {
    let mut all: Vec<Problem> = inputs.snapshot.problems.clone();
    all.extend(reconciliation.problems(inputs.now));
    all.sort_by_key(|problem| (problem.code, Reverse(problem.since)));
    all
}
