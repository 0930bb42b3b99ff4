//! The one seam between a client and an authenticator, emulated, real or recorded.

use std::ops::ControlFlow;

use jiff::Timestamp;

use crate::tamper::Tamper;

/// A message to an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message<'a> {
    /// A CTAP2 command byte and its CBOR.
    Cbor(&'a [u8]),
    /// A CTAP1 (U2F) APDU.
    Msg(&'a [u8]),
}

/// What an authenticator is waiting for (`ctap-2.2 §11.2.9.1.7`, the keepalive status).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It works.
    Processing,
    /// It waits for a touch.
    UpNeeded,
    /// It waits for the user to be verified; the same keepalive byte as a touch.
    UvNeeded,
}

/// What an engine answers to a message or an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The reply, complete.
    Done(Vec<u8>),
    /// It waits for a person: give it an event, at the latest a tick at `until`.
    Waiting {
        /// For what.
        status: Status,
        /// When it gives up.
        until: Timestamp,
    },
}

/// What happens to an authenticator while it waits, or at any other time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// The person touches it.
    Touch,
    /// The person declines.
    Deny,
    /// The person was verified by its own means.
    Verified,
    /// The verification failed.
    NotVerified,
    /// The client cancels the command.
    Cancel,
    /// It loses power and gets it back.
    PowerCycle,
    /// Time passes.
    Tick,
}

/// An authenticator, as a client sees it.
pub trait Device {
    /// Sends one message and waits for the reply. `on_wait` is called at least once for each status
    /// while the authenticator waits; [`ControlFlow::Break`] cancels the command.
    ///
    /// # Errors
    /// The device is gone or answers what is no reply. A CTAP error is a reply, not an error.
    fn call(
        &mut self,
        message: Message<'_>,
        on_wait: &mut dyn FnMut(Status) -> ControlFlow<()>,
    ) -> Result<Vec<u8>, DeviceError>;
}

/// An authenticator without thread and clock, as every door drives it.
pub trait Engine {
    /// Starts a message.
    fn start(&mut self, message: Message<'_>, now: Timestamp) -> Step;

    /// Tells what happened. A step that is `Done` without bytes means that nobody waits for a reply.
    fn event(&mut self, event: Event, now: Timestamp) -> Step;

    /// What it says of itself in CTAPHID_INIT.
    fn hid_facts(&self) -> HidFacts;

    /// A CTAPHID packet of its own, about to leave: the last place at which it can lie.
    fn packet(&mut self, _packet: &mut [u8; 64]) {}

    /// A number that rises with every change that has to outlast a loss of power.
    fn revision(&self) -> u64;

    /// Everything that has to outlast a loss of power.
    fn export(&self) -> Vec<u8>;
}

/// What a device says in CTAPHID_INIT (`ctap-2.2 §11.2.9.1.3`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HidFacts {
    /// Major, minor and build of the device's version.
    pub version: [u8; 3],
    /// What it can do.
    pub capabilities: Capabilities,
}

/// The capability flags of CTAPHID_INIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Capabilities(pub u8);

impl Capabilities {
    /// It implements CTAPHID_WINK.
    pub const WINK: Self = Self(0x01);
    /// It implements CTAPHID_LOCK: a flag of U2F that CTAP2 no longer names.
    pub const LOCK: Self = Self(0x02);
    /// It implements CTAPHID_CBOR.
    pub const CBOR: Self = Self(0x04);
    /// It does **not** implement CTAPHID_MSG.
    pub const NMSG: Self = Self(0x08);

    /// Whether all flags of `other` are set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These and those.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Why no reply could be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// It is not there any more.
    #[error("the authenticator is gone: {0}")]
    Gone(String),
    /// It answers another client first.
    #[error("the authenticator is busy with another program")]
    Busy,
    /// What it sent is no reply.
    #[error("the authenticator sent what is no reply: {0}")]
    Garbled(String),
}

/// Where random bytes come from.
pub trait Random {
    /// Fills `bytes`.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// The world of an emulated authenticator or client, handed in by its caller.
pub struct Env {
    /// Random bytes: seeded, or the system's.
    pub rng: Box<dyn Random + Send>,
    /// What it lies about.
    pub tamper: Box<dyn Tamper + Send>,
}

impl Env {
    /// An environment that lies about nothing.
    #[must_use]
    pub fn honest(rng: impl Random + Send + 'static) -> Self {
        Self { rng: Box::new(rng), tamper: Box::new(crate::tamper::Honest) }
    }

    /// `N` random bytes.
    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill(&mut bytes);
        bytes
    }
}

impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Env")
    }
}
