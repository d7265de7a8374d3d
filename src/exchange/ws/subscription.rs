//! The state of each subscription: its own deadlines and its own backoff, so that a channel that is
//! refused or silent affects no other.

use std::collections::VecDeque;
use std::time::Duration;

use super::operation::MAX_ARGUMENTS;
use crate::domain::Timestamp;
use crate::exchange::{Channel, Topic};

/// A channel that was refused or stays silent is retried after this, then after twice as long each
/// time: the exchange allows 240 subscriptions per hour.
const RETRY: Duration = Duration::from_secs(10);
const LONGEST_RETRY: Duration = Duration::from_secs(600);
/// The pause before a channel that lost its sequence twice in a row is subscribed to again; it doubles.
const FIRST_RESUBSCRIBE: Duration = Duration::from_secs(1);
const LONGEST_RESUBSCRIBE: Duration = Duration::from_secs(64);
/// Isolated losses have no pause; this many within this span are half of those 240.
const MAX_RESUBSCRIBES: usize = 20;
const RESUBSCRIBES_WITHIN: Duration = Duration::from_secs(600);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// To be subscribed to.
    Wanted,
    /// Subscribed to; waits for the acknowledgement.
    Sent(Timestamp),
    /// Acknowledged; waits for the first data where some must follow.
    Acknowledged(Timestamp),
    /// Receives data, or needs none.
    Active,
    /// Refused or silent; retried at this time.
    BackingOff(Timestamp),
    /// Lost its sequence and is unsubscribed from; subscribed to again at this time. Data that still
    /// arrive are ignored.
    Resubscribing(Timestamp),
}

#[derive(Debug)]
struct Subscription {
    channel: Channel,
    state: State,
    /// How often in a row it was refused or silent.
    failed: u32,
    /// How often in a row it lost its sequence.
    lost: u32,
    /// When it was last subscribed to.
    sent_at: Timestamp,
    /// Data have arrived since then.
    has_data: bool,
    /// When it was last resubscribed to, oldest first, bounded.
    resubscribed: VecDeque<Timestamp>,
}

impl Subscription {
    fn back_off(&mut self, now: Timestamp) {
        let pause = RETRY.saturating_mul(1 << self.failed.min(10)).min(LONGEST_RETRY);
        self.failed = self.failed.saturating_add(1);
        self.state = State::BackingOff(now.after(pause));
    }

    fn ready(&self, now: Timestamp) -> ReadyChannel {
        let (channel, after) = (self.channel.clone(), now.since(self.sent_at));
        ReadyChannel { channel, after, has_data: self.has_data }
    }
}

/// A channel that was acknowledged and needs no data, or whose first data have arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyChannel {
    /// The channel.
    pub channel: Channel,
    /// Since it was subscribed to.
    pub after: Duration,
    /// Whether data have arrived.
    pub has_data: bool,
}

/// All subscriptions of a session.
#[derive(Debug)]
pub(super) struct Subscriptions {
    all: Vec<Subscription>,
    unwanted: Vec<Channel>,
    ack_within: Duration,
    data_within: Duration,
}

/// What the deadlines found.
#[derive(Debug, Default)]
pub(super) struct Overdue {
    /// Channels without acknowledgement or without the data that must follow it.
    pub(super) silent: Vec<Channel>,
    /// No channel at all was acknowledged.
    pub(super) ack_timeout: bool,
}

impl Subscriptions {
    pub(super) fn new(channels: Vec<Channel>, ack_within: Duration, data_within: Duration) -> Self {
        let all = channels.into_iter().map(wanted).collect();
        Self { all, unwanted: Vec::new(), ack_within, data_within }
    }

    /// Changes the wanted channels; those that stay are left alone.
    pub(super) fn want(&mut self, channels: Vec<Channel>) {
        let (kept, dropped): (Vec<_>, Vec<_>) =
            self.all.drain(..).partition(|held| channels.contains(&held.channel));
        self.all = kept;
        for held in dropped {
            if !matches!(held.state, State::Wanted) {
                self.unwanted.push(held.channel);
            }
        }
        for channel in channels {
            // One that is being resubscribed to must still be unsubscribed from first.
            let mut held = self.all.iter().filter(|held| held.channel == channel);
            if !held.any(|held| matches!(held.state, State::Resubscribing(_))) {
                self.unwanted.retain(|unwanted| *unwanted != channel);
            }
            if !self.all.iter().any(|held| held.channel == channel) {
                self.all.push(wanted(channel));
            }
        }
    }

    /// Takes the channels of the next frame that unsubscribes.
    pub(super) fn next_unwanted(&mut self) -> Vec<Channel> {
        let count = self.unwanted.len().min(MAX_ARGUMENTS);
        self.unwanted.drain(..count).collect()
    }

    /// Takes the channels of the next frame that subscribes.
    pub(super) fn next_wanted(&mut self, now: Timestamp) -> Vec<Channel> {
        let mut taken = Vec::new();
        for held in &mut self.all {
            let due = match held.state {
                State::Wanted => true,
                State::BackingOff(until) | State::Resubscribing(until) => until <= now,
                State::Sent(_) | State::Acknowledged(_) | State::Active => false,
            };
            if due && taken.len() < MAX_ARGUMENTS {
                held.state = State::Sent(now);
                (held.sent_at, held.has_data) = (now, false);
                taken.push(held.channel.clone());
            }
        }
        taken
    }

    /// Returns whether something waits to be sent.
    pub(super) fn has_work(&self) -> bool {
        !self.unwanted.is_empty() || self.all.iter().any(|held| held.state == State::Wanted)
    }

    /// A channel was acknowledged; a second acknowledgement changes nothing. Returns it where nothing more must
    /// follow.
    pub(super) fn acknowledged(
        &mut self,
        topic: &Topic<'_>,
        now: Timestamp,
    ) -> Option<ReadyChannel> {
        let mut ready = None;
        for held in self.all.iter_mut().filter(|held| topic.is(&held.channel)) {
            if matches!(held.state, State::Sent(_) | State::BackingOff(_)) {
                let waits = held.channel.expects_data;
                held.state = if waits { State::Acknowledged(now) } else { State::Active };
                ready = (!waits).then(|| held.ready(now));
            }
        }
        ready
    }

    /// A channel was refused; returns it.
    pub(super) fn refused(&mut self, topic: &Topic<'_>, now: Timestamp) -> Option<Channel> {
        let held = self.all.iter_mut().find(|held| topic.is(&held.channel))?;
        held.back_off(now);
        Some(held.channel.clone())
    }

    /// A channel lost its sequence: it is unsubscribed from and subscribed to again, after a pause that
    /// doubles while losses follow each other; one that `was_healthy` before starts over. Returns it.
    pub(super) fn resubscribe(
        &mut self,
        topic: &Topic<'_>,
        now: Timestamp,
        was_healthy: bool,
    ) -> Option<Channel> {
        let held = self.all.iter_mut().find(|held| topic.is(&held.channel))?;
        let lost = if was_healthy { 0 } else { held.lost };
        let pause = match lost.checked_sub(1) {
            None => Duration::ZERO,
            Some(again) => {
                FIRST_RESUBSCRIBE.saturating_mul(1 << again.min(10)).min(LONGEST_RESUBSCRIBE)
            }
        };
        held.lost = lost.saturating_add(1);
        let full = held.resubscribed.len() >= MAX_RESUBSCRIBES;
        let oldest = full.then(|| held.resubscribed.pop_front()).flatten();
        let free = oldest.map_or(now, |oldest| oldest.after(RESUBSCRIBES_WITHIN));
        let until = now.after(pause).max(free);
        held.resubscribed.push_back(until);
        held.state = State::Resubscribing(until);
        self.unwanted.push(held.channel.clone());
        Some(held.channel.clone())
    }

    /// Returns whether data of a channel are to be used.
    pub(super) fn accepts(&self, topic: &Topic<'_>) -> bool {
        let held = self.all.iter().find(|held| topic.is(&held.channel));
        held.is_some_and(|held| !matches!(held.state, State::Resubscribing(_)))
    }

    /// Data of a channel arrived: it is active, whatever was acknowledged. Returns it with the first data.
    pub(super) fn data(&mut self, topic: &Topic<'_>, now: Timestamp) -> Option<ReadyChannel> {
        let held = self.all.iter_mut().find(|held| topic.is(&held.channel))?;
        held.state = State::Active;
        held.failed = 0;
        let is_first = !std::mem::replace(&mut held.has_data, true);
        is_first.then(|| held.ready(now))
    }

    /// Returns whether every channel has been acknowledged or found silent, and at least one is active
    /// or may become so.
    pub(super) fn settled(&self) -> bool {
        let open = |held: &Subscription| matches!(held.state, State::Wanted | State::Sent(_));
        let good =
            |held: &Subscription| matches!(held.state, State::Acknowledged(_) | State::Active);
        !self.all.iter().any(open) && (self.all.is_empty() || self.all.iter().any(good))
    }

    /// Returns whether every channel is backing off: such a connection is useless.
    pub(super) fn all_backing_off(&self) -> bool {
        !self.all.is_empty()
            && self.all.iter().all(|held| matches!(held.state, State::BackingOff(_)))
    }

    /// Checks the deadlines.
    pub(super) fn overdue(&mut self, now: Timestamp) -> Overdue {
        let mut found = Overdue::default();
        let mut acknowledged = false;
        for held in &mut self.all {
            let limit = match held.state {
                State::Sent(at) => at.after(self.ack_within),
                State::Acknowledged(at) => at.after(self.data_within),
                State::Active => {
                    acknowledged = true;
                    continue;
                }
                State::Wanted | State::BackingOff(_) | State::Resubscribing(_) => continue,
            };
            acknowledged |= matches!(held.state, State::Acknowledged(_));
            if limit <= now {
                found.ack_timeout |= matches!(held.state, State::Sent(_));
                held.back_off(now);
                found.silent.push(held.channel.clone());
            }
        }
        found.ack_timeout &= !acknowledged;
        found
    }

    /// Returns the next time at which [`overdue`](Self::overdue) or a retry has something to do.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.all
            .iter()
            .filter_map(|held| match held.state {
                State::Sent(at) => Some(at.after(self.ack_within)),
                State::Acknowledged(at) => Some(at.after(self.data_within)),
                State::BackingOff(until) | State::Resubscribing(until) => Some(until),
                State::Wanted | State::Active => None,
            })
            .min()
    }
}

const fn wanted(channel: Channel) -> Subscription {
    let resubscribed = VecDeque::new();
    Subscription {
        channel,
        state: State::Wanted,
        failed: 0,
        lost: 0,
        sent_at: Timestamp::from_millis(0),
        has_data: false,
        resubscribed,
    }
}
