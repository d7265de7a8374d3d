//! The snapshot document as plain, linear text, and as one short line for a status bar.
//!
//! Meant for a dumb terminal, a screen reader or a log: one statement a line, words instead of
//! position and colour. Figures are rounded as on the screen, without separators, and amounts have their coin.
//! The marks are those of the screen: `?` is not known, `-` not applicable.

use std::fmt::{self, Display, Write};

use rust_decimal::Decimal;

use crate::domain::{CoinBalance, Order, OrderKind, Product, Text, Timestamp};
use crate::report::{
    AccountPart, AccountStatus, PositionRow, Report, RiskPart, Source, TodayPart, VarMethod,
};
use crate::ui::format::Sign;

mod line;
mod words;

pub(super) use line::line;
use words::{
    age, applicable, cash, factor, fixed, fixed_size, gain, in_coin, known, money, number, percent,
    places_of, price, rate, signed_percent, size_of_row, time, upper,
};

/// Returns the document as text. `proxy` is the one that the exchange is reached through, as `host:port`.
pub(super) fn plain(report: &Report, proxy: Option<&str>) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    if write_plain(&mut text, report, proxy).is_err() {
        text.clear();
    }
    text
}

fn write_alerts(out: &mut String, report: &Report) -> fmt::Result {
    for alert in &report.alerts {
        write!(out, "alert {}: {} {}", alert.severity, alert.metric, alert.subject)?;
        let figures = [("value", alert.value), ("limit", alert.limit)];
        for (name, figure) in figures.into_iter().filter_map(|(name, of)| Some((name, of?))) {
            write!(out, ", {name} {}", figure.normalize())?;
        }
        writeln!(out, ", since {}", time(alert.since))?;
    }
    Ok(())
}

fn write_head(out: &mut String, report: &Report, proxy: Option<&str>) -> fmt::Result {
    let source = source_word(report.source);
    write!(out, "{} at {}, {source} data", report.focus, time(report.taken_at))?;
    if let Some(proxy) = proxy {
        write!(out, " via proxy {proxy}")?;
    }
    writeln!(out, "\naccount: {}", account_word(report.account_kind))?;
    if !report.complete {
        writeln!(out, "INCOMPLETE: parts are missing or stale")?;
    }
    for problem in &report.problems {
        writeln!(out, "problem {}: {}", problem.code, problem.text)?;
    }
    write_alerts(out, report)
}

fn write_plain(out: &mut String, report: &Report, proxy: Option<&str>) -> fmt::Result {
    write_head(out, report, proxy)?;
    let now = report.now;
    let ticker = &report.ticker;
    writeln!(out, "\nprice ({})", age(ticker.age.at(now)))?;
    let places = places_of(report, &report.focus);
    field(out, "last", ticker.last.map(|x| price(x, places)))?;
    field(out, "mark", ticker.mark.map(|x| price(x, places)))?;
    field(out, "index", ticker.index.map(|x| price(x, places)))?;
    field(out, "bid", ticker.bid.map(|x| price(x, places)))?;
    field(out, "ask", ticker.ask.map(|x| price(x, places)))?;
    field(out, "change 24 h", ticker.change_24h.and_then(signed_percent))?;
    field(out, "funding rate", ticker.funding_rate.and_then(rate))?;
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
    let coin = account.margin_coin.as_ref().map_or("", Text::as_str);
    let of_account = |value: Option<Decimal>| value.map(|x| in_coin(money(x), coin));
    field(out, "equity", of_account(account.equity))?;
    field(out, "available", account.available.map(|x| in_coin(money(x), QUOTE)))?;
    field(out, "maintenance margin", of_account(account.maintenance_margin))?;
    field(out, "margin ratio", account.margin_ratio.and_then(percent))?;
    field(out, "account leverage", account.effective_leverage.map(factor))?;
    coins(out, account)?;

    let (pnl, session) = (&report.pnl, &report.pnl.session);
    writeln!(out, "\npnl ({})", age(pnl.age.at(now)))?;
    let gain_of_account = |value: Option<Decimal>| value.map(|x| in_coin(gain(x), coin));
    field(out, "unrealized (mark)", gain_of_account(pnl.unrealized))?;
    field(out, "next funding payment", pnl.next_funding_payment.map(|x| in_coin(cash(x), QUOTE)))?;
    let base = report.focus.base().unwrap_or_default();
    field(
        out,
        &format!("close {base} now"),
        pnl.close_now_net.map(|net| in_coin(gain(net), QUOTE)),
    )?;
    writeln!(out, "session ({})", age(session.age.at(now)))?;
    field(out, "change of the equity", gain_of_account(session.change))?;
    field(out, "largest drawdown", session.max_drawdown.and_then(percent))?;
    today(out, &pnl.today, now)?;
    risk(out, report)?;

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
    let of_contracts = |value: Decimal| in_coin(gain(value), QUOTE);
    writeln!(out, "today, UTC ({})", age(today.age.at(now)))?;
    field(out, "realized today", totals.and_then(|totals| totals.realized).map(of_contracts))?;
    field(
        out,
        "fees paid today",
        totals.and_then(|totals| totals.fees_paid).map(|paid| in_coin(money(paid), QUOTE)),
    )?;
    for fee in &today.other_fees {
        let value =
            fee.value.map_or_else(|| "value not known".to_owned(), |x| in_coin(money(x), QUOTE));
        let paid = fee.paid.map(|paid| format!("{} ({value})", fixed(paid, 8, Sign::Negative)));
        field(out, &format!("  fees paid in {}", fee.coin), paid)?;
    }
    field(out, "funding today", totals.and_then(|totals| totals.funding).map(of_contracts))?;
    field(out, "net today", totals.and_then(|totals| totals.net).map(of_contracts))
}

/// The coins of the account, and what of the equity is lent or given.
fn coins(out: &mut String, account: &AccountPart) -> fmt::Result {
    let is_given = |part: &Option<Decimal>| part.is_some_and(|part| !part.is_zero());
    let coin = account.margin_coin.as_ref().map_or("", Text::as_str);
    for (name, part) in [("bonus", account.bonus), ("coupon", account.coupon)] {
        if is_given(&part) {
            field(out, name, part.map(|part| in_coin(money(part), coin)))?;
        }
    }
    if let Some(rate) = account.usdt_usd.filter(|rate| CoinBalance::is_off_par(*rate)) {
        writeln!(out, "  rate: 1 USDT = {} USD", fixed(rate, 4, Sign::Negative))?;
    }
    for coin in &account.coins {
        let name = coin.coin.as_str();
        let amount = |value: Option<Decimal>| known(value.map(|x| coin_amount(coin, x)));
        write!(out, "  {name}: {}", amount(coin.equity))?;
        write!(out, ", worth {} USD", known(coin.usd_value.map(money)))?;
        match coin.debt.filter(|debt| !debt.is_zero()) {
            Some(debt) => writeln!(out, ", DEBT {}", coin_amount(coin, debt))?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

/// Dollars with two decimals, other coins with those of a bitcoin.
fn coin_amount(coin: &CoinBalance, value: Decimal) -> String {
    if coin.is_dollar() { money(value) } else { fixed(value, 8, Sign::Negative) }
}

fn risk(out: &mut String, report: &Report) -> fmt::Result {
    let (risk, now): (&RiskPart, _) = (&report.risk, report.now);
    writeln!(out, "\nrisk ({})", age(risk.age.at(now)))?;
    field(out, "level", risk.level)?;
    if let Some(reason) = &risk.reason {
        writeln!(out, "  because: {reason}")?;
    }
    if let Some(worst) = &risk.worst_position {
        writeln!(out, "  nearest to liquidation: {} {}", worst.symbol, upper(worst.side))?;
        field(out, "distance", risk.liquidation_distance.and_then(percent))?;
        field(out, "distance in daily sigmas", risk.liquidation_sigmas.map(number))?;
        let touch = &risk.touch_probability;
        field(out, "liquidation chance, 1 h", touch.h1.map(chance))?;
        field(out, "liquidation chance, 8 h", touch.h8.map(chance))?;
        field(out, "liquidation chance, 24 h", touch.h24.map(chance))?;
    }
    let base = report.focus.base().unwrap_or_default();
    field(out, &format!("{base} volatility, per year"), risk.volatility_annual.and_then(percent))?;
    let coin = report.account.margin_coin.as_ref().map_or("", Text::as_str);
    // Until there is a history it will jump to what that says.
    let how = match risk.var_method {
        Some(VarMethod::Normal) => ", provisional, by the normal curve",
        Some(VarMethod::History) => ", by daily history",
        None => "",
    };
    let loss = |value: Option<Decimal>| value.map(|x| in_coin(money(x), coin) + how);
    field(out, "value at risk, 95 %, 1 day", loss(risk.var_95_1d))?;
    field(out, "expected shortfall, 95 %, 1 day", loss(risk.es_95_1d))
}

/// The size of an order; a plan without one closes the whole position.
fn size_of(order: &Order) -> String {
    match order.size {
        Some(size) => fixed_size(size, None),
        None if order.kind.known() == Some(OrderKind::Limit) => "?".to_owned(),
        None => "full size".to_owned(),
    }
}

/// A probability in words: below one percent the estimate says no more than that.
fn chance(probability: Decimal) -> String {
    if probability < Decimal::new(1, 2) {
        return "less than 1 %".to_owned();
    }
    percent(probability).unwrap_or_else(|| "?".to_owned())
}

/// The coin in which contracts pay, and in which the ledger is summed.
const QUOTE: &str = "USDT";

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
        return in_coin(gain(value), symbol.settle_coin().unwrap_or_default());
    }
    in_coin(fixed(value, 8, Sign::Always), symbol.settle_coin().unwrap_or_default())
}

fn position(out: &mut String, row: &PositionRow, now: Timestamp) -> fmt::Result {
    writeln!(
        out,
        "  {} {} {} {}, {} ({})",
        row.key.symbol,
        upper(row.key.side),
        size_of_row(row),
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
    field(out, "  return on margin", row.roe.and_then(signed_percent))?;
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
    field(out, "  liquidation chance, 24 h", row.risk.touch_probability.h24.map(chance))?;
    field(out, "  leverage", row.leverage.map(factor))?;
    let coin = row.key.symbol.settle_coin().unwrap_or_default();
    let cost = |x, sign| in_coin(fixed(x, cost_places, sign), coin);
    field(out, "  funding so far", row.funding_pnl.map(|x| cost(x, Sign::Always)))?;
    field(out, "  fees paid", row.fees_paid.map(|x| cost(x, Sign::Negative)))
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

fn account_word(status: AccountStatus) -> String {
    match status {
        AccountStatus::NoCredentials => "none".to_owned(),
        AccountStatus::Unknown => "unknown".to_owned(),
        AccountStatus::Known(kind) => kind.to_string(),
    }
}

#[cfg(test)]
mod tests;
