//! What the tests share: an engine without cryptography.

use jiff::{SignedDuration, Timestamp};
use lab_protocol::{Capabilities, Engine, Event, HidFacts, Message, Status, Step};

use crate::packet::{Channel, Command, ErrorCode, Frame, Packet};
use crate::{DeviceEnd, split};

/// A command of [`Toy`]: waits for a touch, then answers with its parameters.
pub const TOUCH: u8 = 0x0b;
/// A command of [`Toy`]: answers at once with its parameters.
pub const ECHO: u8 = 0x04;
/// A command of [`Toy`]: answers with as many bytes as its two parameters say.
pub const LONG: u8 = 0x05;
/// CTAP2_ERR_KEEPALIVE_CANCEL.
pub const CANCELLED: u8 = 0x2d;
/// CTAP2_ERR_USER_ACTION_TIMEOUT.
pub const TIMED_OUT: u8 = 0x2f;

/// An engine that waits, answers and can be cancelled, and nothing else.
#[derive(Debug, Default)]
pub struct Toy {
    pub waiting: Option<(Vec<u8>, Timestamp)>,
    pub capabilities: Option<Capabilities>,
    pub flips: bool,
}

impl Toy {
    fn wait(&self) -> Step {
        match &self.waiting {
            Some((_, until)) => Step::Waiting { status: Status::UpNeeded, until: *until },
            None => Step::Done(Vec::new()),
        }
    }
}

impl Engine for Toy {
    fn start(&mut self, message: Message<'_>, now: Timestamp) -> Step {
        match message {
            Message::Msg(apdu) => Step::Done([apdu, &[0x90, 0x00]].concat()),
            Message::Cbor([TOUCH, rest @ ..]) => {
                self.waiting = Some((rest.to_vec(), now + SignedDuration::from_secs(30)));
                self.wait()
            }
            Message::Cbor([ECHO, rest @ ..]) => Step::Done([&[0], rest].concat()),
            Message::Cbor([LONG, high, low]) => Step::Done(vec![0; u16::from_be_bytes([*high, *low]).into()]),
            Message::Cbor(_) => Step::Done(vec![0x01]),
        }
    }

    fn event(&mut self, event: Event, now: Timestamp) -> Step {
        let Some((reply, until)) = self.waiting.take() else { return Step::Done(Vec::new()) };
        match event {
            Event::PowerCycle => Step::Done(Vec::new()),
            Event::Cancel => Step::Done(vec![CANCELLED]),
            Event::Touch => Step::Done([&[0], &reply[..]].concat()),
            _ if now >= until => Step::Done(vec![TIMED_OUT]),
            _ => {
                self.waiting = Some((reply, until));
                self.wait()
            }
        }
    }

    fn hid_facts(&self) -> HidFacts {
        let usual = Capabilities::WINK.with(Capabilities::CBOR);
        HidFacts { version: [5, 7, 1], capabilities: self.capabilities.unwrap_or(usual) }
    }

    fn packet(&mut self, packet: &mut [u8; 64]) {
        if self.flips {
            packet[63] ^= 1;
        }
    }

    fn revision(&self) -> u64 {
        0
    }

    fn export(&self) -> Vec<u8> {
        Vec::new()
    }
}

pub fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_795_000_000_000 + millis).unwrap()
}

/// A message, as the clients see it.
pub type Seen = (Channel, Command, Vec<u8>);

/// A device end with what it sent.
pub struct Bench {
    pub device: DeviceEnd<Toy>,
}

impl Bench {
    pub fn new() -> Self {
        Self { device: DeviceEnd::new(Toy::default()) }
    }

    /// Everything that it sent, put together.
    pub fn sent(&mut self) -> Vec<Seen> {
        let mut seen: Vec<(Seen, usize)> = Vec::new();
        while let Some(packet) = self.device.next_packet() {
            match Frame::read(&packet) {
                Frame::Initialization { channel, command, length, data } => {
                    seen.push(((channel, command, data.to_vec()), length.into()));
                }
                Frame::Continuation { channel, data, .. } => {
                    let last = seen.iter_mut().rev().find(|((of, ..), _)| *of == channel).unwrap();
                    last.0.2.extend(data);
                }
            }
        }
        let cut = |((channel, command, mut data), length): (Seen, usize)| {
            data.truncate(length);
            assert_eq!(data.len(), length);
            (channel, command, data)
        };
        seen.into_iter().map(cut).collect()
    }

    pub fn feed(&mut self, packets: impl IntoIterator<Item = Packet>, now: Timestamp) -> Vec<Seen> {
        packets.into_iter().for_each(|packet| self.device.packet(&packet, now));
        self.sent()
    }

    pub fn say(&mut self, channel: Channel, command: Command, message: &[u8], now: Timestamp) -> Vec<Seen> {
        self.feed(packets(channel, command, message), now)
    }

    pub fn tick(&mut self, now: Timestamp) -> Vec<Seen> {
        self.device.tick(now);
        self.sent()
    }

    pub fn event(&mut self, event: Event, now: Timestamp) -> Vec<Seen> {
        self.device.event(event, now);
        self.sent()
    }

    pub fn open(&mut self) -> Channel {
        let reply = self.say(Channel::BROADCAST, Command::INIT, &[7; 8], at(0));
        let [(Channel::BROADCAST, Command::INIT, data)] = &reply[..] else { panic!("{reply:?}") };
        assert_eq!(data.len(), 17);
        assert_eq!(data[..8], [7; 8]);
        Channel(u32::from_be_bytes(data[8..12].try_into().unwrap()))
    }
}

pub fn packets(channel: Channel, command: Command, message: &[u8]) -> Vec<Packet> {
    split(channel, command, message).unwrap().collect()
}

pub fn error(channel: Channel, code: ErrorCode) -> Vec<Seen> {
    vec![(channel, Command::ERROR, vec![code.0])]
}

pub fn keepalive(channel: Channel) -> Seen {
    (channel, Command::KEEPALIVE, vec![2])
}
