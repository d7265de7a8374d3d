//! [`Terminal`]: what the dashboard will find of the terminal.

use super::finding::Finding;

/// The smallest screen with the main panels.
const FULL: (u16, u16) = (80, 24);

/// What is known of the terminal. The replies are those of the terminal itself, where it could be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Why the dashboard cannot run on it; `None` when it can.
    pub unusable: Option<String>,
    /// Columns and rows.
    pub size: Option<(u16, u16)>,
    /// `TERM`.
    pub term: Option<String>,
    /// `COLORTERM`.
    pub color_term: Option<String>,
    /// Whether colours are wanted, by configuration and `NO_COLOR`.
    pub colors: bool,
    /// Whether the locale writes UTF-8.
    pub utf8: bool,
    /// Whether tmux is between.
    pub in_tmux: bool,
    /// The value of tmux's `allow-passthrough`; `None` when it could not be asked.
    pub passthrough: Option<String>,
    /// What the terminal answered to DECRQM 2026 and DA1; `None` when it was not asked, or did not answer.
    pub replies: Option<Vec<u8>>,
}

impl Terminal {
    /// Asks for the mode of synchronized output, then for the attributes, which every terminal knows: their
    /// reply ends the wait.
    pub const QUERY: &'static [u8] = b"\x1b[?2026$p\x1b[c";

    /// Returns whether the reply to the second question has come whole.
    pub fn is_answered(replies: &[u8]) -> bool {
        attributes(replies).is_some()
    }

    /// Returns the lines of the terminal.
    pub(super) fn findings(&self) -> Vec<Finding> {
        const NAME: &str = "terminal";
        if let Some(reason) = &self.unusable {
            let remedy = "run `bitget-watch check` on the terminal of the dashboard";
            return vec![Finding::not_looked_at(NAME, "", reason, remedy)];
        }
        let mut all = vec![self.size(), self.colors(), self.utf8()];
        all.push(self.synchronized());
        all.push(self.clipboard());
        all.extend(self.in_tmux.then(|| self.tmux()));
        all
    }

    fn size(&self) -> Finding {
        let Some((width, height)) = self.size else {
            let remedy = "set it with `stty cols 120 rows 40`";
            return Finding::warn("terminal", "size", "the terminal does not tell it", remedy);
        };
        let text = format!("{width}x{height}");
        if width < FULL.0 || height < FULL.1 {
            let remedy = "from 80x24 on there is room for the main panels, at 120x40 for all";
            return Finding::warn(
                "terminal",
                "size",
                format!("{text}: the short form is shown"),
                remedy,
            );
        }
        Finding::ok("terminal", "size", text)
    }

    fn colors(&self) -> Finding {
        let term = self.term.as_deref().unwrap_or("not set");
        if !self.colors {
            return Finding::ok("terminal", "colors", format!("not wanted; TERM {term}"));
        }
        let more = match self.color_term.as_deref() {
            Some("truecolor" | "24bit") => "24 bit",
            _ if term.contains("256") => "256",
            _ => "16",
        };
        Finding::ok("terminal", "colors", format!("{more}, of which 16 are used; TERM {term}"))
    }

    fn utf8(&self) -> Finding {
        if self.utf8 {
            return Finding::ok("terminal", "utf8", "the locale writes UTF-8");
        }
        let text = "the locale does not write UTF-8: lines and marks are drawn in ASCII";
        Finding::warn("terminal", "utf8", text, "export LANG=C.UTF-8, or another UTF-8 locale")
    }

    fn synchronized(&self) -> Finding {
        const SUBJECT: &str = "synchronized_output";
        let Some(replies) = &self.replies else {
            let remedy = "nothing: frames are drawn without it, and may tear on a slow link";
            return Finding::not_looked_at(
                "terminal",
                SUBJECT,
                "the terminal did not answer",
                remedy,
            );
        };
        if synchronized(replies) {
            return Finding::ok("terminal", SUBJECT, "known: frames appear whole");
        }
        let remedy = "nothing: frames are drawn without it, and may tear on a slow link";
        Finding::warn("terminal", SUBJECT, "not known to this terminal", remedy)
    }

    fn clipboard(&self) -> Finding {
        const SUBJECT: &str = "clipboard";
        let told = self.replies.as_deref().and_then(attributes);
        if told.is_some_and(|told| told.contains(&52)) {
            return Finding::ok("terminal", SUBJECT, "the terminal takes copies (OSC 52)");
        }
        // Many terminals take it without saying so.
        let remedy = "try key y in the dashboard; in tmux set `set -g set-clipboard on`";
        Finding::warn(
            "terminal",
            SUBJECT,
            "the terminal does not tell whether it takes copies",
            remedy,
        )
    }

    fn tmux(&self) -> Finding {
        const SUBJECT: &str = "tmux";
        match self.passthrough.as_deref() {
            Some("on" | "all") => Finding::ok("terminal", SUBJECT, "passthrough is on"),
            Some(value) => {
                let text = format!("allow-passthrough is {value}: notices and copies end at tmux");
                let remedy = "add `set -g allow-passthrough on` to ~/.tmux.conf";
                Finding::warn("terminal", SUBJECT, text, remedy)
            }
            None => {
                let why = "tmux did not tell its options";
                let remedy = "see `tmux show -gv allow-passthrough`";
                Finding::not_looked_at("terminal", SUBJECT, why, remedy)
            }
        }
    }
}

/// Returns the parameters of the reply to DA1, `CSI ? Ps ; ... c`.
fn attributes(replies: &[u8]) -> Option<Vec<u16>> {
    let text = String::from_utf8_lossy(replies);
    text.split("\x1b[?").skip(1).find_map(|reply| {
        let end = reply.find(|c: char| !c.is_ascii_digit() && c != ';')?;
        let (parameters, rest) = reply.split_at(end);
        rest.starts_with('c')
            .then(|| parameters.split(';').filter_map(|p| p.parse().ok()).collect())
    })
}

/// Returns whether the reply to DECRQM, `CSI ? 2026 ; Ps $ y`, says that the mode is known: set, or not.
fn synchronized(replies: &[u8]) -> bool {
    let text = String::from_utf8_lossy(replies);
    ["1", "2"].iter().any(|state| text.contains(&format!("\x1b[?2026;{state}$y")))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(b"\x1b[?2026;2$y\x1b[?62;22;52c", true, true, true)]
    #[case(b"\x1b[?2026;0$y\x1b[?1;2c", true, false, false)]
    #[case(b"\x1b[?64;1;2;52c", true, false, true)]
    #[case(b"\x1b[?2026;2$y", false, true, false)]
    #[case(b"\x1b[?62;5", false, false, false)]
    #[case(b"\xff\x1b[?c", true, false, false)]
    #[case(b"", false, false, false)]
    fn replies_are_read(
        #[case] replies: &[u8],
        #[case] answered: bool,
        #[case] whole_frames: bool,
        #[case] copies: bool,
    ) {
        assert_eq!(Terminal::is_answered(replies), answered);
        assert_eq!(synchronized(replies), whole_frames);
        assert_eq!(attributes(replies).is_some_and(|told| told.contains(&52)), copies);
    }

    #[test]
    fn every_line_that_is_not_ok_says_what_to_do() {
        let poor = Terminal { in_tmux: true, size: Some((40, 12)), ..Terminal::default() };
        let lines = poor.findings();
        assert_eq!(lines.len(), 6);
        assert!(lines.iter().all(|line| line.remedy.is_some() || line.subject == "colors"));
        let off = Terminal { in_tmux: true, passthrough: Some("off".to_owned()), ..poor };
        let tmux = off.findings().into_iter().find(|line| line.subject == "tmux").unwrap();
        assert!(tmux.text.contains("off") && tmux.remedy.unwrap().contains("allow-passthrough on"));
    }
}
