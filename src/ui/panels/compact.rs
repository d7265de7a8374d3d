//! The small screens: a phone, a strip of a few lines, one line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::absence::{no_credentials, no_positions, nothing_matches};
use super::inputs::Inputs;
use super::key_bar::{ever_shorter, typed};
use super::position_figures::level;
use super::row_formatter::RowFormatter;
use super::{alert_banner, away, forced_close, header, hero, link_line};
use crate::report::PositionRow;
use crate::ui::format;
use crate::ui::state::UiState;
use crate::ui::theme::{Role, Theme};
use crate::ui::widgets::{Line, Span, Variants, cells, side};

/// Cells of the bar beside the margin ratio.
const BAR: usize = 6;

/// Short lines instead of panels.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Compact {
    badge: Span,
    /// Beside the badge.
    first: Variants,
    /// Below it, the most important first.
    lines: Vec<Variants>,
    /// One block of lines a position.
    blocks: Vec<Vec<Variants>>,
    /// The block that must be shown.
    selected: usize,
    /// At the end, if there is room.
    tail: Vec<Variants>,
}

impl Compact {
    /// Returns one line: what is held and how near its end is.
    pub(crate) fn line(inputs: &Inputs<'_>, state: &UiState) -> Self {
        Self::new(inputs, single(inputs, state), Vec::new())
    }

    /// Returns a few lines, the most important thing first.
    pub(crate) fn strip(inputs: &Inputs<'_>, state: &UiState) -> Self {
        let mut lines = few(inputs, state).into_iter();
        let first = lines.next().unwrap_or_default();
        let forced = forced_close::banner(inputs, state);
        Self::new(inputs, first, forced.into_iter().chain(lines).collect())
    }

    /// Returns the line above a panel that stands alone.
    pub(crate) fn head(inputs: &Inputs<'_>, state: &UiState) -> Self {
        Self::new(inputs, head(inputs, state), Vec::new())
    }

    /// Returns the list of positions for the screen of a phone.
    pub(crate) fn phone(inputs: &Inputs<'_>, state: &UiState) -> Self {
        let rows = inputs.shown(state);
        let blocks = if rows.is_empty() {
            vec![nothing(inputs, state)]
        } else {
            rows.iter().map(|row| block(inputs, state, row)).collect()
        };
        let selected = state.selected.as_ref();
        let selected = selected.and_then(|key| rows.iter().position(|row| row.key == *key));
        let top = top(inputs, state, rows.len());
        Self {
            blocks,
            selected: selected.unwrap_or_default(),
            tail: vec![link_line::links_in_short(inputs)],
            ..Self::new(inputs, head(inputs, state), top)
        }
    }

    fn new(inputs: &Inputs<'_>, first: Variants, lines: Vec<Variants>) -> Self {
        let (blocks, tail) = (Vec::new(), Vec::new());
        Self { badge: header::short_badge(inputs), first, lines, blocks, selected: 0, tail }
    }

    /// Draws as many whole positions as fit, the selected one among them, and how many do not.
    pub(crate) fn draw(&self, theme: Theme, area: Rect, buf: &mut Buffer) {
        self.draw_first(theme, area, buf);
        let mut area = cells::below(area, 1);
        area = cells::below(area, list(&self.lines, theme, area, buf));
        let all = self.blocks.len();
        // From the selected one back to the first from which on it is still seen.
        let seen = |first: usize| {
            let rest = self.blocks.get(first..).unwrap_or_default();
            fitting(rest, all, area.height)
        };
        let is_seen = |first: &usize| self.selected < first.saturating_add(seen(*first));
        let first = (0..self.selected).find(is_seen).unwrap_or(self.selected);
        let fits = seen(first);
        for (index, block) in self.blocks.iter().enumerate().skip(first).take(fits) {
            let name = cells::row(area, 0).filter(|_| index == self.selected && all > 1);
            area = cells::below(area, list(block, theme, area, buf));
            if let Some(name) = name {
                cells::select(name, buf);
            }
        }
        let left = all.saturating_sub(fits);
        if left > 0 {
            if let Some(row) = cells::row(area, 0) {
                cells::text(&format!("+{left} more"), theme.style(Role::Warn), row, buf);
            }
            area = cells::below(area, 1);
        }
        list(&self.tail, theme, area, buf);
    }

    /// Draws the badge and the longest variant that fits beside it.
    fn draw_first(&self, theme: Theme, area: Rect, buf: &mut Buffer) {
        let Some(row) = cells::row(area, 0) else { return };
        let badge = &self.badge;
        // A badge of full length stands without its margins where that lets more be said.
        let full = format::width(&badge.text);
        let beside = row.width.saturating_sub(full.saturating_add(1));
        let margins = row.width.saturating_sub(full.saturating_add(3));
        let line = cells::fitting(&self.first, beside);
        let used = match line {
            Some(line) if cells::width(line) > margins => {
                cells::text(&badge.text, theme.style(badge.role), row, buf).unwrap_or(0)
            }
            _ => header::draw_badge(badge, theme, row, buf),
        };
        if let Some(line) = line {
            cells::spans(line, theme, cells::right_of(row, used.saturating_add(1)), buf);
        }
    }
}

/// Draws as many lines as there are rows; returns how many.
fn list(lines: &[Variants], theme: Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let mut at = 0;
    for variants in lines {
        let line = cells::fitting(variants, area.width);
        if let (Some(row), Some(line)) = (cells::row(area, at), line) {
            cells::spans(line, theme, row, buf);
            at += 1;
        }
    }
    at
}

/// Returns how many of `blocks` fit, at least one. Where they are not `all` that there are a line is left
/// to say so.
fn fitting(blocks: &[Vec<Variants>], all: usize, height: u16) -> usize {
    let mut used = 0_usize;
    let mut count = 0;
    for block in blocks {
        used += block.len();
        let more = usize::from(count + 1 < all);
        if count > 0 && used + more > usize::from(height) {
            break;
        }
        count += 1;
    }
    count
}

/// What stands above the positions: first what is wrong.
fn top(inputs: &Inputs<'_>, state: &UiState, passing: usize) -> Vec<Variants> {
    let host = inputs.context.other_host.as_ref().map(|host| {
        vec![
            vec![Span::new(format!(" OTHER HOST {host} "), Role::Alarm)],
            vec![Span::new(" OTHER HOST ", Role::Alarm)],
        ]
    });
    let warnings = [
        host,
        alarm(inputs),
        forced_close::banner(inputs, state),
        header::problem(inputs, state),
        alert_banner::alert(inputs, state),
        away::banner(inputs, state),
    ];
    // What hides positions stands right above them.
    let figures = [margin(inputs, state), filter(inputs, state, passing)];
    let warnings = warnings.into_iter().flatten();
    let whole = [price(inputs, state)].into_iter().chain(hero::in_lines(inputs, state));
    warnings.chain(whole).chain(figures.into_iter().flatten()).collect()
}

/// The filter that is on, and how many positions pass it.
fn filter(inputs: &Inputs<'_>, state: &UiState, passing: usize) -> Option<Variants> {
    if state.filter.is_empty() {
        return None;
    }
    let of = format!("{passing} of {} shown", inputs.report.positions.rows.len());
    let of = Span::new(of, Role::Warn);
    let text = Span::new(format!("filter {:?}:", state.filter), Role::Warn);
    Some(vec![vec![text, of.clone()], vec![of]])
}

/// What the key could do beyond reading.
fn alarm(inputs: &Inputs<'_>) -> Option<Variants> {
    let alarm = header::key_alarm(inputs)?;
    Some(vec![
        vec![Span::new(format!(" {alarm} "), Role::Alarm)],
        vec![Span::new("KEY!", Role::Alarm)],
    ])
}

fn head(inputs: &Inputs<'_>, state: &UiState) -> Variants {
    if let Some(line) = state.prompt() {
        return typed(line);
    }
    if let Some(message) = &state.message {
        return behind_frozen(ever_shorter(message), inputs, state);
    }
    let symbol = Span::new(inputs.report.focus.to_string(), Role::Strong);
    let clock = inputs.settled(state).clock(Some(inputs.report.taken_at));
    let lines = [vec![symbol.clone(), clock.clone()], vec![symbol], vec![clock], Vec::new()];
    behind_frozen(lines, inputs, state)
}

/// Puts the label of a frozen screen before each line.
fn behind_frozen(
    lines: impl IntoIterator<Item = Line>,
    inputs: &Inputs<'_>,
    state: &UiState,
) -> Variants {
    let frozen = header::frozen(inputs, state);
    let with = |line: Line| frozen.iter().cloned().chain(line).collect();
    lines.into_iter().map(with).collect()
}

/// The mark price with its age; never a price without its warning.
fn price(inputs: &Inputs<'_>, state: &UiState) -> Variants {
    let ticker = &inputs.report.ticker;
    let show = inputs.formatter(state, ticker.age);
    let mark = show.price(ticker.mark, inputs.price_places());
    let change = show.signed_percent(ticker.change_24h, 2);
    let (labelled, word) = (mark.clone().after("mark"), show.freshness.word_with_age());
    vec![
        vec![labelled.clone(), change.after("24h"), word.clone()],
        vec![labelled.clone(), word],
        show.marked(labelled),
        show.marked(mark),
    ]
}

/// The margin ratio of the account with a bar, and its level. Of a position it is shown even
/// where it has no value, because nothing is left to divide by: the level stands after it.
fn margin(inputs: &Inputs<'_>, state: &UiState) -> Option<Variants> {
    let (account, risk) = (&inputs.report.account, &inputs.report.risk);
    if account.margin_ratio.is_none() && inputs.report.positions.rows.is_empty() {
        return None;
    }
    let show = inputs.formatter(state, account.derived);
    let short = show.marked(show.percent(account.margin_ratio).after("margin ratio"));
    // The level is that of the account, which rarely is the ratio's: it is named.
    let whole = risk.level.map(|word| level(word, inputs.formatter(state, risk.age)));
    let level: Line = whole.into_iter().flat_map(|word| [Span::label("· risk"), word]).collect();
    let middle = [short.clone(), level.clone()].concat();
    let mut long = short.clone();
    if let Some(filled) = account.margin_ratio.and_then(filled_cells) {
        let bar = "█".repeat(filled) + &"░".repeat(BAR.saturating_sub(filled));
        long.push(Span::label(bar));
    }
    long.extend(level);
    Some(vec![long, middle, short])
}

fn filled_cells(ratio: Decimal) -> Option<usize> {
    let cells = Decimal::from(BAR);
    ratio.clamp(Decimal::ZERO, Decimal::ONE).checked_mul(cells)?.round().to_usize()
}

/// Lines where positions would be.
fn nothing(inputs: &Inputs<'_>, state: &UiState) -> Vec<Variants> {
    if !inputs.report.has_credentials() {
        return no_credentials();
    }
    if !inputs.report.positions.rows.is_empty() {
        return vec![vec![nothing_matches(state), vec![Span::new("nothing matches", Role::Warn)]]];
    }
    vec![no_positions(inputs, state)]
}

/// Three lines of one position.
fn block(inputs: &Inputs<'_>, state: &UiState, row: &PositionRow) -> Vec<Variants> {
    let show = RowFormatter::new(inputs, state, row);
    let symbol = show.list.aged(Span::new(row.key.symbol.to_string(), Role::Strong));
    let side = show.list.aged(side(row.key.side));
    vec![
        vec![
            vec![symbol.clone(), side.clone(), show.size_with_coin()],
            vec![symbol.clone(), side.clone(), show.size()],
            vec![symbol, side],
        ],
        result(&show),
        danger(&show),
    ]
}

/// The result of a position; never without its warning.
fn result(show: &RowFormatter<'_>) -> Variants {
    let amount = show.unrealized();
    let labelled = amount.clone().after("uPnL");
    let lines = [vec![labelled.clone(), show.roe().after("ROE")], vec![labelled], vec![amount]];
    with_mark(show, &lines)
}

/// The distance to liquidation with the age; never without its warning.
fn danger(show: &RowFormatter<'_>) -> Variants {
    let distance = show.distance().after("liq");
    let word = show.live.freshness.word_with_age();
    let mut variants = Vec::new();
    if show.row.liquidation_price.is_some() {
        let price = show.liquidation().after("at");
        variants.push(vec![distance.clone(), price, word.clone()]);
    }
    variants.push(vec![distance.clone(), word]);
    variants.extend(with_mark(show, &[vec![distance]]));
    variants
}

/// Returns each line with the full warning, then with the bare word; as it is when none is due.
fn with_mark(show: &RowFormatter<'_>, lines: &[Line]) -> Variants {
    let Some(mark) = show.live.freshness.mark() else { return lines.to_vec() };
    let word = mark.text.split(' ').next().unwrap_or_default();
    let word = Span::new(word, mark.role);
    let marks = [mark, word];
    let with = |line: &Line| marks.clone().map(|mark| [line.clone(), vec![mark]].concat());
    lines.iter().flat_map(with).collect()
}

/// The first letter of the side.
fn letter(side: &Span) -> Span {
    Span::new(side.text.chars().take(1).collect::<String>(), side.role)
}

/// A few lines, never none: the most important thing first. The badge stands before the first one.
fn few(inputs: &Inputs<'_>, state: &UiState) -> Vec<Variants> {
    let Some(row) = inputs.subject_or_first(state) else {
        let first =
            state.prompt().map_or_else(|| behind_frozen([Vec::new()], inputs, state), typed);
        let mut lines = vec![first];
        lines.extend(alarm(inputs));
        lines.extend(nothing(inputs, state));
        lines.push(price(inputs, state));
        return lines;
    };
    let show = RowFormatter::new(inputs, state, row);
    let side = show.list.aged(side(row.key.side));
    let letter = letter(&side);
    let name = [
        [show.name(), vec![show.size_with_coin()]].concat(),
        vec![side.clone(), show.size_with_coin()],
        vec![side.clone(), show.size()],
        vec![side],
        vec![letter],
        Vec::new(),
    ];
    let mut lines: Vec<Variants> = Vec::new();
    lines.extend(state.prompt().map(typed));
    lines.extend([behind_frozen(name, inputs, state), result(&show), danger(&show)]);
    lines.extend(alarm(inputs));
    lines.push(price(inputs, state));
    lines.push(link_line::links_in_short(inputs));
    lines
}

/// One line after the badge, such as `L 0.5 +123.45 liq 8.2%`.
fn single(inputs: &Inputs<'_>, state: &UiState) -> Variants {
    if let Some(line) = state.prompt() {
        return typed(line);
    }
    let Some(row) = inputs.subject_or_first(state) else {
        let has_credentials = inputs.report.has_credentials();
        let absence = has_credentials.then(|| no_positions(inputs, state));
        let lines = absence.into_iter().flatten().chain(price(inputs, state));
        return behind_frozen(lines.chain([Vec::new()]), inputs, state);
    };
    let show = RowFormatter::new(inputs, state, row);
    let side = show.list.aged(side(row.key.side));
    let (letter, distance) = (letter(&side), show.distance().after("liq"));
    let figures = vec![show.size_with_coin(), show.unrealized().after("uPnL"), distance.clone()];
    let lines = [
        [show.name(), figures].concat(),
        vec![letter.clone(), show.size(), show.unrealized(), distance.clone()],
        vec![letter.clone(), show.unrealized(), distance],
        vec![letter.clone(), show.unrealized()],
    ];
    let bare = [vec![side], vec![letter], Vec::new()];
    behind_frozen(with_mark(&show, &lines).into_iter().chain(bare), inputs, state)
}
