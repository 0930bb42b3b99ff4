//! What a verification comes to.

use lab_protocol::Aaguid;
use lab_protocol::trace::{Check, Trace};
use lab_protocol::webauthn::Flags;
use serde::Serialize;

/// The verdict of a ceremony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every check passed.
    Valid,
    /// At least one check failed.
    Invalid,
    /// No check failed, but one needs a format or an algorithm that is not built.
    Unsupported,
}

impl Verdict {
    /// The verdict of a trace: a failure outweighs what could not be judged.
    #[must_use]
    pub fn of(trace: &Trace<'_>) -> Self {
        match (trace.decided_by(), trace.unsupported()) {
            (Some(_), _) => Self::Invalid,
            (None, Some(_)) => Self::Unsupported,
            (None, None) => Self::Valid,
        }
    }

    /// The name used in JSON results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unsupported => "unsupported",
        }
    }
}

/// The check that a verdict rests on: the first failure, else the first that needs what is not built.
pub(crate) fn decided_by(trace: &Trace<'_>) -> Option<&'static Check> {
    trace.decided_by().or_else(|| trace.unsupported())
}

/// What a response says of itself, whether or not it holds up. To be shown; to decide on it, use what
/// only verifying makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Claims<'a> {
    /// The attestation statement format.
    pub format: Option<&'a str>,
    /// The model.
    pub aaguid: Option<Aaguid>,
    /// The credential id: of the attested data, else of the response.
    pub credential_id: Option<&'a [u8]>,
    /// The flags of the authenticator data.
    pub flags: Option<Flags>,
    /// The signature counter.
    pub sign_count: Option<u32>,
}
