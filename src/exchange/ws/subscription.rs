//! The state of each subscription: its own deadline and its own paced retry, so that one channel that
//! is refused or silent harms no other.

use std::collections::VecDeque;
use std::time::Duration;

use super::request::MOST_ARGUMENTS;
use crate::domain::Timestamp;
use crate::exchange::{Channel, Topic};

/// A channel that was refused or stays silent is asked for again after this, then after twice as long
/// each time: the exchange allows 240 subscriptions an hour.
const RETRY: Duration = Duration::from_secs(10);
const LONGEST_RETRY: Duration = Duration::from_secs(600);
/// The pause before a channel that lost its place is asked for a second time in a row; it doubles.
const RENEWAL: Duration = Duration::from_secs(1);
const LONGEST_RENEWAL: Duration = Duration::from_secs(64);
/// Losses that come by chance are not in a row; so many of them within this span are half of those 240.
const MOST_RENEWALS: usize = 20;
const RENEWALS_WITHIN: Duration = Duration::from_secs(600);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// To be asked for.
    Wanted,
    /// Asked for; waits for the acknowledgement.
    Sent(Timestamp),
    /// Acknowledged; waits for the first data where some must come.
    Acknowledged(Timestamp),
    /// Works.
    Working,
    /// Refused or silent; asked for again at this time.
    Resting(Timestamp),
    /// Lost its place and is ended; asked for again at this time. What still comes of it is of no use.
    Leaving(Timestamp),
}

#[derive(Debug)]
struct Subscription {
    channel: Channel,
    state: State,
    /// How often in a row it was refused or silent.
    failed: u32,
    /// How often in a row it lost its place.
    lost: u32,
    /// When it was asked for again, the last times.
    renewed: VecDeque<Timestamp>,
}

impl Subscription {
    fn rest(&mut self, now: Timestamp) {
        let pause = RETRY.saturating_mul(1 << self.failed.min(10)).min(LONGEST_RETRY);
        self.failed = self.failed.saturating_add(1);
        self.state = State::Resting(now.after(pause));
    }
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
    /// Nothing at all was acknowledged: the exchange does not listen.
    pub(super) unheard: bool,
}

impl Subscriptions {
    pub(super) fn new(channels: Vec<Channel>, ack_within: Duration, data_within: Duration) -> Self {
        let all = channels.into_iter().map(wanted).collect();
        Self { all, unwanted: Vec::new(), ack_within, data_within }
    }

    /// Changes what is wanted; what stays is left alone.
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
            // One that is to begin anew must still be ended first.
            let mut held = self.all.iter().filter(|held| held.channel == channel);
            if !held.any(|held| matches!(held.state, State::Leaving(_))) {
                self.unwanted.retain(|unwanted| *unwanted != channel);
            }
            if !self.all.iter().any(|held| held.channel == channel) {
                self.all.push(wanted(channel));
            }
        }
    }

    /// Takes the channels of the next frame that ends subscriptions.
    pub(super) fn next_unwanted(&mut self) -> Vec<Channel> {
        let count = self.unwanted.len().min(MOST_ARGUMENTS);
        self.unwanted.drain(..count).collect()
    }

    /// Takes the channels of the next frame that subscribes.
    pub(super) fn next_wanted(&mut self, now: Timestamp) -> Vec<Channel> {
        let mut taken = Vec::new();
        for held in &mut self.all {
            let due = match held.state {
                State::Wanted => true,
                State::Resting(until) | State::Leaving(until) => until <= now,
                State::Sent(_) | State::Acknowledged(_) | State::Working => false,
            };
            if due && taken.len() < MOST_ARGUMENTS {
                held.state = State::Sent(now);
                taken.push(held.channel.clone());
            }
        }
        taken
    }

    /// Returns whether something waits to be sent.
    pub(super) fn has_work(&self) -> bool {
        !self.unwanted.is_empty() || self.all.iter().any(|held| held.state == State::Wanted)
    }

    /// A channel was acknowledged; a second acknowledgement changes nothing.
    pub(super) fn acknowledged(&mut self, topic: &Topic<'_>, now: Timestamp) {
        for held in self.all.iter_mut().filter(|held| topic.is(&held.channel)) {
            if matches!(held.state, State::Sent(_) | State::Resting(_)) {
                let waits = held.channel.expects_data;
                held.state = if waits { State::Acknowledged(now) } else { State::Working };
            }
        }
    }

    /// A channel was refused; returns it.
    pub(super) fn refused(&mut self, topic: &Topic<'_>, now: Timestamp) -> Option<Channel> {
        let held = self.all.iter_mut().find(|held| topic.is(&held.channel))?;
        held.rest(now);
        Some(held.channel.clone())
    }

    /// A channel lost its place: it is ended and asked for again, after a pause that grows while it
    /// keeps happening. Returns it. A loss that is not the first one of a `healthy` time counts on.
    pub(super) fn renew(
        &mut self,
        topic: &Topic<'_>,
        now: Timestamp,
        healthy: bool,
    ) -> Option<Channel> {
        let held = self.all.iter_mut().find(|held| topic.is(&held.channel))?;
        let lost = if healthy { 0 } else { held.lost };
        let pause = match lost.checked_sub(1) {
            None => Duration::ZERO,
            Some(again) => RENEWAL.saturating_mul(1 << again.min(10)).min(LONGEST_RENEWAL),
        };
        held.lost = lost.saturating_add(1);
        let full = held.renewed.len() >= MOST_RENEWALS;
        let oldest = full.then(|| held.renewed.pop_front()).flatten();
        let free = oldest.map_or(now, |oldest| oldest.after(RENEWALS_WITHIN));
        let until = now.after(pause).max(free);
        held.renewed.push_back(until);
        held.state = State::Leaving(until);
        self.unwanted.push(held.channel.clone());
        Some(held.channel.clone())
    }

    /// Returns whether what comes of a channel is of use.
    pub(super) fn listens(&self, topic: &Topic<'_>) -> bool {
        let held = self.all.iter().find(|held| topic.is(&held.channel));
        held.is_some_and(|held| !matches!(held.state, State::Leaving(_)))
    }

    /// Data of a channel arrived: it works, whatever was acknowledged.
    pub(super) fn data(&mut self, topic: &Topic<'_>) {
        if let Some(held) = self.all.iter_mut().find(|held| topic.is(&held.channel)) {
            held.state = State::Working;
            held.failed = 0;
        }
    }

    /// Returns whether every channel has been acknowledged or found silent, and one works or may.
    pub(super) fn settled(&self) -> bool {
        let open = |held: &Subscription| matches!(held.state, State::Wanted | State::Sent(_));
        let heard =
            |held: &Subscription| matches!(held.state, State::Acknowledged(_) | State::Working);
        !self.all.iter().any(open) && (self.all.is_empty() || self.all.iter().any(heard))
    }

    /// Returns whether every channel rests: such a connection is of no use.
    pub(super) fn all_rest(&self) -> bool {
        !self.all.is_empty() && self.all.iter().all(|held| matches!(held.state, State::Resting(_)))
    }

    /// Looks after the deadlines.
    pub(super) fn overdue(&mut self, now: Timestamp) -> Overdue {
        let mut found = Overdue::default();
        let mut heard = false;
        for held in &mut self.all {
            let limit = match held.state {
                State::Sent(at) => at.after(self.ack_within),
                State::Acknowledged(at) => at.after(self.data_within),
                State::Working => {
                    heard = true;
                    continue;
                }
                State::Wanted | State::Resting(_) | State::Leaving(_) => continue,
            };
            heard |= matches!(held.state, State::Acknowledged(_));
            if limit <= now {
                found.unheard |= matches!(held.state, State::Sent(_));
                held.rest(now);
                found.silent.push(held.channel.clone());
            }
        }
        found.unheard &= !heard;
        found
    }

    /// Returns the next time at which [`overdue`](Self::overdue) or a retry has something to do.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        self.all
            .iter()
            .filter_map(|held| match held.state {
                State::Sent(at) => Some(at.after(self.ack_within)),
                State::Acknowledged(at) => Some(at.after(self.data_within)),
                State::Resting(until) | State::Leaving(until) => Some(until),
                State::Wanted | State::Working => None,
            })
            .min()
    }
}

const fn wanted(channel: Channel) -> Subscription {
    let renewed = VecDeque::new();
    Subscription { channel, state: State::Wanted, failed: 0, lost: 0, renewed }
}
