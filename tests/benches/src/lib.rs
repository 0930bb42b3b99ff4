//! The jobs that are measured, set up once and run many times.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a benchmark that cannot be set up has to stop"
)]

mod ceremony;
pub mod crowd;
pub mod doors;
mod floor;
mod formats;
pub mod grid;
pub mod keys;
pub mod load;
pub mod metadata;
mod policy;
pub mod ratio;
mod recorded;

pub use ceremony::Ceremony;
pub use floor::Floor;
pub use formats::Recorded;
pub use policy::Policy;
pub use recorded::SignIn;
