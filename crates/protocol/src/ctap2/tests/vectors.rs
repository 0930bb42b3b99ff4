//! Messages in the tests of python-fido2, authenticator-rs and webauthn-rs, from `../shared/vectors/ctap2` beside
//! the workspace.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::*;
use crate::cbor::Rules;

#[test]
fn messages_of_other_projects_are_read_and_written_alike() {
    let Some(document) = document() else { return };
    let mut judged = BTreeMap::new();
    for (index, message) in document["messages"].as_array().expect("messages").iter().enumerate() {
        let bytes = hex(message["hex"].as_str().expect("hex"));
        let kind = read(index, message, &bytes);
        *judged.entry(kind).or_insert(0) += 1;
    }
    let expected = [
        ("authenticatorClientPIN request", 3),
        ("authenticatorClientPIN response", 6),
        ("authenticatorCredentialManagement request", 11),
        ("authenticatorCredentialManagement response", 6),
        ("authenticatorGetAssertion response", 2),
        ("authenticatorGetInfo response", 5),
        ("authenticatorMakeCredential request", 3),
        ("authenticatorMakeCredential response", 7),
        ("canonical CBOR of no message", 24),
        ("indefinite length", 2),
    ];
    assert_eq!(judged, BTreeMap::from(expected));
}

/// What a message is, after it was held to that.
fn read(index: usize, message: &Json, bytes: &[u8]) -> &'static str {
    let is_request = message["kind"] == "request";
    let body = if is_request || bytes[0] == 0 { &bytes[1..] } else { bytes };
    let function = message["sources"][0]["function"].as_str().unwrap_or_default();
    match (message["command"].as_str().unwrap_or_default(), function) {
        ("authenticatorMakeCredential", _) if body.starts_with(&[body[0], 1, 0x58, 0x20]) => {
            same(index, body, make_credential::Request::parse, make_credential::Request::encode);
            "authenticatorMakeCredential request"
        }
        ("authenticatorMakeCredential", _) => {
            same(index, body, make_credential::Response::parse, make_credential::Response::encode);
            "authenticatorMakeCredential response"
        }
        ("authenticatorGetAssertion", _) => {
            same(index, body, get_assertion::Response::parse, get_assertion::Response::encode);
            "authenticatorGetAssertion response"
        }
        ("authenticatorGetInfo", _) if !is_request => {
            same(index, body, get_info::Response::parse, get_info::Response::encode);
            "authenticatorGetInfo response"
        }
        ("authenticatorClientPIN", _) => {
            same(index, body, client_pin::Request::parse, client_pin::Request::encode);
            "authenticatorClientPIN request"
        }
        (name, _) if name.starts_with("authenticatorCredentialManagement") => {
            same(index, body, credential_management::Request::parse, credential_management::Request::encode);
            "authenticatorCredentialManagement request"
        }
        (_, "get_key_agreement" | "test_get_key_agreement" | "get_pin_token" | "test_get_pin_token")
        | (_, "test_get_puat_using_uv" | "test_get_puat_using_pin") => {
            same(index, body, client_pin::Response::parse, client_pin::Response::encode);
            "authenticatorClientPIN response"
        }
        ("", name) if name.starts_with("enumerate_") || name == "get_cred_metadata" => {
            same(index, body, credential_management::Response::parse, credential_management::Response::encode);
            "authenticatorCredentialManagement response"
        }
        _ => plain(index, body),
    }
}

/// Reads, writes and reads again; canonical bytes come out as they went in, but for `icon`, which WebAuthn removed.
fn same<T: PartialEq + Debug>(
    index: usize,
    bytes: &[u8],
    parse: impl Fn(&[u8]) -> Result<T, MessageError>,
    encode: impl Fn(&T) -> Vec<u8>,
) {
    let message = parse(bytes).unwrap_or_else(|error| panic!("message {index}: {error}"));
    let encoded = encode(&message);
    assert_eq!(parse(&encoded), Ok(message), "message {index}");
    let canonical = cbor::decode(bytes, Rules { depth: 8, ..Rules::CTAP2 }).is_ok();
    let icon = bytes.windows(4).any(|window| window == b"icon");
    if canonical && !icon {
        assert_eq!(encoded, bytes, "message {index}");
    }
}

/// CBOR that is no message of a command that is read here: a key, an entity, a sample of the encoding itself.
fn plain(index: usize, bytes: &[u8]) -> &'static str {
    if bytes[0] == 0xbf {
        let error = cbor::decode(bytes, Rules::PLATFORM).unwrap_err();
        assert_eq!(error.to_string(), "at byte 0: an indefinite length is used");
        return "indefinite length";
    }
    let value = cbor::decode(bytes, Rules::PLATFORM).unwrap_or_else(|error| panic!("message {index}: {error}"));
    let canonical = cbor::encode(&value);
    let again = cbor::decode(&canonical, Rules { depth: 8, ..Rules::CTAP2 });
    assert_eq!(again.map(|value| cbor::encode(&value)), Ok(canonical), "message {index}");
    "canonical CBOR of no message"
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex")).collect()
}

fn document() -> Option<Json> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/ctap2/messages.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: there is no ctap2/messages.json in ../shared/vectors");

        return None;
    };
    Some(serde_json::from_str(&text).expect("JSON"))
}
