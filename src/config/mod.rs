//! The configuration that the rest of the program uses: complete and valid.
//!
//! `file` reads the TOML onto the defaults and refuses unknown keys; `resolve` merges defaults <
//! file < environment < flags and reports every problem at once. Credentials come from the
//! environment only, and what stands under a name that may mean one is in no message. The process
//! environment is passed in as [`Env`], so nothing here depends on the machine that runs it.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::{AccountKind, Symbol};

mod alert_file;
mod alerts;
mod environment;
mod error;
mod file;
mod lines;
mod memory;
mod names;
mod origin;
mod proxy;
mod resolve;
mod risk;
mod section;
mod setting;
mod trusted;
mod values;
mod ways;

pub use alerts::{AlertConfig, AlertLimit};
pub use environment::{
    Env, EnvCredentials, credentials, no_color, terminal_usable, user_config_dir, user_state_dir,
    utf8_locale,
};
pub use error::{ConfigError, ConfigErrors};
pub use file::keys;
pub use memory::MemoryConfig;
pub(crate) use names::nearest;
pub use proxy::{Proxies, ProxyChoice, ProxyUrl, proxies};
pub use resolve::{Inputs, resolve, resolve_with_settings};
pub use risk::RiskConfig;
pub use setting::{Setting, SettingSource};
pub use trusted::{TrustError, read_trusted};
pub use values::parse_duration;
pub use ways::{WayConfig, WayKind, WebhookTemplate};

/// A complete, valid configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The focus.
    pub symbol: Symbol,
    /// Shown in the header.
    pub title: String,
    /// Where the exchange is and which generation to use.
    pub exchange: ExchangeConfig,
    /// The slowest that each kind of data may get.
    pub refresh: RefreshConfig,
    /// How a lost link is tried again.
    pub reconnect: ReconnectConfig,
    /// The screen.
    pub ui: UiConfig,
    /// What counts as risky.
    pub risk: RiskConfig,
    /// The way to the exchange.
    pub network: NetworkConfig,
    /// What is kept from run to run.
    pub memory: MemoryConfig,
    /// What the user wants to be told of.
    pub alerts: Vec<AlertConfig>,
    /// The ways by which alerts reach the user, besides those of the terminal.
    pub ways: Vec<WayConfig>,
}

/// Which generation of the API to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApiChoice {
    /// Detected by asking the exchange.
    #[default]
    Auto,
    /// V2.
    Classic,
    /// V3.
    Unified,
}

impl ApiChoice {
    /// Returns the kind of account that was chosen; `None` when the account is to be asked.
    pub const fn kind(self) -> Option<AccountKind> {
        match self {
            Self::Auto => None,
            Self::Classic => Some(AccountKind::Classic),
            Self::Unified => Some(AccountKind::Unified),
        }
    }
}

/// Where the exchange is. Origins have no path and no trailing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeConfig {
    /// Generation.
    pub api: ApiChoice,
    /// Bitget's own paper trading: its header and its hosts.
    pub demo_trading: bool,
    /// Origin of REST, such as `https://api.bitget.com`.
    pub rest_url: String,
    /// Origin of the streams, such as `wss://ws.bitget.com`; already the paper host with `demo_trading`.
    pub ws_url: String,
    /// PEM file of an additional certificate authority.
    pub extra_ca_file: Option<PathBuf>,
    /// A host that is neither the exchange's nor loopback is in use: a banner says so.
    pub other_host: Option<String>,
    /// Deadline of name, TCP, TLS, upgrade and login together.
    pub connect_timeout: Duration,
    /// Deadline of a whole REST exchange.
    pub request_timeout: Duration,
}

/// REST cadences and the time to live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshConfig {
    /// Prices, while their stream is not live.
    pub price: Duration,
    /// Positions.
    pub positions: Duration,
    /// Orders.
    pub orders: Duration,
    /// The account.
    pub account: Duration,
    /// Older than `max(ttl, 2.5 × cadence)` is stale.
    pub ttl: Duration,
}

impl RefreshConfig {
    /// How often the positions of a product are read in which nothing is held: most accounts hold nothing
    /// there, and what changes it is an act of the owner.
    pub const EMPTY_POSITIONS: Duration = Duration::from_secs(10);
    /// How often the orders of a product other than that of the focus are read: several lists each.
    pub const OTHER_ORDERS: Duration = Duration::from_secs(30);
}

/// Reconnection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReconnectConfig {
    /// Pause before the first attempt; doubles, up to `cool_down`.
    pub first_delay: Duration,
    /// Failed attempts in a row until the link is called down.
    pub max_attempts: u32,
    /// Pause between attempts from then on, and the longest of all.
    pub cool_down: Duration,
}

/// The way to the exchange.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkConfig {
    /// The proxy of requests and streams alike.
    pub proxy: ProxyChoice,
}

/// The screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UiConfig {
    /// Most frames a second.
    pub max_fps: u32,
    /// Colours.
    pub color: ColorChoice,
    /// Which colours mean gain and loss.
    pub palette: Palette,
    /// Name of the zone of all times on screen; `UTC` always works.
    pub timezone: String,
    /// Ring the bell.
    pub bell: bool,
    /// How much colour and weight may be relied on.
    pub theme: ThemeName,
    /// Most bytes a second to the terminal, in the mean, after the start.
    pub max_bytes_per_second: u32,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    /// Unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Even with `NO_COLOR`.
    Always,
    /// Never.
    Never,
}

/// Which colours mean gain and loss; sign and word say it as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Palette {
    /// Green gains.
    #[default]
    GreenRed,
    /// Red gains.
    RedGreen,
    /// Blue gains, orange loses: for colour-blind eyes.
    BlueOrange,
}

/// How much colour and weight may be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeName {
    /// The palette, and dim labels.
    #[default]
    Default,
    /// Nothing dim; colours in blocks only.
    HighContrast,
    /// No colours.
    Mono,
}

impl ThemeName {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Default, Self::HighContrast, Self::Mono];

    /// Returns the name in the file and on the command line of the screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::HighContrast => "high-contrast",
            Self::Mono => "mono",
        }
    }
}

impl std::str::FromStr for ThemeName {
    type Err = String;

    /// Reads the name of a theme.
    ///
    /// # Errors
    /// Names the nearest theme, or all of them.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        names::choose(name, &Self::ALL.map(|theme| (theme.as_str(), theme)))
    }
}

/// The built-in defaults, which `config.example.toml` repeats key by key.
impl Default for Config {
    fn default() -> Self {
        Self {
            symbol: Symbol::default(),
            title: "RASTA OMEGA TRADER".to_owned(),
            exchange: ExchangeConfig::default(),
            refresh: RefreshConfig::default(),
            reconnect: ReconnectConfig::default(),
            ui: UiConfig::default(),
            risk: RiskConfig::default(),
            network: NetworkConfig::default(),
            memory: MemoryConfig::default(),
            alerts: AlertConfig::defaults(),
            ways: Vec::new(),
        }
    }
}

impl Default for ExchangeConfig {
    fn default() -> Self {
        Self {
            api: ApiChoice::default(),
            demo_trading: false,
            rest_url: origin::REST_URL.to_owned(),
            ws_url: origin::WS_URL.to_owned(),
            extra_ca_file: None,
            other_host: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(8),
        }
    }
}

impl Default for RefreshConfig {
    fn default() -> Self {
        Self {
            price: Duration::from_secs(1),
            positions: Duration::from_secs(2),
            orders: Duration::from_secs(5),
            account: Duration::from_secs(10),
            ttl: Duration::from_secs(5),
        }
    }
}

impl Default for ReconnectConfig {
    fn default() -> Self {
        Self {
            first_delay: Duration::from_secs(1),
            max_attempts: 5,
            cool_down: Duration::from_secs(15),
        }
    }
}

impl Default for UiConfig {
    fn default() -> Self {
        Self {
            max_fps: 4,
            color: ColorChoice::default(),
            palette: Palette::default(),
            timezone: "UTC".to_owned(),
            bell: true,
            theme: ThemeName::default(),
            max_bytes_per_second: 1_000,
        }
    }
}

impl UiConfig {
    /// Returns whether to use colours; `no_color` is the answer of [`no_color`](fn@no_color).
    pub fn colors(&self, no_color: bool) -> bool {
        match self.color {
            ColorChoice::Auto => !no_color,
            ColorChoice::Always => true,
            ColorChoice::Never => false,
        }
    }
}
