//! Answers `GET /metrics`, and nothing else.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// Scrapes that are served at once; there is one scraper as a rule.
const MOST_CONNECTIONS: usize = 8;
/// The longest that a connection is kept, whatever is or is not sent on it.
const LIFETIME: Duration = Duration::from_secs(60);
/// Pause after a connection that could not be taken, such as for want of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

const OPEN_METRICS: HeaderValue =
    HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Serves until it is dropped. `text` makes the answer, at most once a request.
pub async fn serve<F>(listener: TcpListener, text: F)
where
    F: Fn() -> String + Send + Sync + 'static,
{
    let text = Arc::new(text);
    let permits = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let text = Arc::clone(&text);
                tokio::spawn(async move {
                    // A connection that is kept open without a request would take the place of others.
                    let _late = timeout(LIFETIME, talk(stream, text)).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection for metrics could not be taken");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn talk<F: Fn() -> String>(stream: TcpStream, text: Arc<F>) {
    let service = service_fn(|request: Request<Incoming>| {
        let response = respond(&request, &*text);
        async move { Ok::<_, Infallible>(response) }
    });
    // A client may leave in any way.
    let _ended = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn respond<F: Fn() -> String>(request: &Request<Incoming>, text: &F) -> Response<String> {
    let (status, kind, body) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") => (StatusCode::OK, OPEN_METRICS, text()),
        (_, "/metrics") => (StatusCode::METHOD_NOT_ALLOWED, PLAIN, "GET only\n".to_owned()),
        _ => (StatusCode::NOT_FOUND, PLAIN, "see /metrics\n".to_owned()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
    }
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn ask(line: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(serve(listener, || "figures\n# EOF\n".to_owned()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        server.abort();
        answer
    }

    #[tokio::test]
    async fn answers_one_path() {
        let answer = ask("GET /metrics").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("application/openmetrics-text; version=1.0.0"), "{answer}");
        assert!(answer.ends_with("figures\n# EOF\n"), "{answer}");
        assert!(ask("GET /metrics?x=1").await.contains("figures"));
    }

    #[tokio::test]
    async fn nothing_else_is_there() {
        assert!(ask("GET /").await.starts_with("HTTP/1.1 404"));
        let refused = ask("POST /metrics").await;
        assert!(refused.starts_with("HTTP/1.1 405") && refused.contains("allow: GET"), "{refused}");
    }
}
