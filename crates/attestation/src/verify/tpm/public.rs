//! `pubArea`: a key as its TPM describes it, as TPMT_PUBLIC (TPM 2.0 Part 2 §12.2.4).

use std::fmt;

use super::structure::{Fields, Structure, StructureError};
use crate::layout::tpm::{self, alg};

/// A TPMT_PUBLIC, borrowed from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Public<'a> {
    /// All of it: what its name is the hash of.
    pub(crate) bytes: &'a [u8],
    /// `nameAlg`, a TPM_ALG_ID.
    pub(crate) name_alg: u16,
    pub(crate) attributes: ObjectAttributes,
    pub(crate) auth_policy: &'a [u8],
    pub(crate) object: Object<'a>,
    /// Bytes behind the structure.
    pub(crate) trailing: usize,
}

/// TPMU_PUBLIC_PARMS and TPMU_PUBLIC_ID, which belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Object<'a> {
    Rsa {
        symmetric: Symmetric,
        scheme: Scheme,
        key_bits: u16,
        /// Zero stands for 65537.
        exponent: u32,
        n: &'a [u8],
    },
    Ecc {
        symmetric: Symmetric,
        scheme: Scheme,
        /// A TPM_ECC_CURVE.
        curve: u16,
        kdf: Scheme,
        x: &'a [u8],
        y: &'a [u8],
    },
    KeyedHash {
        scheme: Scheme,
        unique: &'a [u8],
    },
    SymCipher {
        symmetric: Symmetric,
        unique: &'a [u8],
    },
    /// A type that no object has.
    Unknown {
        kind: u16,
    },
}

/// TPMT_SYM_DEF_OBJECT (§11.1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symmetric {
    Null,
    Cipher { algorithm: u16, key_bits: u16, mode: u16 },
}

/// TPMT_RSA_SCHEME, TPMT_ECC_SCHEME, TPMT_KDF_SCHEME and TPMT_KEYEDHASH_SCHEME (§11.1.20, §11.2): they
/// differ in the algorithms that they allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Null,
    /// Without parameters: RSAES.
    Plain {
        algorithm: u16,
    },
    Hash {
        algorithm: u16,
        hash: u16,
    },
    /// ECDAA has a count, XOR a key derivation, behind the hash.
    HashAnd {
        algorithm: u16,
        hash: u16,
        second: u16,
    },
}

/// TPMA_OBJECT (§8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ObjectAttributes(pub(crate) u32);

impl fmt::Display for ObjectAttributes {
    /// The names of the bits that are set; others by their number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut unnamed = self.0;
        let mut separator = "";
        for (bit, name) in tpm::OBJECT_ATTRIBUTES.iter().filter(|(bit, _)| self.0 & bit != 0) {
            write!(f, "{separator}{name}")?;
            (separator, unnamed) = (" ", unnamed & !bit);
        }
        if unnamed != 0 { write!(f, "{separator}{unnamed:#x}") } else { Ok(()) }
    }
}

impl<'a> Public<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, StructureError> {
        let mut fields = Fields::new(Structure::PubArea, bytes);
        let kind = fields.u16("type")?;
        if ![alg::RSA, alg::ECC, alg::KEYEDHASH, alg::SYMCIPHER].contains(&kind) {
            return Ok(Self::unknown(bytes, kind));
        }
        let name_alg = fields.u16("nameAlg")?;
        let attributes = ObjectAttributes(fields.u32("objectAttributes")?);
        let auth_policy = fields.sized("authPolicy")?;
        let object = match kind {
            alg::RSA => rsa(&mut fields)?,
            alg::ECC => ecc(&mut fields)?,
            alg::KEYEDHASH => Object::KeyedHash {
                scheme: scheme(&mut fields, "scheme", &KEYED_HASH)?,
                unique: fields.sized("unique")?,
            },
            _ => Object::SymCipher { symmetric: symmetric(&mut fields)?, unique: fields.sized("unique")? },
        };
        Ok(Self { bytes, name_alg, attributes, auth_policy, object, trailing: fields.rest().len() })
    }

    /// What starts with a number that is no type of an object: nobody knows how it goes on.
    const fn unknown(bytes: &'a [u8], kind: u16) -> Self {
        let (attributes, object) = (ObjectAttributes(0), Object::Unknown { kind });
        Self { bytes, name_alg: 0, attributes, auth_policy: &[], object, trailing: 0 }
    }
}

fn rsa<'a>(fields: &mut Fields<'a>) -> Result<Object<'a>, StructureError> {
    Ok(Object::Rsa {
        symmetric: symmetric(fields)?,
        scheme: scheme(fields, "scheme", &RSA)?,
        key_bits: fields.u16("keyBits")?,
        exponent: fields.u32("exponent")?,
        n: fields.sized("unique")?,
    })
}

fn ecc<'a>(fields: &mut Fields<'a>) -> Result<Object<'a>, StructureError> {
    Ok(Object::Ecc {
        symmetric: symmetric(fields)?,
        scheme: scheme(fields, "scheme", &ECC)?,
        curve: fields.u16("curveID")?,
        kdf: scheme(fields, "kdf", &KDF)?,
        x: fields.sized("unique.x")?,
        y: fields.sized("unique.y")?,
    })
}

fn symmetric(fields: &mut Fields<'_>) -> Result<Symmetric, StructureError> {
    match fields.u16("symmetric")? {
        alg::NULL => Ok(Symmetric::Null),
        algorithm @ (alg::TDES | alg::AES | alg::SM4 | alg::CAMELLIA) => Ok(Symmetric::Cipher {
            algorithm,
            key_bits: fields.u16("symmetric.keyBits")?,
            mode: fields.u16("symmetric.mode")?,
        }),
        found => Err(fields.unknown("symmetric", found)),
    }
}

/// How many numbers follow the algorithm of a scheme.
type Allowed = [(u16, usize)];

const RSA: [(u16, usize); 4] = [(alg::RSASSA, 1), (alg::RSAPSS, 1), (alg::OAEP, 1), (alg::RSAES, 0)];
const ECC: [(u16, usize); 6] =
    [(alg::ECDSA, 1), (alg::ECDH, 1), (alg::SM2, 1), (alg::ECSCHNORR, 1), (alg::ECMQV, 1), (alg::ECDAA, 2)];
const KDF: [(u16, usize); 4] = [(alg::MGF1, 1), (alg::KDF1_SP800_56A, 1), (alg::KDF2, 1), (alg::KDF1_SP800_108, 1)];
const KEYED_HASH: [(u16, usize); 2] = [(alg::HMAC, 1), (alg::XOR, 2)];

fn scheme(fields: &mut Fields<'_>, field: &'static str, allowed: &Allowed) -> Result<Scheme, StructureError> {
    let algorithm = fields.u16(field)?;
    let parameters = allowed.iter().find(|(known, _)| *known == algorithm).map(|(_, parameters)| *parameters);
    match parameters {
        _ if algorithm == alg::NULL => Ok(Scheme::Null),
        Some(0) => Ok(Scheme::Plain { algorithm }),
        Some(1) => Ok(Scheme::Hash { algorithm, hash: fields.u16(field)? }),
        Some(_) => Ok(Scheme::HashAnd { algorithm, hash: fields.u16(field)?, second: fields.u16(field)? }),
        None => Err(fields.unknown(field, algorithm)),
    }
}
