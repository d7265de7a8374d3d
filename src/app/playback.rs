//! [`Playback`]: the thread that plays a recording at the pace of the user.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::replay;
use crate::config::Config;
use crate::domain::{Clock, SystemClock, Timestamp};
use crate::engine::Handle;
use crate::recording::{Player, Recording, Stepped};
use crate::ui::{ReplayStep, Wake};

/// How often the recording is moved on.
const TICK: Duration = Duration::from_millis(20);
const MINUTE: Duration = Duration::from_secs(60);
/// The slowest and the fastest play.
const SPEEDS: (f64, f64) = (0.125, 1_024.0);

/// What the screen shows of a replay.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// The engine; another one after a step back.
    pub(super) engine: Handle,
    /// The time of the recording.
    pub(super) now: Timestamp,
    /// The words of the badge.
    pub(super) badge: String,
}

/// The screen's end of a replay.
#[derive(Debug)]
pub(super) struct Remote {
    shown: Arc<Mutex<Shown>>,
    steps: Sender<ReplayStep>,
}

impl Remote {
    /// Returns what is to be shown.
    pub(super) fn shown(&self) -> Shown {
        lock(&self.shown).clone()
    }

    /// Passes a key on.
    pub(super) fn send(&self, step: ReplayStep) {
        // The thread ends with the program.
        let _ended = self.steps.send(step);
    }
}

fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts to play. The thread ends when the [`Remote`] is dropped.
pub(super) fn start(
    recording: Recording,
    config: Config,
    zone: TimeZone,
    speed: f64,
    wake: Wake,
) -> std::io::Result<Remote> {
    let playback = Playback::new(recording, config, zone, speed, wake);
    let shown = Arc::clone(&playback.shown);
    let (steps, received) = channel();
    std::thread::Builder::new().name("replay".to_owned()).spawn(move || playback.run(&received))?;
    Ok(Remote { shown, steps })
}

struct Playback {
    recording: Recording,
    config: Config,
    zone: TimeZone,
    wake: Wake,
    player: Player,
    shown: Arc<Mutex<Shown>>,
    speed: f64,
    paused: bool,
    /// What of the time that has passed is less than a millisecond of the recording.
    rest: Duration,
}

impl Playback {
    fn new(recording: Recording, config: Config, zone: TimeZone, speed: f64, wake: Wake) -> Self {
        let player = replay::player(&recording, &config, |_news| {});
        let shown =
            Shown { engine: player.engine(), now: player.now(), badge: "REPLAY".to_owned() };
        Self {
            recording,
            config,
            zone,
            wake,
            player,
            shown: Arc::new(Mutex::new(shown)),
            speed,
            paused: false,
            rest: Duration::ZERO,
        }
    }

    fn run(mut self, steps: &Receiver<ReplayStep>) {
        let clock = SystemClock::start();
        let mut last = clock.now();
        loop {
            match steps.recv_timeout(TICK) {
                Ok(step) => self.take(step),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let now = clock.now();
            if !self.paused {
                self.play(now.since(last).mul_f64(self.speed));
            }
            last = now;
            self.player.answer_waiting();
            self.show();
        }
    }

    fn take(&mut self, step: ReplayStep) {
        match step {
            ReplayStep::Pause => self.paused = !self.paused,
            ReplayStep::Reading => self.play_to(|stepped| stepped.read),
            ReplayStep::Event => self.play_to(|stepped| stepped.event),
            ReplayStep::Alert => self.play_to(|stepped| stepped.alert),
            ReplayStep::Slower => self.speed = (self.speed / 2.0).max(SPEEDS.0),
            ReplayStep::Faster => self.speed = (self.speed * 2.0).min(SPEEDS.1),
            ReplayStep::Back => {
                let minute = i64::try_from(MINUTE.as_millis()).unwrap_or(i64::MAX);
                self.seek(self.player.now().plus_millis(-minute));
            }
            ReplayStep::On => self.seek(self.player.now().after(MINUTE)),
            ReplayStep::Seek(second) => {
                if let Some(at) = first_at(self.recording.began(), second, &self.zone) {
                    self.seek(at);
                }
            }
        }
    }

    /// Plays so much of the recording.
    fn play(&mut self, span: Duration) {
        let span = self.rest + span;
        let whole = Duration::from_millis(u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
        self.rest = span.saturating_sub(whole);
        self.play_until(self.player.now().after(whole));
    }

    fn play_until(&mut self, until: Timestamp) {
        while self.player.next_at().is_some_and(|at| at <= until) {
            self.player.step();
        }
        if self.player.next_at().is_some() {
            self.player.advance(until);
        }
    }

    /// Plays to the first step of a kind, and stops there.
    fn play_to(&mut self, is_it: impl Fn(Stepped) -> bool) {
        self.paused = true;
        while let Some(stepped) = self.player.step() {
            if is_it(stepped) {
                break;
            }
        }
        self.player.read();
    }

    /// Goes to a time; back by playing from the start, so that what is shown is what was shown then.
    fn seek(&mut self, to: Timestamp) {
        if to < self.player.now() {
            self.player = replay::player(&self.recording, &self.config, |_news| {});
        }
        self.play_until(to);
        self.player.read();
    }

    fn show(&self) {
        let badge = if self.player.next_at().is_none() {
            let damaged = self.player.trouble().is_some();
            if damaged { "REPLAY ENDED, INCOMPLETE" } else { "REPLAY ENDED" }.to_owned()
        } else if self.paused {
            "REPLAY PAUSED".to_owned()
        } else if (self.speed - 1.0).abs() < f64::EPSILON {
            "REPLAY".to_owned()
        } else {
            format!("REPLAY {}x", self.speed)
        };
        let mut shown = lock(&self.shown);
        let moved = shown.now != self.player.now() || shown.badge != badge;
        *shown = Shown { engine: self.player.engine(), now: self.player.now(), badge };
        drop(shown);
        if moved {
            self.wake.moved();
        }
    }
}

/// Returns the first time after the start that is this second of a day.
fn first_at(began: Timestamp, second: u32, zone: &TimeZone) -> Option<Timestamp> {
    let start = jiff::Timestamp::from_millisecond(began.as_millis()).ok()?;
    let midnight = start.to_zoned_datetime(zone.clone()).start_of_day().ok()?;
    let at = midnight.timestamp().as_millisecond() + i64::from(second) * 1_000;
    let at = Timestamp::from_millis(at);
    Some(if at < began { at.plus_millis(86_400_000) } else { at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json;
    use crate::store::EventKind;

    fn playback() -> Playback {
        let path = "tests/fixtures/recordings/classic.rec";
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let (recording, wake) = (Recording::open(&path).unwrap(), Wake::new().unwrap());
        Playback::new(recording, Config::default(), TimeZone::UTC, 1.0, wake)
    }

    fn document(playback: &Playback) -> String {
        json::to_string(&playback.player.engine().newest()).unwrap()
    }

    fn badge(playback: &Playback) -> String {
        playback.show();
        lock(&playback.shown).badge.clone()
    }

    #[test]
    fn the_badge_says_how_it_plays() {
        let mut playback = playback();
        playback.play(Duration::from_micros(1_500));
        playback.play(Duration::from_micros(10_000_500));
        let began = playback.recording.began();
        assert_eq!(playback.player.now(), began.plus_millis(10_002), "no microsecond is lost");
        assert_eq!(badge(&playback), "REPLAY");
        for (step, wanted) in [
            (ReplayStep::Faster, "REPLAY 2x"),
            (ReplayStep::Pause, "REPLAY PAUSED"),
            (ReplayStep::Pause, "REPLAY 2x"),
            (ReplayStep::Slower, "REPLAY"),
        ] {
            playback.take(step);
            assert_eq!(badge(&playback), wanted);
        }
        playback.play(Duration::from_secs(3_600));
        assert_eq!(badge(&playback), "REPLAY ENDED");
        assert_eq!(playback.player.trouble(), None);
        playback.take(ReplayStep::Event);
        assert_eq!(badge(&playback), "REPLAY ENDED", "there is no next one");
    }

    #[test]
    fn a_minute_back_shows_what_was_shown_then() {
        let mut playback = playback();
        let began = playback.recording.began();
        playback.seek(began.plus_millis(90_000));
        let then = document(&playback);
        playback.take(ReplayStep::On);
        assert_eq!(playback.player.now(), began.plus_millis(150_000));
        assert_ne!(document(&playback), then);
        playback.take(ReplayStep::Back);
        assert_eq!(playback.player.now(), began.plus_millis(90_000));
        assert_eq!(document(&playback), then);
    }

    #[test]
    fn it_stops_at_the_next_event_and_at_the_next_alert() {
        let mut playback = playback();
        for count in 1..4 {
            playback.take(ReplayStep::Event);
            let events = playback.player.events();
            assert!(playback.paused && events.len() >= count, "{events:?}");
            assert_eq!(events.first().unwrap().at, playback.player.now());
        }
        playback.take(ReplayStep::Alert);
        let newest = playback.player.events().into_iter().next().unwrap();
        assert!(matches!(newest.kind, EventKind::Alert(_)), "{newest:?}");
    }

    #[test]
    fn a_time_of_day_is_the_first_one_after_the_start() {
        // 2026-09-25T17:53:14.987Z
        let began = Timestamp::from_millis(1_790_358_794_987);
        let at = |second| first_at(began, second, &TimeZone::UTC).unwrap().as_millis();
        assert_eq!(at(18 * 3_600), 1_790_359_200_000);
        assert_eq!(at(0), 1_790_380_800_000, "of the next day");
    }
}
