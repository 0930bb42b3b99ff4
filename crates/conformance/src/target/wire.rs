//! A device on a link: another process, or a key that is plugged in.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use lab_hid::{Channel, Command, HidDevice, Link, Opened};
use lab_protocol::Device;

use super::{Attendant, Behaviour, Facts, NONCE, Target};
use crate::outcome::Stop;

/// How long a device may take to begin anew.
const SOON: SignedDuration = SignedDuration::from_secs(1);

/// A device on a link. Without an attendant, nobody tells its person what to do, and nobody unplugs it.
pub struct WireTarget<L> {
    name: String,
    device: HidDevice<L>,
    attendant: Option<Box<dyn Attendant<L>>>,
    /// What its person was told last.
    told: Option<Behaviour>,
}

impl<L: Link> WireTarget<L> {
    /// Opens a channel on the link.
    ///
    /// # Errors
    /// The device gives none.
    pub fn open(name: impl Into<String>, link: L) -> Result<Self, Stop> {
        Ok(Self { name: name.into(), device: HidDevice::open(link, NONCE)?, attendant: None, told: None })
    }

    /// The same, with somebody at it.
    #[must_use]
    pub fn attended_by(self, attendant: Box<dyn Attendant<L>>) -> Self {
        Self { attendant: Some(attendant), ..self }
    }
}

impl<L: Link> Target for WireTarget<L> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn is_model(&self) -> bool {
        false
    }

    fn facts(&self) -> Option<Facts> {
        None
    }

    /// What the last case left unfinished on its channel is ended; the next has one of its own.
    fn renew(&mut self) -> Result<(), Stop> {
        self.person(Behaviour::Obliges)?;
        let channel = self.device.opened().channel;
        self.device.send(channel, Command::INIT, &NONCE)?;
        let until = self.device.link_mut().now().checked_add(SOON).unwrap_or(Timestamp::MAX);
        // Whatever comes, an error of a channel that is forgotten included: it is over.
        let _ = self.device.receive(channel, until);
        Ok(self.device.reopen(NONCE)?)
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
        let attendant = self.attendant.as_mut();
        let attendant = attendant.ok_or_else(|| Stop::not_applicable("nobody can unplug this target"))?;
        let link = attendant.replug().map_err(|why| Stop::fail("a device that is there again", why))?;
        self.device = HidDevice::open(link, NONCE)?;
        Ok(())
    }

    fn person(&mut self, behaviour: Behaviour) -> Result<(), Stop> {
        if self.told == Some(behaviour) {
            return Ok(());
        }
        let does = match &mut self.attendant {
            Some(attendant) => {
                attendant.person(behaviour).map_err(|why| Stop::fail("a person who can be told", why))?
            }
            None => behaviour == Behaviour::Obliges,
        };
        if !does {
            return Err(Stop::not_applicable("nobody can tell the person at this target what to do"));
        }
        self.told = Some(behaviour);
        Ok(())
    }

    fn pass(&mut self, time: SignedDuration) -> Result<(), Stop> {
        let link = self.device.link_mut();
        let until = link.now().checked_add(time).unwrap_or(Timestamp::MAX);
        while link.receive(until)?.is_some() {}
        Ok(())
    }
}

impl<L> fmt::Debug for WireTarget<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WireTarget({})", self.name)
    }
}
