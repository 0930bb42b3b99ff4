//! The signature of the response.

use lab_protocol::trace::Reason;

use crate::jws::{Jws, JwsSignatureError};
use crate::x509::Certificate;

/// Why the signature of the response is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResponseSignatureError {
    /// No certificate, so no key.
    #[error("the header of the JWS has no certificates (x5c), so nobody is known to have signed it")]
    NoCertificate,
    /// A signature that does not hold.
    #[error(transparent)]
    Signature(#[from] JwsSignatureError),
}

impl Reason for ResponseSignatureError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::NoCertificate => None,
            Self::Signature(error) => error.hint(),
        }
    }

    fn is_unsupported(&self) -> bool {
        matches!(self, Self::Signature(error) if error.is_unsupported())
    }
}

pub(super) fn judge(jws: &Jws<'_>, leaf: Option<&Certificate<'_>>) -> Result<(), ResponseSignatureError> {
    let leaf = leaf.ok_or(ResponseSignatureError::NoCertificate)?;
    Ok(jws.verify(&leaf.public_key())?)
}
