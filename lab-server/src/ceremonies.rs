//! Ceremonies with clients outside the process: options go out, responses come back, and each ends as one event
//! of the log with the bytes that it was judged by.
//!
//! * [`ask`]: options. They carry the lab's own RP ID and a random user handle (see [`lab_directory::handle`]).
//! * [`answer`]: a response to its pending ceremony, judged and recorded.
//! * [`kept`]: what waits across a restart.
//! * `discretion`: what is not kept.
//! * [`input`]: what is kept of a ceremony, and how it is judged; the same when it happens and when somebody
//!   looks at it later.
//! * [`review`]: a recorded ceremony with its trace, made again.

pub mod answer;
pub mod ask;
mod discretion;
pub mod input;
pub mod kept;
pub mod passkey;
pub mod review;

use lab_directory::Door;
use lab_entra::{Circumstances, InAppAttestation};
use serde::{Deserialize, Serialize};

pub use answer::Told;
pub use input::{Input, Judged};
pub use review::Review;

/// What the lab remembers of a ceremony beside its options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// Where it was begun.
    pub door: Door,
    /// The object id of the user, where it was known.
    pub user: Option<String>,
    /// By whose rules it is judged.
    pub rules: Rules,
    /// What surrounds it.
    pub circumstances: Circumstances,
    /// What Microsoft's service is to say.
    pub in_app: Option<InAppAttestation>,
}

/// By whose rules a ceremony is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rules {
    /// Entra's: WebAuthn with Entra's readings, then the tenant's policy.
    Entra,
    /// WebAuthn's alone.
    Webauthn,
}
