//! The emulated models: built in, from users' files and lists, and the peers that nobody here wrote.

mod catalogue;
mod check;
mod compare;
mod draft;
mod find;
mod import;
mod observed;
mod own_ca;
mod pages;
mod properties;

use std::sync::Arc;

use lab_authenticator::Model;
use lab_peers::passkey_rs;

pub use catalogue::{Broken, Catalogue};
pub use check::{Checked, check};
pub use compare::{Comparison, compare, record};
pub use draft::{Draft, draft};
pub use find::find;
pub use import::{Imported, import};
pub use pages::{Filter, list, show, summary};

/// A model that a ceremony can be run with.
#[derive(Debug, Clone)]
pub enum Choice {
    /// An emulated model.
    Emulated(Arc<Model>),
    /// The `passkey` crate.
    PasskeyRs,
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

#[cfg(test)]
mod tests;
