//! Files that others must not be able to change.
//!
//! The configuration names hosts and a certificate authority: whoever may write it may redirect the
//! program. Reading by others is fine, it holds no secret.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// The largest file that is read, in bytes; a configuration has about two thousand.
const MAX_BYTES: u64 = 1 << 20;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// There is no such file.
    #[error("no such file")]
    Missing,
    /// The system refused.
    #[error("cannot be read: {0}")]
    Io(#[source] io::Error),
    /// Someone else could have written it, or it cannot be a file of this kind.
    #[error("{0}")]
    Refused(String),
}

/// Reads a file of UTF-8 text that only its owner (this user or root) may write.
///
/// Links are followed and the file that was opened is the one that is judged, so it cannot be
/// exchanged in between. Systems without Unix permissions read any file.
///
/// # Errors
/// [`TrustError::Missing`] when there is none, [`TrustError::Refused`] when others may write it, it
/// belongs to another user, is a folder or a device, is not UTF-8 or has more than 1 MiB.
pub fn read_trusted(path: &Path) -> Result<String, TrustError> {
    let file = File::open(path).map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            TrustError::Missing
        } else {
            TrustError::Io(error)
        }
    })?;
    let metadata = file.metadata().map_err(TrustError::Io)?;
    if !is_file_or_pipe(&metadata) {
        return Err(TrustError::Refused("is not a file".to_owned()));
    }
    if let Some(problem) = ownership_problem(&metadata) {
        return Err(TrustError::Refused(problem));
    }
    let mut bytes = Vec::new();
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(TrustError::Io)?;
    if u64::try_from(read).is_ok_and(|read| read > MAX_BYTES) {
        return Err(TrustError::Refused("is larger than 1 MiB".to_owned()));
    }
    // The error would carry the bytes; the place is enough.
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let lines = error.as_bytes().iter().take(good);
        let line = lines.filter(|byte| **byte == b'\n').count() + 1;
        TrustError::Refused(format!("line {line} is not UTF-8 text"))
    })
}

/// A shell hands over a pipe for `--config <(command)`. Folders and devices are refused.
#[cfg(unix)]
fn is_file_or_pipe(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.is_file() || metadata.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_file_or_pipe(metadata: &Metadata) -> bool {
    metadata.is_file()
}

#[cfg(unix)]
fn ownership_problem(metadata: &Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    judge(metadata.mode(), metadata.uid(), rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn ownership_problem(_: &Metadata) -> Option<String> {
    None
}

/// Returns why a file of this mode and owner is not trusted by user `me`.
#[cfg(unix)]
fn judge(mode: u32, owner: u32, me: u32) -> Option<String> {
    if owner != me && owner != 0 {
        return Some(format!(
            "belongs to another user (id {owner}), who could redirect this program; it must belong to you or to root"
        ));
    }
    (mode & 0o022 != 0).then(|| {
        format!(
            "others may write it (mode {:04o}), so they could redirect this program; run chmod go-w on it",
            mode & 0o7777
        )
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[rstest]
    #[case(0o100_600, 1000, true)]
    #[case(0o100_644, 1000, true)]
    #[case(0o100_444, 0, true)]
    #[case(0o100_664, 1000, false)]
    #[case(0o100_646, 1000, false)]
    #[case(0o100_666, 0, false)]
    #[case(0o100_600, 1001, false)]
    fn judges_mode_and_owner(#[case] mode: u32, #[case] owner: u32, #[case] trusted: bool) {
        assert_eq!(judge(mode, owner, 1000).is_none(), trusted);
    }

    #[rstest]
    #[case(0o644, true)]
    #[case(0o600, true)]
    #[case(0o664, false)]
    #[case(0o666, false)]
    fn looks_at_the_file_behind_a_link(#[case] mode: u32, #[case] trusted: bool) {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        std::fs::write(&file, "text").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        symlink(&file, &link).unwrap();
        for path in [file, link] {
            match read_trusted(&path) {
                Ok(text) => assert!(trusted && text == "text"),
                Err(error) => assert!(!trusted && error.to_string().contains("chmod go-w")),
            }
        }
    }

    #[test]
    fn refuses_what_is_no_text_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        assert!(matches!(read_trusted(&path), Err(TrustError::Missing)));
        for path in [dir.path(), Path::new("/dev/null")] {
            let error = read_trusted(path).unwrap_err();
            assert_eq!(error.to_string(), "is not a file");
        }
        std::fs::write(&path, b"a = 1\nb = \"\xff\"\n").unwrap();
        assert_eq!(read_trusted(&path).unwrap_err().to_string(), "line 2 is not UTF-8 text");
        std::fs::write(&path, vec![b'#'; (1 << 20) + 1]).unwrap();
        assert_eq!(read_trusted(&path).unwrap_err().to_string(), "is larger than 1 MiB");
    }
}
