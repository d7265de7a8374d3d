//! What a configuration that is wrong says: every problem, with its line, and no secret.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bitget_watch::config::{ColorChoice, Config, ConfigErrors, Inputs, UiConfig, resolve};
use bitget_watch::domain::Symbol;
use rstest::rstest;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file that its owner alone may write, whatever the umask is.
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        set_mode(&path, 0o644);
        path
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

fn read_file(path: &Path) -> Result<Config, ConfigErrors> {
    resolve(&Inputs { config: Some(path), symbol: None, env: &|_| None, user_dir: None })
}

fn read(text: &str) -> Result<Config, ConfigErrors> {
    read_file(&Folder::new().write("config.toml", text))
}

/// Returns the problems of a text as `line: text`.
fn problems(text: &str) -> Vec<String> {
    let errors = read(text).unwrap_err();
    let line = |error: &bitget_watch::config::ConfigError| error.line().unwrap();
    errors.iter().map(|error| format!("{}: {}", line(error), error.text())).collect()
}

#[rstest]
#[case("symbl = 1", "1: unknown key symbl; did you mean symbol?")]
#[case(
    "\n[refresh]\n\nprices = \"1s\"",
    "4: unknown key prices in [refresh]; did you mean refresh.price?"
)]
#[case("[ui]\r\n\r\nmaxfps = 3", "3: unknown key maxfps in [ui]; did you mean ui.max_fps?")]
#[case("ui.maxfps = 3", "1: unknown key maxfps in [ui]; did you mean ui.max_fps?")]
#[case("[refresh]\nmax_fps = 3", "2: unknown key max_fps in [refresh]; did you mean ui.max_fps?")]
#[case("rest_ulr = 3", "1: unknown key rest_ulr; did you mean exchange.rest_url?")]
#[case(
    "[reconnect]\nzzz = 3",
    "2: unknown key zzz in [reconnect]; the keys here are first_delay, max_attempts, cool_down"
)]
#[case("[refesh]", "1: unknown table refesh; did you mean [refresh]?")]
#[case("[[uii]]", "1: unknown table uii; did you mean [ui]?")]
#[case(
    "[wires]",
    "1: unknown table wires; the tables are exchange, refresh, reconnect, ui, risk, network, memory, \
     alert, way"
)]
#[case(
    "[ui]\n\"\" = 1",
    "2: unknown key in [ui]; the keys here are max_fps, color, palette, timezone, bell, theme, \
     max_bytes_per_second"
)]
#[case(
    "\n[[alert]]\nmetrc = \"price\"\nmetric = \"link_down\"",
    "3: unknown key metrc in [alert]; did you mean alert.metric?"
)]
#[case("[[alrt]]", "1: unknown table alrt; did you mean [[alert]]?")]
#[case("[alert]\nmetric = \"link_down\"", "1: alert: expected tables, each under [[alert]]")]
#[case("way = 3", "1: way: expected tables, each under [[way]]")]
#[case("ui = 3", "1: ui: expected a table, found an integer")]
#[case(
    "[memory]\naccount_label = \"a b\"",
    "2: memory.account_label: expected 1 to 40 letters, digits, dots, dashes or underscores"
)]
#[case("[memory]\nkeep_days = 0", "2: memory.keep_days: expected a whole number from 1 to 36500")]
#[case(
    "[memory]\nkeepdays = 3",
    "2: unknown key keepdays in [memory]; did you mean memory.keep_days?"
)]
#[case("[[ui]]\nbell = true", "1: ui: expected a table, found an array")]
fn unknown_names(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(problems(text), [expected]);
}

#[rstest]
#[case("", "1: alert.metric: is missing: one of price, mark_price")]
#[case(
    "metric = \"liquidation_distance\"",
    "2: alert.metric: unknown metric; did you mean \"liquidation_distance_pct\"?"
)]
#[case("metric = \"x\"", "2: alert.metric: unknown metric; the metrics are price, mark_price")]
#[case("metric = \"price\"", "2: alert.metric: price needs above or below")]
#[case("metric = \"price\"\nabove = 3", "3: alert.above: expected a number in quotes such as")]
#[case(
    "metric = \"price\"\nabove = \"1\"\nbelow = \"2\"",
    "4: alert.below: give either above or below; write two rules for both"
)]
#[case(
    "metric = \"link_down\"\nabove = \"1\"",
    "3: alert.above: link_down has no value to compare"
)]
#[case(
    "metric = \"position_closed\"\nfor = \"5s\"",
    "3: alert.for: position_closed happens at once"
)]
#[case(
    "metric = \"net_today\"\nbelow = \"1\"\nsymbol = \"BTCUSDT_UMCBL\"",
    "4: alert.symbol: net_today is not of a contract"
)]
#[case(
    "metric = \"price\"\nbelow = \"1\"\nside = \"long\"",
    "4: alert.side: price is not of a position"
)]
#[case(
    "metric = \"price\"\nbelow = \"1\"\nsymbol = \"BTCUSDT\"",
    "4: alert.symbol: symbol \"BTCUSDT\" is not in the form"
)]
#[case(
    "metric = \"price\"\nbelow = \"1\"\nhysteresis = \"-1\"",
    "4: alert.hysteresis: must not be negative"
)]
#[case(
    "metric = \"price\"\nbelow = \"1\"\ncooldown = \"25h\"",
    "4: alert.cooldown: must be more than 0 and at most 1440m"
)]
#[case(
    "metric = \"link_down\"\nseverity = \"bad\"",
    "3: alert.severity: expected \"watch\" or \"danger\" or \"critical\""
)]
#[case(
    "metric = \"link_down\"\nsend = [\"phone\"]",
    "3: alert.send: unknown way; the ways are bell, terminal"
)]
#[case("metric = \"link_down\"\nsend = \"bell\"", "3: alert.send: expected a list of names")]
#[case("metric = \"link_down\"\nname = \"\"", "3: alert.name: must not be empty")]
fn wrong_rules(#[case] text: &str, #[case] expected: &str) {
    let found = problems(&format!("[[alert]]\n{text}"));
    assert!(found.len() == 1 && found[0].starts_with(expected), "{found:#?}");
}

#[rstest]
#[case("kind = \"command\"\nargv = [\"a\"]", "1: way.name: is missing")]
#[case("name = \"a\"", "1: way.kind: is missing: \"webhook\", \"command\" or \"heartbeat\"")]
#[case(
    "name = \"bell\"\nkind = \"command\"\nargv = [\"a\"]",
    "2: way.name: is taken by another way"
)]
#[case("name = \"a\"\nkind = \"webhook\"", "3: way.url_env: is missing")]
#[case(
    "name = \"a\"\nkind = \"webhook\"\nurl_env = \"https://canary\"",
    "4: way.url_env: expected the name of an environment variable"
)]
#[case(
    "name = \"a\"\nkind = \"command\"\nargv = []",
    "4: way.argv: expected a program and its arguments"
)]
#[case(
    "name = \"a\"\nkind = \"command\"\nargv = [\"a\"]\nevery = \"5m\"",
    "5: way.every: a command has none; its keys are argv, send_cleared"
)]
#[case(
    "name = \"a\"\nkind = \"heartbeat\"\nurl_env = \"A\"\nevery = \"5s\"",
    "5: way.every: must be at least 30s"
)]
#[case(
    "name = \"a\"\nkind = \"webhook\"\nurl_env = \"A\"\ntemplate = \"teams\"",
    "5: way.template: expected \"json\" or \"ntfy\""
)]
fn wrong_ways(#[case] text: &str, #[case] expected: &str) {
    let found = problems(&format!("[[way]]\n{text}"));
    assert!(found.len() == 1 && found[0].starts_with(expected), "{found:#?}");
    assert!(!found[0].contains("canary"));
}

#[test]
fn every_rule_and_way_has_its_own_line() {
    let text = "[[alert]]\nmetric = \"link_down\"\nsend = [\"alive\"]\n[[alert]]\nmetrik = 1\n\
        [[way]]\nname = \"alive\"\nkind = \"heartbeat\"\nurl_env = \"A\"\n[[way]]\nname = \"alive\"\n\
        kind = \"command\"\nargv = [\"a\"]";
    let expected = [
        "3: alert.send: a heartbeat sends no alerts",
        "4: alert.metric: is missing: one of",
        "5: unknown key metrik in [alert]; did you mean alert.metric?",
        "11: way.name: is taken by another way",
    ];
    let found = problems(text);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}");
    }
}

#[rstest]
#[case("symbol = \"BTC-USDT\"", "did you mean BTCUSDT_UMCBL?")]
#[case("symbol = 3", "symbol: expected a symbol such as \"BTCUSDT_UMCBL\", found an integer")]
#[case("title = \"a\\u001b[2J\"", "title: expected at most 80 characters")]
#[case("title = 3", "title: expected a string, found an integer")]
#[case("exchange.api = \"v2\"", "exchange.api: expected \"auto\" or \"classic\" or \"unified\"")]
#[case("exchange.demo_trading = \"yes\"", "expected true or false, found a string")]
#[case("exchange.extra_ca_file = true", "expected a path, or \"\" for none, found a boolean")]
#[case("exchange.connect_timeout = \"0s\"", "must be more than 0 and at most 5m")]
#[case("exchange.request_timeout = \"6m\"", "must be more than 0 and at most 5m")]
#[case(
    "refresh.price = 500",
    "refresh.price: expected a duration such as \"500ms\", \"2s\", \"1m\", found an integer"
)]
#[case(
    "refresh.price = \"1 second\"",
    "refresh.price: expected a duration such as \"500ms\", \"2s\", \"1m\""
)]
#[case("refresh.ttl = \"11m\"", "refresh.ttl: must be more than 0 and at most 10m")]
#[case("reconnect.cool_down = \"11m\"", "must be more than 0 and at most 10m")]
#[case("reconnect.max_attempts = 0", "expected a whole number from 1 to 100")]
#[case("reconnect.max_attempts = 101", "expected a whole number from 1 to 100")]
#[case("ui.max_fps = 0", "expected a whole number from 1 to 30")]
#[case("ui.max_fps = 31", "expected a whole number from 1 to 30")]
#[case("ui.max_bytes_per_second = 100", "expected a whole number from 200 to 1000000")]
#[case("ui.max_fps = -4", "expected a whole number from 1 to 30")]
#[case("ui.max_fps = 4.0", "expected a whole number from 1 to 30, found a float")]
#[case("ui.max_fps = 99999999999999999999999", "ui.max_fps: expected a whole number")]
#[case("ui.color = \"on\"", "ui.color: expected \"auto\" or \"always\" or \"never\"")]
#[case("ui.theme = \"monochrome\"", "\"default\" or \"high-contrast\" or \"mono\"")]
#[case("ui.theme = \"high_contrst\"", "did you mean \"high-contrast\"?")]
#[case("ui.theme = 1", "the name of a theme such as \"default\", found an integer")]
#[case("ui.palette = \"red\"", "\"green_red\" or \"red_green\" or \"blue_orange\"")]
#[case("ui.timezone = \"Mars/Base\"", "of this system has no \"Mars/Base\"")]
#[case("ui.timezone = \"\"", "ui.timezone: expected the name of a time zone")]
#[case("ui.bell = 1", "ui.bell: expected true or false, found an integer")]
#[case("exchange.rest_url = \"http://api.bitget.com\"", "http is for loopback addresses only")]
#[case("exchange.ws_url = \"ws://10.1.2.3\"", "ws is for loopback addresses only")]
#[case("exchange.rest_url = \"https://api.bitget.com/api/v2\"", "no path")]
#[case("exchange.ws_url = \"https://ws.bitget.com\"", "exchange.ws_url: expected the scheme wss")]
#[case(
    "exchange.rest_url = \"https://example.org\"",
    "exchange.rest_url: example.org is not a host of the exchange"
)]
#[case("exchange.ws_url = \"wss://example.org\"", "to use it, set allow_other_hosts = true")]
#[case("exchange.ws_url = \"wss://wspap.bitget.com\"", "it needs demo_trading = true")]
#[case("network.proxy = 3128", "network.proxy: expected the address of a proxy, found an integer")]
#[case("network.proxy = \"https://host\"", "socks5h://host:1080\", or \"system\", or \"none\"")]
#[case("network.proxy = \"http://a:b@host:1\"", "a name or password of a proxy is not read")]
#[case(
    "risk.target_distance = 20",
    "risk.target_distance: expected a number in quotes such as \"20\" or \"0.5\", found an integer"
)]
#[case("risk.target_distance = \"91\"", "must be more than 0 and at most 90")]
#[case("risk.margin_ratio_watch = \"0\"", "must be more than 0 and at most 100")]
#[case("risk.margin_ratio_watch = \"-1\"", "risk.margin_ratio_watch: expected a number in quotes")]
#[case("risk.leverage_danger = \"1e3\"", "risk.leverage_danger: expected a number in quotes")]
#[case("risk.leverage_danger = \"1,5\"", "risk.leverage_danger: expected a number in quotes")]
#[case(
    "risk.leverage_danger = \"99999999999999999999999999999999\"",
    "expected a number in quotes"
)]
#[case("risk.leverage_danger = \"5\"", "risk.leverage_danger: must be above leverage_watch")]
#[case("risk.touch_24h_watch = \"15\"", "risk.touch_24h_danger: must be above touch_24h_watch")]
#[case(
    "risk.distance_sigmas_critical = \"2.5\"",
    "risk.distance_sigmas_critical: must be below distance_sigmas_danger"
)]
#[case(
    "risk.distance_pct_danger = \"10\"",
    "risk.distance_pct_danger: must be below distance_pct_watch"
)]
#[case("risk.distance_pct_watch = \"101\"", "must be more than 0 and at most 100")]
#[case("risk.distance_pct_critical = 2", "expected a number in quotes")]
#[case("risk.material_share = \"0\"", "risk.material_share: must be more than 0 and at most 100")]
fn wrong_values(#[case] text: &str, #[case] expected: &str) {
    let found = problems(&format!("\n\n{text}\n"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("3: ") && found[0].contains(expected), "{found:?}");
}

#[test]
fn all_problems_are_in_one_message() {
    let folder = Folder::new();
    let path = folder.write(
        "config.toml",
        "symbol = \"BTCUSDT\"\ntitel = \"x\"\n\n[refresh]\nprice = 1\nfoo = 2\n\n[ui]\nmax_fps = 99\n[exchnge]\n",
    );
    let message = read_file(&path).unwrap_err().to_string();
    let lines: Vec<&str> = message.lines().collect();
    let starts = [1, 2, 5, 6, 9, 10];
    assert_eq!(lines.len(), starts.len(), "{message}");
    for (line, number) in lines.iter().zip(starts) {
        let start = format!("{}:{number}: ", path.display());
        assert!(line.starts_with(&start), "{line}");
    }
}

#[test]
fn syntax_errors_come_with_the_other_problems() {
    let found = problems("title = abc\nfoo = 1\nfoo = 2\n[ui]\nmax_fps =\nbell = 3\n");
    let lines: Vec<_> = found.iter().map(|text| text.split(':').next().unwrap()).collect();
    assert_eq!(lines, ["1", "2", "3", "5", "6"], "{found:#?}");
    assert!(found[0].contains("must be quoted"), "{found:?}");
    assert!(found[2].contains("duplicate key"), "{found:?}");
}

#[test]
fn a_broken_header_does_not_blame_the_keys_below_it() {
    let found = problems("foo = 1\n[refresh\nprice = \"1s\"\nttl = \"3s\"\n");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("1: unknown key foo"), "{found:?}");
    assert!(found[1].starts_with("2: unclosed table"), "{found:?}");
}

#[rstest]
#[case("api_key = \"canary\"", 1)]
#[case("api_key = 7777777", 1)]
#[case("[secret]\ncanary = \"canary\"", 1)]
#[case("api_key = { canary = \"canary\" }", 1)]
#[case("api_key = [\"canary\", 7777777]", 1)]
#[case("BITGET_API_KEY = \"canary\"", 1)]
#[case("APIKey = \"canary\"", 1)]
#[case("\napi-key = \"canary\"", 2)]
#[case("[exchange]\nsecret_key = \"canary\"", 2)]
#[case("[exchange]\npassphrase = \"canary\"", 2)]
#[case("[exchange]\nkey = \"canary\"", 2)]
#[case("exchange.password = 'canary'", 1)]
#[case("[accounts.main]\n\nsecretKey = \"canary\"", 3)]
#[case("[[account]]\naccess_token = \"canary\"", 2)]
#[case("ui = { secret = \"canary\" }", 1)]
#[case("title = { secret = \"canary\" }", 1)]
// With broken syntax, of which the parser's own message would show the line.
#[case("secret_key = canary", 1)]
#[case("secret_key = 'canary", 1)]
#[case("secret_key: canary", 1)]
#[case("secret_key = \"\"\"canary", 1)]
#[case("secret_key = 7777777canary", 1)]
#[case("[refresh\nsecret_key = \"canary\"", 2)]
fn credentials_are_refused_and_never_shown(#[case] text: &str, #[case] line: usize) {
    let errors = read(text).unwrap_err();
    let refused = errors
        .iter()
        .find(|error| error.text().contains("is refused"))
        .unwrap_or_else(|| panic!("{errors}"));
    assert_eq!(refused.line(), Some(line), "{errors}");
    assert!(refused.text().contains("environment variables BITGET_API_KEY"));
    for shown in [errors.to_string(), format!("{errors:?}")] {
        assert!(!shown.contains("canary"), "{shown}");
        assert!(!shown.contains("7777777"), "{shown}");
    }
}

#[rstest]
#[case("bg_0123456789abcdef0123456789abcdef = 1")]
#[case("bg_0123456789abcdef0123456789abcdef")]
#[case("exchange.rest_url = \"https://bg_0123456789abcdef:x@api.bitget.com\"")]
#[case("exchange.rest_url = \"https://api.bitget.com/?sign=bg_0123456789abcdef\"")]
#[case("exchange.api = \"bg_0123456789abcdef\"")]
#[case("ui.max_fps = \"bg_0123456789abcdef\"")]
#[case("refresh.ttl = \"bg_0123456789abcdef\"")]
fn a_secret_in_a_wrong_place_is_not_shown(#[case] text: &str) {
    let errors = read(text).unwrap_err();
    assert!(!errors.to_string().contains("0123456789abcdef"), "{errors}");
}

#[test]
fn paper_trading_takes_its_own_stream_host() {
    let paper = read("exchange.demo_trading = true").unwrap().exchange;
    assert_eq!(paper.ws_url, "wss://wspap.bitget.com");
    assert_eq!(paper.rest_url, "https://api.bitget.com");

    let text = "[exchange]\ndemo_trading = true\nws_url = \"wss://ws.bitget.com/\"";
    assert_eq!(read(text).unwrap().exchange.ws_url, "wss://wspap.bitget.com");

    let text = "[exchange]\ndemo_trading = true\nws_url = \"ws://127.0.0.1:9/\"";
    assert_eq!(read(text).unwrap().exchange.ws_url, "ws://127.0.0.1:9");

    let found = problems("[exchange]\ndemo_trading = true\nws_url = \"wss://vip-ws.bitget.com\"");
    assert!(found[0].starts_with("3: exchange.ws_url: this is a host of live trading"));
}

#[test]
fn other_hosts_are_named_only_when_they_are_in_use() {
    let text = "[exchange]\nallow_other_hosts = true\n";
    assert_eq!(read(text).unwrap().exchange.other_host, None);
    let text = format!("{text}rest_url = \"https://Example.org/\"\nws_url = \"wss://example.org\"");
    let exchange = read(&text).unwrap().exchange;
    assert_eq!(exchange.other_host.as_deref(), Some("example.org"));
    assert_eq!(exchange.rest_url, "https://example.org");
    let text = "exchange.rest_url = \"http://localhost:8700\"";
    assert_eq!(read(text).unwrap().exchange.other_host, None);
}

#[test]
fn a_relative_certificate_lies_beside_the_file() {
    let folder = Folder::new();
    let path = folder.write("config.toml", "exchange.extra_ca_file = \"ca.pem\"");
    let config = read_file(&path).unwrap();
    assert_eq!(config.exchange.extra_ca_file, Some(folder.path().join("ca.pem")));
}

#[test]
fn flags_win_over_the_file_and_flags_over_the_environment() {
    let folder = Folder::new();
    let flag = folder.write("flag.toml", "title = \"flag\"\nsymbol = \"ETHUSDT_UMCBL\"");
    let variable = folder.write("variable.toml", "title = \"variable\"");
    folder.write("bitget-watch/config.toml", "title = \"user\"");
    let symbol: Symbol = "XRPUSDT_UMCBL".parse().unwrap();
    let env =
        |name: &str| (name == "BITGET_WATCH_CONFIG").then(|| OsString::from(variable.as_os_str()));
    let mut inputs = Inputs {
        config: Some(&flag),
        symbol: Some(&symbol),
        env: &env,
        user_dir: Some(folder.path()),
    };
    let config = resolve(&inputs).unwrap();
    assert_eq!((config.title.as_str(), &config.symbol), ("flag", &symbol));

    inputs.symbol = None;
    assert_eq!(resolve(&inputs).unwrap().symbol.to_string(), "ETHUSDT_UMCBL");

    inputs.config = None;
    let config = resolve(&inputs).unwrap();
    assert_eq!(config.title, "variable");
    assert_eq!(config.symbol, Symbol::default());

    let unset = |_: &str| None;
    inputs.env = &unset;
    assert_eq!(resolve(&inputs).unwrap().title, "user");
    let empty = |_: &str| Some(OsString::new());
    inputs.env = &empty;
    assert_eq!(resolve(&inputs).unwrap().title, "user");
}

#[test]
fn only_a_file_that_nobody_named_may_be_absent() {
    let folder = Folder::new();
    let absent = folder.path().join("absent.toml");
    let unset = |_: &str| None;
    let mut inputs =
        Inputs { config: None, symbol: None, env: &unset, user_dir: Some(folder.path()) };
    assert_eq!(resolve(&inputs).unwrap(), Config::default());
    inputs.user_dir = None;
    assert_eq!(resolve(&inputs).unwrap(), Config::default());

    let expected = format!("{}: no such file", absent.display());
    inputs.config = Some(&absent);
    assert_eq!(resolve(&inputs).unwrap_err().to_string(), expected);
    inputs.config = None;
    let named = |_: &str| Some(OsString::from(absent.as_os_str()));
    inputs.env = &named;
    assert_eq!(resolve(&inputs).unwrap_err().to_string(), expected);
}

#[cfg(unix)]
#[rstest]
#[case(0o600, true)]
#[case(0o644, true)]
#[case(0o664, false)]
#[case(0o646, false)]
#[case(0o666, false)]
fn others_must_not_be_able_to_write_the_file(#[case] mode: u32, #[case] accepted: bool) {
    let folder = Folder::new();
    let path = folder.write("bitget-watch/config.toml", "title = \"x\"");
    set_mode(&path, mode);
    // The default place is held to the same rule as a named file.
    let unnamed =
        Inputs { config: None, symbol: None, env: &|_| None, user_dir: Some(folder.path()) };
    for result in [read_file(&path), resolve(&unnamed)] {
        match result {
            Ok(config) => assert!(accepted && config.title == "x"),
            Err(errors) => {
                assert!(!accepted, "{errors}");
                let text = errors.to_string();
                assert!(text.starts_with(&format!("{}: others may write it", path.display())));
            }
        }
    }
}

#[rstest]
#[case(ColorChoice::Auto, false, true)]
#[case(ColorChoice::Auto, true, false)]
#[case(ColorChoice::Always, true, true)]
#[case(ColorChoice::Never, false, false)]
fn the_file_decides_before_no_color(
    #[case] color: ColorChoice,
    #[case] no_color: bool,
    #[case] expected: bool,
) {
    let ui = UiConfig { color, ..UiConfig::default() };
    assert_eq!(ui.colors(no_color), expected);
}
