//! Peers that the lab did not write, behind the lab's own seams: the `passkey` crate as an
//! authenticator that a ceremony can use ([`passkey_rs`]), and `webauthn-rs-core` as a second
//! opinion on a recorded response ([`webauthn_rs`]).
//!
//! Neither is a model for the lab's own code: they are here to disagree with it.

pub mod passkey_rs;
pub mod webauthn_rs;

pub use passkey_rs::PasskeyRs;
pub use webauthn_rs::{Opinion, second_opinion};
