//! The certificates of a statement, and the key of the first one.

use lab_protocol::cose::CredentialPublicKey;
use lab_protocol::trace::{Finding, Reason};

use crate::signature::PublicKey;
use crate::statement::StatementError;
use crate::x509::Certificate;

/// The first certificate of a chain in which every certificate can be read.
pub(crate) fn leaf<'a>(x5c: &[&'a [u8]]) -> Result<Certificate<'a>, StatementError> {
    let mut leaf = None;
    for (position, der) in (1..).zip(x5c) {
        let certificate = Certificate::parse(der);
        let certificate = certificate.map_err(|error| StatementError::Certificate { position, error })?;
        leaf.get_or_insert(certificate);
    }
    leaf.ok_or(StatementError::EmptyX5c)
}

/// The certificate is that of another key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the certificate carries {certificate}, the credential is {credential}{}", if .certificate == .credential { ": another one" } else { "" })]
pub struct OtherKey {
    /// What kind of key the certificate carries.
    pub certificate: &'static str,
    /// What kind of key the credential is.
    pub credential: &'static str,
}

impl Reason for OtherKey {}

/// Compares the certificate's key with that of the credential, as numbers, and where there is no arithmetic for
/// them, as encodings.
pub(crate) fn same_key<'a>(leaf: &Certificate<'a>, key: &CredentialPublicKey) -> Finding<'a> {
    let (certificate, credential) = (leaf.public_key(), PublicKey::from(key));
    let spki = key.to_spki();
    let same = match (&certificate, &credential) {
        (PublicKey::Unknown, _) | (_, PublicKey::Unknown) => spki.as_deref() == Some(leaf.spki),
        (certificate, credential) => certificate == credential,
    };
    if same {
        return Finding::pass();
    }
    let finding = Finding::refuse(OtherKey { certificate: certificate.kind(), credential: credential.kind() });
    match spki {
        Some(spki) => finding.values(spki, leaf.spki),
        None => finding,
    }
}
