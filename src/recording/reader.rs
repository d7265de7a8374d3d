//! [`Recording`]: the lines of a file, as far as they can be read.

use std::collections::VecDeque;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use ruzstd::decoding::StreamingDecoder;

use super::line::{FORMAT, Header, Line, What};
use super::words;
use crate::domain::{Symbol, Timestamp};

/// The largest text of a frame: far more than is ever written, and no more than is safe to hold.
const MOST_TEXT: u64 = 64 << 20;

/// Why a file is not a recording that can be played.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// It does not start like one.
    #[error("not a recording of this program: {0}")]
    NotOne(String),
    /// It is of a version that this one does not know.
    #[error("its format is {0}, and this version plays {FORMAT}")]
    OtherFormat(String),
}

/// A recording that starts as it should.
#[derive(Debug, Clone)]
pub struct Recording {
    bytes: Arc<[u8]>,
    pub(super) header: Header,
    began: Timestamp,
}

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or its first line is not that of a recording. What is wrong further on is found
    /// when it is played.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        Self::of(std::fs::read(path)?)
    }

    pub(super) fn of(bytes: Vec<u8>) -> Result<Self, ReadError> {
        let bytes: Arc<[u8]> = bytes.into();
        let mut lines = Lines::new(Arc::clone(&bytes));
        let first = lines.next();
        match first {
            Some(Line { t, what: What::Recording(header) }) if header.format == FORMAT => {
                Ok(Self { bytes, header, began: Timestamp::from_millis(t) })
            }
            Some(Line { what: What::Recording(header), .. }) => {
                Err(ReadError::OtherFormat(header.format))
            }
            Some(_) => Err(ReadError::NotOne("it has no first line".to_owned())),
            None => {
                Err(ReadError::NotOne(lines.damage.unwrap_or_else(|| "it is empty".to_owned())))
            }
        }
    }

    /// Returns the contract in focus at the start; the default where this version does not know it.
    pub fn focus(&self) -> Symbol {
        words::symbol(&self.header.focus).unwrap_or_default()
    }

    /// Returns whether private data were asked for.
    pub const fn has_credentials(&self) -> bool {
        self.header.credentials
    }

    /// Returns the time of the start: local time of the machine that recorded.
    pub const fn began(&self) -> Timestamp {
        self.began
    }

    pub(super) fn lines(&self) -> Lines {
        Lines::new(Arc::clone(&self.bytes))
    }
}

/// The lines of a recording, up to the damage where there is one.
#[derive(Debug)]
pub(super) struct Lines {
    bytes: Arc<[u8]>,
    at: usize,
    frame: VecDeque<Line>,
    /// Why there are no more lines, where the recording does not end in order.
    pub(super) damage: Option<String>,
    ended: bool,
}

impl Lines {
    fn new(bytes: Arc<[u8]>) -> Self {
        Self { bytes, at: 0, frame: VecDeque::new(), damage: None, ended: false }
    }

    /// Decodes the next frame; its checksum is verified before a line of it counts.
    fn decode(&mut self) -> Option<()> {
        let mut rest = self.bytes.get(self.at..).unwrap_or_default();
        let left = rest.len();
        let mut text = Vec::new();
        let mut decoder = StreamingDecoder::new(&mut rest).ok()?;
        (&mut decoder).take(MOST_TEXT).read_to_end(&mut text).ok()?;
        let decoder = decoder.into_frame_decoder();
        let read = left - rest.len();
        if read == 0 || decoder.get_checksum_from_data() != decoder.get_calculated_checksum() {
            return None;
        }
        self.at += read;
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            self.frame.push_back(serde_json::from_slice(line).ok()?);
        }
        Some(())
    }

    fn end(&mut self, damage: Option<String>) {
        self.ended = true;
        self.damage = damage;
    }
}

impl Iterator for Lines {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        while self.frame.is_empty() && !self.ended {
            if self.at >= self.bytes.len() {
                self.end(Some("it has no end: it was cut, or is still written".to_owned()));
            } else if self.decode().is_none() {
                // Lines of a frame before the one that cannot be read are as they were written.
                self.end(Some(format!("it is cut or damaged after {} bytes", self.at)));
            }
        }
        let line = self.frame.pop_front()?;
        if matches!(line.what, What::End {}) {
            self.end(None);
        }
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::frame::compress;

    fn frame(lines: &[&str]) -> Vec<u8> {
        compress(lines.join("\n").as_bytes())
    }

    /// Two frames, of two lines each.
    fn whole() -> (Vec<u8>, usize) {
        let header = serde_json::to_string(&Line {
            t: 5,
            what: What::Recording(Header::new(&Symbol::default(), true)),
        })
        .unwrap();
        let mut bytes = frame(&[&header, r#"{"t":6,"reading":{}}"#]);
        let first = bytes.len();
        bytes.extend(frame(&[r#"{"t":7,"reading":{}}"#, r#"{"t":8,"end":{}}"#]));
        (bytes, first)
    }

    fn read(bytes: Vec<u8>) -> (usize, Option<String>) {
        let mut lines = Recording::of(bytes).unwrap().lines();
        let count = lines.by_ref().count();
        (count, lines.damage)
    }

    #[test]
    fn a_cut_file_is_read_to_its_last_whole_frame() {
        let (bytes, first) = whole();
        assert_eq!(read(bytes.clone()), (4, None));
        let cut = |at: usize| read(bytes.iter().copied().take(at).collect());
        assert_eq!(cut(first).0, 2);
        assert!(cut(first).1.unwrap().starts_with("it has no end"));
        for at in first + 1..bytes.len() {
            let damage = format!("it is cut or damaged after {first} bytes");
            assert_eq!(cut(at), (2, Some(damage)), "{at}");
        }
    }

    /// A changed byte is never played: the checksum of its frame is wrong. In the description of a frame there
    /// are bits that change nothing.
    #[test]
    fn a_changed_byte_ends_the_recording_before_its_frame() {
        let (bytes, first) = whole();
        let original: Vec<Line> = Recording::of(bytes.clone()).unwrap().lines().collect();
        for at in first..bytes.len() {
            let mut bytes = bytes.clone();
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 0x20;
            }
            let played: Vec<Line> = Recording::of(bytes.clone()).unwrap().lines().collect();
            let is_damaged = read(bytes).1.is_some() && played.len() == 2;
            assert!(is_damaged || played == original, "{at}: {played:?}");
        }
    }

    #[test]
    fn other_files_are_refused_with_a_reason() {
        let error = |bytes: Vec<u8>| Recording::of(bytes).unwrap_err().to_string();
        assert!(error(Vec::new()).starts_with("not a recording of this program"));
        assert!(error(b"[exchange]".to_vec()).starts_with("not a recording of this program"));
        assert!(error(frame(&[r#"{"t":1,"end":{}}"#])).contains("no first line"));
        let other =
            r#"{"t":1,"recording":{"format":"x/9","version":"","focus":"","credentials":true}}"#;
        assert_eq!(
            error(frame(&[other])),
            "its format is x/9, and this version plays bitget-watch-recording/1"
        );
    }
}
