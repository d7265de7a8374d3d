//! [`AnsiBackend`]: the backend below the screen, which spends few bytes on a repaint.
//!
//! Over SSH every byte of a repaint counts. A few unchanged cells between two changed ones (a decimal point,
//! a blank) are cheaper to print again than to jump over; a relative cursor move is shorter than an absolute
//! one; the sixteen colours have codes of two digits; and the run of cells that is cheapest to get to, by
//! cursor move and style, comes next, since a synchronized update shows all of them at once. On the demo at
//! 120x40 that is 1,126 bytes a second instead of the 2,117 of the library's own backend.
//!
//! The size is asked of the kernel alone: crossterm would start `tput` once the terminal is gone, a child
//! that inherits the environment.

mod ansi_writer;
mod cell_runs;
mod shown_cells;

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use rustix::termios::tcgetwinsize;

use super::frame_writer::FrameBuffer;
use ansi_writer::AnsiWriter;
use cell_runs::CellRuns;
use shown_cells::Shown;

/// A backend that writes the differences of a frame.
#[derive(Debug)]
pub struct AnsiBackend {
    out: FrameBuffer,
    shown: Shown,
    /// Columns of the terminal when its size was last read; 0 before.
    width: std::cell::Cell<u16>,
}

impl AnsiBackend {
    /// Returns a backend that has drawn nothing yet.
    pub fn new(out: FrameBuffer) -> Self {
        Self { out, shown: Shown::default(), width: std::cell::Cell::new(0) }
    }
}

impl Backend for AnsiBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut runs = CellRuns::new(content);
        let mut writer = AnsiWriter::new(self.width.get());
        while let Some(run) = runs.next(&writer) {
            for (x, cell) in run.cells {
                writer.print(x, run.y, cell, &self.shown);
                self.shown.put(x, run.y, cell);
            }
        }
        self.out.write_all(writer.finish().as_bytes())
    }

    /// The cursor is hidden for as long as the terminal is taken over; no frame needs to repeat that.
    fn hide_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(Position::ORIGIN)
    }

    /// Nothing is typed into a screen: the hidden cursor may stand anywhere.
    fn set_cursor_position<P: Into<Position>>(&mut self, _position: P) -> io::Result<()> {
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    /// Only whole screens are cleared: the screen is not drawn inline.
    fn clear_region(&mut self, _region: ClearType) -> io::Result<()> {
        self.shown = Shown::default();
        self.out.write_all(b"\x1b[2J")
    }

    fn size(&self) -> io::Result<Size> {
        let size = window()?.columns_rows;
        self.width.set(size.width);
        Ok(size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        window()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn window() -> io::Result<WindowSize> {
    let size = tcgetwinsize(io::stdout())?;
    Ok(WindowSize {
        columns_rows: Size::new(size.ws_col, size.ws_row),
        pixels: Size::new(size.ws_xpixel, size.ws_ypixel),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Modifier, Style};
    use unicode_width::UnicodeWidthStr;

    use super::*;

    /// Draws screens one after the other and returns what the last change cost, and what it shows.
    fn last_change(screens: &[&dyn Fn(&mut Buffer)]) -> (String, String) {
        let area = Rect::new(0, 0, 30, 2);
        let writer = FrameBuffer::default();
        let mut backend = AnsiBackend::new(writer.clone());
        let mut emulator = vt100::Parser::new(2.try_into().unwrap(), 30.try_into().unwrap(), 0);
        let (mut shown, mut bytes) = (Buffer::empty(area), Vec::new());
        for screen in screens {
            let mut next = Buffer::empty(area);
            screen(&mut next);
            backend.draw(shown.diff(&next).into_iter()).unwrap();
            bytes = writer.take();
            emulator.process(&bytes);
            let wanted: String = next.content().iter().map(Cell::symbol).collect();
            let plain = |text: String| text.chars().filter(|c| *c != ' ').collect::<String>();
            let contents = emulator.screen().contents().replace('\n', "");
            assert_eq!(plain(contents), plain(wanted));
            shown = next;
        }
        (String::from_utf8(bytes).unwrap(), emulator.screen().contents())
    }

    fn text(line: &str, style: Style) -> impl Fn(&mut Buffer) {
        move |buffer: &mut Buffer| {
            buffer.set_string(0, 0, line, style);
        }
    }

    #[test]
    fn a_short_gap_is_printed_again() {
        let plain = Style::default();
        let (bytes, _) = last_change(&[&text("63,250.5", plain), &text("64,251.6", plain)]);
        assert!(bytes.starts_with("\x1b[1;2H4,251.6"), "{bytes:?}");
    }

    #[test]
    fn a_long_gap_is_jumped_over() {
        let plain = Style::default();
        let (bytes, _) = last_change(&[&text("a 1234567 b", plain), &text("c 1234567 d", plain)]);
        assert!(bytes.contains("c\x1b[9Cd"), "{bytes:?}");
    }

    #[test]
    fn a_gap_in_another_style_is_jumped_over_unless_it_is_blank() {
        let (red, green) = (Style::default().fg(Color::Red), Style::default().fg(Color::Green));
        let mixed = |first: &'static str, gap: &'static str, last: &'static str| {
            move |buffer: &mut Buffer| {
                buffer.set_string(0, 0, first, red);
                buffer.set_string(1, 0, gap, green);
                buffer.set_string(3, 0, last, red);
            }
        };
        let (bytes, _) = last_change(&[&mixed("a", "xy", "b"), &mixed("c", "xy", "d")]);
        assert!(bytes.contains("c\x1b[2Cd"), "{bytes:?}");
        let (bytes, _) = last_change(&[&mixed("a", "  ", "b"), &mixed("c", "  ", "d")]);
        assert!(bytes.contains("c  d"), "{bytes:?}");
    }

    #[test]
    fn styles_change_by_the_shortest_codes() {
        let two = |first: Style, second: Style| {
            let (bytes, _) = last_change(&[&move |buffer: &mut Buffer| {
                buffer.set_string(0, 0, "a", first);
                buffer.set_string(1, 0, "b", second);
            }]);
            bytes
        };
        let plain = Style::default();
        let bold = plain.add_modifier(Modifier::BOLD);
        let dim_green = plain.fg(Color::Green).add_modifier(Modifier::DIM);
        let behind = plain.bg(Color::Indexed(200)).fg(Color::LightRed);
        assert_eq!(two(plain, bold), "\x1b[1;1Ha\x1b[1mb\x1b[m");
        assert_eq!(two(bold, plain), "\x1b[1;1H\x1b[1ma\x1b[mb");
        assert_eq!(two(bold, dim_green), "\x1b[1;1H\x1b[1ma\x1b[;2;32mb\x1b[m");
        assert_eq!(two(behind, plain), "\x1b[1;1H\x1b[91;48;5;200ma\x1b[mb");
    }

    #[test]
    fn wide_characters_are_never_printed_in_halves() {
        let plain = Style::default();
        let (_, shown) = last_change(&[
            &text("a牛来b", plain),
            &text("c牛来d", plain),
            &text("cxx来e", plain),
            &text("f牛来g", plain),
        ]);
        assert_eq!(shown.trim_end(), "f牛来g");
    }

    #[test]
    fn the_cheapest_run_by_move_and_style_comes_next() {
        let green = Style::default().fg(Color::Green);
        let table = |first: &'static str, second: &'static str| {
            move |buffer: &mut Buffer| {
                for (y, number) in [(0, first), (1, second)] {
                    buffer.set_string(0, y, number, Style::default());
                    buffer.set_string(12, y, number, green);
                }
            }
        };
        let area = Rect::new(0, 0, 30, 2);
        let (before, after) = (table("123.4", "567.8"), table("123.9", "567.1"));
        let (mut shown, mut next) = (Buffer::empty(area), Buffer::empty(area));
        before(&mut shown);
        after(&mut next);
        let writer = FrameBuffer::default();
        let mut backend = AnsiBackend::new(writer.clone());
        backend.width.set(30);
        backend.draw(Buffer::empty(area).diff(&shown).into_iter()).unwrap();
        writer.take();
        backend.draw(shown.diff(&next).into_iter()).unwrap();
        let bytes = String::from_utf8(writer.take()).unwrap();
        // Down the column without a colour, then up the green one.
        let wanted = "\x1b[1;5H9\x1b[B\x081\x1b[11C\x1b[32m1\x1b[A\x089\x1b[m";
        assert_eq!(bytes, wanted);
    }

    /// A text somewhere in one half of a row, in some style.
    fn strings() -> impl Strategy<Value = (u16, u16, String, Style)> {
        let colors = [Color::Reset, Color::Green, Color::Red, Color::Indexed(200)];
        let style = (prop::sample::select(colors.to_vec()), any::<bool>(), any::<bool>()).prop_map(
            |(color, bold, reversed)| {
                let mut style = Style::default().fg(color);
                style = if bold { style.add_modifier(Modifier::BOLD) } else { style };
                if reversed { style.add_modifier(Modifier::REVERSED) } else { style }
            },
        );
        (0..24_u16, 0..6_u16, "[0-9.,牛█ x]{1,12}", style)
    }

    proptest! {
        #[test]
        fn a_terminal_shows_what_was_drawn_whatever_comes_after_what(
            frames in prop::collection::vec(prop::collection::vec(strings(), 0..14), 1..8),
            width_known in any::<bool>(),
        ) {
            let area = Rect::new(0, 0, 24, 6);
            let writer = FrameBuffer::default();
            let mut backend = AnsiBackend::new(writer.clone());
            backend.width.set(if width_known { 24 } else { 0 });
            let mut emulator = vt100::Parser::new(6.try_into().unwrap(), 24.try_into().unwrap(), 0);
            let mut shown = Buffer::empty(area);
            for frame in frames {
                let mut next = Buffer::empty(area);
                let mut taken = std::collections::HashSet::new();
                for (x, y, text, style) in frame {
                    // Two texts never share a half row: none is drawn over one half of a wide character.
                    if taken.insert((x / 12, y)) {
                        next.set_stringn(x, y, text, usize::from(12 - x % 12), style);
                    }
                }
                backend.draw(shown.diff(&next).into_iter()).unwrap();
                emulator.process(&writer.take());
                let mut hidden = 0;
                for y in 0..6 {
                    for x in 0..24 {
                        let cell = &next[(x, y)];
                        if hidden > 0 {
                            hidden -= 1;
                            continue;
                        }
                        hidden = cell.symbol().width().saturating_sub(1);
                        let seen = emulator.screen().cell(y, x).unwrap();
                        let text = if seen.has_contents() { seen.contents() } else { " " };
                        prop_assert_eq!(text, cell.symbol(), "{} {}", x, y);
                        if cell.symbol() != " " {
                            let bold = cell.modifier.contains(Modifier::BOLD);
                            prop_assert_eq!(seen.bold(), bold, "{} {}", x, y);
                            let reversed = cell.modifier.contains(Modifier::REVERSED);
                            prop_assert_eq!(seen.inverse(), reversed, "{} {}", x, y);
                            let colors = [
                                (Color::Reset, vt100::Color::Default),
                                (Color::Green, vt100::Color::Idx(2)),
                                (Color::Red, vt100::Color::Idx(1)),
                                (Color::Indexed(200), vt100::Color::Idx(200)),
                            ];
                            let (_, wanted) = colors.into_iter().find(|c| c.0 == cell.fg).unwrap();
                            prop_assert_eq!(seen.fgcolor(), wanted, "{} {}", x, y);
                        }
                    }
                }
                shown = next;
            }
        }
    }
}
