//! Ceremonies that wait for their answer: each is answered once, in time, or never.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;
use lab_relying_party::Pending;
use lab_relying_party::challenge::fingerprint;

/// How many ceremonies may wait.
pub const MAX_WAITING: usize = 65_536;
/// How many bytes the ceremonies that wait may take together; one for a registration takes about 20 KB.
pub const MAX_BYTES: usize = 64 << 20;
/// How many answered or expired challenges are remembered, to tell them from unknown ones.
const REMEMBERED: usize = 65_536;

/// Why a challenge cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CeremonyError {
    /// Nobody issued it here, or it has been pushed out by newer ones.
    #[error("no ceremony of this lab waits for an answer to this challenge: begin again")]
    Unknown,
    /// It has been answered.
    #[error("this challenge has been answered already, and each is answered once: begin again")]
    Used,
    /// Its time is over.
    #[error("this challenge could be answered until {expires}, it is {now}: begin again")]
    Expired {
        /// The end of its life.
        expires: Timestamp,
        /// When it was presented.
        now: Timestamp,
    },
}

/// A ceremony that waits, with what its door wants to remember of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting<T> {
    /// Options, challenge and end of life.
    pub pending: Pending,
    /// What the door adds: the user, the session, the page.
    pub context: T,
}

/// The ceremonies that wait. When there are too many, the oldest gives way.
#[derive(Debug)]
pub struct Ceremonies<T> {
    waiting: HashMap<[u8; 32], (u64, usize, Waiting<T>)>,
    order: BTreeMap<u64, [u8; 32]>,
    next: u64,
    bytes: usize,
    gone: HashMap<[u8; 32], CeremonyError>,
    forgetting: VecDeque<[u8; 32]>,
    max_waiting: usize,
    max_bytes: usize,
}

impl<T> Default for Ceremonies<T> {
    fn default() -> Self {
        Self::new(MAX_WAITING, MAX_BYTES)
    }
}

impl<T> Ceremonies<T> {
    /// With limits of its own.
    #[must_use]
    pub fn new(max_waiting: usize, max_bytes: usize) -> Self {
        Self {
            waiting: HashMap::new(),
            order: BTreeMap::new(),
            next: 0,
            bytes: 0,
            gone: HashMap::new(),
            forgetting: VecDeque::new(),
            max_waiting,
            max_bytes,
        }
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Lets a ceremony wait for its answer.
    pub fn wait(&mut self, pending: Pending, context: T) {
        // Challenge and options hold it as bytes and as text.
        let size = 1024 + 4 * pending.challenge.text().len();
        let key = fingerprint(pending.challenge.bytes());
        self.remove(&key);
        self.waiting.insert(key, (self.next, size, Waiting { pending, context }));
        self.order.insert(self.next, key);
        self.next += 1;
        self.bytes += size;
        while self.waiting.len() > self.max_waiting || self.bytes > self.max_bytes {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            self.remove(&oldest);
        }
    }

    /// The ceremony of this challenge, which goes on waiting.
    #[must_use]
    pub fn look(&self, challenge: &[u8]) -> Option<&Waiting<T>> {
        self.waiting.get(&fingerprint(challenge)).map(|(_, _, waiting)| waiting)
    }

    /// The ceremony of this challenge, which thereby is answered.
    ///
    /// # Errors
    /// [`CeremonyError`].
    pub fn answer(&mut self, challenge: &[u8], now: Timestamp) -> Result<Waiting<T>, CeremonyError> {
        let key = fingerprint(challenge);
        let Some(waiting) = self.remove(&key) else {
            return Err(self.gone.get(&key).copied().unwrap_or(CeremonyError::Unknown));
        };
        let expires = waiting.pending.expires;
        if now > expires {
            let error = CeremonyError::Expired { expires, now };
            self.remember(key, error);
            return Err(error);
        }
        self.remember(key, CeremonyError::Used);
        Ok(waiting)
    }

    fn remove(&mut self, key: &[u8; 32]) -> Option<Waiting<T>> {
        let (place, size, waiting) = self.waiting.remove(key)?;
        self.order.remove(&place);
        self.bytes -= size;
        Some(waiting)
    }

    fn remember(&mut self, key: [u8; 32], error: CeremonyError) {
        if self.gone.insert(key, error).is_none() {
            self.forgetting.push_back(key);
        }
        if self.forgetting.len() > REMEMBERED
            && let Some(oldest) = self.forgetting.pop_front()
        {
            self.gone.remove(&oldest);
        }
    }
}
