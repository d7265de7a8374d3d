//! Addresses of the exchange: which ones may be used.
//!
//! An address decides who receives the signed requests, so the form is strict (scheme, host and
//! port, nothing else) and hosts that are not the exchange's need the user's consent.

use std::net::IpAddr;

use url::Url;

/// The exchange's REST address.
pub(super) const REST_URL: &str = "https://api.bitget.com";
/// The exchange's stream address.
pub(super) const WS_URL: &str = "wss://ws.bitget.com";
/// The stream address of paper trading, which is a host of its own.
pub(super) const PAPER_WS_URL: &str = "wss://wspap.bitget.com";
const PAPER_WS_HOST: &str = "wspap.bitget.com";

const REST_HOSTS: [&str; 2] = ["api.bitget.com", "vip-api.bitget.com"];
const WS_HOSTS: [&str; 3] = ["ws.bitget.com", PAPER_WS_HOST, "vip-ws.bitget.com"];

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Rest,
    Streams,
}

impl Role {
    /// The schemes with and without TLS.
    fn schemes(self) -> (&'static str, &'static str) {
        match self {
            Self::Rest => ("https", "http"),
            Self::Streams => ("wss", "ws"),
        }
    }

    fn hosts(self) -> &'static [&'static str] {
        match self {
            Self::Rest => &REST_HOSTS,
            Self::Streams => &WS_HOSTS,
        }
    }

    fn example(self) -> &'static str {
        match self {
            Self::Rest => REST_URL,
            Self::Streams => WS_URL,
        }
    }
}

/// A checked address: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    role: Role,
    host: String,
    url: String,
    loopback: bool,
}

impl Origin {
    /// Reads an address such as `https://api.bitget.com`; one `/` at the end is taken off.
    ///
    /// # Errors
    /// Says which rule is broken, without the address: it may hold a password.
    pub(super) fn parse(raw: &str, role: Role) -> Result<Self, String> {
        let example = role.example();
        let malformed =
            || format!("expected an address of scheme, host and port such as \"{example}\"");
        let (secure, plain) = role.schemes();
        let (scheme, rest) = raw.split_once("://").ok_or_else(malformed)?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != secure && scheme != plain {
            return Err(format!(
                "expected the scheme {secure}, or {plain} for a loopback address, such as \"{example}\""
            ));
        }
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        // The URL parser repairs much (white space, backslashes, missing slashes). Nothing that
        // needs a repair is let through to it.
        if authority.contains('@') {
            return Err(format!(
                "expected no user or password in the address, such as \"{example}\""
            ));
        }
        if authority.contains(['/', '?', '#', '\\']) {
            return Err(format!(
                "expected no path or query (paths are added), such as \"{example}\""
            ));
        }
        if authority.is_empty() || !authority.chars().all(is_authority_char) {
            return Err(malformed());
        }
        let url = Url::parse(&format!("{scheme}://{authority}")).ok();
        let host = url.as_ref().and_then(Url::host_str).ok_or_else(malformed)?;
        let loopback = is_loopback(host);
        if scheme == plain && !loopback {
            return Err(format!("{plain} is for loopback addresses only; use {secure}"));
        }
        let port = url.as_ref().and_then(Url::port);
        if port == Some(0) {
            return Err(malformed());
        }
        Ok(Self {
            role,
            host: host.to_owned(),
            url: match port {
                Some(port) => format!("{scheme}://{host}:{port}"),
                None => format!("{scheme}://{host}"),
            },
            loopback,
        })
    }

    /// Returns the address, without a slash at the end.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the host when it is neither the exchange's for this role nor loopback.
    pub(super) fn other_host(&self) -> Option<&str> {
        (!self.loopback && !self.is_exchange()).then_some(self.host.as_str())
    }

    /// Returns the sentence for an [`other_host`](Self::other_host) that nobody allowed.
    pub(super) fn not_allowed(&self) -> String {
        format!(
            "{} is not a host of the exchange ({}); to use it, set allow_other_hosts = true",
            self.host,
            self.role.hosts().join(", ")
        )
    }

    fn is_exchange(&self) -> bool {
        self.role.hosts().contains(&self.host.as_str())
    }

    /// Returns what is wrong with a stream address for this kind of trading.
    ///
    /// Live prices under paper positions, or the other way round, would be wrong numbers.
    pub(super) fn paper_problem(&self, demo_trading: bool) -> Option<&'static str> {
        if !self.is_exchange() || (self.host == PAPER_WS_HOST) == demo_trading {
            None
        } else if demo_trading {
            Some("this is a host of live trading; demo_trading = true needs wss://wspap.bitget.com")
        } else {
            Some("this is the host of paper trading; it needs demo_trading = true")
        }
    }
}

/// Characters of `host:port` and `[::1]:port`, of host names in any script, and nothing invisible.
fn is_authority_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']')
}

/// Returns whether a host is `localhost`, in 127.0.0.0/8, or `[::1]`.
fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://api.bitget.com", "https://api.bitget.com")]
    #[case("https://api.bitget.com/", "https://api.bitget.com")]
    #[case("HTTPS://API.Bitget.com:443", "https://api.bitget.com")]
    #[case("https://api.bitget.com:8443", "https://api.bitget.com:8443")]
    #[case("http://127.0.0.1:8700", "http://127.0.0.1:8700")]
    #[case("http://127.200.3.4", "http://127.200.3.4")]
    #[case("http://[::1]:8700/", "http://[::1]:8700")]
    #[case("http://localhost:8700", "http://localhost:8700")]
    #[case("https://localhost", "https://localhost")]
    #[case("https://example.org", "https://example.org")]
    fn accepts(#[case] raw: &str, #[case] url: &str) {
        assert_eq!(Origin::parse(raw, Role::Rest).unwrap().url(), url);
    }

    #[rstest]
    #[case("", "scheme, host and port")]
    #[case("api.bitget.com", "scheme, host and port")]
    #[case("https:api.bitget.com", "scheme, host and port")]
    #[case("https://", "scheme, host and port")]
    #[case("https:///", "scheme, host and port")]
    #[case("https:///api.bitget.com", "no path")]
    #[case("wss://ws.bitget.com", "scheme https")]
    #[case("ftp://api.bitget.com", "scheme https")]
    #[case("file:///etc/passwd", "scheme https")]
    #[case("http://api.bitget.com", "loopback addresses only")]
    #[case("http://10.0.0.1", "loopback addresses only")]
    #[case("http://128.0.0.1", "loopback addresses only")]
    #[case("http://0.0.0.0", "loopback addresses only")]
    #[case("http://localhost.evil.example", "loopback addresses only")]
    #[case("http://127.0.0.1.evil.example", "loopback addresses only")]
    #[case("http://[::ffff:10.0.0.1]", "loopback addresses only")]
    #[case("ws://127.0.0.1:8700", "or http for a loopback address")]
    #[case("https://api.bitget.com//", "no path")]
    #[case("https://api.bitget.com/api", "no path")]
    #[case("https://api.bitget.com?x=1", "no path or query")]
    #[case("https://api.bitget.com#x", "no path or query")]
    #[case("https://api.bitget.com\\@evil.example", "no user")]
    #[case("https://api.bitget.com\\evil", "no path")]
    #[case("https://hunter2@api.bitget.com", "no user")]
    #[case("https://user:hunter2@api.bitget.com", "no user")]
    #[case("https://api.bitget.com ", "scheme, host and port")]
    #[case(" https://api.bitget.com", "scheme https")]
    #[case("https://api.bit\tget.com", "scheme, host and port")]
    #[case("https://api.bitget.com:0", "scheme, host and port")]
    #[case("https://api.bitget.com:99999", "scheme, host and port")]
    #[case("https://[::1", "scheme, host and port")]
    fn refuses(#[case] raw: &str, #[case] rule: &str) {
        let error = Origin::parse(raw, Role::Rest).unwrap_err();
        assert!(error.contains(rule), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[rstest]
    #[case("https://api.bitget.com", Role::Rest, None)]
    #[case("https://vip-api.bitget.com", Role::Rest, None)]
    #[case("https://127.0.0.1:1", Role::Rest, None)]
    #[case("wss://ws.bitget.com", Role::Streams, None)]
    #[case("wss://vip-ws.bitget.com", Role::Streams, None)]
    #[case("wss://wspap.bitget.com", Role::Streams, None)]
    #[case("ws://[::1]:9", Role::Streams, None)]
    #[case("https://www.bitget.com", Role::Rest, Some("www.bitget.com"))]
    #[case("https://api.bitget.com.", Role::Rest, Some("api.bitget.com."))]
    #[case("https://api.bitget.com.evil.example", Role::Rest, Some("api.bitget.com.evil.example"))]
    #[case("wss://notbitget.com", Role::Streams, Some("notbitget.com"))]
    #[case("https://\u{430}pi.bitget.com", Role::Rest, Some("xn--pi-6kc.bitget.com"))]
    fn tells_other_hosts(#[case] raw: &str, #[case] role: Role, #[case] other: Option<&str>) {
        assert_eq!(Origin::parse(raw, role).unwrap().other_host(), other);
    }

    #[rstest]
    #[case("wss://ws.bitget.com", false, false)]
    #[case("wss://ws.bitget.com", true, true)]
    #[case("wss://wspap.bitget.com", true, false)]
    #[case("wss://wspap.bitget.com", false, true)]
    #[case("ws://127.0.0.1:1", true, false)]
    #[case("wss://example.org", false, false)]
    fn keeps_paper_and_live_apart(#[case] url: &str, #[case] paper: bool, #[case] problem: bool) {
        let origin = Origin::parse(url, Role::Streams).unwrap();
        assert_eq!(origin.paper_problem(paper).is_some(), problem);
    }
}
