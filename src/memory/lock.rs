//! An advisory lock: a file that one process at a time holds, with its id in it.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// A lock that is held until this is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held open, not read")] File);

/// Who has a lock.
#[derive(Debug)]
pub(super) enum Attempt {
    /// This process, from now on.
    Ours(Lock),
    /// Another one; its id, where it can be told.
    Theirs(Option<u32>),
}

/// Takes the lock if nobody has it.
///
/// The file stays when the lock ends: one that is removed could be held by two.
///
/// # Errors
/// The file cannot be made.
pub(super) fn attempt(path: &Path) -> io::Result<Attempt> {
    let mut file = open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {
            file.set_len(0)?;
            file.rewind()?;
            write!(file, "{}", std::process::id())?;
            Ok(Attempt::Ours(Lock(file)))
        }
        Err(Errno::WOULDBLOCK) => {
            let mut text = String::new();
            // Between its lock and its id there is a moment.
            let _unreadable = file.read_to_string(&mut text);
            Ok(Attempt::Theirs(text.trim().parse().ok()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Takes the lock, after whoever has it.
///
/// # Errors
/// The file cannot be made.
pub(super) fn wait(path: &Path) -> io::Result<Lock> {
    let file = open(path)?;
    flock(&file, FlockOperation::LockExclusive)?;
    Ok(Lock(file))
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_the_next_one_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let Attempt::Ours(held) = attempt(&path).unwrap() else { panic!("nobody has it") };
        let Attempt::Theirs(process) = attempt(&path).unwrap() else { panic!("it is held") };
        assert_eq!(process, Some(std::process::id()));
        drop(held);
        assert!(matches!(attempt(&path).unwrap(), Attempt::Ours(_)));
    }
}
