//! The statement: ver, alg, x5c, sig, and the two structures of the TPM.

use lab_protocol::cose::Algorithm;
use lab_protocol::trace::{Choice, Reason};

use super::attest::Attest;
use super::public::Public;
use super::structure::{Structure, StructureError};
use crate::layout::{member, tpm};
use crate::note::Note;
use crate::policy::Policy;
use crate::statement::{Form, Members, StatementError};

const MEMBERS: &[(&str, Form)] = &[
    (member::VER, Form::Text),
    (member::ALG, Form::Integer),
    (member::X5C, Form::Chain),
    (member::SIG, Form::Bytes),
    (member::CERT_INFO, Form::Bytes),
    (member::PUB_AREA, Form::Bytes),
];

/// A TPM statement, borrowed from its bytes.
pub(super) struct Statement<'a> {
    pub(super) alg: Algorithm,
    pub(super) sig: &'a [u8],
    /// Never empty; that there is one is a check of its own.
    pub(super) x5c: Option<Vec<&'a [u8]>>,
    /// The bytes of certInfo, which are what is signed.
    pub(super) cert_info: &'a [u8],
    pub(super) attest: Attest<'a>,
    pub(super) public: Public<'a>,
    pub(super) notes: Vec<Note>,
}

/// Why bytes are no TPM statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TpmStatementError {
    /// The map is not as it has to be.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// Of another version of the TPM specification.
    #[error("ver is “{found}”, expected “{}”", tpm::VERSION)]
    Version {
        /// The version found.
        found: String,
    },
    /// A structure of the TPM that is none.
    #[error(transparent)]
    Structure(#[from] StructureError),
}

impl Reason for TpmStatementError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::Statement(error) => error.hint(),
            Self::Version { .. } => Some("Only TPM 2.0 attests passkeys; a TPM 1.2 cannot."),
            Self::Structure(error) => error.hint(),
        }
    }
}

impl<'a> Statement<'a> {
    /// Reads a statement (`webauthn-3 §8.3`, the CDDL) and its structures.
    pub(super) fn parse(bytes: &'a [u8], policy: &Policy) -> Result<Self, TpmStatementError> {
        let members = Members::parse(bytes, MEMBERS)?;
        let unversioned = match members.text(member::VER) {
            Ok(tpm::VERSION) => None,
            Ok(other) => return Err(TpmStatementError::Version { found: other.chars().take(20).collect() }),
            Err(_) if policy.tpm_missing_version == Choice::Note => Some(Note::NoTpmVersion),
            Err(missing) => return Err(missing.into()),
        };
        let (alg, sig) = (members.alg()?, members.bytes(member::SIG)?);
        let (cert_info, pub_area) = (members.bytes(member::CERT_INFO)?, members.bytes(member::PUB_AREA)?);
        let (attest, public) = (Attest::parse(cert_info)?, Public::parse(pub_area)?);
        let x5c = members.chain_if_any()?;
        let mut notes = members.notes;
        notes.extend(unversioned);
        for (structure, found) in [(Structure::CertInfo, attest.trailing), (Structure::PubArea, public.trailing)] {
            match policy.tpm_trailing_bytes {
                _ if found == 0 => {}
                Choice::Refuse => return Err(StructureError::Trailing { structure, found }.into()),
                Choice::Note => notes.push(Note::Trailing { structure, found }),
            }
        }
        Ok(Self { alg, sig, x5c, cert_info, attest, public, notes })
    }
}
