//! The state file: written before a reply leaves.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use lab_protocol::ctap2::StatusCode;
use lab_protocol::{Engine, Event, HidFacts, Message, Step};

use crate::notice::{Notice, Notify};

/// The largest state that is read.
const MAX_STATE: u64 = 256 << 20;
/// Private keys are in it.
const PRIVATE: u32 = 0o600;
/// SW_UNKNOWN: a CTAP1 message that failed within the key.
const SW_UNKNOWN: [u8; 2] = [0x6f, 0x00];

/// A file that always holds the whole of some state, old or new, whenever the process ends.
///
/// Nobody else may use it at the same time: a lock on a file beside it (`FILE.lock`) sees to that.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    folder: PathBuf,
    _lock: File,
}

/// Why a state file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    /// The system refuses.
    #[error("{}: {error}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another key has it.
    #[error("{}: another process uses this state", .0.display())]
    InUse(PathBuf),
    /// It is no state of a key.
    #[error("{}: expected at most {MAX_STATE} bytes", .0.display())]
    TooLarge(PathBuf),
}

impl StateFile {
    /// Takes the file for this process, and reads it where it exists.
    ///
    /// # Errors
    /// [`StateFileError`].
    pub fn open(path: &Path) -> Result<(Self, Option<Vec<u8>>), StateFileError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error| StateFileError::Io { path, error }
        };
        let beside = with_suffix(path, ".lock");
        let lock = OpenOptions::new().create(true).write(true).truncate(false).mode(PRIVATE).open(&beside);
        let lock = lock.map_err(failed(&beside))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => StateFileError::InUse(path.to_owned()),
            fs::TryLockError::Error(error) => failed(&beside)(error),
        })?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let file = Self { path: path.to_owned(), folder: parent.unwrap_or(Path::new(".")).to_owned(), _lock: lock };
        let state = file.read().map_err(failed(path))?;
        if state.as_ref().is_some_and(|state| state.len() as u64 > MAX_STATE) {
            return Err(StateFileError::TooLarge(path.to_owned()));
        }
        Ok((file, state))
    }

    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let mut state = Vec::new();
        file.take(MAX_STATE + 1).read_to_end(&mut state)?;
        Ok(Some(state))
    }

    /// Puts a new state in place of the old one, and returns when it is on the disk.
    ///
    /// # Errors
    /// The system refuses; the old state is still there.
    pub fn write(&self, state: &[u8]) -> io::Result<()> {
        let new = with_suffix(&self.path, ".new");
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(PRIVATE).open(&new)?;
        file.write_all(state)?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        File::open(&self.folder)?.sync_all()
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// An engine whose changes are on the disk before anybody hears of them.
pub struct Durable<E> {
    engine: E,
    file: StateFile,
    kept: u64,
    ctap1: bool,
    notify: Notify,
}

impl<E: Engine> Durable<E> {
    /// Keeps an engine's state in a file, from its next change on.
    pub fn new(engine: E, file: StateFile, notify: Notify) -> Self {
        Self { kept: engine.revision(), engine, file, ctap1: false, notify }
    }

    /// Lets a step pass once the state behind it is kept.
    fn keep(&mut self, step: Step) -> Step {
        let revision = self.engine.revision();
        if revision == self.kept {
            return step;
        }
        match self.file.write(&self.engine.export()) {
            Ok(()) => {
                self.kept = revision;
                step
            }
            Err(error) => {
                (self.notify)(Notice::NotKept(format!("{}: {error}", self.file.path.display())));
                match step {
                    // It is tried again before the reply.
                    Step::Waiting { .. } => step,
                    Step::Done(reply) if reply.is_empty() => Step::Done(reply),
                    Step::Done(_) if self.ctap1 => Step::Done(SW_UNKNOWN.to_vec()),
                    Step::Done(_) => Step::Done(vec![StatusCode::OTHER.0]),
                }
            }
        }
    }
}

impl<E: Engine> Engine for Durable<E> {
    fn start(&mut self, message: Message<'_>, now: Timestamp) -> Step {
        self.ctap1 = matches!(message, Message::Msg(_));
        let step = self.engine.start(message, now);
        self.keep(step)
    }

    fn event(&mut self, event: Event, now: Timestamp) -> Step {
        let step = self.engine.event(event, now);
        self.keep(step)
    }

    fn hid_facts(&self) -> HidFacts {
        self.engine.hid_facts()
    }

    fn packet(&mut self, packet: &mut [u8; 64]) {
        self.engine.packet(packet);
    }

    fn revision(&self) -> u64 {
        self.engine.revision()
    }

    fn export(&self) -> Vec<u8> {
        self.engine.export()
    }
}
