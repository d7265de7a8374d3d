//! [`Pen`]: the bytes of one frame.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use super::Shown;

/// A gap is printed through when that costs no more bytes than this: a short jump.
const SHORT_JUMP: usize = 4;
/// What makes a blank visible.
const SEEN_ON_BLANKS: Modifier =
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
/// What a change of style costs, about.
const STYLE: usize = 5;

/// How the cursor gets to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By naming it.
    Place,
    /// By so many rows and columns.
    Steps { up: u16, down: u16, left: u16, right: u16 },
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
pub(super) struct Pen {
    text: String,
    /// Columns of the terminal; 0 when that is not known.
    width: u16,
    /// Where the cursor stands; `None` where that depends on the terminal.
    at: Option<(u16, u16)>,
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    pub(super) const fn new(width: u16) -> Self {
        let modifier = Modifier::empty();
        Self { text: String::new(), width, at: None, fg: Color::Reset, bg: Color::Reset, modifier }
    }

    /// Returns about how many bytes it takes to go to a place and to take on the style of `cell`.
    pub(super) fn effort(&self, x: u16, y: u16, cell: &Cell) -> usize {
        let way = self.way(x, y).0;
        let through = self.at.filter(|at| at.1 == y && at.0 < x).map(|at| usize::from(x - at.0));
        let same = (cell.fg, cell.bg, cell.modifier) == (self.fg, self.bg, self.modifier);
        through.map_or(way, |gap| way.min(gap)) + if same { 0 } else { STYLE }
    }

    pub(super) fn print(&mut self, x: u16, y: u16, cell: &Cell, shown: &Shown) {
        if self.at != Some((x, y)) {
            self.go(x, y, cell, shown);
        }
        self.dress(cell);
        let symbol = cell.symbol();
        self.text.push_str(symbol);
        // Terminals do not agree on the width of everything: after what is not ASCII its place is said. In
        // the last column the cursor waits for the next letter, and where it stands is not agreed either.
        let known = (symbol.len() == 1 || is_narrow(symbol)) && x + 1 != self.width;
        self.at = known.then_some((x + 1, y));
    }

    /// Goes to the place of `cell`: through the gap where that is cheap, else over it.
    fn go(&mut self, x: u16, y: u16, cell: &Cell, shown: &Shown) {
        let from = self.at.filter(|(from, row)| *row == y && *from < x);
        if let Some(through) = from.and_then(|(from, _)| self.through(from, x, y, cell, shown)) {
            self.text.push_str(&through);
            return;
        }
        match self.way(x, y).1 {
            Way::Place => self.put(format_args!("\x1b[{};{}H", y + 1, x + 1)),
            Way::Steps { up, down, left, right } => {
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

    /// Returns the cheapest way to a place, with its bytes: by steps, or by naming the place.
    fn way(&self, x: u16, y: u16) -> (usize, Way) {
        let place = 4 + digits(y + 1) + digits(x + 1);
        let Some((from, row)) = self.at else { return (place, Way::Place) };
        let (up, down) = (row.saturating_sub(y), y.saturating_sub(row));
        let (left, right) = (from.saturating_sub(x), x.saturating_sub(from));
        // Steps other than to the right rest on the column: it must be known that it is not the last.
        if self.width == 0 && (row != y || left > 0) {
            return (place, Way::Place);
        }
        let length = |count: u16| match count {
            0 => 0,
            1 => 3,
            more => 3 + digits(more),
        };
        let back = if left <= 3 { usize::from(left) } else { length(left) };
        let steps = length(up) + length(down) + back + length(right);
        let way = Way::Steps { up, down, left, right };
        if steps < place { (steps, way) } else { (place, Way::Place) }
    }

    /// Returns the text of a gap, if it is short and looks the same in the present style.
    fn through(&self, from: u16, to: u16, y: u16, next: &Cell, shown: &Shown) -> Option<String> {
        let short = |text: &String| text.len() <= SHORT_JUMP;
        if usize::from(to - from) > SHORT_JUMP || next.bg != self.bg {
            return None;
        }
        let looks = |cell: &Cell| {
            let blank = cell.symbol() == " "
                && !cell.modifier.union(self.modifier).intersects(SEEN_ON_BLANKS);
            cell.bg == self.bg && (blank || (cell.fg == self.fg && cell.modifier == self.modifier))
        };
        let gap = (from..to).map(|x| shown.get(x, y).filter(|cell| looks(cell)));
        gap.map(|cell| cell.map(Cell::symbol)).collect::<Option<String>>().filter(short)
    }

    /// Changes the style to that of `cell`, by what differs or from nothing, whichever is shorter.
    fn dress(&mut self, cell: &Cell) {
        let (fg, bg, modifier) = (cell.fg, cell.bg, cell.modifier);
        if (fg, bg, modifier) == (self.fg, self.bg, self.modifier) {
            return;
        }
        let mut change = Codes::default();
        let mut kept = self.modifier;
        for (mask, _, off) in MODIFIERS {
            if (self.modifier - modifier).contains(mask) {
                change.add(off.into());
                // One code ends both bold and dim.
                for (ended, _, _) in MODIFIERS.iter().filter(|(_, _, code)| *code == off) {
                    kept -= *ended;
                }
            }
        }
        change.switch_on(modifier - kept);
        if fg != self.fg {
            change.color(fg, 30);
        }
        if bg != self.bg {
            change.color(bg, 40);
        }
        let mut anew = Codes(";".to_owned());
        anew.switch_on(modifier);
        if fg != Color::Reset {
            anew.color(fg, 30);
        }
        if bg != Color::Reset {
            anew.color(bg, 40);
        }
        let shorter = if anew.0.len() <= change.0.len() { anew } else { change };
        self.put(format_args!("\x1b[{}m", shorter.0.trim_end_matches(';')));
        (self.fg, self.bg, self.modifier) = (fg, bg, modifier);
    }

    fn put(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        let _infallible = std::fmt::Write::write_fmt(&mut self.text, arguments);
    }

    /// Ends the frame in the plain style: nobody who writes next needs to know of it.
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

    /// Adds a colour; `base` is 30 for letters and 40 for what is behind them.
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

/// Returns whether a character that is not ASCII takes one column everywhere: the lines and blocks that
/// panels and charts are made of.
fn is_narrow(symbol: &str) -> bool {
    symbol.chars().all(|c| matches!(c, '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}'))
}
