//! Rates for the health view: frames of each link, and what goes to the terminal.

use super::Traffic;
use super::pacer::Hold;
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
    /// What held figures back that had moved, the most frequent; `None` also when nothing did.
    pub(crate) held_by: Option<Hold>,
}

/// The counters at the beginning of a window.
#[derive(Debug, Clone, Copy)]
struct Counters {
    at: Timestamp,
    frames: [u64; 3],
    bytes: u64,
    holds: [u64; 3],
}

/// Takes rates from counters that only grow.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    traffic: Traffic,
    /// When the window began, and the counters at that time.
    began: Option<Counters>,
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
        let (bytes, holds) = (self.traffic.bytes(), self.traffic.holds());
        let new = Counters { at: now, frames: Stream::ALL.map(of), bytes, holds };
        let Some(old) = self.began else {
            self.began = Some(new);
            return self.rates;
        };
        let span = now.as_millis() - old.at.as_millis();
        if span >= WINDOW_MS {
            let span = span.unsigned_abs();
            let rate = |new: u64, old: u64| (new.saturating_sub(old) * 1_000).div_ceil(span);
            let [rest, public, private] = new.frames;
            let [old_rest, old_public, old_private] = old.frames;
            self.rates = Rates {
                frames: Some([
                    rate(rest, old_rest),
                    rate(public, old_public),
                    rate(private, old_private),
                ]),
                terminal_bytes: Some(rate(bytes, old.bytes)),
                held_by: held_by(holds, old.holds),
            };
            self.began = Some(new);
        }
        self.rates
    }
}

/// Returns what grew the most.
fn held_by([cap, bytes, blocked]: [u64; 3], old: [u64; 3]) -> Option<Hold> {
    let [old_cap, old_bytes, old_blocked] = old;
    let grown = [
        (cap.saturating_sub(old_cap), Hold::Cap),
        (bytes.saturating_sub(old_bytes), Hold::Bytes),
        (blocked.saturating_sub(old_blocked), Hold::Blocked),
    ];
    let most = grown.into_iter().max_by_key(|(count, _)| *count);
    most.filter(|(count, _)| *count > 0).map(|(_, hold)| hold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::LinkState;

    #[test]
    fn what_held_frames_back_is_that_of_a_whole_window() {
        let traffic = Traffic::default();
        let mut meter = Meter::new(traffic.clone());
        let mut look = |ms| meter.look(&[], Timestamp::from_millis(ms)).held_by;
        look(0);
        for hold in [Hold::Cap, Hold::Bytes, Hold::Bytes] {
            traffic.held(hold);
        }
        assert_eq!(
            [look(100), look(5_000), look(5_100)],
            [None, Some(Hold::Bytes), Some(Hold::Bytes)]
        );
        traffic.held(Hold::Blocked);
        assert_eq!([look(10_000), look(15_000)], [Some(Hold::Blocked), None]);
    }

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
            fault: None,
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
