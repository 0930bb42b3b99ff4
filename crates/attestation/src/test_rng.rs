//! Randomness for the tests of this crate.

use lab_protocol::Random;

/// SHA-256 in counter mode, or one byte again and again.
pub(crate) enum Counter {
    Seeded { seed: u64, at: u64 },
    Constant(u8),
}

impl Counter {
    pub(crate) const fn new(seed: u64) -> Self {
        Self::Seeded { seed, at: 0 }
    }

    pub(crate) const fn constant(byte: u8) -> Self {
        Self::Constant(byte)
    }
}

impl Random for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        match self {
            Self::Constant(byte) => bytes.fill(*byte),
            Self::Seeded { seed, at } => {
                for byte in bytes {
                    *at += 1;
                    *byte = crate::sha256(&[seed.to_be_bytes(), at.to_be_bytes()].concat())[0];
                }
            }
        }
    }
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
