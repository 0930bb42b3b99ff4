//! What statements of most formats are: one CBOR map whose members have names (`webauthn-3 §8`).

use lab_protocol::cbor::{self, Key, Reader, Rules, Type};
use lab_protocol::cose::Algorithm;
use lab_protocol::trace::Reason;

use crate::layout::member;
use crate::note::Note;
use crate::x509::CertificateError;

/// The most certificates that are read of one statement.
const MAX_X5C: usize = 16;

/// What a member has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Integer,
    Bytes,
    Text,
    /// An array of byte strings: certificates, leaf first.
    Chain,
}

/// The members that a format names, borrowed from the statement's bytes.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    found: Vec<(&'static str, Value<'a>)>,
    /// Members that the format does not name, and deviations from canonical CBOR.
    pub(crate) notes: Vec<Note>,
}

#[derive(Debug, Clone)]
enum Value<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Chain(Vec<&'a [u8]>),
}

/// Why bytes are no statement of their format.
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
    #[error("x5c has no elements; a statement without certificates has no x5c at all")]
    EmptyX5c,
    /// x5c has more certificates than any chain.
    #[error("x5c has {found} elements, at most {MAX_X5C} are read")]
    TooManyCertificates {
        /// How many there are.
        found: usize,
    },
    /// An element of x5c that is no certificate.
    #[error("certificate {position} of x5c is unreadable: {error}")]
    Certificate {
        /// Its place, from 1.
        position: usize,
        /// What is wrong with it.
        error: CertificateError,
    },
    /// ECDAA, which Level 2 removed.
    #[error("the statement is an ECDAA attestation (ecdaaKeyId), which WebAuthn no longer has")]
    Ecdaa,
}

impl Reason for StatementError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::Certificate { .. } => Some("Something cut or padded the certificate, or it never was one."),
            Self::EmptyX5c => Some("Whoever strips the chain has to strip the whole statement to format none."),
            Self::Ecdaa => {
                Some("Only a firmware older than WebAuthn Level 2 sends ECDAA: update it or exclude the model.")
            }
            _ => None,
        }
    }
}

impl<'a> Members<'a> {
    /// Reads the members that the format names; others are noted.
    ///
    /// # Errors
    /// No map, or the first member that is of another form. A missing one is for whoever asks for it.
    pub(crate) fn parse(bytes: &'a [u8], named: &[(&'static str, Form)]) -> Result<Self, StatementError> {
        let mut members = Self { found: Vec::with_capacity(named.len()), notes: Vec::new() };
        let mut wrong = None;
        let mut reader = Reader::new(bytes, Rules::RELYING_PARTY);
        reader.map(|reader, key| {
            match named.iter().find(|(name, _)| key == Key::Text(name)) {
                Some((name, form)) => match value(reader, name, *form)? {
                    Ok(value) => members.found.push((name, value)),
                    Err(error) => _ = wrong.get_or_insert(error),
                },
                None if key == Key::Text(member::ECDAA_KEY_ID) => {
                    reader.skip()?;
                    wrong.get_or_insert(StatementError::Ecdaa);
                }
                None => {
                    reader.skip()?;
                    members.notes.push(Note::UnknownMember(shown(key)));
                }
            }
            Ok(())
        })?;
        reader.end()?;
        members.notes.extend(reader.deviations().iter().cloned().map(Note::NotCanonical));
        wrong.map_or(Ok(members), Err)
    }

    fn get<T>(&self, member: &'static str, of: impl Fn(&Value<'a>) -> Option<T>) -> Result<T, StatementError> {
        let found = self.found.iter().find(|(name, _)| *name == member);
        found.and_then(|(_, value)| of(value)).ok_or(StatementError::Missing { member })
    }

    /// The member `alg`.
    pub(crate) fn alg(&self) -> Result<Algorithm, StatementError> {
        let number = |value: &Value<'_>| if let Value::Integer(number) = value { Some(*number) } else { None };
        self.get(member::ALG, number).map(Algorithm)
    }

    /// A byte string.
    pub(crate) fn bytes(&self, member: &'static str) -> Result<&'a [u8], StatementError> {
        self.get(member, |value| if let Value::Bytes(bytes) = value { Some(*bytes) } else { None })
    }

    /// A text.
    pub(crate) fn text(&self, member: &'static str) -> Result<&'a str, StatementError> {
        self.get(member, |value| if let Value::Text(text) = value { Some(*text) } else { None })
    }

    /// The elements of x5c, even if there are none.
    pub(crate) fn elements(&self) -> Result<Vec<&'a [u8]>, StatementError> {
        self.get(member::X5C, |value| if let Value::Chain(chain) = value { Some(chain.clone()) } else { None })
    }

    /// The certificates of x5c; there is at least one.
    pub(crate) fn chain(&self) -> Result<Vec<&'a [u8]>, StatementError> {
        let chain = self.elements()?;
        if chain.is_empty() { Err(StatementError::EmptyX5c) } else { Ok(chain) }
    }

    /// The certificates of x5c, where the statement has that member; then there is at least one.
    pub(crate) fn chain_if_any(&self) -> Result<Option<Vec<&'a [u8]>>, StatementError> {
        match self.chain() {
            Ok(chain) => Ok(Some(chain)),
            Err(StatementError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The next item as a member of this form, or what is wrong with it.
fn value<'a>(
    reader: &mut Reader<'a>,
    member: &'static str,
    form: Form,
) -> Result<Result<Value<'a>, StatementError>, cbor::Error> {
    if let Err(error) = is(reader, member, form)? {
        reader.skip()?;
        return Ok(Err(error));
    }
    Ok(Ok(match form {
        Form::Integer => Value::Integer(reader.integer()?),
        Form::Bytes => Value::Bytes(reader.bytes()?),
        Form::Text => Value::Text(reader.text()?),
        Form::Chain => return Ok(chain(reader)?.map(Value::Chain)),
    }))
}

/// Whether the next item is of the type of its member.
fn is(reader: &Reader<'_>, member: &'static str, form: Form) -> Result<Result<(), StatementError>, cbor::Error> {
    let (wanted, expected) = match form {
        Form::Integer => (Type::Integer, "an integer"),
        Form::Bytes => (Type::Bytes, "a byte string"),
        Form::Text => (Type::Text, "a text string"),
        Form::Chain => (Type::Array, "an array of byte strings"),
    };
    let found = reader.peek()?;
    Ok(if found == wanted { Ok(()) } else { Err(StatementError::Type { member, expected, found }) })
}

fn chain<'a>(reader: &mut Reader<'a>) -> Result<Result<Vec<&'a [u8]>, StatementError>, cbor::Error> {
    let (mut chain, mut found, mut wrong) = (Vec::with_capacity(2), 0, None);
    reader.array(|reader| {
        found += 1;
        match is(reader, "x5c element", Form::Bytes)? {
            Ok(()) if found <= MAX_X5C => chain.push(reader.bytes()?),
            Ok(()) => _ = reader.skip()?,
            Err(error) => {
                reader.skip()?;
                wrong.get_or_insert(error);
            }
        }
        Ok(())
    })?;
    Ok(match wrong {
        Some(error) => Err(error),
        None if found > MAX_X5C => Err(StatementError::TooManyCertificates { found }),
        None => Ok(chain),
    })
}

fn shown(key: Key<'_>) -> String {
    match key {
        Key::Text(name) => name.chars().take(60).collect(),
        Key::Int(number) => number.to_string(),
        Key::Other(_) => "that is neither text nor number".to_owned(),
    }
}
