//! [`UiContext`]: what the screen is told once, at start.

use crate::config::{Palette, ThemeName};
use crate::domain::Text;

/// What the screen is told once, at start.
#[derive(Debug, Clone)]
pub struct UiContext {
    /// Shown in the header.
    pub title: String,
    /// Which colours mean gain and loss.
    pub palette: Palette,
    /// Whether colours may be used.
    pub colors: bool,
    /// Whether only ASCII may be drawn.
    pub ascii: bool,
    /// The zone of all times of day.
    pub timezone: jiff::tz::TimeZone,
    /// A host in use that is not the exchange's.
    pub other_host: Option<String>,
    /// The last characters of the key.
    pub key_tail: Option<String>,
    /// Bitget's own paper trading.
    pub demo_trading: bool,
    /// How much colour and weight may be relied on.
    pub theme: ThemeName,
    /// The proxy that the exchange is reached through, as `host:port`.
    pub proxy: Option<String>,
    /// The words of the badge of a replay; `None` where nothing is played.
    pub replay: Option<String>,
}

impl UiContext {
    /// Returns the context without anything that could steer a terminal.
    #[must_use]
    pub(crate) fn cleaned(self) -> Self {
        let clean = |text: String| Text::new(&text).as_str().to_owned();
        Self {
            title: clean(self.title),
            other_host: self.other_host.map(clean),
            key_tail: self.key_tail.map(clean),
            proxy: self.proxy.map(clean),
            ..self
        }
    }
}

impl Default for UiContext {
    /// A screen with colours, in UTC.
    fn default() -> Self {
        Self {
            title: String::new(),
            palette: Palette::GreenRed,
            colors: true,
            ascii: false,
            timezone: jiff::tz::TimeZone::UTC,
            other_host: None,
            key_tail: None,
            demo_trading: false,
            theme: ThemeName::Default,
            proxy: None,
            replay: None,
        }
    }
}
