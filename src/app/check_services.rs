//! What `check` says of the ways of alerts and of the memory: they are looked at where they are, and not used.

use std::path::Path;

use rustix::fs::{Access, access};

use super::{history, memory, source::Source, ways};
use crate::check::{Area, Finding};
use crate::config::{Env, WayConfig};
use crate::memory::{Owner, Reader};
use crate::report::{Delivery, DeliveryState};

/// Returns the lines of alerts and memory.
pub(super) fn findings(source: &Source, env: Env<'_>) -> Vec<Finding> {
    let mut all = vec![alerts(source, env)];
    all.extend(deliveries(source));
    all.push(memory_file(source));
    all
}

/// Returns what became of the newest alert by each way, as far as the memory knows. It is looked at and not made,
/// and what cannot be read is told with the memory.
fn deliveries(source: &Source) -> Vec<Finding> {
    let Some(Ok(settings)) = memory::settings(&source.config.memory, source.is_demo()) else {
        return Vec::new();
    };
    let reader = Reader::open(&settings.path, Owner::Label(&settings.account_label));
    let last = reader.and_then(|reader| {
        reader.map_or_else(|| Ok(Vec::new()), |reader| reader.last_deliveries())
    });
    // Without a terminal there is no bell: nothing is wrong.
    let is_absent = |last: &Delivery| {
        last.state == DeliveryState::Failed && WayConfig::BUILT_IN.contains(&last.way.as_str())
    };
    last.unwrap_or_default().iter().filter(|last| !is_absent(last)).map(delivery).collect()
}

fn delivery(last: &Delivery) -> Finding {
    let (way, at) = (last.way.as_str(), history::time(last.at));
    if last.state == DeliveryState::Sent {
        return Finding::ok("alerts", way, format!("the newest alert was sent at {at}"));
    }
    let error = last.error.as_ref().map_or("no reason is known", |error| error.as_str());
    let text = format!("the newest alert was not sent, at {at}: {error}");
    Finding::warn(
        "alerts",
        way,
        text,
        format!("see what comes back: bitget-watch alert test {way}"),
    )
}

fn alerts(source: &Source, env: Env<'_>) -> Finding {
    let rules = source.config.alerts.len();
    match ways::configured(source, env) {
        Err(failure) => {
            let remedy = "set the variable that the way names; see [[way]] in the configuration";
            Finding::fail(Area::Other, "alerts", "", failure.to_string(), remedy)
        }
        Ok(found) => {
            let names: Vec<_> = ["bell", "terminal"]
                .into_iter()
                .chain(found.iter().map(|way| way.name.as_str()))
                .collect();
            let test = "`bitget-watch alert test` shows what arrives";
            let text = format!("{rules} rules, by {}; {test}", names.join(", "));
            Finding::ok("alerts", "", text)
        }
    }
}

fn memory_file(source: &Source) -> Finding {
    const NAME: &str = "memory";
    let path = match memory::settings(&source.config.memory, source.is_demo()) {
        None => return Finding::ok(NAME, "", "off"),
        Some(Err(reason)) => {
            let remedy = "name a file with memory.path, or set memory.enabled = false";
            return Finding::fail(Area::Other, NAME, "", reason, remedy);
        }
        Some(Ok(settings)) => settings.path,
    };
    let shown = path.display().to_string();
    let remedy = "give this user the right to write there, or name another file with memory.path";
    match std::fs::metadata(&path) {
        Ok(file) if access(&path, Access::WRITE_OK).is_ok() => {
            Finding::ok(NAME, "", format!("{shown}, {} kB, writable", file.len() / 1_000))
        }
        Ok(_) => Finding::fail(Area::Other, NAME, "", format!("{shown} cannot be written"), remedy),
        Err(_) if may_create(&path) => {
            Finding::ok(NAME, "", format!("{shown}, made with the first run"))
        }
        Err(error) => Finding::fail(Area::Other, NAME, "", format!("{shown}: {error}"), remedy),
    }
}

/// Returns whether the nearest folder that exists can be written.
fn may_create(path: &Path) -> bool {
    let existing = path.ancestors().skip(1).find(|folder| folder.exists());
    existing.is_some_and(|folder| folder.is_dir() && access(folder, Access::WRITE_OK).is_ok())
}
