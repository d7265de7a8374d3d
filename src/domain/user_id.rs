//! [`UserId`]: whose account it is, never printed.

use std::fmt;
use std::sync::Arc;

/// The longest id that is kept; the exchange's have ten digits.
const MOST_CHARS: usize = 64;

/// The exchange's id of the user of an account.
///
/// It tells accounts apart and names a person, so it has no `Display`, and `Debug` does not show it: it
/// reaches no log, screen or file. What has to be kept is a salted hash of it.
#[derive(Clone, PartialEq, Eq)]
pub struct UserId(Arc<str>);

impl UserId {
    /// Returns the id; `None` for an empty or a masked one, which several accounts would share.
    pub fn new(raw: &str) -> Option<Self> {
        let is_id = raw.len() <= MOST_CHARS && raw.bytes().all(|b| b.is_ascii_alphanumeric());
        (is_id && raw.bytes().any(|b| b != b'0')).then(|| Self(raw.into()))
    }

    /// Returns the id itself, to be hashed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserId([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_prints_itself() {
        let id = UserId::new("1000000001").unwrap();
        assert_eq!(format!("{id:?} {id:#?}"), "UserId([REDACTED]) UserId([REDACTED])");
        assert_eq!(id.expose(), "1000000001");
    }

    #[test]
    fn what_several_accounts_would_share_is_no_id() {
        for raw in ["", "0", "**********", "10 01", &"1".repeat(65)] {
            assert_eq!(UserId::new(raw), None, "{raw:?}");
        }
    }
}
