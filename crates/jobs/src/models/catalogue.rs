//! Every model that a run knows, read when it is asked for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use lab_authenticator::lists::AaguidList;
use lab_authenticator::{Model, models as built_in};
use lab_peers::passkey_rs;
use lab_protocol::Aaguid;
use lab_protocol::nearest::nearest;

use super::{Choice, own_ca};
use crate::error::JobError;
use crate::input::{InputError, read_text};

/// The most model files of one folder that are read.
const MAX_FILES: usize = 4096;

/// What becomes of a list with broken rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Broken {
    /// Its other rows are used, and a note names the broken ones.
    #[default]
    KeepGoing,
    /// Nothing of it is.
    Refuse,
}

/// Every model that a run knows: the user's own come before the built-in ones.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// From the user's TOML files.
    own: Vec<Arc<Model>>,
    /// From the user's lists, of AAGUIDs that no named model has.
    listed: Vec<Arc<Model>>,
    notes: Vec<String>,
    named: OnceLock<Vec<Arc<Model>>>,
    all: OnceLock<Vec<Arc<Model>>>,
}

impl Catalogue {
    /// The built-in models and those of a folder; a user's model replaces a built-in one of the same id,
    /// a row of a user's list the generic model of the same AAGUID.
    ///
    /// # Errors
    /// A file that cannot be read, is no model, or no list at all.
    pub fn read(folder: Option<&Path>) -> Result<Self, JobError> {
        Self::read_with(folder, Broken::KeepGoing)
    }

    /// As [`Catalogue::read`], with the user's word on lists with broken rows.
    ///
    /// # Errors
    /// As [`Catalogue::read`]; with [`Broken::Refuse`] also [`JobError::ModelRows`].
    pub fn read_with(folder: Option<&Path>, broken: Broken) -> Result<Self, JobError> {
        let mut catalogue = Self::default();
        for (name, text) in folder.map(model_files).transpose()?.unwrap_or_default() {
            if is_list(&name) {
                catalogue.take_list(AaguidList::from_csv(&name, &text)?, broken)?;
            } else {
                let model = Arc::new(own_ca::with_authority(Model::from_toml(&name, &text)?, &name)?);
                catalogue.own.retain(|known| known.id != model.id);
                catalogue.own.push(model);
            }
        }
        catalogue.own.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(catalogue)
    }

    fn take_list(&mut self, list: AaguidList, broken: Broken) -> Result<(), JobError> {
        if broken == Broken::Refuse && !list.problems.is_empty() {
            return Err(JobError::ModelRows { file: list.file, problems: list.problems });
        }
        let rows = list.rows.iter().filter(|row| !built_in::is_named(row.aaguid));
        for model in rows.map(|row| Arc::new(list.model(row))) {
            self.listed.retain(|known| known.id != model.id);
            self.listed.push(model);
        }
        self.notes.extend(list.problems.iter().map(|problem| format!("a row is left out: {problem}")));
        Ok(())
    }

    /// What is worth knowing about the user's files: the rows that are left out.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// All emulated models: the named ones by id, then the generic ones.
    #[must_use]
    pub fn models(&self) -> &[Arc<Model>] {
        self.all.get_or_init(|| {
            let mut known: BTreeSet<Aaguid> = self.own.iter().chain(&self.listed).map(|model| model.aaguid()).collect();
            let generic = built_in::generic().iter().filter(|model| known.insert(model.aaguid()));
            let listed = self.listed.iter().filter(|model| self.own.iter().all(|own| own.aaguid() != model.aaguid()));
            self.named().iter().chain(listed).chain(generic).cloned().collect()
        })
    }

    /// The models that have a file of their own, by id.
    #[must_use]
    pub fn named(&self) -> &[Arc<Model>] {
        self.named.get_or_init(|| {
            let own = |id: &str| self.own.iter().any(|model| model.id == id);
            let built_in = built_in::built_in().iter().filter(|model| !own(&model.id));
            let mut named: Vec<_> = self.own.iter().chain(built_in).cloned().collect();
            named.sort_by(|a, b| a.id.cmp(&b.id));
            named
        })
    }

    /// The model with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Arc<Model>> {
        let users = self.own.iter().chain(&self.listed).find(|model| model.id == id);
        users.or_else(|| built_in::find(id).ok())
    }

    /// The model that reports this AAGUID. Of several uses of one authenticator, the one that the others
    /// inherit from.
    #[must_use]
    pub fn of_aaguid(&self, aaguid: Aaguid) -> Option<&Arc<Model>> {
        let another_use = |model: &Model| model.inherits.as_ref().is_some_and(|inherits| inherits.same_aaguid);
        let own = self.own.iter().filter(|model| !another_use(model));
        let users = own.chain(&self.listed).find(|model| model.aaguid() == aaguid);
        let replaced =
            |model: &Arc<Model>| self.find(&model.id).map_or(model.aaguid(), |model| model.aaguid()) != aaguid;
        users.or_else(|| built_in::by_aaguid(aaguid).filter(|model| !replaced(model)))
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
        let ids = || {
            self.own
                .iter()
                .map(|model| model.id.as_str())
                .chain(built_in::ids().map(|id| -> &str { id }))
                .chain([passkey_rs::ID])
        };
        let part = ids().filter(|known| id.len() > 2 && known.contains(id)).map(str::to_owned);
        let mut found: Vec<_> = nearest(id, ids()).map(str::to_owned).into_iter().chain(part).collect();
        found.dedup();
        found.truncate(4);
        found
    }
}

/// Whether a file of models is a list, by its name.
pub(super) fn is_list(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

/// The model files and lists of a folder, by name.
pub(super) fn model_files(folder: &Path) -> Result<Vec<(String, String)>, InputError> {
    let io = |source| InputError::Io { path: folder.to_owned(), source };
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)?.take(MAX_FILES) {
        paths.push(entry.map_err(io)?.path());
    }
    paths.retain(|path| {
        path.extension().is_some_and(|extension| extension == "toml") || is_list(&path.to_string_lossy())
    });
    paths.sort();
    paths.iter().map(|path| Ok((path.display().to_string(), read_text(path, &mut std::io::empty())?))).collect()
}
