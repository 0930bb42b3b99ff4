//! Why a job could not find out.

use lab_client::ClientError;
use lab_entra::{PersonaError, TenantError};

use crate::input::InputError;
use crate::real_key::{Denial, GuardError, LedgerError};

/// A job that gave no result: bad input, or something that is missing.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// An input file or tenant.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A user or group that the tenant does not have.
    #[error(transparent)]
    Persona(#[from] PersonaError),
    /// A model that nobody knows.
    #[error("there is no model “{name}”{}", suggestion(.nearest))]
    Model {
        /// What was asked for.
        name: String,
        /// The ids that are nearest to it.
        nearest: Vec<String>,
    },
    /// A model file that makes no sense.
    #[error(transparent)]
    ModelFile(#[from] lab_authenticator::ModelError),
    /// A CA of the user's own that is none.
    #[error("{file}: own-ca {certificate}: {error}")]
    OwnCa {
        /// The model file that names it.
        file: String,
        /// Its certificate file.
        certificate: String,
        /// What is wrong.
        error: lab_attestation::emit::OwnAuthorityError,
    },
    /// A list of AAGUIDs that is none.
    #[error(transparent)]
    ModelList(#[from] lab_authenticator::lists::ListError),
    /// Rows of a list that cannot be used, where all or nothing was asked for.
    #[error("{} of {file} cannot be used, so nothing is:{}", rows(.problems.len()), lines(.problems))]
    ModelRows {
        /// The file.
        file: String,
        /// What is wrong, row by row.
        problems: Vec<lab_authenticator::lists::ListError>,
    },
    /// A lie that nobody knows.
    #[error(transparent)]
    Lie(#[from] lab_lies::LieError),
    /// A platform that nobody knows.
    #[error("there is no platform “{name}”: expected one of {}", .known.join(", "))]
    Platform {
        /// What was asked for.
        name: String,
        /// The ids that exist.
        known: Vec<String>,
    },
    /// An id that `explain` does not know.
    #[error("nothing is called “{id}”{}", suggestion(.nearest))]
    Unexplained {
        /// What was asked for.
        id: String,
        /// The ids that are nearest to it.
        nearest: Vec<String>,
    },
    /// An id that no verdict can rest on.
    #[error("no verdict is decided by “{id}”{}", suggestion(.nearest))]
    Undecisive {
        /// What was asked for.
        id: String,
        /// The ids that are nearest to it.
        nearest: Vec<String>,
    },
    /// Metadata that nobody should ask.
    #[error("{file} is not asked: {reason}")]
    Metadata {
        /// The BLOB.
        file: String,
        /// Why.
        reason: lab_metadata::Kept,
    },
    /// Options that cannot go together.
    #[error("{what}")]
    Usage {
        /// What cannot go together, and why.
        what: String,
        /// What to do instead.
        hint: Option<String>,
    },
    /// A flow that this model or platform does not have.
    #[error("{}", .0.cause)]
    Flow(ClientError),
    /// The state of a key that is none, or of another model.
    #[error("{0}")]
    KeyState(String),
    /// A transcript that is none.
    #[error("{file}: {error}")]
    Transcript {
        /// The file.
        file: String,
        /// Which line, and what is wrong with it.
        error: Box<lab_client::transcript::ReadError>,
    },
    /// A device that is not there, or no authenticator.
    #[error("the target does not answer: {0}")]
    Target(String),
    /// A real key that gave nothing.
    #[error(transparent)]
    Key(#[from] Denial),
    /// A real key that is not written to.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// The ledger of what was written to real keys.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The emulation itself failed.
    #[error("the emulation failed: {0}")]
    Emulation(String),
}

/// A hint as a terminal says it: lower case, no full stop.
fn spoken(hint: &str) -> String {
    let mut letters = hint.trim_end_matches('.').chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

fn rows(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

fn lines(problems: &[lab_authenticator::lists::ListError]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

fn suggestion(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!("; perhaps {}", nearest.join(" or ")) }
}

impl JobError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Metadata { .. } => {
                Some("`passkey-lab metadata check BLOB` shows every check; --anchors names other roots".to_owned())
            }
            Self::Platform { .. } => {
                Some("`passkey-lab explain platform/windows` says what one of them does".to_owned())
            }
            Self::Model { .. } => Some("`passkey-lab models list` shows all models".to_owned()),
            Self::Undecisive { .. } => Some("`passkey-lab explain` lists checks and rules".to_owned()),
            Self::Unexplained { .. } => Some("`passkey-lab explain` lists everything that has a page".to_owned()),
            Self::Lie(_) => Some("`passkey-lab explain` lists the lies, each with its usage".to_owned()),
            Self::Persona(_) => Some("`passkey-lab tenant show TENANT` shows who is in which scope".to_owned()),
            Self::Flow(error) => error.hint().map(spoken),
            Self::Key(denial) => denial.hint().as_deref().map(spoken),
            Self::Guard(error) => Some(error.hint()),
            Self::Transcript { error, .. } => Some(crate::transcript::hint(error)),
            Self::Input(InputError::Tenant(TenantError::NoPolicy { .. })) => Some(
                "fido2.json is what Graph answers to GET \
                 /policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2"
                    .to_owned(),
            ),
            _ => None,
        }
    }

    /// The exit status of the contract: 2 bad usage or input, 3 something is missing, 5 internal failure.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Target(_) | Self::Key(_) | Self::Ledger(LedgerError::NotKept(_)) => 3,
            Self::Guard(error) => error.exit_status(),
            Self::Emulation(_) => 5,
            _ => 2,
        }
    }
}
