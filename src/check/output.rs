//! The lines as text for people and as one JSON document for scripts.

use std::fmt::{self, Write};

use serde_json::{Value, json};

use super::evidence::Evidence;
use super::finding::{Finding, Status, exit_code};
use crate::report::Source;

/// Returns one line for each finding, the remedy under each that is not good, and a summary.
///
/// # Errors
/// Never in practice: the text is made in memory.
pub fn to_text(findings: &[Finding]) -> Result<String, fmt::Error> {
    let mut out = String::new();
    for finding in findings {
        let mark = match finding.status {
            Status::Ok => "ok  ",
            Status::Warn => "warn",
            Status::Fail => "FAIL",
        };
        let space = if finding.subject.is_empty() { "" } else { " " };
        let (name, subject, text) = (finding.name, &finding.subject, &finding.text);
        writeln!(out, "{mark}  {name}{space}{}: {}", plain(subject), plain(text))?;
        if let Some(remedy) = &finding.remedy {
            writeln!(out, "        -> {}", plain(remedy))?;
        }
    }
    let count = |status| findings.iter().filter(|finding| finding.status == status).count();
    let (ok, warn, fail) = (count(Status::Ok), count(Status::Warn), count(Status::Fail));
    writeln!(out, "\n{ok} ok, {warn} warn, {fail} FAIL; exit code {}", exit_code(findings))?;
    Ok(out)
}

/// Returns one JSON document on one line.
pub fn to_json(findings: &[Finding], evidence: &Evidence) -> String {
    let lines: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "name": finding.name,
                "subject": plain(&finding.subject),
                "status": finding.status.name(),
                "text": plain(&finding.text),
                "remedy": finding.remedy.as_deref().map(plain),
                "looked_at": finding.looked_at,
            })
        })
        .collect();
    let source = match evidence.source {
        Source::Live => "live",
        Source::Demo => "demo",
        Source::Replay => "replay",
    };
    json!({
        "schema": "bitget-watch-check/1",
        "source": source,
        "symbol": evidence.focus.to_string(),
        "exit_code": exit_code(findings),
        "lines": lines,
    })
    .to_string()
}

/// Returns a text on one line and without anything that could steer a terminal: some of it comes from outside.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
