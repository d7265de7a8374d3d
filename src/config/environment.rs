//! What the environment says: credentials, colours, locale, terminal, the user's folder.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use etcetera::BaseStrategy;
use secrecy::SecretString;

use super::{ConfigError, ConfigErrors};

/// Looks a variable up; in production `&|name| std::env::var_os(name)`.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The variables of the credentials, in the order of [`EnvCredentials`].
pub(super) const CREDENTIALS: [&str; 3] =
    ["BITGET_API_KEY", "BITGET_SECRET_KEY", "BITGET_PASSPHRASE"];

/// The credentials as the environment holds them. Redacted in `Debug`, wiped on drop.
#[derive(Clone)]
pub struct EnvCredentials {
    /// `BITGET_API_KEY`.
    pub key: SecretString,
    /// `BITGET_SECRET_KEY`.
    pub secret: SecretString,
    /// `BITGET_PASSPHRASE`.
    pub passphrase: SecretString,
}

impl fmt::Debug for EnvCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnvCredentials([REDACTED])")
    }
}

/// Returns the credentials; `None` when none of the three variables is set (market data only).
///
/// A variable of nothing but white space counts as not set.
///
/// # Errors
/// One or two of the three are set, or a value holds control characters, white space around it, or
/// bytes that are not UTF-8. The messages name variables, never values.
pub fn credentials(env: Env<'_>) -> Result<Option<EnvCredentials>, ConfigErrors> {
    let mut problems = Vec::new();
    let [key, secret, passphrase] = CREDENTIALS.map(|name| {
        credential(env, name).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        })
    });
    ConfigErrors::check(problems)?;
    match (key, secret, passphrase) {
        (None, None, None) => Ok(None),
        (Some(key), Some(secret), Some(passphrase)) => {
            Ok(Some(EnvCredentials { key, secret, passphrase }))
        }
        (key, secret, passphrase) => {
            let missing = CREDENTIALS
                .iter()
                .zip([key, secret, passphrase])
                .filter(|(_, value)| value.is_none())
                .map(|(name, _)| *name)
                .collect::<Vec<_>>()
                .join(" and ");
            Err(ConfigError::new(format!(
                "credentials need all three of {}; not set: {missing}",
                CREDENTIALS.join(", ")
            ))
            .into())
        }
    }
}

fn credential(env: Env<'_>, name: &str) -> Result<Option<SecretString>, ConfigError> {
    let Some(raw) = env(name) else {
        return Ok(None);
    };
    // The error is the value itself.
    let Ok(text) = raw.into_string() else {
        return Err(ConfigError::new(format!("{name} is not UTF-8 text")));
    };
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(None);
    }
    let around = trimmed.len() != text.len();
    let control = trimmed.chars().any(char::is_control);
    // Taken over before it is checked, so that a refused value is wiped as well.
    let value = SecretString::from(text);
    if around {
        return Err(ConfigError::new(format!("{name} has white space before or after the value")));
    }
    if control {
        return Err(ConfigError::new(format!("{name} holds control characters")));
    }
    Ok(Some(value))
}

/// Returns a variable's text; `None` when it is not set, empty, or not UTF-8.
fn text(env: Env<'_>, name: &str) -> Option<String> {
    env(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty())
}

/// Returns whether `NO_COLOR` is set and not empty (<https://no-color.org>).
pub fn no_color(env: Env<'_>) -> bool {
    env("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Returns whether the locale writes UTF-8: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set
/// decides, as POSIX has it.
pub fn utf8_locale(env: Env<'_>) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| text(env, name)).is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Returns whether the dashboard can run on this terminal; `term` is `TERM`.
///
/// # Errors
/// One line for the user that names `bitget-watch snapshot`.
pub fn terminal_usable(
    term: Option<&str>,
    stdout_is_tty: bool,
    stdin_is_tty: bool,
) -> Result<(), String> {
    let reason = if !stdout_is_tty {
        "standard output is not a terminal"
    } else if !stdin_is_tty {
        "standard input is not a terminal"
    } else {
        match term {
            None | Some("") => "TERM is not set",
            Some("dumb") => "the terminal is dumb (TERM=dumb)",
            Some(_) => return Ok(()),
        }
    };
    Err(format!(
        "{reason}, so the dashboard cannot be drawn; use `bitget-watch snapshot` for one reading as text or JSON"
    ))
}

/// Returns the folder of the user's configuration files: `$XDG_CONFIG_HOME`, else `~/.config`.
///
/// `None` when there is no home. This and the next are the functions here that read the process environment.
pub fn user_config_dir() -> Option<PathBuf> {
    etcetera::choose_base_strategy().ok().map(|strategy| strategy.config_dir())
}

/// Returns the folder of what programs keep for the user: `$XDG_STATE_HOME`, else `~/.local/state`.
///
/// `None` when there is no home.
pub fn user_state_dir() -> Option<PathBuf> {
    etcetera::choose_base_strategy().ok().and_then(|strategy| strategy.state_dir())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use secrecy::ExposeSecret;

    /// Returns the environment of these pairs.
    fn env(pairs: &[(&str, &str)]) -> impl Fn(&str) -> Option<OsString> {
        let pairs: Vec<_> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))).collect();
        move |name| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    const KEY: (&str, &str) = ("BITGET_API_KEY", "canary-key");
    const SECRET: (&str, &str) = ("BITGET_SECRET_KEY", "canary-secret");
    const PHRASE: (&str, &str) = ("BITGET_PASSPHRASE", "canary phrase");

    #[test]
    fn takes_all_three_or_none() {
        assert!(credentials(&env(&[])).unwrap().is_none());
        let all = credentials(&env(&[KEY, SECRET, PHRASE])).unwrap().unwrap();
        assert_eq!(all.key.expose_secret(), "canary-key");
        assert_eq!(all.secret.expose_secret(), "canary-secret");
        assert_eq!(all.passphrase.expose_secret(), "canary phrase");
        assert!(!format!("{all:?}").contains("canary"));
    }

    #[rstest]
    #[case(&[KEY], "not set: BITGET_SECRET_KEY and BITGET_PASSPHRASE")]
    #[case(&[KEY, PHRASE], "not set: BITGET_SECRET_KEY")]
    #[case(&[SECRET, PHRASE, ("BITGET_API_KEY", "  ")], "not set: BITGET_API_KEY")]
    fn names_the_missing_ones(#[case] pairs: &[(&str, &str)], #[case] missing: &str) {
        let error = credentials(&env(pairs)).unwrap_err().to_string();
        assert!(error.ends_with(missing), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }

    #[test]
    fn blank_variables_count_as_not_set() {
        let blank =
            [("BITGET_API_KEY", ""), ("BITGET_SECRET_KEY", " "), ("BITGET_PASSPHRASE", "\n")];
        assert!(credentials(&env(&blank)).unwrap().is_none());
    }

    #[test]
    fn refuses_values_that_a_header_cannot_carry_and_does_not_show_them() {
        let odd = env(&[
            ("BITGET_API_KEY", "canary-key\n"),
            ("BITGET_SECRET_KEY", "canary\u{7}secret"),
            PHRASE,
        ]);
        let error = credentials(&odd).unwrap_err();
        assert_eq!(error.iter().count(), 2);
        let error = error.to_string();
        assert!(error.contains("BITGET_API_KEY has white space"), "{error}");
        assert!(error.contains("BITGET_SECRET_KEY holds control"), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn refuses_bytes_that_are_no_text() {
        use std::os::unix::ffi::OsStringExt;
        let odd = |name: &str| (name == KEY.0).then(|| OsString::from_vec(b"canary\xff".to_vec()));
        let error = credentials(&odd).unwrap_err().to_string();
        assert_eq!(error, "BITGET_API_KEY is not UTF-8 text");
    }

    #[rstest]
    #[case(&[], false)]
    #[case(&[("NO_COLOR", "")], false)]
    #[case(&[("NO_COLOR", "0")], true)]
    fn honours_no_color(#[case] pairs: &[(&str, &str)], #[case] expected: bool) {
        assert_eq!(no_color(&env(pairs)), expected);
    }

    #[rstest]
    #[case(&[], false)]
    #[case(&[("LANG", "de_DE.UTF-8")], true)]
    #[case(&[("LANG", "C.utf8")], true)]
    #[case(&[("LANG", "C")], false)]
    #[case(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")], false)]
    #[case(&[("LC_ALL", ""), ("LC_CTYPE", "en_US.UTF-8"), ("LANG", "C")], true)]
    fn knows_utf8_locales(#[case] pairs: &[(&str, &str)], #[case] expected: bool) {
        assert_eq!(utf8_locale(&env(pairs)), expected);
    }

    #[rstest]
    #[case(Some("xterm-256color"), true, true, None)]
    #[case(Some("xterm"), false, true, Some("standard output"))]
    #[case(Some("xterm"), true, false, Some("standard input"))]
    #[case(Some("dumb"), true, true, Some("TERM=dumb"))]
    #[case(Some(""), true, true, Some("TERM is not set"))]
    #[case(None, true, true, Some("TERM is not set"))]
    fn judges_terminals(
        #[case] term: Option<&str>,
        #[case] output: bool,
        #[case] input: bool,
        #[case] reason: Option<&str>,
    ) {
        match (terminal_usable(term, output, input), reason) {
            (Ok(()), None) => {}
            (Err(line), Some(reason)) => {
                assert!(line.contains(reason) && line.contains("bitget-watch snapshot"));
                assert!(!line.contains('\n'));
            }
            (result, reason) => panic!("{result:?} for {reason:?}"),
        }
    }
}
