//! Ed448 (RFC 8032 §5.2), strictly and without cofactor. The arithmetic is that of a pre-release library;
//! canonical encodings, ranges and small orders are judged here.

use ed448_goldilocks::{Signature, VerifyingKey};

use super::{EncodingError, SignatureError};

/// Its name in sentences.
const CURVE: &str = "Ed448";

/// Length of a signature in bytes (RFC 8032 §5.2.6).
const SIGNATURE_LEN: usize = 114;

/// 2^448 - 2^224 - 1, little-endian, with the byte of the sign.
const P: [u8; 57] = {
    let mut p = [0xff; 57];
    p[28] = 0xfe;
    p[56] = 0;
    p
};

/// The order L of the base point, little-endian (RFC 8032 §5.2).
const L: [u8; 57] = [
    0xf3, 0x44, 0x58, 0xab, 0x92, 0xc2, 0x78, 0x23, 0x55, 0x8f, 0xc5, 0x8d, 0x72, 0xc2, 0x6c, 0x21, 0x90, 0x36, 0xd6,
    0xae, 0x49, 0xdb, 0x4e, 0xc4, 0xe9, 0x23, 0xca, 0x7c, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0x00,
];

/// The y coordinates of the four points whose order divides 4: 1, -1, and 0 twice. Little-endian.
const SMALL_ORDER_Y: [[u8; 57]; 3] = [
    {
        let mut one = [0; 57];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = P;
        minus_one[0] = 0xfe;
        minus_one
    },
    [0; 57],
];

pub(super) fn verify(key: &[u8; 57], message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
    let length = EncodingError::Length { expected: SIGNATURE_LEN, found: signature.len() };
    let bytes: &[u8; SIGNATURE_LEN] = signature.try_into().map_err(|_| length)?;
    if bytes.last_chunk::<57>().is_none_or(|s| !below(s, &L)) {
        return Err(EncodingError::Range("S").into());
    }
    let key = read(key)?;
    let canonical = bytes.first_chunk::<57>().is_some_and(|r| below(&without_sign(r), &P));
    let verified = canonical && key.verify_raw(&Signature::from_bytes(bytes), message).is_ok();
    if verified { Ok(()) } else { Err(SignatureError::Mismatch) }
}

/// Whether the key is the one encoding of a point whose order is not small.
pub(super) fn check(key: &[u8; 57]) -> Result<(), SignatureError> {
    read(key).map(|_| ())
}

fn read(key: &[u8; 57]) -> Result<VerifyingKey, SignatureError> {
    let y = without_sign(key);
    if SMALL_ORDER_Y.contains(&y) {
        return Err(SignatureError::SmallOrder { curve: CURVE });
    }
    let point = if below(&y, &P) { VerifyingKey::from_bytes(key).ok() } else { None };
    point.ok_or(SignatureError::KeyNotCanonical { curve: CURVE })
}

/// The y coordinate of a compressed point: all but the bit that is the sign of x.
fn without_sign(point: &[u8; 57]) -> [u8; 57] {
    let mut y = *point;
    y[56] &= 0x7f;
    y
}

/// Whether `a` is less than `b`, both little-endian.
fn below(a: &[u8; 57], b: &[u8; 57]) -> bool {
    a.iter().rev().lt(b.iter().rev())
}
