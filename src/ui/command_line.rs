//! [`CommandLine`]: the line that is typed after a colon, with completion and what was typed before.

use ratatui::crossterm::event::KeyCode;

use super::commands;

/// The longest line, in characters.
const MAX_LINE: usize = 80;
/// Lines that are remembered.
const MAX_HISTORY: usize = 50;

/// The line that is typed after a colon.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommandLine {
    /// `None` while it is closed.
    line: Option<String>,
    /// What was entered, the oldest first.
    history: Vec<String>,
    /// The place in `history` that is shown; its length stands for the line that is typed.
    at: usize,
    /// The lines that Tab goes through, and the one that is shown.
    completing: Option<(Vec<String>, usize)>,
}

impl CommandLine {
    pub(crate) fn open(&mut self) {
        self.line = Some(String::new());
        self.at = self.history.len();
        self.completing = None;
    }

    /// Returns the text, without the colon; `None` while it is closed.
    pub(crate) fn text(&self) -> Option<&str> {
        self.line.as_deref()
    }

    /// Returns what Tab would complete the line to, the last words only.
    pub(crate) fn offers(&self, symbols: &[String]) -> Vec<String> {
        let Some(line) = &self.line else { return Vec::new() };
        let lines = match &self.completing {
            Some((lines, _)) => lines.clone(),
            None => commands::completions(line, symbols),
        };
        let last = |line: String| line.trim_end().rsplit(' ').next().map(str::to_owned);
        lines.into_iter().filter_map(last).collect()
    }

    /// Applies a key and returns the line when it is entered. `symbols` are the contracts that are known.
    pub(crate) fn edit(&mut self, code: KeyCode, symbols: &[String]) -> Option<String> {
        let line = self.line.as_mut()?;
        if let KeyCode::Char(letter) = code {
            if !letter.is_control() && line.chars().count() < MAX_LINE {
                line.push(letter);
            }
        } else if code == KeyCode::Backspace {
            // As in other programs: the colon goes last.
            if line.pop().is_none() {
                self.line = None;
            }
        } else if code == KeyCode::Esc {
            self.line = None;
        } else if code == KeyCode::Up {
            self.recall(self.at.saturating_sub(1));
        } else if code == KeyCode::Down {
            self.recall(self.at.saturating_add(1));
        } else if code == KeyCode::Tab || code == KeyCode::BackTab {
            self.complete(code == KeyCode::Tab, symbols);
            return None;
        } else if code == KeyCode::Enter {
            return self.enter();
        }
        self.completing = None;
        None
    }

    fn enter(&mut self) -> Option<String> {
        self.completing = None;
        let line = self.line.take()?;
        if !line.trim().is_empty() && self.history.last() != Some(&line) {
            self.history.push(line.clone());
            let beyond = self.history.len().saturating_sub(MAX_HISTORY);
            self.history.drain(..beyond);
        }
        Some(line)
    }

    fn recall(&mut self, at: usize) {
        self.at = at.min(self.history.len());
        self.line = Some(self.history.get(self.at).cloned().unwrap_or_default());
    }

    /// Goes to the next of the lines that it may become, or to the one before.
    fn complete(&mut self, forward: bool, symbols: &[String]) {
        let Some(line) = &self.line else { return };
        let (lines, at) = self.completing.take().map_or_else(
            || (commands::completions(line, symbols), None),
            |(lines, at)| (lines, Some(at)),
        );
        let last = lines.len().saturating_sub(1);
        let next = match (at, forward) {
            (Some(at), true) if at < last => at + 1,
            (Some(at), false) if at > 0 => at - 1,
            (None | Some(_), true) => 0,
            (None | Some(_), false) => last,
        };
        if let Some(line) = lines.get(next) {
            self.line = Some(line.clone());
            // A single one is whole: the next Tab completes what follows it.
            self.completing = (lines.len() > 1).then_some((lines, next));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &mut CommandLine, text: &str) {
        for letter in text.chars() {
            assert_eq!(line.edit(KeyCode::Char(letter), &[]), None);
        }
    }

    #[test]
    fn tab_goes_round_and_completes_the_argument_after_the_name() {
        let mut line = CommandLine::default();
        line.open();
        typed(&mut line, "s");
        let symbols = vec!["ETHUSDT_UMCBL".to_owned()];
        let mut press = |code| {
            line.edit(code, &symbols);
            line.text().unwrap().to_owned()
        };
        assert_eq!(press(KeyCode::Tab), "symbol ");
        assert_eq!(press(KeyCode::Tab), "sort ");
        assert_eq!(press(KeyCode::Tab), "seek ");
        assert_eq!(press(KeyCode::Tab), "symbol ");
        assert_eq!(press(KeyCode::BackTab), "seek ");
        for _ in 0..5 {
            press(KeyCode::Backspace);
        }
        press(KeyCode::Char('s'));
        press(KeyCode::Char('y'));
        assert_eq!(press(KeyCode::Tab), "symbol ");
        assert_eq!(press(KeyCode::Tab), "symbol ETHUSDT_UMCBL");
        assert_eq!(press(KeyCode::Tab), "symbol ETHUSDT_UMCBL");
        assert_eq!(line.edit(KeyCode::Enter, &symbols).unwrap(), "symbol ETHUSDT_UMCBL");
        assert_eq!(line.text(), None);
    }

    #[test]
    fn what_was_entered_is_recalled() {
        let mut line = CommandLine::default();
        for text in ["sort pnl", "theme mono", "theme mono"] {
            line.open();
            typed(&mut line, text);
            line.edit(KeyCode::Enter, &[]);
        }
        line.open();
        let mut press = |code| {
            line.edit(code, &[]);
            line.text().map(str::to_owned)
        };
        assert_eq!(press(KeyCode::Up).as_deref(), Some("theme mono"));
        assert_eq!(press(KeyCode::Up).as_deref(), Some("sort pnl"));
        assert_eq!(press(KeyCode::Up).as_deref(), Some("sort pnl"));
        assert_eq!(press(KeyCode::Down).as_deref(), Some("theme mono"));
        assert_eq!(press(KeyCode::Down).as_deref(), Some(""));
        assert_eq!(press(KeyCode::Backspace), None, "the colon goes last");
    }
}
