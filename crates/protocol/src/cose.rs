//! COSE algorithms and credential public keys (`webauthn-3 §5.8.5, §6.5.1`; RFC 9053, RFC 8230).

use std::fmt;

use ciborium::Value;
use coset::{AsCborValue, CoseKey, Label};
use serde::{Deserialize, Serialize};

use crate::cbor::{self, Reader, Rules, Writer};
use crate::trace::Reason;

mod spki;

/// A COSE algorithm identifier, known or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Algorithm(pub i64);

impl Algorithm {
    /// ECDSA on P-256 with SHA-256.
    pub const ES256: Self = Self(-7);
    /// Ed25519.
    pub const EDDSA: Self = Self(-8);
    /// ECDSA on P-384 with SHA-384.
    pub const ES384: Self = Self(-35);
    /// ECDSA on P-521 with SHA-512.
    pub const ES512: Self = Self(-36);
    /// RSASSA-PSS with SHA-256.
    pub const PS256: Self = Self(-37);
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub const RS256: Self = Self(-257);

    /// Whether the lab has the arithmetic of this algorithm; keys of others are kept, not read.
    #[must_use]
    pub const fn has_arithmetic(self) -> bool {
        matches!(self.0, -9..=-7 | -19 | -39..=-35 | -52..=-51 | -259..=-257 | -65535)
    }

    /// The name of the IANA registry, where it has one that WebAuthn uses.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            -7 => "ES256",
            -8 => "EdDSA",
            -9 => "ESP256",
            -19 => "Ed25519",
            -35 => "ES384",
            -36 => "ES512",
            -37 => "PS256",
            -38 => "PS384",
            -39 => "PS512",
            -47 => "ES256K",
            -48 => "ML-DSA-44",
            -49 => "ML-DSA-65",
            -50 => "ML-DSA-87",
            -51 => "ESP384",
            -52 => "ESP512",
            -53 => "Ed448",
            -257 => "RS256",
            -258 => "RS384",
            -259 => "RS512",
            -65535 => "RS1",
            _ => return None,
        })
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

impl From<Algorithm> for crate::trace::Value<'_> {
    fn from(algorithm: Algorithm) -> Self {
        algorithm.to_string().into()
    }
}

/// A credential public key: a COSE_Key whose members have the lengths that its algorithm demands.
/// That a point lies on its curve is for whoever has the arithmetic.
#[derive(Debug, Clone, PartialEq)]
pub struct CredentialPublicKey {
    /// The algorithm that the key is bound to.
    pub alg: Algorithm,
    /// The key itself.
    pub material: KeyMaterial,
    /// Members beyond those of the key type, which §6.5.1 forbids.
    pub extra: Vec<(Value, Value)>,
}

/// The numbers of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyMaterial {
    /// An uncompressed point on a NIST curve.
    Ec2 {
        /// The curve.
        curve: Curve,
        /// Big-endian, as long as the field.
        x: Vec<u8>,
        /// Big-endian, as long as the field.
        y: Vec<u8>,
    },
    /// An Ed25519 key.
    Ed25519 {
        /// The compressed point.
        x: [u8; 32],
    },
    /// An RSA key.
    Rsa {
        /// The modulus, big-endian.
        n: Vec<u8>,
        /// The exponent, big-endian.
        e: Vec<u8>,
    },
    /// A key type or curve that the lab has no arithmetic for.
    Unknown {
        /// The key type.
        kty: i64,
        /// The curve, where there is one.
        crv: Option<i64>,
    },
}

/// The curves of `Ec2` keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    /// P-256, COSE curve 1.
    P256,
    /// P-384, COSE curve 2.
    P384,
    /// P-521, COSE curve 3.
    P521,
}

impl Curve {
    /// The length of a coordinate in bytes.
    #[must_use]
    pub const fn field_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The COSE curve number.
    #[must_use]
    pub const fn id(self) -> i64 {
        match self {
            Self::P256 => 1,
            Self::P384 => 2,
            Self::P521 => 3,
        }
    }

    const fn of(id: i64) -> Option<Self> {
        Some(match id {
            1 => Self::P256,
            2 => Self::P384,
            3 => Self::P521,
            _ => return None,
        })
    }
}

/// Why a COSE_Key is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not canonical CBOR.
    #[error("the COSE_Key is not canonical CBOR: {0}")]
    Cbor(#[from] cbor::Error),
    /// Not a COSE_Key at all.
    #[error("the map is no COSE_Key: {0}")]
    Cose(String),
    /// Member 3 is missing.
    #[error("the COSE_Key names no algorithm (label 3)")]
    NoAlgorithm,
    /// The algorithm is not an integer.
    #[error("the algorithm (label 3) is a text, expected a number")]
    TextAlgorithm,
    /// Key type and algorithm do not belong together.
    #[error("key type {kty} does not belong to {alg}")]
    KeyType {
        /// The algorithm.
        alg: Algorithm,
        /// The key type found.
        kty: i64,
    },
    /// The curve is not the one that the algorithm is bound to.
    #[error("{alg} demands curve {expected}, found {}", .found.map_or("none".to_owned(), |c| c.to_string()))]
    CurveMismatch {
        /// The algorithm.
        alg: Algorithm,
        /// The curve of `webauthn-3 §5.8.5`.
        expected: i64,
        /// The curve found.
        found: Option<i64>,
    },
    /// A member is missing or of another type.
    #[error("the member {member} is missing or no byte string")]
    Member {
        /// Its name.
        member: &'static str,
    },
    /// The point is in compressed form.
    #[error("the y coordinate is a sign bit: the compressed point form is not allowed")]
    Compressed,
    /// A member of another length.
    #[error("{member} has {found} bytes, expected {expected}")]
    Length {
        /// Its name.
        member: &'static str,
        /// The length that the algorithm demands.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// An RSA modulus that nobody should use, or that would cost too much.
    #[error("the RSA modulus has {found} bits, expected 2048 to 8192")]
    Modulus {
        /// The number of bits found.
        found: usize,
    },
    /// An RSA exponent under which signatures can be forged or that is no exponent.
    #[error("the RSA exponent is {found}, expected an odd number of at least 3 in at most 4 bytes")]
    Exponent {
        /// The exponent found, in hexadecimal.
        found: String,
    },
    /// Superfluous leading zeros.
    #[error("{member} starts with superfluous zeros")]
    LeadingZero {
        /// Its name.
        member: &'static str,
    },
}

impl Reason for KeyError {}

impl CredentialPublicKey {
    /// Reads a COSE_Key as `webauthn-3 §6.5.1` demands it: with `alg`, in the curve and form that
    /// §5.8.5 binds the algorithm to.
    ///
    /// # Errors
    /// One variant for each cause.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        let mut reader = Reader::new(bytes, Rules { refuse_key_order: true, ..Rules::RELYING_PARTY });
        let map = reader.value()?;
        reader.end()?;
        let members = map.as_map().ok_or_else(|| KeyError::Cose("it is no map".to_owned()))?.clone();
        let alg = algorithm(&members)?;
        if !alg.has_arithmetic() {
            return Ok(unknown(alg, members));
        }
        let key = CoseKey::from_cbor_value(map).map_err(|error| KeyError::Cose(error.to_string()))?;
        let (material, used) = material(alg, &key)?;
        let named = |label: &Value| [1, 3].iter().chain(used).any(|used| *label == Value::from(*used));
        Ok(Self { alg, material, extra: members.into_iter().filter(|(label, _)| !named(label)).collect() })
    }

    /// The canonical encoding, without the extra members.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(300);
        match &self.material {
            KeyMaterial::Ec2 { curve, x, y } => {
                writer.map(5).integer(1).integer(2).integer(3).integer(self.alg.0);
                writer.integer(-1).integer(curve.id()).integer(-2).bytes(x).integer(-3).bytes(y);
            }
            KeyMaterial::Ed25519 { x } => {
                writer.map(4).integer(1).integer(1).integer(3).integer(self.alg.0);
                writer.integer(-1).integer(6).integer(-2).bytes(x);
            }
            KeyMaterial::Rsa { n, e } => {
                writer
                    .map(4)
                    .integer(1)
                    .integer(3)
                    .integer(3)
                    .integer(self.alg.0)
                    .integer(-1)
                    .bytes(n)
                    .integer(-2)
                    .bytes(e);
            }
            KeyMaterial::Unknown { kty, .. } => {
                writer.map(2).integer(1).integer(*kty).integer(3).integer(self.alg.0);
            }
        }
        writer.into_bytes()
    }
}

fn algorithm(members: &[(Value, Value)]) -> Result<Algorithm, KeyError> {
    match label(members, 3) {
        None => Err(KeyError::NoAlgorithm),
        Some(Value::Text(_)) => Err(KeyError::TextAlgorithm),
        Some(value) => integer(value).map(Algorithm).ok_or(KeyError::NoAlgorithm),
    }
}

fn unknown(alg: Algorithm, members: Vec<(Value, Value)>) -> CredentialPublicKey {
    let number = |wanted| label(&members, wanted).and_then(integer);
    let material = KeyMaterial::Unknown { kty: number(1).unwrap_or_default(), crv: number(-1) };
    CredentialPublicKey { alg, material, extra: members }
}

fn label(members: &[(Value, Value)], wanted: i64) -> Option<&Value> {
    members.iter().find(|(label, _)| *label == Value::from(wanted)).map(|(_, value)| value)
}

fn integer(value: &Value) -> Option<i64> {
    value.as_integer().and_then(|number| i64::try_from(number).ok())
}

fn material(alg: Algorithm, key: &CoseKey) -> Result<(KeyMaterial, &'static [i64]), KeyError> {
    let kty = match &key.kty {
        coset::RegisteredLabel::Assigned(kty) => coset::iana::EnumI64::to_i64(kty),
        coset::RegisteredLabel::Text(_) => return Err(KeyError::Cose("the key type (label 1) is a text".to_owned())),
    };
    let crv = param(key, -1).and_then(integer);
    match (alg.0, kty) {
        (-7 | -9, 2) => ec2(alg, key, 1, crv),
        (-35 | -51, 2) => ec2(alg, key, 2, crv),
        (-36 | -52, 2) => ec2(alg, key, 3, crv),
        (-8 | -19, 1) => ed25519(alg, key, crv),
        (-39..=-37 | -259..=-257 | -65535, 3) => rsa(key),
        _ => Err(KeyError::KeyType { alg, kty }),
    }
}

fn ec2(
    alg: Algorithm,
    key: &CoseKey,
    expected: i64,
    crv: Option<i64>,
) -> Result<(KeyMaterial, &'static [i64]), KeyError> {
    let curve = Curve::of(expected).filter(|_| crv == Some(expected));
    let curve = curve.ok_or(KeyError::CurveMismatch { alg, expected, found: crv })?;
    if matches!(param(key, -3), Some(Value::Bool(_))) {
        return Err(KeyError::Compressed);
    }
    let coordinate = |label, member| {
        let bytes = bytes_param(key, label, member)?;
        let (expected, found) = (curve.field_len(), bytes.len());
        if found == expected { Ok(bytes.to_vec()) } else { Err(KeyError::Length { member, expected, found }) }
    };
    Ok((KeyMaterial::Ec2 { curve, x: coordinate(-2, "x")?, y: coordinate(-3, "y")? }, &[-1, -2, -3]))
}

fn ed25519(alg: Algorithm, key: &CoseKey, crv: Option<i64>) -> Result<(KeyMaterial, &'static [i64]), KeyError> {
    if crv != Some(6) {
        return Err(KeyError::CurveMismatch { alg, expected: 6, found: crv });
    }
    let x = bytes_param(key, -2, "x")?;
    let length = KeyError::Length { member: "x", expected: 32, found: x.len() };
    Ok((KeyMaterial::Ed25519 { x: x.try_into().map_err(|_| length)? }, &[-1, -2]))
}

fn rsa(key: &CoseKey) -> Result<(KeyMaterial, &'static [i64]), KeyError> {
    let (n, e) = (bytes_param(key, -1, "n")?, bytes_param(key, -2, "e")?);
    for (bytes, member) in [(n, "n"), (e, "e")] {
        if bytes.first() == Some(&0) {
            return Err(KeyError::LeadingZero { member });
        }
    }
    let bits = n.len() * 8 - n.first().map_or(0, |byte| byte.leading_zeros() as usize);
    if !(2048..=8192).contains(&bits) {
        return Err(KeyError::Modulus { found: bits });
    }
    let odd = e.last().is_some_and(|byte| byte & 1 == 1);
    if !odd || e == [1] || e.len() > 4 {
        let found = e.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        return Err(KeyError::Exponent { found });
    }
    Ok((KeyMaterial::Rsa { n: n.to_vec(), e: e.to_vec() }, &[-1, -2]))
}

fn param(key: &CoseKey, label: i64) -> Option<&Value> {
    key.params.iter().find(|(found, _)| *found == Label::Int(label)).map(|(_, value)| value)
}

fn bytes_param<'k>(key: &'k CoseKey, label: i64, member: &'static str) -> Result<&'k [u8], KeyError> {
    param(key, label).and_then(Value::as_bytes).map(Vec::as_slice).ok_or(KeyError::Member { member })
}

#[cfg(test)]
mod tests;
