//! The emulated authenticator: one engine without thread and clock, behind every door.
//!
//! * [`Authenticator`]: `start` a message, give it `event`s, get `Step`s. Time is an argument, the
//!   person is an event.
//! * [`InProcess`]: the same as a [`Device`](lab_protocol::Device), with a clock and a [`Person`].
//! * [`Model`]: what is known of one make of authenticator, read from a TOML file; [`models`] has the
//!   built-in ones.
//! * [`lists`]: tables of AAGUIDs, and the generic model that a row of one makes.
//! * [`SyncFabric`]: an account whose devices share their passkeys.
//!
//! [`Authenticator::new`] is as it leaves the factory, [`Authenticator::set_up`] as its user has it.
//!
//! What the engine says can be changed by the [`Tamper`](lab_protocol::Tamper) in its `Env`, at the
//! places that trait names. The engine itself never lies.

mod attest;
mod authorize;
mod commands;
mod counter;
mod door;
mod engine;
mod extensions;
mod id_scheme;
mod in_process;
mod interaction;
pub mod lists;
mod model;
pub mod models;
mod pin;
mod present;
mod set_up;
mod state;
mod store;
mod sync;
mod u2f;

pub use attest::attestation_certificate;
pub use engine::Authenticator;
pub use in_process::{InProcess, Person};
pub use model::{
    AsBuilt, Attachment, Attestation, BackupState, Chain, Confidence, CounterBehaviour, Field, Fingerprints, Flow, Gap,
    GetInfo, IdScheme, Identity, Inherits, Kind, ListedType, Metadata, Model, ModelError, ModelErrorKind, Named, OwnCa,
    Pairs, ParentError, PasskeyType, Passkeys, Place, Platform, Quirk, SecurityLevel, Sourced, Transport,
    UserVerification, UvMethod, UvOption, UvPolicy, Vendor, Violation, WhenNone,
};
pub use set_up::PinRefused;
pub use state::{StateError, StateErrorKind};
pub use store::{CredProtect, CredRandom, Credential};
pub use sync::{JoinError, SyncFabric};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
