//! Invalid WebSocket frames.

use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::kinds::Garbage;

/// Returns an invalid frame; `frame` is the valid one that follows.
pub(in crate::sim) fn garbage(kind: Garbage, frame: &Value) -> Message {
    let text = |text: String| Message::text(text);
    match kind {
        Garbage::Text => text("!? \u{1b}[2J not a message".to_owned()),
        Garbage::Utf8 => {
            let bytes = vec![b'{', 0xff, 0xfe, b'}'];
            Message::Frame(Frame::message(bytes, OpCode::Data(Data::Text), true))
        }
        Garbage::Deep => text("[".repeat(10_000)),
        Garbage::Large => text(" ".repeat(2 << 20)),
        Garbage::Binary => Message::binary(vec![0, 1, 2, 0xff]),
        Garbage::Half => {
            let whole = frame.to_string();
            text(whole.chars().take(whole.chars().count() / 2).collect())
        }
    }
}
