//! Texts of a stream, one a line, as far as the document. The first byte chooses the stream and the
//! generation of the API.
#![no_main]

use std::sync::Arc;

use bitget_watch::domain::{Interval, Product, Stream, Symbol};
use bitget_watch::exchange::Credentials;
use bitget_watch::exchange::ws::{Output, Session, Timing};
use bitget_watch::store::Store;
use bitget_watch_fuzz::{APIS, NOW, is_plain, report};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else { return };
    let Ok(texts) = std::str::from_utf8(rest) else { return };
    let focus = Symbol::default();
    let others = [Symbol::from_wire("ETHUSDT", Product::UsdtFutures).expect("a name")];
    let api = APIS[usize::from(first & 4 != 0)];
    let (stream, channels, login) = if first & 1 == 0 {
        (Stream::WsPublic, api.public_channels(&focus, Interval::Min1, &others), None)
    } else {
        let key = Credentials::new("k".into(), "s".into(), "p".into());
        (Stream::WsPrivate, api.private_channels(), Some(Arc::new(key)))
    };
    let mut store = Store::new(focus);
    let mut session = Session::new(api, stream, channels, login, Timing::of(stream));
    let (mut now, mut out) = (NOW, Vec::new());
    session.on_open(now, 0, &mut out);
    if first & 2 != 0 {
        session.on_text(r#"{"event":"login","code":0}"#, now, &mut out);
    }
    for text in texts.split('\n') {
        let _unreadable = api.read_message(text);
        now = now.plus_millis(250);
        session.on_text(text, now, &mut out);
        session.on_time(now, &mut out);
        let due = session.next_deadline().expect("a ping is always due");
        // A deadline that lies behind for ever would be a busy loop.
        if !out.iter().any(|output| matches!(output, Output::Close(_))) {
            let mut none = Vec::new();
            let at = due.max(now);
            session.on_time(at, &mut none);
            now = at;
            out.append(&mut none);
        }
        for output in out.drain(..) {
            match output {
                Output::Emit(update) => {
                    store.apply(update);
                }
                Output::Unreadable(text) | Output::ChannelRefused { text, .. } => {
                    assert!(text.as_str().chars().all(is_plain), "{text:?}");
                }
                Output::Close(reason) => {
                    assert!(reason.to_string().chars().all(is_plain), "{reason}");
                    report(&store, now);
                    return;
                }
                Output::Send(_)
                | Output::Phase(_)
                | Output::Latency(_)
                | Output::ChannelReady(_)
                | Output::ChannelLost { .. }
                | Output::ChannelSilent { .. } => {}
            }
        }
    }
    report(&store, now);
});
