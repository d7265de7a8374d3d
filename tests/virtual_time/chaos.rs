//! Random faults, then peace: for many seeds, the bound holds and the truth comes back.

use std::time::Duration;

use bitget_watch::domain::AccountKind;
use bitget_watch::sim::{Direction, Entry, Fault, Garbage, On, Reply, Stage};
use rust_decimal::Decimal;

use super::oracle::{Exemptions, Oracle, difference};
use super::rig::{Rig, Setup, pass};

/// Faults begin within this time, and are over at its end.
const TROUBLE_MS: i64 = 75_000;
/// The truth must be back this long after the last fault.
const PEACE_MS: i64 = 20_000;
/// Between two looks: one step of the world. Looks fall between the steps.
const LOOK_MS: i64 = 100;

/// What a run came to.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// What the account was at first.
    pub kind: AccountKind,
    /// Until everything that is shown was true again.
    pub converged_ms: i64,
    /// Until all links were live again.
    pub links_ms: i64,
    pub compared: u64,
    pub worst_price_ms: i64,
    pub worst_position_ms: i64,
}

/// Runs one seed. An error says what went wrong.
pub fn run(seed: u64) -> Result<Report, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .map_err(|error| error.to_string())?;
    // What the rig asserts at its end belongs to its seed, and does not end the others.
    let run = std::panic::AssertUnwindSafe(|| runtime.block_on(live_through(seed)));
    std::panic::catch_unwind(run).unwrap_or_else(|why| {
        let words = why.downcast_ref::<String>().cloned();
        Err(words.unwrap_or_else(|| "a panic".to_owned()))
    })
}

/// The account of every second seed is a unified one at first.
const fn kind_of(seed: u64) -> AccountKind {
    if seed.is_multiple_of(2) { AccountKind::Unified } else { AccountKind::Classic }
}

async fn live_through(seed: u64) -> Result<Report, String> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut rig = Rig::start(Setup::new(kind_of(seed), seed)).await;
    rig.delayed = true;
    let mut lies = Exemptions::default();
    let count = random.usize(1..=20);
    let mut plan: Vec<Entry> = (0..count).map(|_| entry(&mut random)).collect();
    plan.sort_by_key(|entry| entry.at);
    for entry in plan {
        if alone() {
            println!("{entry:?}");
        }
        let until = entry.at + entry.lasts.unwrap_or_default();
        let until_ms = i64::try_from(until.as_millis()).unwrap_or(i64::MAX).min(TROUBLE_MS);
        if is_lie(&entry.fault) {
            lies.money_until_ms = lies.money_until_ms.max(until_ms + 26_000);
        }
        if is_about_time(&entry.fault) {
            lies.clock_until_ms = lies.clock_until_ms.max(until_ms + 26_000);
        }
        rig.sim.inject(entry);
    }
    let mut oracle = Oracle::default();
    pass(LOOK_MS.unsigned_abs() / 2).await;
    let mut now_ms = 0;
    let fail = |now_ms: i64, what: String| format!("after {now_ms} ms: {what}");
    while now_ms < TROUBLE_MS {
        if random.u32(..80) == 0 {
            // What was so until now may be shown for a while.
            oracle.note(&rig, now_ms);
            happen(&rig, &mut random);
        }
        oracle.look(&rig, now_ms, lies).map_err(|what| fail(now_ms, what))?;
        pass(LOOK_MS.unsigned_abs()).await;
        now_ms += LOOK_MS;
    }
    rig.sim.heal();
    let (mut converged, mut links) = (None, None);
    while now_ms < TROUBLE_MS + PEACE_MS + 15_000 && (converged.is_none() || links.is_none()) {
        oracle.look(&rig, now_ms, lies).map_err(|what| fail(now_ms, what))?;
        match difference(&rig) {
            // Now and then the world moves between two polls: once equal is enough.
            None if converged.is_none() => converged = Some(now_ms - TROUBLE_MS),
            _ => {}
        }
        if links.is_none() && rig.document().links.iter().all(|link| link.state == "live") {
            links = Some(now_ms - TROUBLE_MS);
        }
        if alone() {
            println!("{now_ms}: {:?} {links:?}", difference(&rig));
        }
        pass(LOOK_MS.unsigned_abs()).await;
        now_ms += LOOK_MS;
    }
    let Some(converged_ms) = converged.filter(|ms| *ms <= PEACE_MS) else {
        let why = difference(&rig).unwrap_or_else(|| format!("only after {converged:?} ms"));
        return Err(format!("not the truth {PEACE_MS} ms after the last fault: {why}"));
    };
    let links_ms = links.ok_or("the links are not live again")?;
    Ok(Report {
        kind: kind_of(seed),
        converged_ms,
        links_ms,
        compared: oracle.compared,
        worst_price_ms: oracle.worst_price_ms,
        worst_position_ms: oracle.worst_position_ms,
    })
}

/// Returns whether one seed runs alone, to be looked at.
fn alone() -> bool {
    std::env::var_os("BITGET_WATCH_SEED").is_some()
}

/// Lets something happen in the world.
fn happen(rig: &Rig, random: &mut fastrand::Rng) {
    let contract = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT"][random.usize(..4)];
    rig.sim.with_world(|world| match random.u32(..3) {
        0 => world.close(contract),
        _ => world.open(contract, random.bool(), random.bool(), Decimal::from(random.u32(1..4))),
    });
}

/// Returns whether a fault makes the exchange say what is not so of positions and the account.
const fn is_lie(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::EmptyList | Fault::Partial | Fault::UnknownVariant | Fault::StaleRest { .. }
    )
}

/// Returns whether a fault makes the exchange say what is not so of the time.
const fn is_about_time(fault: &Fault) -> bool {
    matches!(fault, Fault::ClockOffset { .. } | Fault::StaleRest { .. })
}

fn entry(random: &mut fastrand::Rng) -> Entry {
    let fault = fault(random);
    let mut entry = Entry::now(fault);
    entry.at = Duration::from_millis(random.u64(..60_000));
    entry.lasts = Some(Duration::from_millis(random.u64(500..40_000)));
    entry.on = [On::All, On::Rest, On::Public, On::Private][random.usize(..4)];
    entry.one_in = [1, 1, 1, 2, 3, 7][random.usize(..6)];
    if random.u32(..4) == 0 {
        let part = ["positions", "position", "ticker", "account", "orders", "time", "books"];
        entry.path = Some(part[random.usize(..part.len())].to_owned());
    }
    entry
}

fn fault(random: &mut fastrand::Rng) -> Fault {
    let stages = [
        Stage::Accept,
        Stage::Upgrade,
        Stage::Login,
        Stage::Subscribe,
        Stage::Headers,
        Stage::Body,
    ];
    let answers =
        [Reply::None, Reply::Late, Reply::Twice, Reply::Error, Reply::StringCode, Reply::NoCode];
    let garbage = [
        Garbage::Text,
        Garbage::Utf8,
        Garbage::Deep,
        Garbage::Large,
        Garbage::Binary,
        Garbage::Half,
    ];
    let ways = [Direction::In, Direction::Out, Direction::Both];
    match random.u32(..44) {
        0 | 1 => Fault::Latency { ms: random.u64(..6_000), jitter_ms: random.u64(..2_000) },
        2 => Fault::Bandwidth { bytes_per_second: random.u64(500..50_000) },
        3 => Fault::Slice { bytes: random.usize(1..200) },
        4..=6 => Fault::BlackHole { direction: ways[random.usize(..3)] },
        7 => Fault::Fin,
        8 => Fault::Rst,
        9 => Fault::Close { code: [1_000, 1_001, 1_011, 4_000][random.usize(..4)] },
        10 => Fault::CutAfter { bytes: random.u64(1..30_000) },
        11 => Fault::Refuse,
        12 | 13 => Fault::Stall { at: stages[random.usize(..stages.len())] },
        14 => Fault::CloseIdle { ms: random.u64(100..5_000) },
        15 => Fault::NoPong,
        16 => Fault::LatePong { ms: random.u64(..8_000) },
        17 => Fault::Login {
            reply: answers[random.usize(..answers.len())],
            ms: random.u64(..12_000),
            code: [30_006, 30_014, 30_033][random.usize(..3)],
        },
        18 => Fault::Ack {
            reply: answers[random.usize(..answers.len())],
            ms: random.u64(..12_000),
            code: [30_001, 30_016, 30_033][random.usize(..3)],
        },
        19 => Fault::RateLimited { status: 429, retry_after: None },
        20 => Fault::RateLimited { status: 200, retry_after: Some(random.u64(1..10)) },
        21 => {
            let status = [403, 451, 500, 502, 503, 520, 530][random.usize(..7)];
            Fault::Status { status, html: random.bool() }
        }
        22 => {
            let code = ["45001", "40015", "40725", "40808", "99999"][random.usize(..5)];
            Fault::Code { code: code.to_owned(), status: [200, 400][random.usize(..2)] }
        }
        23 => Fault::NullData,
        24 => Fault::EmptyObject,
        25 => Fault::EmptyBody,
        26 => Fault::DripBody { ms: random.u64(1..200) },
        27 => Fault::HugeBody { bytes: 6 << 20 },
        28 => Fault::Redirect { status: 302, to: "http://127.0.0.1:9/".to_owned() },
        29 => Fault::ClockOffset { ms: random.i64(-600_000..600_000) },
        30 => Fault::Drop,
        31 => Fault::Duplicate,
        32 => Fault::Reorder,
        33 => Fault::Replay { ms: random.i64(0..30_000) },
        34 => Fault::EmptyList,
        35 => Fault::Partial,
        36 => Fault::StaleRest { ms: random.i64(0..40_000) },
        37 => Fault::Mutate,
        38 => Fault::UnknownVariant,
        39 => [Fault::ExtraFields, Fault::ControlCharacters][random.usize(..2)].clone(),
        // A change to what the account already is does nothing.
        40..=42 => [Fault::Upgrade, Fault::Switching][random.usize(..2)].clone(),
        _ => Fault::Garbage { kind: garbage[random.usize(..garbage.len())] },
    }
}

/// Says what the seeds of one kind came to; `good` goes by how long the truth took.
fn tell(kind: AccountKind, good: &[Report]) {
    let at = |part: usize| good.get(good.len() * part / 100).map_or(0, |r| r.converged_ms);
    println!(
        "{kind}: {} seeds, {} looks at live numbers; true again after p50 {} ms, p99 {} ms, max {} \
         ms; links live again after {} ms at the most; oldest live price {} ms, position {} ms",
        good.len(),
        good.iter().map(|report| report.compared).sum::<u64>(),
        at(50),
        at(99),
        good.last().map_or(0, |report| report.converged_ms),
        good.iter().map(|report| report.links_ms).max().unwrap_or(0),
        good.iter().map(|report| report.worst_price_ms).max().unwrap_or(0),
        good.iter().map(|report| report.worst_position_ms).max().unwrap_or(0),
    );
}

/// Runs many seeds on all cores; `BITGET_WATCH_SEEDS` is how many, `BITGET_WATCH_SEED` only one.
#[test]
fn fc_31_whatever_goes_wrong_no_number_lies_and_the_truth_comes_back() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds: Vec<u64> = match number("BITGET_WATCH_SEED") {
        Some(seed) => vec![seed],
        None => (1..=number("BITGET_WATCH_SEEDS").unwrap_or(200)).collect(),
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let results: Vec<(u64, Result<Report, String>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let mine = seeds.iter().skip(worker).step_by(threads).copied();
                let mine: Vec<u64> = mine.collect();
                scope.spawn(move || mine.into_iter().map(|s| (s, run(s))).collect::<Vec<_>>())
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for (seed, result) in results {
        match result {
            Ok(report) => good.push(report),
            Err(what) => bad.push(format!(
                "seed {seed}: {what}\n  BITGET_WATCH_SEED={seed} cargo test --test virtual_time \
                 fc_31_whatever"
            )),
        }
    }
    good.sort_by_key(|report| report.converged_ms);
    for kind in [AccountKind::Classic, AccountKind::Unified] {
        tell(kind, &good.iter().filter(|report| report.kind == kind).copied().collect::<Vec<_>>());
    }
    assert!(bad.is_empty(), "{} of {} seeds\n{}", bad.len(), seeds.len(), bad.join("\n"));
}
