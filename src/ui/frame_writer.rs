//! The writer below the screen: one write per repaint, inside a synchronized update.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::pacer::Hold;

/// The terminal shows nothing between these two (DEC private mode 2026); others ignore them.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Bytes and writes that went to the terminal so far, and how often a frame was held back.
#[derive(Debug, Clone, Default)]
pub struct Traffic {
    bytes: Arc<AtomicU64>,
    writes: Arc<AtomicU64>,
    /// By the cap, by the bytes, by blocked writes.
    holds: Arc<[AtomicU64; 3]>,
}

impl Traffic {
    /// Returns the bytes that were written.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Returns how often something was written.
    pub fn writes(&self) -> u64 {
        self.writes.load(Ordering::Relaxed)
    }

    /// A figure that moved had to wait for this.
    pub(super) fn held(&self, hold: Hold) {
        let [cap, bytes, blocked] = &*self.holds;
        let counter = match hold {
            Hold::Cap => cap,
            Hold::Bytes => bytes,
            Hold::Blocked => blocked,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns how often a figure that moved had to wait: for the cap, for the bytes, after blocked writes.
    pub(super) fn holds(&self) -> [u64; 3] {
        self.holds.each_ref().map(|count| count.load(Ordering::Relaxed))
    }
}

/// Sends frames, each in one go.
pub(super) struct FrameWriter<W> {
    out: W,
    traffic: Traffic,
}

impl<W> FrameWriter<W> {
    pub(super) const fn new(out: W, traffic: Traffic) -> Self {
        Self { out, traffic }
    }
}

impl<W: Write> FrameWriter<W> {
    /// Sends a frame if there is anything in it.
    pub(super) fn send(&mut self, frame: &str) -> io::Result<()> {
        if frame.is_empty() {
            return Ok(());
        }
        self.send_raw(&[BEGIN, frame.as_bytes(), END].concat())
    }

    /// Sends bytes outside a frame.
    pub(super) fn send_raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.out.flush()?;
        let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.traffic.bytes.fetch_add(count, Ordering::Relaxed);
        self.traffic.writes.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

impl<W> fmt::Debug for FrameWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameWriter").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_frame_is_one_write_inside_a_synchronized_update() {
        let traffic = Traffic::default();
        let mut writer = FrameWriter::new(Writes::default(), traffic.clone());
        writer.send("\x1b[1;1Ha\x1b[0mb").unwrap();
        assert_eq!(writer.out.0, [b"\x1b[?2026h\x1b[1;1Ha\x1b[0mb\x1b[?2026l".to_vec()]);
        assert_eq!((traffic.writes(), traffic.bytes()), (1, 28));
    }

    #[test]
    fn an_empty_frame_is_not_sent() {
        let mut writer = FrameWriter::new(Writes::default(), Traffic::default());
        writer.send("").unwrap();
        assert!(writer.out.0.is_empty());
        writer.send("\x1b[2J").unwrap();
        assert_eq!(writer.out.0.len(), 1);
    }
}
