//! Compact JSON Web Signatures (RFC 7515 §7.1), read strictly: three parts in base64url without
//! padding, a header without repeated members, and a signature in the one form that its algorithm has.
//!
//! SafetyNet statements and FIDO metadata BLOBs are such texts. Whom to trust is not decided here: the
//! caller takes the certificates of the header to [`crate::trust`].

mod error;
mod header;
mod object;
mod raw;

use std::str;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::signature::{self, PublicKey};

pub use error::{JwsError, JwsSignatureError};
pub use header::{Header, MAX_X5C};
pub use object::{ObjectError, object};

/// A compact JWS, taken apart and not yet verified.
#[derive(Debug, Clone, PartialEq)]
pub struct Jws<'a> {
    /// The protected header.
    pub header: Header,
    /// The decoded payload.
    pub payload: Vec<u8>,
    /// The decoded signature.
    pub signature: Vec<u8>,
    /// What is signed: the first two parts as they stand in the text, with the dot between them.
    pub signing_input: &'a str,
}

impl<'a> Jws<'a> {
    /// Takes a text of at most `max_len` bytes apart. A line end behind it is not part of it.
    ///
    /// # Errors
    /// The first place where it is no compact JWS.
    pub fn parse(bytes: &'a [u8], max_len: usize) -> Result<Self, JwsError> {
        if bytes.len() > max_len {
            return Err(JwsError::TooLong { found: bytes.len(), max_len });
        }
        let text = str::from_utf8(bytes).map_err(|error| JwsError::NotText { offset: error.valid_up_to() })?;
        let text = text.trim_end_matches(['\r', '\n']);
        let [header, payload, signature] = parts(text)?;
        let (signing_input, _) = text.split_at(header.len() + 1 + payload.len());
        Ok(Self {
            header: Header::parse(&decode("header", header)?)?,
            payload: decode("payload", payload)?,
            signature: decode("signature", signature)?,
            signing_input,
        })
    }

    /// Verifies the signature under `key` with the algorithm of the header (RFC 7518 §3).
    ///
    /// # Errors
    /// One variant for each cause: no signature at all, an algorithm that is none for public keys, a
    /// malformed signature, or one by another key.
    pub fn verify(&self, key: &PublicKey<'_>) -> Result<(), JwsSignatureError> {
        let alg = header::algorithm(&self.header.alg)?;
        let message = self.signing_input.as_bytes();
        match raw::field_len(alg) {
            Some(field) => signature::verify_with(alg, key, message, &raw::to_der(&self.signature, field)?)?,
            None => signature::verify_with(alg, key, message, &self.signature)?,
        }
        Ok(())
    }
}

fn parts(text: &str) -> Result<[&str; 3], JwsError> {
    let mut parts = text.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.count()) {
        (Some(header), Some(payload), Some(signature), 0) => Ok([header, payload, signature]),
        _ => Err(JwsError::Parts { found: text.split('.').count() }),
    }
}

fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, JwsError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| JwsError::Base64 { part, error: error.to_string() })
}

#[cfg(test)]
mod tests;
