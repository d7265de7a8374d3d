//! Names of keys: the nearest valid one, the ones that belong to credentials, and what may be shown.

use super::environment::CREDENTIALS;

/// Unknown names that are longer are not shown: a key of the exchange has 35 characters.
const MAX_SHOWN_NAME: usize = 30;

/// A section and a key in it; a section itself has an empty key, the top level an empty section.
pub(super) type Known = (&'static str, &'static str);

/// Returns the name of a key in messages.
pub(super) fn qualified(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

/// Returns the message of a table that is not known.
pub(super) fn unknown_table(name: &str, known: &[Known]) -> String {
    let tables: Vec<_> = known
        .iter()
        .filter(|(section, key)| !section.is_empty() && key.is_empty())
        .map(|(section, _)| *section)
        .collect();
    let hint = match nearest(name, tables.iter().copied()) {
        Some(table @ ("alert" | "way")) => format!("did you mean [[{table}]]?"),
        Some(table) => format!("did you mean [{table}]?"),
        None => format!("the tables are {}", tables.join(", ")),
    };
    format!("unknown table{}; {hint}", shown(name))
}

/// Returns the message of a key that is not known in `section`.
pub(super) fn unknown_key(section: &str, name: &str, known: &[Known]) -> String {
    let keys = known.iter().filter(|(_, key)| !key.is_empty());
    let here: Vec<_> = keys.clone().filter(|(of, _)| *of == section).map(|(_, key)| *key).collect();
    // A right name in the wrong table, then a misspelt one in this table, then one elsewhere.
    let near = keys
        .clone()
        .find(|(_, key)| *key == name)
        .map(|(of, key)| qualified(of, key))
        .or_else(|| nearest(name, here.iter().copied()).map(|key| qualified(section, key)))
        .or_else(|| {
            let near = nearest(name, keys.clone().map(|(_, key)| *key))?;
            let (of, key) = keys.clone().find(|(_, key)| *key == near)?;
            Some(qualified(of, key))
        });
    let hint = match near {
        Some(key) => format!("did you mean {key}?"),
        None => format!("the keys here are {}", here.join(", ")),
    };
    let place = if section.is_empty() { String::new() } else { format!(" in [{section}]") };
    format!("unknown key{}{place}; {hint}", shown(name))
}

/// Returns what a word of a fixed list means.
///
/// # Errors
/// Lists the words, and names the nearest one.
pub(super) fn choose<T: Copy>(word: &str, choices: &[(&str, T)]) -> Result<T, String> {
    if let Some((_, meaning)) = choices.iter().find(|(name, _)| *name == word) {
        return Ok(*meaning);
    }
    let quoted: Vec<_> = choices.iter().map(|(name, _)| format!("{name:?}")).collect();
    let expected = format!("expected {}", quoted.join(" or "));
    let near =
        nearest(&word.to_lowercase().replace('_', "-"), choices.iter().map(|(name, _)| *name));
    Err(match near {
        Some(near) => format!("{expected}; did you mean {near:?}?"),
        None => expected,
    })
}

/// Returns the candidate that is at most a third of its letters away.
pub(crate) fn nearest<'c>(
    name: &str,
    candidates: impl Iterator<Item = &'c str>,
) -> Option<&'c str> {
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns a name for a message, or nothing for one that could be a secret or steer a terminal.
fn shown(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.len() <= MAX_SHOWN_NAME && name.chars().all(plain) {
        format!(" {name}")
    } else {
        String::new()
    }
}

/// Returns the message of a key that holds a credential.
pub(super) fn credential_refused(name: &str) -> String {
    let [key, secret, passphrase] = CREDENTIALS;
    format!(
        "credential key{} is refused: credentials are never read from a file; delete the line, replace the API key, and set the environment variables {key}, {secret} and {passphrase}",
        shown(name)
    )
}

/// Returns whether a key of this name holds a credential in the usual way of writing.
pub(super) fn looks_like_credential(name: &str) -> bool {
    const WORDS: [&str; 7] =
        ["apikey", "secret", "passphrase", "password", "passwd", "token", "credential"];
    let plain: String =
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    plain.ends_with("key") || plain == "pass" || WORDS.iter().any(|word| plain.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_valid_key_is_taken_for_a_credential() {
        for key in super::super::keys() {
            assert!(key.split('.').all(|name| !looks_like_credential(name)), "{key}");
        }
    }

    #[test]
    fn knows_credentials_by_name() {
        for name in
            ["key", "Key", "pass", "apiSecret", "BITGET_PASSPHRASE", "privateKey", "x-token"]
        {
            assert!(looks_like_credential(name), "{name}");
        }
        for name in ["keys_view", "compass", "bypass", ""] {
            assert!(!looks_like_credential(name), "{name}");
        }
    }

    #[test]
    fn shows_only_plain_short_names() {
        assert_eq!(shown("max_fps"), " max_fps");
        for name in ["", "a b", "a\u{1b}[2J", "bg_0123456789abcdef0123456789abcdef"] {
            assert_eq!(shown(name), "");
        }
    }
}
