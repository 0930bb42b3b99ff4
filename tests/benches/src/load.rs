//! Clients of a relying party that speaks FIDO's conformance server API: the lab server, or anybody else's.
//!
//! Their keys are ES256 by aws-lc-rs and their bytes are put together here, so that nothing of what is measured
//! makes what it is measured with.

mod connection;
mod lab;
mod latency;
mod passkey;
mod user;

pub use connection::{Connection, Origin, Trouble};
pub use lab::Lab;
pub use latency::Latency;
pub use passkey::Passkey;
pub use user::User;
