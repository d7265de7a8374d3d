//! Drawing into cells: a text whole or not at all.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::span::{Line, Span, Variants};
use crate::ui::format;
use crate::ui::theme::{Role, Theme};

/// What stands where something was left out.
const MORE: &str = "…";

/// Returns the area without its first `rows` rows.
pub(crate) fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y.saturating_add(rows), height: area.height.saturating_sub(rows), ..area }
}

/// Returns the row `index` of the area; `None` below its end.
pub(crate) fn row(area: Rect, index: u16) -> Option<Rect> {
    (index < area.height && area.width > 0).then(|| Rect {
        y: area.y.saturating_add(index),
        height: 1,
        ..area
    })
}

/// Returns the area without its first `columns` columns.
pub(crate) fn right_of(area: Rect, columns: u16) -> Rect {
    let columns = columns.min(area.width);
    Rect { x: area.x.saturating_add(columns), width: area.width.saturating_sub(columns), ..area }
}

/// Returns the column of what stands so many places left of the right edge, `pitch` columns each; `None` beyond
/// the left edge.
pub(crate) fn column(area: Rect, back: u16, pitch: u16) -> Option<Rect> {
    let from_right = back.saturating_add(1).checked_mul(pitch)?;
    let x = area.width.checked_sub(from_right)?;
    Some(Rect { x: area.x.saturating_add(x), width: 1, ..area })
}

/// Makes the area blank.
pub(crate) fn clear(area: Rect, buf: &mut Buffer) {
    for position in area.intersection(buf.area).positions() {
        if let Some(cell) = buf.cell_mut(position) {
            cell.reset();
        }
    }
}

/// Draws a text if the area is wide enough for all of it; returns the columns it took.
pub(crate) fn text(text: &str, style: Style, area: Rect, buf: &mut Buffer) -> Option<u16> {
    let width = format::width(text);
    let area = area.intersection(buf.area);
    if area.is_empty() || width > area.width {
        return None;
    }
    let style = alone(style);
    if text.chars().all(format::is_narrow) {
        // What the library does for each cluster of characters, for texts in which each has a cell.
        for (x, symbol) in (area.x..).zip(text.chars()) {
            if let Some(cell) = buf.cell_mut((x, area.y)) {
                cell.set_char(symbol).set_style(style);
            }
        }
    } else {
        buf.set_stringn(area.x, area.y, text, usize::from(area.width), style);
    }
    Some(width)
}

/// Returns the style without what was drawn below it: a title over a dim border is not dim.
fn alone(style: Style) -> Style {
    Style::reset().patch(style)
}

/// Draws words, shortened with a sign where they do not fit. Not for figures.
pub(crate) fn words(content: &str, style: Style, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    if area.is_empty() || text(content, style, area, buf).is_some() {
        return;
    }
    let room = usize::from(area.width.saturating_sub(1));
    let (end, _) = buf.set_stringn(area.x, area.y, content, room, alone(style));
    text(MORE, style, right_of(area, end.saturating_sub(area.x)), buf);
}

/// Marks the row that is selected: a solid one. Letters have no colour in it, since a loss would be a block as an
/// alarm is. What is a block stands out of it as it is, without colours as a hole. A gauge is left as it is, and
/// the blank on each side of it: reversed, the empty part of it would be the full one, and a full one in the colour
/// of the letters would be a part of the row.
pub(crate) fn select(area: Rect, buf: &mut Buffer) {
    for position in area.intersection(buf.area).positions() {
        let beside = [position.x.saturating_sub(1), position.x.saturating_add(1)];
        let is_margin = beside
            .into_iter()
            .filter_map(|x| buf.cell((x, position.y)))
            .any(|cell| is_gauge(cell.symbol()));
        let Some(cell) = buf.cell_mut(position) else { continue };
        let is_left = is_gauge(cell.symbol()) || (is_margin && cell.symbol() == " ");
        if is_left || cell.bg != Color::Reset {
            continue;
        }
        if cell.modifier.contains(Modifier::REVERSED) {
            cell.modifier.remove(Modifier::REVERSED);
        } else {
            cell.set_style(Theme::selection());
        }
    }
}

fn is_gauge(symbol: &str) -> bool {
    matches!(symbol, "█" | "░")
}

/// Draws a text at the right end of the area if it fits.
pub(crate) fn text_right(content: &str, style: Style, area: Rect, buf: &mut Buffer) {
    let start = area.width.checked_sub(format::width(content));
    if let Some(start) = start {
        text(content, style, right_of(area, start), buf);
    }
}

/// Returns the columns of a line.
pub(crate) fn width(line: &[Span]) -> u16 {
    let gaps = u16::try_from(line.len().saturating_sub(1)).unwrap_or(u16::MAX);
    line.iter().fold(gaps, |sum, span| sum.saturating_add(format::width(&span.text)))
}

/// Draws the spans that fit, from the left; says so when some did not.
pub(crate) fn line(line: &[Span], theme: Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let mut used: u16 = 0;
    let mut rest = line.iter();
    // As long as spans follow, room for the sign that they were left out is kept.
    while let Some(span) = rest.next() {
        let gap = u16::from(used > 0);
        let room = area.width.saturating_sub(used).saturating_sub(gap);
        let needs = format::width(&span.text);
        let sign = if rest.len() > 0
            && width(rest.as_slice()).saturating_add(needs).saturating_add(1) > room
        {
            2
        } else {
            0
        };
        if needs.saturating_add(sign) > room {
            if room > 0 {
                let at = right_of(area, used.saturating_add(gap));
                text(MORE, theme.style(span.role), at, buf);
            }
            break;
        }
        let at = right_of(area, used.saturating_add(gap));
        text(&span.text, theme.style(span.role), at, buf);
        used = used.saturating_add(gap).saturating_add(needs);
    }
    used
}

/// Draws the spans that fit, from the left, and nothing in place of the others. A warning that a figure
/// is stale never goes unsaid: it gives up its age, and at last its word.
pub(crate) fn spans(line: &[Span], theme: Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let mut used: u16 = 0;
    for span in line {
        let gap = u16::from(used > 0);
        let at = right_of(area, used.saturating_add(gap));
        let style = theme.style(span.role);
        let drawn = text(&span.text, style, at, buf).or_else(|| {
            let word = span.text.split(' ').next().filter(|_| span.role == Role::StaleMark)?;
            text(word, style, at, buf).or_else(|| text("!", style, at, buf))
        });
        let Some(width) = drawn else { break };
        if gap > 0 {
            // Over a border the gap would show it.
            text(" ", Style::new(), right_of(area, used), buf);
        }
        used = used.saturating_add(gap).saturating_add(width);
    }
    used
}

/// Returns the first line that fits whole.
pub(crate) fn fitting(variants: &Variants, width_of: u16) -> Option<&Line> {
    variants.iter().find(|line| width(line) <= width_of)
}

/// Replaces everything that is not ASCII, so that any terminal can show it.
pub(crate) fn to_ascii(area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    for position in area.positions() {
        let Some(cell) = buf.cell_mut(position) else {
            continue;
        };
        if cell.symbol().is_ascii() {
            continue;
        }
        let plain = match cell.symbol().chars().next() {
            Some('—' | '─' | '┄' | '−') => '-',
            Some('│' | '╷' | '╵') => '|',
            Some('┌' | '┐' | '└' | '┘' | '▆') => '+',
            Some('•' | '▇' | '●') => '*',
            Some('▶') => '>',
            Some('○') => 'o',
            Some('…' | '·' | '░' | '▂' | '▏' | '▕') => '.',
            Some('▁') => '_',
            Some('▃') => ':',
            Some('▅' | '▌' | '▐' | '━') => '=',
            Some('█' | '▀' | '▄' | '┃' | '╻' | '╹' | '╽' | '╿') => '#',
            Some('▒' | '║') => 'O',
            Some('▲') => '^',
            Some('▼') => 'v',
            Some('±') => '~',
            _ => '?',
        };
        cell.set_char(plain);
    }
}
