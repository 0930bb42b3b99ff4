//! The device's end: `ctap-2.2 §11.2.5` to §11.2.9.

mod commands;

use std::collections::VecDeque;

use jiff::Timestamp;
use lab_protocol::{Engine, Event, Status, Step};

use crate::channels::Channels;
use crate::message::{Assembled, Assembler, split};
use crate::packet::{Channel, Command, ErrorCode, Frame, Packet};
use crate::transaction::{Phase, Transaction, keepalive_byte};

/// An engine on a wire: packets and events in, packets out. One message at a time has the engine; the
/// others are told that it is busy.
///
/// Take out what [`next_packet`](Self::next_packet) has after every call, and call
/// [`tick`](Self::tick) at the [`deadline`](Self::deadline).
#[derive(Debug)]
pub struct DeviceEnd<E> {
    engine: E,
    channels: Channels,
    transaction: Option<Transaction>,
    lock: Option<Lock>,
    out: VecDeque<Packet>,
    winks: u64,
}

/// The channel that has the device for itself, and for how long.
#[derive(Debug, Clone, Copy)]
struct Lock {
    channel: Channel,
    until: Timestamp,
}

impl<E: Engine> DeviceEnd<E> {
    /// A device that was just plugged in.
    pub fn new(engine: E) -> Self {
        Self { engine, channels: Channels::default(), transaction: None, lock: None, out: VecDeque::new(), winks: 0 }
    }

    /// The engine.
    pub fn engine(&self) -> &E {
        &self.engine
    }

    /// The engine, to be changed between messages.
    pub fn engine_mut(&mut self) -> &mut E {
        &mut self.engine
    }

    /// What the engine waits for, and until when.
    pub fn waiting(&self) -> Option<(Status, Timestamp)> {
        match self.transaction.as_ref()?.phase {
            Phase::Waiting { status, until, .. } => Some((status, until)),
            Phase::Assembling { .. } | Phase::Started => None,
        }
    }

    /// Whether it gave this channel to a client.
    pub fn has(&self, channel: Channel) -> bool {
        self.channels.has(channel)
    }

    /// Whether a packet belongs to a CTAP1 message. CTAP1 has no waiting: whoever holds a finger on the
    /// key tells so before.
    pub fn brings_ctap1(&self, packet: &Packet) -> bool {
        match Frame::read(packet) {
            Frame::Initialization { command, .. } => command == Command::MSG,
            Frame::Continuation { channel, .. } => {
                let ctap1 =
                    |transaction: &&Transaction| transaction.channel == channel && transaction.command == Command::MSG;
                self.transaction.as_ref().filter(ctap1).is_some()
            }
        }
    }

    /// How often it was asked to show which one it is.
    pub fn winks(&self) -> u64 {
        self.winks
    }

    /// The next packet for the clients.
    pub fn next_packet(&mut self) -> Option<Packet> {
        self.out.pop_front()
    }

    /// When [`tick`](Self::tick) has something to do; `None` while nothing is under way.
    pub fn deadline(&self) -> Option<Timestamp> {
        self.transaction.as_ref().and_then(|transaction| transaction.phase.deadline())
    }

    /// Time passes.
    pub fn tick(&mut self, now: Timestamp) {
        self.lock = self.lock.filter(|lock| now < lock.until);
        let Some(transaction) = &mut self.transaction else { return };
        let channel = transaction.channel;
        match &mut transaction.phase {
            Phase::Assembling { until, .. } if now >= *until => self.fail(channel, ErrorCode::MSG_TIMEOUT),
            Phase::Waiting { until, .. } if now >= *until => self.event(Event::Tick, now),
            Phase::Waiting { status, until, keepalive_at } if now >= *keepalive_at => {
                let (status, until) = (*status, *until);
                self.keep_alive(status, until, now);
            }
            _ => {}
        }
    }

    /// Something happened to the device.
    pub fn event(&mut self, event: Event, now: Timestamp) {
        if event == Event::PowerCycle {
            self.unplug();
        }
        let step = self.engine.event(event, now);
        if self.waiting().is_some() {
            self.step(step, now);
        }
    }

    /// A channel whose client is gone: its message ends, and its lock.
    pub fn close(&mut self, channel: Channel, now: Timestamp) {
        self.abort(channel, now);
        self.lock = self.lock.filter(|lock| lock.channel != channel);
        self.channels.close(channel);
    }

    /// A report from a client, of any length: what is no packet is passed over.
    pub fn report(&mut self, report: &[u8], now: Timestamp) {
        if let Ok(packet) = report.try_into() {
            self.packet(packet, now);
        }
    }

    /// A packet from a client. It counts as in time where no tick came before it: it may have lain
    /// in a queue while nobody had the processor.
    pub fn packet(&mut self, packet: &Packet, now: Timestamp) {
        self.lock = self.lock.filter(|lock| now < lock.until);
        match Frame::read(packet) {
            Frame::Continuation { channel, sequence, data } => {
                if let Some(assembler) = self.unfinished(channel) {
                    match assembler.push(sequence, data) {
                        Some(assembled) => self.assembled(assembled, now),
                        None => self.fail(channel, ErrorCode::INVALID_SEQ),
                    }
                }
            }
            Frame::Initialization { channel, command, length, data } => {
                if let Err(error) = self.begin(channel, command, length, data, now) {
                    self.send(channel, Command::ERROR, &[error.0]);
                }
            }
        }
    }

    /// The first packet of a message.
    fn begin(
        &mut self,
        channel: Channel,
        command: Command,
        length: u16,
        data: &[u8; 57],
        now: Timestamp,
    ) -> Result<(), ErrorCode> {
        let known = self.channels.touch(channel);
        if command == Command::INIT && (known || channel == Channel::BROADCAST) {
            return self.init(channel, length, data, now);
        }
        if !known {
            return Err(ErrorCode::INVALID_CHANNEL);
        }
        if command == Command::CANCEL {
            self.cancel(channel, now);
            return Ok(());
        }
        if self.unfinished_on(channel) {
            self.transaction = None;
            return Err(ErrorCode::INVALID_SEQ);
        }
        if self.transaction.is_some() || self.lock.is_some_and(|lock| lock.channel != channel) {
            return Err(ErrorCode::CHANNEL_BUSY);
        }
        self.acceptable(command, length)?;
        let assembled = Assembler::start(length, data).map_err(|_| ErrorCode::INVALID_LEN)?;
        let phase = match assembled {
            Assembled::Whole(message) => return self.run(channel, command, &message, now),
            Assembled::Part(assembler) => Phase::assembling(assembler, now),
        };
        self.transaction = Some(Transaction { channel, command, phase });
        Ok(())
    }

    fn unfinished_on(&self, channel: Channel) -> bool {
        let unfinished = |transaction: &Transaction| matches!(transaction.phase, Phase::Assembling { .. });
        self.transaction.as_ref().is_some_and(|transaction| transaction.channel == channel && unfinished(transaction))
    }

    /// What is there of an unfinished message of the channel.
    fn unfinished(&mut self, channel: Channel) -> Option<Assembler> {
        let transaction = self.transaction.as_mut().filter(|transaction| transaction.channel == channel)?;
        match &mut transaction.phase {
            Phase::Assembling { assembler, .. } => Some(std::mem::take(assembler)),
            Phase::Waiting { .. } | Phase::Started => None,
        }
    }

    fn assembled(&mut self, assembled: Assembled, now: Timestamp) {
        let Some(transaction) = &mut self.transaction else { return };
        match assembled {
            Assembled::Part(assembler) => transaction.phase = Phase::assembling(assembler, now),
            Assembled::Whole(message) => {
                let (channel, command) = (transaction.channel, transaction.command);
                self.transaction = None;
                if let Err(error) = self.run(channel, command, &message, now) {
                    self.send(channel, Command::ERROR, &[error.0]);
                }
            }
        }
    }

    /// Ends the message of a channel without a reply.
    fn abort(&mut self, channel: Channel, now: Timestamp) {
        let Some(transaction) = self.transaction.take_if(|transaction| transaction.channel == channel) else { return };
        if matches!(transaction.phase, Phase::Waiting { .. }) {
            // The engine's reply to the cancelled message is nobody's any more.
            let _ = self.engine.event(Event::Cancel, now);
        }
    }

    /// What the engine answered to the message of the transaction.
    fn step(&mut self, step: Step, now: Timestamp) {
        match step {
            Step::Waiting { status, until } => {
                // At least every 100 ms, and whenever the status changes.
                if self.waiting().is_none_or(|(before, _)| before != status) {
                    self.keep_alive(status, until, now);
                } else if let Some(Transaction { phase: Phase::Waiting { until: limit, .. }, .. }) =
                    &mut self.transaction
                {
                    *limit = until;
                }
            }
            Step::Done(reply) => {
                let Some(Transaction { channel, command, .. }) = self.transaction.take() else { return };
                if !reply.is_empty() {
                    self.send(channel, command, &reply);
                }
            }
        }
    }

    fn keep_alive(&mut self, status: Status, until: Timestamp, now: Timestamp) {
        let Some(transaction) = &mut self.transaction else { return };
        transaction.phase = Phase::waiting(status, until, now);
        let (channel, command) = (transaction.channel, transaction.command);
        // U2F knows no keepalive.
        if command == Command::CBOR {
            self.send(channel, Command::KEEPALIVE, &[keepalive_byte(status)]);
        }
    }

    fn fail(&mut self, channel: Channel, error: ErrorCode) {
        self.transaction.take_if(|transaction| transaction.channel == channel);
        self.send(channel, Command::ERROR, &[error.0]);
    }

    /// Queues a message; one that no packets carry becomes `ERR_OTHER`.
    fn send(&mut self, channel: Channel, command: Command, message: &[u8]) {
        match split(channel, command, message) {
            Ok(packets) => {
                for mut packet in packets {
                    self.engine.packet(&mut packet);
                    self.out.push_back(packet);
                }
            }
            Err(_) => self.send(channel, Command::ERROR, &[ErrorCode::OTHER.0]),
        }
    }

    fn unplug(&mut self) {
        self.channels.close_all();
        self.transaction = None;
        self.lock = None;
        self.out.clear();
    }
}
