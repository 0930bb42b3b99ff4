//! What verifying finds and refuses nobody for.

use std::fmt;

use const_oid::ObjectIdentifier;
use lab_protocol::cbor::Deviation;
use lab_protocol::trace::{Finding, Reason};

use crate::verify::Structure;

/// Something about a statement that is worth knowing and decides nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    /// A member that the format does not name.
    #[error("the statement has a member {0} that the format does not name")]
    UnknownMember(String),
    /// The statement is not canonical CBOR.
    #[error("the statement is not canonical CBOR: {0}")]
    NotCanonical(Deviation),
    /// The certificate names an individual device (`webauthn-3 §8.2.2`).
    #[error("the certificate carries a serial number, which only an enterprise attestation may")]
    Serial,
    /// A subject attribute of another string type than the specification's.
    #[error("the subject's {attribute} is a {found}, the specification has {expected}")]
    StringType {
        /// The attribute.
        attribute: &'static str,
        /// The type in the specification.
        expected: &'static str,
        /// The type found.
        found: String,
    },
    /// Several attributes where the specification has one.
    #[error("the subject has {found} attributes {attribute}; one of them is as demanded")]
    Repeated {
        /// The attribute.
        attribute: &'static str,
        /// How many there are.
        found: usize,
    },
    /// Who describes an Android key.
    #[error("key description of version {version}, made at level {attested}, about a key kept at level {kept}")]
    KeyDescription {
        /// The version.
        version: i64,
        /// Where the description was made.
        attested: String,
        /// Where the key is kept.
        kept: String,
    },
    /// A member of an authorization list that nobody here knows.
    #[error("{list} has a member [{tag}] that no known version of the key description has")]
    UnknownAuthorization {
        /// The list.
        list: &'static str,
        /// The tag.
        tag: u32,
    },
    /// An authorization list in another order than Android's.
    #[error("the members of {list} are not in the order of their tags")]
    UnsortedAuthorizations {
        /// The list.
        list: &'static str,
    },
    /// Members behind the authorization lists.
    #[error("{count} members follow the authorization lists, which no known version has")]
    FurtherDescription {
        /// How many.
        count: usize,
    },
    /// How SafetyNet looked at the device.
    #[error(
        "SafetyNet answered the package {}, having looked at it by {}",
        .package.as_deref().unwrap_or("(unnamed)"),
        .evaluation.as_deref().unwrap_or("(unnamed)")
    )]
    SafetyNet {
        /// The package that asked.
        package: Option<String>,
        /// The kinds of evaluation.
        evaluation: Option<String>,
    },
    /// A TPM statement that does not say its version.
    #[error("the statement has no ver, which has to be there")]
    NoTpmVersion,
    /// Bytes behind a structure of a TPM.
    #[error("{found} bytes follow {structure}")]
    Trailing {
        /// The structure.
        structure: Structure,
        /// How many there are.
        found: usize,
    },
    /// The statement of a TPM rests on SHA-1.
    #[error("the statement is signed with SHA-1 (RS1), as TPMs of Windows do; that is accepted in statements only")]
    Sha1Statement,
    /// A key that its TPM lets go.
    #[error("the TPM does not say fixedTPM: the key may leave the TPM")]
    NotFixedToTpm,
    /// A manufacturer of TPMs that is on no list.
    #[error("the manufacturer of the TPM is “{0}”, which stands for nobody")]
    UnknownTpm(String),
    /// The manufacturer that the FIDO conformance tools pretend to be.
    #[error("the manufacturer of the TPM is that of the FIDO conformance tools (id:FFFFF1D0), not a real one")]
    TestTpm,
    /// RFC 5280 demands that an alternative name is critical where there is no other name.
    #[error("the certificate has an empty subject, and its alternative name is not critical")]
    AlternativeNameNotCritical,
    /// What the profile of AIK certificates advises against.
    #[error("the alternative name has a hardwareModuleName, which an AIK certificate should not have")]
    HardwareModuleName,
    /// A signature that claims not to end on a byte.
    #[error("the certificate says that {0} bits of its signature are unused, as those of some early keys do")]
    UnusedBits(u8),
    /// An extension that nobody here knows; it is not critical.
    #[error("the certificate has an extension {0} of its vendor's own")]
    Extension(ObjectIdentifier),
}

/// Several notes in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notes(pub Vec<Note>);

impl fmt::Display for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(index, note)| {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{note}")
        })
    }
}

impl Reason for Notes {}

/// A pass that says what was noted.
pub(crate) fn pass<'a>(notes: &[Note]) -> Finding<'a> {
    if notes.is_empty() { Finding::pass() } else { Finding::pass().because(Notes(notes.to_vec())) }
}
