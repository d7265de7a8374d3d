//! [`Setting`]: a value that is not the default, and where it comes from.

use std::fmt;
use std::path::PathBuf;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingSource {
    /// A line of the file, from 1.
    File(PathBuf, usize),
    /// A variable of the environment.
    Environment(&'static str),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A value that is not the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key, such as `ui.max_fps`.
    pub key: String,
    /// The value as it is written, without what it may hold of credentials.
    pub value: String,
    /// Where it comes from.
    pub source: SettingSource,
}

impl Setting {
    /// Returns a setting; of an address with a user or a password in it, these are left out.
    pub fn new(key: impl Into<String>, value: &str, source: SettingSource) -> Self {
        Self { key: key.into(), value: without_userinfo(value), source }
    }
}

fn without_userinfo(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_no_password() {
        let shown = |value| Setting::new("key", value, SettingSource::Flag("--x")).value;
        assert_eq!(shown("\"socks5h://me:canary@host:1080/\""), "\"socks5h://host:1080/\"");
        assert_eq!(shown("\"https://host\""), "\"https://host\"");
        assert_eq!(shown("10"), "10");
    }
}
