//! The key, its rights, and the account.

use super::evidence::{Evidence, Run};
use super::finding::{Area, Finding};
use super::remedy;
use crate::domain::{AccountKind, KeyRights, ProblemCode, RequestKind};
use crate::exchange::{ErrorClass, ExchangeError};
use crate::report::{AccountStatus, Source};

const VARIABLES: &str = "set BITGET_API_KEY, BITGET_SECRET_KEY and BITGET_PASSPHRASE";
const READ_ONLY: &str =
    "make a key with Read-only permissions (Bitget, API Keys, Create) and delete this one";

/// Returns the line of the three variables.
pub(super) fn credentials(evidence: &Evidence, tail: Option<&str>) -> Finding {
    if !evidence.has_credentials {
        let text = "none of the three variables is set: market data only";
        return Finding::warn("credentials", "", text, VARIABLES);
    }
    if evidence.source == Source::Demo {
        return Finding::ok("credentials", "", "invented ones, for the embedded exchange");
    }
    let ends = tail.map_or_else(String::new, |tail| format!(", the key ends in {tail}"));
    Finding::ok("credentials", "", format!("all three are there{ends}"))
}

/// Returns the lines of the key, the kind of the account and the rights.
pub(super) fn findings(evidence: &Evidence) -> Vec<Finding> {
    let missed = |why: &str, remedy: &str| {
        let missed = |name| Finding::not_looked_at(name, "", why, remedy);
        ["key", "account", "rights"].map(missed).into()
    };
    if !evidence.has_credentials {
        return missed("no credentials", VARIABLES);
    }
    let Some(run) = &evidence.run else { return missed("no connection", "see the lines above") };
    if let Some(problem) = run.report.problems.iter().find(|p| p.code == ProblemCode::KeyRefused) {
        let (text, remedy) = refusal(run).map_or_else(
            // The login of the stream was refused: the message says what to do as well.
            || (problem.text.to_string(), "check the three BITGET_ variables".to_owned()),
            |(kind, error)| {
                let remedy = remedy::of_error(error, kind, AccountKind::Classic);
                (format!("{}: {error}", error.refusal()), remedy)
            },
        );
        let later = |name| {
            Finding::not_looked_at(name, "", "the key is refused", "see the line of the key")
        };
        let key = Finding::fail(Area::Credentials, "key", "", text, remedy);
        return vec![key, later("account"), later("rights")];
    }
    let mut all = vec![key(run), account(evidence, run)];
    all.extend(rights(run));
    all
}

/// Returns the newest refusal of the key itself.
fn refusal(run: &Run) -> Option<(&RequestKind, &ExchangeError)> {
    run.observed.requests.iter().find_map(|(kind, end)| {
        let error = end.error.as_ref()?;
        let is_key = matches!(error.class(), ErrorClass::Credentials | ErrorClass::Restricted);
        is_key.then_some((kind, error))
    })
}

fn is_private(kind: &RequestKind) -> bool {
    matches!(
        kind,
        RequestKind::AccountKind
            | RequestKind::KeyRights
            | RequestKind::Positions(_)
            | RequestKind::Account
            | RequestKind::Orders(..)
            | RequestKind::Fills
            | RequestKind::ClosedPositions
            | RequestKind::Ledger
            | RequestKind::FeeRate(_)
    )
}

fn key(run: &Run) -> Finding {
    let recognised = |error: &Option<ExchangeError>| match error {
        None => true,
        Some(error) => matches!(error.class(), ErrorClass::Permission | ErrorClass::WrongApi),
    };
    let requests = &run.observed.requests;
    if requests.iter().any(|(kind, end)| is_private(kind) && recognised(&end.error)) {
        return Finding::ok("key", "", "the exchange accepts key, secret and passphrase");
    }
    if let Some((kind, error)) = refusal(run) {
        let remedy = remedy::of_error(error, kind, AccountKind::Classic);
        let text = format!("{}: {error}", error.refusal());
        return Finding::fail(Area::Credentials, "key", "", text, remedy);
    }
    let why = "no signed request was answered";
    Finding::not_looked_at("key", "", why, "see the lines of rest and of the requests")
}

fn account(evidence: &Evidence, run: &Run) -> Finding {
    let problem = |code| run.report.problems.iter().find(|problem| problem.code == code);
    if let Some(problem) = problem(ProblemCode::WrongApi) {
        let text = "exchange.api does not fit the account".to_owned();
        let remedy = problem.text.to_string();
        return Finding::fail(Area::Credentials, "account", "", text, remedy);
    }
    if let Some(problem) = problem(ProblemCode::AccountSwitching) {
        let remedy = "wait some minutes: the exchange does it by itself";
        return Finding::fail(Area::Network, "account", "", problem.text.to_string(), remedy);
    }
    let last = run.observed.requests.get(&RequestKind::AccountKind);
    match run.report.account_kind {
        AccountStatus::Known(kind) => {
            let how = if evidence.api.kind().is_some() {
                "as exchange.api says".to_owned()
            } else {
                match last.map(|end| (&end.error, end.api)) {
                    Some((Some(error), _)) => format!("found out by asking: {error}"),
                    Some((None, AccountKind::Unified)) => {
                        "found out by asking: API V3 serves it".to_owned()
                    }
                    Some((None, AccountKind::Classic)) => {
                        "found out by asking: API V2 serves it".to_owned()
                    }
                    None => "found out by asking".to_owned(),
                }
            };
            let level = run.report.account.account_level.as_ref();
            let level =
                level.map_or_else(String::new, |level| format!(", rules of margin {level}"));
            Finding::ok("account", "", format!("{kind}, {how}{level}"))
        }
        AccountStatus::Unknown | AccountStatus::NoCredentials => {
            let why = match last.and_then(|end| end.error.as_ref()) {
                Some(error) => format!("its kind is not known: {error}"),
                None => "its kind has not been answered".to_owned(),
            };
            Finding::not_looked_at("account", "", &why, "see the lines of rest and of the requests")
        }
    }
}

fn rights(run: &Run) -> Vec<Finding> {
    let Some(rights) = &run.report.key_rights else {
        let why = match run.error_of(&RequestKind::KeyRights) {
            Some(error) => format!("the exchange does not tell them: {error}"),
            None => "they have not been answered".to_owned(),
        };
        let remedy = "look at the key yourself: Bitget, API Keys; it should be Read-only";
        return vec![Finding::not_looked_at("rights", "", &why, remedy)];
    };
    let mut all = Vec::new();
    for (name, may, loud) in [
        ("withdraw", rights.withdraw, "THIS KEY CAN WITHDRAW: whoever has it can take the money"),
        ("transfer", rights.transfer, "THIS KEY CAN TRANSFER money between accounts"),
        ("trade", rights.trade, "THIS KEY CAN TRADE"),
    ] {
        match may {
            Some(true) => {
                all.push(Finding::fail(Area::Other, "rights", name, loud, READ_ONLY));
            }
            Some(false) => {}
            None => {
                let text = format!("the exchange does not tell whether this key may {name}");
                let remedy = "look at the key yourself: Bitget, API Keys";
                all.push(Finding::warn("rights", name, text, remedy));
            }
        }
    }
    if all.is_empty() {
        all.push(Finding::ok("rights", "", "the key can only read"));
    }
    all.extend(reads(rights));
    all.push(address(rights));
    all
}

/// The exchange lists what the key may read, where it is not enough.
fn reads(rights: &KeyRights) -> Option<Finding> {
    (rights.read_futures == Some(false)).then(|| {
        let text = "the key may not read futures";
        let remedy = "tick Futures Orders and Futures Holdings (of a unified account Trade and \
                      Management) with Read-only: Bitget, API Keys, Edit";
        Finding::fail(Area::Credentials, "rights", "read", text, remedy)
    })
}

fn address(rights: &KeyRights) -> Finding {
    match rights.ip_bound {
        Some(true) => Finding::ok("rights", "ip", "works from listed addresses only"),
        Some(false) => {
            let text = "works from every address";
            let remedy = "bind it to this machine's public address: Bitget, API Keys, Edit";
            Finding::warn("rights", "ip", text, remedy)
        }
        None => {
            let text = "the exchange does not tell whether it is bound to addresses";
            Finding::warn("rights", "ip", text, "look at the key yourself: Bitget, API Keys")
        }
    }
}
