//! Randomness that follows from a seed and a label: SHA-256 in counter mode.

use lab_protocol::Random;

pub(crate) struct Derived {
    key: [u8; 32],
    counter: u64,
    block: [u8; 32],
    used: usize,
}

impl Derived {
    pub(crate) fn new(seed: &[u8; 32], label: &str) -> Self {
        let key = crate::sha256(&[seed, label.as_bytes()].concat());
        Self { key, counter: 0, block: [0; 32], used: 32 }
    }

    fn byte(&mut self) -> u8 {
        if self.used >= self.block.len() {
            self.block = crate::sha256(&[&self.key[..], &self.counter.to_be_bytes()].concat());
            self.counter += 1;
            self.used = 0;
        }
        let byte = self.block.get(self.used).copied().unwrap_or_default();
        self.used += 1;
        byte
    }
}

impl Random for Derived {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.byte());
    }
}
