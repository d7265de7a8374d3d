//! The ways out: by what an alert reaches the user.

use std::time::Duration;

/// One way that the file names. `bell` and `terminal` are always there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WayConfig {
    /// What rules call it.
    pub name: String,
    /// What it is.
    pub kind: WayKind,
    /// Whether the end of an alert is sent as well.
    pub send_cleared: bool,
}

/// What a way is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WayKind {
    /// A request to an address of the user's.
    Webhook {
        /// The name of the environment variable that holds the address, which may be a secret.
        url_env: String,
        /// The form of the body.
        template: WebhookTemplate,
    },
    /// A program of the user's, with its arguments; no shell reads them.
    Command {
        /// The program and its arguments.
        argv: Vec<String>,
    },
    /// A request again and again, while reports are made: its absence tells that nobody watches.
    Heartbeat {
        /// The name of the environment variable that holds the address.
        url_env: String,
        /// How often.
        every: Duration,
    },
}

impl WayConfig {
    /// The names of the ways that need no entry in the file: the terminal's bell, and its notifications.
    pub const BUILT_IN: [&str; 2] = ["bell", "terminal"];
}

/// The form of the body of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebhookTemplate {
    /// The alert as an object, as the document has it.
    #[default]
    Json,
    /// A plain text with the headers of ntfy.
    Ntfy,
    /// `text`: Slack, Mattermost.
    Slack,
    /// `content`: Discord.
    Discord,
    /// `sendMessage` of Telegram, to the `chat_id` of the address.
    Telegram,
}
