//! The engine as a device in the same process, with a person.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use jiff::Timestamp;
use lab_protocol::{Device, DeviceError, Event, Message, Status, Step};

use crate::engine::Authenticator;

/// Who touches an emulated authenticator.
pub enum Person {
    /// Touches and is verified whenever it is asked for.
    Auto,
    /// Declines everything.
    Deny,
    /// Does this, in this order, then nothing. `Tick` stands for letting the time run out.
    Scripted(VecDeque<Event>),
    /// Whoever answers the closure; `Tick` where nothing happened yet.
    Ask(Box<dyn FnMut(Status) -> Event + Send>),
}

impl Person {
    /// Does these, in this order, then nothing.
    pub fn scripted(events: impl IntoIterator<Item = Event>) -> Self {
        Self::Scripted(events.into_iter().collect())
    }

    /// What the person does while the authenticator waits, and when.
    fn act(&mut self, status: Status, now: Timestamp, until: Timestamp) -> (Event, Timestamp) {
        match self {
            Self::Auto => (obliging(status), now),
            Self::Deny => (Event::Deny, now),
            Self::Ask(ask) => (ask(status), now),
            Self::Scripted(events) => match events.pop_front() {
                None | Some(Event::Tick) => (Event::Tick, until.max(now)),
                Some(event) => (event, now),
            },
        }
    }
}

const fn obliging(status: Status) -> Event {
    match status {
        Status::Processing => Event::Tick,
        Status::UpNeeded => Event::Touch,
        Status::UvNeeded => Event::Verified,
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("Auto"),
            Self::Deny => f.write_str("Deny"),
            Self::Scripted(events) => f.debug_tuple("Scripted").field(events).finish(),
            Self::Ask(_) => f.write_str("Ask"),
        }
    }
}

/// An emulated authenticator with a clock and a person, as a client sees any other device.
pub struct InProcess {
    /// The authenticator.
    pub authenticator: Authenticator,
    /// The time, whenever it is asked for.
    pub clock: Box<dyn FnMut() -> Timestamp + Send>,
    /// Who touches it.
    pub person: Person,
}

impl InProcess {
    /// A device for which the time stands still.
    #[must_use]
    pub fn at(authenticator: Authenticator, now: Timestamp, person: Person) -> Self {
        Self { authenticator, clock: Box::new(move || now), person }
    }
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { authenticator, person, .. } = self;
        f.debug_struct("InProcess")
            .field("authenticator", authenticator)
            .field("person", person)
            .finish_non_exhaustive()
    }
}

impl Device for InProcess {
    fn call(
        &mut self,
        message: Message<'_>,
        on_wait: &mut dyn FnMut(Status) -> ControlFlow<()>,
    ) -> Result<Vec<u8>, DeviceError> {
        let mut step = self.authenticator.start(message, (self.clock)());
        let mut touching = false;
        loop {
            let (status, until) = match step {
                Step::Done(reply) if reply.is_empty() => {
                    return Err(DeviceError::Gone("it lost power before it answered".to_owned()));
                }
                Step::Done(reply) => return Ok(reply),
                Step::Waiting { status, until } => (status, until),
            };
            let cancelled = on_wait(status).is_break();
            let now = (self.clock)();
            let (event, at) = match touching && status == Status::UpNeeded {
                _ if cancelled => (Event::Cancel, now),
                // The finger is there already: it is to stay until then.
                true => (Event::Tick, until.max(now)),
                false => self.person.act(status, now, until),
            };
            touching = event == Event::Touch;
            step = self.authenticator.event(event, at);
        }
    }
}
