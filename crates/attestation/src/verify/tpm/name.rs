//! Whether certInfo is about pubArea and about this ceremony (`webauthn-3 §8.3`: attested.name, extraData).

use lab_protocol::cose::Algorithm;
use lab_protocol::trace::{Finding, Reason};

use super::public::Public;
use crate::layout::tpm::alg;
use crate::signature::{Hash, Scheme};
use crate::verify::Input;

/// Why the attested name is not that of pubArea.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// pubArea names a hash that nobody here has.
    #[error("nameAlg of pubArea is {found:#06x}, expected SHA-1, SHA-256, SHA-384 or SHA-512")]
    UnknownAlgorithm {
        /// The TPM_ALG_ID found.
        found: u16,
    },
    /// The name starts with another algorithm than pubArea says.
    #[error("the attested name is one of {}, pubArea says {expected:#06x}", shown(.found))]
    Algorithm {
        /// nameAlg of pubArea.
        expected: u16,
        /// The start of the name.
        found: Option<u16>,
    },
    /// The hash is that of something else.
    #[error("the attested name is {found}, pubArea has {expected}")]
    Digest {
        /// The digest of pubArea.
        expected: String,
        /// The one in the name.
        found: String,
    },
}

impl Reason for NameError {
    fn hint(&self) -> Option<&str> {
        matches!(self, Self::Digest { .. }).then_some("The TPM certified another key than the one beside it.")
    }
}

fn shown(algorithm: &Option<u16>) -> String {
    algorithm.map_or_else(|| "no algorithm".to_owned(), |algorithm| format!("{algorithm:#06x}"))
}

/// Whether `name` is nameAlg and the digest of pubArea (TPM 2.0 Part 1 §16).
pub(super) fn name(name: &[u8], public: &Public<'_>) -> Result<(), NameError> {
    let expected = public.name_alg;
    let hash = hash_of(expected).ok_or(NameError::UnknownAlgorithm { found: expected })?;
    let found = name.first_chunk().map(|bytes| u16::from_be_bytes(*bytes));
    if found != Some(expected) {
        return Err(NameError::Algorithm { expected, found });
    }
    let (digest, found) = (hash.digest(&[public.bytes]), name.get(2..).unwrap_or_default());
    if digest == found { Ok(()) } else { Err(NameError::Digest { expected: hex(&digest), found: hex(found) }) }
}

const fn hash_of(algorithm: u16) -> Option<Hash> {
    Some(match algorithm {
        alg::SHA1 => Hash::Sha1,
        alg::SHA256 => Hash::Sha256,
        alg::SHA384 => Hash::Sha384,
        alg::SHA512 => Hash::Sha512,
        _ => return None,
    })
}

/// The alg of the statement has no hash of its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{alg} has no hash that extraData could be made with")]
pub struct NoHash {
    /// The algorithm.
    pub alg: Algorithm,
}

impl Reason for NoHash {}

/// Whether extraData is the hash of authenticator data and client data hash, by the hash of `alg`.
pub(super) fn extra_data<'a>(found: &'a [u8], alg: Algorithm, input: &Input<'_>) -> Finding<'a> {
    match Scheme::of(alg).and_then(|(scheme, _)| scheme.hash()) {
        Some(hash) => {
            let expected = hash.digest(&[input.auth_data.bytes, input.client_data_hash]);
            Finding::require(expected == found, expected, found)
        }
        None => Finding::refuse(NoHash { alg }),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(64).map(|byte| format!("{byte:02x}")).collect()
}
