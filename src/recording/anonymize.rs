//! [`anonymize`]: a recording that may be shown in public, and plays the same story.

use std::io::{self, Write};

use rust_decimal::Decimal;

use super::amounts::{About, Disguise, without_addresses};
use super::frame::compress;
use super::line::{Answer, Header, Line, Told, What};
use super::reader::Recording;
use super::words;
use super::writer::FRAME_BYTES;
use crate::domain::Stream;
use crate::exchange::Request;

/// Writes a recording with amounts by another factor and other ids; symbols, prices and times stay. Returns
/// what is wrong with the original, where something is: what follows is not in the copy.
///
/// # Errors
/// Those of `out`.
pub fn anonymize(
    recording: &Recording,
    factor: Decimal,
    out: &mut dyn Write,
) -> io::Result<Option<String>> {
    let mut disguise = Disguise::new(factor);
    let mut lines = recording.lines();
    let mut text = Vec::new();
    let write = |text: &mut Vec<u8>, out: &mut dyn Write| {
        let frame = compress(text);
        text.clear();
        out.write_all(&frame)
    };
    for mut line in lines.by_ref() {
        cover(&mut line, &mut disguise);
        serde_json::to_writer(&mut text, &line)?;
        text.push(b'\n');
        if text.len() >= FRAME_BYTES {
            write(&mut text, out)?;
        }
    }
    if !text.is_empty() {
        write(&mut text, out)?;
    }
    out.flush()?;
    Ok(lines.damage)
}

fn cover(line: &mut Line, disguise: &mut Disguise) {
    match &mut line.what {
        What::Recording(header) => *header = Header { anonymized: true, ..header.clone() },
        What::In { stream, text } => {
            *text = if words::stream(stream) == Some(Stream::WsPublic) {
                without_addresses(text)
            } else {
                disguise.text(text, About::Account)
            };
        }
        What::Applied(responses) => {
            for answer in &mut responses.answers {
                cover_answer(answer, disguise);
            }
        }
        What::Failed { error, response, .. } => {
            *error = without_addresses(error);
            if let Some(answer) = response {
                cover_answer(answer, disguise);
            }
        }
        What::Told(
            Told::Link { reason: Some(text), .. }
            | Told::Problem { text: Some(text), .. }
            | Told::Failed { reason: Some(text), .. },
        ) => *text = without_addresses(text),
        What::Told(_)
        | What::Opened { .. }
        | What::Out { .. }
        | What::Reading {}
        | What::Lost { .. }
        | What::End {} => {}
    }
}

fn cover_answer(answer: &mut Answer, disguise: &mut Disguise) {
    let Some(request) = words::request(&answer.request) else {
        // Of a request of another version nobody knows what the response tells.
        answer.body.clear();
        return;
    };
    let about = if matches!(request, Request::Tiers(_)) {
        About::Tiers
    } else if request.is_private() {
        About::Account
    } else {
        answer.body = without_addresses(&answer.body);
        return;
    };
    answer.body = disguise.text(&answer.body, about);
    // Where a page starts is told by an id, the last of the words.
    let is_later = matches!(
        request,
        Request::MoreOrders { .. }
            | Request::MoreClosedPositions(_)
            | Request::Ledger { cursor: Some(_), .. }
    );
    if let Some(word) = answer.request.last_mut().filter(|_| is_later) {
        *word = disguise.id(word);
    }
}
