//! The recorder: a device around a device.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use lab_protocol::{Device, DeviceError, Message, Status};
use serde_json::Value;

use super::message::Recorded;
use super::stand_ins::{Own, Replacing};
use super::{DeviceFacts, Exchange, Header, MAX_EXCHANGES, Outcome, Transcript, Wait};

/// Where a recording gets the time from.
pub type Clock = Box<dyn FnMut() -> Timestamp + Send>;

/// What recorders write on: one for all the authenticators of a run.
#[derive(Clone)]
pub struct Tape(Arc<Mutex<Reel>>);

struct Reel {
    transcript: Transcript,
    replacing: Replacing,
    clock: Clock,
}

impl Tape {
    /// An empty tape; `tool` is the name and version of the program.
    #[must_use]
    pub fn new(tool: (&str, &str), own: Own, mut clock: Clock) -> Self {
        let header = Header {
            tool: (tool.0.to_owned(), tool.1.to_owned()),
            recorded_at: clock(),
            devices: Vec::new(),
            run: Value::Null,
        };
        let transcript = Transcript { header, exchanges: Vec::new(), end: None };
        Self(Arc::new(Mutex::new(Reel { transcript, replacing: Replacing::new(own), clock })))
    }

    /// Says what the program is doing, once it is known.
    pub fn run(&self, run: Value) {
        self.lock().transcript.header.run = run;
    }

    /// Says that something belongs to the laboratory: before it is recorded.
    pub fn own(&self, tell: impl FnOnce(&mut Own)) {
        tell(&mut self.lock().replacing.own);
    }

    /// Records a device from now on.
    pub fn record(&self, device: Box<dyn Device>, facts: DeviceFacts) -> Recorder {
        let devices = &mut self.lock().transcript.header.devices;
        devices.push(facts);
        Recorder { device, place: devices.len() - 1, tape: self.clone() }
    }

    /// What was recorded so far.
    #[must_use]
    pub fn transcript(&self) -> Transcript {
        let reel = self.lock();
        let end = Some(reel.replacing.counts(reel.transcript.exchanges.len()));
        Transcript { end, ..reel.transcript.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, Reel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        (self.lock().clock)()
    }

    fn keep(&self, mut exchange: Exchange) {
        let mut reel = self.lock();
        let reply = match &mut exchange.outcome {
            Outcome::Reply(reply) => Some(reply),
            Outcome::Gone(_) | Outcome::Busy | Outcome::Garbled(_) => None,
        };
        reel.replacing.exchange(&mut exchange.request, reply);
        if reel.transcript.exchanges.len() < MAX_EXCHANGES {
            reel.transcript.exchanges.push(exchange);
        }
    }
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tape({} exchanges)", self.lock().transcript.exchanges.len())
    }
}

/// A device that is recorded. The client sees what the device sends; only the tape does not.
pub struct Recorder {
    device: Box<dyn Device>,
    place: usize,
    tape: Tape,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recorder({}, {:?})", self.place, self.tape)
    }
}

impl Device for Recorder {
    fn call(
        &mut self,
        message: Message<'_>,
        on_wait: &mut dyn FnMut(Status) -> ControlFlow<()>,
    ) -> Result<Vec<u8>, DeviceError> {
        let start = self.tape.now();
        let (mut waits, mut cancelled) = (Vec::<Wait>::new(), false);
        let result = self.device.call(message, &mut |status| {
            match waits.last_mut().filter(|last| last.status == status) {
                Some(last) => last.times += 1,
                None => waits.push(Wait { status, after_ms: ms(start, self.tape.now()), times: 1 }),
            }
            let answer = on_wait(status);
            cancelled |= answer.is_break();
            answer
        });
        let began = self.tape.lock().transcript.header.recorded_at;
        self.tape.keep(Exchange {
            device: self.place,
            at_ms: ms(began, start),
            took_ms: ms(start, self.tape.now()),
            request: Recorded::of(message),
            waits,
            cancelled,
            outcome: match &result {
                Ok(reply) => Outcome::Reply(reply.clone()),
                Err(DeviceError::Gone(why)) => Outcome::Gone(why.clone()),
                Err(DeviceError::Busy) => Outcome::Busy,
                Err(DeviceError::Garbled(why)) => Outcome::Garbled(why.clone()),
            },
        });
        result
    }
}

fn ms(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}
