//! The protected header (RFC 7515 §4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lab_protocol::cose::Algorithm;
use serde_json::{Map, Value};

use super::object::object;
use super::{JwsError, JwsSignatureError};

/// The most certificates that are read of one header.
pub const MAX_X5C: usize = 16;

/// A protected header. What it names and nobody here reads is kept by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The algorithm, as text: `RS256`.
    pub alg: String,
    /// The certificates in DER, that of the signing key first; `None` without the member.
    pub x5c: Option<Vec<Vec<u8>>>,
    /// Where the certificates are said to be. Nothing here fetches them.
    pub x5u: Option<String>,
    /// Other members.
    pub unknown: Vec<String>,
}

impl Header {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, JwsError> {
        let mut members = object(bytes)?;
        if members.contains_key("crit") {
            return Err(JwsError::Critical);
        }
        let alg = text(&mut members, "alg")?.ok_or(JwsError::Missing { member: "alg" })?;
        let x5u = text(&mut members, "x5u")?;
        let x5c = members.remove("x5c").map(certificates).transpose()?;
        let named = |name: &str| !matches!(name, "typ" | "cty" | "kid" | "x5t" | "x5t#S256");
        let unknown = members.keys().filter(|name| named(name)).map(|name| name.chars().take(60).collect());
        Ok(Self { alg, x5c, x5u, unknown: unknown.collect() })
    }
}

fn text(members: &mut Map<String, Value>, member: &'static str) -> Result<Option<String>, JwsError> {
    match members.remove(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwsError::Type { member, expected: "a text" }),
    }
}

/// `x5c`: standard Base64, not base64url (RFC 7515 §4.1.6).
fn certificates(value: Value) -> Result<Vec<Vec<u8>>, JwsError> {
    const WRONG: JwsError = JwsError::Type { member: "x5c", expected: "an array of texts" };
    let Value::Array(elements) = value else { return Err(WRONG) };
    if elements.len() > MAX_X5C {
        return Err(JwsError::TooManyCertificates { found: elements.len() });
    }
    let decode = |(position, element): (usize, &Value)| {
        let text = element.as_str().ok_or(WRONG)?;
        STANDARD.decode(text).map_err(|error| JwsError::Certificate { position, error: error.to_string() })
    };
    (1..).zip(&elements).map(decode).collect()
}

/// The COSE algorithm of a JWS algorithm's name.
pub(super) fn algorithm(name: &str) -> Result<Algorithm, JwsSignatureError> {
    Ok(Algorithm(match name {
        "ES256" => -7,
        "ES384" => -35,
        "ES512" => -36,
        "ES256K" => -47,
        "EdDSA" => -8,
        "Ed25519" => -19,
        "RS256" => -257,
        "RS384" => -258,
        "RS512" => -259,
        "PS256" => -37,
        "PS384" => -38,
        "PS512" => -39,
        "none" => return Err(JwsSignatureError::Unsigned),
        "HS256" | "HS384" | "HS512" => return Err(JwsSignatureError::Symmetric { alg: name.to_owned() }),
        other => return Err(JwsSignatureError::Algorithm { alg: other.chars().take(60).collect() }),
    }))
}
