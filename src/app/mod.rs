//! Puts everything together: picks the source of the data, starts the feeds beside the drawing thread,
//! runs what was asked for, and turns the end into an exit code.
//!
//! `source` makes a feed from configuration and environment, `memory` follows the engine; `metrics` answers scrapers;
//! `dashboard`, `watch`, `snapshot`, `check`, `history`, `alert_test` and `simulate` are
//! the commands. Messages go to standard error, output for machines to standard output.

mod alert_test;
mod anonymize;
mod check;
mod check_services;
mod dashboard;
mod embedded;
mod exit;
mod focus_change;
mod history;
mod memory;
mod metrics;
mod playback;
mod recording;
mod replay;
mod replay_screen;
mod running;
mod simulate;
mod snapshot;
mod source;
mod terminal_probe;
mod text;
mod unlisted;
mod watch;
mod ways;

use std::io::{self, Write};
use std::process::ExitCode;

use exit::{DONE, Failure, USAGE, quiet};

use crate::cli::{self, AlertAction, AlertArgs, Cli, Command};
use crate::config::{self, Config, Env, Inputs, Setting};
use crate::logging;

/// Runs what the command line asks for and returns the exit code.
pub fn run(cli: Cli) -> ExitCode {
    let code = match dispatch(cli) {
        Ok(code) => code,
        Err(failure) => {
            // Standard error may be closed; the code says it all the same.
            let _closed = writeln!(io::stderr(), "bitget-watch: {failure}");
            failure.code
        }
    };
    ExitCode::from(code)
}

fn dispatch(cli: Cli) -> Result<u8, Failure> {
    protect_process();
    let env: Env<'_> = &|name| std::env::var_os(name);
    match cli.command {
        Some(Command::Completions { shell }) => {
            quiet(cli::completions(shell, &mut io::stdout())).map(|()| DONE)
        }
        Some(Command::Man) => quiet(cli::man(&mut io::stdout())).map(|()| DONE),
        Some(Command::Anonymize(arguments)) => anonymize::run(&arguments),
        Some(Command::Simulate(arguments)) => {
            let _log = start_log(&cli.options, env)?;
            simulate::run(&arguments, &cli.options)
        }
        Some(Command::History(arguments)) => {
            let (config, _, _log) = prepare(&cli.options, env)?;
            let source = source::Source::choose(&cli.options, config, env)?;
            history::run(&arguments, source)
        }
        Some(Command::Watch) => {
            let (config, _, log) = prepare(&cli.options, env)?;
            let _log = log.map_or_else(|| log_to_standard_error(&cli.options, env), Ok)?;
            let source = source::Source::choose(&cli.options, config, env)?;
            watch::run(serving(source, &cli.options)?, env)
        }
        Some(Command::Alert(AlertArgs { action: AlertAction::Test { name } })) => {
            let (config, _, _log) = prepare(&cli.options, env)?;
            alert_test::run(name.as_deref(), &config, env)
        }
        Some(Command::Check(arguments)) => {
            let (config, settings, _log) = prepare(&cli.options, env)?;
            let source = source::Source::choose(&cli.options, config, env)?;
            check::run(&arguments, &cli.options, &source, settings, env)
        }
        Some(Command::Snapshot(arguments)) => {
            let (config, _, _log) = prepare(&cli.options, env)?;
            if let Some(path) = &cli.options.recording.replay {
                return replay::print(&arguments, path, &config);
            }
            let source = source::Source::choose(&cli.options, config, env)?;
            snapshot::run(&arguments, source)
        }
        None => {
            use std::io::IsTerminal;
            let term = env("TERM");
            let term = term.as_ref().and_then(|term| term.to_str());
            let (out, input) = (io::stdout().is_terminal(), io::stdin().is_terminal());
            config::terminal_usable(term, out, input).map_err(|text| Failure::new(USAGE, text))?;
            let (config, _, _log) = prepare(&cli.options, env)?;
            let recording = &cli.options.recording;
            if let Some(path) = &recording.replay {
                return replay_screen::run(path, recording.speed, config, env);
            }
            let source = source::Source::choose(&cli.options, config, env)?;
            dashboard::run(serving(source, &cli.options)?, env)
        }
    }
}

/// Returns the source with its memory, and with its metrics where they are asked for.
fn serving(source: source::Source, options: &cli::Options) -> Result<source::Source, Failure> {
    let address = options.metrics.metrics;
    let metrics = address.map(metrics::Metrics::listen).transpose()?;
    Ok(source.remembering().measured(metrics))
}

fn prepare(
    options: &cli::Options,
    env: Env<'_>,
) -> Result<(Config, Vec<Setting>, Option<logging::LogGuard>), Failure> {
    let user_dir = config::user_config_dir();
    let (config, settings) = config::resolve_with_settings(&Inputs {
        config: options.config.as_deref(),
        symbol: options.symbol.as_ref(),
        env,
        user_dir: user_dir.as_deref(),
    })
    .map_err(|problems| Failure::new(USAGE, problems))?;
    Ok((config, settings, start_log(options, env)?))
}

fn start_log(options: &cli::Options, env: Env<'_>) -> Result<Option<logging::LogGuard>, Failure> {
    let level = logging::level(options.log_level, env("BITGET_WATCH_LOG_LEVEL"))
        .map_err(|error| Failure::new(USAGE, error))?;
    logging::init(options.log_file.as_deref(), level).map_err(|error| Failure::new(USAGE, error))
}

fn log_to_standard_error(
    options: &cli::Options,
    env: Env<'_>,
) -> Result<logging::LogGuard, Failure> {
    let level = logging::level(options.log_level, env("BITGET_WATCH_LOG_LEVEL"))
        .map_err(|error| Failure::new(USAGE, error))?;
    logging::to_standard_error(level).map_err(|error| Failure::new(USAGE, error))
}

/// A dump of the memory would hold the secrets: none is written, and nobody may attach. They are in
/// the environment whatever is asked for, so this holds for the demo as well.
fn protect_process() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, Resource, Rlimit, setrlimit};
        // Where the system refuses, the program is no less useful.
        let _refused = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        let _refused = setrlimit(Resource::Core, none);
    }
}
