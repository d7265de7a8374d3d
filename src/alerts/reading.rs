//! What one report says of the condition of a rule, subject by subject. Nothing is remembered here.

use rust_decimal::Decimal;

use super::condition::{Finding, compare};
use super::subject::Subject;
use crate::config::AlertConfig;
use crate::domain::{MarginMode, Metric, PositionKey, ProblemCode, Product, Symbol, Timestamp};
use crate::report::{PositionRow, Report};
use crate::risk;
use crate::store::{Event, EventKind};

/// What a figure is worth to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Figure {
    /// Live.
    Known(Decimal),
    /// There is nothing to judge: no position in cross margin, one too small to matter, one that cannot be
    /// liquidated.
    None,
    /// Missing or stale.
    Unknown,
}

impl Figure {
    fn new(value: Option<Decimal>, is_live: bool) -> Self {
        value.filter(|_| is_live).map_or(Self::Unknown, Self::Known)
    }

    /// A fraction in percent.
    fn percent(value: Option<Decimal>, is_live: bool) -> Self {
        Self::new(value.and_then(|value| risk::mul(value, Decimal::ONE_HUNDRED)), is_live)
    }
}

/// What one report says of the condition of a rule.
pub(super) struct Findings {
    pub(super) rows: Vec<(Subject, Finding)>,
    /// The list of positions is missing or stale: some may be held that are not judged.
    pub(super) is_blind: bool,
}

/// Returns what `report` says of the condition of `rule`, which is no event.
pub(super) fn findings(rule: &AlertConfig, report: &Report) -> Findings {
    let figures = match rule.metric {
        Metric::LinkDown => return conditions(links(report)),
        Metric::DataStale => return conditions(data(report)),
        Metric::Price => contract(rule, report, |report| report.ticker.last),
        Metric::MarkPrice => mark_prices(rule, report),
        Metric::FundingRate => contract(rule, report, |report| {
            report.ticker.funding_rate.and_then(|rate| risk::mul(rate, Decimal::ONE_HUNDRED))
        }),
        _ if !report.has_credentials() => Vec::new(),
        Metric::LiquidationDistance => positions(rule, report, distance),
        Metric::MarginRatio => margin_ratios(rule, report),
        Metric::UnrealizedPnl => {
            positions(rule, report, |row, is_live| Figure::new(row.unrealized_pnl, is_live))
        }
        Metric::Roe => positions(rule, report, |row, is_live| Figure::percent(row.roe, is_live)),
        Metric::NetToday => {
            let today = &report.pnl.today;
            let net = today.totals.and_then(|totals| totals.net);
            vec![(Subject::Account, Figure::new(net, today.age.is_live(report.now)))]
        }
        Metric::Drawdown => {
            let is_live = report.pnl.session.age.is_live(report.now);
            vec![(Subject::Account, Figure::percent(drawdown(report), is_live))]
        }
        Metric::PositionClosed | Metric::PositionOpened | Metric::SizeChanged => Vec::new(),
    };
    let found = |figure| match figure {
        Figure::Known(value) => compare(rule, value),
        Figure::None => Finding::Over { value: None },
        Figure::Unknown => Finding::Unknown,
    };
    let rows = figures.into_iter().map(|(subject, figure)| (subject, found(figure))).collect();
    let product = rule.symbol.as_ref().map_or(Product::UsdtFutures, Symbol::product);
    let is_blind = rule.metric.is_of_positions()
        && report.has_credentials()
        && !is_listed(report, product, report.now);
    Findings { rows, is_blind }
}

/// Returns whether the list of positions of a product is live: what it does not hold is not held.
pub(super) fn is_listed(report: &Report, product: Product, now: Timestamp) -> bool {
    report.positions.age_of(product).is_live(now)
}

fn conditions(rows: Vec<(Subject, Finding)>) -> Findings {
    Findings { rows, is_blind: false }
}

/// A link is down from its last attempt in a row until it is live again, whatever is tried in between.
fn links(report: &Report) -> Vec<(Subject, Finding)> {
    let links = report.links.iter().map(|link| {
        let name = link.stream.to_string();
        let mut problems = report.problems.iter();
        let down = problems.find(|problem| {
            problem.code == ProblemCode::LinkDown && problem.subject.as_str() == name
        });
        (Subject::Link(link.stream), stands(down.map(|problem| problem.since)))
    });
    links.collect()
}

fn data(report: &Report) -> Vec<(Subject, Finding)> {
    let mut problems = report.problems.iter();
    let stale = problems.find(|problem| problem.code == ProblemCode::DataStale);
    vec![(Subject::Data, stands(stale.map(|problem| problem.since)))]
}

const fn stands(since: Option<Timestamp>) -> Finding {
    match since {
        Some(_) => Finding::Holds { value: None, since },
        None => Finding::Over { value: None },
    }
}

/// A price of the contract in focus: of others there is none.
fn contract(
    rule: &AlertConfig,
    report: &Report,
    figure: fn(&Report) -> Option<Decimal>,
) -> Vec<(Subject, Figure)> {
    let symbol = rule.symbol.as_ref().unwrap_or(&report.focus);
    let is_live = report.ticker.age.is_live(report.now) && *symbol == report.focus;
    vec![(Subject::Contract(symbol.clone()), Figure::new(figure(report), is_live))]
}

/// The mark prices of the contract in focus and of those that are held.
fn mark_prices(rule: &AlertConfig, report: &Report) -> Vec<(Subject, Figure)> {
    let symbol = rule.symbol.as_ref();
    let mut prices = Vec::new();
    for row in report.positions.rows.iter().filter(|row| !row.is_focus) {
        let of_rule = symbol.is_none_or(|symbol| *symbol == row.key.symbol);
        let subject = Subject::Contract(row.key.symbol.clone());
        if of_rule && !prices.iter().any(|(held, _)| *held == subject) {
            prices.push((subject, Figure::new(row.mark_price, row.age.is_live(report.now))));
        }
    }
    if symbol.is_none_or(|symbol| *symbol == report.focus) || prices.is_empty() {
        prices.extend(contract(rule, report, |report| report.ticker.mark));
    }
    prices
}

fn is_of(rule: &AlertConfig, key: &PositionKey) -> bool {
    rule.symbol.as_ref().is_none_or(|symbol| *symbol == key.symbol)
        && rule.side.is_none_or(|side| side == key.side)
}

/// Returns whether a position is too small to matter to a rule: ratios of small positions are no alarm,
/// unless the rule names the contract.
fn is_too_small(rule: &AlertConfig, row: &PositionRow) -> bool {
    let is_ratio =
        matches!(rule.metric, Metric::LiquidationDistance | Metric::MarginRatio | Metric::Roe);
    is_ratio && rule.symbol.is_none() && row.risk.is_material == Some(false)
}

fn positions(
    rule: &AlertConfig,
    report: &Report,
    figure: impl Fn(&PositionRow, bool) -> Figure,
) -> Vec<(Subject, Figure)> {
    let rows = report.positions.rows.iter().filter(|row| is_of(rule, &row.key));
    let figures = rows.map(|row| {
        let is_live = row.age.is_live(report.now);
        let found =
            if is_live && is_too_small(rule, row) { Figure::None } else { figure(row, is_live) };
        (Subject::Position(row.key.clone()), found)
    });
    figures.collect()
}

/// The nearer of the exchange's and our liquidation price counts.
fn distance(row: &PositionRow, is_live: bool) -> Figure {
    let prices = [row.liquidation_price, row.risk.liquidation_price_ours];
    let nearest = row.mark_price.and_then(|mark| {
        let distances = prices.into_iter().flatten();
        distances.filter_map(|price| risk::liquidation_distance(mark, price)).min()
    });
    // What has a ratio and no such price is backed by so much that no price liquidates it.
    if nearest.is_none() && is_live && row.mark_price.is_some() && row.margin_ratio.is_some() {
        return Figure::None;
    }
    Figure::percent(nearest, is_live)
}

/// The ratio of the account, which is that of all positions in cross margin, and those of isolated ones. A
/// rule that names a contract or a side is of positions alone.
fn margin_ratios(rule: &AlertConfig, report: &Report) -> Vec<(Subject, Figure)> {
    let ratio = |row: &PositionRow, is_live| Figure::percent(row.margin_ratio, is_live);
    if rule.symbol.is_some() || rule.side.is_some() {
        return positions(rule, report, ratio);
    }
    let is_isolated = |key: &PositionKey| key.margin_mode.known() == Some(MarginMode::Isolated);
    let rows = &report.positions.rows;
    let has_cross = rows.iter().any(|row| row.counted && !is_isolated(&row.key));
    let account = &report.account;
    let of_account = if has_cross || !is_listed(report, Product::UsdtFutures, report.now) {
        Figure::percent(account.margin_ratio, account.derived.is_live(report.now))
    } else {
        Figure::None
    };
    let mut ratios = positions(rule, report, ratio);
    ratios.retain(|(subject, _)| matches!(subject, Subject::Position(key) if is_isolated(key)));
    ratios.insert(0, (Subject::Account, of_account));
    ratios
}

/// The fall of the equity from its highest, a fraction of that.
fn drawdown(report: &Report) -> Option<Decimal> {
    let curve = &report.pnl.session.curve;
    let peak = curve.iter().map(|point| point.equity).max()?;
    // While a movement is not explained nobody knows what was lost and what was taken out.
    report.pnl.session.change?;
    let fall = risk::sub(peak, curve.last()?.equity)?;
    if peak <= Decimal::ZERO {
        return None;
    }
    risk::div(fall, peak)
}

/// Returns the position that `event` is about and its size, if it is of the rule.
pub(super) fn occurrence(rule: &AlertConfig, event: &Event) -> Option<(PositionKey, Decimal)> {
    use EventKind::{Adjusted, PositionClosed, PositionLeft, PositionOpened, SizeChanged};
    let (metric, key, size) = if let PositionOpened { key, size } = &event.kind {
        (Metric::PositionOpened, key, size)
    } else if let SizeChanged { key, to, .. } | Adjusted { key, to, .. } = &event.kind {
        (Metric::SizeChanged, key, to)
    } else if let PositionClosed { key, size } | PositionLeft { key, size } = &event.kind {
        (Metric::PositionClosed, key, size)
    } else {
        return None;
    };
    (rule.metric == metric && is_of(rule, key)).then(|| (key.clone(), *size))
}

/// Returns whether two events are one. What is first taken for a close may turn out to be a move to
/// another account.
pub(super) fn is_same(a: &Event, b: &Event) -> bool {
    use EventKind::{PositionClosed, PositionLeft};
    let is_one = if let PositionClosed { key, .. } | PositionLeft { key, .. } = &a.kind
        && let PositionClosed { key: other, .. } | PositionLeft { key: other, .. } = &b.kind
    {
        a.at == b.at && key == other
    } else {
        false
    };
    is_one || a == b
}
