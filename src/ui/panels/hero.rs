//! The strip above the panels: profit, distance to liquidation and liveness, found within a second.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rust_decimal::Decimal;

use super::absence::no_positions;
use super::inputs::Inputs;
use super::pnl_summary::has_other_coin;
use super::position_figures::distance_bar;
use super::risk_summary::QUOTE;
use super::row_formatter::RowFormatter;
use crate::domain::Text;
use crate::report::AccountStatus;
use crate::ui::state::UiState;
use crate::ui::theme::{Role, Theme};
use crate::ui::widgets::{Absent, Line, Span, Variants, cells};

/// The widest gap between two blocks.
const MAX_GAP: u16 = 6;
/// The longest words in place of the nearest liquidation: `No open positions, confirmed 12:03:07`.
const WIDEST_WORDS: u16 = 40;

/// The strip. Two rows: what each figure is, and the figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hero {
    blocks: Vec<Block>,
    /// In place of the blocks of an account, where no key is set.
    no_key: Option<Variants>,
}

/// A label with the figure below it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    label: Line,
    figure: Line,
    /// Columns that it takes at least, so that the strip does not move with every digit.
    min: u16,
    /// The higher, the sooner it goes when there is no room.
    rank: u8,
}

impl Block {
    const fn new(label: Line, figure: Line, min: u16, rank: u8) -> Self {
        Self { label, figure, min, rank }
    }

    fn width(&self) -> u16 {
        self.min.max(cells::width(&self.label)).max(cells::width(&self.figure))
    }

    /// Returns whether the next label follows after the gap alone.
    fn is_filled(&self) -> bool {
        cells::width(&self.label) >= self.min
    }
}

impl Hero {
    pub(crate) fn build(inputs: &Inputs<'_>, state: &UiState) -> Self {
        let mut blocks = vec![price(inputs, state)];
        let no_key = inputs.report.account_kind == AccountStatus::NoCredentials;
        if !no_key {
            blocks.extend([
                unrealized(inputs, state),
                today(inputs, state),
                equity(inputs, state),
                nearest(inputs, state),
            ]);
        }
        blocks.push(liveness(inputs));
        Self { blocks, no_key: no_key.then(how_to_see_more) }
    }

    /// Draws the blocks that fit, the least important left out first, spread over the width.
    pub(crate) fn draw(&self, theme: Theme, area: Rect, buf: &mut Buffer) {
        let widths: Vec<u16> = self.blocks.iter().map(Block::width).collect();
        let mut order: Vec<usize> = (0..widths.len()).collect();
        order.sort_unstable_by_key(|index| self.blocks.get(*index).map(|block| block.rank));
        let mut shown = vec![false; widths.len()];
        let (mut used, mut count) = (0_u16, 0_u16);
        for index in order {
            let needs =
                widths.get(index).copied().unwrap_or(0).saturating_add(u16::from(count > 0));
            if used.saturating_add(needs) <= area.width
                && let Some(flag) = shown.get_mut(index)
            {
                (*flag, used, count) = (true, used.saturating_add(needs), count.saturating_add(1));
            }
        }
        let gaps = count.saturating_sub(1).max(1);
        let spare = area.width.saturating_sub(used) / gaps;
        let gap = if self.no_key.is_some() { 3 } else { spare.min(MAX_GAP - 1).saturating_add(1) };
        // What is left over widens gaps, first those between labels: two a column apart read as one.
        let is_wide = self.no_key.is_some() || spare >= MAX_GAP - 1;
        let left = if is_wide { 0 } else { area.width.saturating_sub(used) % gaps };
        let drawn = || self.blocks.iter().zip(&widths).zip(&shown).filter(|(_, shown)| **shown);
        let mut wider: Vec<usize> = (0..drawn().count().saturating_sub(1)).collect();
        let filled: Vec<bool> = drawn().map(|((block, _), _)| block.is_filled()).collect();
        wider.sort_by_key(|index| !filled.get(*index).copied().unwrap_or_default());
        wider.truncate(usize::from(left));
        let mut rest = area;
        for (index, ((block, width), _)) in drawn().enumerate() {
            let width = *width;
            let place = Rect { width: width.min(rest.width), ..rest };
            for (index, line) in (0..).zip([&block.label, &block.figure]) {
                if let Some(row) = cells::row(place, index) {
                    cells::spans(line, theme, row, buf);
                }
            }
            let gap = gap + u16::from(wider.contains(&index));
            rest = cells::right_of(rest, width.saturating_add(gap));
        }
        for (index, line) in (0..).zip(self.no_key.iter().flatten()) {
            if let Some(row) = cells::row(rest, index) {
                cells::line(line, theme, row, buf);
            }
        }
    }
}

/// The same in lines for a phone: the result, then the nearest liquidation; flat, what the account is worth.
pub(super) fn in_lines(inputs: &Inputs<'_>, state: &UiState) -> Vec<Variants> {
    let report = inputs.report;
    if report.positions.rows.is_empty() {
        return if inputs.is_flat() { worth(inputs, state) } else { Vec::new() };
    }
    if !report.has_credentials() {
        return Vec::new();
    }
    let pnl = unrealized(inputs, state);
    let result = pnl.figure.first().cloned().unwrap_or_else(|| Absent::Unknown.span());
    let mark = inputs.fresh(report.pnl.age).mark();
    let mixed = has_other_coin(inputs);
    let coin = account_coin(inputs).filter(|_| mixed).map(Span::label);
    let whole: Line = [Span::label("all")].into_iter().chain(pnl.figure).chain(coin).collect();
    let today = today_in_line(inputs, state);
    let bare: Line = [result].into_iter().chain(mark.clone()).collect();
    let whole: Line = whole.into_iter().chain(mark).collect();
    let long = whole.iter().cloned().chain(today).collect();
    vec![vec![long, whole, bare], near_in_line(inputs, state)]
}

/// The nearest liquidation; never without its warning.
fn near_in_line(inputs: &Inputs<'_>, state: &UiState) -> Variants {
    let near = nearest(inputs, state);
    let row = inputs.report.risk.worst_position.as_ref().and_then(|key| inputs.row(key));
    let mark = row.and_then(|row| inputs.fresh(inputs.row_age(row)).mark());
    let distance: Line = near.figure.first().cloned().into_iter().collect();
    let long = [near.figure, near.label.clone()].concat();
    let without_bar = [distance.clone(), near.label].concat();
    [long, without_bar, distance].map(|line| line.into_iter().chain(mark.clone()).collect()).into()
}

/// Equity and result of the day, then the last result.
fn worth(inputs: &Inputs<'_>, state: &UiState) -> Vec<Variants> {
    let today = today_in_line(inputs, state);
    let coin = account_coin(inputs).map(Span::label);
    let mark = inputs.fresh(inputs.report.account.derived).mark();
    let equity = [Span::label("equity")].into_iter().chain(equity(inputs, state).figure);
    let equity: Line = equity.chain(coin).chain(mark).collect();
    let last = last_result(inputs, state).map(|last| vec![vec![last]]);
    let long = equity.iter().cloned().chain(today).collect();
    [vec![long, equity]].into_iter().chain(last).collect()
}

fn price(inputs: &Inputs<'_>, state: &UiState) -> Block {
    let ticker = &inputs.report.ticker;
    let show = inputs.formatter(state, ticker.age);
    let name = inputs.report.focus.base().unwrap_or("Price").to_owned();
    let change = show.signed_percent(ticker.change_24h, 2);
    let mark = show.price(ticker.mark, inputs.price_places()).or_role(Role::Strong);
    Block::new(vec![Span::label(name), change], vec![mark], 11, 2)
}

fn account_coin<'a>(inputs: &Inputs<'a>) -> Option<&'a str> {
    inputs.report.account.margin_coin.as_ref().map(Text::as_str)
}

/// The heaviest thing on screen: what all positions bring now.
fn unrealized(inputs: &Inputs<'_>, state: &UiState) -> Block {
    let (pnl, account) = (&inputs.report.pnl, &inputs.report.account);
    let coin = account_coin(inputs).unwrap_or(QUOTE);
    let show = inputs.formatter(state, pnl.age);
    let mut figure = show.gain(pnl.unrealized);
    let heavy =
        [(Role::Gain, Role::HeroGain), (Role::Loss, Role::HeroLoss), (Role::Plain, Role::Strong)];
    if let Some((_, role)) = heavy.into_iter().find(|(from, _)| *from == figure.role) {
        figure.role = role;
    }
    if !matches!(figure.role, Role::Unknown) {
        figure.text = format!(" {} ", figure.text);
    }
    let mut line = vec![figure];
    let equity = account.equity.filter(|equity| *equity > Decimal::ZERO);
    // Both in the currency of the account.
    let share = account.unrealized_pnl.zip(equity).and_then(|(pnl, all)| pnl.checked_div(all));
    if let Some(share) = share {
        let show = inputs.formatter(state, account.derived);
        line.push(show.signed_percent(Some(share), 2));
    }
    Block::new(vec![Span::label(format!("uPnL {coin}, % eq."))], line, 16, 0)
}

/// The ledger tells it in the coin of the contracts. That stands in the label: beside the figure of the next block
/// it would be read as the unit of that.
fn today(inputs: &Inputs<'_>, state: &UiState) -> Block {
    let has_other = has_other_coin(inputs);
    let label = if has_other { format!("Today {QUOTE}") } else { "Net today".to_owned() };
    Block::new(vec![Span::label(label)], vec![net_today(inputs, state)], 10, 4)
}

fn today_in_line(inputs: &Inputs<'_>, state: &UiState) -> Line {
    let coin = has_other_coin(inputs).then(|| Span::label(QUOTE));
    [Span::label("today"), net_today(inputs, state)].into_iter().chain(coin).collect()
}

fn net_today(inputs: &Inputs<'_>, state: &UiState) -> Span {
    let pnl = &inputs.report.pnl;
    let show = inputs.formatter(state, pnl.age.with(inputs.day_age()));
    show.gain(pnl.today.totals.and_then(|totals| totals.net))
}

fn equity(inputs: &Inputs<'_>, state: &UiState) -> Block {
    let account = &inputs.report.account;
    let show = inputs.formatter(state, account.derived);
    let coin = account_coin(inputs).unwrap_or_default();
    let label = Span::label(format!("Equity {coin}").trim_end());
    let figure = show.money(account.equity).or_role(Role::Strong);
    Block::new(vec![label], vec![figure], 11, 3)
}

/// How near the nearest liquidation is; flat, since when and what came last, where nothing is held.
fn nearest(inputs: &Inputs<'_>, state: &UiState) -> Block {
    let report = inputs.report;
    let row = report.risk.worst_position.as_ref().and_then(|key| inputs.row(key));
    let Some(row) = row else {
        if report.positions.rows.is_empty() {
            return flat(inputs, state);
        }
        // Positions that have no liquidation price have no nearest one among them.
        let none = Absent::NotApplicable.span();
        return Block::new(vec![Span::label("Liquidation")], vec![none], 14, 1);
    };
    let show = RowFormatter::new(inputs, state, row);
    let role = show.level_role();
    let label = Span::label(format!("liq. {}", inputs.short_name(&row.key)));
    let mut distance = show.distance();
    if row.liquidation_distance.is_some() {
        distance.role = role;
    }
    let mut figure = vec![distance];
    figure.extend(distance_bar(row.liquidation_distance, role));
    Block::new(vec![label], figure, 15, 1)
}

fn flat(inputs: &Inputs<'_>, state: &UiState) -> Block {
    let mut lines = no_positions(inputs, state).into_iter();
    let label = lines.find(|line| cells::width(line) <= WIDEST_WORDS).unwrap_or_default();
    Block::new(label, last_result(inputs, state).into_iter().collect(), 14, 1)
}

/// What the position brought that was closed last. `last` alone is the last price.
fn last_result(inputs: &Inputs<'_>, state: &UiState) -> Option<Span> {
    let show = inputs.formatter(state, inputs.report.history.age);
    let last = inputs.report.history.closed.first();
    last.map(|closed| show.gain(closed.net_pnl).after("last closed"))
}

/// How old the newest price is, or how long what stands beside it has stood.
fn liveness(inputs: &Inputs<'_>) -> Block {
    let report = inputs.report;
    let mut oldest = report.ticker.age;
    if report.has_credentials() {
        oldest = oldest.with(report.positions.age).with(report.account.derived);
    }
    let oldest = inputs.fresh(oldest);
    let shown = if oldest.is_live() { inputs.fresh(report.ticker.age) } else { oldest };
    let word = shown.word_with_age();
    Block::new(vec![Span::label("Data")], vec![word], 9, 1)
}

fn how_to_see_more() -> Variants {
    let line = |text: &str| vec![Span::new(text, Role::Warn)];
    vec![
        line("No key: market data only. For positions set"),
        line("BITGET_API_KEY BITGET_SECRET_KEY BITGET_PASSPHRASE"),
    ]
}
