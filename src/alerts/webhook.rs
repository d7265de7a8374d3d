//! Webhooks: the one place of the program that says POST, and never to the exchange.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, NoProxy, Proxy, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::delivery::{Deliver, DeliveryError, Message};
use super::template::{Template, fill};
use crate::config::{Proxies, ProxyUrl, WebhookTemplate};
use crate::domain::Text;

/// One attempt, from the name to the status of the answer.
const ATTEMPT: Duration = Duration::from_secs(10);
const PROXY: &str = "webhooks cannot use the proxy";
const AGENT: &str = concat!("bitget-watch/", env!("CARGO_PKG_VERSION"));

/// The client of all webhooks.
#[derive(Debug, Clone)]
pub struct WebhookClient(Client);

impl WebhookClient {
    /// Returns a client that trusts what `tls` trusts and goes through the proxy of the user.
    ///
    /// # Errors
    /// When the client cannot be built, in words for the user.
    pub fn new(tls: rustls::ClientConfig, proxies: &Proxies) -> Result<Self, String> {
        // A redirect could carry the alert to where the user never sent it.
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            .pool_max_idle_per_host(0)
            .timeout(ATTEMPT)
            .user_agent(AGENT);
        let client = match &proxies.url {
            // The error may name the password.
            Some(url) => client.proxy(proxy(url, &proxies.exempt).map_err(|_secret| PROXY)?),
            None => client,
        };
        client.build().map(Self).map_err(|_secret| PROXY.to_owned())
    }
}

/// Returns the proxy of everything but this machine and `exempt`.
fn proxy(url: &ProxyUrl, exempt: &str) -> reqwest::Result<Proxy> {
    let exempt = format!("localhost,127.0.0.0/8,::1,{exempt}");
    Ok(Proxy::https(url.expose())?.no_proxy(NoProxy::from_string(&exempt)))
}

/// The address of a webhook. All of it may be a secret: it is in no log, error or `Debug`.
#[derive(Clone)]
pub struct WebhookAddress(SecretString);

impl WebhookAddress {
    /// Reads an address: https, or http to this machine.
    ///
    /// # Errors
    /// Says what is wrong, and never repeats the address.
    pub fn parse(text: SecretString) -> Result<Self, &'static str> {
        let Ok(url) = Url::parse(text.expose_secret()) else { return Err("is no address") };
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => return Err("has no host"),
        };
        match url.scheme() {
            "https" => Ok(Self(text)),
            "http" if is_loopback => Ok(Self(text)),
            _ => Err("must begin with https://"),
        }
    }

    /// Returns the values of its query.
    fn query(&self) -> Vec<(String, String)> {
        let url = Url::parse(self.0.expose_secret()).ok();
        let pairs = url.iter().flat_map(Url::query_pairs);
        pairs.map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
    }
}

impl fmt::Debug for WebhookAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookAddress([REDACTED])")
    }
}

/// An address of the user's that takes requests.
#[derive(Debug)]
pub struct Webhook {
    client: WebhookClient,
    address: WebhookAddress,
    template: &'static Template,
    query: Arc<[(String, String)]>,
}

impl Webhook {
    /// Returns a webhook.
    ///
    /// # Errors
    /// When the query of the address lacks what the template needs, in words.
    pub fn new(
        client: WebhookClient,
        address: WebhookAddress,
        template: WebhookTemplate,
    ) -> Result<Self, String> {
        let template = Template::of(template);
        let query: Arc<[_]> = address.query().into();
        let is_there =
            |name: &&&str| !query.iter().any(|(key, value)| key == **name && !value.is_empty());
        if let Some(missing) = template.needs.iter().find(is_there) {
            return Err(format!("needs {missing} in its query: ...?{missing}=..."));
        }
        Ok(Self { client, address, template, query })
    }

    async fn post(&self, message: &Message) -> Result<Text, DeliveryError> {
        let body = self.template.body(message, &self.query);
        let mut request = self.client.0.post(self.address.0.expose_secret()).body(body);
        request =
            request.header(CONTENT_TYPE, HeaderValue::from_static(self.template.content_type));
        for (name, pattern) in self.template.headers {
            if let Ok(value) = HeaderValue::from_str(&fill(pattern, message, &self.query)) {
                request = request.header(*name, value);
            }
        }
        // The body of the answer is not read: it may be of any size, and repeat the address.
        let status = request.send().await.map_err(|error| failed(&error))?.status();
        let said = Text::new(&format!("HTTP {}", status.as_u16()));
        if status.is_success() {
            return Ok(said);
        }
        let is_temporary = status.is_server_error()
            || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
        let reason = if status.is_redirection() {
            format!("{said}: redirects are not followed")
        } else {
            said.to_string()
        };
        Err(DeliveryError { reason: Text::new(&reason), is_temporary })
    }
}

/// Returns what went wrong in own words: those of the library name the address.
fn failed(error: &reqwest::Error) -> DeliveryError {
    DeliveryError::temporary(if error.is_timeout() {
        "no answer within 10 s"
    } else if error.is_connect() {
        "cannot connect"
    } else if error.is_builder() {
        return DeliveryError::lasting("invalid address");
    } else {
        "the connection broke"
    })
}

impl Deliver for Webhook {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Text, DeliveryError>> {
        Box::pin(self.post(message))
    }
}
