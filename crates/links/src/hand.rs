//! The hand at a key.

use lab_protocol::{Event, Status};

/// What is done when the key asks for a touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// The finger is on the key: every wait is answered at once.
    On,
    /// No finger is on the key.
    Off,
    /// Whatever it asks is declined.
    Deny,
}

/// The person at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hand {
    /// Where the finger is.
    pub touch: Touch,
    /// Whether a verification of the user succeeds: the right finger, the right PIN on its keypad.
    pub verifies: bool,
}

impl Hand {
    /// A hand whose verifications succeed.
    #[must_use]
    pub const fn new(touch: Touch) -> Self {
        Self { touch, verifies: true }
    }

    /// What happens to a key that waits; `None` where nothing does.
    #[must_use]
    pub const fn act(self, status: Status) -> Option<Event> {
        match (self.touch, status) {
            (Touch::Off, _) | (_, Status::Processing) => None,
            (Touch::Deny, _) => Some(Event::Deny),
            (Touch::On, Status::UpNeeded) => Some(Event::Touch),
            (Touch::On, Status::UvNeeded) => Some(self.verification()),
        }
    }

    /// How a verification ends.
    #[must_use]
    pub const fn verification(self) -> Event {
        if self.verifies { Event::Verified } else { Event::NotVerified }
    }
}
