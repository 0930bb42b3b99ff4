//! The vocabulary of the lab: WebAuthn, CTAP2 and COSE as their owners spell them, a strict CBOR
//! codec, the WebAuthn JSON forms, and the checks and traces that every verdict is made of.
//!
//! No cryptography and no I/O: whoever hashes, signs, sends or waits does so in another crate.

pub mod trace;
