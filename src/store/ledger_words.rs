//! Words of the ledger that are not understood, as a problem.

use std::collections::BTreeSet;

use super::{Snapshot, problems};
use crate::domain::{LedgerEntry, ProblemCode, ProblemReport, Text, Timestamp};

/// The most words that the problem names.
const MOST_NAMES: usize = 3;

/// Begins, changes or ends the problem and returns whether anything changed.
pub(super) fn check(state: &mut Snapshot, at: Timestamp) -> bool {
    let day = state.ledger.as_ref().map(|day| &day.value);
    let today = day.map(|day| unknown_words(&day.rows)).unwrap_or_default();
    let past = unknown_words(&state.history.rows);
    let text = if !today.is_empty() {
        Some(not_understood(&today, "today's totals are not shown"))
    } else if !past.is_empty() {
        Some(not_understood(&past, "totals of past days are not shown"))
    } else {
        None
    };
    let (subject, text) = ("ledger words".into(), text.map(|text| Text::new(&text)));
    let report = ProblemReport { code: ProblemCode::HistoryIncomplete, subject, text };
    problems::report(state, report, at)
}

fn unknown_words(rows: &[LedgerEntry]) -> BTreeSet<&Text> {
    rows.iter().filter_map(|row| row.kind.unknown_word()).collect()
}

fn not_understood(words: &BTreeSet<&Text>, consequence: &str) -> String {
    let (noun, verb) = if words.len() == 1 { ("word", "is") } else { ("words", "are") };
    let first: Vec<_> = words.iter().take(MOST_NAMES).map(|word| word.as_str()).collect();
    let named = match words.len().saturating_sub(MOST_NAMES) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    };
    format!("ledger {noun} {named} {verb} not understood: {consequence}")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&["A_FEE"], "ledger word A_FEE is not understood: so")]
    #[case(&["B_FEE", "A_FEE"], "ledger words A_FEE, B_FEE are not understood: so")]
    #[case(&["A", "B", "C", "D", "E"], "ledger words A, B, C and 2 more are not understood: so")]
    fn a_problem_names_a_few_words(#[case] words: &[&str], #[case] text: &str) {
        let words: Vec<Text> = words.iter().map(|word| Text::new(word)).collect();
        assert_eq!(not_understood(&words.iter().collect(), "so"), text);
    }
}
