//! What is said, spoiled: frames that get lost or come again, lists that lack rows, fields that are none.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use super::kinds::Fault;
use super::plan::{Plan, Target};
use crate::sim::random::Random;

/// Frames that are kept for coming again, and questions whose answers are.
const KEPT: usize = 64;
/// Answers that are kept of one question.
const KEPT_ANSWERS: usize = 20;

/// Members that hold one word of a list of known ones.
const WORDS: [&str; 21] = [
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

/// Members that hold a time, beside those in rows of candles.
const TIMES: [&str; 14] = [
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

/// What a connection or the exchange remembers for faults that need the past.
#[derive(Debug, Default)]
pub(in crate::sim) struct Memory {
    /// A frame that waits for the next to overtake it.
    held: Option<Value>,
    /// Frames of before.
    frames: VecDeque<(i64, Value)>,
    /// Answers of before, by path and query, as text: some are large.
    answers: HashMap<String, VecDeque<(i64, String)>>,
}

fn active(plan: &mut Plan, target: Target<'_>, wanted: &Fault) -> bool {
    plan.find(target, |fault| (fault == wanted).then_some(())).is_some()
}

/// Returns what becomes of one frame: none, one or more, in order.
pub(in crate::sim) fn frames(
    plan: &mut Plan,
    target: Target<'_>,
    memory: &mut Memory,
    now_ms: i64,
    mut frame: Value,
) -> Vec<Value> {
    if active(plan, target, &Fault::Drop) {
        return Vec::new();
    }
    memory.frames.push_back((now_ms, frame.clone()));
    if memory.frames.len() > KEPT {
        memory.frames.pop_front();
    }
    if let Some(data) = frame.get_mut("data") {
        spoil(plan, target, data);
    }
    let mut out = Vec::new();
    if active(plan, target, &Fault::Reorder) && memory.held.is_none() {
        memory.held = Some(frame);
        return out;
    }
    if active(plan, target, &Fault::Duplicate) {
        out.push(frame.clone());
    }
    let times = plan.find(target, when!(Fault::Flood { times } => *times));
    for _ in 1..times.unwrap_or(1) {
        out.push(frame.clone());
    }
    out.push(frame);
    out.extend(memory.held.take());
    let back = plan.find(target, when!(Fault::Replay { ms } => *ms));
    if let Some(back) = back {
        let old = memory.frames.iter().rev().find(|(at, _)| now_ms - at >= back);
        out.extend(old.map(|(_, frame)| frame.clone()));
    }
    if let Some(offset) = offset(plan, target) {
        for frame in &mut out {
            shift_times(frame, offset);
        }
    }
    out
}

/// Spoils a good answer. `asked` is its path and query.
pub(in crate::sim) fn answer(
    plan: &mut Plan,
    target: Target<'_>,
    memory: &mut Memory,
    now_ms: i64,
    asked: &str,
    body: &mut Value,
) {
    let answers = memory.answers.entry(asked.to_owned()).or_default();
    let back = plan.find(target, when!(Fault::StaleRest { ms } => *ms));
    if let Some(back) = back
        && let Some((_, old)) = answers.iter().rev().find(|(at, _)| now_ms - at >= back)
    {
        *body = serde_json::from_str(old).unwrap_or_default();
    } else {
        answers.push_back((now_ms, body.to_string()));
        if answers.len() > KEPT_ANSWERS {
            answers.pop_front();
        }
    }
    if memory.answers.len() > KEPT {
        memory.answers.clear();
    }
    if let Some(data) = body.get_mut("data") {
        if active(plan, target, &Fault::NullData) {
            *data = Value::Null;
        } else if active(plan, target, &Fault::EmptyObject) {
            *data = json!({});
        } else {
            spoil(plan, target, data);
        }
    }
    if let Some(offset) = offset(plan, target) {
        shift_times(body, offset);
    }
}

/// Returns how far the exchange's clock is off.
fn offset(plan: &mut Plan, target: Target<'_>) -> Option<i64> {
    plan.find(target, when!(Fault::ClockOffset { ms } => *ms))
}

/// Spoils data in place.
fn spoil(plan: &mut Plan, target: Target<'_>, data: &mut Value) {
    if active(plan, target, &Fault::EmptyList)
        && let Some(rows) = rows_of(data)
    {
        rows.clear();
    }
    if active(plan, target, &Fault::Partial)
        && let Some(rows) = rows_of(data)
        && !rows.is_empty()
    {
        let index = pick(plan.random(), rows.len());
        rows.remove(index);
    }
    if active(plan, target, &Fault::Mutate) {
        let value = hostile(plan.random());
        replace_leaf(data, plan.random(), value);
    }
    if active(plan, target, &Fault::ControlCharacters) {
        let text = "\u{1b}]52;c;Y2FuYXJ5\u{7}\u{9b}31m\u{202e}\u{1b}[2J\u{0}x";
        replace_leaf(data, plan.random(), text.into());
    }
    if active(plan, target, &Fault::UnknownWord) {
        each_object(data, &mut |object| {
            for (name, value) in object.iter_mut() {
                if WORDS.contains(&name.as_str()) {
                    *value = "word_of_tomorrow".into();
                }
            }
        });
    }
    if active(plan, target, &Fault::ExtraFields) {
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

/// Returns the rows of a list, or of the list in an object.
fn rows_of(data: &mut Value) -> Option<&mut Vec<Value>> {
    match data {
        Value::Array(rows) => Some(rows),
        Value::Object(object) => object.values_mut().find_map(Value::as_array_mut),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Returns a value that no field can have: never a number that could be taken for a true one.
fn hostile(random: &mut Random) -> Value {
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

/// Moves every time by `offset_ms`: the exchange's clock is off everywhere at once.
fn shift_times(value: &mut Value, offset_ms: i64) {
    each_object(value, &mut |object| {
        for (name, value) in object.iter_mut() {
            if !TIMES.contains(&name.as_str()) {
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

    const TARGET: Target<'_> = Target { on: On::Private, path: "positions" };

    fn plan(fault: Fault) -> Plan {
        let mut plan = Plan::new(Script { seed: 3, steps: vec![Entry::now(fault)] }, 0);
        plan.advance(0);
        plan
    }

    fn pass(plan: &mut Plan, memory: &mut Memory, now: i64, number: i64) -> Vec<i64> {
        let frame = json!({ "data": [{ "n": number }], "ts": now });
        let out = frames(plan, TARGET, memory, now, frame);
        out.iter().filter_map(|frame| frame.pointer("/data/0/n")?.as_i64()).collect()
    }

    #[test]
    fn frames_get_lost_double_change_places_and_come_again() {
        let mut memory = Memory::default();
        assert_eq!(pass(&mut plan(Fault::Drop), &mut memory, 0, 1), Vec::<i64>::new());
        assert_eq!(pass(&mut plan(Fault::Duplicate), &mut memory, 0, 2), [2, 2]);
        assert_eq!(pass(&mut plan(Fault::Flood { times: 3 }), &mut memory, 0, 3), [3, 3, 3]);
        let mut reorder = plan(Fault::Reorder);
        assert_eq!(pass(&mut reorder, &mut memory, 10, 4), Vec::<i64>::new());
        assert_eq!(pass(&mut reorder, &mut memory, 20, 5), [5, 4]);
        assert_eq!(pass(&mut plan(Fault::Replay { ms: 15 }), &mut memory, 30, 6), [6, 4]);
    }

    #[test]
    fn old_answers_come_again_whole() {
        let (mut memory, good) = (Memory::default(), json!({ "data": [1], "requestTime": 5 }));
        let mut stale = plan(Fault::StaleRest { ms: 10 });
        let mut ask = |now, mut body: Value| {
            answer(&mut stale, TARGET, &mut memory, now, "/a", &mut body);
            body
        };
        assert_eq!(ask(5, good.clone()), good);
        assert_eq!(ask(9, json!({ "data": [2] })), json!({ "data": [2] }));
        assert_eq!(ask(17, json!({ "data": [3] })), good);
    }

    #[test]
    fn the_clock_is_off_everywhere() {
        let mut body = json!({ "requestTime": 1_000, "data": [{ "uTime": "2000", "n": "7" }] });
        let mut ahead = plan(Fault::ClockOffset { ms: 500 });
        answer(&mut ahead, TARGET, &mut Memory::default(), 0, "/a", &mut body);
        assert_eq!(body, json!({ "requestTime": 1_500, "data": [{ "uTime": "2500", "n": "7" }] }));
    }

    #[test]
    fn lists_lack_rows_and_fields_are_spoiled() {
        let rows = json!({ "data": { "list": [{ "holdSide": "long" }, { "holdSide": "short" }] } });
        let spoiled = |fault| {
            let mut body = rows.clone();
            answer(&mut plan(fault), TARGET, &mut Memory::default(), 0, "/a", &mut body);
            body
        };
        assert_eq!(spoiled(Fault::EmptyList), json!({ "data": { "list": [] } }));
        assert_eq!(spoiled(Fault::NullData), json!({ "data": null }));
        let partial = spoiled(Fault::Partial);
        assert_eq!(partial.pointer("/data/list").unwrap().as_array().unwrap().len(), 1);
        let word = spoiled(Fault::UnknownWord);
        assert_eq!(word.pointer("/data/list/0/holdSide").unwrap(), "word_of_tomorrow");
        assert_ne!(spoiled(Fault::Mutate), rows);
        assert!(spoiled(Fault::ControlCharacters).to_string().contains("\\u001b"));
    }
}
