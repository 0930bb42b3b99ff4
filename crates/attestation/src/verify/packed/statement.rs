//! The statement: a map of alg, sig and x5c.

use lab_protocol::cose::Algorithm;

use crate::layout::member;
use crate::note::Note;
use crate::statement::{Form, Members, StatementError};

const MEMBERS: &[(&str, Form)] =
    &[(member::ALG, Form::Integer), (member::SIG, Form::Bytes), (member::X5C, Form::Chain)];

/// A packed statement, borrowed from its bytes.
pub(super) struct Statement<'a> {
    pub(super) alg: Algorithm,
    pub(super) sig: &'a [u8],
    /// Never empty.
    pub(super) x5c: Option<Vec<&'a [u8]>>,
    pub(super) notes: Vec<Note>,
}

impl<'a> Statement<'a> {
    /// Reads a statement (`webauthn-3 §8.2`, the CDDL).
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, StatementError> {
        let members = Members::parse(bytes, MEMBERS)?;
        let (alg, sig) = (members.alg()?, members.bytes(member::SIG)?);
        Ok(Self { alg, sig, x5c: members.chain_if_any()?, notes: members.notes })
    }
}
