//! What lies over the panels: the help and every figure of one position; and what `y` copies.

use super::ink::{Gap, Ink, Piece, spoken, words};
use super::model::{Body, Figure, Heading, Panel};
use super::positions::RowInk;
use super::{Inputs, header, ink, risk};
use crate::report::PositionRow;
use crate::ui::format;
use crate::ui::keymap::KEYS;
use crate::ui::state::{RowId, UiState};
use crate::ui::theme::Role;

/// More than the figures of a position: how far its list may be scrolled.
pub(super) const MOST_FIGURES: usize = 64;

/// Every key of the table.
pub(super) fn help() -> Panel {
    let lines = KEYS
        .iter()
        .map(|binding| {
            let mut line = vec![Piece::new(format!("{:<9}", binding.label), Role::Key)];
            line.extend(words(binding.help, Role::Plain));
            line
        })
        .collect();
    let mut heading = Heading::new("Help: keys", None).focused(true);
    heading.note = vec![Piece::label("Esc closes, j and k scroll")];
    Panel::new(heading, Body::Keys(lines))
}

/// Every figure of one position.
pub(super) fn detail(inputs: &Inputs<'_>, state: &UiState, id: &RowId) -> Panel {
    let title = format!("{} {}", id.symbol, id.side.to_uppercase());
    let rows = &inputs.document.positions.rows;
    let Some(row) = rows.iter().find(|row| id.is(row)) else {
        let text = "This position is not in the last list of positions.";
        let heading = Heading::new(title, None).focused(true);
        return Panel::new(heading, Body::Message(vec![vec![words(text, Role::Warn).collect()]]));
    };
    let show = RowInk::new(inputs, state, row);
    let mut heading = Heading::new(title, show.grade.mark()).focused(true);
    heading.note = vec![Piece::label("Esc closes, j and k scroll")];
    Panel::new(heading, Body::Figures(figures(&show)))
}

fn figures(show: &RowInk<'_>) -> Vec<Figure> {
    let (row, ink, live, list) = (show.row, show.ink, show.grade, show.grade_of_list);
    let mode = row
        .position_mode
        .as_ref()
        .map_or_else(|| Gap::Unknown.piece(), |mode| Piece::plain(spoken(mode)));
    let mut exchange = ink.gain(row.exchange_unrealized_pnl, Gap::Unknown, list);
    // It moves only when the exchange reports, so it is no reading of now.
    exchange.role = if exchange.role == Role::Unknown { Role::Unknown } else { Role::Label };
    let mut figures = vec![
        Figure::one("State", live.word_with_age()),
        Figure::one("Symbol", Piece::plain(row.symbol.clone())),
        Figure::one("Side", ink::side(row.side)),
        Figure::one("Margin mode", Piece::plain(spoken(&row.margin_mode))),
        Figure::one("Position mode", mode),
        Figure::one("Size", show.size_with_coin()),
        Figure::one("Available", ink.size(row.available, row.size_places, Gap::Unknown, list)),
        Figure::one("Entry price", show.entry()),
        Figure::one("Mark price", show.mark()),
        Figure::one("Break-even price", show.break_even()),
        Figure::one("Liquidation price", show.liquidation()),
        Figure::one("To liquidation", show.distance()),
        Figure::one("Leverage", Ink::factor(row.leverage, Gap::Unknown, list)),
        Figure::one(
            "Effective leverage",
            Ink::factor(row.risk.effective_leverage, Gap::Unknown, live),
        ),
        Figure::one("Margin", ink.money(row.margin, Gap::Unknown, list)),
        Figure::one("Notional", ink.money(row.notional, Gap::Unknown, live)),
        Figure::one("Unrealized PnL (mark)", show.unrealized()),
        Figure::one("Exchange's unrealized", exchange),
        Figure::one("ROE", show.roe()),
        Figure::one("Realized PnL", ink.gain(row.realized_pnl, Gap::Unknown, list)),
        Figure::one("Funding", ink.cash(row.funding_pnl, Gap::Unknown, list)),
        Figure::one("Fees", ink.cash(row.fees_paid.map(|paid| -paid), Gap::Unknown, list)),
        Figure::one("Net PnL", ink.gain(row.net_pnl, Gap::Unknown, live)),
        Figure::one(
            "Maint. margin rate",
            Ink::percent(row.maintenance_margin_rate, Gap::Unknown, list),
        ),
        Figure::one("Margin ratio", Ink::percent(row.margin_ratio, Gap::Unknown, live)),
        Figure::one("Take-profit", show.take_profit()),
    ];
    figures.extend(risk::trigger(show, row.risk.at_take_profit.as_ref()));
    figures.push(Figure::one("Stop-loss", show.stop_loss()));
    figures.extend(risk::trigger(show, row.risk.at_stop_loss.as_ref()));
    figures.push(Figure::new("Opened", ink.date_time(row.opened_at)));
    figures.push(Figure::new("Updated", ink.date_time(row.updated_at)));
    figures.extend(risk::near(show));
    figures.extend([risk::surplus(show), risk::bankruptcy(show), risk::queue(show)]);
    figures.extend(risk::closing(show));
    figures.push(Figure::one(
        "Funding next",
        ink.cash(row.risk.next_funding_payment, Gap::Unknown, live),
    ));
    figures.extend(risk::carry(show));
    figures
}

/// Returns the block that `y` copies: the selected position, or the first of the focus, as lines.
/// Empty when there is none.
pub(super) fn copy_text(inputs: &Inputs<'_>, state: &UiState) -> String {
    let rows = &inputs.document.positions.rows;
    let Some(row) = inputs.subject(state).or_else(|| rows.first()) else {
        return String::new();
    };
    block(inputs, state, row)
}

fn block(inputs: &Inputs<'_>, state: &UiState, row: &PositionRow) -> String {
    let show = RowInk::new(inputs, state, row);
    let taken = format::date_time(inputs.document.taken_at.0, &inputs.context.timezone);
    let mut text = format!(
        "{} {} {}\n",
        header::badge(inputs).text,
        taken.unwrap_or_default(),
        show.grade.word().text,
    );
    let lines = [
        (row.symbol.as_str(), vec![ink::side(row.side), show.size_with_coin()]),
        ("uPnL (mark)", vec![show.unrealized(), show.roe()]),
        ("entry", vec![show.entry()]),
        ("mark", vec![show.mark()]),
        ("liquidation", vec![show.liquidation(), show.distance()]),
    ];
    for (label, pieces) in lines {
        text.push_str(label);
        for piece in pieces {
            text.push(' ');
            text.push_str(&piece.text);
        }
        text.push('\n');
    }
    text
}
