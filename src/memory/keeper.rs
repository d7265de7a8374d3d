//! [`Keeper`]: the file of one process, batch by batch. Whatever fails costs a message and is tried again
//! with the next batch.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use super::away::{self, Absence};
use super::batch::Batch;
use super::file::{self, MemoryError, Opened, beside};
use super::hash::user_hash;
use super::lock::{self, Attempt, Lock};
use super::period::Periods;
use super::write;
use crate::domain::{Away, EarlierAlert, MemoryReport, MemoryState, Text, Timestamp};

/// Minutes that wait while they cannot be written.
const MOST_WAITING: usize = 60;
/// How often rows that are too old are looked for.
const FORGET_EVERY_MS: i64 = 86_400_000;
const DAY_MS: i64 = 86_400_000;

/// Where the memory is and how long it keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The file.
    pub path: PathBuf,
    /// Days that rows are kept.
    pub keep_days: u32,
    /// How exports name the account.
    pub account_label: String,
}

/// The file, open or to be opened.
#[derive(Debug)]
pub(super) struct Keeper {
    settings: Settings,
    opened: Option<Opened>,
    /// The number of the account in the file, and the lock that makes this process its writer.
    account: Option<Account>,
    waiting: VecDeque<Batch>,
    /// Rows that were given up, and what the user was not told of yet.
    lost: usize,
    set_aside: Option<PathBuf>,
    forgot_at: Option<Timestamp>,
    until: Option<Timestamp>,
    periods: Periods,
    earlier: Arc<Vec<EarlierAlert>>,
    /// The newest look, and the newest that is in the file.
    looked_at: Option<Timestamp>,
    noted_look: Option<Timestamp>,
    absence: Absence,
    away: Option<Arc<Away>>,
}

#[derive(Debug)]
struct Account {
    id: i64,
    lock: PathBuf,
    held: Option<Lock>,
    /// This process has written a minute.
    has_begun: bool,
}

impl Keeper {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            settings,
            opened: None,
            account: None,
            waiting: VecDeque::new(),
            lost: 0,
            set_aside: None,
            forgot_at: None,
            until: None,
            periods: Periods::default(),
            earlier: Arc::default(),
            looked_at: None,
            noted_look: None,
            absence: Absence::default(),
            away: None,
        }
    }

    /// Takes in a batch and returns what the memory now holds. `lost` rows never came here.
    pub(super) fn take(&mut self, batch: Batch, lost: usize) -> MemoryReport {
        self.lost = self.lost.saturating_add(lost);
        let now = batch.at;
        self.looked_at = self.looked_at.max(batch.looked_at);
        match self.waiting.back_mut().filter(|last| last.is_of_minute(&batch)) {
            Some(last) => last.join(batch),
            None => self.waiting.push_back(batch),
        }
        if self.waiting.len() > MOST_WAITING
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.lost = self.lost.saturating_add(oldest.rows.len());
        }
        let state = self.write(now).unwrap_or_else(|error| {
            tracing::warn!(%error, "the memory cannot be written");
            MemoryState::Unavailable { reason: Text::new(&error.to_string()) }
        });
        if let Err(error) = self.read(now) {
            tracing::warn!(%error, "the memory cannot be read");
        }
        let (periods, earlier) = (self.periods.reports(), Arc::clone(&self.earlier));
        MemoryReport { state: self.told(state), periods, earlier, away: self.away.clone() }
    }

    /// Writes what waits and returns how it went.
    fn write(&mut self, now: Timestamp) -> Result<MemoryState, MemoryError> {
        if self.opened.is_none() {
            let mut opened = file::open(&self.settings.path, now)?;
            self.set_aside = opened.set_aside.take();
            self.opened = Some(opened);
        }
        let (Some(opened), Some(first)) = (&mut self.opened, self.waiting.front()) else {
            return Ok(MemoryState::Waiting);
        };
        if self.account.is_none() {
            let hash = user_hash(&first.user, &opened.salt);
            let id = write::account(&opened.connection, &hash, &self.settings.account_label)?;
            let name = format!("{}.lock", hash.get(..16).unwrap_or(&hash));
            let lock = beside(&self.settings.path, &name);
            self.absence = Absence::since(write::last_look(&opened.connection, id)?);
            self.account = Some(Account { id, lock, held: None, has_begun: false });
        }
        let Some(account) = &mut self.account else { return Ok(MemoryState::Waiting) };
        if let Some(look) = self.looked_at.filter(|look| Some(*look) > self.noted_look) {
            write::looked(&opened.connection, account.id, look)?;
            self.noted_look = Some(look);
        }
        if account.held.is_none() {
            let attempt = lock::attempt(&account.lock)
                .map_err(|cause| MemoryError::Io { path: account.lock.clone(), cause })?;
            match attempt {
                Attempt::Ours(lock) => {
                    self.earlier = Arc::new(write::alerts_on(&opened.connection, account.id)?);
                    write::end_alerts(&opened.connection, account.id)?;
                    account.held = Some(lock);
                    tracing::info!(file = %self.settings.path.display(), "remembering");
                }
                Attempt::Theirs(process) => {
                    // The other process writes the same minutes.
                    self.waiting.clear();
                    return Ok(MemoryState::Reading { process });
                }
            }
        }
        while let Some(batch) = self.waiting.front() {
            write::batch(&mut opened.connection, account.id, batch, !account.has_begun)?;
            if batch.has_minute() {
                account.has_begun = true;
                self.until = self.until.max(Some(batch.at));
            }
            self.waiting.pop_front();
        }
        let due = |at: Timestamp| now.as_millis().saturating_sub(at.as_millis()) >= FORGET_EVERY_MS;
        if self.forgot_at.is_none_or(due) {
            let kept = i64::from(self.settings.keep_days).saturating_mul(DAY_MS);
            write::forget(&mut opened.connection, now.plus_millis(kept.saturating_neg()))?;
            self.forgot_at = Some(now);
        }
        Ok(MemoryState::Writing { until: self.until })
    }

    fn read(&mut self, now: Timestamp) -> Result<(), MemoryError> {
        let (Some(opened), Some(account)) = (&self.opened, &self.account) else { return Ok(()) };
        self.periods.follow(&opened.connection, account.id, now)?;
        if let Some(span) = self.absence.follow(self.looked_at, now) {
            let away = away::read(&opened.connection, account.id, span)?;
            self.away = Some(Arc::new(away));
        }
        Ok(())
    }

    /// Says of a memory that is written what was lost on the way, once a batch.
    fn told(&mut self, state: MemoryState) -> MemoryState {
        let MemoryState::Writing { .. } = state else { return state };
        let lost = std::mem::take(&mut self.lost);
        if let Some(aside) = self.set_aside.take() {
            let reason = format!(
                "the memory was damaged and begun anew; the damaged file is kept as {}",
                aside.display()
            );
            return MemoryState::Unavailable { reason: Text::new(&reason) };
        }
        if lost > 0 {
            let reason =
                format!("{lost} rows of the memory were lost: the disk was too slow or full");
            return MemoryState::Unavailable { reason: Text::new(&reason) };
        }
        state
    }
}

#[cfg(test)]
mod tests;
