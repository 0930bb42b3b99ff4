//! The commands of CTAPHID: `ctap-2.2 §11.2.9`.

use jiff::{SignedDuration, Timestamp};
use lab_protocol::{Capabilities, Engine, Event, Message};

use super::{DeviceEnd, Lock};
use crate::packet::{Channel, Command, ErrorCode};
use crate::transaction::{Phase, Transaction, after};

/// The version of CTAPHID.
const PROTOCOL_VERSION: u8 = 2;
/// The length of the nonce in CTAPHID_INIT.
const NONCE: usize = 8;
/// The longest lock, in seconds.
const LONGEST_LOCK: u8 = 10;

impl<E: Engine> DeviceEnd<E> {
    /// Whether the device has the command, and the command this length.
    pub(super) fn acceptable(&self, command: Command, length: u16) -> Result<(), ErrorCode> {
        let capabilities = self.engine.hid_facts().capabilities;
        let offered = match command {
            Command::PING | Command::LOCK => true,
            Command::WINK => capabilities.has(Capabilities::WINK),
            Command::CBOR => capabilities.has(Capabilities::CBOR),
            Command::MSG => !capabilities.has(Capabilities::NMSG),
            _ => false,
        };
        if !offered {
            return Err(ErrorCode::INVALID_CMD);
        }
        let fits = match command {
            Command::CBOR | Command::MSG => length > 0,
            Command::WINK => length == 0,
            Command::LOCK => length == 1,
            _ => true,
        };
        if fits { Ok(()) } else { Err(ErrorCode::INVALID_LEN) }
    }

    /// Runs a whole message.
    pub(super) fn run(
        &mut self,
        channel: Channel,
        command: Command,
        message: &[u8],
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        match command {
            Command::CBOR => self.start(channel, command, Message::Cbor(message), now),
            Command::MSG => self.start(channel, command, Message::Msg(message), now),
            Command::PING => self.send(channel, command, message),
            Command::WINK => {
                self.winks += 1;
                self.send(channel, command, &[]);
            }
            Command::LOCK => {
                self.lock(channel, message.first().copied().unwrap_or_default(), now)?;
                self.send(channel, command, &[]);
            }
            _ => return Err(ErrorCode::INVALID_CMD),
        }
        Ok(())
    }

    fn start(&mut self, channel: Channel, command: Command, message: Message<'_>, now: Timestamp) {
        let step = self.engine.start(message, now);
        self.transaction = Some(Transaction { channel, command, phase: Phase::Started });
        self.step(step, now);
    }

    /// CTAPHID_INIT (§11.2.9.1.3): a new channel, or a fresh start on this one, even while another is busy.
    pub(super) fn init(&mut self, channel: Channel, length: u16, data: &[u8], now: Timestamp) -> Result<(), ErrorCode> {
        if usize::from(length) != NONCE {
            return Err(ErrorCode::INVALID_LEN);
        }
        let given = if channel == Channel::BROADCAST {
            let busy = self.transaction.as_ref().map(|transaction| transaction.channel);
            let kept: Vec<_> = busy.into_iter().chain(self.lock.map(|lock| lock.channel)).collect();
            self.channels.give(&kept)
        } else {
            self.abort(channel, now);
            channel
        };
        let facts = self.engine.hid_facts();
        let mut reply = data[..NONCE].to_vec();
        reply.extend(given.0.to_be_bytes());
        reply.push(PROTOCOL_VERSION);
        reply.extend(facts.version);
        reply.push(facts.capabilities.0);
        self.send(channel, Command::INIT, &reply);
        Ok(())
    }

    /// CTAPHID_CANCEL (§11.2.9.1.5): the message that waits on this channel ends with its own reply.
    pub(super) fn cancel(&mut self, channel: Channel, now: Timestamp) {
        let waits = self.transaction.as_ref().is_some_and(|transaction| {
            transaction.channel == channel
                && transaction.command == Command::CBOR
                && matches!(transaction.phase, Phase::Waiting { .. })
        });
        if waits {
            self.event(Event::Cancel, now);
        }
    }

    /// CTAPHID_LOCK (§11.2.9.2.2): the device is this channel's for some seconds; 0 gives it back.
    fn lock(&mut self, channel: Channel, seconds: u8, now: Timestamp) -> Result<(), ErrorCode> {
        if seconds > LONGEST_LOCK {
            return Err(ErrorCode::INVALID_PAR);
        }
        let until = after(now, SignedDuration::from_secs(seconds.into()));
        self.lock = (seconds > 0).then_some(Lock { channel, until });
        Ok(())
    }
}
