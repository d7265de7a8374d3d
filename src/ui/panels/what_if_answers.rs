//! What it takes to bring the liquidation price to a target: margin to add, size to cut or still allowed.

use super::absence::no_subject_panel;
use super::inputs::Inputs;
use super::row_formatter::{RowFormatter, title};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Body, Figure, Formatter, Heading, Line, Panel, Span};

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let Some(row) = inputs.subject_or_first(state) else {
        return no_subject_panel("What if", inputs, state);
    };
    let show = RowFormatter::new(inputs, state, row);
    let (answer, live) = (&row.risk.what_if, show.live);
    let heading = Heading::new(format!("What if: {}", title(&row.key)))
        .aged(live.freshness)
        .noted("+ and - move the target");
    // What is available bounds what can be added, and comes with the account.
    let able = inputs.formatter(state, inputs.row_age(row).with(inputs.report.account.age));
    let coin = row.key.symbol.base().unwrap_or_default();
    let settle_coin = row.key.symbol.settle_coin().unwrap_or_default();
    let size =
        |value, show: Formatter<'_>| with_coin(show.size(value, row.size_places), coin, show);
    let price = live.price(answer.target_price, row.price_places);
    let target = vec![live.percent(answer.target_distance), price.after("=")];
    let spare = answer.margin_to_add.filter(|add| add.is_sign_negative() && !add.is_zero());
    let label = if spare.is_some() { "Margin to spare" } else { "Margin to add" };
    let margin = live.money(answer.margin_to_add.map(|margin| margin.abs()));
    let add = match answer.size_allowed {
        Some(allowed) if allowed.is_zero() => vec![Span::new("none", Role::Warn)],
        allowed => size(allowed, able),
    };
    let cut = match (answer.size_to_cut, answer.margin_to_add) {
        (Some(cut), _) if cut.is_zero() => vec![live.aged(Span::new("not needed", Role::Good))],
        // The answer is known: no cut reaches the target.
        (None, Some(_)) => vec![Span::new("cutting cannot reach it", Role::Warn)],
        (cut, _) => size(cut, live),
    };
    let mut figures = vec![
        Figure::new("Liq. target", target),
        Figure::new(label, with_coin(margin, settle_coin, live)),
        Figure::new("Cut size", cut),
        Figure::new("Room to add", add),
    ];
    if answer.is_disputed {
        figures
            .insert(1, Figure::one("  unknown", Span::new("exchange ends it sooner", Role::Warn)));
    }
    // What was asked for last is not what these answers are for.
    let asked = state.target.distance();
    if answer.target_distance != Some(asked) {
        let asked = live.percent(Some(asked)).text;
        figures.insert(1, Figure::one("  asked for", Span::new(asked, Role::Warn)));
    }
    Panel::new(heading, Body::Figures(figures))
}

fn with_coin(span: Span, coin: &str, show: Formatter<'_>) -> Line {
    let is_known = span.role != Role::Unknown;
    let mut line = show.marked(span);
    line.extend(is_known.then(|| Span::label(coin)));
    line
}
