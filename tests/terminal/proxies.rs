//! The program behind every kind of proxy: one reading, the check, the dashboard, a cut and the recovery.

use std::fs;
use std::process::{Command, Output};
use std::sync::Arc;

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::domain::SystemClock;
use bitget_watch::sim::{Expected, ProxyFault, SimConfig, SimProxy, SimServer};
use rstest::rstest;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use super::program::{KEY, Program};

/// An exchange with TLS that can be reached through a proxy alone, which wants a login.
struct Behind {
    proxy: SimProxy,
    scheme: &'static str,
    folder: TempDir,
    _runtime: Runtime,
}

impl Behind {
    fn start(scheme: &'static str, account: AccountKind) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let expected =
            Expected { key: KEY.0.into(), secret: KEY.1.into(), passphrase: KEY.2.into() };
        let config =
            SimConfig { seed: 7, account, expected: Some(expected), ..SimConfig::default() };
        let (sim, proxy) = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let clock = Arc::new(SystemClock::start());
            let sim = Arc::new(SimServer::start(listener, config, clock).unwrap());
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let login = Some(("user-canary", "word-canary"));
            (Arc::clone(&sim), SimProxy::start(listener, sim, login).unwrap())
        });
        let folder = TempDir::new().unwrap();
        let authority = folder.path().join("authority.pem");
        fs::write(&authority, sim.authority_pem().unwrap()).unwrap();
        let host = host_for(scheme);
        let text = format!(
            "[exchange]\nrest_url = \"https://{host}\"\nws_url = \"wss://{host}\"\n\
             allow_other_hosts = true\nextra_ca_file = \"{}\"\n[memory]\nenabled = false\n",
            authority.display()
        );
        fs::write(folder.path().join("config.toml"), text).unwrap();
        Self { proxy, scheme, folder, _runtime: runtime }
    }

    fn address(&self) -> String {
        self.proxy.address().unwrap().to_string()
    }

    fn config(&self) -> String {
        self.folder.path().join("config.toml").to_str().unwrap().to_owned()
    }

    fn url(&self) -> String {
        format!("{}://user-canary:word-canary@{}", self.scheme, self.address())
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = Command::new(env!("CARGO_BIN_EXE_bitget-watch"))
            .env_clear()
            .env("ALL_PROXY", self.url())
            .env("BITGET_API_KEY", KEY.0)
            .env("BITGET_SECRET_KEY", KEY.1)
            .env("BITGET_PASSPHRASE", KEY.2)
            .args(arguments)
            .args(["--config", &self.config()])
            .output()
            .unwrap();
        let all = [&output.stdout[..], &output.stderr[..]].concat();
        assert!(!String::from_utf8_lossy(&all).contains("canary"), "{output:?}");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        output
    }

    fn dashboard(&self) -> Program {
        let (url, config) = (self.url(), self.config());
        let env = [
            ("ALL_PROXY", url.as_str()),
            ("BITGET_API_KEY", KEY.0),
            ("BITGET_SECRET_KEY", KEY.1),
            ("BITGET_PASSPHRASE", KEY.2),
        ];
        Program::start(200, 60, &["--config", &config], &env)
    }
}

/// A proxy that takes addresses is given one, as no name server here knows the name.
fn host_for(scheme: &str) -> &'static str {
    if scheme == "socks5" { "192.0.2.1" } else { "exchange.test" }
}

#[rstest]
fn one_reading_and_the_check_go_through_a_proxy_and_say_so(
    #[values("http", "socks5", "socks5h")] scheme: &'static str,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let behind = Behind::start(scheme, kind);
    let via = format!("via proxy {}", behind.address());
    let text = |output: Output| String::from_utf8(output.stdout).unwrap();

    let document = text(behind.run(&["snapshot", "--json"]));
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["complete"], true, "{document}");
    assert_eq!(document["account_kind"], kind.to_string());

    let words = text(behind.run(&["snapshot"]));
    assert!(words.lines().next().unwrap().ends_with(&via), "{words}");

    // The key's rights may be asked for once a second, which the readings before have done: it waits for that.
    let check = text(behind.run(&["check", "--timeout", "20s"]));
    assert!(check.contains(&via), "{check}");

    let host = format!("{}:443", host_for(scheme));
    let tunnels = behind.proxy.tunnels();
    assert!(tunnels.len() >= 9 && tunnels.iter().all(|asked| *asked == host), "{tunnels:?}");
}

#[rstest]
fn the_dashboard_outlives_a_proxy_that_cuts_in_the_middle(
    #[values("http", "socks5", "socks5h")] scheme: &'static str,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let behind = Behind::start(scheme, kind);
    let mut program = behind.dashboard();
    let via = format!("via proxy {}", behind.address());
    let is_live = |text: &str| text.contains("LONG") && text.matches('●').count() >= 3;
    program.until("live figures through the proxy", |text| is_live(text) && text.contains(&via));

    behind.proxy.set_fault(Some(ProxyFault::Forbid));
    behind.proxy.cut();
    program.until("the proxy's fault", |text| text.contains("it does not allow the exchange"));

    behind.proxy.set_fault(None);
    program.press("r");
    program.until("recovery", |text| is_live(text) && !text.contains("it does not allow"));
    program.press("q");
    assert_eq!(program.end(), 0);
    program.assert_given_back();
    assert!(!String::from_utf8_lossy(&program.raw).contains("canary"), "the login is never shown");
}

/// Without a proxy nothing says that there is one.
#[test]
fn without_a_proxy_none_is_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_bitget-watch"))
        .env_clear()
        .args(["snapshot", "--demo", "--seed", "7", "--config", "/nonexistent"])
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!words.contains("proxy"), "{words}");
}
