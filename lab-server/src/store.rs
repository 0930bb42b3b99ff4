//! The log of a lab in one SQLite file.
//!
//! The state is in memory and changes at once; one thread writes what changed it, as many batches in one
//! transaction as are waiting, and answers when the transaction is committed. The file is in WAL mode with
//! `synchronous = NORMAL`: what was answered survives the death of the process at any moment. It may not
//! survive the loss of power.

mod file;
mod row;
mod writer;

use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock, mpsc};
use std::thread::JoinHandle;

use jiff::Timestamp;
use lab_directory::{Batch, Directory, Draft, Query, Recorded, Retention, Store, StoreError, Written};
use lab_entra::Tenant;
use rusqlite::{Connection, OptionalExtension as _};
use tokio::sync::oneshot;

use writer::Job;

/// A log in a file.
#[derive(Debug)]
pub struct SqliteStore {
    directory: RwLock<Directory>,
    writer: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Option<JoinHandle<()>>,
    reader: Mutex<Connection>,
    /// Held as long as the store lives, so that no second lab writes into the same file.
    _lock: std::fs::File,
}

impl SqliteStore {
    /// Opens a lab's file; a new one begins with `seed`, which an old one ignores.
    ///
    /// # Errors
    /// The file cannot be opened, belongs to something else or to a newer program, or another lab has it open.
    pub fn open(path: &Path, seed: &Tenant, now: Timestamp, retention: Retention) -> Result<Self, StoreError> {
        let lock = file::lock(path)?;
        let mut connection = file::open(path)?;
        let directory = file::replay(&mut connection, seed, now)?;
        let reader = file::reader(path)?;
        let (sender, jobs) = mpsc::channel();
        let thread = writer::start(connection, jobs, retention)?;
        Ok(Self {
            directory: RwLock::new(directory),
            writer: Mutex::new(Some(sender)),
            thread: Some(thread),
            reader: Mutex::new(reader),
            _lock: lock,
        })
    }

    /// Changes the state, and hands the events to the writer in the order of the changes.
    fn take(&self, batch: Batch) -> Result<(u64, oneshot::Receiver<Result<(), StoreError>>), StoreError> {
        let (done, answer) = oneshot::channel();
        let encode = |draft: &Draft| row::encode(&batch.actor, &draft.event);
        let encoded = batch.events.iter().map(encode).collect::<Result<Vec<_>, _>>()?;
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = writer.as_ref().ok_or_else(closed)?.clone();
        let mut directory = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        let taken = directory.take(batch)?;
        let rows = taken.into_iter().zip(encoded).map(|(taken, encoded)| row::row(taken, encoded)).collect();
        if sender.send(Job { rows, done }).is_err() {
            *writer = None;
            return Err(closed());
        }
        Ok((directory.seq(), answer))
    }

    fn ask<T>(&self, ask: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        ask(&self.reader.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for SqliteStore {
    fn look(&self, look: &mut dyn FnMut(&Directory)) {
        look(&self.directory.read().unwrap_or_else(PoisonError::into_inner));
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
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = self.thread.take() {
            // The writer says what went wrong to whoever waits for an answer; nobody does any more.
            drop(thread.join());
        }
    }
}

fn closed() -> StoreError {
    StoreError::Io("it is closed, because the server stops or because an earlier write failed".to_owned())
}

fn sqlite(error: rusqlite::Error) -> StoreError {
    StoreError::Io(error.to_string())
}

#[cfg(test)]
mod tests;
