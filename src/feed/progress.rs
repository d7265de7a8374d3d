//! [`Progress`]: which step of an attempt is in progress, and what the finished ones found.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::ClientConnection;
use tokio::time::Instant;

use super::certificate::{self, Certificate};
use crate::domain::LinkFault;
use crate::exchange::rest::HttpFailure;

/// A step on the way to the exchange: `name lookup`, `TCP connect` or `TLS handshake`, with the proxy's address
/// where it is the proxy's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    name: Cow<'static, str>,
    fault: Option<LinkFault>,
}

impl Step {
    /// Returns the step with what it means when it fails.
    #[must_use]
    pub fn blaming(self, fault: impl Into<LinkFault>) -> Self {
        Self { fault: Some(fault.into()), ..self }
    }

    /// Returns its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what it means when it fails; `None` where that is not known.
    pub(super) const fn fault(&self) -> Option<LinkFault> {
        self.fault
    }
}

impl<N: Into<Cow<'static, str>>> From<N> for Step {
    fn from(name: N) -> Self {
        Self { name: name.into(), fault: None }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The step that is in progress, for the message when a deadline passes, and what the steps before it found.
#[derive(Debug)]
pub struct Progress(Mutex<State>);

#[derive(Debug)]
struct State {
    step: Step,
    began: Instant,
    facts: DialFacts,
}

/// What an attempt to open a stream has found so far, each with the time that it took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DialFacts {
    /// The addresses of the host; `None` while the lookup has not ended, and where a proxy does it.
    pub addresses: Option<(Vec<SocketAddr>, Duration)>,
    /// The address that TCP connected to; `None` while it has not, and through a proxy.
    pub peer: Option<(SocketAddr, Duration)>,
    /// The handshake; `None` while it has not ended, and without TLS.
    pub tls: Option<(TlsFacts, Duration)>,
}

/// What a TLS handshake agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    /// The version, such as `TLSv1_3`.
    pub version: String,
    /// The certificate of the host, which was verified; `None` when its form is unknown here.
    pub certificate: Option<Certificate>,
}

impl Default for Progress {
    fn default() -> Self {
        let facts = DialFacts::default();
        Self(Mutex::new(State { step: "connecting".into(), began: Instant::now(), facts }))
    }
}

impl Progress {
    /// Records the name of a step as it begins.
    pub fn begin(&self, step: impl Into<Step>) {
        let mut state = self.lock();
        (state.step, state.began) = (step.into(), Instant::now());
    }

    /// Records what the name lookup found.
    pub fn found(&self, addresses: &[SocketAddr]) {
        let mut state = self.lock();
        state.facts.addresses = Some((addresses.to_vec(), state.began.elapsed()));
    }

    /// Records the address that TCP connected to.
    pub fn connected(&self, peer: SocketAddr) {
        let mut state = self.lock();
        state.facts.peer = Some((peer, state.began.elapsed()));
    }

    /// Records what the TLS handshake agreed on.
    pub fn secured(&self, tls: &ClientConnection) {
        let version = tls.protocol_version().and_then(|version| version.as_str());
        let leaf = tls.peer_certificates().and_then(<[_]>::first);
        let facts = TlsFacts {
            version: version.unwrap_or("TLS").to_owned(),
            certificate: leaf.and_then(|leaf| certificate::read(leaf)),
        };
        let mut state = self.lock();
        state.facts.tls = Some((facts, state.began.elapsed()));
    }

    /// Returns what the steps have found so far.
    pub fn facts(&self) -> DialFacts {
        self.lock().facts.clone()
    }

    /// Returns the step that is in progress.
    pub fn step(&self) -> Step {
        self.lock().step.clone()
    }

    /// Returns the failure of a step that had not ended when `deadline` was over.
    pub fn timed_out(&self, deadline: Duration) -> HttpFailure {
        let step = self.step();
        let text = format!("{step} did not end within {} s", deadline.as_secs_f32());
        HttpFailure { text, fault: step.fault.unwrap_or(LinkFault::Slow) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
