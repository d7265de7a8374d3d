//! One short line for a status bar. Its parts keep their order and their decimals, so that it stands still
//! while the figures move.

use rust_decimal::Decimal;

use super::words::{age, fixed, known, percent, price, signed_percent, size_of_row, upper};
use crate::domain::Text;
use crate::report::{Freshness, PositionRow, Report, Source};
use crate::ui::format::Sign;

/// Returns the line: symbol and price, the positions of the focus, then the account: its unrealized PnL, its
/// margin ratio, the position nearest to its liquidation, and the most pressing problem.
pub(crate) fn line(report: &Report) -> String {
    let badge = match report.source {
        Source::Live => "",
        Source::Demo => "DEMO ",
        Source::Replay => "REPLAY ",
    };
    let ticker = &report.ticker;
    let places = report.contract(&report.focus).map(|contract| contract.price_places);
    let last = known(ticker.last.map(|last| price(last, places)));
    let mut parts =
        vec![format!("{badge}{} {last}{}", report.focus, mark_of_age(ticker.age.at(report.now)))];
    if report.has_credentials() {
        parts.extend(focus_parts(report));
        parts.extend(account_parts(report));
        parts.extend(report.problems.first().map(|problem| format!("! {}", problem.code)));
    }
    parts.join(" | ")
}

/// Returns the positions of the focus, or what is known in their place.
fn focus_parts(report: &Report) -> Vec<String> {
    let positions = &report.positions;
    let focus = positions.rows.iter().filter(|row| row.is_focus);
    let parts: Vec<_> = focus.map(|row| focus_part(row, report)).collect();
    if !parts.is_empty() {
        return parts;
    }
    vec![match positions.rows.len() {
        _ if !positions.is_whole(report.now) => "positions unknown".to_owned(),
        0 => "flat".to_owned(),
        others => format!("flat here, {others} elsewhere"),
    }]
}

fn focus_part(row: &PositionRow, report: &Report) -> String {
    format!(
        "{} {} {} roe {} liq {}{}",
        upper(row.key.side),
        size_of_row(row),
        known(row.unrealized_pnl.map(gain)),
        known(row.roe.and_then(signed_percent)),
        distance(row),
        mark_of_age(row.age.at(report.now))
    )
}

/// Two decimals below one too, where amounts elsewhere have four: the line would move.
fn gain(pnl: Decimal) -> String {
    fixed(pnl, 2, Sign::Always)
}

/// The exchange sends no liquidation price when there is none to fear.
fn distance(row: &PositionRow) -> String {
    if row.liquidation_price.is_none() {
        return "-".to_owned();
    }
    known(row.liquidation_distance.and_then(percent))
}

/// What is so of all that is held; nothing where it is proven that nothing is.
fn account_parts(report: &Report) -> Vec<String> {
    if report.is_flat(report.now) {
        return Vec::new();
    }
    let (account, pnl, risk) = (&report.account, &report.pnl, &report.risk);
    let coin = account.margin_coin.as_ref().map_or("", Text::as_str);
    let of = |value: Option<String>| known(value);
    let total = of(pnl.unrealized.map(gain));
    let ratio = of(account.margin_ratio.and_then(percent));
    let mut parts = vec![
        format!("total {total} {coin}").trim_end().to_owned()
            + &mark_of_age(pnl.age.at(report.now)),
        format!("margin ratio {ratio}{}", mark_of_age(account.derived.at(report.now))),
    ];
    let worst = risk.worst_position.as_ref();
    let worst = worst.and_then(|key| report.positions.rows.iter().find(|row| row.key == *key));
    if let Some(row) = worst {
        let (symbol, side) = (&row.key.symbol, upper(row.key.side));
        let mark = mark_of_age(row.age.at(report.now));
        parts.push(format!("nearest {symbol} {side} {}{mark}", distance(row)));
    }
    parts
}

/// Returns the mark of a figure that is not live, with a blank before it.
fn mark_of_age(freshness: Freshness) -> String {
    if freshness.is_live() { String::new() } else { format!(" {}", age(freshness)) }
}
