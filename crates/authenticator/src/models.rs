//! The built-in models: the named ones, each a file, and one for every other AAGUID of the built-in lists.
//!
//! Nothing is read before it is asked for: a model when it is found by its id or AAGUID, all of them only
//! for [`built_in`], the lists only for [`generic`].

mod files;

use std::sync::{Arc, LazyLock, OnceLock};

use lab_protocol::Aaguid;
use lab_protocol::nearest::nearest;

use crate::lists::{AaguidList, Row};
use crate::model::{Model, ModelError, ParentError};
use files::FILES;

/// A model of this id does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no model “{found}”{}: `models list` has them all", .nearest.as_ref().map_or(String::new(), |id| format!(" (did you mean “{id}”?)")))]
pub struct UnknownModel {
    /// The id that was asked for.
    pub found: String,
    /// The id that was probably meant.
    pub nearest: Option<String>,
}

/// A built-in file.
struct File {
    id: &'static str,
    /// The AAGUID that the model reports; none of another use of an authenticator that has a file of its own.
    aaguid: Option<&'static str>,
    text: &'static str,
    /// Empty where the file is refused; the tests read every file, so that none is.
    model: OnceLock<Option<Arc<Model>>>,
}

impl File {
    fn model(&'static self) -> Option<&'static Arc<Model>> {
        self.model.get_or_init(|| self.read().ok().map(Arc::new)).as_ref()
    }

    fn read(&self) -> Result<Model, ModelError> {
        Model::from_toml(&format!("models/{}.toml", self.id), self.text)
    }

    fn inherits(&self) -> bool {
        self.text.contains("\ninherits = ")
    }
}

/// The named models, by id. All are read when they are first asked for.
#[must_use]
pub fn built_in() -> &'static [Arc<Model>] {
    static MODELS: LazyLock<Vec<Arc<Model>>> =
        LazyLock::new(|| FILES.iter().filter_map(File::model).cloned().collect());
    &MODELS
}

/// The ids of the named models, in order; no file is read for them.
pub fn ids() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|file| file.id)
}

/// The built-in model of an id, named or generic. No other file is read for it, but that of its parent.
///
/// # Errors
/// There is none; the error names the nearest.
pub fn find(id: &str) -> Result<&'static Arc<Model>, UnknownModel> {
    let named = file(id).and_then(File::model);
    named.or_else(|| Listed::find(|row| row.id() == id)).ok_or_else(|| unknown(id, ids()))
}

/// The model of an id among `models`, built-in ones and users' own alike.
///
/// # Errors
/// There is none; the error names the nearest.
pub fn find_in<'m>(models: &'m [Arc<Model>], id: &str) -> Result<&'m Arc<Model>, UnknownModel> {
    let found = models.iter().find(|model| model.id == id);
    found.ok_or_else(|| unknown(id, models.iter().map(|model| model.id.as_str())))
}

fn unknown<'i>(id: &str, ids: impl Iterator<Item = &'i str>) -> UnknownModel {
    UnknownModel { found: id.chars().take(60).collect(), nearest: nearest(id, ids).map(str::to_owned) }
}

fn file(id: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.id == id)
}

/// The built-in model that reports this AAGUID, named or generic. Of several uses of one authenticator it
/// is the one that the others inherit from.
#[must_use]
pub fn by_aaguid(aaguid: Aaguid) -> Option<&'static Arc<Model>> {
    let text = aaguid.to_string();
    let named = FILES.iter().find(|file| file.aaguid == Some(&text));
    named.and_then(File::model).or_else(|| Listed::find(|row| row.aaguid == aaguid))
}

/// Whether a named model reports this AAGUID; no file is read for it.
#[must_use]
pub fn is_named(aaguid: Aaguid) -> bool {
    let text = aaguid.to_string();
    FILES.iter().any(|file| file.aaguid == Some(&text))
}

/// The built-in model that another inherits from.
///
/// # Errors
/// There is none of this id, or it inherits itself.
pub(crate) fn parent(id: &str) -> Result<Arc<Model>, ParentError> {
    let found = || id.chars().take(60).collect::<String>();
    let unknown = || ParentError::Unknown { found: found(), nearest: nearest(id, ids()).map(str::to_owned) };
    let file = file(id).ok_or_else(unknown)?;
    if file.inherits() {
        return Err(ParentError::Inherits { found: found() });
    }
    file.model().cloned().ok_or_else(|| ParentError::Unreadable { found: found() })
}

/// One model for each AAGUID of the built-in lists that no named model has, in the order of the lists.
#[must_use]
pub fn generic() -> &'static [Arc<Model>] {
    static MODELS: LazyLock<Vec<Arc<Model>>> =
        LazyLock::new(|| Listed::all().iter().map(Listed::model).cloned().collect());
    &MODELS
}

/// The built-in lists of AAGUIDs: Microsoft's vendors, and passkey providers.
#[must_use]
pub fn lists() -> &'static [AaguidList] {
    static LISTS: LazyLock<Vec<AaguidList>> = LazyLock::new(|| {
        let files = [
            ("data/vendor-keys.csv", include_str!("../data/vendor-keys.csv")),
            ("data/providers.csv", include_str!("../data/providers.csv")),
        ];
        files.iter().filter_map(|(name, text)| AaguidList::from_csv(name, text).ok()).collect()
    });
    &LISTS
}

/// A row of a built-in list that no named model stands for.
struct Listed {
    list: &'static AaguidList,
    row: &'static Row,
    model: OnceLock<Arc<Model>>,
}

impl Listed {
    fn all() -> &'static [Self] {
        static ROWS: LazyLock<Vec<Listed>> = LazyLock::new(|| {
            let mut seen: Vec<Aaguid> = FILES.iter().filter_map(|file| file.aaguid?.parse().ok()).collect();
            seen.sort_unstable();
            let mut rows = Vec::new();
            for (list, row) in lists().iter().flat_map(|list| list.rows.iter().map(move |row| (list, row))) {
                if let Err(at) = seen.binary_search(&row.aaguid) {
                    seen.insert(at, row.aaguid);
                    rows.push(Listed { list, row, model: OnceLock::new() });
                }
            }
            rows
        });
        &ROWS
    }

    fn model(&'static self) -> &'static Arc<Model> {
        self.model.get_or_init(|| Arc::new(self.list.model(self.row)))
    }

    fn find(wanted: impl Fn(&Row) -> bool) -> Option<&'static Arc<Model>> {
        Self::all().iter().find(|listed| wanted(listed.row)).map(Self::model)
    }
}

#[cfg(test)]
mod tests;
