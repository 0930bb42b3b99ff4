//! Who is at the device while it waits.

use jiff::Timestamp;
use lab_protocol::{Event, Status};

/// What the person does, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act {
    /// What happens; a [`Event::Tick`] is nothing.
    pub event: Event,
    /// When.
    pub at: Timestamp,
}

/// Somebody at the device. It is asked once for each time that the device starts to wait.
pub trait Person {
    /// What is done about a device that waits for `status` from `now` to `until`.
    fn act(&mut self, status: Status, now: Timestamp, until: Timestamp) -> Act;
}

impl<F: FnMut(Status, Timestamp, Timestamp) -> Act> Person for F {
    fn act(&mut self, status: Status, now: Timestamp, until: Timestamp) -> Act {
        self(status, now, until)
    }
}

/// Touches and is verified at once, whenever asked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Obliging;

impl Person for Obliging {
    fn act(&mut self, status: Status, now: Timestamp, _until: Timestamp) -> Act {
        let event = match status {
            Status::Processing => Event::Tick,
            Status::UpNeeded => Event::Touch,
            Status::UvNeeded => Event::Verified,
        };
        Act { event, at: now }
    }
}
