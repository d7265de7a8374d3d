//! Response bodies: whole, byte by byte, padded, or stalled in the middle.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Bytes, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// One frame of padding.
static PIECE: [u8; 4_096] = [b' '; 4_096];

/// A response body.
#[derive(Debug)]
pub(in crate::sim) struct Body {
    rest: Bytes,
    step: usize,
    every: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    /// Frames of padding that follow.
    padding: u64,
    /// Whether it never ends.
    stalls: bool,
}

impl Body {
    pub(in crate::sim) fn whole(text: String) -> Self {
        Self {
            step: text.len().max(1),
            rest: text.into(),
            every: Duration::ZERO,
            waiting: None,
            padding: 0,
            stalls: false,
        }
    }

    /// Returns a body that is sent byte by byte, one every `every`.
    pub(in crate::sim) fn drip(text: String, every: Duration) -> Self {
        Self { step: 1, every, ..Self::whole(text) }
    }

    /// Returns a body that stalls after its first half.
    pub(in crate::sim) fn stalled(text: String) -> Self {
        let mut whole = Self::whole(text);
        whole.rest.truncate(whole.rest.len() / 2);
        Self { stalls: true, ..whole }
    }

    /// Returns a body that is followed by at least `bytes` of blanks.
    pub(in crate::sim) fn huge(text: String, bytes: u64) -> Self {
        let pieces = bytes.div_ceil(PIECE.len() as u64);
        Self { padding: pieces, ..Self::whole(text) }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(waiting) = &mut self.waiting {
            if waiting.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.waiting = None;
        }
        if self.rest.is_empty() {
            if self.padding > 0 {
                self.padding -= 1;
                return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&PIECE)))));
            }
            // Nothing wakes a stalled body; it is dropped with its connection.
            return if self.stalls { Poll::Pending } else { Poll::Ready(None) };
        }
        let step = self.step.min(self.rest.len());
        let piece = self.rest.split_to(step);
        if !self.rest.is_empty() && !self.every.is_zero() {
            self.waiting = Some(Box::pin(sleep(self.every)));
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.padding == 0 && !self.stalls
    }

    fn size_hint(&self) -> SizeHint {
        if self.padding > 0 || self.stalls {
            SizeHint::default()
        } else {
            SizeHint::with_exact(self.rest.len() as u64)
        }
    }
}
