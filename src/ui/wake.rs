//! [`Wake`]: how other threads wake the drawing loop, at any rate, without ever blocking.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};

/// A handle that wakes the loop; cheap to clone.
#[derive(Debug, Clone)]
pub struct Wake {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    reader: OwnedFd,
    writer: OwnedFd,
    /// A byte is in the pipe already: a thousand wakes cost one write.
    pending: AtomicBool,
    changed: AtomicBool,
    resized: AtomicBool,
    continued: AtomicBool,
    suspend: AtomicBool,
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
        let flag = || AtomicBool::new(false);
        let inner = Inner {
            reader,
            writer,
            pending: flag(),
            changed: flag(),
            resized: flag(),
            continued: flag(),
            suspend: flag(),
            signal: AtomicI32::new(0),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The data may have changed.
    pub fn changed(&self) {
        self.inner.changed.store(true, Ordering::SeqCst);
        self.ring();
    }

    /// The terminal may have another size.
    pub fn resized(&self) {
        self.inner.resized.store(true, Ordering::SeqCst);
        self.ring();
    }

    /// The process was stopped and continues: the terminal must be set up and drawn again.
    pub fn continued(&self) {
        self.inner.continued.store(true, Ordering::SeqCst);
        self.ring();
    }

    /// SIGTSTP: the process is asked to stop until it is continued.
    pub fn suspend(&self) {
        self.inner.suspend.store(true, Ordering::SeqCst);
        self.ring();
    }

    /// A signal asks for the end.
    pub fn stop(&self, signal: i32) {
        self.inner.signal.store(signal, Ordering::SeqCst);
        self.ring();
    }

    fn ring(&self) {
        if !self.inner.pending.swap(true, Ordering::SeqCst) {
            // A full pipe wakes just as well.
            let _full_is_fine = rustix::io::write(&self.inner.writer, b"!");
        }
    }

    /// Returns what the loop waits on.
    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.inner.reader.as_fd()
    }

    /// Takes everything that was asked for.
    pub(super) fn take(&self) -> Asked {
        // Before the flags are read: a wake that comes in between rings again.
        self.inner.pending.store(false, Ordering::SeqCst);
        let mut bytes = [0; 16];
        while matches!(rustix::io::read(&self.inner.reader, &mut bytes), Ok(16) | Err(Errno::INTR))
        {
        }
        let signal = self.inner.signal.load(Ordering::SeqCst);
        Asked {
            changed: self.inner.changed.swap(false, Ordering::SeqCst),
            resized: self.inner.resized.swap(false, Ordering::SeqCst),
            continued: self.inner.continued.swap(false, Ordering::SeqCst),
            suspend: self.inner.suspend.swap(false, Ordering::SeqCst),
            signal: (signal != 0).then_some(signal),
        }
    }
}

/// What was asked for since the last time.
#[expect(clippy::struct_excessive_bools, reason = "each may be asked for beside the others")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) changed: bool,
    pub(super) resized: bool,
    pub(super) continued: bool,
    pub(super) suspend: bool,
    pub(super) signal: Option<i32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_wakes_are_one_byte_and_none_is_lost() {
        let wake = Wake::new().unwrap();
        for _ in 0..100_000 {
            wake.changed();
        }
        wake.resized();
        let mut bytes = [0; 16];
        assert_eq!(rustix::io::read(wake.fd(), &mut bytes).unwrap(), 1);
        let asked = wake.take();
        assert!(asked.changed && asked.resized && asked.signal.is_none());
        assert!(!wake.take().changed);
        wake.stop(15);
        assert_eq!(wake.take().signal, Some(15));
        assert_eq!(wake.take().signal, Some(15), "the request to end stays");
    }
}
