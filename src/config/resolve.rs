//! [`resolve`]: defaults < file < environment < flags.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{
    Config, ConfigError, ConfigErrors, Env, Setting, SettingSource, TrustError, file, read_trusted,
};
use crate::domain::Symbol;

/// Where the configuration comes from.
#[derive(Clone)]
pub struct Inputs<'a> {
    /// `--config`.
    pub config: Option<&'a Path>,
    /// `--symbol`.
    pub symbol: Option<&'a Symbol>,
    /// The environment, for `BITGET_WATCH_CONFIG`.
    pub env: Env<'a>,
    /// The folder of the user's configuration files, from
    /// [`user_config_dir`](super::user_config_dir); `None` when there is none.
    pub user_dir: Option<&'a Path>,
}

/// Without the environment, which holds secrets.
impl fmt::Debug for Inputs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inputs")
            .field("config", &self.config)
            .field("symbol", &self.symbol)
            .field("user_dir", &self.user_dir)
            .finish_non_exhaustive()
    }
}

/// Returns the configuration.
///
/// The file is that of `--config`, else of `BITGET_WATCH_CONFIG`, else
/// `bitget-watch/config.toml` in the user's folder. Only the last may be absent.
///
/// # Errors
/// All problems of the file at once, each with its line.
pub fn resolve(inputs: &Inputs<'_>) -> Result<Config, ConfigErrors> {
    resolve_with_settings(inputs).map(|(config, _)| config)
}

/// Returns the configuration, and every value of it that is not the default with its source.
///
/// # Errors
/// Those of [`resolve`].
pub fn resolve_with_settings(inputs: &Inputs<'_>) -> Result<(Config, Vec<Setting>), ConfigErrors> {
    let (mut config, mut settings) = match chosen_file(inputs) {
        Some((path, named)) => read_file(&path, named)?,
        None => Default::default(),
    };
    if let Some(symbol) = inputs.symbol
        && config.symbol != *symbol
    {
        config.symbol.clone_from(symbol);
        settings.retain(|setting| setting.key != "symbol");
        let source = SettingSource::Flag("--symbol");
        settings.push(Setting::new("symbol", &symbol.to_string(), source));
    }
    Ok((config, settings))
}

/// Returns the file to read and whether the user named it.
fn chosen_file(inputs: &Inputs<'_>) -> Option<(PathBuf, bool)> {
    if let Some(path) = inputs.config {
        return Some((path.to_owned(), true));
    }
    if let Some(path) = (inputs.env)("BITGET_WATCH_CONFIG").filter(|path| !path.is_empty()) {
        return Some((path.into(), true));
    }
    let dir = inputs.user_dir?;
    Some((dir.join("bitget-watch").join("config.toml"), false))
}

fn read_file(path: &Path, named: bool) -> Result<(Config, Vec<Setting>), ConfigErrors> {
    let text = match read_trusted(path) {
        Ok(text) => text,
        Err(TrustError::Missing) if !named => return Ok(Default::default()),
        Err(error) => {
            return Err(ConfigError::in_file(path, None, error.to_string()).into());
        }
    };
    file::parse(&text, path).map_err(ConfigErrors::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str, symbol: Option<&Symbol>) -> Vec<(String, String, String)> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        let inputs = Inputs { config: Some(&path), symbol, env: &|_| None, user_dir: None };
        let (_, settings) = resolve_with_settings(&inputs).unwrap();
        let place = |source: &SettingSource| match source {
            SettingSource::File(_, line) => line.to_string(),
            SettingSource::Environment(name) | SettingSource::Flag(name) => (*name).to_owned(),
        };
        settings.into_iter().map(|s| (s.key, s.value, place(&s.source))).collect()
    }

    #[test]
    fn what_is_not_the_default_is_listed_with_its_line() {
        let text = "title = \"RASTA OMEGA TRADER\"\nsymbol = \"ETHUSDT_UMCBL\"\n\n[ui]\nmax_fps = 4\n\
                    bell = false # quiet\n[exchange]\nws_url = \"wss://ws.bitget.com\"\n";
        let owned = |key: &str, value: &str, place: &str| {
            (key.to_owned(), value.to_owned(), place.to_owned())
        };
        let wanted = [owned("symbol", "\"ETHUSDT_UMCBL\"", "2"), owned("ui.bell", "false", "6")];
        assert_eq!(settings(text, None), wanted);
        let symbol: Symbol = "XRPUSDT_UMCBL".parse().unwrap();
        let wanted = [owned("ui.bell", "false", "6"), owned("symbol", "XRPUSDT_UMCBL", "--symbol")];
        assert_eq!(settings(text, Some(&symbol)), wanted, "a flag goes before the file");
    }

    #[test]
    fn the_example_file_changes_nothing() {
        assert_eq!(settings(include_str!("../../config.example.toml"), None), []);
    }
}
