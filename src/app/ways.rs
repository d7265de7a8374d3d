//! The ways by which alerts leave, from configuration and environment.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::exit::{Failure, USAGE};
use super::source::Source;
use crate::alerts::{
    CommandWay, Deliver, Privacy, TerminalKind, WaySet, Webhook, WebhookAddress, WebhookClient,
};
use crate::config::{self, Config, Env, WayKind, WebhookTemplate};
use crate::domain::Clock;
use crate::feed::tls_config;

/// A way that is set up.
pub(super) struct Way {
    pub(super) name: String,
    pub(super) deliver: Arc<dyn Deliver>,
    send_cleared: bool,
    /// How often, of a heartbeat.
    every: Option<Duration>,
}

impl Way {
    /// Returns whether it only tells that the program works.
    const fn is_heartbeat(&self) -> bool {
        self.every.is_some()
    }
}

/// Returns the ways of a source besides those of the terminal.
///
/// # Errors
/// See [`of_config`].
pub(super) fn configured(source: &Source, env: Env<'_>) -> Result<Vec<Way>, Failure> {
    let mut found = of_config(&source.config, env, source.extra_ca.as_deref())?;
    if source.is_demo() {
        // Nobody watches the account: the service must not be told that somebody does.
        found.retain(|way| !way.is_heartbeat());
    }
    Ok(found)
}

/// Returns the ways of the configuration besides those of the terminal. `extra_ca` is the PEM of one more
/// authority.
///
/// # Errors
/// A variable that holds an address is not set, or not an address: all problems, none with its value.
pub(super) fn of_config(
    config: &Config,
    env: Env<'_>,
    extra_ca: Option<&str>,
) -> Result<Vec<Way>, Failure> {
    let (mut ways, mut problems) = (Vec::new(), Vec::new());
    let variable = |kind: &WayKind| match kind {
        WayKind::Webhook { url_env, .. } | WayKind::Heartbeat { url_env, .. } => {
            Some(url_env.clone())
        }
        WayKind::Command { .. } => None,
    };
    let hidden: Vec<String> = config.ways.iter().filter_map(|way| variable(&way.kind)).collect();
    let proxies =
        config::proxies(&config.network.proxy, env).map_err(|error| Failure::new(USAGE, error))?;
    let webhook = |url_env: &str, template: WebhookTemplate| -> Result<Arc<dyn Deliver>, String> {
        let value = env(url_env).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| format!("{url_env} is not set"))?;
        // The error is the value itself.
        let text = value.into_string().map_err(|_value| format!("{url_env} is not UTF-8 text"))?;
        let address = WebhookAddress::parse(SecretString::from(text.trim()))
            .map_err(|problem| format!("{url_env} {problem}"))?;
        let tls = tls_config(extra_ca.map(str::as_bytes))?;
        let client = WebhookClient::new(Arc::unwrap_or_clone(tls), &proxies)?;
        let webhook = Webhook::new(client, address, template)
            .map_err(|problem| format!("{url_env} {problem}"))?;
        Ok(Arc::new(webhook))
    };
    for way in &config.ways {
        let made = match &way.kind {
            WayKind::Webhook { url_env, template } => webhook(url_env, *template),
            WayKind::Heartbeat { url_env, .. } => webhook(url_env, WebhookTemplate::Json),
            WayKind::Command { argv } => {
                Ok(Arc::new(CommandWay::new(argv.clone(), hidden.clone())) as Arc<dyn Deliver>)
            }
        };
        let every = match way.kind {
            WayKind::Heartbeat { every, .. } => Some(every),
            WayKind::Webhook { .. } | WayKind::Command { .. } => None,
        };
        match made {
            Ok(made) => ways.push(Way {
                name: way.name.clone(),
                deliver: made,
                send_cleared: way.send_cleared,
                every,
            }),
            Err(problem) => problems.push(format!("way {}: {problem}", way.name)),
        }
    }
    if problems.is_empty() { Ok(ways) } else { Err(Failure::new(USAGE, problems.join("\n"))) }
}

/// Returns the set of these ways; while `privacy` is on they send no amount.
pub(super) fn set(ways: Vec<Way>, clock: Arc<dyn Clock>, privacy: Privacy) -> WaySet {
    let mut set = WaySet::new(clock, privacy, fastrand::u64(..));
    for Way { name, deliver, send_cleared, every } in ways {
        match every {
            Some(every) => set.add_heartbeat(&name, every, deliver),
            None => set.add(&name, send_cleared, deliver),
        }
    }
    set
}

/// Returns how the terminal is notified.
pub(super) fn terminal_kind(env: Env<'_>) -> TerminalKind {
    let term = env("TERM").and_then(|term| term.into_string().ok()).unwrap_or_default();
    TerminalKind::detect(|name| env(name).is_some_and(|value| !value.is_empty()), &term)
}
