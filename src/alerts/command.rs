//! A program of the user's as a way out.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::BoxFuture;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::delivery::{Deliver, DeliveryError, Message};
use crate::domain::Text;

/// How long it may run.
const LIMIT: Duration = Duration::from_secs(10);
/// No variable of this name reaches it: the credentials, and the addresses of webhooks.
const SECRET_PREFIX: &str = "BITGET_";

/// A program and its arguments. No shell reads them; it gets the object of the alert on standard input.
#[derive(Debug)]
pub struct CommandWay {
    argv: Vec<String>,
    /// Variables that hold addresses, whatever they are called.
    hidden: Vec<String>,
}

impl CommandWay {
    /// Returns the way; the variables `hidden` do not reach the program, nor does any that begins with
    /// `BITGET_` or holds the password of a proxy.
    pub const fn new(argv: Vec<String>, hidden: Vec<String>) -> Self {
        Self { argv, hidden }
    }

    async fn run(&self, message: &Message) -> Result<Text, DeliveryError> {
        let [program, arguments @ ..] = self.argv.as_slice() else {
            return Err(DeliveryError::lasting("there is no program"));
        };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let secrets = std::env::vars_os().filter(|(name, value)| {
            let name = name.to_string_lossy().to_ascii_uppercase();
            name.starts_with(SECRET_PREFIX)
                || (name.ends_with("_PROXY") && value.to_string_lossy().contains('@'))
        });
        for (name, _secret) in secrets {
            command.env_remove(name);
        }
        for name in &self.hidden {
            command.env_remove(name);
        }
        // In a group of its own what it starts ends with it, and no key of the terminal reaches it.
        command.process_group(0).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| {
            DeliveryError::lasting(&format!("cannot be started: {}", error.kind()))
        })?;
        let mut group = Group::of(&child);
        let ended = timeout(LIMIT, feed(&mut child, message)).await;
        if ended.is_ok() {
            // What it leaves behind by itself is the user's will.
            group.0 = None;
        }
        drop(group);
        match ended {
            Ok(Ok(status)) if status.success() => Ok(Text::new("exit status 0")),
            Ok(Ok(status)) => Err(DeliveryError::lasting(&ended_with(status))),
            Ok(Err(error)) => Err(DeliveryError::lasting(&error.kind().to_string())),
            Err(_elapsed) => Err(DeliveryError::lasting("killed after 10 s")),
        }
    }
}

async fn feed(child: &mut Child, message: &Message) -> std::io::Result<ExitStatus> {
    if let Some(mut input) = child.stdin.take() {
        // One that does not read what it is given may still do its work.
        let _unread = input.write_all(format!("{}\n", message.document).as_bytes()).await;
    }
    child.wait().await
}

fn ended_with(status: ExitStatus) -> String {
    status
        .code()
        .map_or_else(|| "killed by a signal".to_owned(), |code| format!("exit status {code}"))
}

/// Ends a group of processes, also where the program ends first.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended just now.
            let _none = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Deliver for CommandWay {
    fn deliver<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<Text, DeliveryError>> {
        Box::pin(self.run(message))
    }
}
