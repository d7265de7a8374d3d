//! [`Credentials`]: the one type that holds secrets. It cannot be printed and is wiped on drop.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// An API key with its secret and passphrase.
#[derive(Clone)]
pub struct Credentials {
    key: SecretString,
    secret: SecretString,
    passphrase: SecretString,
}

impl Credentials {
    /// Takes the three parts.
    pub const fn new(key: SecretString, secret: SecretString, passphrase: SecretString) -> Self {
        Self { key, secret, passphrase }
    }

    /// Returns the last four characters of the key, the only part that may be shown; `None` for a key
    /// so short that they would be half of it.
    pub fn key_tail(&self) -> Option<String> {
        let key: Vec<char> = self.key.expose_secret().chars().collect();
        (key.len() >= 8).then(|| key.iter().skip(key.len() - 4).collect())
    }

    pub(super) fn key(&self) -> &str {
        self.key.expose_secret()
    }

    pub(super) fn secret(&self) -> &[u8] {
        self.secret.expose_secret().as_bytes()
    }

    pub(super) fn passphrase(&self) -> &str {
        self.passphrase.expose_secret()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = self.key_tail().unwrap_or_default();
        write!(f, "Credentials(key …{tail})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_tail_of_the_key_only() {
        let part = |text: &str| SecretString::from(text);
        let credentials =
            Credentials::new(part("bg_0123456789abcd"), part("canary-secret"), part("canary-pass"));
        assert_eq!(format!("{credentials:?}"), "Credentials(key …abcd)");
        let short = Credentials::new(part("abc"), part("s"), part("p"));
        assert_eq!(format!("{short:?}"), "Credentials(key …)");
    }
}
