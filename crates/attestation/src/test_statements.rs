//! Statements for the tests of the formats that certify each credential key anew.

use ciborium::Value;
use jiff::Timestamp;
use lab_protocol::Aaguid;
use lab_protocol::cbor;
use lab_protocol::trace::{Check, Known, Outcome, Trace};
use lab_protocol::webauthn::authenticator_data::{AttestedDraft, AuthenticatorData, AuthenticatorDataDraft, Flags};

use crate::test_certificates::{Issued, Template, at, key};
use crate::vendors::writer::element;
use crate::verify::{Attested, Format, Input, Policy};

/// The client data hash of every test.
pub(crate) const HASH: [u8; 32] = [9; 32];

/// When every test takes place.
pub(crate) fn now() -> Timestamp {
    at("2026-01-01T00:00:00Z")
}

/// The authenticator data of the credential with key 1.
pub(crate) fn auth_data() -> AuthenticatorDataDraft {
    let public_key = key(1).cose().to_vec();
    let attested = AttestedDraft { aaguid: Aaguid([7; 16]), credential_id: vec![1; 16], public_key };
    AuthenticatorDataDraft {
        rp_id_hash: [2; 32],
        flags: Flags(0x45),
        sign_count: 0,
        attested: Some(attested),
        extensions: None,
        trailing: vec![],
    }
}

/// What is signed, or hashed into a nonce.
pub(crate) fn message() -> Vec<u8> {
    [auth_data().encode(), HASH.to_vec()].concat()
}

/// `[tag] EXPLICIT`.
pub(crate) fn explicit(tag: u32, content: &[u8]) -> Vec<u8> {
    let septets = [tag >> 14 & 0x7f, tag >> 7 & 0x7f, tag & 0x7f].map(|septet| u8::try_from(septet).unwrap());
    let tag = match septets {
        [0, 0, low @ 0..31] => vec![0xa0 | low],
        [0, 0, low] => vec![0xbf, low],
        [0, high, low] => vec![0xbf, 0x80 | high, low],
        [high, middle, low] => vec![0xbf, 0x80 | high, 0x80 | middle, low],
    };
    let rest = element(0, &[content]);
    [&tag, &rest[1..]].concat()
}

pub(crate) fn root() -> Issued {
    Template::root("Root", 50).self_signed()
}

/// A certificate of the credential key with these extensions.
pub(crate) fn certificate_of_the_credential(extensions: Vec<Vec<u8>>) -> Issued {
    Template { key: 1, extensions, ..Template::leaf() }.issued_by(&root())
}

pub(crate) fn statement(members: &[(&str, Value)]) -> Vec<u8> {
    cbor::encode(&Value::Map(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()))
}

pub(crate) fn x5c(chain: &[&[u8]]) -> Value {
    Value::Array(chain.iter().map(|der| Value::Bytes(der.to_vec())).collect())
}

/// A format on its bench.
pub(crate) struct Bench {
    pub(crate) format: &'static dyn Format,
    pub(crate) auth_data: AuthenticatorDataDraft,
    pub(crate) policy: Policy,
    pub(crate) at: Timestamp,
}

/// What came of a statement, and each check with its outcome and sentence.
pub(crate) type Judged = (Option<Attested>, Vec<(&'static str, Outcome, String)>);

impl Bench {
    pub(crate) fn new(format: &'static dyn Format) -> Self {
        Self { format, auth_data: auth_data(), policy: Policy::webauthn(), at: now() }
    }

    pub(crate) fn judge(&self, att_stmt: &[u8]) -> Judged {
        let (credential, bytes) = (key(1), self.auth_data.encode());
        let auth_data = AuthenticatorData::parse(&bytes).unwrap();
        let input = Input {
            auth_data: &auth_data,
            credential_key: Known::Value(credential.public_key()),
            att_stmt,
            client_data_hash: &HASH,
            policy: &self.policy,
            at: self.at,
        };
        let mut trace = Trace::new();
        let attested = self.format.verify(&input, &mut trace);
        let entries: Vec<_> =
            trace.entries().iter().map(|entry| (entry.check.id, entry.finding.outcome, entry.message())).collect();
        assert_eq!(entries.iter().map(|entry| entry.0).collect::<Vec<_>>(), self.ids(), "every check, in order");
        (attested, entries)
    }

    fn ids(&self) -> Vec<&'static str> {
        self.format.checks().iter().map(|check| check.id).collect()
    }

    /// What the statement attests; every check holds.
    #[track_caller]
    pub(crate) fn accepts(&self, att_stmt: &[u8]) -> Attested {
        let (attested, entries) = self.judge(att_stmt);
        attested.unwrap_or_else(|| panic!("{entries:#?}"))
    }

    /// Refused by this check alone, and by those that stand on it.
    #[track_caller]
    pub(crate) fn refuses(&self, att_stmt: &[u8], check: &Check, cause: &str) {
        let (attested, entries) = self.judge(att_stmt);
        assert_eq!(attested, None, "{entries:#?}");
        let failed: Vec<_> = entries.iter().filter(|(_, outcome, _)| *outcome == Outcome::Fail).collect();
        assert!(failed.len() == 1 && failed[0].0 == check.id, "{failed:#?}");
        assert!(failed[0].2.contains(cause), "{}", failed[0].2);
    }

    /// The outcome and the sentence of a check.
    pub(crate) fn finding(&self, att_stmt: &[u8], check: &Check) -> (Outcome, String) {
        let entry = self.judge(att_stmt).1.into_iter().find(|(id, _, _)| *id == check.id).unwrap();
        (entry.1, entry.2)
    }
}

/// Every truncation of a good statement is refused by its syntax, and every flipped bit is refused, but for those
/// at the places where `may_differ` says that the format does not judge.
pub(crate) fn withstands_changes(bench: &Bench, good: &[u8], may_differ: impl Fn(usize) -> bool) {
    let syntax = bench.format.checks()[0];
    bench.accepts(good);
    for end in 0..good.len() {
        let (attested, entries) = bench.judge(&good[..end]);
        assert!(attested.is_none() && entries[0].1 == Outcome::Fail, "{} at {end}", syntax.id);
    }
    for at in 0..good.len() {
        let (bit, mut bytes) = (1 << (at % 8), good.to_vec());
        bytes[at] ^= bit;
        let accepted = bench.judge(&bytes).0.is_some();
        assert!(!accepted || may_differ(at), "bit {bit:#x} of byte {at} does not matter");
    }
}
