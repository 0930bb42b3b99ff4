//! A private key from PEM: PKCS #8 (RFC 5958) or SEC 1 (RFC 5915).

use const_oid::ObjectIdentifier;
use der::asn1::{AnyRef, OctetStringRef};
use der::{Decode as _, Document, Header, Reader as _, SliceReader};
use lab_protocol::cose::Algorithm;

use crate::keys::{Backend, KeyError, SigningKey};
use crate::layout::oid as id;

/// The longest file that is read.
const MAX_FILE: usize = 64 * 1024;
/// `[0]`, around the parameters of an ECPrivateKey.
const PARAMETERS: u8 = 0xa0;

/// Why a text is no private key that can sign certificates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrivateKeyError {
    /// It is too long.
    #[error("it has {found} bytes, at most {MAX_FILE} are read")]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// It is no PEM.
    #[error("no PEM block of a private key was found: {detail}")]
    NoPem {
        /// What is wrong.
        detail: String,
    },
    /// A block of another kind.
    #[error(
        "a block “{found}” was found; “PRIVATE KEY” or “EC PRIVATE KEY” is read: openssl pkcs8 -topk8 -nocrypt -in FILE makes one"
    )]
    Label {
        /// Its label.
        found: String,
    },
    /// The structure in the block is malformed.
    #[error("the structure in it is malformed: {detail}")]
    Malformed {
        /// What is wrong.
        detail: String,
    },
    /// A kind of key that signs no certificates here.
    #[error("keys of {found} sign no certificates here: RSA, P-256, P-384, P-521 and Ed25519 do")]
    Kind {
        /// The object identifier found.
        found: String,
    },
    /// The numbers are no key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl From<der::Error> for PrivateKeyError {
    fn from(error: der::Error) -> Self {
        Self::Malformed { detail: error.to_string() }
    }
}

pub(super) fn read(text: &str, backend: Backend) -> Result<SigningKey, PrivateKeyError> {
    if text.len() > MAX_FILE {
        return Err(PrivateKeyError::TooLong { found: text.len() });
    }
    // What openssl writes in front of an EC key is no part of it.
    let mut start = text.match_indices("-----BEGIN ").map(|(at, _)| at);
    let start = start.find(|at| !text[*at..].starts_with("-----BEGIN EC PARAMETERS")).unwrap_or_default();
    let no_pem = |error: der::Error| PrivateKeyError::NoPem { detail: error.to_string() };
    let (label, document) = Document::from_pem(text[start..].trim_end()).map_err(no_pem)?;
    match label {
        "PRIVATE KEY" => pkcs8(document.as_bytes(), backend),
        "EC PRIVATE KEY" => {
            let (scalar, curve) = sec1(document.as_bytes())?;
            let curve = curve.ok_or_else(|| PrivateKeyError::Kind { found: "no named curve".to_owned() })?;
            key(algorithm(curve)?, backend, scalar)
        }
        other => Err(PrivateKeyError::Label { found: other.to_owned() }),
    }
}

fn pkcs8(bytes: &[u8], backend: Backend) -> Result<SigningKey, PrivateKeyError> {
    let (kind, curve, private) = SliceReader::new(bytes)?.sequence(|info| {
        let _version: u8 = info.decode()?;
        let (kind, curve) = info.sequence(|algorithm| {
            let kind: ObjectIdentifier = algorithm.decode()?;
            let parameters = if algorithm.is_finished() { None } else { Some(algorithm.decode::<AnyRef<'_>>()?) };
            Ok::<_, der::Error>((kind, parameters.and_then(|parameters| parameters.decode_as().ok())))
        })?;
        let private = info.decode::<&OctetStringRef>()?.as_bytes();
        while !info.is_finished() {
            info.tlv_bytes()?;
        }
        Ok::<_, der::Error>((kind, curve, private))
    })?;
    match (kind, curve) {
        (id::RSA, _) => key(Algorithm::RS256, backend, bytes),
        (id::ED25519, _) => key(Algorithm::EDDSA, backend, <&OctetStringRef>::from_der(private)?.as_bytes()),
        (id::EC_PUBLIC_KEY, Some(curve)) => key(algorithm(curve)?, backend, sec1(private)?.0),
        (kind, _) => Err(PrivateKeyError::Kind { found: kind.to_string() }),
    }
}

/// The scalar of an ECPrivateKey, and its curve where it names one.
fn sec1(bytes: &[u8]) -> Result<(&[u8], Option<ObjectIdentifier>), der::Error> {
    SliceReader::new(bytes)?.sequence(|key| {
        let _version: u8 = key.decode()?;
        let scalar = key.decode::<&OctetStringRef>()?.as_bytes();
        let mut curve = None;
        while !key.is_finished() {
            if key.peek_byte() == Some(PARAMETERS) {
                let header = Header::decode(key)?;
                curve = Some(key.read_nested(header.length(), |inner| inner.decode::<ObjectIdentifier>())?);
            } else {
                key.tlv_bytes()?;
            }
        }
        Ok((scalar, curve))
    })
}

fn algorithm(curve: ObjectIdentifier) -> Result<Algorithm, PrivateKeyError> {
    Ok(match curve {
        id::P256 => Algorithm::ES256,
        id::P384 => Algorithm::ES384,
        id::P521 => Algorithm::ES512,
        other => return Err(PrivateKeyError::Kind { found: other.to_string() }),
    })
}

fn key(alg: Algorithm, backend: Backend, secret: &[u8]) -> Result<SigningKey, PrivateKeyError> {
    Ok(SigningKey::from_secret(alg, backend, secret)?)
}
