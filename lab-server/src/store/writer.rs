//! The thread that writes.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use lab_directory::store::MAX_KEPT_WAITING;
use lab_directory::{Directory, Retention, StoreError, Waits};
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use super::row::{Effect, Row};
use super::{State, file, sqlite};

/// The most batches of one transaction.
const GROUP: usize = 1024;
/// How long nobody is let in after a write that failed.
const PAUSE: Duration = Duration::from_millis(500);

/// Events of one batch, what comes with them, and who waits for them.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) rows: Vec<Row>,
    pub(super) waits: Option<(Waits, Timestamp)>,
    pub(super) answers: Option<[u8; 32]>,
    /// The state after these events, where it is to be saved.
    pub(super) snapshot: Option<Box<Directory>>,
    pub(super) done: oneshot::Sender<Result<(), StoreError>>,
}

/// Starts the thread. It ends when nobody can send any more.
pub(super) fn start(
    connection: Connection,
    jobs: Receiver<Job>,
    state: Arc<State>,
    retention: Retention,
) -> Result<JoinHandle<()>, StoreError> {
    let forgetting = Forgetting::new(&connection, retention).map_err(sqlite)?;
    let mut writer = Writer { connection, state, forgetting, retention };
    let run = move || while writer.group(&jobs) {};
    thread::Builder::new().name("store".to_owned()).spawn(run).map_err(|error| StoreError::Io(error.to_string()))
}

struct Writer {
    connection: Connection,
    state: Arc<State>,
    forgetting: Forgetting,
    retention: Retention,
}

impl Writer {
    /// Writes what waits, in one transaction; `false` at the end.
    fn group(&mut self, jobs: &Receiver<Job>) -> bool {
        let Ok(first) = jobs.recv() else { return false };
        let group: Vec<Job> = std::iter::once(first).chain(jobs.try_iter().take(GROUP - 1)).collect();
        if let Err(error) = self.write(&group) {
            return self.fail(group, &error, jobs);
        }
        let mut newest = None;
        for job in group {
            newest = job.snapshot.or(newest);
            // Whoever asked may have gone away; the event stays.
            drop(job.done.send(Ok(())));
        }
        if let Some(directory) = newest
            && let Err(error) = file::save(&self.connection, &directory)
        {
            tracing::warn!(%error, "the state was not saved: the next start reads more of the log");
        }
        true
    }

    fn write(&mut self, group: &[Job]) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.transaction()?;
        for job in group {
            for row in &job.rows {
                insert(&transaction, row)?;
                self.forgetting.count(row);
            }
            if let Some((waits, now)) = &job.waits {
                wait(&transaction, waits, *now)?;
            }
            if let Some(challenge) = &job.answers {
                transaction.prepare_cached("DELETE FROM waiting WHERE challenge = ?")?.execute([&challenge[..]])?;
            }
        }
        self.forgetting.forget(&transaction)?;
        transaction.commit()
    }

    /// Nothing of a group was written, and the state is ahead of the file: whoever waits is told so, and the state
    /// becomes what the file has. Then the next ones may try. `false` at the end.
    fn fail(&mut self, group: Vec<Job>, error: &rusqlite::Error, jobs: &Receiver<Job>) -> bool {
        tracing::error!(%error, "the log cannot be written");
        let error = StoreError::Unavailable(error.to_string());
        self.state.gate().broken = Some(error.clone());
        // Nobody sends any more: these are all that were taken by the state that goes away.
        for job in group.into_iter().chain(jobs.try_iter()) {
            drop(job.done.send(Err(error.clone())));
        }
        loop {
            let read = self.read_again();
            if matches!(jobs.recv_timeout(PAUSE), Err(RecvTimeoutError::Disconnected)) {
                return false;
            }
            match read {
                Ok(()) => break,
                Err(error) => tracing::error!(%error, "the log cannot be read again"),
            }
        }
        self.state.gate().broken = None;
        true
    }

    /// Makes the state what the file has. Numbers of events that are gone are not used again.
    fn read_again(&mut self) -> Result<(), StoreError> {
        let nothing = || StoreError::Io("it has no events".to_owned());
        let mut read = file::replay(&self.connection)?.ok_or_else(nothing)?;
        self.forgetting = Forgetting::new(&self.connection, self.retention).map_err(sqlite)?;
        let mut directory = self.state.directory_mut();
        read.directory.resume_after(directory.seq());
        *directory = read.directory;
        drop(directory);
        self.state.gate().unsaved = read.unsaved;
        Ok(())
    }
}

/// Lets a ceremony wait across a restart; what is too late goes, and the oldest where there are too many.
fn wait(connection: &Connection, waits: &Waits, now: Timestamp) -> Result<(), rusqlite::Error> {
    connection.prepare_cached("DELETE FROM waiting WHERE expires < ?")?.execute([now.as_second()])?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO waiting (challenge, expires, body) VALUES (?, ?, ?)")?
        .execute(params![waits.challenge, waits.expires.as_second(), waits.body])?;
    let newest = i64::try_from(MAX_KEPT_WAITING).unwrap_or(i64::MAX);
    connection
        .prepare_cached("DELETE FROM waiting WHERE id <= (SELECT max(id) FROM waiting) - ?")?
        .execute([newest])
        .map(|_| ())
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

/// Drops what retention does not keep, a hundredth of it at a time: whoever waits for the writer does not notice.
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
        let slack = self.newest / 100;
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
