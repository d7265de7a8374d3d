//! Days of running with a cut each, and the resources they leave in use.

use std::fs;

use bitget_watch::domain::AccountKind::{self, Classic, Unified};
use bitget_watch::sim::{Entry, Fault, On};

use rstest::rstest;

use super::rig::{Rig, Setup, pass};

/// The resources of the process.
#[derive(Debug, Clone, Copy)]
struct Resources {
    resident_kib: i64,
    descriptors: usize,
    threads: usize,
    tasks: usize,
}

fn resources() -> Resources {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    Resources {
        resident_kib: resident.trim().trim_end_matches(" kB").trim().parse().unwrap(),
        descriptors: fs::read_dir("/proc/self/fd").unwrap().count(),
        threads: fs::read_dir("/proc/self/task").unwrap().count(),
        tasks: tokio::runtime::Handle::current().metrics().num_alive_tasks(),
    }
}

fn frames(rig: &Rig) -> u64 {
    rig.state(|state| state.links.iter().map(|link| link.frames).sum())
}

/// `BITGET_WATCH_SOAK` is the number of frames; the default is a smoke test. Alone in its
/// process the figures are its own: see tests/README.md.
#[rstest]
#[tokio::test(start_paused = true)]
async fn fc_17_days_of_frames_and_cuts_leave_nothing_behind(
    #[values(Classic, Unified)] kind: AccountKind,
) {
    const DAYS: u64 = 24;
    let wanted = std::env::var("BITGET_WATCH_SOAK").ok().and_then(|text| text.parse().ok());
    let wanted: u64 = wanted.unwrap_or(30_000);
    let rig = Rig::start(Setup::new(kind, 31)).await;
    rig.until_complete(10).await;
    rig.sim.inject(Entry::now(Fault::Flood { times: 8 }).on(On::Public));
    // The first day fills what is bounded: events, candles, trades.
    let mut before = None;
    for day in 0..DAYS {
        while frames(&rig) < wanted * (day + 1) / DAYS {
            pass(1_000).await;
        }
        rig.sim.inject(Entry::now(Fault::Close { code: 1_000 }));
        pass(100).await;
        let gap = rig.until_complete(10).await;
        assert!(gap <= 3_000, "day {day}: {gap} ms");
        // After a healthy minute the backoff is reset.
        pass(61_000).await;
        rig.assert_polite();
        if day == DAYS / 4 {
            before = Some(resources());
        }
    }
    let (before, after) = (before.unwrap(), resources());
    println!("{} frames, {DAYS} cuts: {before:?} then {after:?}", frames(&rig));
    assert_eq!(rig.state(|state| state.links[1].reconnects), 24);
    assert!(after.tasks <= before.tasks + 2, "{before:?} {after:?}");
    // Other tests may run in the same process: what is not theirs is bounded when it runs alone.
    if std::env::var_os("BITGET_WATCH_SOAK").is_some() {
        assert!(after.descriptors <= before.descriptors, "{before:?} {after:?}");
        assert!(after.threads <= before.threads, "{before:?} {after:?}");
        assert!(after.resident_kib <= before.resident_kib + 8_192, "{before:?} {after:?}");
    }
}
