//! What the list of contracts says of one that does not trade as usual, in words.

use crate::domain::{Contract, Text, Timestamp};

/// Returns what is to be said of a delisting; `None` while there is none in sight.
pub(super) fn delisting(contract: &Contract) -> Option<String> {
    let symbol = &contract.symbol;
    let status = contract.status.as_ref().map(Text::as_str);
    if matches!(status, Some("off" | "offline")) {
        return Some(format!("{symbol} is delisted"));
    }
    let at = contract.off_at?;
    Some(format!("{symbol} is delisted at {}; close or expect settlement", utc(at)))
}

/// Returns what is to be said of a halt or a limit of trading; `None` while it trades as usual.
pub(super) fn halt(contract: &Contract) -> Option<String> {
    let symbol = &contract.symbol;
    let what = match contract.status.as_ref().map(Text::as_str) {
        Some("maintain") => "is halted for maintenance".to_owned(),
        Some("limit_open") => "is limited to closing positions".to_owned(),
        Some("limit_close") => {
            "is limited to opening positions: closing is not possible".to_owned()
        }
        Some("restrictedAPI") => "takes no orders through the API".to_owned(),
        // A delisting is told by itself.
        None | Some("normal" | "listed" | "online" | "off" | "offline") => {
            let at = contract.limit_open_at?;
            format!("is limited to closing positions from {}", utc(at))
        }
        Some(other) => format!("is in the state {other}"),
    };
    Some(format!("{symbol} {what}"))
}

/// Returns a time of the exchange's list, in UTC.
fn utc(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| "?".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string())
}
