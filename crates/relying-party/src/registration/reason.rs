//! Why a registration is refused, beyond the reasons that both ceremonies share.

use lab_attestation::signature::SignatureError;
use lab_protocol::trace::Reason;

use crate::text::shown;

/// The formats of the IANA registry (RFC 8809, read 2026-11-20) and of `webauthn-3 §8`.
const REGISTERED: [&str; 9] =
    ["packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "none", "apple", "apple-appattest", "compound"];

/// The response does not agree with itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseMismatch {
    /// `type`.
    #[error("the type of the credential is “{found}”, expected “public-key”")]
    Type {
        /// What was found.
        found: String,
    },
    /// `id` and `rawId`.
    #[error("id is “{id}”, but rawId is “{raw_id}”")]
    Id {
        /// The text.
        id: String,
        /// The bytes, as text.
        raw_id: String,
    },
    /// `rawId` and the attested credential id.
    #[error("rawId is “{raw_id}”, but the attested credential id is “{attested}”")]
    CredentialId {
        /// Of the response.
        raw_id: String,
        /// Of the attested credential data.
        attested: String,
    },
    /// The copy of the authenticator data.
    #[error("the copy in authenticatorData is not the authenticator data of the attestation object")]
    AuthenticatorData,
    /// The copy of the key.
    #[error("the copy in publicKey is not the attested credential public key")]
    PublicKey,
    /// The copy of the algorithm.
    #[error("publicKeyAlgorithm is {found}, but the attested key has {expected}")]
    PublicKeyAlgorithm {
        /// Of the attested key.
        expected: lab_protocol::cose::Algorithm,
        /// Of the response.
        found: i64,
    },
}

impl Reason for ResponseMismatch {
    fn hint(&self) -> Option<&str> {
        Some("Send what PublicKeyCredential.toJSON() gives, unchanged; an altered copy is a sign of tampering.")
    }
}

/// The credential key cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CredentialKeyError {
    /// No COSE_Key of the form that WebAuthn demands.
    #[error(transparent)]
    Form(#[from] lab_protocol::cose::KeyError),
    /// Not a point, or one that nobody should use, or an algorithm without arithmetic.
    #[error(transparent)]
    Arithmetic(#[from] SignatureError),
    /// Members beyond those of the key type.
    #[error("the COSE_Key has members beyond those of its type: {labels}")]
    Extra {
        /// Their labels.
        labels: String,
    },
}

impl Reason for CredentialKeyError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::Form(error) => error.hint(),
            Self::Arithmetic(error) => error.hint(),
            Self::Extra { .. } => None,
        }
    }

    fn is_unsupported(&self) -> bool {
        matches!(self, Self::Arithmetic(error) if error.is_unsupported())
    }
}

/// The statement's format cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Registered, but not built.
    #[error("the format {found} is not built, so its statement was not verified")]
    NotBuilt {
        /// The format.
        found: &'static str,
    },
    /// A registered name, not quite.
    #[error("“{found}” is not “{expected}”: formats are compared byte by byte")]
    Spelling {
        /// The registered format.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// Nobody registered it.
    #[error("“{found}” is no registered attestation statement format")]
    Unknown {
        /// What was found.
        found: String,
    },
}

impl FormatError {
    pub(super) fn of(fmt: &str) -> Self {
        let squeezed = fmt.trim_matches(|c: char| c.is_whitespace() || c == '\0').to_ascii_lowercase();
        match REGISTERED.iter().find(|registered| **registered == squeezed) {
            Some(found) if *found == fmt => Self::NotBuilt { found },
            Some(expected) => Self::Spelling { expected, found: shown(fmt) },
            None => Self::Unknown { found: shown(fmt) },
        }
    }
}

impl Reason for FormatError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::NotBuilt { .. } => {
                Some("The rest of the response was judged; ask for attestation `none` to avoid it.")
            }
            Self::Spelling { .. } | Self::Unknown { .. } => {
                Some("The authenticator or the client writes a wrong name.")
            }
        }
    }

    fn is_unsupported(&self) -> bool {
        matches!(self, Self::NotBuilt { .. })
    }
}

/// What is worth knowing about the trust in an attestation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustNote {
    /// No attestation.
    #[error("there is no attestation: nothing proves the model")]
    NoAttestation,
    /// Self attestation.
    #[error("the credential attests itself: nothing proves the model")]
    SelfAttestation,
    /// No anchors.
    #[error("no trust anchors were given, so the certificate path was not judged")]
    NotChecked,
    /// A stand-in.
    #[error("the path ends in “{anchor}”, a stand-in root of the lab: against real roots it is untrusted")]
    StandIn {
        /// The subject of the root.
        anchor: String,
    },
    /// No anchor, where the policy does not mind.
    #[error("the path ends in no acceptable anchor, and nothing proves the model: {reason}")]
    Untrusted {
        /// What is wrong with the path that comes closest.
        reason: lab_attestation::trust::PathReason,
    },
}

impl Reason for TrustNote {}

/// A credential id that cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialIdError {
    /// Too long.
    #[error("the credential id has {found} bytes, at most {allowed} are allowed")]
    Length {
        /// The length found.
        found: usize,
        /// The most.
        allowed: usize,
    },
    /// Empty.
    #[error("the credential id has no bytes")]
    Empty,
    /// Taken.
    #[error("the credential id is registered already, to {owner}")]
    Known {
        /// Whose it is.
        owner: String,
    },
}

impl Reason for CredentialIdError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::Known { .. } => {
                Some("List the account's credentials in excludeCredentials; a stored key must never be replaced.")
            }
            _ => None,
        }
    }
}
