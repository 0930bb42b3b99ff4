//! What carries packets.

use jiff::Timestamp;

use crate::packet::Packet;

/// A wire to a device: packets of 64 bytes, without report id, and a clock to wait by.
pub trait Link {
    /// The time.
    fn now(&mut self) -> Timestamp;

    /// Sends a packet.
    ///
    /// # Errors
    /// The device is gone.
    fn send(&mut self, packet: &Packet) -> Result<(), LinkError>;

    /// The next packet of the device; `None` where there was none before `until`.
    ///
    /// # Errors
    /// The device is gone.
    fn receive(&mut self, until: Timestamp) -> Result<Option<Packet>, LinkError>;
}

/// Why a wire carries nothing any more, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LinkError(pub String);

impl<L: Link + ?Sized> Link for &mut L {
    fn now(&mut self) -> Timestamp {
        (**self).now()
    }

    fn send(&mut self, packet: &Packet) -> Result<(), LinkError> {
        (**self).send(packet)
    }

    fn receive(&mut self, until: Timestamp) -> Result<Option<Packet>, LinkError> {
        (**self).receive(until)
    }
}

impl<L: Link + ?Sized> Link for Box<L> {
    fn now(&mut self) -> Timestamp {
        (**self).now()
    }

    fn send(&mut self, packet: &Packet) -> Result<(), LinkError> {
        (**self).send(packet)
    }

    fn receive(&mut self, until: Timestamp) -> Result<Option<Packet>, LinkError> {
        (**self).receive(until)
    }
}
