//! Vectors that nobody here wrote: W3C's own (index.bs, section 16 of Web Authentication Level 3).

use std::path::PathBuf;

use lab_client::{Context, Framing, prf_salt};
use lab_protocol::webauthn::client_data::{ClientDataDraft, CollectedClientData, decode_utf8};
use serde_json::Value;

use crate::scripted::*;

fn vectors(name: &str) -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/w3c").join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(error) => {
            eprintln!("SKIPPED: {}: {error}", path.display());
            None
        }
    }
}

fn hex(text: &Value) -> Vec<u8> {
    let digits = text.as_str().unwrap().as_bytes();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Every client data of the W3C's vectors, with its challenge.
fn client_data() -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let Some(file) = vectors("webauthn-l3-test-vectors.json") else { return Vec::new() };
    let mut all = Vec::new();
    for vector in file["vectors"].as_array().unwrap() {
        for ceremony in ["registration", "authentication"] {
            let part = &vector[ceremony];
            let id = format!("{} {ceremony}", vector["id"].as_str().unwrap());
            all.push((id, hex(&part["challenge"]), hex(&part["clientDataJSON"])));
        }
    }
    assert_eq!(all.len(), 30);
    all
}

#[test]
fn cl_cdj_order_of_every_w3c_vector() {
    for (id, challenge, bytes) in client_data() {
        let text = decode_utf8(&bytes).unwrap();
        let data = CollectedClientData::parse(text).unwrap();
        let members: Value = serde_json::from_str(text).unwrap();
        let extra = data.unknown.iter().map(|name| (name.to_string(), members[&**name].to_string()));
        let draft = ClientDataDraft {
            ty: data.ty.text().unwrap().to_owned(),
            challenge: lab_protocol::base64url::encode(challenge),
            origin: data.origin.text().unwrap().to_owned(),
            cross_origin: members["crossOrigin"].as_bool().unwrap(),
            top_origin: data.top_origin.text().map(str::to_owned),
            extra: extra.collect(),
        };
        assert_eq!(String::from_utf8(draft.serialize()).unwrap(), text, "{id}");
    }
}

/// The same through the whole client, for the vectors without members of the future.
#[test]
fn the_client_makes_the_client_data_of_the_w3c_vectors() {
    let mut compared = 0;
    for (id, challenge, bytes) in client_data() {
        let members: Value = serde_json::from_slice(&bytes).unwrap();
        if members.get("extraData").is_some() {
            continue;
        }
        let context = framed(context("https://example.org"), &members);
        let challenge = lab_protocol::base64url::encode(challenge);
        let made = if id.ends_with("registration") {
            let options = creation(&format!(r#""rp": {{"name": "x"}}, "challenge": "{challenge}""#));
            Scripted::new(vec![made(MODEL)]).create(&options, &context).unwrap().response.response.client_data_json
        } else {
            let options = format!(
                r#"{{"challenge": "{challenge}", "allowCredentials": [{{"type": "public-key", "id": "AQID"}}]}}"#
            );
            Scripted::new(vec![signed(|_| ())]).get(&options, &context).unwrap().response.response.client_data_json
        };
        assert_eq!(made.0, bytes, "{id}");
        compared += 1;
    }
    assert!(compared == 0 || compared == 15, "{compared}");
}

fn framed(mut context: Context, members: &Value) -> Context {
    if members["crossOrigin"] == true {
        let top_origin = members["topOrigin"].as_str().map(|origin| origin.parse().unwrap());
        context.framing = Framing::CrossOrigin { top_origin };
    }
    context
}

#[test]
fn cl_prf_salt_of_the_w3c_vectors() {
    let Some(file) = vectors("prf-hmac-secret-vectors.json") else { return };
    for case in file["cases"].as_array().unwrap() {
        for (input, salt) in [("prf_eval_first", "salt1"), ("prf_eval_second", "salt2")] {
            if case.get(input).is_some() {
                assert_eq!(prf_salt(&hex(&case[input]))[..], hex(&case[salt]), "{}", case["name"]);
            }
        }
    }
}
