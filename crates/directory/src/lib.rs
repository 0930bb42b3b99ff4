//! What a running lab knows: users and groups, policies, registered passkeys, passes, and who did what.
//!
//! * [`event`]: the append-only log, which is the truth.
//! * [`directory`]: what follows from it; every question of pages, Graph and ceremonies is asked here.
//! * [`store`]: the trait of whatever keeps the log, and one that keeps it in memory.
//! * [`ceremonies`]: challenges that wait for their answer, each answered once.
//! * [`retention`]: what is forgotten, and what never is.
//! * [`handle`]: the user handles that leave the process.
//!
//! Pure: the clock, randomness and files belong to the caller.

pub mod ceremonies;
pub mod directory;
pub mod event;
pub mod handle;
pub mod pass;
pub mod passkey;
pub mod retention;
pub mod store;

pub use ceremonies::{Ceremonies, CeremonyError};
pub use directory::{Directory, Snapshot, Unfit};
pub use event::{Actor, Door, Event, Kind, Recorded};
pub use pass::TemporaryAccessPass;
pub use passkey::{RegisteredPasskey, Use};
pub use retention::Retention;
pub use store::{Batch, Draft, Facet, Given, MemoryStore, Query, Store, StoreError, Taken, Waits, Written};

#[cfg(test)]
mod tests;
