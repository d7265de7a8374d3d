//! Random faults, recorded and played again: the same final document, alerts and events.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use bitget_watch::alerts::{Monitor, Notifier};
use bitget_watch::config::Config;
use bitget_watch::domain::{AccountKind, Symbol, Timestamp};
use bitget_watch::engine::Handle;
use bitget_watch::recording::{Limits as RecordingLimits, Player, Recorder, Recording, anonymize};
use bitget_watch::report::{Context, Limits, PositionRow, Report, Source, json};
use bitget_watch::sim::{Direction, Entry, Fault, Garbage, Holdings, On};
use bitget_watch::store::Event;

use rust_decimal::Decimal;
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

/// Runs an account through random faults, and records it.
fn record(seed: u64, folder: &std::path::Path) -> Run {
    let kind = if seed.is_multiple_of(2) { AccountKind::Unified } else { AccountKind::Classic };
    let mut random = fastrand::Rng::with_seed(seed);
    let faults = (0..random.usize(1..=20)).map(|_| entry(&mut random)).collect();
    record_faults(kind, seed, folder, faults, STEPS)
}

/// Runs an account through these faults, and records it.
fn record_faults(
    kind: AccountKind,
    seed: u64,
    folder: &std::path::Path,
    faults: Vec<Entry>,
    steps: u64,
) -> Run {
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
        let mut setup = Setup::new(kind, seed);
        setup.recorder = Some(Arc::clone(&recorder));
        if seed.is_multiple_of(3) {
            setup.sim.holdings = Holdings::Mixed;
        }
        let mut rig = Rig::start(setup).await;
        rig.delayed = true;
        let mut random = fastrand::Rng::with_seed(seed);
        for fault in faults {
            rig.sim.inject(fault);
        }
        for _ in 0..steps {
            if random.u32(..60) == 0 {
                change_account(&rig, &mut random);
            }
            pass(STEP_MS).await;
        }
        recorder.finish(rig.now(), Duration::from_secs(60));
        let report = rig.published.as_ref().map(Handle::newest).unwrap();
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

/// Five bad minutes: what goes wrong, and in which second.
fn bad_five_minutes() -> Vec<Entry> {
    let fault = |at: u64, lasts: u64, on: On, fault: Fault| {
        let mut entry = Entry::now(fault).on(on);
        (entry.at, entry.lasts) = (Duration::from_secs(at), Some(Duration::from_secs(lasts)));
        entry
    };
    let part = |path: &str, entry: Entry| Entry { path: Some(path.to_owned()), ..entry };
    vec![
        fault(30, 20, On::Public, Fault::Rst),
        fault(60, 25, On::Rest, Fault::BlackHole { direction: Direction::Both }),
        fault(95, 30, On::Private, Fault::Refuse),
        fault(140, 15, On::Rest, Fault::RateLimited { status: 429, retry_after: Some(5) }),
        part("position", fault(165, 20, On::Rest, Fault::NullData)),
        part("position", fault(190, 15, On::Private, Fault::Drop)),
        fault(210, 10, On::All, Fault::Garbage { kind: Garbage::Half }),
        fault(230, 20, On::Rest, Fault::StaleRest { ms: 8_000 }),
        fault(255, 10, On::All, Fault::Status { status: 502, html: true }),
    ]
}

/// Records five bad minutes of each kind of account into the folder that `BITGET_WATCH_STORIES` names, as
/// lines: tests/README.md says how the fixtures are made of them. One price of three is kept, and no book.
#[test]
fn five_bad_minutes_are_recorded() {
    let Some(folder) = std::env::var_os("BITGET_WATCH_STORIES") else { return };
    for (kind, seed) in [(AccountKind::Classic, 21), (AccountKind::Unified, 22)] {
        let own = tempfile::tempdir().unwrap();
        let run = record_faults(kind, seed, own.path(), bad_five_minutes(), 3_100);
        let mut prices = 0;
        let lines: String = text(&run.bytes)
            .split_inclusive('\n')
            .filter(|line| {
                let is_of = |name: &str| {
                    line.contains("\"in\":") && line.contains(&format!("\\\"{name}\\\""))
                };
                prices += u32::from(is_of("ticker"));
                let is_kept_price = !is_of("ticker") || prices % 3 == 0;
                is_kept_price && !is_of("books") && !is_of("trade") && !is_of("publicTrade")
            })
            .collect();
        let path = std::path::Path::new(&folder).join(format!("{kind}.jsonl"));
        std::fs::write(path, lines).unwrap();
    }
}

/// In public the amounts are half of what they were, and everything else is the same.
fn assert_same_story(path: &std::path::Path, original: &Player) {
    let half = Decimal::new(5, 1);
    let mut bytes = Vec::new();
    let recording = Recording::open(path).unwrap();
    assert_eq!(anonymize(&recording, half, &mut bytes).unwrap(), None);
    let public = path.with_extension("public");
    std::fs::write(&public, &bytes).unwrap();
    let mut copy = player(&public);
    while copy.step().is_some() {}
    assert_eq!(copy.trouble(), None);
    let told = |player: &Player| -> Vec<_> {
        let events = player.events();
        events.into_iter().map(|event| (event.at, std::mem::discriminant(&event.kind))).collect()
    };
    assert_eq!(told(&copy), told(original));
    let (one, two) = (original.engine().newest(), copy.engine().newest());
    let figures = |report: &Report, factor: Decimal| -> Vec<_> {
        let of = |row: &PositionRow| {
            let money = [Some(row.size), row.unrealized_pnl, row.net_pnl, row.margin, row.notional];
            let money =
                money.map(|money| money.map(|money| (money * factor).round_dp(12).normalize()));
            let rest = [row.roe, row.liquidation_distance, row.mark_price, row.entry_price];
            let rest = rest.map(|rest| rest.map(|rest| rest.round_dp(12).normalize()));
            (row.key.clone(), money, rest, row.risk.level)
        };
        report.positions.rows.iter().map(of).collect()
    };
    assert_eq!(figures(&two, Decimal::ONE), figures(&one, half));
    assert_eq!(one.risk.level, two.risk.level);
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
        assert_same_story(&folder.path().join("story.rec"), &player);
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
