//! [`findings`]: all lines, in the order of the walk.

use super::evidence::Evidence;
use super::finding::Finding;
use super::terminal::Terminal;
use super::thresholds::Thresholds;
use super::{account, links, market, requests, route};
use crate::config::Setting;

/// What the caller knows besides the evidence.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Values that are not the defaults.
    pub settings: Vec<Setting>,
    /// The last characters of the key; `None` without credentials, and for a short key.
    pub key_tail: Option<String>,
    /// The proxy in use, without its credentials; `None` for direct connections.
    pub proxy: Option<String>,
    /// The terminal.
    pub terminal: Terminal,
    /// What counts as too old and too near.
    pub thresholds: Thresholds,
    /// Lines of alerts and memory, which only the caller knows.
    pub services: Vec<Finding>,
}

/// Returns a line for everything that was looked at, in the order of the walk.
pub fn findings(evidence: &Evidence, around: &Surroundings) -> Vec<Finding> {
    let mut all = Vec::new();
    for setting in &around.settings {
        let text = format!("{}, from {}", setting.value, setting.source);
        all.push(Finding::ok("config", &setting.key, text));
    }
    if around.settings.is_empty() {
        all.push(Finding::ok("config", "", "every value is the default"));
    }
    all.push(account::credentials(evidence, around.key_tail.as_deref()));
    all.extend(route::findings(evidence, around.proxy.as_deref()));
    all.extend(links::findings(evidence));
    all.extend(requests::findings(evidence));
    all.extend(account::findings(evidence));
    all.extend(market::findings(evidence));
    all.extend(around.thresholds.findings(evidence));
    all.extend(around.terminal.findings());
    all.extend(around.services.iter().cloned());
    all
}
