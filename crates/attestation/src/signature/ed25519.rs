//! Ed25519, strictly: aws-lc verifies without cofactor and refuses S of L or more; canonical
//! encodings and small orders of the key are judged here.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

use super::{EncodingError, SignatureError};

/// Its name in sentences.
const CURVE: &str = "Ed25519";

/// Length of a signature in bytes (RFC 8032 §5.1.6).
const SIGNATURE_LEN: usize = 64;

/// 2^255 - 19, little-endian.
const P: [u8; 32] = {
    let mut p = [0xff; 32];
    p[0] = 0xed;
    p[31] = 0x7f;
    p
};

/// The order L of the base point, little-endian (RFC 8032 §5.1).
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The y coordinates of the eight points whose order divides 8: 1, -1, 0, and the two of order 8,
/// little-endian. The sign of x makes two points of each of the last three.
const SMALL_ORDER_Y: [[u8; 32]; 5] = [
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = P;
        minus_one[0] = 0xec;
        minus_one
    },
    [0; 32],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
];

pub(super) fn verify(key: &[u8; 32], message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    let length = EncodingError::Length { expected: SIGNATURE_LEN, found: signature.len() };
    let signature: &[u8; SIGNATURE_LEN] = signature.try_into().map_err(|_| length)?;
    if signature.last_chunk::<32>().is_none_or(|s| !below(s, &L)) {
        return Err(EncodingError::Range("S").into());
    }
    check_encoding(key)?;
    match UnparsedPublicKey::new(&ED25519, key).verify(message, signature) {
        Ok(()) => Ok(()),
        Err(_) => Err(check(key).err().unwrap_or(SignatureError::Mismatch)),
    }
}

/// Whether the key is the one encoding of a point whose order is not small.
pub(super) fn check(key: &[u8; 32]) -> Result<(), SignatureError> {
    check_encoding(key)?;
    let on_curve = ed25519_dalek::VerifyingKey::from_bytes(key);
    on_curve.map(|_| ()).map_err(|_| SignatureError::KeyNotCanonical { curve: CURVE })
}

/// What can be told from the bytes alone, which is what aws-lc leaves to its caller.
fn check_encoding(key: &[u8; 32]) -> Result<(), SignatureError> {
    let mut y = *key;
    y[31] &= 0x7f;
    if SMALL_ORDER_Y.contains(&y) {
        return Err(SignatureError::SmallOrder { curve: CURVE });
    }
    if below(&y, &P) { Ok(()) } else { Err(SignatureError::KeyNotCanonical { curve: CURVE }) }
}

/// Whether `a` is less than `b`, both little-endian.
fn below(a: &[u8; 32], b: &[u8; 32]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}
