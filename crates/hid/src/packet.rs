//! One packet: `ctap-2.2 §11.2.4`.

use std::fmt;

/// The length of a packet, without report id.
pub const PACKET: usize = 64;

/// A packet, without report id.
pub type Packet = [u8; PACKET];

/// Data bytes of an initialization packet.
pub(crate) const FIRST: usize = PACKET - 7;
/// Data bytes of a continuation packet.
pub(crate) const NEXT: usize = PACKET - 5;
/// The highest sequence number.
const LAST_SEQUENCE: u8 = 0x7f;
/// The longest message: one initialization packet and 128 continuation packets.
pub const MAX_MESSAGE: usize = FIRST + (LAST_SEQUENCE as usize + 1) * NEXT;

/// A channel id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Channel(pub u32);

impl Channel {
    /// Never a channel.
    pub const RESERVED: Self = Self(0);
    /// Where a client asks for a channel.
    pub const BROADCAST: Self = Self(0xffff_ffff);
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:08x}", self.0)
    }
}

/// A command of CTAPHID, without the bit that marks an initialization packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Command(pub u8);

impl Command {
    /// CTAPHID_PING: the same bytes back.
    pub const PING: Self = Self(0x01);
    /// CTAPHID_MSG: a CTAP1 message.
    pub const MSG: Self = Self(0x03);
    /// CTAPHID_LOCK: the device is this channel's for some seconds.
    pub const LOCK: Self = Self(0x04);
    /// CTAPHID_INIT: a channel, or a fresh start on one.
    pub const INIT: Self = Self(0x06);
    /// CTAPHID_WINK: the device shows which one it is.
    pub const WINK: Self = Self(0x08);
    /// CTAPHID_CBOR: a CTAP2 message.
    pub const CBOR: Self = Self(0x10);
    /// CTAPHID_CANCEL: ends the CTAP2 message that waits.
    pub const CANCEL: Self = Self(0x11);
    /// CTAPHID_KEEPALIVE: the device still works, or waits for the person.
    pub const KEEPALIVE: Self = Self(0x3b);
    /// CTAPHID_ERROR.
    pub const ERROR: Self = Self(0x3f);

    /// The name in the specification.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::PING => "CTAPHID_PING",
            Self::MSG => "CTAPHID_MSG",
            Self::LOCK => "CTAPHID_LOCK",
            Self::INIT => "CTAPHID_INIT",
            Self::WINK => "CTAPHID_WINK",
            Self::CBOR => "CTAPHID_CBOR",
            Self::CANCEL => "CTAPHID_CANCEL",
            Self::KEEPALIVE => "CTAPHID_KEEPALIVE",
            Self::ERROR => "CTAPHID_ERROR",
            _ => return None,
        })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (0x{:02x})", self.name().unwrap_or("unknown command"), self.0)
    }
}

/// The byte of CTAPHID_ERROR (`ctap-2.2 §11.2.9.1.6`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub u8);

impl ErrorCode {
    /// No such command.
    pub const INVALID_CMD: Self = Self(0x01);
    /// A parameter out of its range.
    pub const INVALID_PAR: Self = Self(0x02);
    /// A length that the command does not have.
    pub const INVALID_LEN: Self = Self(0x03);
    /// A packet out of its turn.
    pub const INVALID_SEQ: Self = Self(0x04);
    /// The rest of a message did not come.
    pub const MSG_TIMEOUT: Self = Self(0x05);
    /// Another channel has the device.
    pub const CHANNEL_BUSY: Self = Self(0x06);
    /// The command needs a lock.
    pub const LOCK_REQUIRED: Self = Self(0x0a);
    /// No such channel.
    pub const INVALID_CHANNEL: Self = Self(0x0b);
    /// Anything else.
    pub const OTHER: Self = Self(0x7f);

    /// The name in the specification.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::INVALID_CMD => "ERR_INVALID_CMD",
            Self::INVALID_PAR => "ERR_INVALID_PAR",
            Self::INVALID_LEN => "ERR_INVALID_LEN",
            Self::INVALID_SEQ => "ERR_INVALID_SEQ",
            Self::MSG_TIMEOUT => "ERR_MSG_TIMEOUT",
            Self::CHANNEL_BUSY => "ERR_CHANNEL_BUSY",
            Self::LOCK_REQUIRED => "ERR_LOCK_REQUIRED",
            Self::INVALID_CHANNEL => "ERR_INVALID_CHANNEL",
            Self::OTHER => "ERR_OTHER",
            _ => return None,
        })
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (0x{:02x})", self.name().unwrap_or("unknown error"), self.0)
    }
}

/// A packet, read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'p> {
    /// The first packet of a message.
    Initialization {
        /// Its channel.
        channel: Channel,
        /// What is asked or answered.
        command: Command,
        /// The length of the whole message.
        length: u16,
        /// The first 57 bytes of it, padding included.
        data: &'p [u8; FIRST],
    },
    /// A later packet of a message.
    Continuation {
        /// Its channel.
        channel: Channel,
        /// Its place: 0 to 127.
        sequence: u8,
        /// The next 59 bytes, padding included.
        data: &'p [u8; NEXT],
    },
}

impl<'p> Frame<'p> {
    /// Reads a packet: any 64 bytes are one.
    #[must_use]
    pub fn read(packet: &'p Packet) -> Self {
        let [a, b, c, d, marked, high, low, first @ ..] = packet;
        let channel = Channel(u32::from_be_bytes([*a, *b, *c, *d]));
        if marked & 0x80 == 0 {
            let [_, _, _, _, sequence, data @ ..] = packet;
            Self::Continuation { channel, sequence: *sequence, data }
        } else {
            let length = u16::from_be_bytes([*high, *low]);
            Self::Initialization { channel, command: Command(marked & 0x7f), length, data: first }
        }
    }

    /// The channel of the packet.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Initialization { channel, .. } | Self::Continuation { channel, .. } => *channel,
        }
    }
}

/// The first packet of a message of `length` bytes; what does not fit into it is left out.
pub(crate) fn initialization(channel: Channel, command: Command, length: u16, data: &[u8]) -> Packet {
    let mut packet = [0; PACKET];
    packet[..4].copy_from_slice(&channel.0.to_be_bytes());
    packet[4] = command.0 | 0x80;
    packet[5..7].copy_from_slice(&length.to_be_bytes());
    fill(&mut packet[7..], data);
    packet
}

/// A later packet.
pub(crate) fn continuation(channel: Channel, sequence: u8, data: &[u8]) -> Packet {
    let mut packet = [0; PACKET];
    packet[..4].copy_from_slice(&channel.0.to_be_bytes());
    packet[4] = sequence & LAST_SEQUENCE;
    fill(&mut packet[5..], data);
    packet
}

fn fill(room: &mut [u8], data: &[u8]) {
    room.iter_mut().zip(data).for_each(|(to, from)| *to = *from);
}
