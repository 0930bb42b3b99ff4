//! The log of a lab in one SQLite file.
//!
//! The state is in memory and changes at once; one thread writes what changed it, as many batches in one
//! transaction as are waiting, and answers when the transaction is committed. The file is in WAL mode with
//! `synchronous = NORMAL`: what was answered survives the death of the process at any moment. It may not
//! survive the loss of power.
//!
//! A write that fails (a full disk) is told to whoever waits for it; the state goes back to what the file has, and the
//! store goes on as soon as it can. Every so often the state is saved beside the log, so that a start reads only what
//! came later.

mod file;
mod row;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard, mpsc};
use std::thread::JoinHandle;

use jiff::Timestamp;
use lab_directory::{Batch, Directory, Draft, Query, Recorded, Retention, Store, StoreError, Written};
use lab_entra::Tenant;
use rusqlite::{Connection, OptionalExtension as _};
use tokio::sync::oneshot;

use writer::Job;

/// After how many events that stay the state is saved; later where that would cost more than it saves.
const SAVE_AFTER: u64 = 1_000;

/// A log in a file.
#[derive(Debug)]
pub struct SqliteStore {
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
    reader: Mutex<Connection>,
    /// Held as long as the store lives, so that no second lab writes into the same file.
    _lock: std::fs::File,
}

/// What the callers and the writer share. The gate is taken before the directory.
#[derive(Debug)]
struct State {
    directory: RwLock<Directory>,
    gate: Mutex<Gate>,
}

/// What a change has to pass.
#[derive(Debug)]
struct Gate {
    /// To the writer; `None` at the end.
    writer: Option<mpsc::Sender<Job>>,
    /// Why nothing can be written now.
    broken: Option<StoreError>,
    /// How many events that stay are not in the saved state.
    unsaved: u64,
}

impl State {
    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn directory_mut(&self) -> RwLockWriteGuard<'_, Directory> {
        self.directory.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    /// The state, if it is time to save it.
    fn due(&mut self, directory: &Directory, after: u64) -> Option<Box<Directory>> {
        if self.unsaved < after {
            return None;
        }
        self.unsaved = 0;
        Some(Box::new(directory.clone()))
    }
}

impl SqliteStore {
    /// Opens a lab's file; a new one begins with `seed`, which an old one ignores.
    ///
    /// # Errors
    /// The file cannot be opened, belongs to something else or to a newer program, or another lab has it open.
    pub fn open(path: &Path, seed: &Tenant, now: Timestamp, retention: Retention) -> Result<Self, StoreError> {
        let lock = file::lock(path)?;
        let mut connection = file::open(path)?;
        let file::Replayed { directory, unsaved } = file::open_log(&mut connection, seed, now)?;
        let reader = file::reader(path)?;
        let (sender, jobs) = mpsc::channel();
        let gate = Mutex::new(Gate { writer: Some(sender), broken: None, unsaved });
        let state = Arc::new(State { directory: RwLock::new(directory), gate });
        let thread = writer::start(connection, jobs, Arc::clone(&state), retention)?;
        let store = Self { state, thread: Some(thread), reader: Mutex::new(reader), _lock: lock };
        store.save(SAVE_AFTER);
        Ok(store)
    }

    /// Has the state saved, if so many events that stay are not in the saved one.
    fn save(&self, after: u64) {
        let mut gate = self.state.gate();
        let directory = self.state.directory.read().unwrap_or_else(PoisonError::into_inner);
        if gate.broken.is_some() {
            return;
        }
        let (snapshot, (done, _)) = (gate.due(&directory, after), oneshot::channel());
        if let (Some(writer), true) = (&gate.writer, snapshot.is_some()) {
            // It saves time at the next start, and nothing depends on it.
            drop(writer.send(Job { rows: Vec::new(), waits: None, answers: None, snapshot, done }));
        }
    }

    /// Changes the state, and hands the events to the writer in the order of the changes.
    fn take(&self, mut batch: Batch) -> Result<(u64, oneshot::Receiver<Result<(), StoreError>>), StoreError> {
        let (done, answer) = oneshot::channel();
        let encode = |draft: &Draft| row::encode(&batch.actor, &draft.event);
        let encoded = batch.events.iter().map(encode).collect::<Result<Vec<_>, _>>()?;
        let (waits, answers) = (batch.waits.take().map(|waits| (waits, batch.at)), batch.answers.take());
        let mut gate = self.state.gate();
        if let Some(error) = &gate.broken {
            return Err(error.clone());
        }
        let mut directory = self.state.directory_mut();
        let taken = directory.take(batch)?;
        let rows: Vec<_> = taken.into_iter().zip(encoded).map(|(taken, encoded)| row::row(taken, encoded)).collect();
        gate.unsaved += u64::try_from(rows.iter().filter(|row| !row.passing).count()).unwrap_or(0);
        let half = u64::try_from(directory.size() / 2).unwrap_or(u64::MAX);
        let snapshot = gate.due(&directory, SAVE_AFTER.max(half));
        let job = Job { rows, waits, answers, snapshot, done };
        gate.writer.as_ref().ok_or_else(closed)?.send(job).map_err(|_| closed())?;
        Ok((directory.seq(), answer))
    }

    fn ask<T>(&self, ask: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        ask(&self.reader.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for SqliteStore {
    fn look(&self, look: &mut dyn FnMut(&Directory)) {
        look(&self.state.directory.read().unwrap_or_else(PoisonError::into_inner));
    }

    fn append(&self, batch: Batch) -> Written {
        let taken = self.take(batch);
        Box::pin(async move {
            let (seq, answer) = taken?;
            answer.await.map_err(|_| closed())??;
            Ok(seq)
        })
    }

    fn log(&self, query: &Query) -> Result<Vec<Recorded>, StoreError> {
        self.ask(|connection| row::select(connection, query))
    }

    fn input(&self, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.ask(|connection| {
            let mut statement = connection.prepare_cached("SELECT bytes FROM inputs WHERE seq = ?").map_err(sqlite)?;
            statement.query_row([row::number(seq)?], |row| row.get(0)).optional().map_err(sqlite)
        })
    }

    fn waiting(&self, now: Timestamp) -> Result<Vec<Vec<u8>>, StoreError> {
        self.ask(|connection| row::waiting(connection, now))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.save(SAVE_AFTER / 10);
        self.state.gate().writer = None;
        if let Some(thread) = self.thread.take() {
            // The writer says what went wrong to whoever waits for an answer; nobody does any more.
            drop(thread.join());
        }
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the server stops".to_owned())
}

fn sqlite(error: rusqlite::Error) -> StoreError {
    StoreError::Io(error.to_string())
}

#[cfg(test)]
mod tests;
