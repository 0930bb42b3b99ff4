//! The emulated models: built in, from users' files, and the peers that nobody here wrote.

mod pages;

use std::path::Path;
use std::sync::Arc;

use lab_authenticator::Model;
use lab_authenticator::models as built_in;
use lab_peers::passkey_rs;
use lab_protocol::Aaguid;
use lab_protocol::nearest::nearest;

use crate::error::JobError;
use crate::input::{InputError, read_text};

pub use pages::{list, show};

/// The most model files of one folder that are read.
const MAX_FILES: usize = 4096;

/// Every model that a run knows.
#[derive(Debug)]
pub struct Catalogue {
    models: Vec<Arc<Model>>,
}

/// A model that a ceremony can be run with.
#[derive(Debug, Clone)]
pub enum Choice {
    /// An emulated model.
    Emulated(Arc<Model>),
    /// The `passkey` crate.
    PasskeyRs,
}

impl Catalogue {
    /// The built-in models and those of a folder; a user's model replaces a built-in one of the same id.
    ///
    /// # Errors
    /// A file that cannot be read or is no model.
    pub fn read(folder: Option<&Path>) -> Result<Self, JobError> {
        let mut models = built_in::built_in().to_vec();
        for (name, text) in folder.map(model_files).transpose()?.unwrap_or_default() {
            let model = Arc::new(Model::from_toml(&name, &text)?);
            models.retain(|known| known.id != model.id);
            models.push(model);
        }
        models.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { models })
    }

    /// All emulated models, by id.
    #[must_use]
    pub fn models(&self) -> &[Arc<Model>] {
        &self.models
    }

    /// The model with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Arc<Model>> {
        self.models.iter().find(|model| model.id == id)
    }

    /// The first model that reports this AAGUID.
    #[must_use]
    pub fn of_aaguid(&self, aaguid: Aaguid) -> Option<&Arc<Model>> {
        self.models.iter().find(|model| model.aaguid() == aaguid)
    }

    /// The model that `--model` names.
    ///
    /// # Errors
    /// [`JobError::Model`], with the nearest ids.
    pub fn choose(&self, id: &str) -> Result<Choice, JobError> {
        if id == passkey_rs::ID {
            return Ok(Choice::PasskeyRs);
        }
        let model = self.find(id).cloned().map(Choice::Emulated);
        model.ok_or_else(|| JobError::Model { name: id.to_owned(), nearest: self.nearest(id) })
    }

    fn nearest(&self, id: &str) -> Vec<String> {
        let part =
            self.models.iter().filter(|model| id.len() > 2 && model.id.contains(id)).map(|model| model.id.clone());
        let ids = self.models.iter().map(|model| model.id.as_str()).chain([passkey_rs::ID]);
        let mut found: Vec<_> = nearest(id, ids).map(str::to_owned).into_iter().chain(part).collect();
        found.dedup();
        found.truncate(4);
        found
    }
}

impl Choice {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Emulated(model) => &model.id,
            Self::PasskeyRs => passkey_rs::ID,
        }
    }

    /// The name for people.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Emulated(model) => &model.name,
            Self::PasskeyRs => passkey_rs::FACTS.name,
        }
    }
}

fn model_files(folder: &Path) -> Result<Vec<(String, String)>, InputError> {
    let io = |source| InputError::Io { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)?.take(MAX_FILES) {
        paths.push(entry.map_err(io)?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths.iter().map(|path| Ok((path.display().to_string(), read_text(path, &mut std::io::empty())?))).collect()
}
