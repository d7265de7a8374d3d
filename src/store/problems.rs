//! Conditions that the user must know about, each identified by its code and subject.

use super::{EventKind, Problem, Snapshot, contract_state, event_log};
use crate::domain::{
    Contract, KeyRights, LinkState, MemoryReport, MemoryState, ProblemCode, ProblemReport, Stream,
    Symbol, Text, Timestamp, spoken,
};

/// A clock offset beyond this is a problem.
const SKEW_MS: i64 = 1_000;

/// Raises, changes or ends a problem and returns whether anything changed.
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
            event_log::push(state, at, EventKind::ProblemEnded { code, subject });
            true
        }
        (None, Some(text)) => {
            event_log::push(state, at, EventKind::ProblemBegan { code, text: text.clone() });
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

/// A list has unreadable rows: nothing was closed by their absence.
pub(super) fn unreadable(state: &mut Snapshot, list: &str, rows: u32, at: Timestamp) {
    let text = (rows > 0).then(|| {
        let noun = if rows == 1 { "row" } else { "rows" };
        format!("{list}: {rows} {noun} could not be read: the list may be incomplete")
    });
    set(state, ProblemCode::RowsUnreadable, list, text, at);
}

/// Today's ledger entries do not reach back to midnight.
pub(super) fn ledger(state: &mut Snapshot, complete: bool, at: Timestamp) {
    let text = (!complete).then(|| {
        "today's ledger entries are incomplete: today's totals are not shown; retrying".to_owned()
    });
    set(state, ProblemCode::HistoryIncomplete, "ledger", text, at);
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

/// The memory is not written.
pub(super) fn memory(state: &mut Snapshot, report: &MemoryReport, at: Timestamp) {
    let text = match &report.state {
        MemoryState::Unavailable { reason } => Some(format!("memory: {reason}")),
        MemoryState::Off
        | MemoryState::Waiting
        | MemoryState::Writing { .. }
        | MemoryState::Reading { .. } => None,
    };
    set(state, ProblemCode::MemoryUnavailable, "memory", text, at);
}

/// A link has used up its attempts.
pub(super) fn link(state: &mut Snapshot, stream: Stream, link: LinkState, at: Timestamp) {
    let text = (link == LinkState::Down).then(|| {
        let name = spoken(stream);
        format!("{name}: maximum reconnection attempts reached; retrying; press r to retry now")
    });
    // Another attempt does not end the problem, whoever asked for it: a connection does.
    let is_retrying = matches!(link, LinkState::Connecting | LinkState::Backoff);
    if !is_retrying {
        set(state, ProblemCode::LinkDown, &stream.to_string(), text, at);
    }
}

/// The exchange lists a contract, or does not.
pub(super) fn listing(state: &mut Snapshot, symbol: &Symbol, is_listed: bool, at: Timestamp) {
    let text = (!is_listed).then(|| format!("{symbol}: the exchange does not list this contract"));
    set(state, ProblemCode::ContractUnlisted, &symbol.to_string(), text, at);
}

/// The list of contracts was read: one may be delisted soon, halted or limited.
pub(super) fn contract(state: &mut Snapshot, contract: &Contract, at: Timestamp) {
    let subject = contract.symbol.to_string();
    let (delisting, halt) = (contract_state::delisting(contract), contract_state::halt(contract));
    set(state, ProblemCode::ContractDelisted, &subject, delisting, at);
    set(state, ProblemCode::ContractHalted, &subject, halt, at);
}
