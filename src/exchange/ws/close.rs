//! Why a session closes its connection.

use std::fmt;

use crate::domain::{LinkFault, Text};
use crate::exchange::ExchangeError;

/// Why a session wants its connection closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloseReason {
    /// A ping was not answered in time.
    PongTimeout,
    /// The login was refused.
    LoginRefused(ExchangeError),
    /// The login was not acknowledged in time.
    LoginTimeout,
    /// No subscription was acknowledged in time.
    AckTimeout,
    /// Every subscription was refused; the text of the last refusal.
    Refused(Text),
    /// The exchange ended the login.
    LoggedOut,
    /// The exchange reported too many messages.
    TooManyMessages,
}

impl CloseReason {
    /// Returns what it means for the user.
    pub fn fault(&self) -> LinkFault {
        match self {
            Self::PongTimeout | Self::LoginTimeout | Self::AckTimeout => LinkFault::Silent,
            Self::LoginRefused(error) => error.fault(),
            Self::Refused(_) => LinkFault::OwnBug,
            Self::LoggedOut => LinkFault::Key,
            Self::TooManyMessages => LinkFault::Crowded,
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PongTimeout => f.write_str("a ping was not answered in time"),
            Self::LoginRefused(error) => write!(f, "login refused: {error}"),
            Self::LoginTimeout => f.write_str("the login was not answered in time"),
            Self::AckTimeout => f.write_str("no subscription was acknowledged in time"),
            Self::Refused(text) => write!(f, "every subscription was refused: {text}"),
            Self::LoggedOut => f.write_str("the exchange ended the login"),
            Self::TooManyMessages => f.write_str("the exchange reports too many messages"),
        }
    }
}
