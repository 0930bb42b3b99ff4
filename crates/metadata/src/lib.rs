//! FIDO metadata (MDS3): who vouches for which model, and whether that still holds.
//!
//! * [`open()`]: a BLOB as it is published, verified step by step, and indexed. Time and roots are arguments.
//! * [`payload`]: what a BLOB says; entries are read when somebody asks for them.
//! * [`entry`], [`statement`]: one model, every member typed. What the lab does not know is kept and
//!   reported ([`member`]); what is of the wrong type is named with its place and never stops a reader.
//! * [`standing`]: what the status reports of a model come to at a given time.
//! * [`judge`]: an attestation held against the entry of its model.
//! * [`in_use`]: the BLOB that is in use, and what becomes of one that is offered.
//! * [`changes`]: what two BLOBs say differently. [`mod@write`]: a BLOB of the lab's own.
//!
//! Nothing here fetches anything: BLOB, roots and revocation lists are handed in.

#[macro_use]
mod macros;

pub mod changes;
pub mod entry;
pub mod in_use;
mod index;
pub mod judge;
pub mod member;
pub mod open;
pub mod payload;
mod roots;
pub mod standing;
pub mod statement;
pub mod vocabulary;
pub mod write;

pub use entry::{Entry, ModelKey, StatusReport};
pub use in_use::{InUse, Kept, Offered};
pub use open::{Blob, Opened, Opening, open};
pub use payload::Payload;
pub use roots::fido_roots;
pub use standing::{Refusal, Standing};
pub use vocabulary::AuthenticatorStatus;

/// The longest BLOB that is read, in bytes. Real ones have 4 to 8 MB.
pub const MAX_BLOB: usize = 32 * 1024 * 1024;
/// The most entries of a BLOB that are read. Real ones have a few hundred.
pub const MAX_ENTRIES: usize = 20_000;
/// The longest entry that is read, in bytes. Icons make real ones up to 200 kB long.
pub const MAX_ENTRY: usize = 2 * 1024 * 1024;

#[cfg(test)]
mod tests;
