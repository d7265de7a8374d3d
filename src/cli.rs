//! The command line: what users type, checked on its own.
//!
//! Credentials are never arguments: other users of the machine can read those. The variables of the
//! environment are not read here either but by [`config`](crate::config) and
//! [`logging`](crate::logging), which get the flags.

use std::ffi::OsString;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use secrecy::SecretString;

use crate::config::parse_duration;
use crate::domain::{AccountKind, Symbol};
use crate::logging::LogLevel;

mod alert;
mod check;
mod history;
mod metrics;
mod recording;
mod timeout;

pub use alert::{AlertAction, AlertArgs};
pub use check::CheckArgs;
pub use history::{Day, HistoryArgs, HistoryFormat, HistoryKind};
pub use metrics::MetricsOptions;
use recording::Takes;
pub use recording::{AnonymizeArgs, RecordingOptions};
use timeout::timeout;

/// The longest `--every`.
const MAX_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

const EXAMPLE: &str = "\
Example: bitget-watch --demo              try it without a key and without the network
         bitget-watch --symbol ETHUSDT_UMCBL";

const LONG_HELP: &str = "\
Examples:
  bitget-watch --demo
      try it without a key and without the network
  BITGET_API_KEY=... BITGET_SECRET_KEY=... BITGET_PASSPHRASE=... bitget-watch
      the positions of an account; a read-only key is enough
  bitget-watch snapshot --json
      one reading for scripts
  bitget-watch check
      what is wrong with network, clock, key, account or terminal, and what to do

Environment:
  BITGET_API_KEY, BITGET_SECRET_KEY, BITGET_PASSPHRASE
      the credentials, all three or none; they are read from nowhere else
  BITGET_WATCH_CONFIG     the configuration file, as --config
  BITGET_WATCH_LOG_LEVEL  the log level, as --log-level
  NO_COLOR                no colours, unless the configuration says \"always\"

Files:
  $XDG_CONFIG_HOME/bitget-watch/config.toml, by default ~/.config/bitget-watch/config.toml

Exit codes:
  0 done    1 failed while running    2 usage, configuration or symbol error
  3 credentials refused by the exchange    4 exchange not reached in time
  128 + n ended by signal n";

/// Returns the version; of a build by `contrib/release.sh` with commit and day. A build script could find them
/// always, but code that runs while building is what a supply chain is attacked by.
fn version() -> &'static str {
    option_env!("BITGET_WATCH_VERSION").unwrap_or(env!("CARGO_PKG_VERSION"))
}

/// Read-only terminal dashboard for live Bitget USDT-M futures positions
///
/// Shows price, positions, profit and loss, and risk, live. Without credentials it shows market data
/// only. It never sends an order: it can only read.
#[derive(Debug, Parser)]
#[command(name = "bitget-watch", version = version(), after_help = EXAMPLE, after_long_help = LONG_HELP)]
#[command(disable_help_subcommand = true)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub options: Options,
    /// The command; `None` is the dashboard.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// Read the configuration from this file.
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    #[arg(help = "Read the configuration from this file [env: BITGET_WATCH_CONFIG]")]
    pub config: Option<PathBuf>,
    /// Put this contract in focus.
    #[arg(long, global = true, value_name = "SYMBOL")]
    #[arg(help = "Put this contract in focus, such as BTCUSDT_UMCBL")]
    pub symbol: Option<Symbol>,
    /// Use the embedded exchange: no key, no network, invented prices
    #[arg(long, global = true)]
    pub demo: bool,
    /// Make the invented market the same each time
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
    /// Kind of the invented account: classic (API V2, the default) or unified (V3)
    #[arg(long, global = true, value_name = "KIND", value_parser = account)]
    pub account: Option<AccountKind>,
    /// Inject the faults of this file into the embedded exchange
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub script: Option<PathBuf>,
    /// Append a log to this file; without it nothing is logged
    #[arg(long, global = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub log_file: Option<PathBuf>,
    /// Log at this level and above.
    #[arg(long, global = true, value_name = "LEVEL")]
    #[arg(help = "Log at this level and above; info by default [env: BITGET_WATCH_LOG_LEVEL]")]
    pub log_level: Option<LogLevel>,
    /// Metrics.
    #[command(flatten)]
    pub metrics: MetricsOptions,
    /// Recordings.
    #[command(flatten)]
    pub recording: RecordingOptions,
}

/// The commands besides the dashboard.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print one complete reading and exit
    Snapshot(SnapshotArgs),
    /// Watch without a terminal: memory and metrics, until a signal
    #[command(after_help = "\
Example: bitget-watch watch --metrics 127.0.0.1:9464
         bitget-watch watch --log-file /var/log/bitget-watch.log")]
    Watch,
    /// Export closed positions, ledger, equity or alerts, from memory and exchange
    History(HistoryArgs),
    /// Look at network, clock, key, account, contract, streams and terminal, and say what to do
    Check(CheckArgs),
    /// Run the embedded exchange alone, for tests of this and of other clients
    Simulate(SimulateArgs),
    /// Try the ways by which alerts reach you
    Alert(AlertArgs),
    /// Make a recording that may be shown in public: other amounts and ids, the same story
    Anonymize(AnonymizeArgs),
    /// Print the completions of a shell
    #[command(after_help = "\
Example: bitget-watch completions bash > ~/.local/share/bash-completion/completions/bitget-watch")]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = "\
Example: bitget-watch man > ~/.local/share/man/man1/bitget-watch.1")]
    Man,
}

/// Arguments of `snapshot`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
#[command(after_help = "\
Example: bitget-watch snapshot --line
         bitget-watch snapshot --json --every 2s --count 10")]
pub struct SnapshotArgs {
    /// Print one JSON document instead of text
    #[arg(long, conflicts_with = "line")]
    pub json: bool,
    /// Print one short line, for a status bar
    #[arg(long)]
    pub line: bool,
    /// Print again at this interval, such as 500ms, 2s or 1m
    #[arg(long, value_name = "DURATION", value_parser = every)]
    pub every: Option<Duration>,
    /// Stop after this many
    #[arg(long, value_name = "N", requires = "every")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// Wait this long for a complete reading
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = timeout)]
    pub timeout: Duration,
}

/// Arguments of `simulate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Example: bitget-watch simulate --plain --seed 7
         bitget-watch simulate --key demo --secret demo --passphrase demo")]
pub struct SimulateArgs {
    /// Listen on this loopback address; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8700")]
    #[arg(value_parser = loopback)]
    pub listen: SocketAddr,
    /// Serve plain HTTP and WebSocket instead of TLS
    #[arg(long)]
    pub plain: bool,
    /// Hold no positions
    #[arg(long)]
    pub flat: bool,
    /// Push prices and books as often as the real exchange: less often than without it
    #[arg(long)]
    pub live_pace: bool,
    /// Expect this invented API key; any is accepted without it. Never a real one
    #[arg(long, requires_all = ["secret", "passphrase"])]
    pub key: Option<SecretString>,
    /// Expect signatures by this invented secret. Never a real one
    #[arg(long, requires_all = ["key", "passphrase"])]
    pub secret: Option<SecretString>,
    /// Expect this invented passphrase. Never a real one
    #[arg(long, requires_all = ["key", "secret"])]
    pub passphrase: Option<SecretString>,
}

/// Reads the command line of the process. Help, the version and usage errors end it, the last with
/// exit code 2.
pub fn parse() -> Cli {
    parse_from(std::env::args_os()).unwrap_or_else(|error| error.exit())
}

/// Reads a command line; the first word is the program's name.
///
/// # Errors
/// Help, the version, or a usage error: `error.exit()` prints it and ends with 0 or 2.
pub fn parse_from<I>(words: I) -> Result<Cli, clap::Error>
where
    I: IntoIterator,
    I::Item: Into<OsString> + Clone,
{
    let cli = Cli::try_parse_from(words)?;
    check(&cli)?;
    Ok(cli)
}

/// Checks the global options against the command, which clap cannot.
fn check(cli: &Cli) -> Result<(), clap::Error> {
    let fail = |kind, text: &str| Err(Cli::command().error(kind, text));
    let (takes_demo, simulates) = match &cli.command {
        None
        | Some(Command::Snapshot(_) | Command::Watch | Command::History(_) | Command::Check(_)) => {
            (true, cli.options.demo)
        }
        Some(Command::Simulate(_)) => (false, true),
        Some(
            Command::Completions { .. } | Command::Man | Command::Alert(_) | Command::Anonymize(_),
        ) => (false, false),
    };
    if cli.options.demo && !takes_demo {
        return fail(
            ErrorKind::ArgumentConflict,
            "--demo is for the dashboard, for snapshot, watch, history and check",
        );
    }
    let options = &cli.options;
    let serves = matches!(cli.command, None | Some(Command::Watch));
    if options.metrics.metrics.is_some() && !serves {
        return fail(ErrorKind::ArgumentConflict, "--metrics is for the dashboard and for watch");
    }
    let takes = Takes {
        record: matches!(cli.command, None | Some(Command::Watch | Command::Snapshot(_))),
        replay: matches!(cli.command, None | Some(Command::Snapshot(_))),
        speed: cli.command.is_none(),
    };
    let other_source =
        options.demo || options.symbol.is_some() || options.metrics.metrics.is_some();
    if let Some(problem) = options.recording.problem(takes, other_source) {
        return fail(ErrorKind::ArgumentConflict, problem);
    }
    if let Some(problem) = options.metrics.problem() {
        return fail(ErrorKind::ValueValidation, &problem);
    }
    for (name, given) in [
        ("--seed", options.seed.is_some()),
        ("--account", options.account.is_some()),
        ("--script", options.script.is_some()),
    ] {
        if given && !simulates {
            let text = format!("{name} needs --demo, or the command simulate");
            return fail(ErrorKind::MissingRequiredArgument, &text);
        }
    }
    Ok(())
}

fn every(text: &str) -> Result<Duration, String> {
    parse_duration(text, MAX_EVERY)
}

/// Reads a loopback address: the embedded exchange is for this machine only.
fn loopback(text: &str) -> Result<SocketAddr, String> {
    text.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback()).ok_or_else(|| {
        "expected a loopback address with a port, such as 127.0.0.1:8700 or [::1]:8700".to_owned()
    })
}

fn account(text: &str) -> Result<AccountKind, String> {
    match text {
        "classic" => Ok(AccountKind::Classic),
        "unified" => Ok(AccountKind::Unified),
        _ => Err("expected classic or unified".to_owned()),
    }
}

/// Writes the completions of a shell.
///
/// # Errors
/// Those of `out`, such as a closed pipe.
pub fn completions(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    // The generator panics when a write fails, and a write to memory does not.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "bitget-watch", &mut text);
    out.write_all(&text)?;
    out.flush()
}

/// Writes the manual page, with all commands in one.
///
/// # Errors
/// Those of `out`, such as a closed pipe.
pub fn man(out: &mut dyn Write) -> io::Result<()> {
    let mut command = Cli::command();
    command.build();
    let page = Man::new(command.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    for sub in command.get_subcommands() {
        man_of_command(sub, &global_ids(&command), out)?;
    }
    for paragraph in LONG_HELP.split("\n\n") {
        if let Some((heading, text)) = paragraph.split_once(":\n") {
            as_written(["SH", &heading.to_uppercase()], text).to_writer(out)?;
        }
    }
    page.render_version_section(out)?;
    out.flush()
}

/// Writes the part of one command; the options in `described` have been described already.
fn man_of_command(
    command: &clap::Command,
    described: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let heading = format!("bitget-watch {}", command.get_name()).to_uppercase();
    let about = command.get_about().map(ToString::to_string);
    Roff::new()
        .control("SH", [heading.as_str()])
        .text([roman(format!("{}.", about.unwrap_or_default()))])
        .to_writer(out)?;
    let mut shown = command.clone();
    for id in described {
        shown = shown.mut_arg(id, |arg| arg.hide(true));
    }
    let part = Man::new(shown);
    let mut sections = Vec::new();
    part.render_synopsis_section(&mut sections)?;
    part.render_options_section(&mut sections)?;
    // Sections of their own in a page of its own; here they belong to the command.
    let sections = String::from_utf8_lossy(&sections).replace(".SH ", ".SS ");
    out.write_all(sections.as_bytes())?;
    if let Some(examples) = command.get_after_help() {
        let examples = examples.to_string().replacen("Example:", "        ", 1);
        as_written(["SS", "EXAMPLE"], &examples).to_writer(out)?;
    }
    Ok(())
}

/// Returns a section whose lines are kept, without the white space that they share.
fn as_written([level, heading]: [&str; 2], text: &str) -> Roff {
    let lines = text.lines();
    let indents = lines.clone().map(|line| line.len() - line.trim_start().len());
    let indent = indents.min().unwrap_or_default();
    let mut section = Roff::new();
    section.control(level, [heading]).control("nf", []);
    for line in lines {
        section.text([roman(line.get(indent..).unwrap_or(line))]);
    }
    section.control("fi", []);
    section
}

/// Returns the names of the options of every command.
fn global_ids(command: &clap::Command) -> Vec<String> {
    command
        .get_arguments()
        .filter(|arg| arg.is_global_set())
        .map(|arg| arg.get_id().to_string())
        .collect()
}

#[cfg(test)]
mod tests;
