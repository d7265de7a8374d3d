//! The file: made for its owner alone, checked, and brought to the present version.

use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::lock;
use super::schema::{self, APPLICATION_ID};
use crate::domain::Timestamp;

/// Another process may be writing its minute.
const BUSY: Duration = Duration::from_secs(5);

/// Pages of the file that are held in memory, in the database's form: minus so many KiB. What is read is walked
/// through once, at the start, and a year of minutes would leave the usual 2,000 KiB behind.
const CACHE_SIZE: i64 = -256;

/// Why there is no memory, for the user.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// The file or its folder cannot be made or opened.
    #[error("{}: {cause}", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// The database refuses.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    /// The file holds something else.
    #[error("{} is a database of another program", .0.display())]
    Foreign(PathBuf),
    /// The file was written by a later version of this program.
    #[error("{} is of a later version of bitget-watch (its tables: {found}, known here: {known})", .path.display())]
    Later {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i32,
        /// The newest that is known here.
        known: i32,
    },
}

impl MemoryError {
    /// Returns whether the file cannot be used any more as it is.
    fn is_damage(&self) -> bool {
        let Self::Database(error) = self else { return false };
        let damage = [ErrorCode::NotADatabase, ErrorCode::DatabaseCorrupt];
        error.sqlite_error_code().is_some_and(|code| damage.contains(&code))
    }
}

/// An open file.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: Connection,
    /// What the hashes of this file are salted with.
    pub(super) salt: String,
    /// The version of its tables: one that is only read may be older than what is known here.
    pub(super) version: i32,
    /// Where a damaged file was put that stood here.
    pub(super) set_aside: Option<PathBuf>,
}

/// Opens the file to write; makes it, and its folder, where there is none. A damaged file is set aside under
/// another name, and a new one begun.
///
/// # Errors
/// See [`MemoryError`].
pub(super) fn open(path: &Path, now: Timestamp) -> Result<Opened, MemoryError> {
    let failed = |cause| MemoryError::Io { path: path.to_owned(), cause };
    if let Some(folder) = path.parent() {
        make_folder(folder).map_err(failed)?;
    }
    // Two processes that find the same damage must not set aside what the first of them has begun anew.
    let _alone = lock::wait(&beside(path, "lock")).map_err(failed)?;
    match open_whole(path) {
        Err(error) if error.is_damage() => {
            let aside = set_aside(path, now).map_err(failed)?;
            open_whole(path).map(|opened| Opened { set_aside: Some(aside), ..opened })
        }
        result => result,
    }
}

/// Opens the file to read, as it is.
///
/// # Errors
/// See [`MemoryError`]; also when there is none.
pub(super) fn open_to_read(path: &Path) -> Result<Opened, MemoryError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    let found = version(&connection)?;
    if application(&connection)? != APPLICATION_ID {
        return Err(MemoryError::Foreign(path.to_owned()));
    }
    // What an earlier version lacks is not read.
    let known = schema::version();
    if found > known {
        return Err(MemoryError::Later { path: path.to_owned(), found, known });
    }
    let salt = salt(&connection)?;
    Ok(Opened { connection, salt, version: found, set_aside: None })
}

fn open_whole(path: &Path) -> Result<Opened, MemoryError> {
    make_file(path).map_err(|cause| MemoryError::Io { path: path.to_owned(), cause })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "cache_size", CACHE_SIZE)?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables > 0 && application(&connection)? != APPLICATION_ID {
        return Err(MemoryError::Foreign(path.to_owned()));
    }
    let (found, known) = (version(&connection)?, schema::version());
    if found > known {
        return Err(MemoryError::Later { path: path.to_owned(), found, known });
    }
    restrict(path).map_err(|cause| MemoryError::Io { path: path.to_owned(), cause })?;
    if tables == 0 {
        // It can only be set before there is a table.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // One commit a minute: what is committed shall outlast the machine as well.
    connection.pragma_update(None, "synchronous", "FULL")?;
    migrate(&mut connection)?;
    check(&connection)?;
    let salt = salt(&connection)?;
    Ok(Opened { connection, salt, version: known, set_aside: None })
}

/// Takes the steps that the file has not seen yet, all or none.
fn migrate(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let from = version(&transaction)?;
    let steps = schema::STEPS.iter().skip(usize::try_from(from).unwrap_or_default());
    for step in steps {
        transaction.execute_batch(step)?;
    }
    if from == 0 {
        transaction.execute("INSERT INTO file (salt) VALUES (lower(hex(randomblob(32))))", [])?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    if from < schema::version() {
        transaction.pragma_update(None, "user_version", schema::version())?;
    }
    transaction.commit()
}

/// Looks for damage that only a later reading would meet.
fn check(connection: &Connection) -> Result<(), rusqlite::Error> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(code, Some(found)))
}

fn version(connection: &Connection) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn application(connection: &Connection) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, "application_id", |row| row.get(0))
}

fn salt(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row("SELECT salt FROM file", [], |row| row.get(0))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes an empty file for its owner alone where there is none.
fn make_file(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).map(drop)
}

/// Takes the rights of others off the file. The database gives those that it puts beside it the same.
fn restrict(path: &Path) -> io::Result<()> {
    if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(path, Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// Gives a damaged file another name and returns it.
fn set_aside(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let aside = beside(path, &format!("damaged-{}", now.as_millis()));
    std::fs::rename(path, &aside)?;
    for part in ["wal", "shm"] {
        let (from, to) = (with_dash(path, part), with_dash(&aside, part));
        // It may not be there.
        let _absent = std::fs::rename(from, to);
    }
    Ok(aside)
}

/// Returns the path with a dot and more behind its name.
pub(super) fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(more);
    name.into()
}

fn with_dash(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-");
    name.push(more);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_337_600_000);

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn is_made_for_its_owner_alone_with_its_version() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state").join("history.db");
        let opened = open(&path, NOW).unwrap();
        opened.connection.execute("INSERT INTO seen (account, at) VALUES (1, 2)", []).unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        for part in ["wal", "shm"] {
            assert_eq!(mode(&with_dash(&path, part)), 0o600, "{part}");
        }
        assert_eq!(version(&opened.connection).unwrap(), schema::version());
        assert_eq!(opened.salt.len(), 64);
        drop(opened.connection);
        let again = open(&path, NOW).unwrap();
        assert_eq!((again.salt, again.set_aside), (opened.salt, None));
    }

    #[test]
    fn takes_the_rights_of_others_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        drop(open(&path, NOW).unwrap());
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        drop(open(&path, NOW).unwrap());
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn holds_little_of_the_file_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let opened = open(&folder.path().join("history.db"), NOW).unwrap();
        let size: i64 =
            opened.connection.pragma_query_value(None, "cache_size", |row| row.get(0)).unwrap();
        assert_eq!(size, CACHE_SIZE);
    }

    /// Nothing of a damaged file is deleted.
    #[test]
    fn a_damaged_file_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let damage =
            "no database at all, and longer than a header of one hundred bytes. ".repeat(40);
        std::fs::write(&path, &damage).unwrap();
        let opened = open(&path, NOW).unwrap();
        let aside = opened.set_aside.unwrap();
        assert_eq!(aside, folder.path().join("history.db.damaged-1790337600000"));
        assert_eq!(std::fs::read_to_string(&aside).unwrap(), damage);
        assert_eq!(version(&opened.connection).unwrap(), schema::version(), "a new one is begun");
    }

    #[test]
    fn damage_in_the_middle_is_found_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let opened = open(&path, NOW).unwrap();
        for at in 0..2_000 {
            let row = "INSERT INTO gap VALUES (1, ?1, ?1, 'a reason that takes some room')";
            opened.connection.execute(row, [at]).unwrap();
        }
        opened.connection.pragma_update(None, "wal_checkpoint", "TRUNCATE").unwrap();
        drop(opened);
        let mut bytes = std::fs::read(&path).unwrap();
        let page = 4_096;
        for begin in (page..bytes.len()).step_by(page) {
            bytes[begin..begin + 64].fill(0xff);
        }
        std::fs::write(&path, bytes).unwrap();
        assert!(open(&path, NOW).unwrap().set_aside.is_some());
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.db");
        let other = Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE mine (a); INSERT INTO mine VALUES (7)").unwrap();
        drop(other);
        let before = std::fs::read(&path).unwrap();
        assert!(matches!(open(&path, NOW), Err(MemoryError::Foreign(_))));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_later_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.db");
        let opened = open(&path, NOW).unwrap();
        opened.connection.pragma_update(None, "user_version", 99).unwrap();
        drop(opened);
        let error = open(&path, NOW).unwrap_err().to_string();
        assert!(error.contains("later version") && error.contains("99"), "{error}");
        assert!(!beside(&path, "damaged-1790337600000").exists());
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("a file");
        std::fs::write(&blocked, "").unwrap();
        let error = open(&blocked.join("history.db"), NOW).unwrap_err().to_string();
        assert!(error.contains("a file"), "{error}");
    }
}
