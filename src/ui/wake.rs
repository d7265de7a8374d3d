//! [`Wake`]: how other threads wake the drawing loop, at any rate, without ever blocking.
//!
//! A request is a bit in `requests`, and a byte in a pipe that the loop polls beside the terminal. `armed`
//! is set while such a byte is due or in the pipe, so that a thousand requests cost one write. What matters
//! is the order of the steps, which is written down once, in [`RING`] and [`TAKE`]; the tests run the same
//! lists through every interleaving of several threads.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, Ordering};

use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};

const MOVED: u8 = 1;
const RESIZED: u8 = 1 << 1;
const CONTINUED: u8 = 1 << 2;
const SUSPEND: u8 = 1 << 3;
const FEEDS_ENDED: u8 = 1 << 4;
const AGED: u8 = 1 << 5;

/// One step of a thread that makes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RingStep {
    /// Sets the bit of the request.
    Request,
    /// Sets `armed`; where it was set before, the byte is somebody else's to write, and the ring is done.
    Arm,
    /// Writes a byte into the pipe.
    Write,
}

/// One step of the loop, which takes what was requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum TakeStep {
    /// Reads the pipe empty.
    Drain,
    /// Clears `armed`.
    Disarm,
    /// Reads and clears the bits of all requests.
    Collect,
}

const RING: [RingStep; 3] = [RingStep::Request, RingStep::Arm, RingStep::Write];

/// Any other order loses a wake. Disarmed before it is drained, the pipe may lose the byte of a request that
/// came in between, with `armed` left set: nobody writes again. Disarmed after the bits are collected, a
/// request that came in between has no byte.
const TAKE: [TakeStep; 3] = [TakeStep::Drain, TakeStep::Disarm, TakeStep::Collect];

/// A handle that wakes the loop; cheap to clone.
#[derive(Debug, Clone)]
pub struct Wake {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    reader: OwnedFd,
    writer: OwnedFd,
    armed: AtomicBool,
    requests: AtomicU8,
    /// The signal that asked for the end; 0 while there was none.
    signal: AtomicI32,
}

impl Wake {
    /// Returns a handle.
    ///
    /// # Errors
    /// When the system has no pipe to give.
    pub fn new() -> std::io::Result<Self> {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        let inner = Inner {
            reader,
            writer,
            armed: AtomicBool::new(false),
            requests: AtomicU8::new(0),
            signal: AtomicI32::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// A figure may have moved.
    pub fn moved(&self) {
        self.ring(MOVED);
    }

    /// The data grew older, or changed where nobody waits for it.
    pub fn aged(&self) {
        self.ring(AGED);
    }

    /// The terminal may have another size.
    pub fn resized(&self) {
        self.ring(RESIZED);
    }

    /// The process was stopped and continues: the terminal must be set up and drawn again.
    pub fn continued(&self) {
        self.ring(CONTINUED);
    }

    /// SIGTSTP: the process is asked to stop until it is continued.
    pub fn suspend(&self) {
        self.ring(SUSPEND);
    }

    /// There will be no more data.
    pub fn feeds_ended(&self) {
        self.ring(FEEDS_ENDED);
    }

    /// A signal asks for the end.
    pub fn stop(&self, signal: i32) {
        self.inner.signal.store(signal, Ordering::SeqCst);
        self.ring(0);
    }

    fn ring(&self, request: u8) {
        for step in RING {
            match step {
                RingStep::Request => {
                    self.inner.requests.fetch_or(request, Ordering::SeqCst);
                }
                RingStep::Arm => {
                    if self.inner.armed.swap(true, Ordering::SeqCst) {
                        return;
                    }
                }
                // A full pipe wakes just as well.
                RingStep::Write => drop(rustix::io::write(&self.inner.writer, b"!")),
            }
        }
    }

    /// Returns what the loop waits on.
    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.inner.reader.as_fd()
    }

    /// Returns the signal that asked for the end, if one did. It stays.
    pub(super) fn signal(&self) -> Option<i32> {
        let signal = self.inner.signal.load(Ordering::SeqCst);
        (signal != 0).then_some(signal)
    }

    /// Takes everything that was requested; to be called by one thread only.
    pub(super) fn take(&self) -> Asked {
        let mut requests = 0;
        for step in TAKE {
            match step {
                TakeStep::Drain => self.drain(),
                TakeStep::Disarm => self.inner.armed.store(false, Ordering::SeqCst),
                TakeStep::Collect => requests = self.inner.requests.swap(0, Ordering::SeqCst),
            }
        }
        let asked = |request: u8| requests & request != 0;
        Asked {
            moved: asked(MOVED),
            aged: asked(AGED),
            resized: asked(RESIZED),
            continued: asked(CONTINUED),
            suspend: asked(SUSPEND),
            feeds_ended: asked(FEEDS_ENDED),
        }
    }

    fn drain(&self) {
        let mut bytes = [0; 16];
        while matches!(rustix::io::read(&self.inner.reader, &mut bytes), Ok(16) | Err(Errno::INTR))
        {
        }
    }
}

/// What was requested since the last time.
#[expect(clippy::struct_excessive_bools, reason = "each may be requested beside the others")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) moved: bool,
    pub(super) aged: bool,
    pub(super) resized: bool,
    pub(super) continued: bool,
    pub(super) suspend: bool,
    pub(super) feeds_ended: bool,
}

#[cfg(test)]
mod tests;
