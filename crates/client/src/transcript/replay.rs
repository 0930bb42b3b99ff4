//! The replay: a transcript as the authenticator that was recorded.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use lab_protocol::{Device, DeviceError, HidFacts, Message, Random, Status};

use super::message::Recorded;
use super::session::Session;
use super::stand_ins::blanked;
use super::{Exchange, Outcome, Transcript};

/// The requests that a replay had no answer to.
#[derive(Debug, Clone, Default)]
pub struct Misses(Arc<Mutex<Vec<String>>>);

impl Misses {
    /// The first of them, and how it differs from what was recorded.
    #[must_use]
    pub fn first(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).first().cloned()
    }

    fn note(&self, what: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}

/// A recorded authenticator as if it were plugged in: a [`Device`] for a client in the same process, an
/// [`Engine`](lab_protocol::Engine) for doors.
pub struct Replay {
    pub(super) exchanges: Vec<Exchange>,
    pub(super) facts: Option<HidFacts>,
    session: Session,
    /// Where the next request is looked for first.
    pub(super) next: usize,
    /// Lines of the transcript, for messages.
    lines: Vec<usize>,
    misses: Misses,
    /// What it waits for on a door, and the reply then.
    pub(super) waiting: Option<super::engine::Waiting>,
}

impl Replay {
    /// One authenticator of a transcript, by its place; `None` for all of them as one.
    #[must_use]
    pub fn new(transcript: &Transcript, device: Option<usize>, rng: &mut dyn Random) -> Self {
        let wanted = |exchange: &&Exchange| device.is_none_or(|device| exchange.device == device);
        // The first line is the header.
        let numbered = transcript.exchanges.iter().zip(2..).filter(|(exchange, _)| wanted(exchange));
        let (exchanges, lines) = numbered.map(|(exchange, line)| (exchange.clone(), line)).unzip();
        let facts = transcript.header.devices.get(device.unwrap_or(0)).and_then(|facts| facts.hid);
        let (session, misses) = (Session::new(rng), Misses::default());
        Self { exchanges, facts, session, next: 0, lines, misses, waiting: None }
    }

    /// What it is asked in vain from now on.
    #[must_use]
    pub fn misses(&self) -> Misses {
        self.misses.clone()
    }

    /// The exchange that answers a request, from where the replay is onwards, else from the start.
    pub(super) fn find(&mut self, asked: &Recorded) -> Option<usize> {
        let asked = blanked(asked.clone());
        let answers = |place: &usize| self.exchanges[*place].request == asked;
        let place = (self.next..self.exchanges.len()).chain(0..self.next).find(answers)?;
        self.next = place + 1;
        Some(place)
    }

    /// The reply of an exchange, for the client that asks.
    pub(super) fn reply(&self, place: usize, asked: &Recorded) -> Option<Vec<u8>> {
        let Outcome::Reply(reply) = &self.exchanges[place].outcome else { return None };
        let mut reply = reply.clone();
        self.session.fill(asked, &mut reply);
        Some(reply)
    }

    /// Why there is no answer.
    fn unanswered(&self, asked: &Recorded) -> String {
        let name = asked.name();
        let blank = blanked(asked.clone());
        let same = self.exchanges.iter().zip(&self.lines).filter(|(exchange, _)| exchange.request.name() == name);
        let common = |exchange: &Exchange| {
            let (then, now) = (exchange.request.bytes(), blank.bytes());
            then.iter().zip(now).take_while(|(then, now)| then == now).count()
        };
        match same.max_by_key(|(exchange, _)| common(exchange)) {
            None => format!("the transcript has no {name}"),
            Some((exchange, line)) => format!(
                "the transcript has no {name} as it is asked for now: the one on line {line} differs from byte {} on",
                common(exchange)
            ),
        }
    }
}

impl Device for Replay {
    fn call(
        &mut self,
        message: Message<'_>,
        on_wait: &mut dyn FnMut(Status) -> ControlFlow<()>,
    ) -> Result<Vec<u8>, DeviceError> {
        let asked = Recorded::of(message);
        let Some(place) = self.find(&asked) else {
            let why = self.unanswered(&asked);
            self.misses.note(why.clone());
            return Err(DeviceError::Garbled(why));
        };
        for wait in self.exchanges[place].waits.clone() {
            // Whether somebody cancelled is in the recorded reply.
            let _ = on_wait(wait.status);
        }
        match &self.exchanges[place].outcome {
            Outcome::Gone(why) => Err(DeviceError::Gone(why.clone())),
            Outcome::Busy => Err(DeviceError::Busy),
            Outcome::Garbled(why) => Err(DeviceError::Garbled(why.clone())),
            Outcome::Reply(reply) => Ok(self.reply(place, &asked).unwrap_or_else(|| reply.clone())),
        }
    }
}

impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replay({} of {})", self.next, self.exchanges.len())
    }
}
