//! Roles of text on screen and their styles.
//!
//! Colour only adds to a sign or a word. Only the 16 colours of the terminal are used, so the user's own theme
//! decides how they look; without colours, weight and reversal remain. Three weights stand apart everywhere: a
//! block is what must be seen first, then the figures, then their labels.
//!
//! What carries a state is never dim, and never letters in a colour that some backgrounds swallow: it is a block
//! that brings its own background, or has the weight of the plain text. Letters in a colour are not bold, since
//! many terminals take another colour for that, and in Solarized a grey.

use ratatui::style::{Color, Modifier, Style};

use super::terminal_colors::{Background, TerminalColors};
use crate::config::{Palette, ThemeName};

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
    name: ThemeName,
    background: Background,
    /// Whether dim letters can be read.
    dims: bool,
    /// Whether colours may be used.
    pub(crate) colors: bool,
    /// Whether only ASCII may be drawn.
    pub(crate) ascii: bool,
}

impl Theme {
    pub(crate) const fn new(palette: Palette, colors: bool, ascii: bool) -> Self {
        let (name, background) = (ThemeName::Default, Background::Unknown);
        Self { palette, name, background, dims: false, colors, ascii }
    }

    /// Returns this theme with the colours and weights of a name.
    pub(crate) const fn named(self, name: ThemeName) -> Self {
        Self { name, colors: self.colors && !matches!(name, ThemeName::Mono), ..self }
    }

    /// Returns the theme for a terminal with these colours.
    pub(crate) fn on(self, colors: TerminalColors) -> Self {
        Self { background: colors.background(), dims: colors.has_readable_dim(), ..self }
    }

    /// Returns the style of a role.
    pub(crate) fn style(self, role: Role) -> Style {
        let plain = Style::new();
        match role {
            Role::Plain => plain.add_modifier(self.figure()),
            // Not italic: the Linux console shows that as green, and tmux in some terminals as reversed.
            Role::Label | Role::Stale => plain.add_modifier(self.label()),
            Role::Border if matches!(self.name, ThemeName::HighContrast) => plain,
            // Nothing to be read.
            Role::Border => plain.add_modifier(Modifier::DIM),
            Role::Strong | Role::Key | Role::Unknown => plain.add_modifier(Modifier::BOLD),
            Role::Gain => self.letters(self.gain()),
            Role::Loss => self.letters(self.loss()),
            Role::HeroGain => self.block(self.gain()),
            Role::HeroLoss => self.block(self.loss()),
            Role::StaleMark | Role::Warn => self.block(Color::Yellow),
            // Bold red is a red everywhere.
            Role::Danger => self.letters(Color::Red).add_modifier(Modifier::BOLD),
            // Not the colour of good links: it says nothing about them.
            Role::BadgeLive => plain.add_modifier(Modifier::BOLD | Modifier::REVERSED),
            Role::BadgeOther => self.block(Color::Magenta),
            Role::Alarm => self.block(Color::Red),
            Role::Focus if self.background == Background::Unknown => {
                plain.add_modifier(Modifier::BOLD)
            }
            Role::Good | Role::Focus => self.letters(self.calm()),
        }
    }

    /// Returns the style of a selected row, laid over the styles of its cells. Dim, reversed, is a lighter block
    /// than the blanks beside it: the row is solid.
    pub(crate) fn selection() -> Style {
        let reversed = Style::new().fg(Color::Reset).add_modifier(Modifier::REVERSED);
        reversed.remove_modifier(Modifier::DIM | Modifier::BOLD)
    }

    /// Whether labels are dim and figures plain. Else labels are plain and figures bold: in Solarized dim letters
    /// cannot be read, and no colour between its letters and its background is among the sixteen.
    const fn has_dim_labels(self) -> bool {
        self.dims && !matches!(self.name, ThemeName::HighContrast)
    }

    /// The weight of a figure.
    const fn figure(self) -> Modifier {
        if self.has_dim_labels() { Modifier::empty() } else { Modifier::BOLD }
    }

    /// The weight of a label, and of a figure that may be wrong now.
    const fn label(self) -> Modifier {
        if self.has_dim_labels() { Modifier::DIM } else { Modifier::empty() }
    }

    /// The colour of a gain.
    const fn gain(self) -> Color {
        match self.palette {
            Palette::GreenRed => self.green(),
            Palette::RedGreen => self.red(),
            Palette::BlueOrange if self.is_light() => Color::Blue,
            Palette::BlueOrange => Color::LightBlue,
        }
    }

    /// The colour of a loss.
    const fn loss(self) -> Color {
        match self.palette {
            Palette::GreenRed => self.red(),
            Palette::RedGreen => self.green(),
            // Orange for the eyes that it is meant for, and to be read on white.
            Palette::BlueOrange if self.is_light() => Color::Red,
            Palette::BlueOrange => Color::Yellow,
        }
    }

    /// Green; on white, where that of most terminals cannot be read, blue.
    const fn green(self) -> Color {
        if self.is_light() { Color::Blue } else { Color::Green }
    }

    /// Red; the light one where the background is not light, because that of the Linux console is too dark.
    const fn red(self) -> Color {
        if self.is_light() { Color::Red } else { Color::LightRed }
    }

    /// The colour of what is fine and of what has the keys. None where the background is not known: words and
    /// weight must be read.
    const fn calm(self) -> Color {
        match self.background {
            Background::Unknown => Color::Reset,
            Background::Dark => Color::Cyan,
            Background::Light => Color::Blue,
        }
    }

    const fn is_light(self) -> bool {
        matches!(self.background, Background::Light)
    }

    /// Letters on the background of the terminal; where colours are not to be relied on in the weight of a figure.
    fn letters(self, color: Color) -> Style {
        let colored = self.colors && !matches!(self.name, ThemeName::HighContrast);
        if colored && color != Color::Reset {
            return Style::new().fg(color);
        }
        Style::new().add_modifier(self.figure())
    }

    /// A block with a background of its own. Reversed letters would be as hard to read as the letters are.
    fn block(self, color: Color) -> Style {
        let style = Style::new();
        if !self.colors {
            // Less heavy than an alarm.
            let weight = if color == Color::Yellow { Modifier::empty() } else { Modifier::BOLD };
            return style.add_modifier(Modifier::REVERSED | weight);
        }
        // White on the light one is weak.
        let color = if color == Color::LightRed { Color::Red } else { color };
        if matches!(color, Color::Green | Color::Yellow | Color::LightBlue) {
            // Bold, black becomes grey in some terminals.
            return style.fg(Color::Black).bg(color);
        }
        style.fg(Color::White).bg(color).add_modifier(Modifier::BOLD)
    }
}

#[cfg(test)]
mod tests;
