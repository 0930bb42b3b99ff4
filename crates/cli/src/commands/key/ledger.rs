//! The ledger's file.

use std::fs;
use std::path::{Path, PathBuf};

use lab_jobs::JobError;
use lab_jobs::real_key::Ledger;
use lab_links::StateFile;

use crate::MISSING;
use crate::arguments::Global;
use crate::failure::Failure;
use crate::playing::Playing;

/// A ledger that no other process has at the same time, and that is on the disk whenever it was written.
pub struct LedgerFile {
    /// None where a transcript plays the key: nothing is kept then.
    file: Option<StateFile>,
    ledger: Ledger,
}

impl LedgerFile {
    /// Takes the ledger; one that is not there yet is empty.
    ///
    /// # Errors
    /// It is in use, cannot be opened, or is no ledger.
    pub fn open(path: Option<&Path>, global: &Global) -> Result<Self, Failure> {
        if let Some(playing) = &global.playing {
            return Self::recorded(playing);
        }
        let path = match path {
            Some(path) => path.to_owned(),
            None => usual()?,
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| missing(format!("{}: {error}", folder.display())))?;
        }
        let (file, text) = StateFile::open(&path)?;
        let named = |why: String| format!("{}: {why}", path.display());
        let ledger = match text.map(String::from_utf8) {
            None => Ledger::new(),
            Some(Err(_)) => return Err(Failure::from(named("expected UTF-8".to_owned()))),
            Some(Ok(text)) => text
                .parse()
                .map_err(|error: lab_jobs::real_key::LedgerError| named(JobError::from(error).to_string()))?,
        };
        Ok(Self { file: Some(file), ledger })
    }

    /// The ledger as it was when a transcript was recorded.
    fn recorded(playing: &Playing) -> Result<Self, Failure> {
        let text = playing.run.guest.as_ref().map(|guest| guest.ledger.as_str()).unwrap_or_default();
        let read = |error: lab_jobs::real_key::LedgerError| format!("line 1: run: {error}");
        let ledger = if text.is_empty() { Ledger::new() } else { text.parse().map_err(read)? };
        Ok(Self { file: None, ledger })
    }

    /// What stands in it.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What stands in it, and what keeps a new text.
    pub fn parts(&mut self) -> (Ledger, impl FnMut(&str) -> Result<(), String> + '_) {
        let file = &self.file;
        let keep = move |text: &str| match file {
            Some(file) => file.write(text.as_bytes()).map_err(|error| error.to_string()),
            None => Ok(()),
        };
        (self.ledger.clone(), keep)
    }
}

/// The ledger in the user's data folder.
fn usual() -> Result<PathBuf, Failure> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || {
        let below = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".local/share" };
        folder("HOME").map(|home| home.join(below))
    };
    let data = folder("XDG_DATA_HOME").or_else(home);
    let no_home = || missing("there is no home folder to keep the ledger in: --ledger FILE names one".to_owned());
    Ok(data.ok_or_else(no_home)?.join("passkey-lab").join("ledger.json"))
}

fn missing(message: String) -> Failure {
    Failure { message, hint: None, status: MISSING }
}
