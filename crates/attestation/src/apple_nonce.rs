//! The nonce in a certificate of Apple's, which binds it to one ceremony (`webauthn-3 §8.8`; App Attest has the
//! same extension).

use lab_protocol::trace::{Finding, Reason};
use lab_protocol::webauthn::authenticator_data::AuthenticatorData;

use crate::asn1::{self, ElementError, Tag};
use crate::layout::oid;
use crate::x509::Certificate;

/// The most members of the extension that are read.
const MAX_MEMBERS: usize = 16;

/// Why the certificate does not belong to this ceremony.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppleNonceError {
    /// No extension.
    #[error("the certificate has no nonce (extension {})", oid::APPLE_NONCE)]
    Absent,
    /// Not `SEQUENCE { [1] EXPLICIT OCTET STRING }`.
    #[error("the nonce extension is not SEQUENCE {{ [1] OCTET STRING }}: {0}")]
    Malformed(ElementError),
    /// A sequence without the member \[1\].
    #[error("the nonce extension has no member [1]")]
    NoMember,
    /// Another nonce.
    #[error("the nonce in the certificate is another one")]
    Mismatch,
}

impl Reason for AppleNonceError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::Absent => Some("It is no certificate that Apple makes for a credential."),
            Self::Malformed(_) | Self::NoMember => Some("Apple does not write this: the certificate was made by hand."),
            Self::Mismatch => None,
        }
    }
}

/// Compares the nonce in the certificate with that of the ceremony.
pub(crate) fn judge<'a>(leaf: &Certificate<'a>, auth_data: &AuthenticatorData<'_>, hash: &[u8; 32]) -> Finding<'a> {
    let expected = crate::sha256(&[auth_data.bytes, hash].concat());
    match nonce(leaf) {
        Ok(found) if found == expected => Finding::pass(),
        Ok(found) => Finding::refuse(AppleNonceError::Mismatch).values(expected.to_vec(), found),
        Err(error) => error.into(),
    }
}

fn nonce<'a>(leaf: &Certificate<'a>) -> Result<&'a [u8], AppleNonceError> {
    let extension = leaf.extension(oid::APPLE_NONCE).ok_or(AppleNonceError::Absent)?;
    let members = asn1::only(extension.value).and_then(|whole| whole.expect(Tag::SEQUENCE, "a SEQUENCE"));
    let members =
        members.and_then(|content| asn1::elements(content, MAX_MEMBERS)).map_err(AppleNonceError::Malformed)?;
    let member = members.iter().find(|member| member.tag == Tag::context(1)).ok_or(AppleNonceError::NoMember)?;
    let nonce = asn1::only(member.content).and_then(|nonce| nonce.expect(Tag::OCTET_STRING, "an OCTET STRING"));
    nonce.map_err(AppleNonceError::Malformed)
}
