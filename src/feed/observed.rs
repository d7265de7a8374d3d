//! [`Observed`]: a byte stream beside which something is kept, and told what passes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::transport::BoxIo;

/// What passes through a stream.
#[derive(Debug, Clone, Copy)]
pub(super) enum Passed<'a> {
    /// Bytes came.
    Heard(&'a [u8]),
    /// Bytes were sent.
    Sent,
}

/// A stream with its observer, which ends with it.
pub(super) struct Observed<F> {
    io: BoxIo,
    observer: F,
}

impl<F: FnMut(Passed<'_>)> Observed<F> {
    /// Returns a stream of which `observer` is told.
    pub(super) const fn new(io: BoxIo, observer: F) -> Self {
        Self { io, observer }
    }

    /// Returns the stream alone.
    pub(super) fn into_inner(self) -> BoxIo {
        self.io
    }
}

impl<F: FnMut(Passed<'_>) + Unpin> AsyncRead for Observed<F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        let heard = buffer.filled().get(before..).unwrap_or_default();
        if !heard.is_empty() {
            (self.observer)(Passed::Heard(heard));
        }
        Poll::Ready(Ok(()))
    }
}

impl<F: FnMut(Passed<'_>) + Unpin> AsyncWrite for Observed<F> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.io).poll_write(context, bytes))?;
        (self.observer)(Passed::Sent);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
