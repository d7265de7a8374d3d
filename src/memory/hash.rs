//! Accounts are told apart without keeping whose they are.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::domain::UserId;

/// An id has ten digits, so whoever has the file can try them all: this makes each try cost.
const ROUNDS: u32 = 4_096;

/// Returns the hash of a user id, in hexadecimal digits; `salt` is that of the file.
pub(super) fn user_hash(user: &UserId, salt: &str) -> String {
    let mut sum = round(salt.as_bytes(), user.expose().as_bytes());
    for _ in 1..ROUNDS {
        sum = round(salt.as_bytes(), &sum);
    }
    sum.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _never = write!(text, "{byte:02x}");
        text
    })
}

fn round(salt: &[u8], data: &[u8]) -> [u8; 32] {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(salt) else { return [0; 32] };
    mac.update(data);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_accounts_and_files_apart_and_holds_no_id() {
        let user = |id| UserId::new(id).unwrap();
        let hash = user_hash(&user("1000000001"), "a");
        assert_eq!(hash.len(), 64);
        assert_eq!(hash, user_hash(&user("1000000001"), "a"));
        assert_ne!(hash, user_hash(&user("1000000002"), "a"));
        assert_ne!(hash, user_hash(&user("1000000001"), "b"));
        assert!(!hash.contains("1000000001"));
    }
}
