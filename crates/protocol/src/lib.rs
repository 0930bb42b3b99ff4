//! The vocabulary of the lab: WebAuthn, CTAP2 and COSE as their owners spell them, a strict CBOR
//! codec, the WebAuthn JSON forms, and the checks and traces that every verdict is made of.
//!
//! No cryptography and no I/O: whoever hashes, signs, sends or waits does so in another crate.

mod aaguid;
pub mod base64url;
pub mod cbor;
pub mod cose;
pub mod ctap2;
pub mod device;
pub mod laboratory;
pub mod nearest;
pub mod tamper;
pub mod trace;
pub mod webauthn;

pub use aaguid::{Aaguid, AaguidError};
pub use base64url::Base64Url;
pub use device::{Capabilities, Device, DeviceError, Engine, Env, Event, HidFacts, Message, Random, Status, Step};
pub use tamper::Tamper;
