//! Random faults, recorded and played again: the same final document, alerts and events.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use bitget_watch::alerts::{Monitor, Notifier};
use bitget_watch::config::Config;
use bitget_watch::domain::{AccountKind, Symbol, Timestamp};
use bitget_watch::engine::Handle;
use bitget_watch::recording::{Limits as RecordingLimits, Player, Recorder, Recording};
use bitget_watch::report::{Context, Limits, Report, Source, json};
use bitget_watch::sim::Holdings;
use bitget_watch::store::Event;

use ruzstd::decoding::StreamingDecoder;

use super::chaos::{change_account, entry};
use super::rig::{KEY, Rig, Setup, pass};

/// Faults and what follows them.
const STEPS: u64 = 900;
const STEP_MS: u64 = 100;

/// What a run left.
struct Run {
    report: Arc<Report>,
    events: Vec<Event>,
    bytes: Vec<u8>,
}

/// Runs an account of `kind` through random faults, and records it.
fn record(seed: u64, folder: &std::path::Path) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let path = folder.join("story.rec");
        // Hours pass in no time, and every line counts.
        let limits = RecordingLimits { waiting_lines: 1 << 20, ..RecordingLimits::default() };
        let began = Timestamp::from_millis(1_790_337_600_000);
        let what = (&Symbol::default(), true);
        let recorder = Recorder::start(&path, what, began, limits, |text| panic!("{text}"));
        let recorder = Arc::new(recorder.unwrap());
        let kind = if seed.is_multiple_of(2) { AccountKind::Unified } else { AccountKind::Classic };
        let mut setup = Setup::new(kind, seed);
        setup.recorder = Some(Arc::clone(&recorder));
        if seed.is_multiple_of(3) {
            setup.sim.holdings = Holdings::Mixed;
        }
        let mut rig = Rig::start(setup).await;
        rig.delayed = true;
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..random.usize(1..=20) {
            rig.sim.inject(entry(&mut random));
        }
        for _ in 0..STEPS {
            if random.u32(..60) == 0 {
                change_account(&rig, &mut random);
            }
            pass(STEP_MS).await;
        }
        recorder.finish(rig.now(), Duration::from_secs(60));
        let report = rig.recorded.as_ref().map(Handle::newest).unwrap();
        let events = rig.state(|state| state.events.iter().cloned().collect());
        Run { report, events, bytes: std::fs::read(&path).unwrap() }
    })
}

/// Plays the recording of a folder.
pub fn player(path: &std::path::Path) -> Player {
    let recording = Recording::open(path).unwrap();
    let config = Config::default();
    let context = Context {
        source: Source::Replay,
        focus: recording.focus(),
        credentials: recording.has_credentials(),
        limits: Limits::new(&config.refresh),
        risk: config.risk,
    };
    let alerts = Notifier::new(Monitor::new(config.alerts));
    Player::new(&recording, context, alerts, |_| {})
}

/// Returns the lines of a recording.
fn text(mut bytes: &[u8]) -> String {
    let mut text = String::new();
    while !bytes.is_empty() {
        StreamingDecoder::new(&mut bytes).unwrap().read_to_string(&mut text).unwrap();
    }
    text
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn a_recorded_story_plays_again_to_the_same_end() {
    let seeds: Vec<u64> = match number("BITGET_WATCH_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("BITGET_WATCH_SEEDS").unwrap_or(4)).collect(),
    };
    let (mut alerts, mut events) = (0, 0);
    for seed in seeds {
        let folder = tempfile::tempdir().unwrap();
        let run = record(seed, folder.path());
        let mut player = player(&folder.path().join("story.rec"));
        while player.step().is_some() {}
        assert_eq!(player.trouble(), None, "seed {seed}");
        assert_eq!(player.events(), run.events, "seed {seed}");
        let played = player.engine().newest();
        let pretty = |report: &Report| {
            let text = json::to_string(report).unwrap();
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            serde_json::to_string_pretty(&value).unwrap()
        };
        let (live, again) = (pretty(&run.report), pretty(&played));
        let different: Vec<_> =
            live.lines().zip(again.lines()).filter(|(one, two)| one != two).take(10).collect();
        assert!(live == again, "seed {seed}: {different:#?}");
        events += run.events.len();
        alerts += run.report.alerts.len();
        let text = text(&run.bytes);
        for canary in [KEY.0, KEY.1, KEY.2] {
            assert!(!text.contains(canary), "seed {seed}: {canary}");
        }
        assert!(!text.contains("login\\\",") && !text.contains("access-sign"), "seed {seed}");
        assert!(text.contains("\"out\":"), "seed {seed}: subscriptions are in it");
        assert!(text.contains("userId\\\":\\\"1000000000"), "seed {seed}: ids are masked");
    }
    assert!(events > 100, "{events}");
    println!("{events} events, {alerts} alerts on at the end");
}
