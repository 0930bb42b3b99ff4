//! Authenticator data (`webauthn-3 §6.1`): 37 bytes, then what the flags announce.

use std::fmt;

use crate::Aaguid;
use crate::cbor::{self, Deviation, Reader, Rules, Type};
use crate::trace::Reason;

/// The length of what every authenticator data starts with: rpIdHash, flags, signCount.
pub const FIXED_LEN: usize = 37;

/// The flags byte.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(pub u8);

impl Flags {
    /// User present.
    pub const UP: Self = Self(0x01);
    /// Reserved, bit 1.
    pub const RFU1: Self = Self(0x02);
    /// User verified.
    pub const UV: Self = Self(0x04);
    /// Backup eligible.
    pub const BE: Self = Self(0x08);
    /// Backup state.
    pub const BS: Self = Self(0x10);
    /// Reserved, bit 5.
    pub const RFU2: Self = Self(0x20);
    /// Attested credential data included.
    pub const AT: Self = Self(0x40);
    /// Extension data included.
    pub const ED: Self = Self(0x80);

    /// Whether every bit of `other` is set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The flags with the bits of `other` set or cleared.
    #[must_use]
    pub const fn with(self, other: Self, set: bool) -> Self {
        if set { Self(self.0 | other.0) } else { Self(self.0 & !other.0) }
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flags({self})")
    }
}

impl fmt::Display for Flags {
    /// The byte and the names of its bits: `0x45 (UP UV AT)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 8] = ["UP", "RFU1", "UV", "BE", "BS", "RFU2", "AT", "ED"];
        write!(f, "0x{:02x} (", self.0)?;
        let set = NAMES.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1);
        for (place, (_, name)) in set.enumerate() {
            write!(f, "{}{name}", if place == 0 { "" } else { " " })?;
        }
        f.write_str(")")
    }
}

/// Authenticator data, borrowed from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatorData<'a> {
    /// All of it, as signed.
    pub bytes: &'a [u8],
    /// SHA-256 of the RP ID.
    pub rp_id_hash: &'a [u8; 32],
    /// The flags.
    pub flags: Flags,
    /// The signature counter.
    pub sign_count: u32,
    /// Present where AT is set.
    pub attested: Option<AttestedCredentialData<'a>>,
    /// The CBOR map of extension outputs, present where ED is set.
    pub extensions: Option<&'a [u8]>,
    /// What deviates from canonical CBOR and was tolerated; offsets count from the start of the data.
    pub deviations: Vec<Deviation>,
}

/// Attested credential data (`webauthn-3 §6.5.1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttestedCredentialData<'a> {
    /// The model.
    pub aaguid: Aaguid,
    /// The credential id: its length is checked by the caller.
    pub credential_id: &'a [u8],
    /// The COSE_Key, one CBOR map.
    pub public_key: &'a [u8],
}

/// Why bytes are no authenticator data. The variants are in the order in which they are looked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticatorDataError {
    /// Shorter than its fixed part.
    #[error("it has {found} bytes, at least {FIXED_LEN} are needed")]
    Length {
        /// The length found.
        found: usize,
    },
    /// AT is set, but the data ends within the attested credential data.
    #[error(
        "AT is set, but the attested credential data needs {needed} bytes from byte {FIXED_LEN} on and {left} are left"
    )]
    AttestedLength {
        /// Bytes that the attested credential data needs at least.
        needed: usize,
        /// Bytes behind the fixed part.
        left: usize,
    },
    /// What follows the credential id is not one CBOR map.
    #[error("the credential public key is not one canonical CBOR map: {0}")]
    PublicKey(cbor::Error),
    /// ED is set, but no CBOR map follows.
    #[error("ED is set, but the extensions are not one canonical CBOR map: {0}")]
    Extensions(cbor::Error),
    /// ED is not set, but a CBOR map follows the rest.
    #[error("ED is not set, but a CBOR map of {0} bytes follows")]
    UnannouncedExtensions(usize),
    /// Bytes are left over.
    #[error("{left} bytes are left over from byte {offset} on")]
    Trailing {
        /// Where the structure ends.
        offset: usize,
        /// How many bytes follow.
        left: usize,
    },
}

impl Reason for AuthenticatorDataError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::PublicKey(_) => Some("Some firmware writes a wrong CBOR header here; the vendor has to fix it."),
            _ => None,
        }
    }
}

impl<'a> AuthenticatorData<'a> {
    /// Reads authenticator data as a relying party does.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, AuthenticatorDataError> {
        let too_short = AuthenticatorDataError::Length { found: bytes.len() };
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>().ok_or_else(|| too_short.clone())?;
        let ([flags], rest) = rest.split_first_chunk::<1>().ok_or_else(|| too_short.clone())?;
        let (sign_count, rest) = rest.split_first_chunk::<4>().ok_or(too_short)?;
        let mut data = Self {
            bytes,
            rp_id_hash,
            flags: Flags(*flags),
            sign_count: u32::from_be_bytes(*sign_count),
            attested: None,
            extensions: None,
            deviations: Vec::new(),
        };
        let rest = data.attested(rest)?;
        let rest = data.extensions(rest)?;
        let offset = bytes.len() - rest.len();
        if rest.is_empty() { Ok(data) } else { Err(AuthenticatorDataError::Trailing { offset, left: rest.len() }) }
    }

    fn attested(&mut self, rest: &'a [u8]) -> Result<&'a [u8], AuthenticatorDataError> {
        if !self.flags.has(Flags::AT) {
            return Ok(rest);
        }
        let short = |needed| AuthenticatorDataError::AttestedLength { needed, left: rest.len() };
        let (aaguid, tail) = rest.split_first_chunk::<16>().ok_or_else(|| short(18))?;
        let (length, tail) = tail.split_first_chunk::<2>().ok_or_else(|| short(18))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let credential_id = tail.get(..length).ok_or_else(|| short(18 + length + 1))?;
        let tail = &tail[length..];
        if tail.is_empty() {
            return Err(short(18 + length + 1));
        }
        let (public_key, tail) = self.cbor_map(tail).map_err(AuthenticatorDataError::PublicKey)?;
        self.attested = Some(AttestedCredentialData { aaguid: Aaguid(*aaguid), credential_id, public_key });
        Ok(tail)
    }

    fn extensions(&mut self, rest: &'a [u8]) -> Result<&'a [u8], AuthenticatorDataError> {
        if self.flags.has(Flags::ED) {
            let (map, tail) = self.cbor_map(rest).map_err(AuthenticatorDataError::Extensions)?;
            self.extensions = Some(map);
            return Ok(tail);
        }
        match self.cbor_map(rest) {
            Ok((map, _)) => Err(AuthenticatorDataError::UnannouncedExtensions(map.len())),
            Err(_) => Ok(rest),
        }
    }

    /// One CBOR map at the start of `rest`, and what follows it. Offsets count from the data's start.
    fn cbor_map(&mut self, rest: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), cbor::Error> {
        let start = self.bytes.len() - rest.len();
        let shift = |error: cbor::Error| cbor::Error { offset: error.offset + start, ..error };
        let mut reader = Reader::new(rest, Rules::RELYING_PARTY);
        let found = reader.peek().map_err(shift)?;
        if found != Type::Map {
            return Err(cbor::Error { offset: start, kind: cbor::ErrorKind::Type { expected: "a map", found } });
        }
        let map = reader.skip().map_err(shift)?;
        let shifted = reader.deviations().iter().cloned();
        self.deviations.extend(shifted.map(|deviation| Deviation { offset: deviation.offset + start, ..deviation }));
        Ok((map, &rest[map.len()..]))
    }
}

/// Authenticator data that is about to be signed. Flags are written as they stand, so that a
/// tampering can announce what does not follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatorDataDraft {
    /// SHA-256 of the RP ID.
    pub rp_id_hash: [u8; 32],
    /// The flags, AT and ED included.
    pub flags: Flags,
    /// The signature counter.
    pub sign_count: u32,
    /// Attested credential data.
    pub attested: Option<AttestedDraft>,
    /// Extension outputs, an encoded CBOR map.
    pub extensions: Option<Vec<u8>>,
    /// Bytes behind the end.
    pub trailing: Vec<u8>,
}

/// Attested credential data that is about to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestedDraft {
    /// The model.
    pub aaguid: Aaguid,
    /// The credential id, at most 65535 bytes.
    pub credential_id: Vec<u8>,
    /// The encoded COSE_Key.
    pub public_key: Vec<u8>,
}

impl AuthenticatorDataDraft {
    /// The bytes to sign.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(&self.rp_id_hash);
        out.push(self.flags.0);
        out.extend_from_slice(&self.sign_count.to_be_bytes());
        if let Some(attested) = &self.attested {
            out.extend_from_slice(attested.aaguid.as_bytes());
            let length = u16::try_from(attested.credential_id.len()).unwrap_or(u16::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend(attested.credential_id.iter().take(usize::from(u16::MAX)));
            out.extend_from_slice(&attested.public_key);
        }
        out.extend(self.extensions.iter().flatten());
        out.extend_from_slice(&self.trailing);
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &[u8] = &[0xa1, 0x01, 0x02];

    fn draft(flags: u8, id: Vec<u8>, extensions: Option<Vec<u8>>) -> AuthenticatorDataDraft {
        let attested = (flags & Flags::AT.0 != 0).then(|| AttestedDraft {
            aaguid: Aaguid([7; 16]),
            credential_id: id,
            public_key: KEY.to_vec(),
        });
        AuthenticatorDataDraft {
            rp_id_hash: [1; 32],
            flags: Flags(flags),
            sign_count: 9,
            attested,
            extensions,
            trailing: vec![],
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(flags: u8, count: u32, id in prop::collection::vec(any::<u8>(), 0..1100)) {
            let extensions = (flags & Flags::ED.0 != 0).then(|| vec![0xa1, 0x61, 0x61, 0xf5]);
            let draft = AuthenticatorDataDraft { sign_count: count, ..draft(flags, id.clone(), extensions.clone()) };
            let bytes = draft.encode();
            let data = AuthenticatorData::parse(&bytes).unwrap();
            prop_assert_eq!(data.flags, Flags(flags));
            prop_assert_eq!(data.sign_count, count);
            prop_assert_eq!(data.extensions, extensions.as_deref());
            if let Some(attested) = data.attested {
                prop_assert_eq!(attested.credential_id, &id[..]);
                prop_assert_eq!(attested.public_key, KEY);
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = AuthenticatorData::parse(&bytes);
        }
    }

    #[test]
    fn each_cause_has_its_own_variant() {
        use AuthenticatorDataError as E;
        let parse = |bytes: &[u8]| AuthenticatorData::parse(bytes).unwrap_err();
        let good = draft(0x45, vec![1; 16], None).encode();
        assert_eq!(parse(&good[..36]), E::Length { found: 36 });
        assert!(matches!(parse(&good[..37]), E::AttestedLength { needed: 18, left: 0 }));
        assert!(matches!(parse(&good[..60]), E::AttestedLength { .. }));
        assert!(matches!(parse(&good[..good.len() - 1]), E::PublicKey(_)));
        assert!(matches!(parse(&[good.clone(), vec![1, 2]].concat()), E::Trailing { left: 2, .. }));
        assert_eq!(parse(&[good.clone(), vec![0xa0]].concat()), E::UnannouncedExtensions(1));
        assert!(matches!(parse(&draft(0xc5, vec![1], None).encode()), E::Extensions(_)));
        assert!(matches!(parse(&draft(0xc5, vec![1], Some(vec![0x80])).encode()), E::Extensions(_)));
    }
}
