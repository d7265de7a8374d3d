//! [`Observed`]: a byte stream beside which something is kept, and told what the stream hears.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::transport::BoxIo;

/// A stream with its observer, which ends with it.
pub(super) struct Observed<F> {
    io: BoxIo,
    observer: F,
}

impl<F: FnMut(&[u8])> Observed<F> {
    /// Returns a stream whose incoming bytes `observer` is shown as well.
    pub(super) const fn new(io: BoxIo, observer: F) -> Self {
        Self { io, observer }
    }

    /// Returns the stream alone.
    pub(super) fn into_inner(self) -> BoxIo {
        self.io
    }
}

impl<F: FnMut(&[u8]) + Unpin> AsyncRead for Observed<F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        (self.observer)(buffer.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl<F: Unpin> AsyncWrite for Observed<F> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
