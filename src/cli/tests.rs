use super::*;
use rstest::rstest;
use secrecy::ExposeSecret;

/// Reads a command line without the program's name.
fn read(line: &str) -> Result<Cli, clap::Error> {
    parse_from(std::iter::once("bitget-watch").chain(line.split_whitespace()))
}

fn snapshot(line: &str) -> SnapshotArgs {
    match read(line).unwrap().command {
        Some(Command::Snapshot(args)) => args,
        other => panic!("{other:?}"),
    }
}

fn simulate(line: &str) -> SimulateArgs {
    match read(line).unwrap().command {
        Some(Command::Simulate(args)) => args,
        other => panic!("{other:?}"),
    }
}

#[test]
fn definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn no_command_is_the_dashboard() {
    let cli = read("").unwrap();
    assert!(cli.command.is_none());
    assert!(!cli.options.demo);
    assert_eq!((cli.options.symbol, cli.options.config), (None, None));
}

#[test]
fn options_work_before_and_after_the_command() {
    for line in [
        "--demo --seed 7 --account unified --symbol ETHUSDT_UMCBL --config c --log-file l --log-level debug snapshot",
        "snapshot --demo --seed 7 --account unified --symbol ETHUSDT_UMCBL --config c --log-file l --log-level debug",
    ] {
        let options = read(line).unwrap().options;
        assert!(options.demo);
        assert_eq!((options.seed, options.account), (Some(7), Some(AccountKind::Unified)));
        assert_eq!(options.symbol.unwrap().to_string(), "ETHUSDT_UMCBL");
        assert_eq!(options.config, Some(PathBuf::from("c")));
        assert_eq!(options.log_file, Some(PathBuf::from("l")));
        assert_eq!(options.log_level, Some(LogLevel::Debug));
    }
}

#[test]
fn snapshot_has_its_defaults_and_values() {
    assert_eq!(
        snapshot("snapshot"),
        SnapshotArgs {
            json: false,
            line: false,
            every: None,
            count: None,
            timeout: Duration::from_secs(15),
        }
    );
    assert_eq!(
        snapshot("snapshot --json --every 500ms --count 3 --timeout 1m"),
        SnapshotArgs {
            json: true,
            line: false,
            every: Some(Duration::from_millis(500)),
            count: Some(3),
            timeout: Duration::from_secs(60),
        }
    );
    assert!(snapshot("snapshot --line").line);
}

#[test]
fn simulate_has_its_defaults_and_values() {
    let args = simulate("simulate");
    assert_eq!(args.listen, "127.0.0.1:8700".parse().unwrap());
    assert!(!args.plain && !args.flat && args.key.is_none());

    let args = simulate(
        "simulate --listen [::1]:0 --plain --flat --seed 1 --account classic --key k --secret canary --passphrase p",
    );
    assert_eq!(args.listen, "[::1]:0".parse().unwrap());
    assert!(args.plain && args.flat);
    assert_eq!(args.secret.as_ref().unwrap().expose_secret(), "canary");
    assert!(!format!("{args:?}").contains("canary"));
}

#[rstest]
#[case("snapshot --json --line", "cannot be used with")]
#[case("snapshot --count 3", "--every")]
#[case("snapshot --every 3s --count 0", "0 is not in")]
#[case("snapshot --every 3", "\"500ms\", \"2s\", \"1m\"")]
#[case("snapshot --every 0s", "more than 0")]
#[case("snapshot --timeout 61m", "at most 60m")]
#[case("snapshot --timeout 9999h", "more than 0 and at most 60m")]
#[case("--symbol BTC-USDT", "did you mean BTCUSDT_UMCBL?")]
#[case("--symbol btcusdt_umcbl", "did you mean BTCUSDT_UMCBL?")]
#[case("--log-level loud", "possible values")]
#[case("--seed 7", "--seed needs --demo")]
#[case("snapshot --seed 7", "--seed needs --demo")]
#[case("man --seed 7", "--seed needs --demo")]
#[case("--account unified", "--account needs --demo")]
#[case("--metrics 127.0.0.1", "invalid socket address")]
#[case("watch --metrics 0.0.0.0:9464", "add --metrics-allow-remote")]
#[case("--metrics 192.0.2.1:9464", "add --metrics-allow-remote")]
#[case("watch --metrics-allow-remote", "--metrics")]
#[case("snapshot --metrics 127.0.0.1:9464", "--metrics is for the dashboard and for watch")]
#[case("history --from 2026-1-1", "expected a day such as 2026-01-31")]
#[case("history --from 2026-02-30", "expected a day")]
#[case("history --from 2026-01-01T00:00", "expected a day")]
#[case("history --what trades", "possible values")]
#[case("simulate --demo", "--demo is for")]
#[case("man --demo", "--demo is for")]
#[case("simulate --account uta", "expected classic or unified")]
#[case("simulate --account other", "expected classic")]
#[case("--script f.toml", "--script needs --demo, or the command simulate")]
#[case("check --record f", "--record is for the dashboard, for watch and snapshot")]
#[case("watch --replay=f", "--replay is for the dashboard and for snapshot")]
#[case("--replay f --record g", "give one of them")]
#[case("--replay f --demo", "--replay is the source of everything")]
#[case("snapshot --replay f --speed 2", "--speed is for the dashboard")]
#[case("--replay f --speed 0", "expected a number from 0.1 to 1000")]
#[case("--speed 2", "--replay <FILE>")]
#[case("check --min-distance 100", "percentage below 100")]
#[case("check --max-age 0s", "more than 0")]
#[case("check --seed 7", "--seed needs --demo")]
#[case("simulate --listen 0.0.0.0:8700", "loopback address")]
#[case("simulate --listen 127.0.0.1", "loopback address")]
#[case("simulate --key k", "--secret")]
#[case("simulate --secret s --passphrase p", "--key")]
#[case("--api-key k", "unexpected argument")]
#[case("--key k", "unexpected argument")]
#[case("snapshot --passphrase p", "unexpected argument")]
#[case("completions tcsh", "possible values")]
#[case("completions", "<SHELL>")]
fn refuses_with_code_2(#[case] line: &str, #[case] text: &str) {
    let error = read(line).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.use_stderr());
    assert!(error.to_string().contains(text), "{error}");
}

#[rstest]
#[case("-h")]
#[case("--help")]
#[case("snapshot -h")]
#[case("snapshot --help")]
#[case("check -h")]
#[case("check --help")]
#[case("simulate -h")]
#[case("simulate --help")]
#[case("watch --help")]
#[case("history --help")]
#[case("completions --help")]
#[case("man --help")]
fn help_has_an_example(#[case] line: &str) {
    let help = read(line).unwrap_err();
    assert_eq!((help.exit_code(), help.use_stderr()), (0, false));
    let help = help.to_string();
    assert!(help.contains("Example"), "{help}");
    assert!(help.contains("bitget-watch "), "{help}");
}

/// Every `bitget-watch ...` line of an example is a command line that is accepted.
#[rstest]
#[case("-h")]
#[case("snapshot -h")]
#[case("check -h")]
#[case("simulate -h")]
#[case("watch -h")]
#[case("history -h")]
#[case("completions -h")]
#[case("man -h")]
fn examples_work(#[case] line: &str) {
    let help = read(line).unwrap_err().to_string();
    let (_, examples) = help.split_once("Example: ").unwrap();
    for example in examples.lines() {
        let command = example.trim().strip_prefix("bitget-watch").unwrap();
        let command = command.split(" > ").next().unwrap();
        let command = command.split("   ").next().unwrap();
        read(command).unwrap_or_else(|error| panic!("{command}: {error}"));
    }
}

#[test]
fn says_its_version() {
    let version = read("-V").unwrap_err();
    assert_eq!(version.exit_code(), 0);
    assert_eq!(version.to_string(), format!("bitget-watch {}\n", env!("CARGO_PKG_VERSION")));
}

#[rstest]
#[case(Shell::Bash)]
#[case(Shell::Zsh)]
#[case(Shell::Fish)]
fn completions_know_the_commands(#[case] shell: Shell) {
    let mut out = Vec::new();
    completions(shell, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    for word in ["snapshot", "simulate", "passphrase", "symbol"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    assert!(text.contains("script"), "{text}");
}

#[test]
fn the_manual_describes_every_command_and_each_option_once() {
    let mut out = Vec::new();
    man(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    for word in ["SNAPSHOT", "CHECK", "SIMULATE", "COMPLETIONS", "BITGET_SECRET_KEY", "EXIT CODES"]
    {
        assert!(text.contains(word), "{word} in {text}");
    }
    let described = text.matches("such as BTCUSDT_UMCBL").count();
    assert_eq!(described, 1, "{text}");
}

/// A writer whose reader is gone.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_closed_pipe_is_an_error_and_not_a_panic() {
    for result in [completions(Shell::Bash, &mut Closed), man(&mut Closed)] {
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
