//! Both ends in one process: real packets, and a clock that only this link moves.

use jiff::Timestamp;
use lab_protocol::{Engine, Event, Status};

use crate::device::DeviceEnd;
use crate::link::{Link, LinkError};
use crate::packet::{Channel, Packet};
use crate::person::{Act, Person};

/// A link to an engine in the same process. Nobody waits: where nothing happens before a deadline, the
/// link's clock is set to it.
///
/// Several clients can share one, each through a `&mut` of it.
#[derive(Debug)]
pub struct Loopback<E, P> {
    device: DeviceEnd<E>,
    person: P,
    now: Timestamp,
    /// What the person is about to do, about what.
    intent: Option<((Status, Timestamp), Act)>,
    plugged: bool,
}

impl<E: Engine, P: Person> Loopback<E, P> {
    /// A device that was plugged in at `now`.
    pub fn new(engine: E, now: Timestamp, person: P) -> Self {
        Self { device: DeviceEnd::new(engine), person, now, intent: None, plugged: true }
    }

    /// The device.
    pub fn device(&self) -> &DeviceEnd<E> {
        &self.device
    }

    /// The engine, to be changed between messages.
    pub fn engine_mut(&mut self) -> &mut E {
        self.device.engine_mut()
    }

    /// Who is at the device.
    pub fn person_mut(&mut self) -> &mut P {
        &mut self.person
    }

    /// Lets the time pass, with all that happens in it.
    pub fn pass(&mut self, until: Timestamp) {
        while let Some(next) = self.next_deadline().filter(|next| *next < until) {
            self.advance(next);
        }
        self.advance(until);
    }

    /// Takes the device out: what it had not sent yet is lost.
    pub fn unplug(&mut self) {
        self.plugged = false;
        self.intent = None;
    }

    /// Plugs it in again: it starts anew.
    pub fn plug(&mut self) {
        self.plugged = true;
        self.device.event(Event::PowerCycle, self.now);
    }

    /// The client of a channel is gone.
    pub fn close(&mut self, channel: Channel) {
        self.device.close(channel, self.now);
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        let act = self.intent.map(|(_, act)| act).filter(|act| act.event != Event::Tick);
        [self.device.deadline(), act.map(|act| act.at)].into_iter().flatten().min()
    }

    fn advance(&mut self, to: Timestamp) {
        self.now = self.now.max(to);
        match self.intent {
            Some((_, Act { event, at })) if event != Event::Tick && at <= self.now => {
                self.intent = None;
                self.device.event(event, self.now);
            }
            _ => self.device.tick(self.now),
        }
        self.ask();
    }

    /// Asks the person about what the device waits for, once.
    fn ask(&mut self) {
        let waiting = self.device.waiting();
        if self.intent.map(|(about, _)| about) != waiting {
            self.intent = waiting.map(|about| (about, self.person.act(about.0, self.now, about.1)));
        }
    }

    fn there(&self) -> Result<(), LinkError> {
        if self.plugged { Ok(()) } else { Err(LinkError("it was taken out".to_owned())) }
    }
}

impl<E: Engine, P: Person> Link for Loopback<E, P> {
    fn now(&mut self) -> Timestamp {
        self.now
    }

    fn send(&mut self, packet: &Packet) -> Result<(), LinkError> {
        self.there()?;
        self.device.packet(packet, self.now);
        self.ask();
        Ok(())
    }

    fn send_short(&mut self, report: &[u8]) -> Result<bool, LinkError> {
        self.there()?;
        self.device.report(report, self.now);
        self.ask();
        Ok(true)
    }

    fn receive(&mut self, until: Timestamp) -> Result<Option<Packet>, LinkError> {
        loop {
            self.there()?;
            if let Some(packet) = self.device.next_packet() {
                return Ok(Some(packet));
            }
            match self.next_deadline() {
                Some(next) if next <= until => self.advance(next),
                _ => {
                    self.now = self.now.max(until);
                    return Ok(None);
                }
            }
        }
    }
}
