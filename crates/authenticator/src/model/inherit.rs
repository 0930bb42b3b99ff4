//! Facts of one model that hold for another too.
//!
//! Makers sell one design under many AAGUIDs. Such a model's file names the one that it is like, and says
//! only what is different or known better:
//!
//! ```toml
//! inherits = { model = "yubikey-5-nfc", confidence = "medium", because = "the same firmware in another housing" }
//!
//! [sources]
//! mds = "FIDO MDS BLOB no. 122 (valid to 2025-01-01), entry 19083c3d-8383-4b18-bc03-8f1c9ab2fd1b"
//!
//! [identity]
//! aaguid = { value = "19083c3d-8383-4b18-bc03-8f1c9ab2fd1b", source = "mds", confidence = "high" }
//! transports = { value = ["usb"], source = "mds", confidence = "high" }
//! ```
//!
//! * A fact that the file has is its own. Every other fact is the parent's.
//! * An inherited fact whose source is a key of the file's own `[sources]` was looked up again in the
//!   document that the file names there, and stands there too: it cites that document and stays as sure
//!   as it is.
//! * Any other inherited fact cites `PARENT/KEY`, the parent's document, and is at most as sure as
//!   `confidence` says: what is known of one model is a guess about another.
//! * An AAGUID and what FIDO metadata says of it belong to one model: they are never inherited, but with
//!   `same-aaguid = true`, which makes the file another use of the same authenticator.
//! * `without` names facts, or sections that may be absent, that the parent has and this model has not.
//! * Notes are not inherited; vendor and quirks are.
//! * Only a model that stands alone can be inherited: two files tell everything about a model. A user's
//!   file inherits from the built-in models.

use std::collections::BTreeMap;

use lab_protocol::nearest::nearest;
use serde::Serialize;

use super::Model;
use super::error::{ModelError, ModelErrorKind};
use super::read::{FromNode, Node, Table};
use super::sourced::Sourced;
use super::vocabulary::Confidence;

/// Where a model takes the facts from that its own file does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Inherits {
    /// The id of the parent.
    pub model: String,
    /// An inherited fact is at most as sure as this.
    pub confidence: Confidence,
    /// Why the parent's facts should hold for this model.
    pub because: String,
    /// Another use of the same authenticator: AAGUID and metadata are inherited too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub same_aaguid: bool,
    /// Facts and sections of the parent that this model does not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
}

/// Why a model cannot be inherited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParentError {
    /// There is none of this id.
    #[error("there is no built-in model “{found}” to inherit from{}", .nearest.as_ref().map_or(String::new(), |id| format!(" (did you mean “{id}”?)")))]
    Unknown {
        /// The id that was asked for.
        found: String,
        /// The id that was probably meant.
        nearest: Option<String>,
    },
    /// It inherits itself.
    #[error("“{found}” inherits from another model: only one that stands alone can be inherited")]
    Inherits {
        /// The id that was asked for.
        found: String,
    },
    /// Its file is refused; only a built-in model that the tests refuse too.
    #[error("“{found}” cannot be read itself")]
    Unreadable {
        /// The id that was asked for.
        found: String,
    },
}

impl FromNode for Inherits {
    fn from_node(node: &Node<'_>) -> Result<Self, ModelError> {
        let mut table = node.table()?;
        let inherits = Self {
            model: table.read("model")?,
            confidence: table.read("confidence")?,
            because: table.read("because")?,
            same_aaguid: table.read_some("same-aaguid")?.unwrap_or_default(),
            without: table.read_some("without")?.unwrap_or_default(),
        };
        table.finish()?;
        Ok(inherits)
    }
}

/// A model that is being read, and its parent.
pub(super) struct Heir<'h> {
    pub inherits: &'h Inherits,
    pub parent: &'h Model,
    /// The sources of the heir's own file.
    pub sources: &'h BTreeMap<String, String>,
}

/// A section of the parent.
pub(super) struct Inherited<'h, S> {
    pub heir: &'h Heir<'h>,
    pub section: &'h S,
}

impl<'h> Heir<'h> {
    /// A section of the parent, unless the heir is without it.
    pub fn section<S>(&'h self, key: &str, section: Option<&'h S>) -> Option<Inherited<'h, S>> {
        let has = self.inherits.without.iter().all(|without| without != key);
        section.filter(|_| has).map(|section| Inherited { heir: self, section })
    }

    /// A fact of the parent, as the heir cites it.
    pub fn fact<T: Clone>(&self, path: &str, fact: &Sourced<T>) -> Option<Sourced<T>> {
        let own_only = path == "identity.aaguid" && !self.inherits.same_aaguid;
        if own_only || self.inherits.without.iter().any(|without| without == path) {
            return None;
        }
        let mut fact = fact.clone();
        if !self.sources.contains_key(&fact.source) {
            fact.source = self.cited(&fact.source);
            fact.confidence = fact.confidence.max(self.inherits.confidence);
        }
        Some(fact)
    }

    /// The key by which the heir cites a source of its parent.
    pub fn cited(&self, source: &str) -> String {
        format!("{}/{source}", self.parent.id)
    }

    /// Refuses what `without` names and the parent does not have.
    pub fn check_without(&self, node: &Node<'_>) -> Result<(), ModelError> {
        let fields = self.parent.fields();
        let sections = ["fingerprints", "usb", "get-info", "metadata"];
        let known = || fields.iter().map(|field| field.key.as_str()).chain(sections);
        match self.inherits.without.iter().find(|without| known().all(|key| key != without.as_str())) {
            None => Ok(()),
            Some(found) => Err(node.error(ModelErrorKind::NotInherited {
                parent: self.parent.id.clone(),
                found: found.clone(),
                nearest: nearest(found, known()).map(str::to_owned),
            })),
        }
    }
}

/// The fact of a key: the file's own, or the parent's.
pub(super) fn fact<T: FromNode + Clone>(
    table: &mut Table<'_>,
    key: &'static str,
    inherited: Option<(&Heir<'_>, &Sourced<T>)>,
) -> Result<Option<Sourced<T>>, ModelError> {
    match (table.read_some(key)?, inherited) {
        (Some(own), _) => Ok(Some(own)),
        (None, Some((heir, fact))) => Ok(heir.fact(&table.path_of(key), fact)),
        (None, None) => Ok(None),
    }
}
