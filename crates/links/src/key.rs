//! The task that owns a key: packets of clients, orders of the control port, and time, one after another.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use lab_hid::{Channel, Command, DeviceEnd, ErrorCode, Frame, Packet};
use lab_protocol::{Engine, Event, Status};
use tokio::sync::{mpsc, oneshot, watch};

use crate::doors::Client;

use crate::hand::{Hand, Touch};
use crate::notice::{Notice, Notify};
use crate::now;

/// Words of doors that wait for the key.
pub(crate) const QUEUE: usize = 16;
/// How long packets that keep coming may put off what time says.
const OVERDUE: SignedDuration = SignedDuration::from_secs(1);
/// Steps that one touch can lead to.
const STEPS: usize = 16;

/// What a door or the control port says to a key.
pub(crate) enum Word {
    /// A client came.
    Joined(u64, Client),
    /// A client sent a packet.
    Packet(u64, Packet),
    /// A client is gone.
    Gone(u64),
    /// An order; the answer is the state after it.
    Order(Order, oneshot::Sender<State>),
}

/// What the person does to a key, or asks about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Nothing: only the state is wanted.
    Look,
    /// The finger goes on the key, or off it.
    Touch(bool),
    /// Verifications succeed from now on, or fail.
    Verify(bool),
    /// The key is plugged in, or taken out.
    Power(bool),
    /// One touch, and no longer.
    Press,
    /// It is declined, once.
    Decline,
}

/// How a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The person.
    pub hand: Hand,
    /// Whether it is plugged in.
    pub plugged: bool,
    /// What it waits for.
    pub waiting: Option<Status>,
    /// How many clients are connected.
    pub clients: usize,
    /// How often it was asked to show which one it is.
    pub winks: u64,
}

/// A key's end of the line: for doors and the control port.
#[derive(Clone)]
pub struct Handle {
    words: mpsc::Sender<Word>,
    plugged: watch::Receiver<bool>,
}

impl Handle {
    /// Gives an order; `None` when the key is gone for good.
    pub async fn order(&self, order: Order) -> Option<State> {
        let (answer, state) = oneshot::channel();
        self.words.send(Word::Order(order, answer)).await.ok()?;
        state.await.ok()
    }

    /// Gives an order from a thread outside of the runtime; `None` when the key is gone for good.
    pub fn blocking_order(&self, order: Order) -> Option<State> {
        let (answer, state) = oneshot::channel();
        self.words.blocking_send(Word::Order(order, answer)).ok()?;
        state.blocking_recv().ok()
    }

    pub(crate) async fn say(&self, word: Word) -> bool {
        self.words.send(word).await.is_ok()
    }

    pub(crate) fn plugged(&self) -> watch::Receiver<bool> {
        self.plugged.clone()
    }
}

/// A key in its task.
pub(crate) struct Key<E> {
    device: DeviceEnd<E>,
    hand: Hand,
    plugged: watch::Sender<bool>,
    words: mpsc::Receiver<Word>,
    clients: HashMap<u64, Client>,
    channels: HashMap<Channel, u64>,
    /// The client whose packet is being answered.
    speaker: Option<u64>,
    /// The wait that the hand has seen.
    seen: Option<(Status, Timestamp)>,
    notify: Notify,
}

impl<E: Engine> Key<E> {
    /// A key that is plugged in now.
    pub fn new(engine: E, hand: Hand, notify: Notify) -> (Self, Handle) {
        let (sender, words) = mpsc::channel(QUEUE);
        let (plugged, is_plugged) = watch::channel(true);
        let key = Self {
            device: DeviceEnd::new(engine),
            hand,
            plugged,
            words,
            clients: HashMap::new(),
            channels: HashMap::new(),
            speaker: None,
            seen: None,
            notify,
        };
        (key, Handle { words: sender, plugged: is_plugged })
    }

    /// Serves until every handle is dropped.
    pub async fn run(mut self) {
        self.device.event(Event::PowerCycle, now());
        loop {
            let deadline = self.device.deadline();
            tokio::select! {
                // What has come already goes before what time says.
                biased;
                word = self.words.recv() => match word {
                    Some(word) => self.hear(word),
                    None => return,
                },
                () = until(deadline) => self.device.tick(now()),
            }
            if deadline.is_some_and(|at| now().duration_since(at) > OVERDUE) {
                self.device.tick(now());
            }
            self.act();
            self.deliver();
        }
    }

    fn hear(&mut self, word: Word) {
        match word {
            Word::Joined(id, client) => _ = self.clients.insert(id, client),
            Word::Packet(client, packet) => self.packet(client, &packet),
            Word::Gone(client) => self.forget(client),
            Word::Order(order, answer) => {
                self.obey(order);
                self.act();
                // Whoever asked may be gone.
                let _ = answer.send(self.state());
            }
        }
    }

    fn packet(&mut self, client: u64, packet: &Packet) {
        if !self.clients.contains_key(&client) || !self.is_plugged() {
            return;
        }
        let channel = Frame::read(packet).channel();
        if self.channels.get(&channel).is_some_and(|owner| *owner != client) {
            // Another connection's channel: here, a client cannot even see it.
            return self.send_to(client, &foreign(channel));
        }
        self.speaker = Some(client);
        self.press_before(packet);
        self.device.packet(packet, now());
    }

    /// CTAP1 knows no waiting: a finger that is on the key was there before the message.
    fn press_before(&mut self, packet: &Packet) {
        let resting = self.hand.touch == Touch::On && self.device.waiting().is_none();
        if resting && self.device.brings_ctap1(packet) {
            self.device.event(Event::Touch, now());
        }
    }

    fn obey(&mut self, order: Order) {
        let waiting = self.device.waiting();
        match order {
            Order::Look => {}
            Order::Touch(on) => {
                let lifted = !on && waiting.is_some() && waiting == self.seen && self.hand.touch == Touch::On;
                self.hand.touch = if on { Touch::On } else { Touch::Off };
                self.seen = None;
                if lifted {
                    // A finger that should have stayed longer.
                    self.device.event(Event::Deny, now());
                }
            }
            Order::Verify(succeeds) => {
                self.hand.verifies = succeeds;
                if let Some((Status::UvNeeded, _)) = waiting {
                    self.device.event(self.hand.verification(), now());
                }
            }
            Order::Press => {
                let verification = self.hand.verification();
                let uv = matches!(waiting, Some((Status::UvNeeded, _)));
                self.device.event(if uv { verification } else { Event::Touch }, now());
            }
            Order::Decline => self.device.event(Event::Deny, now()),
            Order::Power(on) => self.power(on),
        }
    }

    fn power(&mut self, on: bool) {
        if on == self.is_plugged() {
            return;
        }
        if on {
            self.device.event(Event::PowerCycle, now());
        } else {
            self.clients.clear();
            self.channels.clear();
            // What it was asked for is lost with the power.
            self.device.event(Event::PowerCycle, now());
        }
        self.seen = None;
        self.plugged.send_replace(on);
    }

    fn is_plugged(&self) -> bool {
        *self.plugged.borrow()
    }

    /// The hand sees that the key waits, once for each wait.
    fn act(&mut self) {
        for _ in 0..STEPS {
            let waiting = self.device.waiting();
            if waiting == self.seen {
                return;
            }
            self.seen = waiting;
            let Some((status, _)) = waiting else { return };
            match self.hand.act(status) {
                Some(event) => self.device.event(event, now()),
                None => (self.notify)(Notice::Waiting(status)),
            }
        }
    }

    /// Hands out what the device sent: each packet to the client of its channel.
    fn deliver(&mut self) {
        while let Some(packet) = self.device.next_packet() {
            let channel = Frame::read(&packet).channel();
            if let (Some(given), Some(speaker)) = (given(&packet), self.speaker) {
                let device = &self.device;
                self.channels.retain(|channel, _| device.has(*channel));
                self.channels.insert(given, speaker);
            }
            let client = self.channels.get(&channel).copied().or(self.speaker);
            if let Some(client) = client {
                self.send_to(client, &packet);
            }
        }
        self.speaker = None;
    }

    fn send_to(&mut self, client: u64, packet: &Packet) {
        if self.clients.get(&client).is_some_and(|reader| !reader.take(packet)) {
            self.forget(client);
        }
    }

    fn forget(&mut self, client: u64) {
        self.clients.remove(&client);
        for channel in self.channels.extract_if(|_, owner| *owner == client).map(|(channel, _)| channel) {
            self.device.close(channel, now());
        }
    }

    fn state(&self) -> State {
        State {
            hand: self.hand,
            plugged: self.is_plugged(),
            waiting: self.device.waiting().map(|(status, _)| status),
            clients: self.clients.len(),
            winks: self.device.winks(),
        }
    }
}

/// The channel that a reply to CTAPHID_INIT gives.
fn given(packet: &Packet) -> Option<Channel> {
    match Frame::read(packet) {
        Frame::Initialization { channel: Channel::BROADCAST, command: Command::INIT, data, .. } => {
            data[8..].first_chunk().map(|id| Channel(u32::from_be_bytes(*id)))
        }
        _ => None,
    }
}

/// The error for a channel of another connection.
fn foreign(channel: Channel) -> Packet {
    let error = lab_hid::split(channel, Command::ERROR, &[ErrorCode::INVALID_CHANNEL.0]);
    error.ok().and_then(|mut packets| packets.next()).unwrap_or([0; 64])
}

/// Waits until a time; for ever without one.
async fn until(deadline: Option<Timestamp>) {
    match deadline {
        Some(at) => {
            let left = at.duration_since(now());
            tokio::time::sleep(left.try_into().unwrap_or_default()).await;
        }
        None => std::future::pending().await,
    }
}
