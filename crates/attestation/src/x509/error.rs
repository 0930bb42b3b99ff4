//! Why bytes are no certificate.

use const_oid::ObjectIdentifier;
use lab_protocol::trace::Reason;

use super::{MAX_CERTIFICATE, MAX_EXTENSIONS};

/// Why bytes are refused as a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not the DER of a certificate; the error says where.
    #[error("it is not the DER of a certificate: {0}")]
    Der(#[from] der::Error),
    /// More bytes than any certificate has.
    #[error("it has {found} bytes, at most {MAX_CERTIFICATE} are read")]
    TooLong {
        /// The length found.
        found: usize,
    },
    /// Bytes behind the certificate.
    #[error("{0} bytes follow the certificate")]
    Trailing(u32),
    /// A version that X.509 does not have.
    #[error("its version field is {found}, expected 0, 1 or 2")]
    Version {
        /// The number found.
        found: u8,
    },
    /// The two places that name the signature algorithm disagree (RFC 5280 §4.1.1.2).
    #[error("the signature algorithm inside the signed part differs from the one outside")]
    AlgorithmsDiffer,
    /// A signature that does not end on a byte.
    #[error("the signature does not end on a byte")]
    UnusedBits,
    /// More extensions than any certificate has.
    #[error("it has more than {MAX_EXTENSIONS} extensions")]
    TooManyExtensions,
    /// An extension that occurs twice (RFC 5280 §4.2).
    #[error("the extension {0} occurs twice")]
    DuplicateExtension(ObjectIdentifier),
}

impl Reason for CertificateError {
    fn hint(&self) -> Option<&str> {
        Some("Take the certificate to a tool such as `openssl x509 -inform DER -text`; its vendor has to fix it.")
    }
}
