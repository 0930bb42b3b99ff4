//! CBOR (RFC 8949), canonical or not: attestation objects, statements, keys, extension outputs.

use lab_protocol::cose::Algorithm;

use super::cutter::{Cutter, hex, text};
use super::{authenticator_data, certificate, der, jws, tpm};

/// How deep items are measured.
const MAX_NESTING: usize = 32;

/// What an item means to whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing that is known here.
    Any,
    /// The attestation object, or a part of a compound statement, which is one without authenticator data.
    AttestationObject,
    /// An attestation statement.
    Statement,
    /// Authenticator data.
    AuthenticatorData,
    /// Certificates.
    Certificates,
    /// A certificate.
    Certificate,
    /// What a TPM says, and the key that it says it of.
    CertInfo,
    /// The key as the TPM describes it.
    PubArea,
    /// The JWS of SafetyNet.
    Response,
    /// A signature.
    Signature,
    /// A COSE algorithm.
    Algorithm,
    /// A COSE_Key.
    CoseKey,
    /// Outputs of extensions.
    Extensions,
}

pub(super) fn attestation_object(cutter: &mut Cutter<'_, '_>) {
    item(cutter, "attestation object", Meaning::AttestationObject);
}

/// The initial bytes of an item.
struct Head {
    major: u8,
    /// `None`: an indefinite length, or a break.
    argument: Option<u64>,
    length: usize,
}

fn head(bytes: &[u8]) -> Result<Head, &'static str> {
    let first = *bytes.first().ok_or("an item is missing")?;
    let (major, info) = (first >> 5, first & 0x1f);
    let count = match info {
        0..=23 => return Ok(Head { major, argument: Some(u64::from(info)), length: 1 }),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        31 => return Ok(Head { major, argument: None, length: 1 }),
        _ => return Err("a reserved initial byte"),
    };
    let digits = bytes.get(1..=count).ok_or("the bytes end inside the head of an item")?;
    let argument = digits.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    Ok(Head { major, argument: Some(argument), length: 1 + count })
}

/// The length of the item at the start of `bytes`; `None` where it does not end well.
fn measure(bytes: &[u8], depth: usize) -> Option<usize> {
    let Head { major, argument, length } = head(bytes).ok()?;
    if depth > MAX_NESTING {
        return None;
    }
    let items =
        |count: Option<u64>, each: u64| many(bytes, length, count.map(|count| count.saturating_mul(each)), depth);
    match (major, argument) {
        (0 | 1 | 7, Some(_)) => Some(length),
        (2 | 3, Some(count)) => {
            let end = length.checked_add(usize::try_from(count).ok()?)?;
            (end <= bytes.len()).then_some(end)
        }
        (2..=4, count) => items(count, 1),
        (5, count) => items(count, 2),
        (6, Some(_)) => items(Some(1), 1),
        _ => None,
    }
}

fn many(bytes: &[u8], mut at: usize, count: Option<u64>, depth: usize) -> Option<usize> {
    let mut done = 0;
    while count.is_none_or(|count| done < count) {
        let rest = bytes.get(at..)?;
        if count.is_none() && rest.first() == Some(&0xff) {
            return Some(at + 1);
        }
        at += measure(rest, depth + 1)?;
        done += 1;
    }
    Some(at)
}

/// Cuts one item; an item that does not end well takes all that is left.
pub(super) fn item(cutter: &mut Cutter<'_, '_>, name: &str, meaning: Meaning) {
    let bytes = cutter.left();
    let head = match head(bytes) {
        Ok(head) => head,
        Err(why) => return cutter.unreadable(why),
    };
    let length = measure(bytes, 0).unwrap_or(bytes.len());
    let whole = bytes.get(..length).unwrap_or_default();
    let content = whole.get(head.length..).unwrap_or_default();
    let _ = match (head.major, head.argument) {
        (0 | 1, Some(argument)) => cutter.leaf(name, length, number(head.major, argument, meaning)),
        (2, Some(count)) => cutter.node(name, length, plain(content, meaning), |inner| {
            if meaning.is_taken_apart() {
                inner.leaf("head", head.length, format!("byte string of {count}"));
                meaning.cut(inner);
            } else if content.len() as u64 != count {
                inner.leaf("head", head.length, format!("byte string of {count}"));
                inner.unreadable(format_args!("{} of {count} bytes are there", content.len()));
            }
        }),
        (3, Some(count)) if content.len() as u64 == count => {
            cutter.leaf(name, length, text(&String::from_utf8_lossy(content)))
        }
        (3, Some(count)) => cutter.node(name, length, None, |inner| {
            inner.leaf("head", head.length, format!("text string of {count}"));
            inner.unreadable(format_args!("{} of {count} bytes are there", content.len()));
        }),
        (4, count) => cutter.node(name, length, None, |inner| {
            inner.leaf("head", head.length, format!("array of {}", counted(count)));
            repeated(inner, count, |inner, index| item(inner, &format!("[{index}]"), meaning.element()));
        }),
        (5, count) => cutter.node(name, length, None, |inner| {
            inner.leaf("head", head.length, format!("map of {}", counted(count)));
            repeated(inner, count, |inner, _| entry(inner, meaning));
        }),
        (6, Some(tag)) => cutter.node(name, length, None, |inner| {
            inner.leaf("tag", head.length, tag.to_string());
            item(inner, "tagged item", Meaning::Any);
        }),
        (7, Some(argument)) => cutter.leaf(name, length, simple(argument, head.length)),
        (2 | 3, None) => cutter.node(name, length, None, |inner| {
            inner.leaf("head", head.length, "string of indefinite length".to_owned());
            repeated(inner, None, |inner, index| item(inner, &format!("chunk {index}"), Meaning::Any));
        }),
        _ => {
            cutter.unreadable("a break, or a head that no item has");
            false
        }
    };
}

fn repeated(inner: &mut Cutter<'_, '_>, count: Option<u64>, mut cut: impl FnMut(&mut Cutter<'_, '_>, u64)) {
    let mut index = 0;
    while count.is_none_or(|count| index < count) {
        let before = inner.left().len();
        match inner.left().first() {
            Some(0xff) if count.is_none() => {
                inner.leaf("break", 1, None);
                return;
            }
            None if count == Some(0) => return,
            None => return inner.unreadable(format_args!("{index} of {} items are there", counted(count))),
            Some(_) => cut(inner, index),
        }
        if inner.left().len() == before {
            return;
        }
        index += 1;
    }
}

/// A key and its value, as one part under the key's name.
fn entry(cutter: &mut Cutter<'_, '_>, meaning: Meaning) {
    let bytes = cutter.left();
    let key_length = measure(bytes, 0).unwrap_or(bytes.len());
    let value_length = bytes.get(key_length..).map(|rest| measure(rest, 0).unwrap_or(rest.len())).unwrap_or_default();
    let label = label(bytes.get(..key_length).unwrap_or_default(), meaning);
    cutter.node(&label, key_length + value_length, None, |inner| {
        item(inner, "key", Meaning::Any);
        item(inner, "value", meaning.of_member(&label));
    });
}

fn label(key: &[u8], meaning: Meaning) -> String {
    let Ok(head) = head(key) else { return "entry".to_owned() };
    let content = key.get(head.length..).unwrap_or_default();
    match (head.major, head.argument) {
        (3, Some(_)) => String::from_utf8_lossy(content).chars().filter(|c| !c.is_control()).take(40).collect(),
        (0, Some(number)) if meaning == Meaning::CoseKey => cose_label(i64::try_from(number).unwrap_or(i64::MAX)),
        (1, Some(number)) if meaning == Meaning::CoseKey => {
            cose_label(-1 - i64::try_from(number).unwrap_or(i64::MAX - 1))
        }
        (0, Some(number)) => number.to_string(),
        (1, Some(number)) => format!("-{}", u128::from(number) + 1),
        _ => "entry".to_owned(),
    }
}

/// The members of a COSE_Key (RFC 9053 §7); -1 to -3 depend on the type of key.
fn cose_label(label: i64) -> String {
    let name = match label {
        1 => "kty",
        3 => "alg",
        -1 => "crv, or n of an RSA key",
        -2 => "x, or e of an RSA key",
        -3 => "y",
        _ => return label.to_string(),
    };
    format!("{name} ({label})")
}

impl Meaning {
    fn of_member(self, name: &str) -> Self {
        match (self, name) {
            (Self::AttestationObject, "attStmt") => Self::Statement,
            (Self::AttestationObject, "authData") => Self::AuthenticatorData,
            (Self::Statement, "x5c") => Self::Certificates,
            (Self::Statement, "certInfo") => Self::CertInfo,
            (Self::Statement, "pubArea") => Self::PubArea,
            (Self::Statement, "response") => Self::Response,
            (Self::Statement, "sig") => Self::Signature,
            // A part of a compound statement is a map of fmt and attStmt.
            (Self::Statement, "attStmt") => Self::Statement,
            (Self::Statement, "alg") | (Self::CoseKey, "alg (3)") => Self::Algorithm,
            _ => Self::Any,
        }
    }

    const fn element(self) -> Self {
        match self {
            Self::Certificates => Self::Certificate,
            Self::Statement => Self::Statement,
            _ => Self::Any,
        }
    }

    const fn is_taken_apart(self) -> bool {
        matches!(
            self,
            Self::AuthenticatorData
                | Self::Certificate
                | Self::CertInfo
                | Self::PubArea
                | Self::Response
                | Self::Signature
        )
    }

    fn cut(self, inner: &mut Cutter<'_, '_>) {
        match self {
            Self::AuthenticatorData => authenticator_data::fields(inner),
            Self::Certificate => certificate::certificate(inner),
            Self::CertInfo => tpm::cert_info(inner),
            Self::PubArea => tpm::pub_area(inner),
            Self::Response => jws::compact(inner),
            Self::Signature => der::signature(inner),
            _ => {}
        }
    }
}

fn plain(content: &[u8], meaning: Meaning) -> Option<String> {
    (!meaning.is_taken_apart()).then(|| hex(content))
}

fn number(major: u8, argument: u64, meaning: Meaning) -> String {
    let number = if major == 0 { i128::from(argument) } else { -1 - i128::from(argument) };
    match (meaning, i64::try_from(number)) {
        (Meaning::Algorithm, Ok(alg)) => Algorithm(alg).to_string(),
        _ => number.to_string(),
    }
}

fn simple(argument: u64, head: usize) -> String {
    match (argument, head) {
        (20, 1) => "false".to_owned(),
        (21, 1) => "true".to_owned(),
        (22, 1) => "null".to_owned(),
        (value, 1 | 2) => format!("simple value {value}"),
        (bits, _) => format!("a float, {bits:#x}"),
    }
}

fn counted(count: Option<u64>) -> String {
    count.map_or_else(|| "indefinite length".to_owned(), |count| count.to_string())
}
