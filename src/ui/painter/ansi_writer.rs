//! [`AnsiWriter`]: the escape sequences and text of one frame.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use super::shown_cells::{Shown, ShownCell};
use crate::ui::format::is_narrow;

/// A gap is printed again when that costs no more bytes than this, those of a short cursor move.
const MAX_REPRINTED: usize = 4;
/// The modifiers that are visible on a blank.
const VISIBLE_ON_BLANKS: Modifier =
    Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);
/// Each modifier with its codes: on, off.
const MODIFIERS: [(Modifier, u8, u8); 8] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];
/// About the bytes of a change of style.
const STYLE_COST: usize = 5;

/// How the cursor gets to a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CursorMove {
    /// To a row and a column.
    Absolute,
    /// By so many rows and columns.
    Relative { up: u16, down: u16, left: u16, right: u16 },
}

const fn digits(number: u16) -> usize {
    match number {
        0..10 => 1,
        10..100 => 2,
        100..1_000 => 3,
        1_000..10_000 => 4,
        10_000.. => 5,
    }
}

/// One frame as it is written.
#[derive(Debug)]
pub(super) struct AnsiWriter {
    text: String,
    /// Columns of the terminal.
    width: u16,
    /// Column and row of the cursor; `None` where they depend on the terminal.
    cursor: Option<(u16, u16)>,
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl AnsiWriter {
    /// Returns a frame that begins with `start`.
    pub(super) fn new(width: u16, start: &str) -> Self {
        let modifier = Modifier::empty();
        Self {
            text: start.to_owned(),
            width,
            cursor: None,
            fg: Color::Reset,
            bg: Color::Reset,
            modifier,
        }
    }

    /// Returns about how many bytes it takes to move the cursor to a cell and to set its style.
    pub(super) fn cost(&self, x: u16, y: u16, cell: &Cell) -> usize {
        let moved = self.cheapest_move(x, y).0;
        let gap = self.cursor.filter(|at| at.1 == y && at.0 < x).map(|at| usize::from(x - at.0));
        let same = (cell.fg, cell.bg, cell.modifier) == (self.fg, self.bg, self.modifier);
        gap.map_or(moved, |gap| moved.min(gap)) + if same { 0 } else { STYLE_COST }
    }

    pub(super) fn print(&mut self, x: u16, y: u16, cell: &Cell, shown: &Shown) {
        if self.cursor != Some((x, y)) {
            self.move_to(x, y, cell, shown);
        }
        self.set_style(cell);
        let symbol = cell.symbol();
        self.text.push_str(symbol);
        // Terminals disagree on the width of characters outside ASCII, and on where the cursor stands after
        // the last column: the next move is an absolute one.
        let known = symbol.chars().all(is_narrow) && x + 1 != self.width;
        self.cursor = known.then_some((x + 1, y));
    }

    /// Moves to `cell`: by printing the gap again where that is cheap, else over it.
    fn move_to(&mut self, x: u16, y: u16, cell: &Cell, shown: &Shown) {
        let from = self.cursor.filter(|(from, row)| *row == y && *from < x);
        if let Some(gap) = from.and_then(|(from, _)| self.gap_text(from, x, y, cell, shown)) {
            self.text.push_str(&gap);
            return;
        }
        match self.cheapest_move(x, y).1 {
            CursorMove::Absolute => self.put(format_args!("\x1b[{};{}H", y + 1, x + 1)),
            CursorMove::Relative { up, down, left, right } => {
                self.step(up, 'A');
                self.step(down, 'B');
                if left > 0 && left <= 3 {
                    (0..left).for_each(|_| self.text.push('\x08'));
                } else {
                    self.step(left, 'D');
                }
                self.step(right, 'C');
            }
        }
    }

    fn step(&mut self, count: u16, direction: char) {
        match count {
            0 => {}
            1 => self.put(format_args!("\x1b[{direction}")),
            more => self.put(format_args!("\x1b[{more}{direction}")),
        }
    }

    /// Returns the cheaper of the relative and the absolute move, with its length in bytes.
    fn cheapest_move(&self, x: u16, y: u16) -> (usize, CursorMove) {
        let absolute = 4 + digits(y + 1) + digits(x + 1);
        let Some((from, row)) = self.cursor else { return (absolute, CursorMove::Absolute) };
        let (up, down) = (row.saturating_sub(y), y.saturating_sub(row));
        let (left, right) = (from.saturating_sub(x), x.saturating_sub(from));
        let length = |count: u16| match count {
            0 => 0,
            1 => 3,
            more => 3 + digits(more),
        };
        let back = if left <= 3 { usize::from(left) } else { length(left) };
        let relative = length(up) + length(down) + back + length(right);
        let by = CursorMove::Relative { up, down, left, right };
        if relative < absolute { (relative, by) } else { (absolute, CursorMove::Absolute) }
    }

    /// Returns the text of a gap, if it is short and looks the same in the present style.
    fn gap_text(&self, from: u16, to: u16, y: u16, next: &Cell, shown: &Shown) -> Option<String> {
        let is_short = |text: &String| text.len() <= MAX_REPRINTED;
        if usize::from(to - from) > MAX_REPRINTED || next.bg != self.bg {
            return None;
        }
        let looks = |cell: &ShownCell| {
            let blank = cell.narrow() == Some(' ')
                && !cell.modifier.union(self.modifier).intersects(VISIBLE_ON_BLANKS);
            cell.bg == self.bg && (blank || (cell.fg == self.fg && cell.modifier == self.modifier))
        };
        let gap = (from..to).map(|x| Some(shown.get(x, y)).filter(looks)?.narrow());
        gap.collect::<Option<String>>().filter(is_short)
    }

    /// Sets the style of `cell`, by the difference or after a reset, whichever is shorter.
    fn set_style(&mut self, cell: &Cell) {
        let (fg, bg, modifier) = (cell.fg, cell.bg, cell.modifier);
        if (fg, bg, modifier) == (self.fg, self.bg, self.modifier) {
            return;
        }
        let mut difference = Codes::default();
        let mut kept = self.modifier;
        for (mask, _, off) in MODIFIERS {
            if (self.modifier - modifier).contains(mask) {
                difference.add(off.into());
                // One code ends both bold and dim.
                for (ended, _, _) in MODIFIERS.iter().filter(|(_, _, code)| *code == off) {
                    kept -= *ended;
                }
            }
        }
        difference.switch_on(modifier - kept);
        if fg != self.fg {
            difference.color(fg, 30);
        }
        if bg != self.bg {
            difference.color(bg, 40);
        }
        let mut reset = Codes(";".to_owned());
        reset.switch_on(modifier);
        if fg != Color::Reset {
            reset.color(fg, 30);
        }
        if bg != Color::Reset {
            reset.color(bg, 40);
        }
        let shorter = if reset.0.len() <= difference.0.len() { reset } else { difference };
        self.put(format_args!("\x1b[{}m", shorter.0.trim_end_matches(';')));
        (self.fg, self.bg, self.modifier) = (fg, bg, modifier);
    }

    fn put(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        let _infallible = std::fmt::Write::write_fmt(&mut self.text, arguments);
    }

    /// Ends the frame in the plain style, so that whatever is written next need not reset it.
    pub(super) fn finish(mut self) -> String {
        if (self.fg, self.bg, self.modifier) != (Color::Reset, Color::Reset, Modifier::empty()) {
            self.text.push_str("\x1b[m");
        }
        self.text
    }
}

/// Codes of one change of style, each followed by a semicolon.
#[derive(Debug, Default)]
struct Codes(String);

impl Codes {
    fn add(&mut self, code: u16) {
        self.0.push_str(&code.to_string());
        self.0.push(';');
    }

    fn switch_on(&mut self, modifier: Modifier) {
        for (mask, on, _) in MODIFIERS {
            if modifier.contains(mask) {
                self.add(on.into());
            }
        }
    }

    /// Adds a colour; `base` is 30 for the foreground and 40 for the background.
    fn color(&mut self, color: Color, base: u16) {
        let index = match color {
            Color::Reset => 9,
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 60,
            Color::LightRed => 61,
            Color::LightGreen => 62,
            Color::LightYellow => 63,
            Color::LightBlue => 64,
            Color::LightMagenta => 65,
            Color::LightCyan => 66,
            Color::White => 67,
            Color::Indexed(index) => {
                return [base + 8, 5, index.into()].into_iter().for_each(|code| self.add(code));
            }
            Color::Rgb(r, g, b) => {
                let codes = [base + 8, 2, r.into(), g.into(), b.into()];
                return codes.into_iter().for_each(|code| self.add(code));
            }
        };
        self.add(base + index);
    }
}
