//! The snapshot document as plain, linear text, and as one short line for a status bar.
//!
//! Meant for a dumb terminal, a screen reader or a log: one statement a line, words instead of
//! position and colour. The marks are those of the screen: `?` is not known, `-` not applicable.

use std::fmt::{self, Display, Write};

use rust_decimal::Decimal;

use crate::domain::{Order, OrderKind, Product, Symbol, Timestamp};
use crate::report::{
    AccountStatus, Freshness, PositionRow, Report, RiskPart, Source, TodayPart, json,
};
use crate::ui::format;

/// Returns the document as text.
pub(super) fn plain(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    if write_plain(&mut text, report).is_err() {
        text.clear();
    }
    text
}

fn write_plain(out: &mut String, report: &Report) -> fmt::Result {
    let source = source_word(report.source);
    let now = report.now;
    writeln!(out, "{} at {}, {source} data", report.focus, time(report.taken_at))?;
    writeln!(out, "account: {}", account_word(report.account_kind))?;
    if !report.complete {
        writeln!(out, "INCOMPLETE: parts are missing or stale")?;
    }
    for problem in &report.problems {
        writeln!(out, "problem {}: {}", problem.code, problem.text)?;
    }

    let ticker = &report.ticker;
    writeln!(out, "\nprice ({})", age(ticker.age.at(now)))?;
    let places = places_of(report, &report.focus);
    field(out, "last", ticker.last.map(|x| price(x, places)))?;
    field(out, "mark", ticker.mark.map(|x| price(x, places)))?;
    field(out, "index", ticker.index.map(|x| price(x, places)))?;
    field(out, "bid", ticker.bid.map(|x| price(x, places)))?;
    field(out, "ask", ticker.ask.map(|x| price(x, places)))?;
    field(out, "change 24 h", ticker.change_24h.and_then(percent))?;
    field(out, "funding rate", ticker.funding_rate.and_then(percent))?;
    field(out, "next funding", ticker.next_funding_at.map(time))?;
    if !report.has_credentials() {
        return writeln!(
            out,
            "\nno credentials: set BITGET_API_KEY, BITGET_SECRET_KEY and BITGET_PASSPHRASE"
        );
    }

    let positions = &report.positions;
    writeln!(out, "\npositions ({})", age(positions.age.at(now)))?;
    if positions.unreadable_rows > 0 {
        writeln!(out, "  {} rows could not be read", positions.unreadable_rows)?;
    }
    if positions.rows.is_empty() {
        let known = positions.is_whole(report.now);
        let words = if known { "no open positions (USDT-M, USDC-M, COIN-M)" } else { "not known" };
        writeln!(out, "  {words}")?;
    }
    let unknown: Vec<_> = others_unknown(report).map(Product::label).collect();
    if !unknown.is_empty() {
        writeln!(out, "  not known of {}", unknown.join(", "))?;
    }
    for row in &positions.rows {
        position(out, row, now)?;
    }

    let account = &report.account;
    writeln!(out, "\naccount ({})", age(account.derived.at(now)))?;
    field(out, "equity", account.equity.map(money))?;
    field(out, "available", account.available.map(money))?;
    field(out, "maintenance margin", account.maintenance_margin.map(money))?;
    field(out, "margin ratio", account.margin_ratio.and_then(percent))?;
    field(out, "effective leverage", account.effective_leverage.map(|x| rounded(x, 2)))?;

    let (pnl, session) = (&report.pnl, &report.pnl.session);
    writeln!(out, "\npnl ({})", age(pnl.age.at(now)))?;
    field(out, "unrealized (mark)", pnl.unrealized.map(gain))?;
    field(out, "next funding payment", pnl.next_funding_payment.map(|x| signed(rounded(x, 4))))?;
    field(out, "closing the focus now", pnl.close_now_net.map(gain))?;
    writeln!(out, "session ({})", age(session.age.at(now)))?;
    field(out, "change of the equity", session.change.map(gain))?;
    field(out, "largest drawdown", session.max_drawdown.and_then(percent))?;
    today(out, &pnl.today, now)?;
    risk(out, &report.risk, now)?;

    let orders = &report.orders;
    writeln!(out, "\norders ({})", age(orders.age.at(now)))?;
    if orders.rows.is_empty() {
        let of: Vec<_> = orders.listed(now).into_iter().map(Product::label).collect();
        let none = format!("none ({})", of.join(", "));
        writeln!(out, "  {}", if orders.is_whole(now) { &none } else { "not known" })?;
    }
    for row in &orders.rows {
        writeln!(
            out,
            "  {} {} {} size {} price {} trigger {} {}",
            row.symbol,
            row.kind,
            known(row.side),
            size_of(row),
            applicable(row.price, places_of(report, &row.symbol)),
            applicable(row.trigger_price, places_of(report, &row.symbol)),
            row.status
        )?;
    }

    writeln!(out, "\nlinks")?;
    for link in &report.links {
        let error = link.last_error.as_ref().map_or("no error", |error| error.as_str());
        writeln!(out, "  {} {} ({error})", link.stream, link.state)?;
    }
    Ok(())
}

fn today(out: &mut String, today: &TodayPart, now: Timestamp) -> fmt::Result {
    let totals = today.totals;
    writeln!(out, "today, UTC ({})", age(today.age.at(now)))?;
    field(out, "realized today", totals.and_then(|totals| totals.realized).map(gain))?;
    field(
        out,
        "fees paid today",
        totals.and_then(|totals| totals.fees_paid).map(|paid| rounded(paid, 4)),
    )?;
    for fee in &today.other_fees {
        let value =
            fee.value.map_or_else(|| "value not known".to_owned(), |x| rounded(x, 4).to_string());
        let paid = fee.paid.map(|paid| format!("{} ({value})", rounded(paid, 8)));
        field(out, &format!("  fees paid in {}", fee.coin), paid)?;
    }
    field(
        out,
        "funding today",
        totals.and_then(|totals| totals.funding).map(|sum| signed(rounded(sum, 4))),
    )?;
    field(out, "net today", totals.and_then(|totals| totals.net).map(gain))
}

fn risk(out: &mut String, risk: &RiskPart, now: Timestamp) -> fmt::Result {
    writeln!(out, "\nrisk ({})", age(risk.age.at(now)))?;
    field(out, "level", risk.level)?;
    if let Some(reason) = &risk.reason {
        writeln!(out, "  because: {reason}")?;
    }
    if let Some(worst) = &risk.worst_position {
        writeln!(out, "  nearest to liquidation: {} {}", worst.symbol, upper(worst.side))?;
        field(out, "distance", risk.liquidation_distance.and_then(percent))?;
        field(out, "distance in daily sigmas", risk.liquidation_sigmas.map(|x| rounded(x, 2)))?;
        let touch = &risk.touch_probability;
        field(out, "touched within 1 h", touch.h1.map(chance))?;
        field(out, "touched within 8 h", touch.h8.map(chance))?;
        field(out, "touched within 24 h", touch.h24.map(chance))?;
    }
    field(out, "volatility a year", risk.volatility_annual.and_then(percent))?;
    field(out, "value at risk, 95 %, 1 day", risk.var_95_1d.map(|x| rounded(x, 2)))?;
    field(out, "expected shortfall, 95 %, 1 day", risk.es_95_1d.map(|x| rounded(x, 2)))
}

/// The size of an order; a plan without one closes the whole position.
fn size_of(order: &Order) -> String {
    match order.size {
        Some(size) => size.normalize().to_string(),
        None if order.kind.known() == Some(OrderKind::Limit) => "?".to_owned(),
        None => "whole position".to_owned(),
    }
}

/// A probability in words: below one percent the estimate says no more than that.
fn chance(probability: Decimal) -> String {
    if probability < Decimal::new(1, 2) {
        return "less than 1 %".to_owned();
    }
    percent(probability).unwrap_or_else(|| "?".to_owned())
}

/// Returns the products of which nobody knows what is held, while that is known of USDT-M.
fn others_unknown(report: &Report) -> impl Iterator<Item = Product> {
    let listed = report.positions.listed(report.now);
    let own = listed.contains(&Product::UsdtFutures);
    Product::OTHERS.into_iter().filter(move |product| own && !listed.contains(product))
}

/// A gain or loss in the coin that the contract pays in.
fn gain_of(row: &PositionRow, value: Decimal) -> String {
    let symbol = &row.key.symbol;
    if symbol.product().is_linear() {
        return gain(value);
    }
    format!("{} {}", signed(rounded(value, 8)), symbol.settle_coin().unwrap_or_default())
}

fn position(out: &mut String, row: &PositionRow, now: Timestamp) -> fmt::Result {
    writeln!(
        out,
        "  {} {} {} {}, {} ({})",
        row.key.symbol,
        upper(row.key.side),
        row.size.normalize(),
        row.key.symbol.base().unwrap_or_default(),
        row.key.margin_mode,
        age(row.age.at(now))
    )?;
    if !row.modelled {
        writeln!(out, "    exchange's figures ({})", row.key.symbol.product().label())?;
    }
    let gain = |value| gain_of(row, value);
    let cost_places = if row.key.symbol.product().is_linear() { 4 } else { 8 };
    let places = row.price_places;
    // An average of prices may lie between two steps.
    let finer = places.map(|places| places.saturating_add(1));
    field(out, "  entry", row.entry_price.map(|x| price(x, finer)))?;
    field(out, "  mark", row.mark_price.map(|x| price(x, places)))?;
    field(out, "  unrealized pnl (mark)", row.unrealized_pnl.map(gain))?;
    field(out, "  return on margin", row.roe.and_then(percent))?;
    field(out, "  net pnl", row.net_pnl.map(gain))?;
    field(out, "  break-even", row.break_even_price.map(|x| price(x, finer)))?;
    match row.liquidation_price {
        Some(liquidation) => {
            let distance = known(row.liquidation_distance.and_then(percent));
            writeln!(out, "    liquidation: {}, {distance} away", price(liquidation, places))?;
        }
        None => writeln!(out, "    liquidation: none")?,
    }
    field(out, "  margin ratio", row.margin_ratio.and_then(percent))?;
    field(out, "  risk", row.risk.level)?;
    field(out, "  touched within 24 h", row.risk.touch_probability.h24.map(chance))?;
    field(out, "  leverage", row.leverage.map(|x| rounded(x, 2)))?;
    field(out, "  funding so far", row.funding_pnl.map(|x| signed(rounded(x, cost_places))))?;
    field(out, "  fees paid", row.fees_paid.map(|x| rounded(x, cost_places)))
}

/// Returns one short line: symbol, price, and the focus position with its PnL and distance.
pub(super) fn line(report: &Report) -> String {
    let badge = match report.source {
        Source::Live => "",
        Source::Demo => "DEMO ",
        Source::Replay => "REPLAY ",
    };
    let ticker = &report.ticker;
    let mut parts = vec![format!(
        "{badge}{} {}{}",
        report.focus,
        known(ticker.last.map(|x| price(x, places_of(report, &report.focus)))),
        mark_of_age(ticker.age.at(report.now))
    )];
    if report.has_credentials() {
        parts.extend(focus_parts(report));
        parts.extend(report.problems.first().map(|problem| format!("! {}", problem.code)));
    }
    parts.join(" | ")
}

/// Returns the positions of the focus, or what is known in their place.
fn focus_parts(report: &Report) -> Vec<String> {
    let positions = &report.positions;
    let focus = positions.rows.iter().filter(|row| row.is_focus);
    let parts: Vec<_> = focus.map(|row| focus_part(row, report.now)).collect();
    if !parts.is_empty() {
        return parts;
    }
    vec![match positions.rows.len() {
        _ if !positions.is_whole(report.now) => "positions unknown".to_owned(),
        0 => "flat".to_owned(),
        others => format!("flat here, {others} elsewhere"),
    }]
}

fn focus_part(row: &PositionRow, now: Timestamp) -> String {
    let liquidation = if row.liquidation_price.is_some() {
        known(row.liquidation_distance.and_then(percent))
    } else {
        "-".to_owned()
    };
    format!(
        "{} {} {} roe {} liq {liquidation}{}",
        upper(row.key.side),
        row.size.normalize(),
        known(row.unrealized_pnl.map(|pnl| signed(rounded(pnl, 2)))),
        known(row.roe.and_then(percent)),
        mark_of_age(row.age.at(now))
    )
}

/// Returns the mark of a figure that is not live, with a blank before it.
fn mark_of_age(freshness: Freshness) -> String {
    if freshness.is_live() { String::new() } else { format!(" {}", age(freshness)) }
}

const fn source_word(source: Source) -> &'static str {
    match source {
        Source::Live => "live",
        Source::Demo => "DEMO",
        Source::Replay => "REPLAY",
    }
}

fn field(out: &mut String, name: &str, value: Option<impl Display>) -> fmt::Result {
    writeln!(out, "  {name}: {}", known(value))
}

fn known(value: Option<impl Display>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| value.to_string())
}

fn applicable(value: Option<Decimal>, places: Option<u32>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| price(value, places).to_string())
}

/// Returns the decimals of a price of a contract, where they are known.
fn places_of(report: &Report, symbol: &Symbol) -> Option<u32> {
    report.contract(symbol).map(|contract| contract.price_places)
}

/// A price as the screen rounds it.
fn price(value: Decimal, places: Option<u32>) -> Decimal {
    format::rounded_price(value, places)
}

/// An amount of money: two decimals, four when it is smaller than one.
fn money(value: Decimal) -> Decimal {
    rounded(value, if value.abs() < Decimal::ONE { 4 } else { 2 })
}

/// A gain or loss, its sign written.
fn gain(value: Decimal) -> String {
    signed(money(value))
}

fn signed(value: Decimal) -> String {
    let value = value.normalize();
    if value > Decimal::ZERO { format!("+{value}") } else { value.to_string() }
}

fn percent(fraction: Decimal) -> Option<String> {
    let percent = fraction.checked_mul(Decimal::ONE_HUNDRED)?;
    // Small rates, such as funding, need the digits that larger ones do not.
    let places = if percent.abs() < Decimal::ONE { 4 } else { 2 };
    Some(format!("{} %", rounded(percent, places)))
}

/// Rounds as the screen does, without zeros at the end.
fn rounded(value: Decimal, places: u32) -> Decimal {
    format::rounded(value, places).normalize()
}

fn age(freshness: Freshness) -> String {
    match freshness {
        Freshness::Live { ms } => format!("live, {ms} ms old"),
        Freshness::Stale { ms } => format!("STALE {} s", ms / 1000),
        Freshness::Missing => "not known".to_owned(),
    }
}

fn time(at: Timestamp) -> String {
    known(json::time(at))
}

fn upper(word: impl Display) -> String {
    word.to_string().to_uppercase()
}

fn account_word(status: AccountStatus) -> String {
    match status {
        AccountStatus::NoCredentials => "none".to_owned(),
        AccountStatus::Unknown => "unknown".to_owned(),
        AccountStatus::Known(kind) => kind.to_string(),
    }
}

#[cfg(test)]
mod tests;
