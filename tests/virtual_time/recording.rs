//! Random faults, recorded and played again: the same final document, alerts and events.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use bitget_watch::alerts::{Monitor, Notifier};
use bitget_watch::config::Config;
use bitget_watch::domain::{AccountKind, Symbol, Timestamp};
use bitget_watch::engine::Handle;
use bitget_watch::recording::{Limits as RecordingLimits, Player, Recorder, Recording, anonymize};
use bitget_watch::report::{Context, Limits, PositionRow, Report, Source, json};
use bitget_watch::sim::{Direction, Entry, Fault, Garbage, Holdings, On, Pace};
use bitget_watch::store::Event;

use rstest::rstest;
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
    record_faults(kind, seed, folder, faults, STEPS, RecordingLimits::default().file_bytes)
}

/// Runs an account through these faults, and records it.
fn record_faults(
    kind: AccountKind,
    seed: u64,
    folder: &std::path::Path,
    faults: Vec<Entry>,
    steps: u64,
    file_bytes: u64,
) -> Run {
    let mut setup = Setup::new(kind, seed);
    if seed.is_multiple_of(3) {
        setup.sim.holdings = Holdings::Mixed;
    }
    run(setup, folder, file_bytes, async |rig| {
        rig.delayed = true;
        let mut random = fastrand::Rng::with_seed(seed);
        for fault in faults {
            rig.sim.inject(fault);
        }
        for _ in 0..steps {
            if random.u32(..60) == 0 {
                change_account(rig, &mut random);
            }
            pass(STEP_MS).await;
        }
    })
}

/// Records what an exchange does.
fn run(
    mut setup: Setup,
    folder: &std::path::Path,
    file_bytes: u64,
    story: impl AsyncFnOnce(&mut Rig),
) -> Run {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let path = folder.join("story.rec");
        // Hours pass in no time, and every line counts.
        let limits = RecordingLimits { waiting_lines: 1 << 20, file_bytes };
        let began = Timestamp::from_millis(1_790_337_600_000);
        let what = (&Symbol::default(), true);
        let recorder = Recorder::start(&path, what, began, limits, |text| panic!("{text}"));
        let recorder = Arc::new(recorder.unwrap());
        setup.recorder = Some(Arc::clone(&recorder));
        let mut rig = Rig::start(setup).await;
        story(&mut rig).await;
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
        let limit = RecordingLimits::default().file_bytes;
        let run = record_faults(kind, seed, own.path(), bad_five_minutes(), 3_100, limit);
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

/// Returns amounts and ids of a document that are long enough to be told from others.
fn amounts(document: &serde_json::Value, found: &mut BTreeSet<String>) {
    const NAMES: [&str; 6] =
        ["equity", "available", "balance", "margin", "exchange_unrealized_pnl", "order_id"];
    let fields = document.as_object().into_iter().flat_map(|fields| fields.values());
    for part in fields.chain(document.as_array().into_iter().flatten()) {
        amounts(part, found);
    }
    let own = NAMES.iter().filter_map(|name| document.get(name)?.as_str());
    found.extend(
        own.filter(|text| text.trim_start_matches(['-', '0', '.']).len() >= 7).map(str::to_owned),
    );
}

/// In public the amounts are half of what they were, and everything else is the same. Returns how many of the
/// amounts that were looked for are not in it.
fn assert_same_story(path: &std::path::Path, original: &Player) -> usize {
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
    let mut hidden = BTreeSet::new();
    amounts(&serde_json::from_str(&json::to_string(&one).unwrap()).unwrap(), &mut hidden);
    let (private, public) = (text(&std::fs::read(path).unwrap()), text(&bytes));
    hidden.retain(|amount| private.contains(&format!("\\\"{amount}\\\"")));
    for amount in &hidden {
        assert!(!public.contains(&format!("\\\"{amount}\\\"")), "{amount} is in it");
    }
    hidden.len()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn a_recorded_story_plays_again_to_the_same_end() {
    let alone = number("BITGET_WATCH_SEED");
    let seeds: Vec<u64> = match alone {
        Some(seed) => vec![seed],
        None => (1..=number("BITGET_WATCH_SEEDS").unwrap_or(4)).collect(),
    };
    let (mut alerts, mut events, mut hidden) = (0, 0, 0);
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
        hidden += assert_same_story(&folder.path().join("story.rec"), &player);
        let text = text(&run.bytes);
        for canary in [KEY.0, KEY.1, KEY.2] {
            assert!(!text.contains(canary), "seed {seed}: {canary}");
        }
        assert!(!text.contains("login\\\",") && !text.contains("access-sign"), "seed {seed}");
        assert!(text.contains("\"out\":"), "seed {seed}: subscriptions are in it");
        assert!(text.contains("userId\\\":\\\"1000000000"), "seed {seed}: ids are masked");
    }
    assert!(alone.is_some() || events > 100 && hidden > 10, "{events}, {hidden}");
    println!("{events} events, {alerts} alerts on at the end, {hidden} amounts hidden");
}

/// Returns the compressed bytes of the frames that begin in this part of a recording.
fn bytes_between(mut bytes: &[u8], from_ms: i64, to_ms: i64) -> usize {
    let mut count = 0;
    while !bytes.is_empty() {
        let before = bytes.len();
        let mut text = String::new();
        StreamingDecoder::new(&mut bytes).unwrap().read_to_string(&mut text).unwrap();
        let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        if (from_ms..to_ms).contains(&(line["t"].as_i64().unwrap() - 1_790_337_600_000)) {
            count += before - bytes.len();
        }
    }
    count
}

/// In a second four prices, six books of 15 levels and ten trades, with one position, which is held, and
/// everything that is asked of the exchange.
#[rstest]
fn a_minute_of_an_ordinary_day_is_150_kb(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let folder = tempfile::tempdir().unwrap();
    let mut setup = Setup::new(kind, 5);
    (setup.sim.flat, setup.sim.pace) = (true, Pace::Live);
    let limit = RecordingLimits::default().file_bytes;
    let run = run(setup, folder.path(), limit, async |rig| {
        rig.sim.with_world(|world| world.open("BTCUSDT", true, false, Decimal::ONE));
        pass(220_000).await;
    });
    assert_eq!(run.report.positions.rows.len(), 1);
    // What is asked at the start alone has come by then.
    let a_minute = bytes_between(&run.bytes, 80_000, 200_000) / 2;
    println!(
        "{kind}: {a_minute} bytes a minute, {} in the first",
        bytes_between(&run.bytes, 0, 60_000)
    );
    assert!(a_minute < 150_000, "{a_minute}");
}

/// A recording that grows past its bound goes on in another file, which is whole by itself.
#[rstest]
fn a_full_file_is_kept_and_the_next_one_starts_with_what_stands(
    #[values(AccountKind::Classic, AccountKind::Unified)] kind: AccountKind,
) {
    let folder = tempfile::tempdir().unwrap();
    let run = record_faults(kind, 4, folder.path(), Vec::new(), 900, 250_000);
    let (full, newer) = (folder.path().join("story.rec.1"), folder.path().join("story.rec"));
    let play = |path: &std::path::Path| {
        let mut player = player(path);
        while player.step().is_some() {}
        assert_eq!(player.trouble(), None, "{}", path.display());
        let report = player.engine().newest();
        (player, report)
    };
    let (before, _) = play(&full);
    assert!(std::fs::metadata(&full).unwrap().len() >= 250_000);
    let recording = Recording::open(&newer).unwrap();
    assert_eq!(recording.began(), before.now(), "no moment is missing between the two");
    let fresh = player(&newer);
    assert_eq!(fresh.now(), before.now(), "what stands is there from the first moment on");
    let (_, played) = play(&newer);
    let known = |report: &Report| {
        let mut document: serde_json::Value =
            serde_json::from_str(&json::to_string(report).unwrap()).unwrap();
        // The book is known again with its next snapshot, and what needs days of prices or of the ledger is
        // in the file before.
        for row in document["positions"]["rows"].as_array_mut().unwrap() {
            row["risk"] = row["risk"]["liquidation_price_ours"].clone();
        }
        let parts = ["account_kind", "symbol", "ticker", "positions", "orders", "account"];
        let of = |part: &str| serde_json::to_string_pretty(&document[part]).unwrap();
        parts.map(of).join("\n")
    };
    let (live, again) = (known(&run.report), known(&played));
    let different: Vec<_> =
        live.lines().zip(again.lines()).filter(|(one, two)| one != two).take(20).collect();
    assert!(live == again, "{different:#?}");
    let problems = |report: &Report| report.problems.iter().map(|p| p.code).collect::<Vec<_>>();
    assert_eq!(problems(&played), problems(&run.report));
}
