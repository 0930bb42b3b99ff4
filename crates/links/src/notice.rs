//! What a key has to tell whoever runs it.

use std::sync::Arc;

use lab_protocol::Status;

use crate::address::Address;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Clients find it here.
    Listening(Address),
    /// The door is shut for good, and why.
    Closed(String),
    /// It waits for the person.
    Waiting(Status),
    /// It was asked for a relying party that no laboratory has; a CTAP1 message has only a hash.
    Refused(String),
    /// Its state could not be written, so the reply was withheld.
    NotKept(String),
}

/// Whoever listens to notices.
pub type Notify = Arc<dyn Fn(Notice) + Send + Sync>;
