//! Webhooks against a server on loopback, and commands.

use std::io;
use std::net::SocketAddr;

use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::alerts::template::{Template, fill};
use crate::alerts::test_message;
use crate::alerts::{CommandWay, Deliver, Message, Webhook, WebhookAddress, WebhookClient};
use crate::config::{Proxies, ProxyUrl, WebhookTemplate};
use crate::report::Source;

/// What a request was like.
#[derive(Debug)]
struct Seen {
    head: String,
    body: String,
}

/// Serves one request on loopback with `answer` and returns what it was like.
async fn serve(listener: TcpListener, answer: &'static str) -> io::Result<Seen> {
    let (mut socket, _) = listener.accept().await?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                socket.write_all(answer.as_bytes()).await?;
                return Ok(Seen { head: head.to_owned(), body: body.to_owned() });
            }
        }
        match socket.read(&mut buffer).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn client() -> WebhookClient {
    client_through(&Proxies::default())
}

fn client_through(proxies: &Proxies) -> WebhookClient {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    WebhookClient::new(tls, proxies).unwrap()
}

fn webhook(at: SocketAddr, path: &str, template: WebhookTemplate) -> Webhook {
    let address = SecretString::from(format!("http://{at}{path}"));
    Webhook::new(client(), WebhookAddress::parse(address).unwrap(), template).unwrap()
}

/// The message of a distance of 9.0909 %.
fn message() -> Message {
    let mut rig = Rig::new(vec![distance()]);
    rig.rows = vec![long()];
    let change = rig.at(dec!(55000)).remove(0);
    let report = rig.report();
    crate::alerts::message::of_change(&change, &report)
}

async fn post(template: WebhookTemplate, path: &str) -> Seen {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let way = webhook(listener.local_addr().unwrap(), path, template);
    let message = message();
    let (seen, said) = tokio::join!(serve(listener, OK), way.deliver(&message));
    assert_eq!(said.unwrap().as_str(), "HTTP 200");
    seen.unwrap()
}

fn header<'a>(seen: &'a Seen, name: &str) -> Option<&'a str> {
    seen.head.lines().find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

const TEXT: &str = "BTCUSDT_UMCBL long: liquidation distance 9.0909 % is below 10 %";

#[tokio::test]
async fn the_body_of_each_template_is_what_its_service_reads() {
    let seen = post(WebhookTemplate::Json, "/hook").await;
    assert!(seen.head.starts_with("POST /hook HTTP/1.1"), "{}", seen.head);
    let json: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(json["schema"], "bitget-watch/alert/1");
    assert_eq!((&json["event"], &json["source"]), (&"raised".into(), &"live".into()));
    assert_eq!(json["text"], TEXT);
    let alert = json["alert"].as_object().unwrap();
    let keys: Vec<&str> = alert.keys().map(String::as_str).collect();
    let expected = [
        "acknowledged",
        "delivery",
        "limit",
        "metric",
        "name",
        "raised_at",
        "severity",
        "since",
        "subject",
        "value",
    ];
    assert_eq!(keys, expected);
    assert_eq!((&alert["value"], &alert["limit"]), (&"9.09090909".into(), &"10".into()));
    assert_eq!(alert["raised_at"], "2026-09-25T17:53:14.987Z");

    let seen = post(WebhookTemplate::Ntfy, "/topic").await;
    assert_eq!(seen.body, TEXT);
    assert_eq!(header(&seen, "title"), Some("bitget-watch: DANGER"));
    assert_eq!(header(&seen, "priority"), Some("4"));
    assert_eq!(header(&seen, "content-type"), Some("text/plain; charset=utf-8"));

    let both = format!("bitget-watch: DANGER: {TEXT}");
    for (template, key) in [(WebhookTemplate::Slack, "text"), (WebhookTemplate::Discord, "content")]
    {
        let seen = post(template, "/services/T0/B0").await;
        let json: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
        assert_eq!(json, serde_json::json!({ key: both }));
        assert_eq!(header(&seen, "content-type"), Some("application/json"));
    }

    let seen = post(WebhookTemplate::Telegram, "/bot1:canary/sendMessage?chat_id=-100%2012").await;
    let json: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(json, serde_json::json!({ "chat_id": "-100 12", "text": both }));
}

#[rstest::rstest]
#[case("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", "HTTP 503", true)]
#[case("HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n", "HTTP 429", true)]
#[case("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n", "HTTP 404", false)]
#[case(
    "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    "HTTP 302: redirects are not followed",
    false
)]
#[case("garbage\r\n\r\n", "the connection broke", true)]
#[tokio::test]
async fn what_is_not_taken_says_why_and_never_where(
    #[case] answer: &'static str,
    #[case] reason: &str,
    #[case] is_temporary: bool,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let way = webhook(listener.local_addr().unwrap(), "/canary", WebhookTemplate::Json);
    let message = message();
    let (_seen, said) = tokio::join!(serve(listener, answer), way.deliver(&message));
    let error = said.unwrap_err();
    assert_eq!((error.reason.as_str(), error.is_temporary), (reason, is_temporary));
    assert!(!format!("{error:?} {way:?}").contains("canary"));
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let way = webhook(listener.local_addr().unwrap(), "/canary", WebhookTemplate::Json);
    drop(listener);
    let error = way.deliver(&message()).await.unwrap_err();
    assert_eq!((error.reason.as_str(), error.is_temporary), ("cannot connect", true));
}

/// Of the address a proxy sees the host and nothing else.
#[tokio::test]
async fn webhooks_go_through_the_proxy_of_the_user() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://user:canary-1@{}", listener.local_addr().unwrap());
    let url = Some(ProxyUrl::parse(&url).unwrap());
    let client = client_through(&Proxies { url, exempt: String::new() });
    let address = SecretString::from("https://hooks.example/canary-2");
    let address = WebhookAddress::parse(address).unwrap();
    let way = Webhook::new(client, address, WebhookTemplate::Json).unwrap();
    let message = message();
    let refuse = "HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n";
    let (seen, said) = tokio::join!(serve(listener, refuse), way.deliver(&message));
    let head = seen.unwrap().head;
    assert!(head.starts_with("CONNECT hooks.example:443 HTTP/1.1"), "{head}");
    assert!(!head.contains("canary-2"), "{head}");
    let error = said.unwrap_err();
    assert_eq!(error.reason.as_str(), "cannot connect");
    assert!(!format!("{error:?} {way:?}").contains("canary"));
}

#[rstest::rstest]
#[case("https://ntfy.sh/topic", Ok(()))]
#[case("http://localhost:8080/", Ok(()))]
#[case("http://[::1]:8080/", Ok(()))]
#[case("http://ntfy.sh/canary", Err("must begin with https://"))]
#[case("http://127.0.0.1.example.org/canary", Err("must begin with https://"))]
#[case("file:///canary", Err("has no host"))]
#[case("canary", Err("is no address"))]
fn an_address_is_encrypted_or_of_this_machine(
    #[case] text: &str,
    #[case] expected: Result<(), &'static str>,
) {
    let parsed = WebhookAddress::parse(SecretString::from(text));
    assert!(!format!("{parsed:?}").contains("ntfy"));
    assert_eq!(parsed.map(drop), expected);
}

#[test]
fn telegram_needs_the_chat() {
    let address = SecretString::from("https://api.telegram.org/bot1:canary/sendMessage");
    let address = WebhookAddress::parse(address).unwrap();
    let error = Webhook::new(client(), address, WebhookTemplate::Telegram).unwrap_err();
    assert_eq!(error, "needs chat_id in its query: ...?chat_id=...");
}

fn shell(script: &str, arguments: &[&str]) -> CommandWay {
    let mut argv: Vec<String> = ["sh", "-c", script, "sh"].map(ToOwned::to_owned).to_vec();
    argv.extend(arguments.iter().map(ToString::to_string));
    CommandWay::new(argv, vec!["HOME".to_owned()])
}

#[tokio::test]
async fn a_command_reads_the_document_and_no_secret_reaches_it() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    // HOME stands for a variable that holds an address.
    let script = r#"{ cat; echo "home=$HOME"; } > "$1""#;
    let way = shell(script, &[out.to_str().unwrap()]);
    let message = message();
    assert_eq!(way.deliver(&message).await.unwrap().as_str(), "exit status 0");
    let text = std::fs::read_to_string(out).unwrap();
    assert_eq!(text, format!("{}\nhome=\n", message.document));
}

#[rstest::rstest]
#[case("exit 3", "exit status 3")]
#[case("kill -9 $$", "killed by a signal")]
#[tokio::test]
async fn a_command_that_fails_says_how(#[case] script: &str, #[case] reason: &str) {
    let error = shell(script, &[]).deliver(&message()).await.unwrap_err();
    assert_eq!((error.reason.as_str(), error.is_temporary), (reason, false));
}

#[tokio::test]
async fn a_command_that_is_not_there_says_so() {
    let way = CommandWay::new(vec!["/nonexistent/program".to_owned()], Vec::new());
    let error = way.deliver(&message()).await.unwrap_err();
    assert_eq!(error.reason.as_str(), "cannot be started: entity not found");
}

/// The pipe that both hold is closed once both are dead.
#[tokio::test]
async fn a_command_that_hangs_is_killed_with_what_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::RWXU).unwrap();
    let way = shell(r#"exec 3> "$1"; sleep 600 & sleep 600"#, &[fifo.to_str().unwrap()]);
    let sending = tokio::spawn(async move {
        let message = test_message(Source::Demo, BEGAN);
        way.deliver(&message).await
    });
    // Opened once the other side has it open.
    let open = || std::fs::File::open(fifo);
    let mut pipe = tokio::task::spawn_blocking(open).await.unwrap().unwrap();
    tokio::time::pause();
    let error = sending.await.unwrap().unwrap_err();
    assert_eq!(error.reason.as_str(), "killed after 10 s");
    let read = move || io::Read::read_to_end(&mut pipe, &mut Vec::new());
    assert_eq!(tokio::task::spawn_blocking(read).await.unwrap().unwrap(), 0);
}

/// What is hidden is in no body and in no header of any service, nor on the input of a command.
#[test]
fn in_privacy_no_template_has_an_amount() {
    let limit = Some(AlertLimit::Below(dec!(-4000)));
    let mut rig = Rig::new(vec![AlertConfig { limit, ..AlertConfig::new(Metric::UnrealizedPnl) }]);
    rig.rows = vec![long()];
    let change = rig.at(dec!(55000)).remove(0);
    let message = crate::alerts::message::of_change(&change, &rig.report());
    let query = [("chat_id".to_owned(), "42".to_owned())];
    let sent = |message: &Message| {
        use WebhookTemplate::{Discord, Json, Ntfy, Slack, Telegram};
        [Json, Ntfy, Slack, Discord, Telegram].map(|name| {
            let template = Template::of(name);
            let headers = template.headers.iter();
            let headers = headers.map(|(_, pattern)| fill(pattern, message, &query));
            headers.chain([template.body(message, &query)]).collect::<Vec<_>>().join("\n")
        })
    };
    for text in sent(&message) {
        assert!(text.contains("-4500") && text.contains("-4000"), "{text}");
    }
    let hidden = message.without_amounts();
    for text in sent(&hidden).into_iter().chain([hidden.document.to_string()]) {
        assert!(!text.contains("4500") && !text.contains("4000"), "{text}");
        assert!(text.contains("unrealized") && text.contains(LONG), "{text}");
    }
}
