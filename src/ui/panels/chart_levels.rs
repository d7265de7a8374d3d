//! Lines on the scale of the chart at the prices that matter, and tags for what lies outside it.

use rust_decimal::prelude::ToPrimitive;

use super::inputs::Inputs;
use super::price_levels::{self, Level, row_of_focus};
use crate::risk;
use crate::ui::format::{self, Sign};
use crate::ui::state::UiState;
use crate::ui::theme::Role;
use crate::ui::widgets::{Line, PriceScale, Span};

/// Returns the lines on the scale, and the tags of what lies above and below it.
pub(super) fn of(
    inputs: &Inputs<'_>,
    state: &UiState,
    scale: PriceScale,
) -> (Vec<(f64, Span)>, [Line; 2]) {
    let row = row_of_focus(inputs, state);
    let mut all = Vec::new();
    let last = inputs.formatter(state, inputs.report.ticker.age);
    if let Some(price) = inputs.report.ticker.last {
        // On the scale the axis shows it.
        let written = last.price(Some(price), inputs.price_places());
        if price.to_f64().is_some_and(|at| !scale.contains(at)) {
            all.push(Level {
                price,
                name: "last",
                written,
                role: Role::Strong,
                is_liquidation: false,
                size: None,
            });
        }
    }
    all.extend(price_levels::of(inputs, state));
    // The distance of the liquidation price is from the mark price; so are these.
    let mark = row.and_then(|row| row.mark_price).or(inputs.report.ticker.mark);
    let (mut lines, mut outside) = (Vec::new(), [Line::new(), Line::new()]);
    for level in all {
        let Some(at) = level.price.to_f64() else { continue };
        let named = level.written.or_role(level.role).after(level.name);
        if scale.contains(at) {
            lines.push((at, named));
        } else {
            let [above, below] = &mut outside;
            let (side, arrow) = if at > scale.high { (above, "▲") } else { (below, "▼") };
            let mut tag = named.after(arrow);
            let distance = mark.and_then(|mark| risk::liquidation_distance(mark, level.price));
            if let Some(percent) =
                distance.and_then(|share| format::percent(share, 2, Sign::Negative))
            {
                tag.text = format!("{} {percent}", tag.text);
            }
            side.push(tag);
        }
    }
    (lines, outside)
}
