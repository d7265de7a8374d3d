//! Proxies: what the user sets, or the environment. A proxy's address may hold a password, so it is redacted
//! and no message repeats it.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{ConfigError, ConfigErrors, Env};

/// What is expected, for messages.
const EXPECTED: &str = r#"expected the address of a proxy such as "http://host:3128", "socks5://host:1080" or "socks5h://host:1080""#;
/// The longest name or password that SOCKS can carry, in bytes.
const MAX_LOGIN_BYTES: usize = 255;

/// The variables that name a proxy, the first that is set wins: the exchange is reached by TLS alone.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
/// The variables that name the hosts that are reached without one.
const EXEMPT: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// `network.proxy`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ProxyChoice {
    /// What the environment says.
    #[default]
    System,
    /// None, whatever the environment says.
    Direct,
    /// This one.
    Url(ProxyUrl),
}

impl ProxyChoice {
    /// Reads the value of the key. Others may read the file, so it takes no password.
    ///
    /// # Errors
    /// Says what was expected, without the value.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "system" => Ok(Self::System),
            "none" => Ok(Self::Direct),
            url if url.contains('@') => Err(format!(
                "a name or password of a proxy is not read from the file: set {} to the address",
                VARIABLES[0]
            )),
            url => ProxyUrl::parse(url)
                .map(Self::Url)
                .map_err(|problem| format!("{problem}, or \"system\", or \"none\"")),
        }
    }
}

/// The address of a proxy. Redacted in `Debug`, wiped on drop.
#[derive(Clone)]
pub struct ProxyUrl(SecretString);

impl ProxyUrl {
    /// Reads an address such as `socks5h://name:password@host:1080`; without a scheme it is `http`.
    ///
    /// # Errors
    /// Says what was expected, without the address.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || EXPECTED.to_owned();
        if !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err(expected());
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.matches('@').count() > 1 {
            // A part of the password would count as the host's.
            return Err(format!("{EXPECTED}, with @ in a name or password written as %40"));
        }
        if authority.contains(['/', '?', '#', '\\']) {
            return Err(expected());
        }
        let address = format!("{}://{authority}", scheme.to_ascii_lowercase());
        let url = Url::parse(&address).ok().filter(|url| {
            matches!(url.scheme(), "http" | "socks5" | "socks5h")
                && url.host_str().is_some_and(|host| !host.is_empty())
                && url.port() != Some(0)
                && url.username().len() <= MAX_LOGIN_BYTES
                && url.password().unwrap_or_default().len() <= MAX_LOGIN_BYTES
        });
        Ok(Self(SecretString::from(String::from(url.ok_or_else(expected)?))))
    }

    /// Returns the address, password included.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for ProxyUrl {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for ProxyUrl {}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyUrl([REDACTED])")
    }
}

/// The proxy in force.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proxies {
    /// Its address; `None` where there is none.
    pub url: Option<ProxyUrl>,
    /// The hosts that are reached without it, in the form of `NO_PROXY`.
    pub exempt: String,
}

/// Returns the proxy that `choice` means in this environment. `NO_PROXY` speaks of the environment's proxy
/// only: one that the file names is always used.
///
/// # Errors
/// The variable in force holds no address of a proxy that can be used. Going straight instead could show the
/// exchange an address that the user hides.
pub fn proxies(choice: &ProxyChoice, env: Env<'_>) -> Result<Proxies, ConfigErrors> {
    let value = |name: &&'static str| {
        let text = env(name)?.to_string_lossy().trim().to_owned();
        (!text.is_empty()).then_some((*name, text))
    };
    match choice {
        ProxyChoice::Direct => Ok(Proxies::default()),
        ProxyChoice::Url(url) => Ok(Proxies { url: Some(url.clone()), exempt: String::new() }),
        ProxyChoice::System => {
            let Some((name, text)) = VARIABLES.iter().find_map(value) else {
                return Ok(Proxies::default());
            };
            let url = ProxyUrl::parse(&text).map_err(|problem| {
                ConfigError::new(format!(
                    "{name}: {problem}; network.proxy in the file wins over it"
                ))
            })?;
            let exempt = EXEMPT.iter().find_map(value).map_or_else(String::new, |(_, text)| text);
            Ok(Proxies { url: Some(url), exempt })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://10.0.0.1:3128", "http://10.0.0.1:3128/")]
    #[case("10.0.0.1:3128", "http://10.0.0.1:3128/")]
    #[case("HTTP://proxy.example", "http://proxy.example/")]
    #[case("socks5://[::1]:1080", "socks5://[::1]:1080")]
    #[case("socks5h://u:p%40ss@h:1/", "socks5h://u:p%40ss@h:1")]
    fn takes(#[case] text: &str, #[case] url: &str) {
        assert_eq!(ProxyUrl::parse(text).unwrap().expose(), url);
    }

    #[rstest]
    #[case("")]
    #[case("http://")]
    #[case("socks5://user:canary@:1080")]
    #[case("https://user:canary@host:1")]
    #[case("socks4://user:canary@host:1")]
    #[case("ftp://user:canary@host")]
    #[case("http://user:canary@host:0")]
    #[case("http://user:canary@host:99999")]
    #[case("http://user:canary@host:1/path")]
    #[case("http://user:can@ary@host:1")]
    #[case("http://user:canary@ho st:1")]
    #[case("http://user:canary@h\u{f6}st:1")]
    fn refuses_without_repeating(#[case] text: &str) {
        let problem = ProxyUrl::parse(text).unwrap_err();
        assert!(problem.starts_with(EXPECTED), "{problem}");
        assert!(!problem.contains("canary") && !problem.contains("ary"), "{problem}");
        let long = format!("socks5://user:{}@host:1", "canary".repeat(50));
        assert!(!ProxyUrl::parse(&long).unwrap_err().contains("canary"));
    }

    #[test]
    fn a_password_is_never_shown_and_never_read_from_the_file() {
        let url = ProxyUrl::parse("http://user:canary@host:1").unwrap();
        let shown = format!(
            "{:?} {:?}",
            ProxyChoice::Url(url.clone()),
            Proxies { url: Some(url), exempt: String::new() }
        );
        assert!(!shown.contains("canary") && !shown.contains("user"), "{shown}");
        let problem = ProxyChoice::parse("http://user:canary@host:1").unwrap_err();
        assert!(problem.ends_with("set HTTPS_PROXY to the address"), "{problem}");
        assert!(!problem.contains("canary"), "{problem}");
    }

    /// Returns the proxy of an environment of these pairs, and the hosts that are exempt.
    fn system(pairs: &[(&str, &str)]) -> Result<(Option<String>, String), ConfigErrors> {
        let env = |name: &str| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let found = proxies(&ProxyChoice::System, &env)?;
        Ok((found.url.map(|url| url.expose().to_owned()), found.exempt))
    }

    #[rstest]
    #[case(&[], None)]
    #[case(&[("HTTP_PROXY", "http://a:1")], None)]
    #[case(&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:1")], Some("http://a:1/"))]
    #[case(&[("https_proxy", "http://b:1"), ("ALL_PROXY", "http://c:1")], Some("http://b:1/"))]
    #[case(&[("HTTPS_PROXY", " "), ("ALL_PROXY", "http://c:1")], Some("http://c:1/"))]
    #[case(&[("all_proxy", "socks5h://d:1")], Some("socks5h://d:1"))]
    fn the_environment_names_it(#[case] pairs: &[(&str, &str)], #[case] url: Option<&str>) {
        assert_eq!(system(pairs).unwrap().0.as_deref(), url);
    }

    #[test]
    fn exemptions_and_mistakes_of_the_environment() {
        let found = system(&[("https_proxy", "a:1"), ("no_proxy", "bitget.com")]).unwrap();
        assert_eq!(found, (Some("http://a:1/".to_owned()), "bitget.com".to_owned()));
        let problem = system(&[("ALL_PROXY", "socks4://u:canary@h:1")]).unwrap_err().to_string();
        assert!(problem.starts_with("ALL_PROXY: expected the address"), "{problem}");
        assert!(problem.contains("network.proxy") && !problem.contains("canary"), "{problem}");
    }
}
