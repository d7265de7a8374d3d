//! What moves of the price would do: the contract of the position alone, then all contracts.

use rust_decimal::Decimal;

use super::absence::no_subject_panel;
use super::inputs::Inputs;
use super::row_formatter::{RowFormatter, title};
use super::scenario_curve;
use crate::report::Scenario;
use crate::risk::Lost;
use crate::ui::format::{self, Sign};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Column, Formatter, Heading, Panel, Span, Table, side_word};

/// One row a move, the present among them.
pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let Some(row) = inputs.subject_or_first(state) else {
        return no_subject_panel("Scenarios", inputs, state);
    };
    let show = RowFormatter::new(inputs, state, row);
    let (account, risk) = (&inputs.report.account, &inputs.report.risk);
    let one_age = inputs.row_age(row).with(account.derived);
    let all_age = account.derived.with(risk.age);
    let heading = Heading::new(format!("Scenarios: {} moves", title(&row.key)))
        .aged(inputs.fresh(one_age.with(all_age)));
    let (single, every) = (&row.risk.scenarios, &risk.account_scenarios);
    if single.is_empty() && every.is_empty() {
        return Panel::message(heading, [Span::plain("scenarios"), Absent::Unknown.span()]);
    }
    let coins = row.key.symbol.settle_coin().zip(account.margin_coin.as_ref());
    let coins = coins.filter(|(own, of_account)| *own != of_account.as_str());
    let heading = match coins {
        Some((own, of_account)) => heading.noted(&format!("uPnL {own}; equity, All: {of_account}")),
        None => heading,
    };
    let heading = heading.noted("All: every contract moves alike").noted("LIQ: liquidated");
    let one = inputs.formatter(state, one_age);
    let all = inputs.formatter(state, all_age);
    let mut shifts: Vec<Decimal> =
        single.iter().chain(every).map(|scenario| scenario.shift).collect();
    shifts.push(Decimal::ZERO);
    shifts.sort_unstable();
    shifts.dedup();
    let any_lost = every.iter().any(|at| at.liquidated);
    let cells = |shift: Decimal| {
        let of = |list: &[Scenario]| list.iter().find(|at| at.shift == shift).copied();
        let (mut alone, mut alike) = (of(single), of(every));
        let mut label = moved(shift);
        let mut price = one.price(alone.and_then(|at| at.price), row.price_places);
        if shift.is_zero() && alone.is_none() && alike.is_none() {
            label = Span::new("now", Role::Strong);
            price = show.mark();
            // The left part tells the result of this position, the right one that of all of them.
            let now = |unrealized_pnl, margin_ratio| Scenario {
                shift,
                price: None,
                unrealized_pnl,
                equity: account.equity,
                margin_ratio,
                liquidated: false,
                lost: Lost::default(),
            };
            alone = Some(now(row.unrealized_pnl, row.margin_ratio));
            alike = Some(now(account.unrealized_pnl, account.margin_ratio));
        }
        let [one_ratio, one_pnl, one_equity] = results(alone, one);
        // Of the account the ratio is that of the cross positions: an isolated one that falls is named.
        let of_account = alike.map(|at| Scenario { liquidated: at.lost.cross, ..at });
        let [all_ratio, all_pnl, all_equity] = results(of_account, all);
        let mut cells = vec![
            one.aged(label),
            price,
            one_ratio,
            one_pnl,
            one_equity,
            all_ratio,
            all_pnl,
            all_equity,
        ];
        if any_lost {
            cells.push(lost(inputs, alike, all));
        }
        cells
    };
    let mut columns = vec![
        Column::new("Move", true, 0, 5),
        Column::new("Price", true, 2, 9),
        Column::new("Ratio", true, 1, 7),
        Column::new("uPnL", true, 4, 10),
        Column::new("Equity", true, 3, 10),
        Column::new("All: ratio", true, 5, 10),
        Column::new("All: uPnL", true, 8, 10),
        Column::new("All: equity", true, 7, 11),
    ];
    if any_lost {
        columns.push(Column::new("All: LIQ", false, 6, 12));
    }
    let rows = shifts.into_iter().map(cells).collect();
    let table = Table::new(columns, rows);
    let body = match scenario_curve::of(&show, one) {
        Some(curve) => Body::Charted(table, curve),
        None => Body::Table(table),
    };
    Panel::new(heading, body)
}

fn moved(shift: Decimal) -> Span {
    let places = shift.normalize().scale().saturating_sub(2);
    let text = format::percent(shift, places, Sign::Always);
    text.map_or_else(|| Absent::Unknown.span(), Span::plain)
}

/// What a move of all contracts liquidates: the cross positions, which fall together, and isolated ones.
fn lost(inputs: &Inputs<'_>, scenario: Option<Scenario>, show: Formatter<'_>) -> Span {
    let Some(lost) = scenario.filter(|at| at.liquidated).map(|at| at.lost) else {
        return Absent::NotApplicable.span();
    };
    let first = lost.first_isolated.and_then(|place| inputs.report.positions.rows.get(place));
    let name = first.map(|row| {
        let coin = row.key.symbol.base().unwrap_or_default();
        format!("{coin} {}", side_word(row.key.side))
    });
    let mut words: Vec<String> = name.into_iter().collect();
    if lost.isolated > 1 {
        words.push(format!("+{}", lost.isolated.saturating_sub(1)));
    }
    if lost.cross {
        words.insert(0, if words.is_empty() { "cross" } else { "cross," }.to_owned());
    }
    let role = if show.freshness.is_live() { Role::Danger } else { Role::Stale };
    Span::new(words.join(" "), role)
}

/// The margin ratio, or the word for the end; the result; what would be left.
fn results(scenario: Option<Scenario>, show: Formatter<'_>) -> [Span; 3] {
    let ratio = if scenario.is_some_and(|at| at.liquidated) {
        Span::new("LIQ", if show.freshness.is_live() { Role::Danger } else { Role::Stale })
    } else {
        show.percent(scenario.and_then(|at| at.margin_ratio))
    };
    let pnl = show.gain(scenario.and_then(|at| at.unrealized_pnl));
    [ratio, pnl, show.money(scenario.and_then(|at| at.equity))]
}
