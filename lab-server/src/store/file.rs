//! Opening a lab's file: whose it is, which version, and what state it holds.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use lab_directory::{Actor, Directory, Event, Kind, Query, Snapshot, StoreError};
use lab_entra::Tenant;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::writer::insert;
use super::{row, sqlite};

/// How SQLite's `application_id` names a lab's file: "PKLB".
const APPLICATION: i64 = 0x504B_4C42;
/// What leads from each version of the file to the next.
const MIGRATIONS: &[&str] = &[include_str!("migrations/1.sql"), include_str!("migrations/2.sql")];

/// After how many pages the WAL goes into the file. Everybody waits meanwhile: often and briefly, not seldom and long.
const CHECKPOINT: i64 = 1000;

/// Takes the lab's file for this process.
pub(super) fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let in_place = |error: std::io::Error| StoreError::Io(format!("{}: {error}", name.display()));
    let file = File::options().create(true).append(true).open(&name).map_err(in_place)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Io(format!(
            "{} is in use by another lab; stop that one, or name another folder",
            path.display()
        ))),
        Err(TryLockError::Error(error)) => Err(in_place(error)),
    }
}

/// Opens the file for the writer, and brings it to this version.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let named = |error: rusqlite::Error| StoreError::Io(format!("{}: {error}", path.display()));
    let mut connection = Connection::open(path).map_err(named)?;
    whose(&connection, path).map_err(|problem| problem.told(named))?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(named)?;
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(named)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT).map_err(named)?;
    migrate(&mut connection).map_err(named)?;
    Ok(connection)
}

/// A second connection, for reading while the writer writes.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(sqlite)
}

/// Why a file is not opened.
enum Foreign {
    Sqlite(rusqlite::Error),
    Told(StoreError),
}

impl From<rusqlite::Error> for Foreign {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Foreign {
    fn told(self, say: impl FnOnce(rusqlite::Error) -> StoreError) -> StoreError {
        match self {
            Self::Sqlite(error) => say(error),
            Self::Told(error) => error,
        }
    }
}

/// Refuses files of other programs, and of newer versions of this one.
fn whose(connection: &Connection, path: &Path) -> Result<(), Foreign> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let told = |problem: String| Err(Foreign::Told(StoreError::Io(format!("{}: {problem}", path.display()))));
    if tables > 0 && pragma("application_id")? != APPLICATION {
        return told("expected a lab's file, found a database of another program".to_owned());
    }
    let (version, known) = (pragma("user_version")?, MIGRATIONS.len());
    if usize::try_from(version).is_ok_and(|version| version > known) {
        return told(format!(
            "the file has version {version}, this program knows up to {known}: use the newer program that wrote it"
        ));
    }
    Ok(())
}

fn migrate(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(version).unwrap_or(0);
    for (next, step) in (1_i64..).zip(MIGRATIONS).skip(done) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", next)?;
        transaction.commit()?;
    }
    Ok(())
}

/// A state, and how many events that stay came after the snapshot that it was made from.
pub(super) struct Replayed {
    pub(super) directory: Directory,
    pub(super) unsaved: u64,
}

/// The state that the log comes to; a log without events begins with a tenant.
pub(super) fn open_log(connection: &mut Connection, seed: &Tenant, now: Timestamp) -> Result<Replayed, StoreError> {
    match replay(connection)? {
        Some(replayed) => Ok(replayed),
        None => begin(connection, seed, now).map(|directory| Replayed { directory, unsaved: 1 }),
    }
}

/// The state that the log comes to: from the snapshot on, where there is one.
pub(super) fn replay(connection: &Connection) -> Result<Option<Replayed>, StoreError> {
    replay_from(connection, snapshot(connection)?)
}

/// The state that the log comes to, from its beginning or from a state on.
pub(super) fn replay_from(connection: &Connection, from: Option<Directory>) -> Result<Option<Replayed>, StoreError> {
    let stays: Vec<_> = Kind::ALL.into_iter().filter(|kind| !Kind::PASSING.contains(kind)).collect();
    let after = from.as_ref().map(Directory::seq);
    let events = row::select(connection, &Query { kinds: stays, after, ..Query::default() })?;
    let unsaved = u64::try_from(events.len()).unwrap_or(u64::MAX);
    let mut events = events.into_iter();
    let mut directory = match from {
        Some(directory) => directory,
        None => match events.next() {
            Some(first) => Directory::begin(&first)?,
            None => return Ok(None),
        },
    };
    for event in events {
        directory.apply(&event).map_err(|unfit| StoreError::Corrupt { seq: event.seq, problem: unfit.to_string() })?;
    }
    row::uses(connection)?.into_iter().for_each(|(passkey, used)| directory.restore_use(&passkey, used));
    directory.resume_after(row::newest(connection)?);
    Ok(Some(Replayed { directory, unsaved }))
}

/// The state that was saved last; `None` where there is none, or none that this program reads.
fn snapshot(connection: &Connection) -> Result<Option<Directory>, StoreError> {
    let body: Option<String> =
        connection.query_row("SELECT body FROM snapshot", [], |row| row.get(0)).optional().map_err(sqlite)?;
    let Some(body) = body else { return Ok(None) };
    let read = |body: &str| -> Result<Directory, String> {
        let snapshot: Snapshot = serde_json::from_str(body).map_err(|error| error.to_string())?;
        Directory::restore(snapshot).map_err(|unfit| unfit.to_string())
    };
    Ok(read(&body).inspect_err(|error| tracing::warn!(%error, "the snapshot is not read, the whole log is")).ok())
}

/// Saves a state in the place of the last one.
pub(super) fn save(connection: &Connection, directory: &Directory) -> Result<(), StoreError> {
    let body = serde_json::to_string(&directory.save())
        .map_err(|error| StoreError::Io(format!("the state cannot be written: {error}")))?;
    let seq = row::number(directory.seq())?;
    connection
        .execute("INSERT OR REPLACE INTO snapshot (id, seq, body) VALUES (1, ?, ?)", (seq, body))
        .map(|_| ())
        .map_err(sqlite)
}

fn begin(connection: &mut Connection, seed: &Tenant, now: Timestamp) -> Result<Directory, StoreError> {
    let event = Event::TenantImported { tenant: seed.to_json() };
    let (directory, first) = Directory::first(now, Actor::default(), event)?;
    let encoded = row::encode(&first.recorded.actor, &first.recorded.event)?;
    let transaction = connection.transaction().map_err(sqlite)?;
    insert(&transaction, &row::row(first, encoded)).map_err(sqlite)?;
    transaction.commit().map_err(sqlite)?;
    Ok(directory)
}
