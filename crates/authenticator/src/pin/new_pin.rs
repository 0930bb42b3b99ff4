//! What a PIN may be (`ctap-2.2 §6.5.1`).

/// The longest PIN, in bytes of UTF-8.
const MAX_BYTES: usize = 63;
/// A new PIN is padded with zeros to this length before it is encrypted.
const PADDED: usize = 64;

/// What PINs must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PinPolicy {
    /// minPINLength, in code points.
    pub min_length: u8,
    /// maxPINLength, in bytes of UTF-8.
    pub max_length: usize,
    /// pinComplexityPolicy: more than one character repeated.
    pub complex: bool,
}

impl PinPolicy {
    /// Of a model that names no limits (`ctap-2.2 §6.4`).
    #[cfg(test)]
    pub const STANDARD: Self = Self { min_length: 4, max_length: MAX_BYTES, complex: false };
}

/// A PIN that could be set: all that an authenticator keeps of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewPin {
    pub hash: [u8; 16],
    pub code_points: u8,
}

/// Why a PIN cannot be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PinError {
    /// The padded PIN does not have 64 bytes.
    Padding,
    /// Too short, too long, or no text.
    Policy,
}

/// `LEFT(SHA-256(PIN), 16)`.
pub(crate) fn hash(pin: &[u8]) -> [u8; 16] {
    let digest = lab_attestation::sha256(pin);
    let mut left = [0; 16];
    left.copy_from_slice(&digest[..16]);
    left
}

impl NewPin {
    /// A PIN as it arrives decrypted: padded with zeros to 64 bytes.
    pub fn padded(padded: &[u8], policy: &PinPolicy) -> Result<Self, PinError> {
        if padded.len() != PADDED {
            return Err(PinError::Padding);
        }
        let length = padded.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        Self::new(&padded[..length], policy)
    }

    /// Text that is long enough, not too long, and not trivial where that counts.
    pub fn new(pin: &[u8], policy: &PinPolicy) -> Result<Self, PinError> {
        let text = std::str::from_utf8(pin).map_err(|_| PinError::Policy)?;
        let code_points = u8::try_from(text.chars().count()).map_err(|_| PinError::Policy)?;
        let long = pin.len() > MAX_BYTES.min(policy.max_length);
        let trivial = policy.complex && text.chars().all(|c| text.starts_with(c));
        if long || trivial || code_points < policy.min_length {
            return Err(PinError::Policy);
        }
        Ok(Self { hash: hash(pin), code_points })
    }
}
