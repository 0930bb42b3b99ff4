//! Opening a lab's file: whose it is, which version, and what state it holds.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use lab_directory::{Actor, Directory, Event, Kind, Query, StoreError};
use lab_entra::Tenant;
use rusqlite::{Connection, OpenFlags};

use super::writer::insert;
use super::{row, sqlite};

/// How SQLite's `application_id` names a lab's file: "PKLB".
const APPLICATION: i64 = 0x504B_4C42;
/// What leads from each version of the file to the next.
const MIGRATIONS: &[&str] = &[include_str!("migrations/1.sql")];

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
    connection.pragma_update(None, "wal_autocheckpoint", 4000).map_err(named)?;
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

/// The state that the log comes to; a log without events begins with a tenant.
pub(super) fn replay(connection: &mut Connection, seed: &Tenant, now: Timestamp) -> Result<Directory, StoreError> {
    let stays: Vec<_> = Kind::ALL.into_iter().filter(|kind| !Kind::PASSING.contains(kind)).collect();
    let query = Query { kinds: stays, ..Query::default() };
    let mut events = row::select(connection, &query)?.into_iter();
    let Some(first) = events.next() else { return begin(connection, seed, now) };
    let mut directory = Directory::begin(&first)?;
    for event in events {
        directory.apply(&event).map_err(|unfit| StoreError::Corrupt { seq: event.seq, problem: unfit.to_string() })?;
    }
    row::uses(connection)?.into_iter().for_each(|(passkey, used)| directory.restore_use(&passkey, used));
    directory.resume_after(row::newest(connection)?);
    Ok(directory)
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
