//! Certificates for the tests of this crate, with any defect.

use std::str::FromStr as _;

use const_oid::ObjectIdentifier;
use jiff::Timestamp;
use lab_protocol::cose::Algorithm;

use crate::keys::{Backend, SigningKey};
use crate::layout::oid as id;
use crate::test_rng::Counter;
use crate::vendors::writer::{
    INTEGER, PRINTABLE_STRING, SEQUENCE, UTF8_STRING, attribute, bits, element, extension, oid, time,
};

/// What a certificate is made of. The defaults make a root.
#[derive(Clone)]
pub(crate) struct Template {
    pub(crate) version: u8,
    pub(crate) subject: Vec<u8>,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    pub(crate) extensions: Vec<Vec<u8>>,
    /// The signature algorithm that it names.
    pub(crate) algorithm: ObjectIdentifier,
    /// Which of the tests' keys it carries.
    pub(crate) key: u64,
}

/// A certificate and its key.
#[derive(Clone)]
pub(crate) struct Issued {
    pub(crate) der: Vec<u8>,
    pub(crate) key: SigningKey,
    pub(crate) subject: Vec<u8>,
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::from_str(text).unwrap()
}

pub(crate) fn key(seed: u64) -> SigningKey {
    SigningKey::generate(Algorithm::ES256, Backend::Deterministic, &mut Counter::new(seed)).unwrap()
}

pub(crate) fn name(attributes: &[(ObjectIdentifier, &str)]) -> Vec<u8> {
    let string_type = |oid| if oid == id::COUNTRY { PRINTABLE_STRING } else { UTF8_STRING };
    let attributes: Vec<_> = attributes.iter().map(|(oid, text)| attribute(*oid, string_type(*oid), text)).collect();
    element(SEQUENCE, &[&attributes.concat()])
}

pub(crate) fn basic_constraints(ca: bool, path_len: Option<u8>) -> Vec<u8> {
    let ca = if ca { &[0x01, 0x01, 0xff][..] } else { &[] };
    let path_len = path_len.map(|length| element(INTEGER, &[&[length]])).unwrap_or_default();
    extension(id::BASIC_CONSTRAINTS, true, &element(SEQUENCE, &[ca, &path_len]))
}

impl Template {
    pub(crate) fn root(common_name: &str, key: u64) -> Self {
        Self {
            version: 3,
            subject: name(&[(id::COMMON_NAME, common_name)]),
            not_before: at("2020-01-01T00:00:00Z"),
            not_after: at("2040-01-01T00:00:00Z"),
            extensions: vec![basic_constraints(true, None)],
            algorithm: id::ECDSA_SHA256,
            key,
        }
    }

    /// A leaf that meets `webauthn-3 §8.2.1`.
    pub(crate) fn leaf() -> Self {
        let subject = [
            (id::COUNTRY, "SE"),
            (id::ORGANIZATION, "Maker"),
            (id::ORGANIZATIONAL_UNIT, "Authenticator Attestation"),
            (id::COMMON_NAME, "Batch"),
        ];
        Self { subject: name(&subject), extensions: vec![basic_constraints(false, None)], ..Self::root("", 100) }
    }

    pub(crate) fn with(mut self, extension: Vec<u8>) -> Self {
        self.extensions.push(extension);
        self
    }

    pub(crate) fn self_signed(&self) -> Issued {
        self.sign(&self.subject, &key(self.key))
    }

    pub(crate) fn issued_by(&self, issuer: &Issued) -> Issued {
        self.sign(&issuer.subject, &issuer.key)
    }

    /// As [`Template::issued_by`], for a key of any algorithm.
    pub(crate) fn issued_by_for(&self, issuer: &Issued, key: &SigningKey) -> Issued {
        self.certify(&issuer.subject, &issuer.key, key.clone())
    }

    fn sign(&self, issuer: &[u8], signer: &SigningKey) -> Issued {
        self.certify(issuer, signer, key(self.key))
    }

    fn certify(&self, issuer: &[u8], signer: &SigningKey, key: SigningKey) -> Issued {
        let algorithm = element(SEQUENCE, &[&oid(self.algorithm)]);
        let version = element(0xa0, &[&element(INTEGER, &[&[self.version - 1]])]);
        let extensions = element(0xa3, &[&element(SEQUENCE, &[&self.extensions.concat()])]);
        let parts: [&[u8]; 8] = [
            if self.version == 1 { &[] } else { &version },
            &element(INTEGER, &[&[7]]),
            &algorithm,
            issuer,
            &element(SEQUENCE, &[&time(self.not_before), &time(self.not_after)]),
            &self.subject,
            &key.public_key().to_spki().unwrap(),
            if self.version == 1 { &[] } else { &extensions },
        ];
        let tbs = element(SEQUENCE, &parts);
        let signature = bits(&signer.sign(&tbs, &mut Counter::new(0)));
        Issued { der: element(SEQUENCE, &[&tbs, &algorithm, &signature]), key, subject: self.subject.clone() }
    }
}

/// A list of the root “Root” with this key, in force in June 2026: serial numbers and reasons, each since
/// the second of June.
pub(crate) fn crl(key_seed: u64, revoked: &[(&[u8], Option<u8>)]) -> Vec<u8> {
    let algorithm = element(SEQUENCE, &[&oid(id::ECDSA_SHA256)]);
    let since = time(at("2026-06-02T00:00:00Z"));
    let entry = |(serial, reason): &(&[u8], Option<u8>)| {
        let reason = reason.map(|code| extension(id::CRL_REASON, false, &[0x0a, 1, code]));
        let extensions = reason.map(|reason| element(SEQUENCE, &[&reason])).unwrap_or_default();
        element(SEQUENCE, &[&element(INTEGER, &[serial]), &since, &extensions])
    };
    let entries: Vec<u8> = revoked.iter().flat_map(entry).collect();
    let entries = if revoked.is_empty() { Vec::new() } else { element(SEQUENCE, &[&entries]) };
    let tbs = element(
        SEQUENCE,
        &[
            &element(INTEGER, &[&[1]]),
            &algorithm,
            &name(&[(id::COMMON_NAME, "Root")]),
            &time(at("2026-06-01T00:00:00Z")),
            &time(at("2026-07-01T00:00:00Z")),
            &entries,
        ],
    );
    let signature = bits(&key(key_seed).sign(&tbs, &mut Counter::new(0)));
    element(SEQUENCE, &[&tbs, &algorithm, &signature])
}
