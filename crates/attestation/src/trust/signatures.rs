//! Signatures of certificates (RFC 5280 §6.1.3 (a)(1)), each verified once and never too many.

use super::PathReason;
use super::path::{Id, Node};
use crate::signature::{SignatureError, verify_scheme};
use crate::x509::SignatureAlgorithm;

/// The most signatures that are verified for one statement.
pub const MAX_SIGNATURES: usize = 32;

/// Verifies signatures, and remembers how they came out.
#[derive(Default)]
pub(super) struct Signatures {
    known: Vec<(Id, Id, Result<(), PathReason>)>,
}

impl Signatures {
    pub(super) fn check(&mut self, path: &[Node<'_>]) -> Result<(), PathReason> {
        path.iter().zip(path.iter().skip(1)).try_for_each(|(child, issuer)| self.link(child, issuer))
    }

    fn link(&mut self, child: &Node<'_>, issuer: &Node<'_>) -> Result<(), PathReason> {
        let known = self.known.iter().find(|(c, i, _)| (*c, *i) == (child.id, issuer.id));
        if let Some((_, _, result)) = known {
            return result.clone();
        }
        if self.known.len() == MAX_SIGNATURES {
            return Err(PathReason::TooManySignatures);
        }
        let result = verify(child, issuer);
        self.known.push((child.id, issuer.id, result.clone()));
        result
    }
}

fn verify(child: &Node<'_>, issuer: &Node<'_>) -> Result<(), PathReason> {
    let certificate = &child.certificate;
    let scheme = match certificate.signature_algorithm.signature() {
        SignatureAlgorithm::Known(scheme) => scheme,
        SignatureAlgorithm::Weak(algorithm) => {
            return Err(PathReason::WeakAlgorithm { subject: child.subject(), algorithm });
        }
        SignatureAlgorithm::Unsupported => {
            let algorithm = certificate.signature_algorithm.oid;
            return Err(PathReason::UnsupportedAlgorithm { subject: child.subject(), algorithm });
        }
    };
    let key = issuer.certificate.public_key();
    // A key of another kind than the algorithm's cannot have made the signature.
    let result = verify_scheme(scheme, &key, certificate.tbs, certificate.signature);
    result.unwrap_or(Err(SignatureError::Mismatch)).map_err(|error| {
        let (subject, name) = (child.subject(), issuer.subject());
        match issuer.is_anchor() {
            true => PathReason::AnchorMismatch { subject, issuer: name, error },
            false => PathReason::BadSignature { subject, issuer: name, error },
        }
    })
}
