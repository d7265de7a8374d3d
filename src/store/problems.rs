//! Conditions that the user must know of, each named by its code and subject.

use super::{EventKind, Problem, Snapshot, events};
use crate::domain::{
    Datum, KeyRights, LinkState, ProblemCode, ProblemReport, Stream, Text, Timestamp,
};

/// The clock offset from which on it is a problem.
const SKEW_MS: i64 = 1_000;

/// Begins, changes or ends a problem and tells whether anything changed.
pub(super) fn report(state: &mut Snapshot, report: ProblemReport, at: Timestamp) -> bool {
    let ProblemReport { code, subject, text } = report;
    let place = state.problems.iter().position(|p| p.code == code && p.subject == subject);
    match (place, text) {
        (Some(index), Some(text)) => {
            let Some(held) = state.problems.get_mut(index) else {
                return false;
            };
            let differs = held.text != text;
            held.text = text;
            differs
        }
        (Some(index), None) => {
            state.problems.remove(index);
            events::push(state, at, EventKind::ProblemEnded { code, subject });
            true
        }
        (None, Some(text)) => {
            events::push(state, at, EventKind::ProblemBegan { code, text: text.clone() });
            state.problems.push(Problem { code, subject, text, since: at });
            true
        }
        (None, None) => false,
    }
}

fn set(
    state: &mut Snapshot,
    code: ProblemCode,
    subject: &str,
    text: Option<String>,
    at: Timestamp,
) {
    let text = text.map(|text| Text::new(&text));
    report(state, ProblemReport { code, subject: subject.into(), text }, at);
}

/// Rows of a list could not be read: nothing was closed by their absence.
pub(super) fn unreadable(state: &mut Snapshot, datum: Datum, rows: u32, at: Timestamp) {
    let text = (rows > 0).then(|| {
        let noun = if rows == 1 { "row" } else { "rows" };
        format!("{rows} {noun} of {datum} could not be read: the list may be incomplete")
    });
    set(state, ProblemCode::RowsUnreadable, &datum.to_string(), text, at);
}

/// The bills of today do not reach back to midnight.
pub(super) fn history(state: &mut Snapshot, complete: bool, at: Timestamp) {
    let text = (!complete)
        .then(|| "the bills of today are not complete: today's totals are not shown".to_owned());
    set(state, ProblemCode::HistoryIncomplete, "bills", text, at);
}

/// A key that may do more than read.
pub(super) fn key_rights(state: &mut Snapshot, rights: &KeyRights, at: Timestamp) {
    let advice = "use a read-only key";
    for (code, may, what) in [
        (ProblemCode::KeyCanWithdraw, rights.withdraw, "withdraw"),
        (ProblemCode::KeyCanTransfer, rights.transfer, "transfer money"),
        (ProblemCode::KeyCanTrade, rights.trade, "trade"),
    ] {
        let text = (may == Some(true)).then(|| format!("the API key can {what}: {advice}"));
        set(state, code, "key", text, at);
    }
}

/// The local clock is off.
pub(super) fn clock(state: &mut Snapshot, offset_ms: i64, at: Timestamp) {
    let text = (offset_ms.abs() > SKEW_MS).then(|| {
        let (seconds, tenths) = (offset_ms.abs() / 1000, offset_ms.abs() % 1000 / 100);
        let direction = if offset_ms > 0 { "behind" } else { "ahead of" };
        format!(
            "the local clock is {seconds}.{tenths} s {direction} the exchange's; corrected here"
        )
    });
    set(state, ProblemCode::ClockSkew, "clock", text, at);
}

/// A link used up its attempts.
pub(super) fn link(state: &mut Snapshot, stream: Stream, link: LinkState, at: Timestamp) {
    let text = (link == LinkState::Down)
        .then(|| format!("{stream}: maximum reconnection attempts reached; still trying"));
    // While it is tried again in the cool-down the link is still the one that went down.
    if link != LinkState::Connecting {
        set(state, ProblemCode::LinkDown, &stream.to_string(), text, at);
    }
}
