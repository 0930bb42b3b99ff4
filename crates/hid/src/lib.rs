//! CTAPHID (`ctap-2.2 §11.2`): packets, messages and channels, both ends of the wire.
//!
//! State machines only: packets and the time are arguments, and whoever reads a device, a socket or a
//! clock does so in another crate.
//!
//! * [`Frame`], [`split`], [`Assembler`]: a message as packets of 64 bytes, and back.
//! * [`DeviceEnd`]: an [`Engine`](lab_protocol::Engine) on a wire, for any number of channels.
//! * [`HidDevice`]: the client's end over any [`Link`], as a [`Device`](lab_protocol::Device).
//! * [`Loopback`]: a link whose other end is an engine in the same process, with a clock of its own.

mod channels;
mod device;
mod host;
mod link;
mod loopback;
mod message;
mod packet;
mod person;
mod transaction;

pub use device::DeviceEnd;
pub use host::{HidDevice, HidError, Opened};
pub use link::{Link, LinkError};
pub use loopback::Loopback;
pub use message::{Assembled, Assembler, TooLong, split};
pub use packet::{Channel, Command, ErrorCode, Frame, MAX_MESSAGE, PACKET, Packet};
pub use person::{Act, Obliging, Person};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
