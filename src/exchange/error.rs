//! What can go wrong between us and the exchange, and what it means for the next attempt.

use std::time::Duration;

use super::obstacle;
use crate::domain::{AccountKind, LinkFault, Obstacle, Text};

/// A text that is not what the exchange should have sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expected} expected: {problem}")]
pub struct ShapeError {
    expected: &'static str,
    problem: Text,
}

impl ShapeError {
    /// Returns an error that says what was expected and what was wrong, sanitized.
    pub fn new(expected: &'static str, problem: impl std::fmt::Display) -> Self {
        Self { expected, problem: Text::new(&problem.to_string()) }
    }
}

/// Why a request has no good response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The request did not get through, or its response did not arrive whole.
    #[error("{text}")]
    Transport {
        /// What that means for the user.
        fault: LinkFault,
        /// The step or the status, in words.
        text: String,
    },
    /// A response that is not JSON, from something between us and the exchange.
    #[error("{}", status_text(*.status))]
    Status {
        /// HTTP status.
        status: u16,
    },
    /// The exchange refused.
    #[error("the exchange says {code}: {text}")]
    Refused {
        /// Its code.
        code: String,
        /// Its error text.
        text: Text,
    },
    /// Too many requests.
    #[error("too many requests")]
    RateLimited {
        /// How long to wait; `None` where the response does not say.
        retry_after: Option<Duration>,
    },
    /// A successful envelope with `data: null`: the state is unknown, not empty.
    #[error("the exchange responded without data")]
    NoData,
    /// A successful envelope whose data have another shape than expected.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A signed request without credentials: a bug of the program.
    #[error("this request needs credentials")]
    NoCredentials,
}

fn status_text(status: u16) -> String {
    match status {
        404 => "page not found (HTTP 404)".to_owned(),
        500..=599 => format!("the exchange is not available (HTTP {status})"),
        _ => format!("not a response of the exchange (HTTP {status})"),
    }
}

/// What a failure means for the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Transient: retry.
    Retry,
    /// Too many requests: send fewer.
    RateLimited,
    /// The time in the signature is off: measure the clock offset again.
    Clock,
    /// The key, the secret, the passphrase or the address is refused.
    Credentials,
    /// The account or the region is refused.
    Restricted,
    /// The key lacks a permission.
    Permission,
    /// The account is served by the other generation of the API.
    WrongApi,
    /// The contract does not exist.
    NoSuchSymbol,
    /// Not available for this account or contract.
    Unavailable,
    /// The request itself was wrong: a bug of the program.
    OwnBug,
}

impl ErrorClass {
    /// Returns whether it says nothing beyond its own request: not about the key, the clock, the rate
    /// limit or the generation of the API.
    pub const fn concerns_request_alone(self) -> bool {
        match self {
            Self::Retry
            | Self::Permission
            | Self::NoSuchSymbol
            | Self::Unavailable
            | Self::OwnBug => true,
            Self::RateLimited
            | Self::Clock
            | Self::Credentials
            | Self::Restricted
            | Self::WrongApi => false,
        }
    }
}

impl ExchangeError {
    /// Returns the error of a code; every code that means 429 is a rate limit.
    pub fn refused(code: impl Into<String>, text: Text) -> Self {
        let code = code.into();
        // The code is shown beside the text, so it is sanitized like it.
        let code = Text::new(&code).as_str().to_owned();
        match code.as_str() {
            "429" | "25004" | "40047" | "30006" | "30007" => {
                Self::RateLimited { retry_after: None }
            }
            _ => Self::Refused { code, text },
        }
    }

    /// Returns the error of a response that is not the exchange's.
    pub fn of_page(status: u16, body: &[u8]) -> Self {
        match obstacle::told_by(status, body) {
            Some((obstacle, text)) => Self::Transport { fault: obstacle.into(), text },
            None => Self::Status { status },
        }
    }

    /// Returns what is known to stand in the way.
    pub const fn obstacle(&self) -> Option<Obstacle> {
        if let Self::Transport { fault, .. } = self { fault.obstacle() } else { None }
    }

    /// Returns what it means for the link that it happened on.
    pub fn fault(&self) -> LinkFault {
        match self {
            Self::Transport { fault, .. } => *fault,
            Self::Status { status: 404 } => LinkFault::Address,
            Self::Status { status: 500..=599 } => LinkFault::Unavailable,
            Self::Status { .. } => LinkFault::Stranger,
            Self::RateLimited { .. } => LinkFault::Crowded,
            Self::NoData | Self::Shape(_) | Self::NoCredentials => LinkFault::OwnBug,
            Self::Refused { .. } => match self.class() {
                ErrorClass::Retry | ErrorClass::Unavailable => LinkFault::Unavailable,
                ErrorClass::RateLimited => LinkFault::Crowded,
                ErrorClass::NoSuchSymbol | ErrorClass::OwnBug => LinkFault::OwnBug,
                ErrorClass::Clock
                | ErrorClass::Credentials
                | ErrorClass::Restricted
                | ErrorClass::Permission
                | ErrorClass::WrongApi => LinkFault::Key,
            },
        }
    }

    /// Returns whether something between us and the exchange responded.
    pub fn is_page(&self) -> bool {
        matches!(self, Self::Status { .. }) || self.obstacle().is_some_and(Obstacle::is_page)
    }

    /// Returns whether the exchange itself responded: the link is alive.
    pub const fn is_response(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::RateLimited { .. } | Self::NoData | Self::Shape(_)
        )
    }

    /// Returns what it means for the next attempt.
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Transport { .. } | Self::Status { .. } | Self::NoData | Self::Shape(_) => {
                ErrorClass::Retry
            }
            Self::RateLimited { .. } => ErrorClass::RateLimited,
            Self::NoCredentials => ErrorClass::OwnBug,
            Self::Refused { code, .. } => class_of(code),
        }
    }

    /// Returns the kind of account that the refusal proves; `None` for all other errors. Two codes say
    /// it, and a third one is taken for the same by another client of the exchange.
    pub fn proves(&self) -> Option<AccountKind> {
        let Self::Refused { code, .. } = self else { return None };
        match code.as_str() {
            "40084" | "25245" => Some(AccountKind::Classic),
            "40085" => Some(AccountKind::Unified),
            _ => None,
        }
    }

    /// Returns in few words what the exchange refuses about a key, a login or an account.
    pub fn refusal(&self) -> &'static str {
        let Self::Refused { code, .. } = self else { return "not a refusal" };
        refusal_of(code)
    }

    /// Returns whether the key does not allow the address that the request came from.
    pub fn refuses_address(&self) -> bool {
        matches!(self, Self::Refused { code, .. } if is_of_address(code))
    }

    /// Returns what the user can do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Refused { code, .. } => remedy_of(code).to_owned(),
            Self::Transport { fault: LinkFault::Obstacle(obstacle), .. } => {
                obstacle.remedy().to_owned()
            }
            Self::RateLimited { .. } => "polling slows down; nothing to do".to_owned(),
            Self::NoCredentials => {
                "set BITGET_API_KEY, BITGET_SECRET_KEY and BITGET_PASSPHRASE".to_owned()
            }
            Self::Transport { .. } | Self::Status { .. } | Self::NoData | Self::Shape(_) => {
                "retrying; press r to retry now".to_owned()
            }
        }
    }
}

/// Returns the meaning of a code of REST or of a stream (Bitget's error tables).
fn class_of(code: &str) -> ErrorClass {
    match code {
        "40005" | "40008" | "40004" | "40078" | "40911" | "30013" | "30014" => ErrorClass::Clock,
        "40006" | "40037" | "40041" | "40012" | "40036" | "40009" | "40018" | "40038" | "22010"
        | "49003" | "40099" | "40001" | "40002" | "40003" | "40011" | "30005" | "30011"
        | "30012" | "30015" => ErrorClass::Credentials,
        "40000" | "40035" | "40100" | "40101" | "40103" | "40104" | "40111" | "40013" | "40022"
        | "40023" | "40024" | "40026" | "40031" => ErrorClass::Restricted,
        "40014" | "40025" | "40040" | "25620" => ErrorClass::Permission,
        "40084" | "25245" | "40085" | "40731" => ErrorClass::WrongApi,
        "40034" | "40072" | "40102" | "40309" | "40845" | "30001" | "25100" => {
            ErrorClass::NoSuchSymbol
        }
        "22030" | "40110" | "40308" | "40844" | "41114" | "45043" => ErrorClass::Unavailable,
        "30032" | "40404" | "40017" | "400171" | "400172" | "40019" | "40020" | "40811"
        | "41103" | "00001" | "40704" | "40705" | "40707" | "30002" | "30003" | "30004"
        | "30016" | "25200" | "41101" => ErrorClass::OwnBug,
        _ => ErrorClass::Retry,
    }
}

fn is_of_address(code: &str) -> bool {
    matches!(code, "40018" | "40038" | "22010" | "49003")
}

fn refusal_of(code: &str) -> &'static str {
    match code {
        "40006" | "40037" | "40041" | "30011" => "unknown, deleted or expired key",
        "40011" | "40012" | "40036" | "30012" => "wrong passphrase",
        "40009" | "30015" => "wrong signature",
        _ if is_of_address(code) => "address not allowed for the key",
        "40099" => "key of another environment",
        _ if class_of(code) == ErrorClass::Restricted => "account or region refused",
        _ => "key refused",
    }
}

fn remedy_of(code: &str) -> &'static str {
    match code {
        "40006" | "40037" | "40041" | "30011" => {
            "check BITGET_API_KEY; a paper trading key works with exchange.demo_trading only"
        }
        "40012" | "40036" | "30012" => "check BITGET_PASSPHRASE",
        "40009" | "30015" | "30005" => "check BITGET_SECRET_KEY",
        _ if is_of_address(code) => {
            "add this machine's address to the key's IP whitelist, then press r"
        }
        "40099" => "the key belongs to the other environment: check exchange.demo_trading",
        "40014" | "40025" | "40040" | "25620" => {
            "the key lacks a read permission; add it at Bitget"
        }
        "40085" => "this is a unified account: set exchange.api to \"auto\" or \"unified\"",
        "40084" | "25245" => {
            "this is a classic account: set exchange.api to \"auto\" or \"classic\""
        }
        "40731" => "this API does not serve the account: set exchange.api to \"auto\"",
        "40005" | "40008" | "40004" | "40078" | "40911" | "30013" | "30014" => {
            "the clock offset is being measured again; nothing to do"
        }
        _ => match class_of(code) {
            ErrorClass::Restricted => {
                "the exchange refuses this account or region: contact its support"
            }
            ErrorClass::Credentials => "check the three BITGET_ variables",
            ErrorClass::NoSuchSymbol => "check the symbol: the form is BTCUSDT_UMCBL",
            ErrorClass::Retry
            | ErrorClass::RateLimited
            | ErrorClass::Clock
            | ErrorClass::Permission
            | ErrorClass::WrongApi
            | ErrorClass::Unavailable
            | ErrorClass::OwnBug => "retrying; press r to retry now",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str) -> ExchangeError {
        ExchangeError::refused(code, "text".into())
    }

    #[test]
    fn fc_30_a_hostile_code_is_shown_sanitized_and_cut() {
        let code = format!("\u{1b}]52;c;x\u{7}\u{9b}2J{}", "9".repeat(10_000));
        let text = refused(&code).to_string();
        assert!(text.starts_with("the exchange says ]52;c;x2J999"), "{text}");
        assert!(text.len() < 300 && !text.contains(char::is_control));
    }

    #[test]
    fn codes_have_their_meaning() {
        for (code, class) in [
            ("40037", ErrorClass::Credentials),
            ("30015", ErrorClass::Credentials),
            ("40018", ErrorClass::Credentials),
            ("40008", ErrorClass::Clock),
            ("40014", ErrorClass::Permission),
            ("40085", ErrorClass::WrongApi),
            ("40034", ErrorClass::NoSuchSymbol),
            ("429", ErrorClass::RateLimited),
            ("30006", ErrorClass::RateLimited),
            ("40111", ErrorClass::Restricted),
            ("400172", ErrorClass::OwnBug),
            ("45001", ErrorClass::Retry),
            ("99999", ErrorClass::Retry),
        ] {
            assert_eq!(refused(code).class(), class, "{code}");
        }
    }

    #[test]
    fn remedies_name_what_to_change() {
        assert!(refused("40012").remedy().contains("BITGET_PASSPHRASE"));
        assert!(refused("40009").remedy().contains("BITGET_SECRET_KEY"));
        assert!(refused("40018").remedy().contains("IP whitelist"));
        assert!(refused("40085").remedy().contains("unified account"));
        assert!(refused("40037").to_string().contains("40037"));
    }

    #[test]
    fn a_refused_key_is_told_by_its_code() {
        for (code, refusal) in [
            ("40037", "unknown, deleted or expired key"),
            ("40036", "wrong passphrase"),
            ("30015", "wrong signature"),
            ("40018", "address not allowed for the key"),
            ("40111", "account or region refused"),
            ("30005", "key refused"),
        ] {
            assert_eq!(refused(code).refusal(), refusal, "{code}");
        }
    }

    #[test]
    fn a_response_with_an_error_code_is_a_sign_of_life() {
        assert!(refused("45001").is_response() && ExchangeError::NoData.is_response());
        assert!(!ExchangeError::Status { status: 502 }.is_response());
        let reset = ExchangeError::Transport { fault: LinkFault::Cut, text: "reset".to_owned() };
        assert!(!reset.is_response());
    }
}
