//! Rates for the health view: frames of each link, and what goes to the terminal.

use super::Traffic;
use crate::domain::{Stream, Timestamp};
use crate::store::LinkStatus;

/// Rates are taken over at least this long, so that the view stays still in between.
const WINDOW_MS: i64 = 5_000;

/// What goes through each second; `None` until a first window has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rates {
    /// Responses of REST, frames of the public and of the private stream.
    pub(crate) frames: Option<[u64; 3]>,
    /// Bytes to the terminal.
    pub(crate) terminal_bytes: Option<u64>,
}

/// Takes rates from counters that only grow.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    traffic: Traffic,
    /// When the window began, and the counters at that time.
    began: Option<(Timestamp, [u64; 3], u64)>,
    rates: Rates,
}

impl Meter {
    pub(crate) fn new(traffic: Traffic) -> Self {
        Self { traffic, ..Self::default() }
    }

    /// Looks at the counters and returns the rates of the last whole window.
    pub(crate) fn look(&mut self, links: &[LinkStatus], now: Timestamp) -> Rates {
        let of = |stream: Stream| {
            links.iter().find(|link| link.stream == stream).map_or(0, |link| link.frames)
        };
        let (frames, bytes) = (Stream::ALL.map(of), self.traffic.bytes());
        let Some((began, old_frames, old_bytes)) = self.began else {
            self.began = Some((now, frames, bytes));
            return self.rates;
        };
        let span = now.as_millis() - began.as_millis();
        if span >= WINDOW_MS {
            let span = span.unsigned_abs();
            let rate = |new: u64, old: u64| (new.saturating_sub(old) * 1_000).div_ceil(span);
            let [rest, public, private] = frames;
            let [old_rest, old_public, old_private] = old_frames;
            self.rates = Rates {
                frames: Some([
                    rate(rest, old_rest),
                    rate(public, old_public),
                    rate(private, old_private),
                ]),
                terminal_bytes: Some(rate(bytes, old_bytes)),
            };
            self.began = Some((now, frames, bytes));
        }
        self.rates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LinkState;

    #[test]
    fn rates_are_those_of_a_whole_window() {
        let at = Timestamp::from_millis;
        let link = |frames| LinkStatus {
            stream: Stream::WsPublic,
            state: LinkState::Live,
            since: None,
            attempts: 0,
            last_error: None,
            latency: None,
            frames,
            bytes: 0,
            reconnects: 0,
            next_attempt_at: None,
            last_traffic_at: None,
        };
        let mut meter = Meter::default();
        assert_eq!(meter.look(&[link(0)], at(0)), Rates::default());
        let links = [link(70)];
        assert_eq!(meter.look(&links, at(4_999)), Rates::default(), "not a whole one yet");
        let rates = meter.look(&links, at(5_000));
        assert_eq!((rates.frames, rates.terminal_bytes), (Some([0, 14, 0]), Some(0)));
        assert_eq!(meter.look(&links, at(10_000)).frames, Some([0, 0, 0]));
    }
}
