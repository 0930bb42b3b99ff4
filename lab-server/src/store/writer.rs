//! The thread that writes.

use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};

use lab_directory::{Retention, StoreError};
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use super::row::{Effect, Row};
use super::sqlite;

/// The most batches of one transaction.
const GROUP: usize = 1024;

/// Events of one batch, and who waits for them.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) rows: Vec<Row>,
    pub(super) done: oneshot::Sender<Result<(), StoreError>>,
}

/// Starts the thread. It ends when nobody can send any more, or when a write fails: the state in memory is
/// ahead of the file then, so that nothing further may be promised.
pub(super) fn start(
    connection: Connection,
    jobs: Receiver<Job>,
    retention: Retention,
) -> Result<JoinHandle<()>, StoreError> {
    let mut writer = Writer { forgetting: Forgetting::new(&connection, retention).map_err(sqlite)?, connection };
    let run = move || while writer.group(&jobs) {};
    thread::Builder::new().name("store".to_owned()).spawn(run).map_err(|error| StoreError::Io(error.to_string()))
}

struct Writer {
    connection: Connection,
    forgetting: Forgetting,
}

impl Writer {
    /// Writes what waits, in one transaction; `false` at the end.
    fn group(&mut self, jobs: &Receiver<Job>) -> bool {
        let Ok(first) = jobs.recv() else { return false };
        let group: Vec<Job> = std::iter::once(first).chain(jobs.try_iter().take(GROUP - 1)).collect();
        let written = self.write(&group).map_err(sqlite);
        let good = written.is_ok();
        for job in group {
            // Whoever asked may have gone away; the event stays.
            drop(job.done.send(written.clone()));
        }
        good
    }

    fn write(&mut self, group: &[Job]) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.transaction()?;
        for row in group.iter().flat_map(|job| &job.rows) {
            insert(&transaction, row)?;
            self.forgetting.count(row);
        }
        self.forgetting.forget(&transaction)?;
        transaction.commit()
    }
}

/// Writes one event and what it changes.
pub(super) fn insert(connection: &Connection, row: &Row) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO events (seq, at, kind, user, actor, body, passing) VALUES (?, ?, ?, ?, ?, ?, ?)";
    let values = params![row.seq, row.at, row.kind, row.user, row.actor, row.body, row.passing];
    connection.prepare_cached(sql)?.execute(values)?;
    if let Some(input) = &row.input {
        connection.prepare_cached("INSERT INTO inputs (seq, bytes) VALUES (?, ?)")?.execute(params![row.seq, input])?;
    }
    match &row.effect {
        Some(Effect::Used { passkey, used }) => {
            let sql = "INSERT INTO uses (passkey, used) VALUES (?, ?) \
                       ON CONFLICT (passkey) DO UPDATE SET used = excluded.used";
            connection.prepare_cached(sql)?.execute(params![passkey, used])?;
        }
        Some(Effect::Forget { passkey }) => {
            connection.prepare_cached("DELETE FROM uses WHERE passkey = ?")?.execute([passkey])?;
        }
        None => {}
    }
    Ok(())
}

/// Drops what retention does not keep, a tenth of it at a time.
struct Forgetting {
    newest: u64,
    passing: u64,
    inputs: u64,
}

impl Forgetting {
    fn new(connection: &Connection, retention: Retention) -> Result<Self, rusqlite::Error> {
        let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let passing = count("SELECT count(*) FROM events WHERE passing = 1")?;
        let inputs = count("SELECT count(*) FROM inputs")?;
        Ok(Self {
            // The newest event tells where the numbers go on.
            newest: retention.newest.max(1),
            passing: u64::try_from(passing).unwrap_or(0),
            inputs: u64::try_from(inputs).unwrap_or(0),
        })
    }

    fn count(&mut self, row: &Row) {
        self.passing += u64::from(row.passing);
        self.inputs += u64::from(row.input.is_some());
    }

    fn forget(&mut self, connection: &Connection) -> Result<(), rusqlite::Error> {
        let slack = self.newest / 10;
        let surplus = |count: u64| (count > self.newest.saturating_add(slack)).then(|| count - self.newest);
        let oldest = |sql: &str, surplus: u64| {
            let surplus = i64::try_from(surplus).unwrap_or(i64::MAX);
            connection.prepare_cached(sql)?.execute([surplus])
        };
        if let Some(surplus) = surplus(self.passing) {
            let sql = "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE passing = 1 ORDER BY seq LIMIT ?)";
            oldest(sql, surplus)?;
            self.passing = self.newest;
        }
        if let Some(surplus) = surplus(self.inputs) {
            oldest("DELETE FROM inputs WHERE seq IN (SELECT seq FROM inputs ORDER BY seq LIMIT ?)", surplus)?;
            self.inputs = self.newest;
        }
        Ok(())
    }
}
