//! What to do about a failure, for a user who has just started the program.
//!
//! What is the matter with a link is told by [`LinkFault::remedy`], here as on the dashboard. The texts of
//! [`ExchangeError::remedy`] about refusals are for the dashboard, which retries by itself and has a key for it;
//! here nothing is retried, and the permission that a request lacks has its name.

use crate::domain::{AccountKind, LinkFault, RequestKind};
use crate::exchange::{ErrorClass, ExchangeError};

/// Returns what to do about a failed request.
pub(super) fn of_error(error: &ExchangeError, request: &RequestKind, kind: AccountKind) -> String {
    match error {
        ExchangeError::Transport { .. }
        | ExchangeError::Status { .. }
        | ExchangeError::RateLimited { .. }
        | ExchangeError::NoData
        | ExchangeError::Shape(_) => error.fault().remedy().to_owned(),
        ExchangeError::NoCredentials => error.remedy(),
        ExchangeError::Refused { code, .. } => match error.class() {
            ErrorClass::Permission => permission(request, kind),
            ErrorClass::Clock => {
                "the offset is corrected when it is measured: try again; if it lasts, set this \
                 machine's clock"
                    .to_owned()
            }
            ErrorClass::Credentials if is_address(code) => {
                "add this machine's public address to the key's IP whitelist: Bitget, API Keys, Edit"
                    .to_owned()
            }
            ErrorClass::Credentials
            | ErrorClass::Restricted
            | ErrorClass::WrongApi
            | ErrorClass::NoSuchSymbol => error.remedy(),
            ErrorClass::OwnBug => LinkFault::OwnBug.remedy().to_owned(),
            ErrorClass::Unavailable => "nothing: not offered to this account".to_owned(),
            ErrorClass::Retry | ErrorClass::RateLimited => error.fault().remedy().to_owned(),
        },
    }
}

fn is_address(code: &str) -> bool {
    matches!(code, "40018" | "40038" | "22010" | "49003")
}

/// Names a missing permission as the exchange's menu does.
fn permission(request: &RequestKind, kind: AccountKind) -> String {
    let name = match (kind, request) {
        (AccountKind::Classic, RequestKind::KeyRights) => "Spot",
        (AccountKind::Classic, RequestKind::Orders(..) | RequestKind::Fills) => "Futures Orders",
        (
            AccountKind::Classic,
            RequestKind::Positions(_) | RequestKind::ClosedPositions | RequestKind::AdlRanks,
        ) => "Futures Holdings",
        (AccountKind::Classic, _) => "Futures Orders and Futures Holdings",
        (AccountKind::Unified, RequestKind::Account | RequestKind::AccountKind) => {
            "Unified account: Management"
        }
        (AccountKind::Unified, _) => "Unified account: Trade",
    };
    format!("tick {name} with Read-only for this key: Bitget, API Keys, Edit")
}
