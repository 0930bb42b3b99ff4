//! An emulated authenticator for the targets.

use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use lab_attestation::emit::{Vendors, VendorsOptions};
use lab_attestation::keys::Backend;
use lab_authenticator::{Authenticator, models};
use lab_protocol::{Env, Event, Message, Random, Step};

/// Bytes that count up.
struct Counting(u8);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(1);
            *byte = self.0;
        }
    }
}

fn vendors() -> Arc<Vendors> {
    static VENDORS: OnceLock<Arc<Vendors>> = OnceLock::new();
    let make = || {
        let options = VendorsOptions {
            backend: Backend::Deterministic,
            seeded: true,
            not_before: Timestamp::UNIX_EPOCH,
            not_after: Timestamp::from_second(4_000_000_000).unwrap(),
        };
        Arc::new(Vendors::new(options, &mut Counting(0)))
    };
    Arc::clone(VENDORS.get_or_init(make))
}

/// A built-in model as it leaves the factory.
///
/// # Panics
/// Where there is none of this id.
#[must_use]
pub fn authenticator(id: &str) -> Authenticator {
    let model = Arc::clone(models::find(id).unwrap());
    Authenticator::new(model, vendors(), Backend::Deterministic, Env::honest(Counting(0)))
}

const EVENTS: [Event; 7] = [
    Event::Touch,
    Event::Deny,
    Event::Verified,
    Event::NotVerified,
    Event::Cancel,
    Event::PowerCycle,
    Event::Tick,
];

/// Plays `bytes`: a length below 200 starts a CTAP2 message of that length, below 240 an APDU of 40 bytes less
/// than 240 is away, and anything else is an event or time that passes.
pub fn run(engine: &mut Authenticator, mut bytes: &[u8]) {
    let mut now = Timestamp::UNIX_EPOCH;
    while let Some((first, rest)) = bytes.split_first() {
        bytes = rest;
        match first {
            0..200 => {
                let (message, rest) = bytes.split_at(usize::from(*first).min(bytes.len()));
                bytes = rest;
                check(&engine.start(Message::Cbor(message), now), now);
            }
            200..240 => {
                let (message, rest) = bytes.split_at(usize::from(first - 200).min(bytes.len()));
                bytes = rest;
                check(&engine.start(Message::Msg(message), now), now);
            }
            240..250 => now += SignedDuration::from_secs(i64::from(first - 239)),
            _ => check(&engine.event(EVENTS[usize::from(first - 250)], now), now),
        }
    }
}

/// A step that waits does not wait for ever.
fn check(step: &Step, now: Timestamp) {
    if let Step::Waiting { until, .. } = step {
        assert!(*until <= now + SignedDuration::from_secs(100));
    }
}

/// One command with these parameters, at an authenticator as it left the factory and at one with a PIN.
pub fn command(command: u8, parameters: &[u8]) {
    let fresh = authenticator("lab-every-option");
    let set_up = authenticator("lab-every-option").set_up("8023-194");
    for mut engine in [Some(fresh), set_up.ok()].into_iter().flatten() {
        let message = [&[command], parameters].concat();
        let mut step = engine.start(Message::Cbor(&message), Timestamp::UNIX_EPOCH);
        if let Step::Waiting { until, .. } = step {
            step = engine.event(Event::Tick, until);
        }
        assert!(matches!(step, Step::Done(reply) if !reply.is_empty()));
    }
}
