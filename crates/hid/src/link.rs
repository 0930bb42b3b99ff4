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

    /// Sends a report that is shorter than a packet; false where this wire has no such thing, as a stream of
    /// bytes has none.
    ///
    /// # Errors
    /// The device is gone.
    fn send_short(&mut self, _report: &[u8]) -> Result<bool, LinkError> {
        Ok(false)
    }

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

    fn send_short(&mut self, report: &[u8]) -> Result<bool, LinkError> {
        (**self).send_short(report)
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

    fn send_short(&mut self, report: &[u8]) -> Result<bool, LinkError> {
        (**self).send_short(report)
    }

    fn receive(&mut self, until: Timestamp) -> Result<Option<Packet>, LinkError> {
        (**self).receive(until)
    }
}
