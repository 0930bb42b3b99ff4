//! The client's end.

use std::ops::ControlFlow;

use jiff::{SignedDuration, Timestamp};
use lab_protocol::{Capabilities, Device, DeviceError, HidFacts, Message, Status};

use crate::link::{Link, LinkError};
use crate::message::{Assembled, Assembler, TooLong, split};
use crate::packet::{Channel, Command, ErrorCode, Frame};
use crate::transaction::after;

/// How long a device may say nothing at all.
const SILENCE: SignedDuration = SignedDuration::from_secs(30);
/// How long a device may take to answer CTAPHID_INIT.
const INIT_WITHIN: SignedDuration = SignedDuration::from_secs(3);
/// The length of the reply to CTAPHID_INIT.
const INIT_REPLY: usize = 17;

/// A device on a wire, on a channel of its own.
#[derive(Debug)]
pub struct HidDevice<L> {
    link: L,
    opened: Opened,
}

/// What a device answered to CTAPHID_INIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// The channel that it gave.
    pub channel: Channel,
    /// The version of CTAPHID; 2.
    pub protocol: u8,
    /// Its own version, and what it can do.
    pub facts: HidFacts,
}

/// Why a request got no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HidError {
    /// The wire carries nothing any more.
    #[error("the device is gone: {0}")]
    Gone(#[from] LinkError),
    /// Nothing came.
    #[error("the device said nothing for {} s", .0.as_secs())]
    Silence(SignedDuration),
    /// The device answered CTAPHID_ERROR.
    #[error("the device answered {0}")]
    Error(ErrorCode),
    /// A packet that does not fit here.
    #[error("expected {expected}, found {found}")]
    Unexpected {
        /// What would have fitted.
        expected: String,
        /// What came.
        found: String,
    },
    /// The request does not fit into packets.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

impl From<HidError> for DeviceError {
    fn from(error: HidError) -> Self {
        match error {
            HidError::Gone(_) | HidError::Silence(_) => Self::Gone(error.to_string()),
            HidError::Error(ErrorCode::CHANNEL_BUSY) => Self::Busy,
            HidError::Error(_) | HidError::Unexpected { .. } | HidError::TooLong(_) => Self::Garbled(error.to_string()),
        }
    }
}

impl<L: Link> HidDevice<L> {
    /// Asks the device for a channel. The reply is told from those to other clients by the `nonce`:
    /// random where others use the same wire.
    ///
    /// # Errors
    /// No reply, or one that is none.
    pub fn open(mut link: L, nonce: [u8; 8]) -> Result<Self, HidError> {
        Ok(Self { opened: init(&mut link, nonce)?, link })
    }

    /// Asks for another channel: after the device lost power, which forgets all of them.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn reopen(&mut self, nonce: [u8; 8]) -> Result<(), HidError> {
        self.opened = init(&mut self.link, nonce)?;
        Ok(())
    }

    /// A device on a channel that it gave to this client already.
    pub const fn on(link: L, opened: Opened) -> Self {
        Self { link, opened }
    }

    /// What it answered when the channel was opened.
    pub const fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The wire, for packets of one's own.
    pub const fn link_mut(&mut self) -> &mut L {
        &mut self.link
    }

    /// Sends a message on any channel, and waits for nothing.
    ///
    /// # Errors
    /// The device is gone; [`HidError::TooLong`].
    pub fn send(&mut self, channel: Channel, command: Command, message: &[u8]) -> Result<(), HidError> {
        send(&mut self.link, channel, command, message)
    }

    /// The next message on a channel, whatever it is, CTAPHID_KEEPALIVE and CTAPHID_ERROR included;
    /// `None` where none came before `until`. Those on other channels are dropped.
    ///
    /// # Errors
    /// The device is gone; packets that make no message.
    pub fn receive(&mut self, channel: Channel, until: Timestamp) -> Result<Option<(Command, Vec<u8>)>, HidError> {
        receive(&mut self.link, channel, until)
    }

    /// One request and its reply. `on_wait` is called with each keepalive; a break cancels the request.
    ///
    /// # Errors
    /// As [`HidError`].
    pub fn request(
        &mut self,
        command: Command,
        message: &[u8],
        on_wait: &mut dyn FnMut(Status) -> ControlFlow<()>,
    ) -> Result<Vec<u8>, HidError> {
        let channel = self.opened.channel;
        self.send(channel, command, message)?;
        let mut cancelled = false;
        loop {
            let until = after(self.link.now(), SILENCE);
            match self.receive(channel, until)?.ok_or(HidError::Silence(SILENCE))? {
                (Command::KEEPALIVE, status) => {
                    if on_wait(keepalive(&status)).is_break() && !cancelled {
                        cancelled = true;
                        self.send(channel, Command::CANCEL, &[])?;
                    }
                }
                (Command::ERROR, code) => return Err(HidError::Error(error_code(&code))),
                (found, reply) if found == command => return Ok(reply),
                (found, _) => return Err(unexpected(command, found)),
            }
        }
    }

    /// CTAPHID_PING: the same bytes back.
    ///
    /// # Errors
    /// As [`HidError`].
    pub fn ping(&mut self, data: &[u8]) -> Result<Vec<u8>, HidError> {
        self.request(Command::PING, data, &mut |_| ControlFlow::Continue(()))
    }

    /// CTAPHID_WINK.
    ///
    /// # Errors
    /// As [`HidError`]; a device without it answers `ERR_INVALID_CMD`.
    pub fn wink(&mut self) -> Result<(), HidError> {
        self.request(Command::WINK, &[], &mut |_| ControlFlow::Continue(())).map(|_| ())
    }

    /// CTAPHID_LOCK: 0 to 10 seconds.
    ///
    /// # Errors
    /// As [`HidError`].
    pub fn lock(&mut self, seconds: u8) -> Result<(), HidError> {
        self.request(Command::LOCK, &[seconds], &mut |_| ControlFlow::Continue(())).map(|_| ())
    }
}

impl<L: Link> Device for HidDevice<L> {
    fn call(
        &mut self,
        message: Message<'_>,
        on_wait: &mut dyn FnMut(Status) -> ControlFlow<()>,
    ) -> Result<Vec<u8>, DeviceError> {
        let (command, bytes) = match message {
            Message::Cbor(bytes) => (Command::CBOR, bytes),
            Message::Msg(bytes) => (Command::MSG, bytes),
        };
        Ok(self.request(command, bytes, on_wait)?)
    }
}

fn init(link: &mut impl Link, nonce: [u8; 8]) -> Result<Opened, HidError> {
    send(link, Channel::BROADCAST, Command::INIT, &nonce)?;
    let until = after(link.now(), INIT_WITHIN);
    loop {
        let reply = receive(link, Channel::BROADCAST, until)?.ok_or(HidError::Silence(INIT_WITHIN))?;
        match reply {
            (Command::ERROR, code) => return Err(HidError::Error(error_code(&code))),
            (Command::INIT, data) if data.starts_with(&nonce) => return opened(&data),
            // The reply to somebody else.
            _ => {}
        }
    }
}

fn send(link: &mut impl Link, channel: Channel, command: Command, message: &[u8]) -> Result<(), HidError> {
    for packet in split(channel, command, message)? {
        link.send(&packet)?;
    }
    Ok(())
}

fn receive(link: &mut impl Link, channel: Channel, until: Timestamp) -> Result<Option<(Command, Vec<u8>)>, HidError> {
    let mut begun: Option<(Command, Assembler)> = None;
    loop {
        let Some(packet) = link.receive(until)? else { return Ok(None) };
        let frame = Frame::read(&packet);
        if frame.channel() != channel {
            continue;
        }
        let (command, assembled) = match (begun.take(), frame) {
            (None, Frame::Initialization { command, length, data, .. }) => (command, Assembler::start(length, data)?),
            (Some((command, assembler)), Frame::Continuation { sequence, data, .. }) => {
                let assembled = assembler.push(sequence, data).ok_or_else(|| HidError::Unexpected {
                    expected: format!("the next packet of {command}"),
                    found: format!("the packet with sequence number {sequence}"),
                })?;
                (command, assembled)
            }
            // The rest of a message whose beginning nobody saw.
            (None, Frame::Continuation { .. }) => continue,
            (Some((command, _)), Frame::Initialization { command: found, .. }) => {
                return Err(HidError::Unexpected {
                    expected: format!("the next packet of {command}"),
                    found: found.to_string(),
                });
            }
        };
        match assembled {
            Assembled::Whole(message) => return Ok(Some((command, message))),
            Assembled::Part(assembler) => begun = Some((command, assembler)),
        }
    }
}

fn opened(reply: &[u8]) -> Result<Opened, HidError> {
    // A longer reply is from a version of CTAPHID to come.
    let Some([_, _, _, _, _, _, _, _, a, b, c, d, protocol, major, minor, build, capabilities]) =
        reply.first_chunk::<INIT_REPLY>()
    else {
        return Err(short(reply));
    };
    Ok(Opened {
        channel: Channel(u32::from_be_bytes([*a, *b, *c, *d])),
        protocol: *protocol,
        facts: HidFacts { version: [*major, *minor, *build], capabilities: Capabilities(*capabilities) },
    })
}

fn short(reply: &[u8]) -> HidError {
    HidError::Unexpected {
        expected: format!("a reply of {INIT_REPLY} bytes to CTAPHID_INIT"),
        found: format!("{} bytes", reply.len()),
    }
}

fn unexpected(expected: Command, found: Command) -> HidError {
    HidError::Unexpected { expected: format!("a reply to {expected}"), found: found.to_string() }
}

fn error_code(data: &[u8]) -> ErrorCode {
    ErrorCode(data.first().copied().unwrap_or(ErrorCode::OTHER.0))
}

fn keepalive(data: &[u8]) -> Status {
    match data.first() {
        Some(2) => Status::UpNeeded,
        _ => Status::Processing,
    }
}
