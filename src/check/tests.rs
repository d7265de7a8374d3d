//! Every fault of the link and of the exchange that the embedded one has, against what `check` says of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rstest::rstest;
use rust_decimal::Decimal;
use tokio::io::duplex;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;
use crate::config::{ApiChoice, Config};
use crate::domain::AccountKind::{self, Classic, Unified};
use crate::domain::{Clock, KeyRights, ProblemCode, SystemClock, Timestamp};
use crate::exchange::Credentials;
use crate::exchange::rest::RestClient;
use crate::feed::{
    BoxIo, Dial, DialError, HttpClient, NetDialer, Progress, Settings, Target, tls_config,
};
use crate::report::{Context, Limits, Source};
use crate::sim::{
    Direction, Entry, Expected, Fault, On, Reply, Script, SimConfig, SimServer, Stage,
};

const KEY: (&str, &str, &str) = ("key-canary-1234", "secret-canary", "pass-canary");

/// A clock on the paused time of the runtime.
#[derive(Debug)]
struct VirtualClock(Instant, i64);

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_790_337_600_000 + self.1).after(self.0.elapsed())
    }
}

/// Every connection is a pipe into the exchange.
#[derive(Debug)]
struct Pipes(Arc<SimServer>);

impl Dial for Pipes {
    fn dial<'a>(
        &'a self,
        _target: &'a Target,
        _progress: &'a Progress,
    ) -> BoxFuture<'a, Result<BoxIo, DialError>> {
        let (ours, theirs) = duplex(1 << 16);
        self.0.attach(theirs);
        let pipe: BoxIo = Box::new(ours);
        Box::pin(std::future::ready(Ok(pipe)))
    }
}

/// What is looked at.
struct Case {
    kind: AccountKind,
    steps: Vec<Entry>,
    secret: Option<&'static str>,
    clock_ms: i64,
    /// Opens connections in place of the pipes.
    dialer: Option<Arc<dyn Dial>>,
    credentials: bool,
    symbol: &'static str,
    api: ApiChoice,
    around: Surroundings,
}

impl Case {
    fn new(kind: AccountKind) -> Self {
        Self {
            kind,
            steps: Vec::new(),
            secret: Some(KEY.1),
            clock_ms: 0,
            dialer: None,
            credentials: true,
            symbol: "BTCUSDT_UMCBL",
            api: ApiChoice::Auto,
            around: Surroundings::default(),
        }
    }

    async fn run(mut self) -> Vec<Finding> {
        let around = std::mem::take(&mut self.around);
        let evidence = self.evidence().await;
        let found = findings(&evidence, &around);
        let shown = to_text(&found).unwrap() + &to_json(&found, &evidence);
        assert!(!shown.contains("canary"), "{shown}");
        found
    }

    async fn evidence(self) -> Evidence {
        let began = Instant::now();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let expected =
            Expected { key: KEY.0.into(), secret: KEY.1.into(), passphrase: KEY.2.into() };
        let sim = SimConfig {
            seed: 3,
            plain: true,
            account: self.kind,
            script: Some(Script { seed: 3, steps: self.steps }),
            expected: Some(expected),
            ..SimConfig::default()
        };
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock(began, self.clock_ms));
        let sim = SimServer::start(listener, sim, Arc::new(VirtualClock(began, 0))).unwrap();
        let dialer = self.dialer.unwrap_or_else(|| Arc::new(Pipes(Arc::new(sim))));
        let secret = self.secret.unwrap_or_default();
        let credentials = self
            .credentials
            .then(|| Arc::new(Credentials::new(KEY.0.into(), secret.into(), KEY.2.into())));
        let watcher = Arc::new(Watcher::default());
        let rest_origin = Target::parse("http://sim").unwrap();
        let http = HttpClient::new(
            Arc::clone(&dialer),
            rest_origin.clone(),
            (Duration::from_secs(10), Duration::from_secs(8)),
            Arc::clone(&clock),
        );
        let rest = RestClient::new(Arc::new(http), credentials.clone(), false, Arc::clone(&clock))
            .observed_by(Some(watcher.clone()));
        let config = Config::default();
        let context = Context {
            source: Source::Demo,
            focus: self.symbol.parse().unwrap(),
            credentials: credentials.is_some(),
            limits: Limits::new(&config.refresh),
            risk: config.risk,
        };
        let settings = Settings {
            focus: context.focus.clone(),
            api: self.api,
            rest: Arc::new(rest),
            dialer,
            stream_origin: Target::parse("ws://sim:80").unwrap(),
            credentials,
            refresh: config.refresh,
            reconnect: config.reconnect,
            connect_timeout: Duration::from_secs(10),
            seed: 3,
            observer: None,
            ping_every: None,
        };
        let timeout = Duration::from_secs(12);
        let probe = Probe { settings, rest_origin, context, watcher, timeout };
        gather(probe, clock).await
    }
}

/// What is to be said of a fault.
enum Says {
    /// It is borne: nothing is wrong with what is shown.
    Nothing,
    /// This status of this line, with these words in its text and in its remedy.
    Line(Status, &'static str, &'static str, &'static str),
}
use Says::{Line, Nothing};
use Status::{Fail, Warn};

/// Every fault of the link and of the exchange.
fn table() -> Vec<(Entry, Says)> {
    let now = |fault| Entry::now(fault).on(On::All);
    let soon = |fault, on| Entry { at: Duration::from_millis(400), ..Entry::now(fault).on(on) };
    let login = |reply, ms, code| now(Fault::Login { reply, ms, code });
    let ack = |reply, ms, code| now(Fault::Ack { reply, ms, code });
    let stall = |at| now(Fault::Stall { at });
    let status = |status| now(Fault::Status { status, html: true });
    let page = |status, text: &str| now(Fault::Page { status, text: text.to_owned() });
    let black_hole = |direction| now(Fault::BlackHole { direction });
    let slow = "slow";
    vec![
        (now(Fault::Latency { ms: 600, jitter_ms: 100 }), Line(Warn, "rest", slow, "better link")),
        (
            now(Fault::Bandwidth { bytes_per_second: 4_000 }),
            Line(Warn, "rest", slow, "better link"),
        ),
        (now(Fault::Slice { bytes: 1_400 }), Nothing),
        (
            black_hole(Direction::Both),
            Line(Fail, "rest", "did not end within 8 s", "loses packets"),
        ),
        (black_hole(Direction::In), Line(Fail, "rest", "did not end within 8 s", "loses packets")),
        (black_hole(Direction::Out), Line(Fail, "rest", "did not end within 8 s", "loses packets")),
        (soon(Fault::Fin, On::Public), Line(Warn, "ws_public", "after a failure", "firewall")),
        (soon(Fault::Rst, On::Public), Line(Warn, "ws_public", "after a failure", "firewall")),
        (
            soon(Fault::Close { code: 1001 }, On::Private),
            Line(Warn, "ws_private", "closed by the exchange: 1001", "firewall"),
        ),
        (
            Entry::now(Fault::CutAfter { bytes: 3_000 }).on(On::Public),
            Line(Fail, "ws_public", "reset", "firewall"),
        ),
        (now(Fault::Refuse), Line(Fail, "rest", "connection closed", "firewall")),
        (stall(Stage::Accept), Line(Fail, "rest", "did not end within 8 s", "loses packets")),
        (stall(Stage::Upgrade), Line(Fail, "ws_public", "upgrade did not end", "WebSocket")),
        (stall(Stage::Login), Line(Fail, "ws_private", "login was not answered", "silent")),
        (stall(Stage::Subscribe), Line(Fail, "ws_public", "acknowledged", "silent")),
        (stall(Stage::Headers), Line(Fail, "rest", "request did not end", "loses packets")),
        (stall(Stage::Body), Line(Fail, "rest", "response did not end", "loses packets")),
        (now(Fault::CloseIdle { ms: 200 }), Line(Fail, "ws_public", "reset", "firewall")),
        (now(Fault::NoPong), Line(Fail, "ws_public", "a ping was not answered", "silent")),
        (now(Fault::LatePong { ms: 2_000 }), Line(Warn, "ws_private", slow, "better link")),
        (login(Reply::None, 0, 0), Line(Fail, "ws_private", "login was not answered", "silent")),
        (login(Reply::Late, 3_000, 0), Nothing),
        (login(Reply::Twice, 0, 0), Nothing),
        (login(Reply::Error, 0, 30_005), Line(Fail, "key", "30005", "BITGET_")),
        (login(Reply::StringCode, 0, 0), Nothing),
        (login(Reply::NoCode, 0, 0), Nothing),
        (ack(Reply::None, 0, 0), Line(Fail, "channel", "no acknowledgement", "again later")),
        (ack(Reply::Late, 3_000, 0), Nothing),
        (ack(Reply::Twice, 0, 0), Nothing),
        (
            ack(Reply::Error, 0, 30_001),
            Line(Fail, "channel", "refuses the subscription", "by REST"),
        ),
        (ack(Reply::StringCode, 0, 0), Nothing),
        (ack(Reply::NoCode, 0, 0), Nothing),
        (
            now(Fault::RateLimited { status: 429, retry_after: None }),
            Line(Warn, "limits", "refused as too many", "[refresh]"),
        ),
        (
            now(Fault::RateLimited { status: 200, retry_after: Some(30) }),
            Line(Fail, "requests", "too many requests", "other programs"),
        ),
        (status(503), Line(Fail, "rest", "HTTP 503", "status page")),
        (status(403), Line(Fail, "rest", "HTTP 403", "another network")),
        (status(451), Line(Fail, "rest", "HTTP 451", "the key is not at fault")),
        (status(404), Line(Fail, "rest", "HTTP 404", "rest_url")),
        (page(200, "<html>Welcome</html>"), Line(Fail, "rest", "a web page", "sign in")),
        (page(403, "error code: 1020"), Line(Fail, "rest", "error 1020", "another network")),
        (page(511, "<html>Sign in</html>"), Line(Fail, "rest", "wants a sign-in", "sign in")),
        (
            now(Fault::Code { code: "40018".to_owned(), status: 400 }),
            Line(Fail, "key", "address not allowed for the key", "IP whitelist"),
        ),
        (
            now(Fault::Code { code: "45001".to_owned(), status: 200 }),
            Line(Fail, "requests", "45001", "status page"),
        ),
        (now(Fault::NullData), Line(Fail, "requests", "without data", "bug")),
        (now(Fault::EmptyObject), Line(Fail, "requests", "expected", "bug")),
        (now(Fault::EmptyBody), Line(Fail, "rest", "not a response", "something between")),
        (now(Fault::DripBody { ms: 2 }), Line(Fail, "requests", "did not end", "loses packets")),
        (
            now(Fault::HugeBody { bytes: 5 << 20 }),
            Line(Fail, "rest", "not a response", "something between"),
        ),
        (
            now(Fault::Redirect { status: 302, to: "https://portal.example/".to_owned() }),
            Line(Fail, "rest", "redirected", "sign in"),
        ),
        (
            now(Fault::ClockOffset { ms: 90_000 }),
            Line(Warn, "clock", "90.0 s behind", "timedatectl"),
        ),
        (now(Fault::KeyRevoked), Line(Fail, "key", "deleted or expired", "BITGET_API_KEY")),
    ]
}

/// The names of all kinds of fault, in a script: its reader tells them.
fn all_kinds() -> BTreeSet<String> {
    let error = serde_json::from_str::<Fault>(r#"{"fault":"?"}"#).unwrap_err().to_string();
    let expected = error.split_once("expected one of").unwrap().1;
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The name of a kind in a script, from that of its variant.
fn kind_of(fault: &Fault) -> String {
    let shown = format!("{fault:?}");
    let variant: String = shown.chars().take_while(char::is_ascii_alphabetic).collect();
    let mut name = String::new();
    for letter in variant.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// A new fault of the link or of the exchange is not forgotten: it is in the table, or one of these.
#[test]
fn the_table_has_every_fault_of_the_link_and_of_the_exchange() {
    // Faults that one kind of account alone can have: `an_account_that_is_being_moved_is_told`.
    let of_one_kind = ["upgrade", "switching"];
    // What is wrong with data is seen in the data, whoever looks: the dashboard tells it as a problem.
    let of_data = [
        "drop",
        "duplicate",
        "reorder",
        "replay",
        "empty_list",
        "partial",
        "stale_rest",
        "mutate",
        "unknown_variant",
        "extra_fields",
        "control_characters",
        "garbage",
        "flood",
    ];
    // What happens in the world is no fault.
    let of_world = ["price", "movement", "close_position", "contract_status"];
    let mut told: BTreeSet<String> =
        table().iter().map(|(entry, _)| kind_of(&entry.fault)).collect();
    for name in of_one_kind.into_iter().chain(of_data).chain(of_world) {
        assert!(told.insert(name.to_owned()), "{name} is in the table");
    }
    assert_eq!(told, all_kinds());
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn every_fault_is_named_with_its_remedy(#[values(Classic, Unified)] kind: AccountKind) {
    let mut wrong = Vec::new();
    for (entry, says) in table() {
        let shown = format!("{kind} {:?}", entry.fault);
        let found = Case { steps: vec![entry], ..Case::new(kind) }.run().await;
        let found: Vec<_> = found.into_iter().filter(|line| line.name != "terminal").collect();
        assert!(found.iter().all(|line| (line.status == Status::Ok) == line.remedy.is_none()));
        let as_said = match says {
            Nothing => found.iter().all(|line| line.status == Status::Ok),
            Line(status, name, text, remedy) => found.iter().any(|line| {
                let advice = line.remedy.as_deref().unwrap_or_default();
                line.status == status
                    && line.name == name
                    && line.text.contains(text)
                    && advice.contains(remedy)
            }),
        };
        if !as_said {
            wrong.push(format!("{shown}\n{}", to_text(&found).unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What stands in the way is told once, by the link that met it, wherever it is read.
#[rstest]
#[case(Fault::Status { status: 403, html: true })]
#[case(Fault::Status { status: 451, html: false })]
#[case(Fault::Redirect { status: 302, to: "https://portal.example/".to_owned() })]
#[tokio::test(start_paused = true)]
async fn the_line_of_a_link_and_the_problem_name_the_same_remedy(
    #[case] fault: Fault,
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let steps = vec![Entry::now(fault).on(On::All)];
    let evidence = Case { steps, ..Case::new(kind) }.evidence().await;
    let found = findings(&evidence, &Surroundings::default());
    for name in ["rest", "ws_public"] {
        let remedy = line(&found, name).remedy.as_deref().unwrap();
        let problems = &evidence.report().unwrap().problems;
        let told = problems.iter().find(|problem| {
            problem.code == ProblemCode::NetworkBlocked && problem.subject.as_str() == name
        });
        assert!(told.unwrap().text.as_str().ends_with(remedy), "{remedy}: {problems:#?}");
    }
}

/// The requests that a refused key fails are no success.
#[rstest]
#[tokio::test(start_paused = true)]
async fn the_line_of_the_requests_tells_no_success_of_a_refused_key(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let found = Case { secret: Some("wrong-canary"), ..Case::new(kind) }.run().await;
    let text = &line(&found, "requests").text;
    assert!(text.contains("for another reason than the key"), "{text}");
}

fn line<'a>(found: &'a [Finding], name: &str) -> &'a Finding {
    found.iter().find(|line| line.name == name).unwrap()
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_healthy_exchange_is_good_throughout(#[values(Classic, Unified)] kind: AccountKind) {
    let around = Surroundings {
        thresholds: Thresholds {
            max_age: Some(Duration::from_secs(5)),
            min_distance: Some(Decimal::ONE),
        },
        ..Surroundings::default()
    };
    let found = Case { around, ..Case::new(kind) }.run().await;
    let bad: Vec<_> =
        found.iter().filter(|f| f.status != Status::Ok && f.name != "terminal").collect();
    assert!(bad.is_empty(), "{bad:#?}");
    assert_eq!(exit_code(&found), 0);
    assert!(line(&found, "account").text.starts_with(&kind.to_string()));
    assert!(line(&found, "min_distance").text.contains("the nearest is"), "{found:#?}");
}

#[rstest]
#[case(Classic, Fault::Upgrade)]
#[case(Unified, Fault::Switching)]
#[tokio::test(start_paused = true)]
async fn an_account_that_is_being_moved_is_told(#[case] kind: AccountKind, #[case] fault: Fault) {
    let steps = vec![Entry::now(fault).lasting(Duration::from_secs(60))];
    let found = Case { steps, ..Case::new(kind) }.run().await;
    let account = line(&found, "account");
    assert_eq!(account.status, Fail, "{found:#?}");
    assert!(account.text.contains("moving the account"), "{}", account.text);
    assert!(account.remedy.as_deref().unwrap().contains("wait"));
}

#[rstest]
#[case(Classic, "all-position", "Futures Holdings")]
#[case(Classic, "orders-pending", "Futures Orders")]
#[case(Unified, "current-position", "Unified account: Trade")]
#[case(Unified, "account/assets", "Unified account: Management")]
#[tokio::test(start_paused = true)]
async fn a_missing_permission_has_the_name_of_the_menu(
    #[case] kind: AccountKind,
    #[case] path: &str,
    #[case] name: &str,
) {
    let fault = Fault::Code { code: "40014".to_owned(), status: 400 };
    let steps = vec![Entry::now(fault).path(path)];
    let found = Case { steps, ..Case::new(kind) }.run().await;
    let requests = line(&found, "requests");
    assert!(requests.remedy.as_deref().unwrap().contains(name), "{requests:#?}");
    assert_eq!((line(&found, "key").status, exit_code(&found)), (Status::Ok, 3));
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn a_wrong_secret_a_wrong_clock_and_no_key_are_told(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let found = Case { secret: Some("another"), ..Case::new(kind) }.run().await;
    let key = line(&found, "key");
    assert_eq!((key.status, exit_code(&found)), (Fail, 3), "{found:#?}");
    assert!(key.text.contains("wrong signature") && key.text.contains("40009"), "{}", key.text);
    assert!(key.remedy.as_deref().unwrap().contains("BITGET_SECRET_KEY"));
    assert!(!line(&found, "rights").looked_at);

    let found = Case { clock_ms: 90_000, ..Case::new(kind) }.run().await;
    let clock = line(&found, "clock");
    assert_eq!((clock.status, exit_code(&found)), (Warn, 0), "{found:#?}");
    assert!(clock.text.contains("90.0 s ahead of"), "{}", clock.text);

    let found = Case { credentials: false, ..Case::new(kind) }.run().await;
    assert_eq!(exit_code(&found), 0, "market data alone is a way to run it: {found:#?}");
    for name in ["ws_private", "key", "account", "rights"] {
        let line = line(&found, name);
        assert_eq!(line.status, Warn, "{name}");
        assert!(line.remedy.as_deref().unwrap().contains("BITGET_"), "{name}");
    }
    assert_eq!(line(&found, "rest").status, Status::Ok);
}

/// What follows from the name of the contract is told once.
#[rstest]
#[tokio::test(start_paused = true)]
async fn a_contract_that_is_not_listed_is_one_failure(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    let found = Case { symbol: "NOSUCHUSDT_UMCBL", ..Case::new(kind) }.run().await;
    let failed: Vec<_> = found.iter().filter(|line| line.status == Fail).collect();
    assert_eq!((failed.len(), exit_code(&found)), (1, 1), "{failed:#?}");
    assert_eq!(failed[0].name, "symbol");
}

/// Whoever has chosen the wrong generation is told so.
#[rstest]
#[case(Classic, ApiChoice::Unified)]
#[case(Unified, ApiChoice::Classic)]
#[tokio::test(start_paused = true)]
async fn the_wrong_api_is_told(#[case] kind: AccountKind, #[case] api: ApiChoice) {
    let found = Case { api, ..Case::new(kind) }.run().await;
    let account = line(&found, "account");
    assert_eq!((account.status, exit_code(&found)), (Fail, 3), "{found:#?}");
    assert!(account.remedy.as_deref().unwrap().contains("exchange.api"), "{account:#?}");
}

/// No network at all.
#[derive(Debug)]
struct Unplugged;

impl Dial for Unplugged {
    fn dial<'a>(
        &'a self,
        _target: &'a Target,
        _progress: &'a Progress,
    ) -> BoxFuture<'a, Result<BoxIo, DialError>> {
        let error = DialError::new("name lookup", "Temporary failure in name resolution");
        Box::pin(std::future::ready(Err(error)))
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_network_it_ends_at_once_and_says_what_it_has_not_seen() {
    let began = Instant::now();
    let around = Surroundings {
        thresholds: Thresholds {
            max_age: Some(Duration::from_secs(5)),
            min_distance: Some(Decimal::ONE),
        },
        ..Surroundings::default()
    };
    let case = Case { dialer: Some(Arc::new(Unplugged)), around, ..Case::new(Classic) };
    let found = case.run().await;
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!((line(&found, "dns").status, exit_code(&found)), (Fail, 4));
    for name in ["tcp", "tls", "clock", "rest", "ws_public", "key", "account", "symbol", "data"] {
        assert!(!line(&found, name).looked_at, "{name}");
    }
    assert_eq!(line(&found, "max_age").status, Fail, "what is not known does not pass");
    assert_eq!(line(&found, "min_distance").status, Fail);
}

#[rstest]
#[tokio::test(start_paused = true)]
async fn thresholds_that_are_crossed_end_with_5(#[values(Classic, Unified)] kind: AccountKind) {
    let thresholds = Thresholds {
        max_age: Some(Duration::from_millis(1)),
        min_distance: Some(Decimal::from(99)),
    };
    let around = Surroundings { thresholds, ..Surroundings::default() };
    let found = Case { around, ..Case::new(kind) }.run().await;
    assert_eq!(exit_code(&found), 5, "{found:#?}");
    assert!(line(&found, "max_age").text.contains("more than 1 ms"));
    assert!(line(&found, "min_distance").text.contains("less than 99 %"), "{found:#?}");
}

/// Rights are loud, whatever else is good.
#[tokio::test(start_paused = true)]
async fn a_key_that_may_do_more_than_read_is_loud() {
    let mut evidence = Case::new(Classic).evidence().await;
    let rights = KeyRights {
        trade: Some(true),
        transfer: Some(true),
        withdraw: Some(true),
        read_futures: Some(true),
        ip_bound: Some(false),
        user_id: None,
    };
    evidence.run.as_mut().unwrap().report.key_rights = Some(rights);
    let found = findings(&evidence, &Surroundings::default());
    let of = |subject: &str| found.iter().find(|f| f.name == "rights" && f.subject == subject);
    for right in ["withdraw", "transfer", "trade"] {
        let line = of(right).unwrap();
        assert_eq!(line.status, Fail);
        assert!(line.text.contains(&right.to_uppercase()), "{}", line.text);
        assert!(line.remedy.as_deref().unwrap().contains("Read-only"));
    }
    assert_eq!(of("ip").unwrap().status, Warn);
    assert_eq!(exit_code(&found), 1);
}

/// The certificate of the embedded exchange is of the loopback names, and of an authority of its own.
#[rstest]
#[case("127.0.0.1", false, "no known authority", "extra_ca_file")]
#[case("127.0.0.2", true, "of another name than 127.0.0.2", "resolver")]
#[tokio::test]
async fn a_certificate_that_is_refused_is_told_with_its_reason(
    #[case] host: &str,
    #[case] trusted: bool,
    #[case] text: &str,
    #[case] remedy: &str,
) {
    let listener = TcpListener::bind((host, 0)).await.unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let sim = SimServer::start(listener, SimConfig::default(), clock).unwrap();
    let authority = sim.authority_pem().filter(|_| trusted).map(str::as_bytes);
    let dialer = NetDialer::new(tls_config(authority).unwrap());
    let target = Target::parse(&sim.rest_origin()).unwrap();
    let progress = Progress::default();
    let result = dialer.dial(&target, &progress).await.map(drop);
    let evidence = Evidence {
        source: Source::Live,
        focus: Config::default().symbol,
        api: ApiChoice::Auto,
        has_credentials: false,
        dialed: vec![Dialed { target, facts: progress.facts(), result }],
        run: None,
    };
    let found = findings(&evidence, &Surroundings::default());
    let tls = line(&found, "tls");
    assert_eq!((tls.status, exit_code(&found)), (Fail, 4));
    assert!(tls.text.contains(text), "{}", tls.text);
    assert!(tls.remedy.as_deref().unwrap().contains(remedy), "{tls:#?}");
    assert_eq!(line(&found, "tcp").status, Status::Ok);
}
