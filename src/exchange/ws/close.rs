//! Why a session gives its connection up.

use std::fmt;

use crate::domain::Text;
use crate::exchange::ExchangeError;

/// Why a session wants its connection closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloseReason {
    /// A ping was not answered.
    PongOverdue,
    /// The login was refused.
    LoginRefused(ExchangeError),
    /// The login was not answered.
    LoginOverdue,
    /// No subscription was acknowledged.
    Unheard,
    /// Every subscription was refused; the words of the last refusal.
    Refused(Text),
    /// The exchange says that the session is not logged in any more.
    LoggedOut,
    /// The exchange says that there were too many messages.
    TooMany,
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PongOverdue => f.write_str("a ping was not answered in time"),
            Self::LoginRefused(error) => write!(f, "login refused: {error}"),
            Self::LoginOverdue => f.write_str("the login was not answered in time"),
            Self::Unheard => f.write_str("no subscription was acknowledged in time"),
            Self::Refused(text) => write!(f, "every subscription was refused: {text}"),
            Self::LoggedOut => f.write_str("the exchange ended the login"),
            Self::TooMany => f.write_str("the exchange says: too many messages"),
        }
    }
}
