//! The edge to the system: time and randomness, handed in by whoever starts the server.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use lab_protocol::Random;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands: for runs at a given time, and for tests.
#[derive(Debug, Clone, Copy)]
pub struct StoppedClock(
    /// The time that it shows.
    pub Timestamp,
);

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Random bytes for whoever asks, in the order of asking.
pub struct Dice(Mutex<Box<dyn Random + Send>>);

impl Dice {
    /// From a stream of random bytes.
    #[must_use]
    pub fn new(stream: impl Random + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(stream)))
    }

    /// Lets somebody draw.
    pub fn draw<T>(&self, draw: impl FnOnce(&mut dyn Random) -> T) -> T {
        draw(&mut **self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A name that nobody can guess: 32 hexadecimal digits.
    pub fn secret(&self) -> String {
        let mut bytes = [0_u8; 16];
        self.draw(|random| random.fill(&mut bytes));
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
