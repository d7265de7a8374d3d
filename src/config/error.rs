//! [`ConfigErrors`]: every problem of a configuration, one a line.

use std::fmt;
use std::path::Path;

/// One problem of the configuration. Shown as `FILE:LINE: text`; it never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    place: Option<String>,
    line: Option<usize>,
    text: String,
}

impl ConfigError {
    /// Returns a problem that belongs to no file.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { place: None, line: None, text: text.into() }
    }

    /// Returns a problem of a file, with its line when the problem has one.
    pub(super) fn in_file(file: &Path, line: Option<usize>, text: impl Into<String>) -> Self {
        Self { place: Some(printable(file)), line, text: text.into() }
    }

    /// Returns the line in the file, from 1; `None` when the problem has no line.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// Returns what is wrong, without the place.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Returns a path as text that cannot steer a terminal.
fn printable(path: &Path) -> String {
    path.display()
        .to_string()
        .chars()
        .map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c })
        .collect()
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}:")?;
            if let Some(line) = self.line {
                write!(f, "{line}:")?;
            }
            f.write_str(" ")?;
        }
        f.write_str(&self.text)
    }
}

impl std::error::Error for ConfigError {}

/// All problems of a configuration, at least one. Shown one a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(Vec<ConfigError>);

impl ConfigErrors {
    /// Returns these problems, which must be some.
    pub(super) fn new(problems: Vec<ConfigError>) -> Self {
        Self(problems)
    }

    /// Returns `Err` with the problems, or `Ok` when there are none.
    pub(super) fn check(problems: Vec<ConfigError>) -> Result<(), Self> {
        if problems.is_empty() { Ok(()) } else { Err(Self(problems)) }
    }

    /// Returns the problems in the order in which they are shown.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfigError> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a ConfigErrors {
    type Item = &'a ConfigError;
    type IntoIter = std::slice::Iter<'a, ConfigError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<ConfigError> for ConfigErrors {
    fn from(problem: ConfigError) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
