//! Writing a BLOB of the lab's own: what [`crate::open()`] reads.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::civil::Date;
use lab_attestation::keys::SigningKey;
use lab_protocol::Random;
use lab_protocol::cose::Algorithm;
use serde_json::{Value, json};

use crate::entry::PayloadEntry;
use crate::member::Member as _;

/// A payload to be signed.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The terms under which it may be used.
    pub legal_header: String,
    /// Its number.
    pub no: u64,
    /// When the next one is due.
    pub next_update: Date,
    /// The entries.
    pub entries: Vec<PayloadEntry>,
}

/// Who signs.
#[derive(Debug)]
pub struct Signer<'s> {
    /// The key, one of ES256.
    pub key: &'s SigningKey,
    /// Its certificates as DER, leaf first.
    pub chain: &'s [Vec<u8>],
}

/// Why a BLOB cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A key of another algorithm.
    #[error("a BLOB is signed with ES256 here, and the key is one of {0}")]
    Algorithm(Algorithm),
    /// A signature that is not two numbers.
    #[error("the signing library gave no ECDSA signature")]
    Signature,
}

/// Writes and signs a BLOB (RFC 7515 §7.1, RFC 7518 §3.4).
///
/// # Errors
/// A key that is not one of ES256.
pub fn write(draft: &Draft, signer: &Signer<'_>, rng: &mut dyn Random) -> Result<String, WriteError> {
    if signer.key.algorithm() != Algorithm::ES256 {
        return Err(WriteError::Algorithm(signer.key.algorithm()));
    }
    let x5c: Vec<String> = signer.chain.iter().map(|der| STANDARD.encode(der)).collect();
    let header = json!({"alg": "ES256", "typ": "JWT", "x5c": x5c});
    let entries: Vec<Value> = draft.entries.iter().map(PayloadEntry::write).collect();
    let payload = json!({
        "legalHeader": draft.legal_header,
        "no": draft.no,
        "nextUpdate": draft.next_update.to_string(),
        "entries": entries,
    });
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signing_input = format!("{}.{}", encode(&header), encode(&payload));
    let signature = signer.key.sign(signing_input.as_bytes(), rng);
    let signature = raw(&signature).ok_or(WriteError::Signature)?;
    Ok(format!("{signing_input}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// r and s, 32 bytes each, of `SEQUENCE { r INTEGER, s INTEGER }`.
fn raw(der: &[u8]) -> Option<[u8; 64]> {
    let mut signature = [0; 64];
    let (r, rest) = integer(der.get(2..)?)?;
    let (s, rest) = integer(rest)?;
    for (half, number) in signature.chunks_mut(32).zip([r, s]) {
        half.get_mut(32_usize.checked_sub(number.len())?..)?.copy_from_slice(number);
    }
    rest.is_empty().then_some(signature)
}

/// The content of an INTEGER of less than 128 bytes without its sign, and what follows it.
fn integer(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let [0x02, length, rest @ ..] = der else { return None };
    let (number, rest) = rest.split_at_checked(usize::from(*length))?;
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    Some((number.get(zeros..)?, rest))
}
