//! Accepting connections.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// The pause after a failure: the causes that last, such as too many open files, would fail again at once.
const PAUSE: Duration = Duration::from_millis(100);

/// A source of connections.
pub(super) trait Listener: Send {
    type Stream;

    /// Waits for the next connection.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, SocketAddr)>> + Send;
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send {
        self.accept()
    }
}

/// Gives every accepted connection to `serve` until `stop`.
///
/// A failure does not end it: descriptors that are used up are freed when connections close.
pub(super) async fn accept_all<L: Listener>(
    listener: L,
    stop: CancellationToken,
    serve: impl Fn(L::Stream),
) {
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => serve(stream),
            Err(_) => {
                stop.run_until_cancelled(sleep(PAUSE)).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::mpsc;
    use tokio::time::{Instant, timeout};

    use super::*;

    /// Fails `failures` times, then has one connection, its number of attempts.
    #[derive(Debug, Clone, Default)]
    struct Failing {
        failures: u32,
        attempts: Arc<AtomicU32>,
    }

    impl Listener for Failing {
        type Stream = u32;

        async fn accept(&self) -> io::Result<(u32, SocketAddr)> {
            let attempts = self.attempts.fetch_add(1, Ordering::Relaxed) + 1;
            match attempts.checked_sub(self.failures) {
                Some(1) => Ok((attempts, SocketAddr::from(([127, 0, 0, 1], 1)))),
                Some(1..) => std::future::pending().await,
                Some(0) | None => Err(io::Error::other("too many open files")),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_that_fails_is_not_retried_in_a_spin() {
        let listener = Failing { failures: 10_000, ..Failing::default() };
        let serving = accept_all(listener.clone(), CancellationToken::new(), drop);
        timeout(Duration::from_secs(10), serving).await.unwrap_err();
        let attempts = listener.attempts.load(Ordering::Relaxed);
        assert!((90..=101).contains(&attempts), "{attempts} attempts in ten seconds");
    }

    #[tokio::test(start_paused = true)]
    async fn connections_are_served_after_failures() {
        let listener = Failing { failures: 3, ..Failing::default() };
        let (served, mut connections) = mpsc::channel(1);
        let serve = move |stream| served.try_send(stream).unwrap();
        tokio::spawn(accept_all(listener, CancellationToken::new(), serve));
        assert_eq!(connections.recv().await, Some(4));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_a_pause() {
        let (stop, began) = (CancellationToken::new(), Instant::now());
        let listener = Failing { failures: u32::MAX, ..Failing::default() };
        let serving = tokio::spawn(accept_all(listener, stop.clone(), drop));
        sleep(PAUSE / 2).await;
        stop.cancel();
        serving.await.unwrap();
        assert_eq!(began.elapsed(), PAUSE / 2);
    }
}
