//! The TOML file: read key by key onto the defaults, with the line of every problem.
//!
//! The calls of [`read`] are the one list of sections and keys: what they ask for is known, and
//! everything else in the file is unknown. Problems are never built from the TOML error's `Display`,
//! which prints the source line and with it a misplaced secret.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use rust_decimal::Decimal;
use toml::de::{DeTable, DeValue, Error};

use super::alert_file::{read_alert, read_alerts, read_way};
use super::lines::Lines;
use super::names::{Known, credential_refused, looks_like_credential, qualified};
use super::origin::{Origin, PAPER_WS_URL, REST_URL, Role, WS_URL};
use super::proxy::ProxyChoice;
use super::section::{Problem, Section};
use super::setting::{Setting, SettingSource};
use super::{Config, ConfigError, RiskConfig, values};
use crate::risk::Thresholds;

/// The longest that anything may be waited for on the network.
const MAX_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// The longest cadence: with a slower one the screen could be very old and still be called live.
const MAX_CADENCE: Duration = Duration::from_secs(10 * 60);
/// The longest pause between attempts to reach the exchange.
const MAX_PAUSE: Duration = Duration::from_secs(10 * 60);
/// The most that a distance in standard deviations or a leverage may be set to.
const MAX_MULTIPLE: Decimal = Decimal::ONE_THOUSAND;
/// The longest that history is kept: a hundred years.
const MAX_KEEP_DAYS: u32 = 36_500;
/// The furthest target of the what-ifs, in percent: at 100 a long would have no price left.
const MAX_TARGET: Decimal = Decimal::from_parts(90, 0, 0, false, 0);

/// Reads the text of a file over the defaults, and lists what it changes. Paths in it are relative to the
/// file's folder.
///
/// # Errors
/// Every problem, ordered by line.
pub(super) fn parse(text: &str, path: &Path) -> Result<(Config, Vec<Setting>), Vec<ConfigError>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut config = Config::default();
    let (reading, lines) = (read(root.get_ref(), &mut config), Lines::new(text));
    let problems = in_order(reading.problems, &errors, &lines);
    if problems.is_empty() {
        let paths = [&mut config.exchange.extra_ca_file, &mut config.memory.path];
        for named in paths.into_iter().flatten() {
            if let Some(folder) = path.parent() {
                *named = folder.join(&named);
            }
        }
        // Rules that are written down may be the default ones.
        let same_rules = config.alerts == Config::default().alerts;
        let changed = reading.changed.into_iter();
        let changed = changed.filter(|((section, _), _)| *section != "alert" || !same_rules);
        let settings = changed.map(|((section, key), at)| {
            let source = SettingSource::File(path.to_owned(), lines.at(at.start));
            Setting::new(qualified(section, key), text.get(at).unwrap_or_default(), source)
        });
        return Ok((config, settings.collect()));
    }
    Err(problems
        .into_iter()
        .map(|(line, text)| ConfigError::in_file(path, Some(line), text))
        .collect())
}

/// Returns every key that a file may have, as `section.key`, in the order of the example file.
pub fn keys() -> Vec<String> {
    let reading = read(&DeTable::new(), &mut Config::default());
    let keys = reading.known.iter().filter(|(_, key)| !key.is_empty());
    keys.map(|(section, key)| qualified(section, key)).collect()
}

/// What [`read`] found out.
struct Reading {
    problems: Vec<Problem>,
    /// All sections and keys that were asked for.
    known: Vec<Known>,
    /// The keys whose values are not the defaults, and where these values stand.
    changed: Vec<(Known, Range<usize>)>,
}

/// Reads all sections onto `config`.
fn read(root: &DeTable<'_>, config: &mut Config) -> Reading {
    let mut top = Section::top(root);
    top.set("symbol", &mut config.symbol, values::symbol);
    top.set("title", &mut config.title, values::title);

    let mut exchange = top.section("exchange");
    read_exchange(&mut exchange, config);

    let mut refresh = top.section("refresh");
    let cadence = values::duration(MAX_CADENCE);
    refresh.set("price", &mut config.refresh.price, &cadence);
    refresh.set("positions", &mut config.refresh.positions, &cadence);
    refresh.set("orders", &mut config.refresh.orders, &cadence);
    refresh.set("account", &mut config.refresh.account, &cadence);
    refresh.set("ttl", &mut config.refresh.ttl, &cadence);

    let mut reconnect = top.section("reconnect");
    let pause = values::duration(MAX_PAUSE);
    let attempts = values::number(1, 100);
    reconnect.set("first_delay", &mut config.reconnect.first_delay, &pause);
    reconnect.set("max_attempts", &mut config.reconnect.max_attempts, attempts);
    reconnect.set("cool_down", &mut config.reconnect.cool_down, &pause);

    let mut ui = top.section("ui");
    ui.set("max_fps", &mut config.ui.max_fps, values::number(1, 30));
    ui.set("color", &mut config.ui.color, values::color);
    ui.set("palette", &mut config.ui.palette, values::palette);
    ui.set("timezone", &mut config.ui.timezone, values::timezone);
    ui.set("bell", &mut config.ui.bell, values::boolean);
    ui.set("theme", &mut config.ui.theme, values::theme);
    let bytes = values::number(200, 1_000_000);
    ui.set("max_bytes_per_second", &mut config.ui.max_bytes_per_second, bytes);

    let mut risk = top.section("risk");
    read_risk(&mut risk, &mut config.risk);

    let mut network = top.section("network");
    network.set("proxy", &mut config.network.proxy, |value| {
        ProxyChoice::parse(values::string(value, "the address of a proxy")?)
    });
    let (mut ways, _) = top.rows("way");
    for way in &mut ways {
        let read = read_way(way, &config.ways);
        config.ways.extend(read);
    }
    let (mut alerts, is_written) = top.rows("alert");
    if let Some(rules) = read_alerts(&mut alerts, &config.ways, is_written) {
        config.alerts = rules;
    }
    let (mut any_alert, mut any_way) = (Section::absent("alert"), Section::absent("way"));
    let _none = (read_alert(&mut any_alert, &[]), read_way(&mut any_way, &[]));

    let mut memory = top.section("memory");
    memory.set("enabled", &mut config.memory.enabled, values::boolean);
    memory.set("path", &mut config.memory.path, values::optional_path);
    memory.set("keep_days", &mut config.memory.keep_days, values::number(1, MAX_KEEP_DAYS));
    memory.set("account_label", &mut config.memory.account_label, values::label);

    let mut problems = Vec::new();
    refuse_credentials(root, &mut problems);
    let sections = [top, exchange, refresh, reconnect, ui, risk, network, memory];
    let known: Vec<_> = sections
        .iter()
        .chain([&any_alert, &any_way])
        .flat_map(|section| section.asked.iter().map(|key| (section.name, *key)))
        .collect();
    let mut changed = Vec::new();
    for section in sections.into_iter().chain(alerts).chain(ways) {
        let name = section.name;
        changed.extend(section.changed.iter().map(|(key, at)| ((name, *key), at.clone())));
        section.refuse_unknown(&known, &mut problems);
        problems.extend(section.problems);
    }
    Reading { problems, known, changed }
}

fn read_exchange(section: &mut Section<'_>, config: &mut Config) {
    let target = &mut config.exchange;
    section.set("api", &mut target.api, values::api);
    let demo_at = section.set("demo_trading", &mut target.demo_trading, values::boolean);
    let (mut rest, mut streams) = (None, None);
    let rest_at = section.set("rest_url", &mut rest, |value| origin(value, Role::Rest));
    let ws_at = section.set("ws_url", &mut streams, |value| origin(value, Role::Streams));
    section.set("extra_ca_file", &mut target.extra_ca_file, values::optional_path);
    let mut allow = false;
    section.set("allow_other_hosts", &mut allow, values::boolean);
    let timeout = values::duration(MAX_TIMEOUT);
    section.set("connect_timeout", &mut target.connect_timeout, &timeout);
    section.set("request_timeout", &mut target.request_timeout, &timeout);

    // The written default means the default, so that a copy of the example file keeps working.
    if target.demo_trading && streams.as_ref().is_none_or(|origin| origin.url() == WS_URL) {
        PAPER_WS_URL.clone_into(&mut target.ws_url);
    } else if let Some(origin) = &streams {
        origin.url().clone_into(&mut target.ws_url);
        if let Some(text) = origin.paper_problem(target.demo_trading) {
            section.problem("ws_url", ws_at.or(demo_at), text);
        }
    }
    if let Some(origin) = &rest {
        origin.url().clone_into(&mut target.rest_url);
    }
    let mut others: Vec<&str> = Vec::new();
    for (key, at, origin) in [("rest_url", rest_at, &rest), ("ws_url", ws_at, &streams)] {
        let Some(origin) = origin else { continue };
        match origin.other_host() {
            Some(_) if !allow => section.problem(key, at, &origin.not_allowed()),
            Some(host) if !others.contains(&host) => others.push(host),
            Some(_) | None => {}
        }
    }
    // An address that is written down may be the default.
    section.changed.retain(|(key, _)| match *key {
        "rest_url" => target.rest_url != REST_URL,
        "ws_url" => target.ws_url != WS_URL,
        _ => true,
    });
    target.other_host = (!others.is_empty()).then(|| others.join(", "));
}

/// A key of a threshold and where its value goes.
type Step<'c> = (&'static str, &'c mut Option<Decimal>);

fn read_risk(section: &mut Section<'_>, config: &mut RiskConfig) {
    let RiskConfig { thresholds, material_share, target_distance } = config;
    let Thresholds {
        margin_ratio,
        distance_sigmas,
        distance,
        touch_24h,
        account_leverage,
        funding_cost,
    } = thresholds;
    let (percent, plain) = (values::percent(Decimal::ONE_HUNDRED), values::decimal(MAX_MULTIPLE));
    read_steps(
        section,
        [
            ("margin_ratio_watch", &mut margin_ratio.watch),
            ("margin_ratio_danger", &mut margin_ratio.danger),
            ("margin_ratio_critical", &mut margin_ratio.critical),
        ],
        "above",
        &percent,
    );
    read_steps(
        section,
        [
            ("distance_sigmas_watch", &mut distance_sigmas.watch),
            ("distance_sigmas_danger", &mut distance_sigmas.danger),
            ("distance_sigmas_critical", &mut distance_sigmas.critical),
        ],
        "below",
        &plain,
    );
    read_steps(
        section,
        [
            ("distance_pct_watch", &mut distance.watch),
            ("distance_pct_danger", &mut distance.danger),
            ("distance_pct_critical", &mut distance.critical),
        ],
        "below",
        &percent,
    );
    read_steps(
        section,
        [("touch_24h_watch", &mut touch_24h.watch), ("touch_24h_danger", &mut touch_24h.danger)],
        "above",
        &percent,
    );
    read_steps(
        section,
        [
            ("leverage_watch", &mut account_leverage.watch),
            ("leverage_danger", &mut account_leverage.danger),
        ],
        "above",
        &plain,
    );
    let funding = [("funding_cost_watch", &mut funding_cost.watch)];
    read_steps(section, funding, "above", &percent);
    section.set("material_share", material_share, &percent);
    section.set("target_distance", target_distance, values::percent(MAX_TARGET));
}

/// Reads the thresholds of one figure, mildest first; each must lie on the `side` of the one before,
/// or a milder level would hide behind a graver one.
fn read_steps<const N: usize>(
    section: &mut Section<'_>,
    steps: [Step<'_>; N],
    side: &str,
    read: impl Fn(&DeValue<'_>) -> Result<Decimal, String>,
) {
    let mut milder: Option<(&'static str, Option<usize>, Decimal)> = None;
    for (key, target) in steps {
        let at = section.set(key, target, |value| read(value).map(Some));
        let Some(limit) = *target else { continue };
        if let Some((before, before_at, bound)) = milder
            && (limit == bound || (limit > bound) != (side == "above"))
        {
            section.problem(key, at.or(before_at), &format!("must be {side} {before}"));
        }
        milder = Some((key, at, limit));
    }
}

fn origin(value: &DeValue<'_>, role: Role) -> Result<Option<Origin>, String> {
    Origin::parse(values::string(value, "an address")?, role).map(Some)
}

/// Notes every key, in any table, whose name says that its value is a credential.
fn refuse_credentials(table: &DeTable<'_>, out: &mut Vec<Problem>) {
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        if looks_like_credential(name) {
            out.push(Problem {
                at: key.span().start,
                text: credential_refused(name),
                certain: true,
            });
            continue;
        }
        // A secret may hide at any depth, below names that are unknown anyway.
        match value.get_ref() {
            DeValue::Table(inner) => refuse_credentials(inner, out),
            DeValue::Array(rows) => {
                for row in rows {
                    if let Some(inner) = row.get_ref().as_table() {
                        refuse_credentials(inner, out);
                    }
                }
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }
}

/// Returns all problems with their lines, by line, without those that only follow from a syntax
/// error: the ones of its line, and all after a broken table header, whose keys ended up in another
/// table.
fn in_order(found: Vec<Problem>, errors: &[Error], lines: &Lines<'_>) -> Vec<(usize, String)> {
    let syntax: Vec<_> = errors.iter().map(|e| syntax_problem(lines, e)).collect();
    let broken: BTreeSet<usize> = syntax.iter().map(|(line, _)| *line).collect();
    let broken_header = broken.iter().find(|line| lines.text(**line).trim_start().starts_with('['));
    let mut problems: Vec<_> = found
        .into_iter()
        .map(|problem| (lines.at(problem.at), problem))
        .filter(|(line, problem)| {
            let follows =
                broken.contains(line) || broken_header.is_some_and(|header| line > header);
            problem.certain || !follows
        })
        .map(|(line, problem)| (line, problem.text))
        .chain(syntax)
        .collect();
    problems.sort();
    problems.dedup();
    problems
}

/// Returns the line and the text of a syntax error, without the source.
fn syntax_problem(lines: &Lines<'_>, error: &Error) -> (usize, String) {
    let line = lines.at(error.span().map_or(0, |span| span.start));
    let name = lines.text(line).split(['=', ':']).next().unwrap_or_default().trim();
    let text = if looks_like_credential(name) {
        credential_refused(name)
    } else {
        error.message().to_owned()
    };
    (line, text)
}
