//! Responses to requests: any body, to any request, with any status.
//!
//! The first four bytes choose the request, the status, `Retry-After` and the form; the rest is the
//! body. Form `d` wraps it in a good envelope, every other form sends it as it is.
#![no_main]

use std::sync::Arc;
use std::time::Duration;

use bitget_watch::domain::{ManualClock, Symbol};
use bitget_watch::exchange::Credentials;
use bitget_watch::exchange::rest::{Header, HttpFailure, HttpGet, HttpResponse, RestClient};
use bitget_watch::store::Store;
use bitget_watch_fuzz::{APIS, NOW, apply_response, report, requests};
use futures_util::future::BoxFuture;
use libfuzzer_sys::fuzz_target;

const STATUSES: [u16; 10] = [200, 200, 200, 204, 301, 400, 401, 429, 500, 999];

#[derive(Debug)]
struct Fixed(HttpResponse);

impl HttpGet for Fixed {
    fn get<'a>(
        &'a self,
        _path: &'a str,
        _headers: &'a [Header],
    ) -> BoxFuture<'a, Result<HttpResponse, HttpFailure>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&[request, status, pause, form], body)) = input.split_first_chunk() else { return };
    let mut store = Store::new(Symbol::default());
    let requests = requests();

    if let Ok(data) = std::str::from_utf8(body) {
        for request in &requests {
            for api in APIS {
                if let Ok(response) = api.read_response(request, data) {
                    apply_response(&mut store, response.bodies, NOW);
                }
            }
        }
        report(&store, NOW);
    }

    let body = if form == b'd' {
        [br#"{"code":"00000","data":"#, body, b"}"].concat()
    } else {
        body.to_vec()
    };
    let pick = |byte: u8, count: usize| usize::from(byte.wrapping_sub(b'0')) % count;
    let retry_after = match pause {
        b'0' => None,
        b'z' => Some(Duration::MAX),
        shift => Some(Duration::from_secs(1 << (shift % 64))),
    };
    let status = STATUSES[pick(status, STATUSES.len())];
    let http = Fixed(HttpResponse { status, retry_after, body });
    let clock = Arc::new(ManualClock::at(NOW));
    let credentials = Arc::new(Credentials::new("k".into(), "s".into(), "p".into()));
    let client = RestClient::new(Arc::new(http), Some(credentials), false, clock);
    let request = &requests[pick(request, requests.len())];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without a driver needs nothing");
    for api in APIS {
        match runtime.block_on(client.send(api, request)) {
            Ok(timed) => {
                apply_response(&mut store, timed.response.bodies, NOW);
                report(&store, NOW);
            }
            Err(error) => {
                let text = error.to_string();
                assert!(text.chars().all(bitget_watch_fuzz::is_plain), "{text:?}");
            }
        }
    }
});
