//! COSE algorithms and credential public keys (`webauthn-3 §5.8.5, §6.5.1`; RFC 9053, 8230, 8812, 9864;
//! draft-ietf-cose-dilithium).

mod algorithm;
mod error;
mod ml_dsa;
mod spki;

use ciborium::Value;
use coset::{AsCborValue, CoseKey, Label};

use crate::cbor::{Reader, Rules, Writer};

pub use algorithm::Algorithm;
pub use error::KeyError;
pub use ml_dsa::MlDsa;

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
    /// An uncompressed point on a curve of the short Weierstrass form.
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
    /// An Ed448 key.
    Ed448 {
        /// The compressed point.
        x: [u8; 57],
    },
    /// A key of ML-DSA: key type AKP, whose algorithm says the rest.
    MlDsa {
        /// The parameter set.
        set: MlDsa,
        /// The encoded public key (FIPS 204 §7.2), as long as the set demands.
        key: Vec<u8>,
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
    /// secp256k1, COSE curve 8 (RFC 8812).
    Secp256k1,
}

impl Curve {
    /// The length of a coordinate in bytes.
    #[must_use]
    pub const fn field_len(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
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
            Self::Secp256k1 => 8,
        }
    }

    /// The name that its standard gives it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    const fn of(id: i64) -> Option<Self> {
        Some(match id {
            1 => Self::P256,
            2 => Self::P384,
            3 => Self::P521,
            8 => Self::Secp256k1,
            _ => return None,
        })
    }
}

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
            KeyMaterial::Ed448 { x } => {
                writer.map(4).integer(1).integer(1).integer(3).integer(self.alg.0);
                writer.integer(-1).integer(7).integer(-2).bytes(x);
            }
            KeyMaterial::MlDsa { key, .. } => {
                writer.map(3).integer(1).integer(7).integer(3).integer(self.alg.0).integer(-1).bytes(key);
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
        (-47, 2) => ec2(alg, key, 8, crv),
        (-8 | -19, 1) => octet_key(alg, key, (6, crv)).map(|x| (KeyMaterial::Ed25519 { x }, &[-1, -2][..])),
        (-53, 1) => octet_key(alg, key, (7, crv)).map(|x| (KeyMaterial::Ed448 { x }, &[-1, -2][..])),
        (-50..=-48, 7) => ml_dsa(alg, key),
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

/// The point of an OKP key (RFC 8037) on the curve that its algorithm is bound to.
fn octet_key<const N: usize>(
    alg: Algorithm,
    key: &CoseKey,
    (expected, found): (i64, Option<i64>),
) -> Result<[u8; N], KeyError> {
    if found != Some(expected) {
        return Err(KeyError::CurveMismatch { alg, expected, found });
    }
    let x = bytes_param(key, -2, "x")?;
    x.try_into().map_err(|_| KeyError::Length { member: "x", expected: N, found: x.len() })
}

fn ml_dsa(alg: Algorithm, key: &CoseKey) -> Result<(KeyMaterial, &'static [i64]), KeyError> {
    let set = MlDsa::of(alg).ok_or(KeyError::KeyType { alg, kty: 7 })?;
    let bytes = bytes_param(key, -1, "pub")?;
    let (expected, found) = (set.key_len(), bytes.len());
    let length = KeyError::Length { member: "pub", expected, found };
    if found == expected { Ok((KeyMaterial::MlDsa { set, key: bytes.to_vec() }, &[-1])) } else { Err(length) }
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
