//! Packets of one's own.

use jiff::{SignedDuration, Timestamp};
use lab_hid::{Channel, Command, ErrorCode, HidDevice, Opened, Packet, split};

use super::Bench;
use crate::outcome::{Outcome, Stop};

/// How long a device may take to answer a packet.
const SOON: SignedDuration = SignedDuration::from_secs(2);

/// A message of the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// Nothing.
    Nothing,
    /// CTAPHID_ERROR.
    Error(ErrorCode),
    /// Anything else.
    Message(Command, Vec<u8>),
}

impl Bench<'_> {
    /// The runner's channel.
    pub(crate) fn channel(&self) -> Channel {
        self.target.opened().channel
    }

    /// Another channel.
    pub(crate) fn another_channel(&mut self) -> Result<Opened, Stop> {
        let nonce = self.random();
        Ok(*HidDevice::open(self.target.link(), nonce)?.opened())
    }

    /// The time.
    pub(crate) fn now(&mut self) -> Timestamp {
        self.target.link().now()
    }

    /// Sends packets as they are.
    pub(crate) fn packets(&mut self, packets: &[Packet]) -> Result<(), Stop> {
        let link = self.target.link();
        packets.iter().try_for_each(|packet| link.send(packet)).map_err(Into::into)
    }

    /// Sends a message.
    pub(crate) fn message(&mut self, channel: Channel, command: Command, data: &[u8]) -> Result<(), Stop> {
        let packets: Vec<Packet> =
            split(channel, command, data).map_err(|error| Stop::fail("a message that fits", error))?.collect();
        self.packets(&packets)
    }

    /// What the device says next on a channel, keepalives left out.
    pub(crate) fn hear(&mut self, channel: Channel) -> Result<Said, Stop> {
        self.hear_within(channel, SOON)
    }

    /// What the device says next on a channel within a time, keepalives left out.
    pub(crate) fn hear_within(&mut self, channel: Channel, time: SignedDuration) -> Result<Said, Stop> {
        let until = self.now().checked_add(time).unwrap_or(Timestamp::MAX);
        loop {
            match self.target.receive(channel, until)? {
                None => return Ok(Said::Nothing),
                Some((Command::KEEPALIVE, _)) => {}
                Some((Command::ERROR, code)) => {
                    return Ok(Said::Error(ErrorCode(code.first().copied().unwrap_or(0))));
                }
                Some((command, data)) => return Ok(Said::Message(command, data)),
            }
        }
    }

    /// Sends a message and hears what the device says to it.
    pub(crate) fn exchange(&mut self, channel: Channel, command: Command, data: &[u8]) -> Result<Said, Stop> {
        self.message(channel, command, data)?;
        self.hear(channel)
    }

    /// Whether a channel still works: an echo.
    pub(crate) fn answers(&mut self, channel: Channel) -> Result<Outcome, Stop> {
        let said = self.exchange(channel, Command::PING, b"still there?")?;
        said.is(&Said::Message(Command::PING, b"still there?".to_vec()))
    }
}

impl Said {
    /// Pass where it is this.
    pub(crate) fn is(&self, expected: &Self) -> Result<Outcome, Stop> {
        if self == expected { Ok(Outcome::Pass) } else { Err(Stop::fail(expected, self)) }
    }

    /// Pass with this error.
    pub(crate) fn is_error(&self, code: ErrorCode) -> Result<Outcome, Stop> {
        self.is(&Self::Error(code))
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("silence"),
            Self::Error(code) => write!(f, "CTAPHID_ERROR {code}"),
            Self::Message(command, data) => write!(f, "{command} with {} bytes", data.len()),
        }
    }
}
