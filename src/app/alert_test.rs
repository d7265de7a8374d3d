//! `alert test`: one message through each way, and what came back.

use std::io::{self, IsTerminal, Write};

use super::exit::{DONE, Failure, RUNNING, USAGE};
use super::{source, ways};
use crate::alerts::test_message;
use crate::config::{self, Config, Env, WayConfig};
use crate::domain::{Clock, SystemClock};
use crate::report::Source;

/// Sends a test by the way `wanted`, or by each, and returns the exit code.
pub(super) fn run(wanted: Option<&str>, config: &Config, env: Env<'_>) -> Result<u8, Failure> {
    let names =
        WayConfig::BUILT_IN.into_iter().chain(config.ways.iter().map(|way| way.name.as_str()));
    let names: Vec<&str> = names.collect();
    if let Some(wanted) = wanted.filter(|wanted| !names.contains(wanted)) {
        let text = format!("there is no way {wanted:?}; the ways are {}", names.join(", "));
        return Err(Failure::new(USAGE, text));
    }
    let is_wanted = |name: &str| wanted.is_none_or(|wanted| wanted == name);
    let extra_ca = config.exchange.extra_ca_file.as_deref();
    let extra_ca = extra_ca.map(config::read_trusted).transpose();
    let extra_ca = extra_ca
        .map_err(|error| Failure::new(USAGE, format!("exchange.extra_ca_file: {error}")))?;
    let mut config = config.clone();
    config.ways.retain(|way| is_wanted(&way.name));
    let ways = ways::of_config(&config, env, extra_ca.as_deref())?;
    let message = test_message(Source::Live, SystemClock::start().now());

    let mut failed = false;
    let kind = ways::terminal_kind(env);
    let notification = kind.notification(&message.title, &message.text);
    for (name, bytes) in [("bell", "\x07"), ("terminal", notification.as_str())] {
        if !is_wanted(name) {
            continue;
        }
        let said = if io::stdout().is_terminal() {
            print(bytes)?;
            "sent to this terminal; whether it shows it, only you can see"
        } else {
            failed |= wanted.is_some();
            "not tried: standard output is not a terminal"
        };
        print(&format!("{name}: {said}\n"))?;
    }
    let runtime = source::runtime()?;
    for way in ways {
        let said = match runtime.block_on(way.deliver.deliver(&message)) {
            Ok(said) => format!("sent, {said}"),
            Err(error) => {
                failed = true;
                format!("FAILED, {error}")
            }
        };
        print(&format!("{}: {said}\n", way.name))?;
    }
    runtime.shutdown_background();
    Ok(if failed { RUNNING } else { DONE })
}

/// Output into a closed pipe is lost, and the test goes on.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::running(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}
