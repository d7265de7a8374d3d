//! Roles of text on screen and their styles.
//!
//! Colour only adds to a sign or a word. Only the 16 colours of the terminal are used, so the user's
//! own theme decides how they look; without colours, weight and reversal remain.

use ratatui::style::{Color, Modifier, Style};

use crate::config::Palette;

/// The meaning of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Role {
    /// An ordinary value.
    #[default]
    Plain,
    /// A label, or something of little weight.
    Label,
    /// A value that matters most.
    Strong,
    /// Above zero.
    Gain,
    /// Below zero.
    Loss,
    /// The result of everything that is held, above zero: the heaviest thing on screen.
    HeroGain,
    /// The same below zero.
    HeroLoss,
    /// A value that may be wrong now.
    Stale,
    /// The word STALE.
    StaleMark,
    /// An unknown value.
    Unknown,
    /// Something is fine.
    Good,
    /// Something wants attention.
    Warn,
    /// Something is wrong.
    Danger,
    /// A reversed block: real money.
    BadgeLive,
    /// A reversed block: no real money, or not now.
    BadgeOther,
    /// A reversed block: danger.
    Alarm,
    /// The border of the panel that has the keys.
    Focus,
    /// Borders.
    Border,
    /// A key's name.
    Key,
}

/// Roles to styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Theme {
    palette: Palette,
    /// Whether colours may be used.
    pub(crate) colors: bool,
    /// Whether only ASCII may be drawn.
    pub(crate) ascii: bool,
}

impl Theme {
    pub(crate) const fn new(palette: Palette, colors: bool, ascii: bool) -> Self {
        Self { palette, colors, ascii }
    }

    /// Returns the style of a role.
    pub(crate) fn style(self, role: Role) -> Style {
        let (gain, loss) = match self.palette {
            Palette::GreenRed => (Color::Green, Color::Red),
            Palette::RedGreen => (Color::Red, Color::Green),
            Palette::BlueOrange => (Color::LightBlue, Color::Yellow),
        };
        let plain = Style::new();
        let (color, modifier) = match role {
            Role::Plain => (None, Modifier::empty()),
            Role::Label | Role::Border => (None, Modifier::DIM),
            Role::Stale => (None, Modifier::DIM | Modifier::ITALIC),
            Role::Strong | Role::Key | Role::Unknown => (None, Modifier::BOLD),
            Role::Gain => (Some(gain), Modifier::empty()),
            Role::Loss => (Some(loss), Modifier::empty()),
            Role::HeroGain => (Some(gain), Modifier::BOLD.union(Modifier::REVERSED)),
            Role::HeroLoss => (Some(loss), Modifier::BOLD.union(Modifier::REVERSED)),
            Role::Good => (Some(Color::Cyan), Modifier::empty()),
            // Reversed: yellow letters cannot be read on a light background.
            Role::StaleMark | Role::Warn => (Some(Color::Yellow), Modifier::REVERSED),
            Role::Danger => (Some(Color::Red), Modifier::BOLD),
            // Not the colour of good links: it says nothing about them.
            Role::BadgeLive => (None, Modifier::BOLD.union(Modifier::REVERSED)),
            Role::BadgeOther => (Some(Color::Magenta), Modifier::BOLD.union(Modifier::REVERSED)),
            Role::Alarm => (Some(Color::Red), Modifier::BOLD.union(Modifier::REVERSED)),
            Role::Focus => (Some(Color::Cyan), Modifier::BOLD),
        };
        let style = plain.add_modifier(modifier);
        match color {
            Some(color) if self.colors => style.fg(color),
            _ => style,
        }
    }

    /// Returns the style of a selected row, laid over the styles of its cells.
    pub(crate) fn selection() -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_nothing_has_a_colour_and_badges_stay_blocks() {
        let theme = Theme::new(Palette::GreenRed, false, false);
        for role in [Role::Gain, Role::Loss, Role::Danger, Role::Focus] {
            assert_eq!(theme.style(role).fg, None, "{role:?}");
        }
        for role in [Role::BadgeLive, Role::BadgeOther, Role::Alarm, Role::Warn, Role::HeroLoss] {
            assert!(theme.style(role).add_modifier.contains(Modifier::REVERSED));
        }
    }

    #[test]
    fn palettes_choose_the_colours_of_gain_and_loss() {
        let pair = |palette| {
            let theme = Theme::new(palette, true, false);
            (theme.style(Role::Gain).fg, theme.style(Role::Loss).fg)
        };
        assert_eq!(pair(Palette::GreenRed), (Some(Color::Green), Some(Color::Red)));
        assert_eq!(pair(Palette::RedGreen), (Some(Color::Red), Some(Color::Green)));
        assert_eq!(pair(Palette::BlueOrange), (Some(Color::LightBlue), Some(Color::Yellow)));
    }
}
