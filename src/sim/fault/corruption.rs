//! Corrupted data: lost, repeated and reordered frames, lists that lack rows, fields with invalid values.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::kinds::{Fault, when};
use super::schedule::{FaultTarget, Schedule};
use crate::sim::random::Random;

/// Past frames that are kept.
const KEPT_FRAMES: usize = 64;
/// Requests whose past responses are kept.
const KEPT_REQUESTS: usize = 64;
/// Past responses that are kept of one request.
const KEPT_RESPONSES: usize = 20;

/// Members that hold a value of an enumeration.
const ENUM_MEMBERS: [&str; 21] = [
    "holdSide",
    "posSide",
    "marginMode",
    "posMode",
    "side",
    "tradeSide",
    "orderType",
    "status",
    "state",
    "planStatus",
    "planType",
    "assetMode",
    "holdMode",
    "orderStatus",
    "positionStatus",
    "triggerType",
    "delegateType",
    "accountMode",
    "accountLevel",
    "tradeScope",
    "type",
];

/// The value of [`Fault::UnknownVariant`].
const UNKNOWN_VARIANT: &str = "future_variant";

/// Members that hold a time; rows of candles hold times too.
const TIME_MEMBERS: [&str; 14] = [
    "ts",
    "requestTime",
    "serverTime",
    "systemTime",
    "cTime",
    "uTime",
    "fillTime",
    "nextFundingTime",
    "createdTime",
    "updatedTime",
    "execTime",
    "nextUpdate",
    "fundingRateTimestamp",
    "T",
];

/// Past frames of a socket and past REST responses, for the faults that need them.
#[derive(Debug, Default)]
pub(in crate::sim) struct TrafficHistory {
    /// A frame that the next one overtakes, with its time.
    overtaken: Option<(i64, Value)>,
    /// Past frames with their times, oldest first.
    frames: VecDeque<(i64, Value)>,
    /// Past responses by path and query, as text: some are large.
    responses: HashMap<String, VecDeque<(i64, String)>>,
}

fn active(schedule: &mut Schedule, target: FaultTarget<'_>, fault: &Fault) -> bool {
    schedule.find(target, |active| (active == fault).then_some(())).is_some()
}

/// Returns the frames that are sent in place of one, in order.
pub(in crate::sim) fn corrupt_frame(
    schedule: &mut Schedule,
    target: FaultTarget<'_>,
    traffic: &mut TrafficHistory,
    now_ms: i64,
    mut frame: Value,
) -> Vec<Value> {
    if active(schedule, target, &Fault::Drop) {
        return Vec::new();
    }
    traffic.frames.push_back((now_ms, frame.clone()));
    if traffic.frames.len() > KEPT_FRAMES {
        traffic.frames.pop_front();
    }
    if let Some(data) = frame.get_mut("data") {
        corrupt(schedule, target, now_ms, data);
    }
    let (mut out, mut data_at_ms) = (Vec::new(), now_ms);
    if active(schedule, target, &Fault::Reorder) && traffic.overtaken.is_none() {
        traffic.overtaken = Some((now_ms, frame));
        return out;
    }
    if active(schedule, target, &Fault::Duplicate) {
        out.push(frame.clone());
    }
    let times = schedule.find(target, when!(Fault::Flood { times } => *times));
    for _ in 1..times.unwrap_or(1) {
        out.push(frame.clone());
    }
    out.push(frame);
    if let Some((at, frame)) = traffic.overtaken.take() {
        data_at_ms = at;
        out.push(frame);
    }
    let back = schedule.find(target, when!(Fault::Replay { ms } => *ms));
    if let Some(back) = back {
        let old = traffic.frames.iter().rev().find(|(at, _)| now_ms - at >= back);
        if let Some((at, frame)) = old {
            data_at_ms = data_at_ms.min(*at);
            schedule.record(target, Fault::Replay { ms: back }, *at);
            out.push(frame.clone());
        }
    }
    if let Some(offset) = clock_offset(schedule, target, data_at_ms) {
        for frame in &mut out {
            shift_times(frame, offset);
        }
    }
    out
}

/// Corrupts a good response. `request` is its path and query.
pub(in crate::sim) fn corrupt_response(
    schedule: &mut Schedule,
    target: FaultTarget<'_>,
    traffic: &mut TrafficHistory,
    now_ms: i64,
    request: &str,
    body: &mut Value,
) {
    let mut data_at_ms = now_ms;
    let responses = traffic.responses.entry(request.to_owned()).or_default();
    let back = schedule.find(target, when!(Fault::StaleRest { ms } => *ms));
    if let Some(back) = back
        && let Some((at, old)) = responses.iter().rev().find(|(at, _)| now_ms - at >= back)
    {
        *body = serde_json::from_str(old).unwrap_or_default();
        data_at_ms = *at;
        schedule.record(target, Fault::StaleRest { ms: back }, data_at_ms);
    } else {
        responses.push_back((now_ms, body.to_string()));
        if responses.len() > KEPT_RESPONSES {
            responses.pop_front();
        }
    }
    if traffic.responses.len() > KEPT_REQUESTS {
        traffic.responses.clear();
    }
    if let Some(data) = body.get_mut("data") {
        if active(schedule, target, &Fault::NullData) {
            *data = Value::Null;
        } else if active(schedule, target, &Fault::EmptyObject) {
            *data = json!({});
        } else {
            corrupt(schedule, target, data_at_ms, data);
        }
    }
    if let Some(offset) = clock_offset(schedule, target, data_at_ms) {
        shift_times(body, offset);
    }
}

/// Returns by how much the exchange's clock is ahead.
fn clock_offset(schedule: &mut Schedule, target: FaultTarget<'_>, data_at_ms: i64) -> Option<i64> {
    let ms = schedule.find(target, when!(Fault::ClockOffset { ms } => *ms))?;
    schedule.record(target, Fault::ClockOffset { ms }, data_at_ms);
    Some(ms)
}

/// Corrupts data in place.
fn corrupt(schedule: &mut Schedule, target: FaultTarget<'_>, data_at_ms: i64, data: &mut Value) {
    if active(schedule, target, &Fault::EmptyList)
        && let Some(rows) = rows_of(data)
        && !rows.is_empty()
    {
        let left_out = std::mem::take(rows);
        schedule.record_without(target, Fault::EmptyList, data_at_ms, left_out);
    }
    if active(schedule, target, &Fault::Partial)
        && let Some(rows) = rows_of(data)
        && !rows.is_empty()
    {
        let index = pick(schedule.random(), rows.len());
        let left_out = vec![rows.remove(index)];
        schedule.record_without(target, Fault::Partial, data_at_ms, left_out);
    }
    if active(schedule, target, &Fault::Mutate) {
        let value = invalid_value(schedule.random());
        replace_leaf(data, schedule.random(), value);
        schedule.record(target, Fault::Mutate, data_at_ms);
    }
    if active(schedule, target, &Fault::ControlCharacters) {
        let text = "\u{1b}]52;c;Y2FuYXJ5\u{7}\u{9b}31m\u{202e}\u{1b}[2J\u{0}x";
        replace_leaf(data, schedule.random(), text.into());
        schedule.record(target, Fault::ControlCharacters, data_at_ms);
    }
    if active(schedule, target, &Fault::UnknownVariant) {
        each_object(data, &mut |object| {
            for (name, value) in object.iter_mut() {
                if ENUM_MEMBERS.contains(&name.as_str()) {
                    *value = UNKNOWN_VARIANT.into();
                }
            }
        });
        schedule.record(target, Fault::UnknownVariant, data_at_ms);
    }
    if active(schedule, target, &Fault::ExtraFields) {
        each_object(data, &mut |object| {
            for number in 0..50 {
                object.insert(format!("extra{number}"), json!({ "nested": [number, null] }));
            }
        });
    }
}

fn pick(random: &mut Random, count: usize) -> usize {
    usize::try_from(random.below(count as u64)).unwrap_or(0)
}

/// Returns the rows of a list, or of the first list in an object.
fn rows_of(data: &mut Value) -> Option<&mut Vec<Value>> {
    match data {
        Value::Array(rows) => Some(rows),
        Value::Object(object) => object.values_mut().find_map(Value::as_array_mut),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Returns a value that is invalid in every field: never a number that could be taken for a real one.
fn invalid_value(random: &mut Random) -> Value {
    match random.below(12) {
        0 => Value::Null,
        1 => "".into(),
        2 => "NaN".into(),
        3 => "inf".into(),
        4 => "1e400".into(),
        5 => "1,5".into(),
        6 => true.into(),
        7 => json!([]),
        8 => json!({ "a": 1 }),
        9 => "9".repeat(40).into(),
        10 => "x".repeat(10_000).into(),
        _ => "--".into(),
    }
}

fn count_leaves(value: &Value) -> usize {
    match value {
        Value::Array(all) => all.iter().map(count_leaves).sum(),
        Value::Object(all) => all.values().map(count_leaves).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

fn replace_leaf(data: &mut Value, random: &mut Random, new: Value) {
    let count = count_leaves(data);
    if count > 0 {
        let mut index = pick(random, count);
        if let Some(leaf) = leaf(data, &mut index) {
            *leaf = new;
        }
    }
}

fn leaf<'a>(value: &'a mut Value, index: &mut usize) -> Option<&'a mut Value> {
    match value {
        Value::Array(all) => all.iter_mut().find_map(|value| leaf(value, index)),
        Value::Object(all) => all.values_mut().find_map(|value| leaf(value, index)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            if *index == 0 {
                return Some(value);
            }
            *index -= 1;
            None
        }
    }
}

fn each_object(value: &mut Value, change: &mut impl FnMut(&mut serde_json::Map<String, Value>)) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(|value| each_object(value, change)),
        Value::Object(object) => {
            object.values_mut().for_each(|value| each_object(value, change));
            change(object);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Moves every time by `offset_ms`: the exchange has one clock.
fn shift_times(value: &mut Value, offset_ms: i64) {
    each_object(value, &mut |object| {
        for (name, value) in object.iter_mut() {
            if !TIME_MEMBERS.contains(&name.as_str()) {
                continue;
            }
            if let Some(time) = value.as_i64() {
                *value = (time + offset_ms).into();
            } else if let Some(time) = value.as_str().and_then(|text| text.parse::<i64>().ok()) {
                *value = (time + offset_ms).to_string().into();
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::kinds::On;
    use super::super::script::{Entry, Script};
    use super::*;

    const TARGET: FaultTarget<'_> = FaultTarget { on: On::Private, path: "positions" };

    fn schedule(fault: Fault) -> Schedule {
        let mut schedule = Schedule::new(Script { seed: 3, steps: vec![Entry::now(fault)] }, 0);
        schedule.advance(0);
        schedule
    }

    fn pass(
        schedule: &mut Schedule,
        traffic: &mut TrafficHistory,
        now: i64,
        number: i64,
    ) -> Vec<i64> {
        let frame = json!({ "data": [{ "n": number }], "ts": now });
        let out = corrupt_frame(schedule, TARGET, traffic, now, frame);
        out.iter().filter_map(|frame| frame.pointer("/data/0/n")?.as_i64()).collect()
    }

    #[test]
    fn frames_are_dropped_duplicated_reordered_and_replayed() {
        let mut traffic = TrafficHistory::default();
        assert_eq!(pass(&mut schedule(Fault::Drop), &mut traffic, 0, 1), Vec::<i64>::new());
        assert_eq!(pass(&mut schedule(Fault::Duplicate), &mut traffic, 0, 2), [2, 2]);
        assert_eq!(pass(&mut schedule(Fault::Flood { times: 3 }), &mut traffic, 0, 3), [3, 3, 3]);
        let mut reorder = schedule(Fault::Reorder);
        assert_eq!(pass(&mut reorder, &mut traffic, 10, 4), Vec::<i64>::new());
        assert_eq!(pass(&mut reorder, &mut traffic, 20, 5), [5, 4]);
        assert_eq!(pass(&mut schedule(Fault::Replay { ms: 15 }), &mut traffic, 30, 6), [6, 4]);
    }

    #[test]
    fn stale_responses_are_old_ones_unchanged() {
        let (mut traffic, good) =
            (TrafficHistory::default(), json!({ "data": [1], "requestTime": 5 }));
        let mut stale = schedule(Fault::StaleRest { ms: 10 });
        let mut respond = |now, mut body: Value| {
            corrupt_response(&mut stale, TARGET, &mut traffic, now, "/a", &mut body);
            body
        };
        assert_eq!(respond(5, good.clone()), good);
        assert_eq!(respond(9, json!({ "data": [2] })), json!({ "data": [2] }));
        assert_eq!(respond(17, json!({ "data": [3] })), good);
    }

    #[test]
    fn a_clock_offset_moves_every_time() {
        let mut body = json!({ "requestTime": 1_000, "data": [{ "uTime": "2000", "n": "7" }] });
        let mut ahead = schedule(Fault::ClockOffset { ms: 500 });
        corrupt_response(&mut ahead, TARGET, &mut TrafficHistory::default(), 0, "/a", &mut body);
        assert_eq!(body, json!({ "requestTime": 1_500, "data": [{ "uTime": "2500", "n": "7" }] }));
    }

    #[test]
    fn corruptions_are_recorded_with_the_age_of_their_data() {
        let mut traffic = TrafficHistory::default();
        pass(&mut schedule(Fault::ExtraFields), &mut traffic, 0, 1);
        let steps = [Fault::Replay { ms: 15 }, Fault::ClockOffset { ms: 500 }, Fault::EmptyList];
        let steps = steps.map(Entry::now).to_vec();
        let mut schedule = Schedule::new(Script { seed: 3, steps }, 0);
        schedule.advance(30);
        pass(&mut schedule, &mut traffic, 30, 2);
        let taken = schedule.take_corruptions();
        let recorded: Vec<_> =
            taken.iter().map(|c| (c.at_ms, c.data_at_ms, c.path.as_str(), &c.fault)).collect();
        let left_out: Vec<_> = taken.iter().map(|c| c.left_out.clone()).collect();
        assert_eq!(left_out, [vec![json!({ "n": 2 })], vec![], vec![]]);
        assert_eq!(
            recorded,
            [
                (30, 30, "positions", &Fault::EmptyList),
                (30, 0, "positions", &Fault::Replay { ms: 15 }),
                (30, 0, "positions", &Fault::ClockOffset { ms: 500 }),
            ]
        );
        assert_eq!(schedule.take_corruptions(), []);
    }

    #[test]
    fn lists_lack_rows_and_fields_are_invalid() {
        let rows = json!({ "data": { "list": [{ "holdSide": "long" }, { "holdSide": "short" }] } });
        let corrupted = |fault| {
            let mut body = rows.clone();
            corrupt_response(
                &mut schedule(fault),
                TARGET,
                &mut TrafficHistory::default(),
                0,
                "/a",
                &mut body,
            );
            body
        };
        assert_eq!(corrupted(Fault::EmptyList), json!({ "data": { "list": [] } }));
        assert_eq!(corrupted(Fault::NullData), json!({ "data": null }));
        let partial = corrupted(Fault::Partial);
        assert_eq!(partial.pointer("/data/list").unwrap().as_array().unwrap().len(), 1);
        let unknown = corrupted(Fault::UnknownVariant);
        assert_eq!(unknown.pointer("/data/list/0/holdSide").unwrap(), UNKNOWN_VARIANT);
        assert_ne!(corrupted(Fault::Mutate), rows);
        assert!(corrupted(Fault::ControlCharacters).to_string().contains("\\u001b"));
    }
}
