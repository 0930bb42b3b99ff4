//! ECDSA on the NIST curves and secp256k1: strict DER, 0 < r, s < n; a high s is as good as a low one, because
//! WebAuthn does not demand the low one.

use aws_lc_rs::signature::{self as aws, EcdsaVerificationAlgorithm, UnparsedPublicKey};
use lab_protocol::cose::Curve;

use super::{EncodingError, Hash, SignatureError};

/// A point that claims to lie on a curve.
pub(super) struct Point<'a> {
    pub(super) curve: Curve,
    pub(super) x: &'a [u8],
    pub(super) y: &'a [u8],
}

/// The longest uncompressed point: P-521.
const MAX_POINT: usize = 1 + 2 * 66;

impl Point<'_> {
    /// The uncompressed form (SEC 1 §2.3.3) in `buffer`; `None` where a coordinate has another length.
    fn uncompressed<'b>(&self, buffer: &'b mut [u8; MAX_POINT]) -> Option<&'b [u8]> {
        let field = self.curve.field_len();
        let point = buffer.get_mut(..1 + 2 * field)?;
        let (tag, coordinates) = point.split_first_mut()?;
        let (x, y) = coordinates.split_at_mut_checked(field)?;
        if self.x.len() != field || self.y.len() != field {
            return None;
        }
        *tag = 4;
        x.copy_from_slice(self.x);
        y.copy_from_slice(self.y);
        Some(point)
    }
}

pub(super) fn verify(
    point: &Point<'_>,
    algorithm: &'static EcdsaVerificationAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    check_encoding(signature, order(point.curve))?;
    let mut buffer = [0; MAX_POINT];
    let not_on_curve = SignatureError::NotOnCurve { curve: point.curve };
    let bytes = point.uncompressed(&mut buffer).ok_or(not_on_curve)?;
    match UnparsedPublicKey::new(algorithm, bytes).verify(message, signature) {
        Ok(()) => Ok(()),
        Err(_) => Err(check(point).err().unwrap_or(SignatureError::Mismatch)),
    }
}

/// Whether the point lies on its curve; infinity has no coordinates and so never does.
pub(super) fn check(point: &Point<'_>) -> Result<(), SignatureError> {
    let not_on_curve = SignatureError::NotOnCurve { curve: point.curve };
    let mut buffer = [0; MAX_POINT];
    let Some(bytes) = point.uncompressed(&mut buffer) else { return Err(not_on_curve) };
    let on_curve = match point.curve {
        Curve::P256 => p256::PublicKey::from_sec1_bytes(bytes).is_ok(),
        Curve::P384 => p384::PublicKey::from_sec1_bytes(bytes).is_ok(),
        Curve::P521 => p521::PublicKey::from_sec1_bytes(bytes).is_ok(),
        Curve::Secp256k1 => k256::PublicKey::from_sec1_bytes(bytes).is_ok(),
    };
    if on_curve { Ok(()) } else { Err(not_on_curve) }
}

/// How signatures on `curve` with `hash` are verified; `None` for pairs that no standard has.
pub(super) const fn algorithm(curve: Curve, hash: Hash) -> Option<&'static EcdsaVerificationAlgorithm> {
    Some(match (curve, hash) {
        (Curve::P256, Hash::Sha256) => &aws::ECDSA_P256_SHA256_ASN1,
        (Curve::P256, Hash::Sha384) => &aws::ECDSA_P256_SHA384_ASN1,
        (Curve::P256, Hash::Sha512) => &aws::ECDSA_P256_SHA512_ASN1,
        (Curve::P384, Hash::Sha256) => &aws::ECDSA_P384_SHA256_ASN1,
        (Curve::P384, Hash::Sha384) => &aws::ECDSA_P384_SHA384_ASN1,
        (Curve::P384, Hash::Sha512) => &aws::ECDSA_P384_SHA512_ASN1,
        (Curve::P521, Hash::Sha256) => &aws::ECDSA_P521_SHA256_ASN1,
        (Curve::P521, Hash::Sha384) => &aws::ECDSA_P521_SHA384_ASN1,
        (Curve::P521, Hash::Sha512) => &aws::ECDSA_P521_SHA512_ASN1,
        (Curve::Secp256k1, Hash::Sha256) => &aws::ECDSA_P256K1_SHA256_ASN1,
        (_, Hash::Sha1) | (Curve::Secp256k1, _) => return None,
    })
}

/// Whether `signature` is `SEQUENCE { r INTEGER, s INTEGER }` in DER and nothing more.
pub(super) fn check_encoding(signature: &[u8], order: &[u8]) -> Result<(), EncodingError> {
    let (content, rest) = element(signature, 0x30).ok_or(EncodingError::NotDer)?;
    if !rest.is_empty() {
        return Err(EncodingError::Trailing(rest.len()));
    }
    let (r, content) = element(content, 0x02).ok_or(EncodingError::NotDer)?;
    let (s, content) = element(content, 0x02).ok_or(EncodingError::NotDer)?;
    if !content.is_empty() {
        return Err(EncodingError::Trailing(content.len()));
    }
    check_integer(r, "r", order)?;
    check_integer(s, "s", order)
}

/// The content of the element of type `tag` at the start of `bytes`, and what follows it. No
/// signature is longer than 255 bytes, so that longer lengths are not read.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match bytes {
        [found, length @ 0..=0x7f, rest @ ..] if *found == tag => (*length, rest),
        [found, 0x81, length @ 0x80..=0xff, rest @ ..] if *found == tag => (*length, rest),
        _ => return None,
    };
    rest.split_at_checked(usize::from(length))
}

fn check_integer(bytes: &[u8], name: &'static str, order: &[u8]) -> Result<(), EncodingError> {
    let number = match bytes {
        [] => return Err(EncodingError::NotDer),
        [0] => return Err(EncodingError::Range(name)),
        [0x80..=0xff, ..] => return Err(EncodingError::Negative(name)),
        [0, second, ..] if *second < 0x80 => return Err(EncodingError::LeadingZeros(name)),
        [0, number @ ..] => number,
        number => number,
    };
    let below = (number.len(), number) < (order.len(), order);
    if below { Ok(()) } else { Err(EncodingError::Range(name)) }
}

/// The order of the group (SP 800-186 §3.2.1, SEC 2 §2.4.1), big-endian without leading zeros.
pub(super) const fn order(curve: Curve) -> &'static [u8] {
    match curve {
        Curve::P256 => &P256_ORDER,
        Curve::P384 => &P384_ORDER,
        Curve::P521 => &P521_ORDER,
        Curve::Secp256k1 => &SECP256K1_ORDER,
    }
}

const SECP256K1_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc,
    0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0,
    0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];

const P521_ORDER: [u8; 66] = [
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfa, 0x51, 0x86, 0x87, 0x83,
    0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47,
    0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09,
];
