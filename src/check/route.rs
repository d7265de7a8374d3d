//! The way to the exchange: name, TCP, TLS, proxy.

use std::time::Duration;

use super::evidence::{Dialed, Evidence};
use super::finding::{Area, Finding};
use super::span::span;
use crate::feed::{Certificate, CertificateFault, DialError, TlsFacts};

/// A certificate that expires sooner is worth a warning: those of the exchange are renewed long before.
const SOON: Duration = Duration::from_secs(7 * 86_400);

/// Returns the lines of the attempts to open a stream, and of the proxy.
pub(super) fn findings(evidence: &Evidence, proxy: Option<&str>) -> Vec<Finding> {
    let via = proxy.map_or_else(
        || "none: connections are direct".to_owned(),
        |host| format!("via proxy {host}"),
    );
    let mut all = vec![Finding::ok("proxy", "", via)];
    let now = evidence.report().map(|report| report.taken_at);
    for dialed in &evidence.dialed {
        all.extend(name(dialed, proxy.is_some()));
        all.push(tcp(dialed));
        all.push(tls(dialed, now));
    }
    all
}

/// Returns the error where `step` is the one that failed.
fn failed<'a>(dialed: &'a Dialed, step: &str) -> Option<&'a DialError> {
    dialed.result.as_ref().err().filter(|error| error.step.name() == step)
}

fn is_handshake(error: &DialError) -> bool {
    error.step.name().starts_with("TLS handshake")
}

fn name(dialed: &Dialed, has_proxy: bool) -> Option<Finding> {
    let host = &dialed.target.host;
    if let Some(error) = failed(dialed, "name lookup") {
        let what = format!("the name has no address: {}", error.reason);
        let remedy = error.fault().remedy();
        return Some(Finding::fail(Area::Network, "dns", host, what, remedy));
    }
    if host.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let Some((addresses, took)) = &dialed.facts.addresses else {
        // Through a proxy the name may be looked up at its other end.
        return (!has_proxy && dialed.result.is_err())
            .then(|| Finding::not_looked_at("dns", host, "an earlier step failed", "see below"));
    };
    let list: Vec<_> = addresses.iter().map(|address| address.ip().to_string()).collect();
    Some(Finding::ok("dns", host, format!("{} ({})", list.join(", "), span(*took))))
}

fn tcp(dialed: &Dialed) -> Finding {
    let host = &format!("{}:{}", dialed.target.host, dialed.target.port);
    match (&dialed.facts.peer, &dialed.result) {
        (Some((peer, took)), _) => {
            Finding::ok("tcp", host, format!("connected to {} ({})", peer.ip(), span(*took)))
        }
        (None, Ok(())) => Finding::ok("tcp", host, "connected"),
        // Through a proxy there is no address of the exchange.
        (None, Err(error)) if is_handshake(error) => Finding::ok("tcp", host, "connected"),
        (None, Err(error)) if error.step.name() == "name lookup" => {
            Finding::not_looked_at("tcp", host, "no address", "see the line above")
        }
        (None, Err(error)) => {
            let remedy = error.fault().remedy();
            Finding::fail(Area::Network, "tcp", host, error.to_string(), remedy)
        }
    }
}

fn tls(dialed: &Dialed, now: Option<crate::domain::Timestamp>) -> Finding {
    let host = &dialed.target.host;
    if !dialed.target.tls && dialed.result.is_err() {
        return Finding::not_looked_at("tls", host, "no connection", "see the line above");
    }
    if !dialed.target.tls {
        return Finding::ok("tls", host, "none: a plain connection to this machine");
    }
    match (&dialed.facts.tls, &dialed.result) {
        (Some((facts, took)), _) => {
            let remaining = facts.certificate.as_ref().zip(now);
            if let Some((Certificate { expires, .. }, now)) = remaining
                && expires.since(now) < SOON
            {
                let text =
                    format!("the certificate expires in {} h", expires.since(now).as_secs() / 3600);
                let remedy = "it should have been renewed: something between may intercept TLS";
                return Finding::warn("tls", host, text, remedy);
            }
            Finding::ok("tls", host, format!("{} ({})", agreed(facts), span(*took)))
        }
        (None, Ok(())) => Finding::ok("tls", host, "verified"),
        (None, Err(error)) if !is_handshake(error) => {
            Finding::not_looked_at("tls", host, "no connection", "see the line above")
        }
        (None, Err(error)) => {
            let (text, remedy) = refused(host, error);
            Finding::fail(Area::Network, "tls", host, text, remedy)
        }
    }
}

fn agreed(facts: &TlsFacts) -> String {
    let issuer = facts.certificate.as_ref().map(|found| found.issuer.as_str());
    match issuer.filter(|issuer| !issuer.is_empty()) {
        Some(issuer) => format!("{}, certificate issued by {issuer}", facts.version),
        None => format!("{}, certificate verified", facts.version),
    }
}

fn refused(host: &str, error: &DialError) -> (String, &'static str) {
    let reason = &error.reason;
    match error.certificate {
        Some(CertificateFault::OtherName) => (
            format!("the certificate is of another name than {host}: {reason}"),
            "another machine answers for this name: check the resolver and the hosts file, and \
             exchange.rest_url and ws_url",
        ),
        Some(CertificateFault::UnknownIssuer) => (
            format!("no known authority issued the certificate: {reason}"),
            "something intercepts TLS; where you trust it, put its authority (PEM) into \
             exchange.extra_ca_file",
        ),
        Some(CertificateFault::OutsideItsTime) => (
            format!("the certificate is not valid at this time: {reason}"),
            "check this machine's date",
        ),
        Some(CertificateFault::Invalid) => (
            format!("the certificate is invalid: {reason}"),
            "something intercepts TLS: try from another network",
        ),
        None => (error.to_string(), error.fault().remedy()),
    }
}
