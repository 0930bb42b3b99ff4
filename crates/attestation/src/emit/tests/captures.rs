//! What is made, held against registrations of real devices: the same members, as many certificates, the
//! same extensions in the same order, key descriptions with the same tags and lengths. The captures stand
//! beside the workspace; without them the tests say so.

#![allow(clippy::print_stderr, reason = "a test says what it skips")]

use lab_protocol::base64url;
use lab_protocol::cbor::Reader;
use lab_protocol::webauthn::attestation_object::AttestationObject;
use serde_json::Value as Json;

use super::*;
use crate::layout::oid;
use crate::x509::Certificate;

/// The statement of a captured registration.
fn capture(id: &str) -> Option<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/registrations/positive.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: no captures beside the workspace");
        return None;
    };
    let cases: Vec<Json> = serde_json::from_str(&text).unwrap();
    let case = cases.iter().find(|case| case["id"] == id).unwrap();
    let object = case["response"]["response"]["attestationObject"].as_str().unwrap();
    let object = base64url::decode(object).unwrap();
    let object = AttestationObject::parse(&object).unwrap();
    Some(Reader::new(object.att_stmt, cbor::Rules::RELYING_PARTY).value().unwrap())
}

fn member<'v>(statement: &'v Value, name: &str) -> Option<&'v Value> {
    let members = statement.as_map().unwrap();
    members.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

fn certificates_of(statement: &Value) -> Vec<&Vec<u8>> {
    member(statement, "x5c").unwrap().as_array().unwrap().iter().map(|der| der.as_bytes().unwrap()).collect()
}

/// Each extension and whether it is critical.
fn extensions(der: &[u8]) -> Vec<(String, bool)> {
    let certificate = Certificate::parse(der).unwrap();
    certificate.extensions.iter().map(|extension| (extension.oid.to_string(), extension.critical)).collect()
}

/// The members, and the length of the chain.
fn shape(statement: &Value) -> (Vec<&str>, usize) {
    let names = statement.as_map().unwrap().iter().map(|(name, _)| name.as_text().unwrap()).collect();
    (names, certificates_of(statement).len())
}

#[test]
fn statements_and_certificates_are_shaped_as_those_of_real_devices() {
    for (id, fmt, alg) in [
        ("tpm-fe76968a56", "tpm", -257),
        ("tpm-50f7773458", "tpm", -7),
        ("android-key-e9ec1d525a", "android-key", -7),
        ("apple-667bdf1a8a", "apple", -7),
    ] {
        let Some(theirs) = capture(id) else { return };
        let ours = make(fmt, attestor(fmt, -65535).as_deref(), alg).unwrap().att_stmt;
        assert_eq!(shape(&ours), shape(&theirs), "{id}");
        let (leaf, captured) = (certificates_of(&ours)[0], certificates_of(&theirs)[0]);
        assert_eq!(extensions(leaf), extensions(captured), "{id}");
        for name in ["certInfo", "pubArea"] {
            let length = |statement| member(statement, name).map(|bytes| bytes.as_bytes().unwrap().len());
            assert_eq!(length(&ours), length(&theirs), "{id}: {name}");
        }
    }
}

/// Every tag and length of a DER value, constructed ones entered.
fn skeleton(bytes: &[u8], depth: usize, out: &mut Vec<(usize, Vec<u8>, usize)>) {
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let more =
            if first & 0x1f == 0x1f { rest[1..].iter().take_while(|byte| **byte & 0x80 != 0).count() + 1 } else { 0 };
        let (tag, after) = rest.split_at(1 + more);
        let (length, after) = match after[0] {
            short @ 0..=0x7f => (usize::from(short), &after[1..]),
            long => {
                let (length, after) = after[1..].split_at(usize::from(long & 0x7f));
                (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), after)
            }
        };
        out.push((depth, tag.to_vec(), length));
        if tag[0] & 0x20 != 0 {
            skeleton(&after[..length], depth + 1, out);
        }
        rest = &after[length..];
    }
}

#[test]
fn a_key_description_has_every_tag_of_a_real_one_in_its_order() {
    let Some(theirs) = capture("android-key-e9ec1d525a") else { return };
    let ours = make("android-key", attestor("android-key", -7).as_deref(), -7).unwrap().att_stmt;
    let description = |statement: &Value| {
        let leaf = Certificate::parse(certificates_of(statement)[0]).unwrap();
        let mut out = Vec::new();
        skeleton(leaf.extension(oid::ANDROID_KEY).unwrap().value, 0, &mut out);
        out
    };
    assert_eq!(description(&ours), description(&theirs));
}
