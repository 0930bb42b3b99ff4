//! One of the lab's models: an engine in memory, on real packets, with a clock of its own.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use lab_authenticator::Authenticator;
use lab_hid::{Act, Channel, Command, HidDevice, Link, Loopback, Opened, Person};
use lab_protocol::{Device, Event, Status};

use super::{Behaviour, Facts, NONCE, Target};
use crate::outcome::Stop;

/// How long a tap lasts.
const TAP: SignedDuration = SignedDuration::from_millis(200);

/// A wait that ends within so long asks whether the finger stays.
const LONG_TOUCH: SignedDuration = SignedDuration::from_secs(5);

/// A model that is made anew for every case.
pub struct ModelTarget {
    name: String,
    facts: Facts,
    make: Box<dyn FnMut() -> Authenticator>,
    at: Timestamp,
    device: HidDevice<Loopback<Authenticator, Actor>>,
}

/// A person who does as told.
#[derive(Debug, Clone, Copy)]
struct Actor(Behaviour);

impl Person for Actor {
    fn act(&mut self, status: Status, now: Timestamp, until: Timestamp) -> Act {
        let lifts = self.0 == Behaviour::Taps && until.duration_since(now) <= LONG_TOUCH;
        let event = match (self.0, status) {
            (_, Status::Processing) | (Behaviour::Absent, _) => Event::Tick,
            (Behaviour::Declines, _) => Event::Deny,
            (Behaviour::IsNotVerified, Status::UvNeeded) => Event::NotVerified,
            (_, Status::UvNeeded) => Event::Verified,
            (_, Status::UpNeeded) if lifts => Event::Deny,
            (_, Status::UpNeeded) => Event::Touch,
        };
        Act { event, at: if lifts { now.checked_add(TAP).unwrap_or(now) } else { now } }
    }
}

impl ModelTarget {
    /// A model, as `make` makes it, from `at` on.
    ///
    /// # Errors
    /// It gives no channel.
    pub fn new(
        name: impl Into<String>,
        facts: Facts,
        at: Timestamp,
        mut make: impl FnMut() -> Authenticator + 'static,
    ) -> Result<Self, Stop> {
        let device = open(make(), at)?;
        Ok(Self { name: name.into(), facts, make: Box::new(make), at, device })
    }
}

fn open(engine: Authenticator, at: Timestamp) -> Result<HidDevice<Loopback<Authenticator, Actor>>, Stop> {
    Ok(HidDevice::open(Loopback::new(engine, at, Actor(Behaviour::Obliges)), NONCE)?)
}

impl Target for ModelTarget {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn is_model(&self) -> bool {
        true
    }

    fn facts(&self) -> Option<Facts> {
        Some(self.facts.clone())
    }

    fn renew(&mut self) -> Result<(), Stop> {
        self.device = open((self.make)(), self.at)?;
        Ok(())
    }

    fn device(&mut self) -> &mut dyn Device {
        &mut self.device
    }

    fn opened(&self) -> Opened {
        *self.device.opened()
    }

    fn link(&mut self) -> &mut dyn Link {
        self.device.link_mut()
    }

    fn receive(&mut self, channel: Channel, until: Timestamp) -> Result<Option<(Command, Vec<u8>)>, Stop> {
        Ok(self.device.receive(channel, until)?)
    }

    fn replug(&mut self) -> Result<(), Stop> {
        let link = self.device.link_mut();
        link.unplug();
        link.plug();
        Ok(self.device.reopen(NONCE)?)
    }

    fn person(&mut self, behaviour: Behaviour) -> Result<(), Stop> {
        *self.device.link_mut().person_mut() = Actor(behaviour);
        Ok(())
    }

    fn touch(&mut self) {
        let link = self.device.link_mut();
        if link.person_mut().0 == Behaviour::Obliges {
            let now = link.now();
            let _ = link.engine_mut().event(Event::Touch, now);
        }
    }

    fn pass(&mut self, time: SignedDuration) -> Result<(), Stop> {
        let link = self.device.link_mut();
        let until = link.now().checked_add(time).unwrap_or(Timestamp::MAX);
        link.pass(until);
        Ok(())
    }
}

impl fmt::Debug for ModelTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModelTarget({})", self.name)
    }
}
