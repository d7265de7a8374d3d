//! What may become of the selected position: how near it is, what closing brings, what holding costs.

use super::absence::no_subject_panel;
use super::inputs::Inputs;
use super::position_figures::{
    bankruptcy, carry, closing, distance, level, leverage_now, near, next_funding, queue, ratio,
    reason, surplus,
};
use super::row_formatter::{RowFormatter, title};
use crate::ui::state::UiState;
use crate::ui::widgets::{Body, Figure, Heading, Panel};

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let Some(row) = inputs.subject_or_first(state) else {
        return no_subject_panel("Position", inputs, state);
    };
    let show = RowFormatter::new(inputs, state, row);
    let mut heading = Heading::new(title(&row.key))
        .aged(show.live.freshness)
        .noted("Tab: next panel")
        .noted("j, k: next position");
    heading.marks.extend(row.risk.level.map(|word| level(word, show.live)));
    let mut figures = vec![
        Figure::new("To liquidation", distance(&show)),
        show.list.figure("Liq. exchange", show.liquidation()),
    ];
    figures.extend(near(&show));
    figures.extend([ratio("Margin ratio", row.margin_ratio, show.live), surplus(&show)]);
    figures.extend(closing(&show));
    let mut leverage = leverage_now("Leverage now", &show);
    leverage.value.push(show.list.factor(row.leverage).after("set"));
    figures.extend([
        bankruptcy(&show),
        leverage,
        queue(&show),
        next_funding("Next funding", inputs, &show),
    ]);
    figures.extend(carry(&show));
    let why = reason(row.risk.level, row.risk.reason.as_deref(), state, show.live);
    Panel::new(heading, Body::Told(why, figures))
}
