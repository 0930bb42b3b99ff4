//! Why a state cannot be read.

use lab_attestation::emit::KeptRootError;
use lab_attestation::keys::KeyError;
use lab_protocol::cbor;

/// Bytes that are no state of this authenticator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: {kind}")]
pub struct StateError {
    /// Where, from the start of the state.
    pub offset: usize,
    /// What is wrong there.
    pub kind: StateErrorKind,
}

/// What is wrong with a state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateErrorKind {
    /// No CBOR, or another shape.
    #[error(transparent)]
    Cbor(cbor::ErrorKind),
    /// Something else than a state.
    #[error("this is no state of an emulated authenticator")]
    Format,
    /// Written by a newer version.
    #[error("the state has version {found}; this program reads versions up to {known}")]
    Version {
        /// The version that the state names.
        found: i64,
        /// The newest version that is read.
        known: i64,
    },
    /// Of another model.
    #[error("the state is of model “{found}”, this authenticator is “{expected}”")]
    Model {
        /// The id that the state names.
        found: String,
        /// The id of the authenticator's model.
        expected: String,
    },
    /// A member that no state has.
    #[error("no state has a member “{0}”")]
    Unknown(String),
    /// A number or length that no authenticator of this model can have.
    #[error("{member} is {found}; at most {allowed} is possible")]
    Limit {
        /// The member.
        member: &'static str,
        /// What the state says.
        found: u64,
        /// The most that is possible.
        allowed: u64,
    },
    /// Fewer or more credentials than the head announces.
    #[error("{announced} credentials are announced, {found} are there")]
    Credentials {
        /// What the head says.
        announced: u64,
        /// How many there are.
        found: u64,
    },
    /// Two credentials, or two fingers, that cannot be there together.
    #[error("two {0} are the same")]
    Twice(&'static str),
    /// A private key that is none.
    #[error(transparent)]
    Key(KeyError),
    /// A root of its attestations that is none.
    #[error(transparent)]
    Root(KeptRootError),
}

impl StateError {
    /// What an administrator can do.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self.kind {
            StateErrorKind::Version { .. } => "Use the version of passkey-lab that wrote it, or start with a new file.",
            StateErrorKind::Model { .. } => "Name the model that the state is of, or another file.",
            _ => "The file was changed or cut short: start with a new file, or restore a copy of it.",
        }
    }

    pub(super) const fn at(offset: usize, kind: StateErrorKind) -> Self {
        Self { offset, kind }
    }
}

impl From<cbor::Error> for StateError {
    fn from(error: cbor::Error) -> Self {
        Self { offset: error.offset, kind: StateErrorKind::Cbor(error.kind) }
    }
}
