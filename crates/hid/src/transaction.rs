//! The one message that a device works on at a time: `ctap-2.2 §11.2.5`.

use jiff::{SignedDuration, Timestamp};
use lab_protocol::Status;

use crate::message::Assembler;
use crate::packet::{Channel, Command};

/// How long the next packet of a message may take.
const TRANSACTION_TIMEOUT: SignedDuration = SignedDuration::from_millis(500);
/// How often a client hears that the device still waits.
const KEEPALIVE_EVERY: SignedDuration = SignedDuration::from_millis(100);

/// A message from its first packet to the last one of its reply.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub channel: Channel,
    pub command: Command,
    pub phase: Phase,
}

#[derive(Debug)]
pub(crate) enum Phase {
    /// Its packets come in.
    Assembling { assembler: Assembler, until: Timestamp },
    /// The engine waits for the person.
    Waiting { status: Status, until: Timestamp, keepalive_at: Timestamp },
    /// The engine has it.
    Started,
}

impl Phase {
    pub fn assembling(assembler: Assembler, now: Timestamp) -> Self {
        Self::Assembling { assembler, until: after(now, TRANSACTION_TIMEOUT) }
    }

    pub fn waiting(status: Status, until: Timestamp, now: Timestamp) -> Self {
        Self::Waiting { status, until, keepalive_at: after(now, KEEPALIVE_EVERY) }
    }

    /// When something happens without a packet or a person.
    pub fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Assembling { until, .. } => Some(*until),
            Self::Waiting { until, keepalive_at, .. } => Some(*until.min(keepalive_at)),
            Self::Started => None,
        }
    }
}

/// A while after `now`, or the end of time.
pub(crate) fn after(now: Timestamp, while_: SignedDuration) -> Timestamp {
    now.saturating_add(while_).unwrap_or(Timestamp::MAX)
}

/// The byte of CTAPHID_KEEPALIVE (`ctap-2.2 §11.2.9.1.7`).
pub(crate) const fn keepalive_byte(status: Status) -> u8 {
    match status {
        Status::Processing => 1,
        Status::UpNeeded | Status::UvNeeded => 2,
    }
}
