//! [`HttpClient`]: GET over HTTP/1.1, on connections that [`Dial`] opens and hyper-util's pool keeps.
//!
//! What the pool leaves to its user is here: the deadlines with the step that they name, the bound of a body,
//! one more try of a GET whose connection was closed before it responded, and what a failure says of the
//! connections that wait.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use hyper::body::{Body, Incoming};
use hyper::header::{ACCEPT, HOST, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::rt::{Sleep, Timer};
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower_service::Service;

use super::observed::{Observed, Passed};
use super::progress::Progress;
use super::request_counts::RequestCounts;
use super::transport::{BoxIo, Dial, Target, without_number};
use crate::domain::{Clock, Timestamp};
use crate::exchange::rest::{Header, HttpFailure, HttpGet, HttpResponse};

/// The most connections that stay open between two requests.
const MAX_IDLE: usize = 2;
/// The most connections until the start is over, and from then on. The pool has no bound of its own: for a request
/// that finds no idle connection it opens one, and goes on with that although another became idle.
const MAX_AT_START: usize = 6;
const MAX_CONNECTIONS: usize = 3;
/// An idle connection is not used after this, and closed at the latest after twice as long: before the
/// exchange does it after 15 seconds, because a request must not be sent on one that is being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(7);
/// The largest body that is read. The largest expected one is about 100 kB.
const MAX_BYTES: usize = 4 << 20;

tokio::task_local! {
    /// Where the connection that a request opens records its steps.
    static PROGRESS: Arc<Progress>;
}

/// Requests over the network, or over anything else that can be dialed.
#[derive(Debug)]
pub struct HttpClient {
    connector: Connector,
    request_timeout: Duration,
    timer: PoolTimer,
    pool: Mutex<Client<Connector, String>>,
    /// How many slots are still to be given up, once their connections are closed.
    surplus: Mutex<usize>,
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
        let slots = Arc::new(Semaphore::new(MAX_AT_START));
        let target = Arc::new(target);
        let connector = Connector { dialer, target, timeout: connect_timeout, slots };
        let timer = PoolTimer { began: (TokioTimer::new().now(), clock.now()), clock };
        let pool = Mutex::new(pool(&connector, &timer));
        let (surplus, counts) = (Mutex::default(), Arc::default());
        Self { connector, request_timeout, timer, pool, surplus, counts }
    }

    /// Returns the client with its requests counted there.
    #[must_use]
    pub fn counted(mut self, counts: Arc<RequestCounts>) -> Self {
        self.counts = counts;
        self
    }

    fn request(&self, path: &str, headers: &[Header]) -> Result<Request<String>, HttpFailure> {
        let target = &self.connector.target;
        let scheme = if target.tls { "https" } else { "http" };
        let mut request = Request::get(format!("{scheme}://{}{path}", target.authority()))
            .header(HOST, target.authority())
            .header(USER_AGENT, concat!("bitget-watch/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, "*/*");
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(value)
                .map_err(|error| HttpFailure::new(format!("{name} cannot be sent: {error}")))?;
            value.set_sensitive(true);
            request = request.header(HeaderName::from_static(name), value);
        }
        request.body(String::new()).map_err(|error| HttpFailure::new(error.to_string()))
    }

    async fn send(
        &self,
        request: Request<String>,
        progress: &Progress,
    ) -> Result<HttpResponse, HttpFailure> {
        let pool = self.pool().clone();
        progress.begin("request");
        let mut sent = pool.request(request.clone()).await;
        if sent.as_ref().is_err_and(is_closed) {
            // The connection was closed before it responded, such as an idle one at this very moment: a
            // GET may be sent again, once.
            progress.begin("request");
            sent = pool.request(request).await;
        }
        let response = sent.map_err(|error| failed("request", &error))?;
        progress.begin("response");
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        let body = read(response.into_body()).await?;
        Ok(HttpResponse { status, retry_after, body: body.unwrap_or_default() })
    }

    /// Gives up so many slots more. One that is still taken is given up later.
    fn give_up_slots(&self, more: usize) {
        let mut surplus = self.surplus.lock().unwrap_or_else(PoisonError::into_inner);
        *surplus += more;
        *surplus -= self.connector.slots.forget_permits(*surplus);
    }

    fn pool(&self) -> MutexGuard<'_, Client<Connector, String>> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpGet for HttpClient {
    fn get<'a>(
        &'a self,
        path: &'a str,
        headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpResponse, HttpFailure>> {
        Box::pin(async move {
            self.give_up_slots(0);
            let progress = Arc::new(Progress::default());
            let request = self.request(path, headers)?;
            let sending = PROGRESS.scope(Arc::clone(&progress), self.send(request, &progress));
            let result = timeout(self.request_timeout, sending)
                .await
                .unwrap_or_else(|_| Err(progress.timed_out(self.request_timeout)));
            self.counts.add(result.as_ref().ok().map(|response| response.status));
            if result.is_err() {
                // What broke this connection has probably broken the others.
                *self.pool() = pool(&self.connector, &self.timer);
            }
            self.give_up_slots(0);
            result
        })
    }

    fn settle(&self) {
        self.give_up_slots(MAX_AT_START - MAX_CONNECTIONS);
    }
}

/// Returns a pool without connections.
fn pool(connector: &Connector, timer: &PoolTimer) -> Client<Connector, String> {
    Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(MAX_IDLE)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_timer(timer.clone())
        .build(connector.clone())
}

/// Returns whether a connection ended before it responded.
fn is_closed(error: &legacy::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<hyper::Error>());
    cause.is_some_and(|cause| !cause.is_parse())
}

/// Opens the connections of a pool.
#[derive(Debug, Clone)]
struct Connector {
    dialer: Arc<dyn Dial>,
    target: Arc<Target>,
    timeout: Duration,
    /// A connection has one of these as long as it is open.
    slots: Arc<Semaphore>,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<BoxIo>;
    type Error = HttpFailure;
    type Future = BoxFuture<'static, Result<Self::Response, HttpFailure>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), HttpFailure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let Self { dialer, target, timeout: limit, slots } = self.clone();
        let progress = PROGRESS.try_with(Arc::clone).unwrap_or_default();
        Box::pin(async move {
            let slot = slots.acquire_owned().await;
            let slot = slot.map_err(|error| HttpFailure::new(error.to_string()))?;
            let dialed = timeout(limit, dialer.dial(&target, &progress))
                .await
                .map_err(|_late| progress.timed_out(limit))??;
            progress.begin("request");
            let kept: BoxIo = Box::new(Observed::new(dialed, move |_: Passed<'_>| {
                let _until_it_ends = &slot;
            }));
            Ok(TokioIo::new(kept))
        })
    }
}

impl Connection for BoxIo {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// The pool's time. Idle connections age by the clock: timers stand still while the machine is suspended,
/// and the peer's do not.
#[derive(Clone)]
struct PoolTimer {
    clock: Arc<dyn Clock>,
    began: (Instant, Timestamp),
}

impl Timer for PoolTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        TokioTimer::new().sleep(duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        self.sleep(deadline.saturating_duration_since(self.now()))
    }

    fn now(&self) -> Instant {
        let (instant, timestamp) = self.began;
        instant + self.clock.now().since(timestamp)
    }
}

impl fmt::Debug for PoolTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolTimer").finish_non_exhaustive()
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
fn failed(step: &str, error: &(dyn Error + 'static)) -> HttpFailure {
    let mut reason = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    if let Some(failure) = reason.downcast_ref::<HttpFailure>() {
        // It names its own step.
        return failure.clone();
    }
    HttpFailure::new(format!("{step} failed: {}", without_number(&reason.to_string())))
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

    /// However many requests there are, six connections serve them, and three after the start.
    #[tokio::test(start_paused = true)]
    async fn fc_10_a_burst_of_requests_is_served_by_few_connections() {
        let exchange = Exchange::new(|_| Does::Respond(500));
        let client = client(&exchange);
        let at_once = |count: usize| join_all((0..count).map(|_| get(&client)));
        assert!(at_once(20).await.iter().all(Result::is_ok));
        assert_eq!(exchange.count().2, MAX_AT_START);
        // Also when the start ends while all of them are busy.
        let (busy, ()) = tokio::join!(at_once(6), async { client.settle() });
        assert!(busy.iter().all(Result::is_ok));
        settle().await;
        exchange.most.store(0, Ordering::Relaxed);
        for count in 1..20 {
            assert!(at_once(count).await.iter().all(Result::is_ok));
            assert!(exchange.count().2 <= MAX_CONNECTIONS, "{count}: {:?}", exchange.count());
        }
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
        client.get("/path?a=b", &headers).await.map_err(|failure| failure.text)
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
    async fn fc_10_two_at_a_time_never_have_a_fourth_connection() {
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
        get(&client).await.unwrap();
        client.settle();
        tokio::join!(one(7), one(11));
        let (opened, _, most) = exchange.count();
        assert_eq!(most, 3);
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
        sleep(Duration::from_secs(6)).await;
        assert_eq!(exchange.count().1, MAX_IDLE);
        sleep(Duration::from_secs(8)).await;
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
        assert!(failure.text.starts_with("access-passphrase cannot be sent"), "{failure}");
        assert!(!failure.text.contains("hunter2"));
        assert_eq!(exchange.count().0, 0);
    }
}
