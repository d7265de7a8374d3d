//! Signatures of requests and of a stream's login: base64(HMAC-SHA256(secret, text)).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::Credentials;

/// Returns the signature of `text`.
fn sign(secret: &[u8], text: &str) -> String {
    // HMAC accepts a key of any length; the exchange refuses an empty signature.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Returns the signature of a GET request: of `timestamp + "GET" + path + "?" + query`.
///
/// `timestamp` is in milliseconds; `query` is raw (not percent-encoded) and may be empty.
pub(super) fn request(
    credentials: &Credentials,
    timestamp: &str,
    path: &str,
    query: &str,
) -> String {
    let separator = if query.is_empty() { "" } else { "?" };
    sign(credentials.secret(), &format!("{timestamp}GET{path}{separator}{query}"))
}

/// Returns the signature of a stream's login; `timestamp` is in seconds.
pub(super) fn login(credentials: &Credentials, timestamp: &str) -> String {
    sign(credentials.secret(), &format!("{timestamp}GET/user/verify"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn credentials() -> Credentials {
        Credentials::new("key".into(), "test-secret-0123456789abcdef".into(), "pass".into())
    }

    #[rstest]
    #[case::r1(
        "1767225600000",
        "/api/v2/spot/account/info",
        "",
        "0/RDf4+f/rR5pqL0DxJ4V2poX4O3HfN4xWRfHeg8gkM="
    )]
    #[case::r2(
        "1767225600000",
        "/api/v2/mix/position/all-position",
        "marginCoin=USDT&productType=USDT-FUTURES",
        "XfO4Fb5bhGLNn9u2nMEjrbyKo0a04TKaGIFkHW6zg3U="
    )]
    #[case::r2b(
        "1767225600000",
        "/api/v2/mix/position/all-position",
        "productType=USDT-FUTURES&marginCoin=USDT",
        "wchPN/SPLbD1RhfLZ9fcL8DauNQYDzpaVPhHnofOMOk="
    )]
    #[case::r3(
        "1767225601234",
        "/api/v2/mix/account/bill",
        "businessType=contract_settle_fee&endTime=1767225600000&limit=100&productType=USDT-FUTURES&startTime=1764633600000",
        "H46FctCeuJEwHrcjD88dQGLSZvrcsvC5WyiqpFaMN2U="
    )]
    #[case::r5_not_ascii(
        "1767225603000",
        "/api/v2/mix/position/single-position",
        "marginCoin=USDT&productType=USDT-FUTURES&symbol=牛来USDT",
        "/bg1a2zIq5DJIE9AiRaTBBIRtIXqIjd1PnJuaNWUlFg="
    )]
    fn requests(#[case] at: &str, #[case] path: &str, #[case] query: &str, #[case] wanted: &str) {
        assert_eq!(request(&credentials(), at, path, query), wanted);
    }

    #[rstest]
    #[case::w1_seconds("1767225600", "75Z4STvV+FX6qO5bD2PzjzaxoPJlBaqUDtm8D36FZeU=")]
    #[case::w2_milliseconds("1767225600000", "7m4VXSPieOVcN3JpMRSqJSvm/8YoeiB2oD7Mfgw2cdw=")]
    fn logins(#[case] at: &str, #[case] wanted: &str) {
        assert_eq!(login(&credentials(), at), wanted);
    }

    /// The test vector with a body. The program cannot build such a request.
    #[test]
    fn r4_with_a_body() {
        let text = "1767225602000POST/api/v2/mix/order/place-order{\"productType\":\"USDT-FUTURES\",\"symbol\":\"BTCUSDT\",\"size\":\"0.001\"}";
        let secret = b"test-secret-0123456789abcdef";
        assert_eq!(sign(secret, text), "6TEecPoEPdeW2PckQnTiHFZ9Ywb96eY/zqn/EeXZhz4=");
    }

    /// RFC 4231, test case 2.
    #[test]
    fn hmac_of_the_rfc() {
        let signed = sign(b"Jefe", "what do ya want for nothing?");
        assert_eq!(signed, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    }
}
