//! [`TerminalColors`]: the colours that a terminal gives to what has none, its letters and their background.

/// Of letters with less contrast than this much is guessed. WCAG 2 asks for it of signs and of large text.
pub(super) const READABLE: f64 = 3.0;
/// The brightest background that letters stand out from by being light, in thousandths.
const DARK: u32 = 500;

/// A colour, each part in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub [u32; 3]);

/// What is known of the background of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Background {
    /// The terminal has not said.
    #[default]
    Unknown,
    /// Light letters stand out.
    Dark,
    /// Dark letters stand out.
    Light,
}

/// What the terminal has told of its colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TerminalColors {
    /// Letters that have no colour.
    pub letters: Option<Rgb>,
    /// What is behind them.
    pub background: Option<Rgb>,
}

impl TerminalColors {
    /// Returns whether the background is light or dark.
    pub fn background(self) -> Background {
        self.background.map_or(Background::Unknown, |Rgb([red, green, blue])| {
            // How bright each of them looks.
            let light =
                red.saturating_mul(299) + green.saturating_mul(587) + blue.saturating_mul(114);
            if light >= DARK * 1_000 { Background::Light } else { Background::Dark }
        })
    }

    /// Returns whether dim letters can be read: most terminals mix them half and half with the background.
    /// Where nobody has said, they cannot be relied on.
    pub fn has_readable_dim(self) -> bool {
        self.letters.zip(self.background).is_some_and(|(letters, background)| {
            contrast(dimmed(letters, background), background) >= READABLE
        })
    }
}

/// Returns the colour half way to the background.
pub(super) fn dimmed(Rgb(letters): Rgb, Rgb(background): Rgb) -> Rgb {
    let [red, green, blue] = letters;
    let [behind_red, behind_green, behind_blue] = background;
    Rgb([red.midpoint(behind_red), green.midpoint(behind_green), blue.midpoint(behind_blue)])
}

/// Returns how much two colours differ for the eye: 1 for the same, 21 for black and white (WCAG 2).
pub(super) fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

/// Returns how much light a colour is, 1 for white.
fn luminance(Rgb([red, green, blue]): Rgb) -> f64 {
    let linear = |part: u32| {
        let part = f64::from(part) / 1_000.0;
        if part <= 0.040_45 { part / 12.92 } else { libm::pow((part + 0.055) / 1.055, 2.4) }
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}
