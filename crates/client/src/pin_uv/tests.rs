use std::path::PathBuf;

use serde_json::Value;

use super::*;
use crate::pin::Pin;

fn file(path: &str) -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors").join(path);
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

fn hex32(text: &Value) -> [u8; 32] {
    hex(text).try_into().unwrap()
}

fn agree(protocol: Protocol, vectors: &Value) -> (KeyAgreement, SharedSecret) {
    let peer = KeyAgreement::p256(hex32(&vectors["authenticator_public_x"]), hex32(&vectors["authenticator_public_y"]));
    protocol.encapsulate(&peer, &hex32(&vectors["platform_private_key"])).unwrap()
}

#[test]
fn protocol_one_is_that_of_python_fido2_and_authenticator_rs() {
    let Some(file) = file("ctap2/pin-uv-auth-protocol.json") else { return };
    let vectors = &file["protocol_1"];
    let (platform, secret) = agree(Protocol::One, vectors);
    assert_eq!((platform.x, platform.y), (hex(&vectors["platform_public_x"]), hex(&vectors["platform_public_y"])));
    let pin = Pin::new(vectors["pin"].as_str().unwrap()).unwrap();
    assert_eq!(secret.encrypt(&*pin.hash(), [9; 16]), hex(&vectors["pin_hash_enc"]));
    let token = Token::decrypt(&secret, &hex(&vectors["pin_token_enc"])).unwrap();
    assert_eq!(token.value(), hex(&vectors["pin_token"]));

    let set = &vectors["set_pin"];
    let new = secret.encrypt(&*Pin::new(set["new_pin"].as_str().unwrap()).unwrap().padded(), [0; 16]);
    assert_eq!(new, hex(&set["new_pin_enc"]));
    assert_eq!(secret.authenticate(&new), hex(&set["pin_uv_auth_param"]));

    let change = &vectors["change_pin"];
    let new = secret.encrypt(&*Pin::new(change["new_pin"].as_str().unwrap()).unwrap().padded(), [0; 16]);
    assert_eq!(new, hex(&change["new_pin_enc"]));
    let hash = secret.encrypt(&*pin.hash(), [0; 16]);
    assert_eq!(secret.authenticate(&[new, hash].concat()), hex(&change["pin_uv_auth_param"]));
}

#[test]
fn protocol_two_is_that_of_webauthn_rs_and_authenticator_rs() {
    let Some(file) = file("ctap2/pin-uv-auth-protocol.json") else { return };
    let vectors = &file["protocol_2"];
    let (_, secret) = agree(Protocol::Two, vectors);
    let keys = hex(&vectors["shared_secret_hmac_then_aes"]);
    assert_eq!(secret.authenticate(b"m"), Token::new(Protocol::Two, &keys[..32]).authenticate(b"m"));
    let authenticate = &vectors["authenticate"];
    assert_eq!(Token::new(Protocol::Two, &keys[..32]).authenticate(&hex(&authenticate["message"])).len(), 32);

    let kdf = &vectors["kdf"];
    let derived = SharedSecret::derive(Protocol::Two, &hex32(&kdf["ecdh_x"]));
    let keys = hex(&kdf["hmac_key_then_aes_key"]);
    assert_eq!(derived.authenticate(b"m"), Token::new(Protocol::Two, &keys[..32]).authenticate(b"m"));
}

#[test]
fn the_evaluations_of_prf_are_those_of_the_w3c() {
    let Some(file) = file("w3c/prf-hmac-secret-vectors.json") else { return };
    let shared = &file["shared"];
    let peer = &shared["authenticator_key_agreement_public_key"];
    let peer = KeyAgreement::p256(hex32(&peer["-2"]), hex32(&peer["-3"]));
    let private = hex32(&shared["platform_key_agreement_private_key"]);
    for case in file["cases"].as_array().unwrap() {
        let protocol = Protocol::of(case["pin_uv_auth_protocol"].as_i64().unwrap()).unwrap();
        let (_, secret) = protocol.encapsulate(&peer, &private).unwrap();
        let salts: Vec<u8> = ["prf_eval_first", "prf_eval_second"]
            .iter()
            .filter(|name| case[**name].is_string())
            .flat_map(|name| crate::prf_salt(&hex(&case[*name])))
            .collect();
        let sent = hex(&case["salt_enc"]);
        let iv = sent[..16].try_into().unwrap();
        assert_eq!(secret.encrypt(&salts, iv), sent, "{}", case["name"]);
        let outputs: Vec<u8> = ["output1", "output2"]
            .iter()
            .filter(|name| case[**name].is_string())
            .flat_map(|name| hex(&case[*name]))
            .collect();
        assert_eq!(*secret.decrypt(&hex(&case["output_enc"])).unwrap(), outputs, "{}", case["name"]);
    }
}

#[test]
fn lengths_of_no_ciphertext_and_keys_off_the_curve_are_refused() {
    let one = SharedSecret::derive(Protocol::One, &[7; 32]);
    let two = SharedSecret::derive(Protocol::Two, &[7; 32]);
    assert!(one.decrypt(&[0; 15]).is_none() && two.decrypt(&[0; 15]).is_none() && two.decrypt(&[0; 33]).is_none());
    assert!(Token::decrypt(&one, &[]).is_none() && Token::decrypt(&two, &[0; 32]).is_none());
    assert_eq!(one.decrypt(&one.encrypt(&[3; 64], [1; 16])).as_deref(), Some(&vec![3; 64]));
    assert_eq!(two.decrypt(&two.encrypt(&[3; 64], [1; 16])).as_deref(), Some(&vec![3; 64]));
    let off = KeyAgreement::p256([1; 32], [1; 32]);
    assert_eq!(Protocol::Two.encapsulate(&off, &[1; 32]).err(), Some(KeyAgreementError::Peer));
}

#[test]
fn secrets_and_tokens_show_nothing() {
    let secret = SharedSecret::derive(Protocol::Two, &[0xab; 32]);
    let token = Token::new(Protocol::One, &[0xcd; 16]);
    assert_eq!(format!("{secret:?} {token:?}"), "SharedSecret(PIN/UV auth protocol 2) Token(PIN/UV auth protocol 1)");
}

/// As python-fido2 2.2.1 reads them (`Info.get_identifier`, `Info.get_cred_store_state`).
#[test]
fn the_holder_of_a_persistent_token_reads_what_get_info_hides() {
    let token = Token::new(Protocol::Two, &std::array::from_fn::<u8, 32, _>(|index| index as u8));
    for (info, block) in [
        ("encIdentifier", "19d8da6e1aa57240eb2cacd4f297fe6c"),
        ("encCredStoreState", "0504bf17033f8b661d4991c04a2fa62f"),
    ] {
        let sealed = hex(&Value::from(format!("{}{block}", "11".repeat(16))));
        assert_eq!(token.unseal(info, &sealed), Some([0x22; 16]), "{info}");
        assert_eq!(token.unseal(info, &sealed[..31]), None);
    }
}
