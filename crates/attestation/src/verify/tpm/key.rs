//! Whether pubArea describes the credential public key (`webauthn-3 §8.3`, the first step).

use lab_protocol::cose::{CredentialPublicKey, Curve, KeyMaterial};
use lab_protocol::trace::{Finding, Reason};

use super::public::{Object, Public};
use crate::layout::tpm::{self, curve};
use crate::note::{self, Note};

/// Why pubArea is of another key than the credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PubAreaKeyError {
    /// Another kind of key.
    #[error("pubArea describes {found}, the credential is {expected}")]
    Kind {
        /// The credential's kind.
        expected: &'static str,
        /// What the TPM describes.
        found: String,
    },
    /// Another curve.
    #[error("pubArea names curve {found:#06x}, the credential is on {}", .expected.name())]
    Curve {
        /// The credential's curve.
        expected: Curve,
        /// The TPM_ECC_CURVE found.
        found: u16,
    },
    /// Another point.
    #[error("pubArea has another {coordinate} coordinate than the credential: {found}, expected {expected}")]
    Point {
        /// x or y.
        coordinate: &'static str,
        /// The start of the credential's.
        expected: String,
        /// The start of the one found.
        found: String,
    },
    /// Another modulus.
    #[error("pubArea has another modulus than the credential: {found}, expected {expected}")]
    Modulus {
        /// The start of the credential's.
        expected: String,
        /// The start of the one found.
        found: String,
    },
    /// Another length of the modulus than the modulus has.
    #[error("pubArea says that its modulus has {found} bits; it has {expected}")]
    KeyBits {
        /// The length of the modulus.
        expected: usize,
        /// keyBits.
        found: u16,
    },
    /// Another exponent.
    #[error("pubArea has the exponent {found}, the credential {expected}")]
    Exponent {
        /// The credential's.
        expected: u32,
        /// The TPM's, with zero read as 65537.
        found: u32,
    },
}

impl Reason for PubAreaKeyError {
    fn hint(&self) -> Option<&str> {
        Some(match self {
            Self::Kind { .. } => {
                "If pubArea starts with its own length, it is a TPM2B_PUBLIC: the two bytes have to be taken off."
            }
            _ => "The TPM vouches for one key and the credential is another: do not trust it.",
        })
    }
}

/// Compares the two, and shows what the TPM says of the key.
pub(super) fn judge<'a>(public: &Public<'_>, key: &CredentialPublicKey) -> Finding<'a> {
    match compare(&public.object, &key.material) {
        Err(error) => Finding::refuse(error),
        Ok(()) => {
            let shown = format!("{}; {}", described(&public.object), public.attributes);
            let movable = public.attributes.0 & tpm::FIXED_TPM == 0;
            let notes: Vec<_> = movable.then_some(Note::NotFixedToTpm).into_iter().collect();
            Finding { actual: Some(shown.into()), ..note::pass(&notes) }
        }
    }
}

fn compare(object: &Object<'_>, material: &KeyMaterial) -> Result<(), PubAreaKeyError> {
    match (object, material) {
        (Object::Rsa { key_bits, exponent, n, .. }, KeyMaterial::Rsa { n: modulus, e }) => {
            rsa(*key_bits, (*exponent, n), (e, modulus))
        }
        (Object::Ecc { curve, x, y, .. }, KeyMaterial::Ec2 { curve: expected, x: expected_x, y: expected_y }) => {
            if curve_of(*curve) != Some(*expected) {
                return Err(PubAreaKeyError::Curve { expected: *expected, found: *curve });
            }
            coordinate("x", expected_x, x)?;
            coordinate("y", expected_y, y)
        }
        (object, material) => Err(PubAreaKeyError::Kind { expected: kind(material), found: described(object) }),
    }
}

fn rsa(key_bits: u16, (exponent, n): (u32, &[u8]), (e, modulus): (&[u8], &[u8])) -> Result<(), PubAreaKeyError> {
    if n != modulus {
        return Err(PubAreaKeyError::Modulus { expected: start(modulus), found: start(n) });
    }
    let unused = n.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = (n.len() * 8).saturating_sub(unused);
    if usize::from(key_bits) != bits {
        return Err(PubAreaKeyError::KeyBits { expected: bits, found: key_bits });
    }
    let found = if exponent == 0 { tpm::DEFAULT_EXPONENT } else { exponent };
    // A credential key with a longer exponent is refused when it is read.
    let expected = e.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    if found == expected { Ok(()) } else { Err(PubAreaKeyError::Exponent { expected, found }) }
}

/// A coordinate, which TPMs write without its leading zeros or with them (Part 1, C.8).
fn coordinate(coordinate: &'static str, expected: &[u8], found: &[u8]) -> Result<(), PubAreaKeyError> {
    let padding = expected.len().checked_sub(found.len());
    let same = padding
        .and_then(|padding| expected.split_at_checked(padding))
        .is_some_and(|(zeros, rest)| rest == found && zeros.iter().all(|byte| *byte == 0));
    let differs = || PubAreaKeyError::Point { coordinate, expected: start(expected), found: start(found) };
    if same { Ok(()) } else { Err(differs()) }
}

/// The curve of a credential that a TPM_ECC_CURVE is.
const fn curve_of(id: u16) -> Option<Curve> {
    Some(match id {
        curve::NIST_P256 => Curve::P256,
        curve::NIST_P384 => Curve::P384,
        curve::NIST_P521 => Curve::P521,
        _ => return None,
    })
}

/// The first bytes, which are enough to tell two numbers apart.
fn start(bytes: &[u8]) -> String {
    let shown: String = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{shown}… ({} bytes)", bytes.len())
}

const fn kind(material: &KeyMaterial) -> &'static str {
    match material {
        KeyMaterial::Ec2 { .. } => "a key on an elliptic curve",
        KeyMaterial::Rsa { .. } => "an RSA key",
        KeyMaterial::Ed25519 { .. } | KeyMaterial::Ed448 { .. } => "an EdDSA key, which no TPM has",
        KeyMaterial::MlDsa { .. } => "an ML-DSA key, which no TPM has",
        KeyMaterial::Unknown { .. } => "a key of a kind that is not supported",
    }
}

fn described(object: &Object<'_>) -> String {
    match object {
        Object::Rsa { key_bits, .. } => format!("an RSA key of {key_bits} bits"),
        Object::Ecc { curve, .. } => match curve_of(*curve) {
            Some(curve) => format!("a key on {}", curve.name()),
            None => format!("a key on curve {curve:#06x}"),
        },
        Object::KeyedHash { .. } => "a keyed hash (TPM_ALG_KEYEDHASH)".to_owned(),
        Object::SymCipher { .. } => "a symmetric key (TPM_ALG_SYMCIPHER)".to_owned(),
        Object::Unknown { kind } => format!("an object of type {kind:#06x}, which TPMs do not have"),
    }
}
