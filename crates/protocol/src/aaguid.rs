//! The identifier of an authenticator model.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An AAGUID: 16 bytes, written as a lower-case GUID in network byte order (`webauthn-3 §6.5.1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Aaguid(pub [u8; 16]);

/// A text that is no AAGUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{text}” is no AAGUID: expected 32 hexadecimal digits as 8-4-4-4-12, such as a25342c0-3cdc-4414-8e46-f4807fca511c"
)]
pub struct AaguidError {
    /// What was found, shortened.
    pub text: String,
}

impl Aaguid {
    /// All zero: the model does not say what it is, or a client hid it.
    pub const ZERO: Self = Self([0; 16]);

    /// Reads exactly 16 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Whether every byte is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl fmt::Display for Aaguid {
    /// One write of 36 characters: traces show an AAGUID for every profile that refuses it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let mut places = text.iter_mut().enumerate().filter(|(at, _)| !matches!(at, 8 | 13 | 18 | 23));
        for digit in self.0.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
            if let (Some((_, place)), Some(character)) = (places.next(), DIGITS.get(usize::from(digit))) {
                *place = *character;
            }
        }
        str::from_utf8(&text).map_or(Err(fmt::Error), |text| f.pad(text))
    }
}

impl FromStr for Aaguid {
    type Err = AaguidError;

    /// Reads `8-4-4-4-12` hexadecimal digits in either case.
    fn from_str(text: &str) -> Result<Self, AaguidError> {
        parse(text.as_bytes()).map(Self).ok_or_else(|| AaguidError { text: text.chars().take(60).collect() })
    }
}

fn parse(text: &[u8]) -> Option<[u8; 16]> {
    let dashes = [8, 13, 18, 23];
    if text.len() != 36 || dashes.iter().any(|at| text.get(*at) != Some(&b'-')) {
        return None;
    }
    let mut digits = text.iter().filter(|c| **c != b'-').map(|c| char::from(*c).to_digit(16));
    let mut bytes = [0; 16];
    for byte in &mut bytes {
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    digits.next().is_none().then_some(bytes)
}

impl Serialize for Aaguid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Aaguid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl From<Aaguid> for crate::trace::Value<'_> {
    fn from(aaguid: Aaguid) -> Self {
        aaguid.to_string().into()
    }
}

#[cfg(test)]
mod tests {
    use super::Aaguid;

    #[test]
    fn a_guid_is_read_in_either_case_and_written_in_lower_case() {
        let aaguid: Aaguid = "DE1E552D-db1d-4423-a619-566b625cdc84".parse().unwrap();
        assert_eq!(aaguid.to_string(), "de1e552d-db1d-4423-a619-566b625cdc84");
        assert_eq!(aaguid.0[..4], [0xde, 0x1e, 0x55, 0x2d]);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "de1e552ddb1d4423a619566b625cdc84",
            "{de1e552d-db1d-4423-a619-566b625cdc84}",
            "ge1e552d-db1d-4423-a619-566b625cdc84",
            "de1e552d-db1d-4423-a6190566b625cdc84",
            "ä1e552d-db1d-4423-a619-566b625cdc84",
        ] {
            assert!(text.parse::<Aaguid>().is_err(), "{text}");
        }
    }
}
