//! [`HttpClient`]: GET over HTTP/1.1, on connections that [`Dial`] opens and that are pooled here.
//!
//! The usual pools open a connection whenever a request finds no idle one, and keep it although another
//! one became idle meanwhile. Here there are never more connections than requests in flight, or than
//! [`MAX_IDLE`], whichever is more.

use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{ACCEPT, HOST, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;

use super::request_counts::RequestCounts;
use super::transport::{BoxIo, Dial, Progress, Target, without_number};
use crate::domain::{Clock, Timestamp};
use crate::exchange::rest::{Header, HttpFailure, HttpGet, HttpResponse};

/// The most connections that stay open between two requests.
const MAX_IDLE: usize = 2;
/// An idle connection is closed after this, before the exchange does it: a request must not be sent on
/// one that is being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(12);
/// The largest body that is read. The largest expected one is about 100 kB.
const MAX_BYTES: usize = 4 << 20;

/// Requests over the network, or over anything else that can be dialed.
#[derive(Debug)]
pub struct HttpClient {
    dialer: Arc<dyn Dial>,
    target: Target,
    connect_timeout: Duration,
    request_timeout: Duration,
    clock: Arc<dyn Clock>,
    /// Idle connections, each with the time of its last response.
    idle: Mutex<Vec<(Timestamp, Connection)>>,
    idle_permits: Arc<Semaphore>,
    counts: Arc<RequestCounts>,
}

impl HttpClient {
    /// Returns a client of the exchange at `target`. `connect_timeout` covers name lookup, TCP and TLS,
    /// `request_timeout` everything up to the last byte of a response.
    pub fn new(
        dialer: Arc<dyn Dial>,
        target: Target,
        (connect_timeout, request_timeout): (Duration, Duration),
        clock: Arc<dyn Clock>,
    ) -> Self {
        let idle_permits = Arc::new(Semaphore::new(MAX_IDLE));
        let (idle, counts) = (Mutex::default(), Arc::default());
        Self { dialer, target, connect_timeout, request_timeout, clock, idle, idle_permits, counts }
    }

    /// Returns the client with its requests counted there.
    #[must_use]
    pub fn counted(mut self, counts: Arc<RequestCounts>) -> Self {
        self.counts = counts;
        self
    }

    fn request(&self, path: &str, headers: &[Header]) -> Result<Request<String>, HttpFailure> {
        let mut request = Request::get(path)
            .header(HOST, self.target.authority())
            .header(USER_AGENT, concat!("bitget-watch/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, "*/*");
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(value)
                .map_err(|error| HttpFailure(format!("{name} cannot be sent: {error}")))?;
            value.set_sensitive(true);
            request = request.header(HeaderName::from_static(name), value);
        }
        request.body(String::new()).map_err(|error| HttpFailure(error.to_string()))
    }

    async fn send(
        &self,
        request: Request<String>,
        progress: &Progress,
    ) -> Result<HttpResponse, HttpFailure> {
        let mut connection = match self.take_idle().await {
            Some(idle) => idle,
            None => self.open(progress).await?,
        };
        progress.begin("request");
        let mut sent = connection.sender.send_request(request.clone()).await;
        if sent.as_ref().is_err_and(|error| !error.is_parse()) {
            // The connection was closed before it responded, such as an idle one at this very moment: a
            // GET may be sent again, once.
            drop(connection);
            connection = self.open(progress).await?;
            progress.begin("request");
            sent = connection.sender.send_request(request).await;
        }
        let response = sent.map_err(|error| failed("request", &error))?;
        progress.begin("response");
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        let body = read(response.into_body()).await?;
        if body.is_some() {
            self.put_idle(connection);
        }
        Ok(HttpResponse { status, retry_after, body: body.unwrap_or_default() })
    }

    async fn open(&self, progress: &Progress) -> Result<Connection, HttpFailure> {
        let dialing = self.dialer.dial(&self.target, progress);
        let io = match timeout(self.connect_timeout, dialing).await {
            Ok(dialed) => dialed.map_err(|error| HttpFailure(error.to_string()))?,
            Err(_) => return Err(HttpFailure(progress.timed_out(self.connect_timeout))),
        };
        let (sender, connection) = http1::handshake(TokioIo::new(io))
            .await
            .map_err(|error| failed("HTTP handshake", &error))?;
        let (busy, is_busy) = watch::channel(true);
        tokio::spawn(drive(connection, is_busy));
        let permit = Arc::clone(&self.idle_permits).try_acquire_owned().ok();
        Ok(Connection { sender, busy, permit })
    }

    /// Returns an idle connection that is still open. Its age is checked here as well as by a timer:
    /// timers stand still while the machine is suspended, and the peer's do not.
    async fn take_idle(&self) -> Option<Connection> {
        loop {
            let (since, mut connection) = self.idle().pop()?;
            if self.clock.now().since(since) > IDLE_TIMEOUT {
                continue;
            }
            connection.busy.send_replace(true);
            if connection.sender.ready().await.is_ok() {
                return Some(connection);
            }
        }
    }

    fn put_idle(&self, connection: Connection) {
        if connection.permit.is_some() {
            connection.busy.send_replace(false);
            self.idle().push((self.clock.now(), connection));
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Timestamp, Connection)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpGet for HttpClient {
    fn get<'a>(
        &'a self,
        path: &'a str,
        headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpResponse, HttpFailure>> {
        Box::pin(async move {
            let progress = Progress::default();
            let request = self.request(path, headers)?;
            let result = timeout(self.request_timeout, self.send(request, &progress))
                .await
                .unwrap_or_else(|_| Err(HttpFailure(progress.timed_out(self.request_timeout))));
            self.counts.add(result.as_ref().ok().map(|response| response.status));
            if result.is_err() {
                // What broke this connection has probably broken the others.
                self.idle().clear();
            }
            result
        })
    }
}

/// One connection; it closes when this is dropped.
#[derive(Debug)]
struct Connection {
    sender: SendRequest<String>,
    /// Whether a request is in flight on it.
    busy: watch::Sender<bool>,
    /// The permit to stay open while idle. Without one it is closed after its response.
    permit: Option<OwnedSemaphorePermit>,
}

/// Drives a connection until it ends, is dropped, or has been idle for too long.
async fn drive(
    connection: http1::Connection<TokioIo<BoxIo>, String>,
    mut busy: watch::Receiver<bool>,
) {
    let idle = async {
        loop {
            if busy.wait_for(|busy| !busy).await.is_err() {
                return;
            }
            if !matches!(timeout(IDLE_TIMEOUT, busy.wait_for(|busy| *busy)).await, Ok(Ok(_))) {
                return;
            }
        }
    };
    tokio::select! {
        // The request in flight gets the error.
        _ended = connection => {}
        () = idle => {}
    }
}

/// Reads a body to its end; `None` when it is too large. The rest is left unread, so the connection must
/// be dropped.
async fn read(mut body: Incoming) -> Result<Option<Vec<u8>>, HttpFailure> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| failed("response", &error))?;
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > MAX_BYTES {
                return Ok(None);
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(Some(bytes))
}

fn retry_after(response: &Response<Incoming>) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Returns an error with the step and the innermost reason.
fn failed(step: &str, error: &hyper::Error) -> HttpFailure {
    let mut reason: &dyn Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    HttpFailure(format!("{step} failed: {}", without_number(&reason.to_string())))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::{Instant, sleep};

    use super::*;
    use crate::domain::ManualClock;
    use crate::feed::DialError;

    /// What the exchange does with one request.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Does {
        /// Responds after this many milliseconds.
        Respond(u64),
        /// Responds, and closes the connection when it has been idle for this many milliseconds.
        CloseIdle(u64),
        /// Closes the connection without a response.
        Close,
        /// Never responds.
        Silent,
        /// Responds with more than is read.
        Huge,
    }

    /// An exchange behind pipes that counts its connections.
    #[derive(Debug)]
    struct Exchange {
        does: fn(usize) -> Does,
        requests: AtomicUsize,
        open: AtomicUsize,
        opened: AtomicUsize,
        most: AtomicUsize,
    }

    impl Exchange {
        fn new(does: fn(usize) -> Does) -> Arc<Self> {
            let none = AtomicUsize::default;
            Arc::new(Self { does, requests: none(), open: none(), opened: none(), most: none() })
        }

        async fn serve(self: Arc<Self>, mut pipe: DuplexStream) {
            let open = self.open.fetch_add(1, Ordering::Relaxed) + 1;
            self.most.fetch_max(open, Ordering::Relaxed);
            self.opened.fetch_add(1, Ordering::Relaxed);
            let _ended = self.talk(&mut pipe).await;
            self.open.fetch_sub(1, Ordering::Relaxed);
        }

        async fn talk(&self, pipe: &mut DuplexStream) -> std::io::Result<()> {
            let (mut request, mut buffer) = (Vec::new(), [0; 1_024]);
            let mut idle = Duration::MAX;
            loop {
                request.clear();
                while !request.ends_with(b"\r\n\r\n") {
                    match timeout(idle, pipe.read(&mut buffer)).await {
                        Err(_) | Ok(Ok(0) | Err(_)) => return Ok(()),
                        Ok(Ok(count)) => request.extend_from_slice(&buffer[..count]),
                    }
                }
                assert!(request.starts_with(b"GET /path?a=b HTTP/1.1\r\nhost: sim:1\r\n"));
                match (self.does)(self.requests.fetch_add(1, Ordering::Relaxed)) {
                    Does::Respond(ms) => sleep(Duration::from_millis(ms)).await,
                    Does::CloseIdle(ms) => idle = Duration::from_millis(ms),
                    Does::Close => return Ok(()),
                    Does::Silent => return pipe.read(&mut buffer).await.map(drop),
                    Does::Huge => {
                        pipe.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n")
                            .await?;
                        loop {
                            pipe.write_all(&[b' '; 4_096]).await?;
                        }
                    }
                }
                let response =
                    b"HTTP/1.1 429 Slow\r\nretry-after: 3\r\ncontent-length: 2\r\n\r\n{}";
                pipe.write_all(response).await?;
            }
        }

        fn count(&self) -> (usize, usize, usize) {
            let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
            (of(&self.opened), of(&self.open), of(&self.most))
        }
    }

    /// Dialing takes this long.
    const DIAL: Duration = Duration::from_millis(60);

    #[derive(Debug)]
    struct Pipes(Arc<Exchange>);

    impl Dial for Pipes {
        fn dial<'a>(
            &'a self,
            _target: &'a Target,
            progress: &'a Progress,
        ) -> BoxFuture<'a, Result<BoxIo, DialError>> {
            progress.begin("TCP connect");
            Box::pin(async move {
                sleep(DIAL).await;
                let (ours, theirs) = duplex(1 << 16);
                tokio::spawn(Arc::clone(&self.0).serve(theirs));
                Ok(Box::new(ours) as BoxIo)
            })
        }
    }

    fn client(exchange: &Arc<Exchange>) -> HttpClient {
        client_with(exchange, Arc::new(RuntimeClock(Instant::now())))
    }

    fn client_with(exchange: &Arc<Exchange>, clock: Arc<dyn Clock>) -> HttpClient {
        let deadlines = (Duration::from_secs(1), Duration::from_secs(8));
        let target = Target::parse("http://sim:1").unwrap();
        HttpClient::new(Arc::new(Pipes(Arc::clone(exchange))), target, deadlines, clock)
    }

    /// A clock that follows the runtime's.
    #[derive(Debug)]
    struct RuntimeClock(Instant);

    impl Clock for RuntimeClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_790_337_600_000).after(self.0.elapsed())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_from_before_a_suspend_is_not_used_after_it() {
        let exchange = Exchange::new(|_| Does::Respond(5));
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_790_337_600_000)));
        let client = client_with(&exchange, Arc::clone(&clock) as Arc<dyn Clock>);
        get(&client).await.unwrap();
        get(&client).await.unwrap();
        assert_eq!(exchange.count(), (1, 1, 1));
        clock.advance(Duration::from_secs(3_600));
        get(&client).await.unwrap();
        settle().await;
        assert_eq!(exchange.count().0, 2);
        assert_eq!(exchange.count().1, 1, "and it is closed");
    }

    async fn get(client: &HttpClient) -> Result<HttpResponse, String> {
        let headers = [("access-sign", "x".to_owned())];
        client.get("/path?a=b", &headers).await.map_err(|failure| failure.0)
    }

    /// Lets everything happen that needs no time.
    async fn settle() {
        sleep(Duration::from_millis(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn consecutive_requests_share_a_connection() {
        let exchange = Exchange::new(|_| Does::Respond(5));
        let client = client(&exchange);
        for _ in 0..20 {
            let response = get(&client).await.unwrap();
            let retry_after = Some(Duration::from_secs(3));
            assert_eq!(response, HttpResponse { status: 429, retry_after, body: b"{}".to_vec() });
        }
        assert_eq!(exchange.count(), (1, 1, 1));
    }

    /// Two at a time, out of step, on an exchange that closes idle connections.
    #[tokio::test(start_paused = true)]
    async fn fc_10_two_at_a_time_never_have_a_third_connection() {
        let exchange = Exchange::new(|count| match count % 5 {
            0 => Does::CloseIdle(20),
            some => Does::Respond(17 * some as u64),
        });
        let client = client(&exchange);
        let one = |step: u64| {
            let client = &client;
            async move {
                for round in 0..500 {
                    get(client).await.unwrap();
                    sleep(Duration::from_millis(round * step % 90)).await;
                }
            }
        };
        tokio::join!(one(7), one(11));
        let (opened, _, most) = exchange.count();
        assert_eq!(most, 2);
        assert!(opened > 100, "closed often: {opened}");
    }

    #[tokio::test(start_paused = true)]
    async fn of_six_connections_at_the_start_two_stay_open_for_a_while() {
        let exchange = Exchange::new(|_| Does::Respond(5));
        let client = client(&exchange);
        let responses = join_all((0..6).map(|_| get(&client))).await;
        assert!(responses.iter().all(Result::is_ok));
        settle().await;
        assert_eq!(exchange.count(), (6, MAX_IDLE, 6));
        sleep(Duration::from_secs(11)).await;
        assert_eq!(exchange.count().1, MAX_IDLE);
        sleep(Duration::from_secs(1)).await;
        assert_eq!(exchange.count().1, 0, "closed before the exchange's 15 s");
        get(&client).await.unwrap();
        assert_eq!(exchange.count(), (7, 1, 6));
    }

    #[tokio::test(start_paused = true)]
    async fn fc_10_a_request_on_a_closing_connection_is_sent_once_more() {
        let exchange = Exchange::new(|count| match count {
            1 | 3 | 4 => Does::Close,
            _ => Does::Respond(5),
        });
        let client = client(&exchange);
        get(&client).await.unwrap();
        get(&client).await.unwrap();
        assert_eq!(exchange.requests.load(Ordering::Relaxed), 3, "the second one twice");
        let error = get(&client).await.unwrap_err();
        assert_eq!(error, "request failed: connection closed before message completed");
        assert_eq!(exchange.requests.load(Ordering::Relaxed), 5, "never more than twice");
        settle().await;
        assert_eq!(exchange.count(), (3, 0, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_times_out_closes_its_connection_and_the_others() {
        let exchange = Exchange::new(|count| match count {
            2 => Does::Silent,
            _ => Does::Respond(5),
        });
        let client = client(&exchange);
        let (one, two) = tokio::join!(get(&client), get(&client));
        assert!(one.is_ok() && two.is_ok());
        assert_eq!(exchange.count().1, 2);
        let began = Instant::now();
        assert_eq!(get(&client).await.unwrap_err(), "request did not end within 8 s");
        assert_eq!(began.elapsed(), Duration::from_secs(8));
        settle().await;
        assert_eq!(exchange.count().1, 0);
        get(&client).await.unwrap();
        assert_eq!(exchange.count().0, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn fc_18_a_huge_body_ends_with_its_connection() {
        let exchange = Exchange::new(|_| Does::Huge);
        let client = client(&exchange);
        let response = get(&client).await.unwrap();
        assert_eq!(response, HttpResponse { status: 200, ..HttpResponse::default() });
        settle().await;
        assert_eq!(exchange.count(), (1, 0, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_invalid_header_is_reported_without_its_value() {
        let exchange = Exchange::new(|_| Does::Silent);
        let headers = [("access-passphrase", "hunter2\n".to_owned())];
        let failure = client(&exchange).get("/path?a=b", &headers).await.unwrap_err();
        assert!(failure.0.starts_with("access-passphrase cannot be sent"), "{failure}");
        assert!(!failure.0.contains("hunter2"));
        assert_eq!(exchange.count().0, 0);
    }
}
