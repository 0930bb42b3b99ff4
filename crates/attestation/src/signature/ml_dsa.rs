//! ML-DSA (FIPS 204), with an empty context and without hashing the message first, as COSE has it
//! (draft-ietf-cose-dilithium §3). Keys and signatures have one length for each parameter set; which
//! encodings of a signature are valid is judged by aws-lc, as algorithm 27 of FIPS 204 demands.

use aws_lc_rs::signature::{ML_DSA_44, ML_DSA_65, ML_DSA_87, UnparsedPublicKey};
use lab_protocol::cose::MlDsa;

use super::{EncodingError, SignatureError};

pub(super) fn verify(set: MlDsa, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    check(set, key)?;
    if signature.len() != set.signature_len() {
        return Err(EncodingError::Length { expected: set.signature_len(), found: signature.len() }.into());
    }
    let algorithm = match set {
        MlDsa::MlDsa44 => &ML_DSA_44,
        MlDsa::MlDsa65 => &ML_DSA_65,
        MlDsa::MlDsa87 => &ML_DSA_87,
    };
    UnparsedPublicKey::new(algorithm, key).verify(message, signature).map_err(|_| SignatureError::Mismatch)
}

/// Whether the key has the length of its set; any bytes of that length are a key.
pub(super) fn check(set: MlDsa, key: &[u8]) -> Result<(), SignatureError> {
    let (expected, found) = (set.key_len(), key.len());
    if found == expected { Ok(()) } else { Err(SignatureError::KeyLength { expected, found }) }
}
