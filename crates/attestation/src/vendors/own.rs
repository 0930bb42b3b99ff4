//! A user's own CA, under which stand-in vendors issue instead of the lab's root.
//!
//! Whoever runs a PKI for their tests wants emulated authenticators to chain to it, so that the servers
//! under test need no second anchor. The key stays in the user's file: it is read, never written, and
//! never shown.

mod private_key;

use std::fmt;
use std::hash::{Hash, Hasher};

use lab_protocol::cose::Algorithm;

use super::authority::Authority;
use crate::keys::Backend;
use crate::trust::{AnchorError, Anchors};
use crate::x509::Certificate;

pub use private_key::PrivateKeyError;

/// The most certificates in a file: a CA and those above it.
const MAX_CERTIFICATES: usize = 8;
/// The bit of keyCertSign in the first byte of a key usage.
const CERT_SIGN: u8 = 0x04;

/// A CA of the user's: its key, its certificate, and those above it.
#[derive(Clone)]
pub struct OwnAuthority {
    authority: Authority,
    certificates: Vec<Vec<u8>>,
}

/// Why files make no CA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OwnAuthorityError {
    /// The certificates cannot be read.
    #[error("the certificate file: {0}")]
    Certificates(#[from] AnchorError),
    /// There are more certificates than any chain has.
    #[error(
        "the certificate file has {found} certificates, at most {MAX_CERTIFICATES} are read: the CA's first, then those above it"
    )]
    TooMany {
        /// How many there are.
        found: usize,
    },
    /// The private key cannot be read.
    #[error("the key file: {0}")]
    Key(#[from] PrivateKeyError),
    /// Key and certificate are of two pairs.
    #[error("the key is not the one of the first certificate, “{subject}”: the CA's own certificate comes first")]
    OtherKey {
        /// The subject of the certificate.
        subject: String,
    },
    /// The certificate may not issue.
    #[error("“{subject}” may not issue certificates: {reason}")]
    NoAuthority {
        /// The subject of the certificate.
        subject: String,
        /// What it lacks.
        reason: &'static str,
    },
}

impl OwnAuthority {
    /// Reads a CA from PEM: its certificate, followed by those above it, and its private key in PKCS #8
    /// or SEC 1, unencrypted. It signs deterministically, so that seeded runs repeat.
    ///
    /// # Errors
    /// One variant for each cause.
    pub fn from_pem(certificates: &str, key: &str) -> Result<Self, OwnAuthorityError> {
        let anchors = Anchors::from_pem_texts([certificates]).map_err(|(_, error)| error)?;
        let certificates: Vec<_> = anchors.iter().map(|anchor| anchor.der().to_vec()).collect();
        if certificates.len() > MAX_CERTIFICATES {
            return Err(OwnAuthorityError::TooMany { found: certificates.len() });
        }
        let first = certificates.first().ok_or(AnchorError::NoCertificate)?;
        let certificate = Certificate::parse(first).map_err(|error| AnchorError::Certificate { line: 1, error })?;
        may_issue(&certificate)?;
        let key = private_key::read(key, Backend::Deterministic)?;
        if key.public_key().to_spki().as_deref() != Some(certificate.spki) {
            return Err(OwnAuthorityError::OtherKey { subject: certificate.subject.to_string() });
        }
        let sent = certificates.iter().filter(|der| !is_root(der)).cloned().collect();
        let authority = Authority::own(key, &certificate, sent);
        Ok(Self { authority, certificates })
    }

    /// The certificate that a relying party has to trust: the topmost of those that were given.
    #[must_use]
    pub fn anchor(&self) -> &[u8] {
        self.certificates.last().map_or(&[], Vec::as_slice)
    }

    /// The algorithm of its key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.authority.algorithm()
    }

    pub(super) const fn authority(&self) -> &Authority {
        &self.authority
    }
}

/// Basic constraints with CA true, and a key usage, if there is one, with keyCertSign.
fn may_issue(certificate: &Certificate<'_>) -> Result<(), OwnAuthorityError> {
    let refuse = |reason| OwnAuthorityError::NoAuthority { subject: certificate.subject.to_string(), reason };
    let constraints = certificate.basic_constraints().ok().flatten();
    if !constraints.is_some_and(|constraints| constraints.ca) {
        return Err(refuse("its basic constraints do not say CA:TRUE"));
    }
    let usage = certificate.extension(crate::layout::oid::KEY_USAGE).map(|usage| usage.value);
    match usage {
        Some([0x03, _, _, bits, ..]) if bits & CERT_SIGN == 0 => Err(refuse("its key usage lacks keyCertSign")),
        _ => Ok(()),
    }
}

fn is_root(der: &[u8]) -> bool {
    Certificate::parse(der).is_ok_and(|certificate| certificate.is_self_issued())
}

impl PartialEq for OwnAuthority {
    fn eq(&self, other: &Self) -> bool {
        self.certificates == other.certificates
    }
}

impl Eq for OwnAuthority {}

impl Hash for OwnAuthority {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.certificates.hash(state);
    }
}

impl fmt::Debug for OwnAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnAuthority").field("certificates", &self.certificates.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
