//! The bodies of webhooks, as data.
//!
//! A `$name` of a template stands for a value: `$text` and `$chat_id` are JSON strings, `$plain` is the sentence
//! as it is, `$title` a few words, `$document` the object of the alert, `$priority` ntfy's number.

use super::delivery::Message;
use crate::config::WebhookTemplate;
use crate::domain::Severity;

/// How a request is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Template {
    pub(super) content_type: &'static str,
    pub(super) headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    /// What the query of the address must have.
    pub(super) needs: &'static [&'static str],
}

const JSON: &str = "application/json";

/// The requests that the services expect.
static TEMPLATES: [(WebhookTemplate, Template); 5] = [
    (
        WebhookTemplate::Json,
        Template { content_type: JSON, headers: &[], body: "$document", needs: &[] },
    ),
    (
        WebhookTemplate::Ntfy,
        Template {
            content_type: "text/plain; charset=utf-8",
            headers: &[("Title", "$title"), ("Priority", "$priority")],
            body: "$plain",
            needs: &[],
        },
    ),
    (
        WebhookTemplate::Slack,
        Template { content_type: JSON, headers: &[], body: r#"{"text":$text}"#, needs: &[] },
    ),
    (
        WebhookTemplate::Discord,
        Template { content_type: JSON, headers: &[], body: r#"{"content":$text}"#, needs: &[] },
    ),
    (
        WebhookTemplate::Telegram,
        Template {
            content_type: JSON,
            headers: &[],
            body: r#"{"chat_id":$chat_id,"text":$text}"#,
            needs: &["chat_id"],
        },
    ),
];

impl Template {
    /// Returns the template of a name.
    pub(super) fn of(name: WebhookTemplate) -> &'static Self {
        let [(_, json), ..] = &TEMPLATES;
        TEMPLATES.iter().find(|(of, _)| *of == name).map_or(json, |(_, template)| template)
    }

    /// Returns the body; `query` gives the values that the address carries.
    pub(super) fn body(&self, message: &Message, query: &[(String, String)]) -> String {
        fill(self.body, message, query)
    }
}

/// Fills in the values of a pattern. What is filled in is not looked at again.
pub(super) fn fill(pattern: &str, message: &Message, query: &[(String, String)]) -> String {
    let mut filled = String::with_capacity(pattern.len() + message.document.len());
    let mut parts = pattern.split('$');
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        filled.push_str(&value(name, message, query));
        filled.push_str(rest);
    }
    filled
}

fn value(name: &str, message: &Message, query: &[(String, String)]) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    match name {
        "document" => message.document.to_string(),
        "plain" => message.text.to_string(),
        "title" => message.title.to_string(),
        "text" => quoted(&format!("{}: {}", message.title, message.text)),
        "priority" => priority(message.severity).to_owned(),
        other => {
            let found = query.iter().find(|(key, _)| key == other);
            quoted(found.map_or("", |(_, value)| value))
        }
    }
}

const fn priority(severity: Severity) -> &'static str {
    match severity {
        Severity::Watch => "3",
        Severity::Danger => "4",
        Severity::Critical => "5",
    }
}
