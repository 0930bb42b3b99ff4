//! Entra ID's passkey policy, replayed: who may register which passkey, who may sign in with it, and
//! exactly why not.
//!
//! * [`graph`]: Microsoft Graph's own types. Unknown properties and enum members survive.
//! * [`tenant`]: a tenant read from Graph exports, and what `lab.json` adds to it.
//! * [`scope`]: the facts about a user that can decide, and the scopes that users fall into.
//! * [`candidate`], [`circumstances`]: what the caller knows of a passkey and of the ceremony.
//! * [`evaluate`]: one registration or sign-in held against the tenant, as a [`decision::Decision`].
//! * [`rules`]: every rule with its manual page. [`switches`]: every assumption with its other reading.
//! * [`limits`]: what is wrong, ignored or unknown in a tenant, before anybody uses it.
//! * [`handle`]: the user handle that Entra gives its passkeys.
//!
//! Pure: no clock, no I/O, no randomness. Authentication strengths and Conditional Access take their
//! place beside [`evaluate`]; until then a tenant keeps them as they came.

pub mod aaguids;
mod attestation;
pub mod candidate;
pub mod circumstances;
pub mod decision;
pub mod evaluate;
pub mod graph;
pub mod handle;
pub mod limits;
pub mod policy;
mod reason;
pub mod rules;
pub mod scope;
pub mod source;
pub mod switches;
pub mod tenant;

pub use candidate::{
    AdverseStatus, AttestationFacts, AttestationKind, Candidate, InAppAttestation, MetadataEntry, MetadataFacts,
    Passkey, Trust,
};
pub use circumstances::{Caller, Circumstances, Mfa, RegistrationPath, WindowsHelloContainer};
pub use decision::{Ceremony, CeremonyOutcome, Decision, ProfileOutcome, Verdict};
pub use evaluate::{register, sign_in};
pub use lab_protocol::Aaguid;
pub use rules::Rule;
pub use scope::{Persona, PersonaError, Scope, Standing, UserFacts};
pub use source::{Evidence, Source};
pub use tenant::{Tenant, TenantError, TenantFile};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
