//! Every figure of one position; and what `y` copies of it.

use super::absence::no_subject_panel;
use super::header::badge;
use super::inputs::Inputs;
use super::position_figures::{
    bankruptcy, carry, closing, leverage_now, near, queue, surplus, trigger,
};
use super::row_formatter::{RowFormatter, title};
use crate::domain::{PositionKey, spoken};
use crate::ui::state::{Overlay, UiState};
use crate::ui::theme::Role;
use crate::ui::widgets::{Absent, Body, Figure, Heading, Panel, Span, side, words};

pub(super) fn panel(inputs: &Inputs<'_>, state: &UiState) -> Panel {
    match &state.overlay {
        Some(Overlay::Detail(key)) => {
            let mut panel = of(key, inputs, state);
            panel.heading = panel.heading.noted("Esc closes, j and k scroll");
            panel
        }
        // Beside the table it is of the position that the cursor is on.
        Some(Overlay::Help | Overlay::Events | Overlay::Order(_) | Overlay::Away) | None => {
            match inputs.subject_or_first(state) {
                Some(row) => of(&row.key, inputs, state),
                None => no_subject_panel("Position", inputs, state),
            }
        }
    }
}

fn of(key: &PositionKey, inputs: &Inputs<'_>, state: &UiState) -> Panel {
    let heading = Heading::new(title(key));
    let Some(row) = inputs.row(key) else {
        let text = "This position is not in the last list of positions.";
        return Panel::message(heading, words(text, Role::Warn));
    };
    let show = RowFormatter::new(inputs, state, row);
    Panel::new(heading.aged(show.live.freshness), Body::Figures(figures(&show)))
}

fn figures(show: &RowFormatter<'_>) -> Vec<Figure> {
    let (row, live, list) = (show.row, show.live, show.list);
    let mode = row.position_mode.as_ref();
    let mode = mode.map_or_else(|| Absent::Unknown.span(), |mode| list.word(spoken(mode)));
    let mut exchange = show.exchange_unrealized();
    // It moves only when the exchange reports, so it is no reading of now.
    if exchange.role != Role::Unknown {
        exchange.role = Role::Label;
    }
    let mut figures = vec![
        Figure::one("State", live.freshness.word_with_age()),
        Figure::one("Symbol", list.word(row.key.symbol.to_string())),
        Figure::one("Side", list.aged(side(row.key.side))),
        Figure::one("Margin mode", list.word(spoken(&row.key.margin_mode))),
        Figure::one("Position mode", mode),
        Figure::one("Size", show.size_with_coin()),
        Figure::one("Available", list.size(row.available, row.size_places)),
        Figure::one("Entry price", show.entry()),
        Figure::one("Mark price", show.mark()),
        Figure::one("Break-even price", show.break_even()),
        Figure::one("Liquidation price", show.liquidation()),
        Figure::one("To liquidation", show.distance()),
        Figure::one("Leverage set", list.factor(row.leverage)),
        leverage_now("Leverage now", show),
        Figure::one("Margin", show.margin()),
        Figure::one("Notional", live.money(row.notional)),
        Figure::one("Unrealized PnL (mark)", show.unrealized()),
        Figure::new("Exchange's unrealized", vec![exchange, list.freshness.old()]),
        Figure::one("ROE", show.roe()),
        Figure::one("Realized PnL", list.gain(row.realized_pnl)),
        Figure::one("Funding", list.cash(row.funding_pnl)),
        Figure::one("Fees", list.cash(row.fees_paid.map(|paid| -paid))),
        Figure::one("Net PnL", show.net()),
        Figure::one("Maint. margin rate", list.percent(row.maintenance_margin_rate)),
        Figure::one("Margin ratio", live.percent(row.margin_ratio)),
        Figure::one("Take-profit", show.take_profit()),
    ];
    if !row.modelled {
        figures.insert(
            1,
            Figure::new("Source", words("exchange's figures", list.freshness.role()).collect()),
        );
    }
    figures.extend(trigger(show, row.risk.at_take_profit));
    figures.push(Figure::one("Stop-loss", show.stop_loss()));
    figures.extend(trigger(show, row.risk.at_stop_loss));
    figures.push(Figure::new("Opened", list.date_time(row.opened_at)));
    figures.push(Figure::new("Updated", list.date_time(row.updated_at)));
    figures.extend(near(show));
    figures.extend([surplus(show), bankruptcy(show), queue(show)]);
    figures.extend(closing(show));
    figures.push(Figure::one("Next funding", live.cash(row.risk.next_funding_payment)));
    figures.extend(carry(show));
    figures
}

/// Returns the block that `y` copies: the selected position, or the first of the focus, as lines; `None`
/// when there is none.
pub(crate) fn copy_text(inputs: &Inputs<'_>, state: &UiState) -> Option<String> {
    let row = inputs.subject(state).or_else(|| inputs.report.positions.rows.first())?;
    let show = RowFormatter::new(inputs, state, row);
    let taken = show.live.date_time(Some(inputs.report.taken_at));
    let lines = [
        [vec![badge(inputs)], taken, vec![show.live.freshness.word()]].concat(),
        [show.name(), vec![show.size_with_coin()]].concat(),
        vec![Span::plain("uPnL (mark)"), show.unrealized(), show.roe()],
        vec![Span::plain("entry"), show.entry()],
        vec![Span::plain("mark"), show.mark()],
        vec![Span::plain("liquidation"), show.liquidation(), show.distance()],
    ];
    let text = |line: &Vec<Span>| {
        line.iter().map(|span| span.text.as_str()).collect::<Vec<_>>().join(" ") + "\n"
    };
    Some(lines.iter().map(text).collect())
}
