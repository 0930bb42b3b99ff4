//! `none` (`webauthn-3 §8.7`): the statement is the empty map.

use lab_protocol::cbor::{self, Reader, Rules};
use lab_protocol::trace::{Check, Document, Reason, Trace};

use super::{Attested, Format, Input, Kind};

/// The format.
pub(super) struct NoAttestation;

static EMPTY: Check =
    Check::new("attestation/none-empty", Document::WebAuthn3, "8.7", "A statement of format none is the empty map.")
        .hint("A client that strips attestation has to replace the statement as well, not the format alone.")
        .policy(
            "Whether a statement of format none with members is refused: the verification procedure only returns.",
            "It is refused, as the syntax of §8.7 and the FIDO conformance tests have it.",
        );

static CHECKS: &[&Check] = &[&EMPTY];

/// Why a `none` statement is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoneError {
    /// Not a map.
    #[error("the statement is not a CBOR map: {0}")]
    Cbor(#[from] cbor::Error),
    /// A map with members.
    #[error("the statement has {found} members")]
    NotEmpty {
        /// How many members there are.
        found: usize,
    },
}

impl Reason for NoneError {}

impl Format for NoAttestation {
    fn id(&self) -> &'static str {
        "none"
    }

    fn checks(&self) -> &'static [&'static Check] {
        CHECKS
    }

    fn verify<'a>(&self, input: &Input<'a>, trace: &mut Trace<'a>) -> Option<Attested> {
        trace.need(&EMPTY, empty(input.att_stmt)).value().map(|()| Attested::new(Kind::None, Vec::new(), Vec::new()))
    }
}

fn empty(att_stmt: &[u8]) -> Result<(), NoneError> {
    let mut found = 0;
    let mut reader = Reader::new(att_stmt, Rules::RELYING_PARTY);
    reader.map(|reader, _| {
        found += 1;
        reader.skip().map(|_| ())
    })?;
    reader.end()?;
    if found == 0 { Ok(()) } else { Err(NoneError::NotEmpty { found }) }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use lab_protocol::trace::Known;
    use lab_protocol::webauthn::authenticator_data::AuthenticatorData;

    use super::*;
    use crate::verify::Policy;

    fn verify(att_stmt: &[u8]) -> (Option<Attested>, Option<String>) {
        let bytes = [0; 37];
        let auth_data = AuthenticatorData::parse(&bytes).unwrap();
        let input = Input {
            auth_data: &auth_data,
            credential_key: Known::Missing(&EMPTY),
            att_stmt,
            client_data_hash: &[0; 32],
            policy: &Policy::webauthn(),
            at: Timestamp::UNIX_EPOCH,
        };
        let mut trace = Trace::new();
        let attested = NoAttestation.verify(&input, &mut trace);
        (attested, trace.decided_by().map(|_| trace.entries()[0].message()))
    }

    #[test]
    fn only_the_empty_map_is_none() {
        assert_eq!(verify(&[0xa0]), (Some(Attested::new(Kind::None, vec![], vec![])), None));
        for (bytes, cause) in [
            (&[0xa1, 0x61, 0x61, 0x01][..], "the statement has 1 members"),
            (&[0x80], "expected a map, found an array"),
            (&[0xf6], "expected a map, found null"),
            (&[0xa0, 0x00], "1 bytes follow"),
            (&[], "the data ends"),
        ] {
            let (attested, message) = verify(bytes);
            assert_eq!(attested, None);
            assert!(message.as_ref().is_some_and(|message| message.contains(cause)), "{message:?}");
        }
    }
}
