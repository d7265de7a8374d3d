//! The pacer against a model in virtual time.

use super::*;

const fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn pacer(max_fps: u32, max_bytes_per_second: u32) -> Pacer {
    Pacer::new(&UiConfig { max_fps, max_bytes_per_second, ..UiConfig::default() })
}

/// A pacer after its first paint at 1 s, and ten seconds of rest.
fn rested(max_fps: u32, bytes: u32) -> Pacer {
    let mut pacer = pacer(max_fps, bytes);
    assert!(pacer.is_due(at(1_000)) && pacer.looked(Repaint::Whole, at(1_000)), "the first paint");
    pacer.looked(Repaint::Whole, at(11_000));
    pacer
}

fn wait(pacer: &Pacer, now: i64) -> u128 {
    pacer.wait(at(now)).as_millis()
}

/// Draws what is due at each millisecond of `span`, with changes at random; returns when, and the bytes of
/// each frame, and how long each movement had to wait.
fn run(
    pacer: &mut Pacer,
    seed: u64,
    span: i64,
    (moves, most_bytes): (u32, u64),
) -> (Vec<(i64, u64)>, Vec<i64>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut drawn, mut waits, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
    for ms in 20_000..20_000 + span {
        if random.u32(0..1_000) < moves {
            pacer.moved();
            waiting.push(ms);
        }
        if random.u32(0..1_000) < 6 {
            pacer.aged(at(ms));
        }
        if pacer.is_due(at(ms)) {
            let repaint = pacer.repaint(at(ms));
            pacer.looked(repaint, at(ms));
            let share = if repaint == Repaint::Lead { 4 } else { 1 };
            let bytes = random.u64(40..=most_bytes / share);
            pacer.drew((repaint, bytes), at(ms), at(ms));
            drawn.push((ms, bytes));
            waits.extend(waiting.drain(..).map(|since| ms - since));
        }
    }
    assert!(waiting.iter().all(|since| *since > 20_000 + span - 3_000), "a movement was lost");
    (drawn, waits)
}

#[test]
fn in_the_mean_there_are_no_more_frames_and_bytes_than_allowed() {
    for seed in 0..40 {
        let moves = [0, 1, 3, 20, 400][usize::try_from(seed % 5).unwrap()];
        let most_bytes = [200, 900, 2_900][usize::try_from(seed % 3).unwrap()];
        let (drawn, waits) = run(&mut rested(4, 1_000), seed, 30_000, (moves, most_bytes));
        for (from, (began, _)) in drawn.iter().enumerate() {
            let mut sum = 0;
            for (count, (ms, bytes)) in drawn[from..].iter().enumerate() {
                let span = ms - began;
                let frames = i64::try_from(count).unwrap() + 1;
                assert!(
                    frames * 1_000 <= 3_000 + span * 4 + 999,
                    "seed {seed}: {frames} in {span} ms"
                );
                // Frames of more than a second's bytes are the exception: one a second, at the most.
                if most_bytes < 1_000 {
                    // What was owed may end in the middle of a frame. What one costs is known from those
                    // before; here it is chance, and a part of what is owed is never paid back.
                    let span = span + span / 20;
                    assert!(sum <= span + 5_000 + 1_000, "seed {seed}: {sum} bytes in {span} ms");
                }
                sum += i64::try_from(*bytes).unwrap();
            }
        }
        let longest = waits.iter().max().copied().unwrap_or_default();
        assert!(longest <= 1_001, "seed {seed}: {longest} ms");
    }
}

#[test]
fn a_lone_movement_waits_for_nothing() {
    let mut pacer = rested(4, 1_000);
    let mut now = 11_000;
    for pause in [1_000, 333, 333, 334, 333, 333, 334, 700] {
        now += pause;
        pacer.moved();
        assert_eq!(wait(&pacer, now), 0, "at {now}");
        pacer.looked(Repaint::Whole, at(now));
        pacer.drew((Repaint::Whole, 250), at(now), at(now));
    }
}

#[test]
fn what_only_grew_older_leaves_all_other_frames_to_the_next_prices() {
    let mut pacer = rested(4, 1_000);
    for ms in [12_000, 12_010] {
        pacer.moved();
        assert_eq!(wait(&pacer, ms), 0);
        pacer.looked(Repaint::Whole, at(ms));
        pacer.drew((Repaint::Whole, 100), at(ms), at(ms));
    }
    pacer.aged(at(12_020));
    assert_eq!(wait(&pacer, 12_020), 480, "until there are three");
    pacer.moved();
    assert_eq!(wait(&pacer, 12_020), 0, "the price takes the last one, and it along");
    pacer.looked(Repaint::Whole, at(12_020));
    pacer.drew((Repaint::Whole, 5_000), at(12_020), at(12_020));
    pacer.aged(at(12_030));
    assert_eq!(wait(&pacer, 12_030), 1_270, "bytes are short: it looks by itself");
    assert_eq!(pacer.repaint(at(13_300)), Repaint::Lead);
    assert_eq!(pacer.repaint(at(14_030)), Repaint::Whole, "two seconds are enough");
}

#[test]
fn without_any_report_the_screen_looks_once_a_second() {
    let mut pacer = rested(4, 1_000);
    assert_eq!(wait(&pacer, 11_000), 1_300);
    pacer.looked(Repaint::Whole, at(12_300));
    assert_eq!(wait(&pacer, 12_300), 1_000);
    assert_eq!(wait(&pacer, 5_100), 1_200, "whatever the clock does");
}

#[test]
fn what_was_asked_for_is_drawn_at_once_and_what_holds_a_movement_is_known() {
    let mut pacer = rested(4, 1_000);
    for _ in 0..3 {
        pacer.looked(Repaint::Whole, at(12_000));
        pacer.drew((Repaint::Whole, 10), at(12_000), at(12_000));
    }
    pacer.moved();
    assert_eq!((wait(&pacer, 12_000), pacer.hold(at(12_000))), (250, Some(Hold::Cap)));
    assert_eq!(pacer.hold(at(12_250)), None);
    pacer.looked(Repaint::Whole, at(12_250));
    pacer.drew((Repaint::Lead, 14_000), at(12_250), at(12_250));
    pacer.moved();
    assert_eq!(pacer.hold(at(12_250)), Some(Hold::Bytes));
    pacer.draw_now();
    assert_eq!((wait(&pacer, 12_251), pacer.hold(at(12_251))), (0, None));
    assert!(pacer.looked(Repaint::Whole, at(12_251)), "drawn in any case");
    pacer.wrote(at(20_000), at(20_400));
    pacer.moved();
    assert_eq!((wait(&pacer, 20_400), pacer.hold(at(20_400))), (400, Some(Hold::Blocked)));
    pacer.wrote(at(21_000), at(61_000));
    assert_eq!(wait(&pacer, 61_000), 1_000);
}

/// Minutes of three prices a second, all that grows older beside them, and a fill now and then; a lead takes
/// 95 bytes, a whole frame `whole`, and one in a minute draws the chart anew. Returns the sorted waits of prices, the longest time without
/// a whole frame and the bytes a second.
fn live(max_bytes_per_second: u32, whole: u64) -> (Vec<i64>, i64, u64) {
    const MINUTES: i64 = 5;
    let mut pacer = rested(4, max_bytes_per_second);
    let mut random = fastrand::Rng::with_seed(3);
    let (mut waits, mut waiting, mut sent) = (Vec::new(), None, 0);
    let (mut next_price, mut next_age) = (20_000, 20_000);
    let (mut whole_at, mut longest, mut charted) = (20_000, 0, 0);
    for ms in 20_000..20_000 + MINUTES * 60_000 {
        if ms == next_price {
            next_price += random.i64(280..=386);
            pacer.moved();
            waiting.get_or_insert(ms);
        }
        if random.u32(0..9_000) == 0 {
            pacer.moved();
        }
        if ms == next_age {
            next_age += random.i64(300..=900);
            pacer.aged(at(ms));
        }
        if !pacer.is_due(at(ms)) {
            continue;
        }
        let repaint = pacer.repaint(at(ms));
        pacer.looked(repaint, at(ms));
        let bytes = match repaint {
            Repaint::Lead => 95,
            Repaint::Whole if charted < ms / 60_000 => {
                charted = ms / 60_000;
                4_000 + whole
            }
            Repaint::Whole => whole,
        };
        pacer.drew((repaint, bytes), at(ms), at(ms));
        sent += bytes;
        waits.extend(waiting.take().map(|since| ms - since));
        if repaint == Repaint::Whole {
            longest = longest.max(ms - whole_at);
            whole_at = ms;
        }
    }
    waits.sort_unstable();
    (waits, longest, sent / (MINUTES.unsigned_abs() * 60))
}

#[test]
fn with_positions_a_price_waits_for_no_bytes() {
    // Three positions, twenty, and a wide screen.
    for whole in [550, 1_100, 1_500] {
        let (waits, longest, rate) = live(1_000, whole);
        let of = |percent: usize| waits[(waits.len() - 1) * percent / 100];
        let figures = (of(50), of(99), longest, rate);
        println!("p50, p99, longest without a whole frame in ms, bytes a second: {figures:?}");
        assert!(of(50) == 0 && of(99) <= 50, "{whole}: {figures:?}");
        let slow = if whole > 1_100 { 4_400 } else { 2_400 };
        assert!(longest <= slow && rate <= 1_000, "{whole}: {figures:?}");
    }
}

#[test]
fn where_there_are_bytes_to_spare_frames_are_left_to_the_prices() {
    let (waits, longest, _) = live(1_000_000, 550);
    let late = waits.iter().filter(|wait| **wait > 0).count();
    assert!(late * 200 <= waits.len(), "{late} of {}", waits.len());
    assert!(longest <= 400, "a price takes the panels along: {longest} ms");
}

#[test]
fn the_panels_follow_a_lead_within_two_seconds() {
    let mut pacer = rested(30, 1_000);
    pacer.moved();
    assert_eq!(pacer.repaint(at(12_000)), Repaint::Whole, "there are bytes to spare");
    pacer.looked(Repaint::Whole, at(12_000));
    pacer.drew((Repaint::Whole, 1_500), at(12_000), at(12_000));
    for ms in [12_050, 12_100] {
        pacer.moved();
        assert_eq!((wait(&pacer, ms), pacer.repaint(at(ms))), (0, Repaint::Lead));
        assert!(!pacer.looked(Repaint::Lead, at(ms)));
        pacer.drew((Repaint::Lead, 90), at(ms), at(ms));
    }
    assert_eq!(wait(&pacer, 12_100), 1_118, "until there are bytes to spare");
    pacer.drew((Repaint::Lead, 900), at(12_100), at(12_100));
    assert_eq!(wait(&pacer, 12_100), 1_200, "by itself, for the lines above");
    pacer.moved();
    assert_eq!(pacer.repaint(at(13_799)), Repaint::Lead);
    assert_eq!(pacer.repaint(at(13_800)), Repaint::Whole, "it is due soon");
    pacer.draw_now();
    assert_eq!(pacer.repaint(at(12_101)), Repaint::Whole, "what a key asks for");
}

#[test]
fn a_large_frame_holds_no_lead_but_where_there_is_none_every_frame_is_paid() {
    let mut pacer = rested(30, 1_000);
    pacer.drew((Repaint::Lead, 90), at(12_000), at(12_000));
    // A position was closed: all of the screen moves.
    pacer.built_for_lead(Repaint::Whole);
    pacer.looked(Repaint::Whole, at(12_300));
    pacer.drew((Repaint::Whole, 14_000), at(12_300), at(12_300));
    pacer.moved();
    assert_eq!((wait(&pacer, 12_300), wait(&pacer, 12_393)), (93, 0));
    // A phone has no lead.
    pacer.built_for_lead(Repaint::Whole);
    pacer.looked(Repaint::Whole, at(12_600));
    pacer.drew((Repaint::Whole, 900), at(12_600), at(12_600));
    pacer.moved();
    assert_eq!(wait(&pacer, 12_600), 929);
    pacer.built_for_lead(Repaint::Lead);
    assert_eq!(wait(&pacer, 12_600), 93);
}

#[test]
fn while_the_screen_fills_panels_and_lead_move_together() {
    let fill = |pacer: &mut Pacer, from: i64| {
        let mut drawn = Vec::new();
        for ms in (from..from + 5_500).step_by(400) {
            pacer.moved();
            assert_eq!(wait(pacer, ms), 0, "at {ms}");
            let repaint = pacer.repaint(at(ms));
            pacer.looked(repaint, at(ms));
            let bytes = if repaint == Repaint::Whole { 2_500 } else { 90 };
            pacer.drew((repaint, bytes), at(ms), at(ms));
            drawn.push(repaint);
        }
        drawn
    };
    let mut pacer = pacer(4, 1_000);
    pacer.looked(Repaint::Whole, at(1_000));
    assert!(fill(&mut pacer, 1_400).iter().all(|repaint| *repaint == Repaint::Whole));
    // From then on every byte counts.
    assert!(fill(&mut rested(4, 1_000), 11_000).contains(&Repaint::Lead));
    // A clock that went back to before the start makes no second one.
    pacer.drew((Repaint::Whole, 20_000), at(500), at(500));
    pacer.drew((Repaint::Lead, 90), at(1_500), at(1_500));
    pacer.moved();
    assert_eq!(pacer.repaint(at(2_500)), Repaint::Lead);
}
