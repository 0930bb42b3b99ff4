//! The replay behind a door: keepalives until somebody touches it, then the recorded reply.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use lab_protocol::ctap2::StatusCode;
use lab_protocol::{Capabilities, Engine, Event, HidFacts, Message, Status, Step};

use super::message::Recorded;
use super::replay::Replay;

/// How long it waits for a person, as a key does.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);

/// A reply that a person has to allow.
pub(super) struct Waiting {
    /// What it waits for, first to last.
    statuses: VecDeque<Status>,
    reply: Vec<u8>,
    until: Timestamp,
}

impl Replay {
    fn step(&mut self) -> Step {
        let Some(waiting) = &self.waiting else { return Step::Done(Vec::new()) };
        match waiting.statuses.front() {
            Some(status) => Step::Waiting { status: *status, until: waiting.until },
            None => Step::Done(self.waiting.take().map(|waiting| waiting.reply).unwrap_or_default()),
        }
    }

    fn end(&mut self, status: StatusCode) -> Step {
        match self.waiting.take() {
            Some(_) => Step::Done(vec![status.0]),
            None => Step::Done(Vec::new()),
        }
    }
}

impl Engine for Replay {
    /// What was not recorded is answered with CTAP1_ERR_OTHER, a device that was gone with silence.
    fn start(&mut self, message: Message<'_>, now: Timestamp) -> Step {
        let asked = Recorded::of(message);
        let Some(place) = self.find(&asked) else {
            return Step::Done(match asked {
                Recorded::Ctap2(_) => vec![StatusCode::OTHER.0],
                Recorded::Ctap1(_) => vec![0x6f, 0x00],
            });
        };
        let person = |status: &Status| *status != Status::Processing;
        let statuses = self.exchanges[place].waits.iter().map(|wait| wait.status).filter(person).collect();
        let reply = self.reply(place, &asked).unwrap_or_default();
        let until = now.saturating_add(PATIENCE).unwrap_or(Timestamp::MAX);
        self.waiting = Some(Waiting { statuses, reply, until });
        self.step()
    }

    fn event(&mut self, event: Event, now: Timestamp) -> Step {
        let Some(waiting) = &mut self.waiting else { return Step::Done(Vec::new()) };
        match event {
            Event::Touch | Event::Verified => _ = waiting.statuses.pop_front(),
            Event::Tick if now < waiting.until => {}
            Event::Tick => return self.end(StatusCode::USER_ACTION_TIMEOUT),
            Event::Deny => return self.end(StatusCode::OPERATION_DENIED),
            Event::NotVerified => return self.end(StatusCode::UV_INVALID),
            Event::Cancel => return self.end(StatusCode::KEEPALIVE_CANCEL),
            Event::PowerCycle => {
                (self.waiting, self.next) = (None, 0);
                return Step::Done(Vec::new());
            }
        }
        self.step()
    }

    fn hid_facts(&self) -> HidFacts {
        let ctap1 = self.exchanges.iter().any(|exchange| matches!(exchange.request, Recorded::Ctap1(_)));
        let capabilities = if ctap1 { Capabilities::CBOR } else { Capabilities::CBOR.with(Capabilities::NMSG) };
        self.facts.unwrap_or(HidFacts { version: [0; 3], capabilities })
    }

    fn revision(&self) -> u64 {
        0
    }

    fn export(&self) -> Vec<u8> {
        Vec::new()
    }
}
