//! A PIN: text that is wiped when it is dropped and that nothing here shows.

use std::fmt;

use icu_normalizer::ComposingNormalizerBorrowed;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The shortest PIN that any authenticator takes, in code points (`ctap-2.2 §6.5.1`).
pub const MIN_CODE_POINTS: usize = 4;

/// The longest PIN, in bytes of UTF-8.
pub const MAX_BYTES: usize = 63;

/// The length that a new PIN is padded to.
const PADDED: usize = 64;

/// A PIN in Normalization Form C, as authenticators are sent it.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(Zeroizing<String>);

/// A text that no authenticator takes as its PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Too few code points.
    #[error("the PIN is too short: at least {required} characters are needed")]
    TooShort {
        /// The fewest code points.
        required: usize,
    },
    /// Too many bytes.
    #[error("the PIN is too long: at most {MAX_BYTES} bytes of UTF-8 can be sent")]
    TooLong,
    /// A NUL, which the padding could not be told from.
    #[error("the PIN has a NUL character")]
    Nul,
}

impl Pin {
    /// Normalizes a text.
    ///
    /// # Errors
    /// No authenticator takes it.
    pub fn new(text: &str) -> Result<Self, PinError> {
        let text = Zeroizing::new(ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned());
        match text.chars().count() {
            _ if text.contains('\0') => Err(PinError::Nul),
            _ if text.len() > MAX_BYTES => Err(PinError::TooLong),
            code_points if code_points < MIN_CODE_POINTS => Err(PinError::TooShort { required: MIN_CODE_POINTS }),
            _ => Ok(Self(text)),
        }
    }

    /// Refuses a new PIN that this authenticator would refuse.
    ///
    /// # Errors
    /// It has fewer code points than `required`.
    pub fn check_length(&self, required: usize) -> Result<(), PinError> {
        if self.0.chars().count() < required { Err(PinError::TooShort { required }) } else { Ok(()) }
    }

    /// The text itself, for a program that speaks to an authenticator in the lab's place.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The first 16 bytes of its SHA-256: what proves that one knows it.
    #[must_use]
    pub fn hash(&self) -> Zeroizing<[u8; 16]> {
        let mut hash = Zeroizing::new([0; 16]);
        hash.copy_from_slice(&Sha256::digest(self.0.as_bytes())[..16]);
        hash
    }

    /// Its bytes and zeros: what a new PIN is sent as.
    #[must_use]
    pub fn padded(&self) -> Zeroizing<[u8; PADDED]> {
        let mut padded = Zeroizing::new([0; PADDED]);
        padded[..self.0.len()].copy_from_slice(self.0.as_bytes());
        padded
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_code_points_and_limited_in_bytes() {
        assert_eq!(Pin::new("123"), Err(PinError::TooShort { required: 4 }));
        assert_eq!(Pin::new("🔑🔑🔑"), Err(PinError::TooShort { required: 4 }));
        assert!(Pin::new("🔑🔑🔑🔑").is_ok());
        assert!(Pin::new(&"x".repeat(63)).is_ok());
        assert_eq!(Pin::new(&"x".repeat(64)), Err(PinError::TooLong));
        assert_eq!(Pin::new("12\u{0}34"), Err(PinError::Nul));
        assert_eq!(Pin::new("12345").unwrap().check_length(6), Err(PinError::TooShort { required: 6 }));
    }

    #[test]
    fn composed_and_decomposed_texts_are_the_same_pin() {
        assert_eq!(Pin::new("pässe").unwrap(), Pin::new("pa\u{308}sse").unwrap());
    }

    #[test]
    fn nothing_shows_it() {
        let pin = Pin::new("hunter2-and-more").unwrap();
        assert_eq!(format!("{pin:?} {:?}", Some(&pin)), "Pin(..) Some(Pin(..))");
        assert_eq!(pin.padded()[16..], [0; 48]);
    }
}
