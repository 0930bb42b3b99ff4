//! Signature counters (`webauthn-3 §6.1.1`).

use jiff::Timestamp;

use crate::model::{CounterBehaviour, Model};

/// The counter of a device; those of credentials are kept with them.
#[derive(Debug)]
pub(crate) struct Counter {
    behaviour: CounterBehaviour,
    start: u32,
    next: u32,
}

impl Counter {
    pub fn of(model: &Model) -> Self {
        let start = model.passkeys.counter_start.value;
        Self { behaviour: model.passkeys.counter.value, start, next: start }
    }

    /// The next value of the device's counter.
    pub const fn next(&self) -> u32 {
        self.next
    }

    /// How often it changed.
    pub fn changes(&self) -> u64 {
        u64::from(self.next.saturating_sub(self.start))
    }

    /// Goes on from a value that was kept.
    pub const fn resume(&mut self, next: u32) {
        self.next = next;
    }

    /// The value that a registration reports.
    pub fn register(&mut self, now: Timestamp) -> u32 {
        match self.behaviour {
            CounterBehaviour::ConstantZero => 0,
            CounterBehaviour::GlobalIncrement => self.advance(),
            CounterBehaviour::PerCredential => self.start,
            CounterBehaviour::Timestamp => seconds(now),
        }
    }

    /// The value that a sign-in reports, after `last` was the credential's last one.
    pub fn assert(&mut self, last: u32, now: Timestamp) -> u32 {
        match self.behaviour {
            CounterBehaviour::ConstantZero => 0,
            CounterBehaviour::GlobalIncrement => self.advance(),
            CounterBehaviour::PerCredential => last.saturating_add(1),
            CounterBehaviour::Timestamp => seconds(now).max(last.saturating_add(1)),
        }
    }

    fn advance(&mut self) -> u32 {
        let value = self.next;
        self.next = self.next.saturating_add(1);
        value
    }
}

fn seconds(now: Timestamp) -> u32 {
    u32::try_from(now.as_second().max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(behaviour: CounterBehaviour, start: u32) -> Counter {
        Counter { behaviour, start, next: start }
    }

    #[test]
    fn each_behaviour_counts_as_its_name_says() {
        let now = Timestamp::from_second(1_000).unwrap();
        let mut zero = counter(CounterBehaviour::ConstantZero, 0);
        assert_eq!([zero.register(now), zero.assert(0, now)], [0, 0]);
        let mut global = counter(CounterBehaviour::GlobalIncrement, 7);
        assert_eq!([global.register(now), global.assert(7, now), global.register(now)], [7, 8, 9]);
        let mut own = counter(CounterBehaviour::PerCredential, 0);
        assert_eq!([own.register(now), own.assert(0, now), own.assert(1, now), own.register(now)], [0, 1, 2, 0]);
        let mut time = counter(CounterBehaviour::Timestamp, 0);
        assert_eq!([time.register(now), time.assert(1_000, now), time.assert(900, now)], [1_000, 1_001, 1_000]);
    }

    #[test]
    fn counters_stay_at_their_end() {
        let now = Timestamp::MAX;
        let mut global = counter(CounterBehaviour::GlobalIncrement, u32::MAX);
        assert_eq!([global.register(now), global.register(now)], [u32::MAX, u32::MAX]);
        assert_eq!(counter(CounterBehaviour::PerCredential, 0).assert(u32::MAX, now), u32::MAX);
        assert_eq!(counter(CounterBehaviour::Timestamp, 0).register(now), u32::MAX);
    }
}
