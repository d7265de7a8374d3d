//! [`resolve`]: defaults < file < environment < flags.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{Config, ConfigError, ConfigErrors, Env, TrustError, file, read_trusted};
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
    let mut config = match chosen_file(inputs) {
        Some((path, named)) => read_file(&path, named)?,
        None => Config::default(),
    };
    if let Some(symbol) = inputs.symbol {
        config.symbol.clone_from(symbol);
    }
    Ok(config)
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

fn read_file(path: &Path, named: bool) -> Result<Config, ConfigErrors> {
    let text = match read_trusted(path) {
        Ok(text) => text,
        Err(TrustError::Missing) if !named => return Ok(Config::default()),
        Err(error) => {
            return Err(ConfigError::in_file(path, None, error.to_string()).into());
        }
    };
    file::parse(&text, path).map_err(ConfigErrors::new)
}
