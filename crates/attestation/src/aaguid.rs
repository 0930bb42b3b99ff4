//! The AAGUID extension of an attestation certificate (`webauthn-3 §8.2`, §8.2.1).

use lab_protocol::Aaguid;
use lab_protocol::trace::{Finding, Reason};
use lab_protocol::webauthn::authenticator_data::AuthenticatorData;

use crate::layout::oid;
use crate::x509::Certificate;

/// Why the AAGUID extension is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AaguidError {
    /// Two models.
    #[error("the certificate is one of {certificate}, the authenticator data says {authenticator_data}")]
    Mismatch {
        /// The AAGUID in the certificate.
        certificate: Aaguid,
        /// The AAGUID in the authenticator data.
        authenticator_data: Aaguid,
    },
    /// The extension does not hold an octet string of 16 bytes.
    #[error("the AAGUID extension holds {found} bytes that are not 04 10 and an AAGUID of 16 bytes")]
    Malformed {
        /// How many bytes it holds.
        found: usize,
    },
    /// The authenticator data has no AAGUID to compare with.
    #[error("the authenticator data carries no attested credential data, so no AAGUID")]
    NoCredentialData,
}

impl Reason for AaguidError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::Mismatch { .. } => {
                Some("The certificate of one model was used under the name of another: do not trust either.")
            }
            Self::Malformed { .. } => Some("The vendor has to issue certificates with two nested octet strings here."),
            Self::NoCredentialData => None,
        }
    }
}

/// Compares the extension, if there is one, with the authenticator data.
pub(crate) fn judge<'a>(leaf: &Certificate<'_>, auth_data: &AuthenticatorData<'_>) -> Finding<'a> {
    let Some(extension) = leaf.extension(oid::FIDO_AAGUID) else { return Finding::not_applicable() };
    let malformed = AaguidError::Malformed { found: extension.value.len() };
    let bytes = extension.value.strip_prefix(&[0x04, 0x10]);
    let Some(certificate) = bytes.and_then(Aaguid::from_slice) else { return malformed.into() };
    let Some(attested) = &auth_data.attested else { return AaguidError::NoCredentialData.into() };
    let authenticator_data = attested.aaguid;
    if certificate == authenticator_data {
        return Finding::pass_with(certificate);
    }
    let finding: Finding<'_> = AaguidError::Mismatch { certificate, authenticator_data }.into();
    finding.values(authenticator_data, certificate)
}
