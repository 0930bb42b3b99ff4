//! The statement: a map of alg, sig and x5c.

use lab_protocol::cbor::{self, Key, Reader, Rules, Type};
use lab_protocol::cose::Algorithm;
use lab_protocol::trace::Reason;

use crate::layout::member;
use crate::note::Note;

/// The most certificates that are read of one statement.
const MAX_X5C: usize = 16;

/// A packed statement, borrowed from its bytes.
pub(super) struct Statement<'a> {
    pub(super) alg: Algorithm,
    pub(super) sig: &'a [u8],
    /// Never empty.
    pub(super) x5c: Option<Vec<&'a [u8]>>,
    pub(super) notes: Vec<Note>,
}

/// Why bytes are no packed statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not one CBOR map.
    #[error("the statement is not one CBOR map: {0}")]
    Cbor(#[from] cbor::Error),
    /// A member is not there.
    #[error("the member {member} is missing")]
    Missing {
        /// Its name.
        member: &'static str,
    },
    /// A member is of another type.
    #[error("the member {member} is {found}, expected {expected}")]
    Type {
        /// Its name.
        member: &'static str,
        /// What it has to be.
        expected: &'static str,
        /// What it is.
        found: Type,
    },
    /// x5c has no elements. That is not a self attestation, which has no x5c.
    #[error("x5c has no elements; a self attestation has no x5c at all")]
    EmptyX5c,
    /// x5c has more certificates than any chain.
    #[error("x5c has {found} elements, at most {MAX_X5C} are read")]
    TooManyCertificates {
        /// How many there are.
        found: usize,
    },
    /// ECDAA, which Level 2 removed.
    #[error("the statement is an ECDAA attestation (ecdaaKeyId), which WebAuthn no longer has")]
    Ecdaa,
}

impl Reason for StatementError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::EmptyX5c => Some("Whoever strips the chain has to strip the whole statement to format none."),
            Self::Ecdaa => {
                Some("Only a firmware older than WebAuthn Level 2 sends ECDAA: update it or exclude the model.")
            }
            _ => None,
        }
    }
}

impl<'a> Statement<'a> {
    /// Reads a statement (`webauthn-3 §8.2`, the CDDL).
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, StatementError> {
        let mut members = Members::default();
        let mut reader = Reader::new(bytes, Rules::RELYING_PARTY);
        reader.map(|reader, key| members.read(reader, key))?;
        reader.end()?;
        if let Some(wrong) = members.wrong {
            return Err(wrong);
        }
        let missing = |member| StatementError::Missing { member };
        let deviations = reader.deviations().iter().cloned().map(Note::NotCanonical);
        members.notes.extend(deviations);
        Ok(Self {
            alg: members.alg.ok_or_else(|| missing(member::ALG))?,
            sig: members.sig.ok_or_else(|| missing(member::SIG))?,
            x5c: members.x5c,
            notes: members.notes,
        })
    }
}

#[derive(Default)]
struct Members<'a> {
    alg: Option<Algorithm>,
    sig: Option<&'a [u8]>,
    x5c: Option<Vec<&'a [u8]>>,
    notes: Vec<Note>,
    wrong: Option<StatementError>,
}

impl<'a> Members<'a> {
    fn read(&mut self, reader: &mut Reader<'a>, key: Key<'a>) -> Result<(), cbor::Error> {
        match key {
            Key::Text(member::ALG) if self.is(reader, member::ALG, Type::Integer)? => {
                self.alg = Some(Algorithm(reader.integer()?));
            }
            Key::Text(member::SIG) if self.is(reader, member::SIG, Type::Bytes)? => self.sig = Some(reader.bytes()?),
            Key::Text(member::X5C) if self.is(reader, member::X5C, Type::Array)? => self.chain(reader)?,
            Key::Text(member::ALG | member::SIG | member::X5C) => _ = reader.skip()?,
            other => {
                reader.skip()?;
                self.unknown(other);
            }
        }
        Ok(())
    }

    /// Whether the next item is of the type of its member; if not, that is what is wrong.
    fn is(&mut self, reader: &Reader<'a>, member: &'static str, wanted: Type) -> Result<bool, cbor::Error> {
        let found = reader.peek()?;
        if found != wanted {
            let expected = match wanted {
                Type::Integer => "an integer",
                Type::Bytes => "a byte string",
                _ => "an array of byte strings",
            };
            self.wrong.get_or_insert(StatementError::Type { member, expected, found });
        }
        Ok(found == wanted)
    }

    fn chain(&mut self, reader: &mut Reader<'a>) -> Result<(), cbor::Error> {
        let (mut chain, mut found) = (Vec::with_capacity(2), 0);
        reader.array(|reader| {
            found += 1;
            match self.is(reader, "x5c element", Type::Bytes)? && found <= MAX_X5C {
                true => chain.push(reader.bytes()?),
                false => _ = reader.skip()?,
            }
            Ok(())
        })?;
        if found == 0 {
            self.wrong.get_or_insert(StatementError::EmptyX5c);
        } else if found > MAX_X5C {
            self.wrong.get_or_insert(StatementError::TooManyCertificates { found });
        }
        self.x5c = Some(chain);
        Ok(())
    }

    fn unknown(&mut self, key: Key<'a>) {
        let name = match key {
            Key::Text(member::ECDAA_KEY_ID) => {
                self.wrong.get_or_insert(StatementError::Ecdaa);
                return;
            }
            Key::Text(name) => name.chars().take(60).collect(),
            Key::Int(number) => number.to_string(),
            Key::Other(_) => "that is neither text nor number".to_owned(),
        };
        self.notes.push(Note::UnknownMember(name));
    }
}
