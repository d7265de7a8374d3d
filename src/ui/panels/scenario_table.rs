//! What moves of the price would do: the contract of the position alone, then all contracts.

use rust_decimal::Decimal;

use super::absence::no_subject_panel;
use super::inputs::Inputs;
use super::row_formatter::{RowFormatter, title};
use crate::report::Scenario;
use crate::ui::format::{self, Sign};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Column, Formatter, Heading, Panel, Span, Table};

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
    let heading = heading.noted("All: every contract moves alike").noted("LIQ: liquidated");
    let one = inputs.formatter(state, one_age);
    let all = inputs.formatter(state, all_age);
    let mut shifts: Vec<Decimal> =
        single.iter().chain(every).map(|scenario| scenario.shift).collect();
    shifts.push(Decimal::ZERO);
    shifts.sort_unstable();
    shifts.dedup();
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
            };
            alone = Some(now(row.unrealized_pnl, row.margin_ratio));
            alike = Some(now(account.unrealized_pnl, account.margin_ratio));
        }
        let [one_ratio, one_pnl, one_equity] = results(alone, one);
        let [all_ratio, all_pnl, all_equity] = results(alike, all);
        vec![label, price, one_ratio, one_pnl, one_equity, all_ratio, all_pnl, all_equity]
    };
    let columns = vec![
        Column::new("Move", true, 0, 5),
        Column::new("Price", true, 2, 9),
        Column::new("Ratio", true, 1, 7),
        Column::new("uPnL", true, 4, 10),
        Column::new("Equity", true, 3, 10),
        Column::new("All: ratio", true, 5, 10),
        Column::new("All: uPnL", true, 7, 10),
        Column::new("All: equity", true, 6, 11),
    ];
    let rows = shifts.into_iter().map(cells).collect();
    Panel::new(heading, Body::Table(Table::new(columns, rows)))
}

fn moved(shift: Decimal) -> Span {
    let places = shift.normalize().scale().saturating_sub(2);
    let text = format::percent(shift, places, Sign::Always);
    text.map_or_else(|| Absent::Unknown.span(), Span::plain)
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
