//! Exit codes: they are part of the contract with scripts.

use std::{fmt, io};

/// Done.
pub(super) const DONE: u8 = 0;
/// Failed while running.
pub(super) const RUNNING: u8 = 1;
/// Usage, configuration or symbol error.
pub(super) const USAGE: u8 = 2;
/// Credentials refused by the exchange.
pub(super) const CREDENTIALS: u8 = 3;
/// Exchange not reached in time.
pub(super) const NOT_REACHED: u8 = 4;
/// Added to the number of the signal that ended the program.
pub(super) const SIGNAL: u8 = 128;

/// An end with a message for people.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) code: u8,
    message: String,
}

impl Failure {
    pub(super) fn new(code: u8, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string() }
    }

    pub(super) fn running(message: impl fmt::Display) -> Self {
        Self::new(RUNNING, message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Output into a closed pipe is a quiet end.
pub(super) fn quiet(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::running(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}
