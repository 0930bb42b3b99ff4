//! The relying party: what it sends, and how it judges what comes back.
//!
//! * [`registration`] and [`authentication`]: the 29 and 25 steps of Web Authentication Level 3 as named
//!   checks in specification order, each run leaving a trace.
//! * [`policy`]: one switch for each choice that the specification leaves to the relying party.
//! * [`options`], [`challenge`], [`pending`]: options of a generic shape and of Entra's, challenges
//!   that authenticate themselves, and the ceremony that waits for an answer.
//! * [`record`]: the credential record, and the question whether an id is taken.
//!
//! Pure: the clock, randomness and the store belong to the caller.

pub mod authentication;
pub mod authenticator_data;
pub mod challenge;
mod client_data;
pub mod expected;
mod extensions;
pub mod options;
pub mod origins;
pub mod pending;
pub mod policy;
pub mod record;
pub mod registration;
mod rp_id;
mod text;
mod verdict;

pub use challenge::{Challenge, ChallengeError, Challenges};
pub use expected::{Expected, Expiry, Framing, UserVerification};
pub use origins::Origins;
pub use pending::Pending;
pub use policy::{Choice, Demand, Policy};
pub use record::{CredentialRecord, KnownCredentials, NothingKnown};
pub use verdict::{Claims, Verdict};

use lab_protocol::trace::Check;

/// Every check that a verification can record, each once: both ceremonies, every attestation format
/// and the certificate path. The order is that of the specification.
pub fn checks() -> Vec<&'static Check> {
    let mut all = registration::checks();
    let known = all.len();
    for check in authentication::CHECKS {
        if !all[..known].iter().any(|other| other.id == check.id) {
            all.push(check);
        }
    }
    all
}

#[cfg(test)]
mod testing;
