//! Why a job could not find out.

use lab_client::ClientError;
use lab_entra::PersonaError;

use crate::input::InputError;

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
    /// A lie that nobody knows.
    #[error(transparent)]
    Lie(#[from] lab_lies::LieError),
    /// A platform that nobody knows.
    #[error("there is no platform “{name}”; there are {}", .known.join(", "))]
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
    /// Options that cannot go together.
    #[error("{what}")]
    Usage {
        /// What cannot go together, and why.
        what: String,
        /// What to do instead.
        hint: Option<String>,
    },
    /// A flow that this model or platform does not have.
    #[error("{0}")]
    Flow(ClientError),
    /// The emulation itself failed.
    #[error("the emulation failed: {0}")]
    Emulation(String),
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
            Self::Model { .. } => Some("`passkey-lab models list` shows all models".to_owned()),
            Self::Unexplained { .. } => Some("`passkey-lab explain` lists everything that has a page".to_owned()),
            _ => None,
        }
    }

    /// The exit status of the contract: 2 bad usage or input, 5 internal failure.
    #[must_use]
    pub const fn exit_status(&self) -> u8 {
        match self {
            Self::Emulation(_) => 5,
            _ => 2,
        }
    }
}
