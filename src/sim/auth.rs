//! Authentication of requests and logins, with the exchange's error code for each failure.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far a timestamp may be off.
const TOLERANCE_MS: i64 = 30_000;

/// The credentials that are accepted. Without them any key is, as long as its signature is well-formed.
#[derive(Clone, PartialEq, Eq)]
pub struct Expected {
    /// API key.
    pub key: String,
    /// Its secret.
    pub secret: String,
    /// Its passphrase.
    pub passphrase: String,
}

impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expected").finish_non_exhaustive()
    }
}

/// A refused request: error code and message.
pub(super) type Refusal = (&'static str, &'static str);

/// The credentials that a client sends.
#[derive(Debug, Default)]
pub(super) struct Claim<'a> {
    pub(super) key: &'a str,
    pub(super) sign: &'a str,
    pub(super) timestamp: &'a str,
    pub(super) passphrase: &'a str,
}

fn sign(secret: &str, text: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

fn is_well_formed(sign: &str) -> bool {
    STANDARD.decode(sign).is_ok_and(|bytes| bytes.len() == 32)
}

/// Checks a request. `texts` are the forms of path and query that may have been signed.
pub(super) fn request(
    expected: Option<&Expected>,
    claim: &Claim<'_>,
    texts: &[String],
    now_ms: i64,
) -> Result<(), Refusal> {
    for (value, refusal) in [
        (claim.key, ("40001", "ACCESS_KEY cannot be empty")),
        (claim.sign, ("40002", "ACCESS_SIGN cannot be empty")),
        (claim.timestamp, ("40003", "Signature cannot be empty")),
        (claim.passphrase, ("40011", "ACCESS_PASSPHRASE cannot be empty")),
    ] {
        if value.is_empty() {
            return Err(refusal);
        }
    }
    let at: i64 =
        claim.timestamp.parse().map_err(|_error| ("40005", "Invalid ACCESS_TIMESTAMP"))?;
    if (at - now_ms).abs() > TOLERANCE_MS {
        return Err(("40008", "Request timestamp expired"));
    }
    let Some(expected) = expected else {
        return if is_well_formed(claim.sign) {
            Ok(())
        } else {
            Err(("40009", "sign signature error"))
        };
    };
    if claim.key != expected.key {
        return Err(("40037", "Apikey does not exist"));
    }
    let good = texts
        .iter()
        .any(|text| sign(&expected.secret, &format!("{}GET{text}", claim.timestamp)) == claim.sign);
    if !good {
        return Err(("40009", "sign signature error"));
    }
    if claim.passphrase != expected.passphrase {
        return Err(("40012", "apikey/password is incorrect"));
    }
    Ok(())
}

/// A refused login: error code and message.
pub(super) type LoginRefusal = (i64, &'static str);

/// Checks a login. The timestamp is in seconds; milliseconds are accepted too.
pub(super) fn login(
    expected: Option<&Expected>,
    claim: &Claim<'_>,
    now_ms: i64,
) -> Result<(), LoginRefusal> {
    let at: i64 = claim.timestamp.parse().map_err(|_error| (30013, "Invalid timestamp"))?;
    let at_ms = if claim.timestamp.len() <= 10 { at * 1_000 } else { at };
    if (at_ms - now_ms).abs() > TOLERANCE_MS {
        return Err((30014, "Request timestamp expired"));
    }
    let Some(expected) = expected else {
        return if is_well_formed(claim.sign) { Ok(()) } else { Err((30015, "Invalid sign")) };
    };
    if claim.key != expected.key {
        return Err((30011, "Invalid ACCESS_KEY"));
    }
    if claim.passphrase != expected.passphrase {
        return Err((30012, "Invalid ACCESS_PASSPHRASE"));
    }
    if sign(&expected.secret, &format!("{}GET/user/verify", claim.timestamp)) != claim.sign {
        return Err((30015, "Invalid sign"));
    }
    Ok(())
}
