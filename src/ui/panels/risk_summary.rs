//! Risk: the account, the position nearest to its liquidation, and the one that the user looks at.

use super::absence::no_subject;
use super::inputs::Inputs;
use super::position_figures::{distance, level, leverage_now, ratio, touch};
use super::row_formatter::RowFormatter;
use crate::report::{PositionRow, VarMethod};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Figure, Formatter, Heading, Panel, Span};

/// The coin of what is available for positions.
pub(super) const QUOTE: &str = "USDT";

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let (account, risk) = (&inputs.report.account, &inputs.report.risk);
    let derived = inputs.formatter(state, account.derived);
    let reported = inputs.formatter(state, account.age);
    let of_risk = inputs.formatter(state, risk.age);
    // Without a position there is nothing to be liquidated.
    let absent = if inputs.is_flat() { Absent::NotApplicable } else { Absent::Unknown };
    let coin = account.margin_coin.as_ref().map_or("", |coin| coin.as_str());
    let money = |label, show: Formatter<'_>, value, coin| {
        // The warning comes before the coin: what stands last is left out first.
        let mut figure = show.figure(label, show.money(value));
        figure.value.extend(value.map(|_| Span::label(coin)));
        figure
    };
    let mut value_at_risk = money("VaR 95% 1 day", of_risk.absent(absent), risk.var_95_1d, coin);
    if risk.var_method == Some(VarMethod::Normal) {
        // Until there is a history it will jump to what that says.
        value_at_risk.value.push(Span::new("prov.", Role::Warn));
    }
    let mut figures = vec![ratio("Margin ratio", account.margin_ratio, derived.absent(absent))];
    figures.extend(worst(inputs, state, of_risk));
    figures.extend([
        money("Equity", derived, account.equity, coin),
        value_at_risk,
        money("Available", reported, account.available, QUOTE),
    ]);
    figures.extend(of_subject(inputs, state));
    figures.extend([
        money("Maintenance", derived.absent(absent), account.maintenance_margin, coin),
        account_leverage(inputs, derived.absent(absent)),
    ]);
    let all = inputs.fresh(account.derived.with(account.age).with(risk.age));
    let mut heading = Heading::new("Risk").aged(all);
    heading.marks.extend(risk.level.map(|word| level(word, of_risk)));
    Panel::new(heading, Body::Figures(figures))
}

/// The leverage that the level judges.
pub(super) fn account_leverage(inputs: &Inputs<'_>, show: Formatter<'_>) -> Figure {
    show.figure("Acct leverage", show.factor(inputs.report.account.effective_leverage))
}

/// The position nearest to its liquidation: which one, how near, and how likely it is touched.
fn worst(inputs: &Inputs<'_>, state: &UiState, show: Formatter<'_>) -> Vec<Figure> {
    let risk = &inputs.report.risk;
    let Some(row) = nearest(inputs) else {
        // Positions that have no liquidation price have no nearest one among them.
        return vec![Figure::one("Worst position", no_subject(inputs).span())];
    };
    let mut touch = show.marked(touch(risk.touch_probability.h24, show));
    if risk.liquidation_sigmas.is_some() {
        let mut sigmas = show.number(risk.liquidation_sigmas).after("at");
        sigmas.text.push_str(" sigmas");
        touch.push(sigmas);
    }
    let show = RowFormatter::new(inputs, state, row);
    let mut figures = vec![Figure::new("Worst position", show.name())];
    figures.extend(to_liquidation(&show));
    figures.push(Figure::new("  chance 24h", touch));
    figures
}

/// Returns the row that the report calls the worst.
fn nearest<'a>(inputs: &Inputs<'a>) -> Option<&'a PositionRow> {
    inputs.row(inputs.report.risk.worst_position.as_ref()?)
}

/// How far the mark price is from the liquidation price, and that price.
fn to_liquidation(show: &RowFormatter<'_>) -> [Figure; 2] {
    [Figure::new("  to liq.", distance(show)), show.list.figure("  liq. price", show.liquidation())]
}

fn of_subject(inputs: &Inputs<'_>, state: &UiState) -> Vec<Figure> {
    let Some(row) = inputs.subject(state) else {
        return vec![Figure::one("Position", no_subject(inputs).span())];
    };
    let show = RowFormatter::new(inputs, state, row);
    let mut figures = vec![Figure::new("Position", show.name())];
    if nearest(inputs).is_none_or(|nearest| nearest.key != row.key) {
        figures.extend(to_liquidation(&show));
    }
    figures.push(ratio("  margin ratio", row.margin_ratio, show.live));
    figures.push(leverage_now("  leverage now", &show));
    figures
}
