//! Extensions at both ceremonies (`ctap-2.2 §12`).

use lab_protocol::cbor::{self, Value};
use lab_protocol::ctap2::get_assertion::Request as Get;
use lab_protocol::ctap2::hmac_secret::Input;
use lab_protocol::ctap2::make_credential::Request as Create;
use lab_protocol::ctap2::{Command, Descriptor, StatusCode, get_assertion};
use lab_protocol::webauthn::AuthenticatorData;

use crate::Model;
use crate::models;
use crate::pin::Protocol;
use crate::testing::*;

/// A key with every extension that the engine has.
fn every() -> Model {
    let mut model: Model = (**models::find("yubikey-5-nfc").unwrap()).clone();
    let extensions = [
        "credProtect",
        "credBlob",
        "hmac-secret",
        "hmac-secret-mc",
        "largeBlobKey",
        "minPinLength",
        "pinComplexityPolicy",
        "thirdPartyPayment",
    ];
    model.passkeys.extensions.value = extensions.map(str::to_owned).to_vec();
    model
}

fn key() -> Bench {
    Bench::with(every(), 11)
}

fn with(name: &str, value: impl Into<Value>) -> Vec<(Value, Value)> {
    vec![(name.into(), value.into())]
}

fn outputs(auth_data: &[u8]) -> Vec<(Value, Value)> {
    let data = AuthenticatorData::parse(auth_data).unwrap();
    let Some(bytes) = data.extensions else { return vec![] };
    match cbor::decode(bytes, cbor::Rules::CTAP2).unwrap() {
        Value::Map(members) => members,
        other => panic!("no map: {other:?}"),
    }
}

fn output(auth_data: &[u8], name: &str) -> Option<Value> {
    outputs(auth_data).into_iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

fn create_output(bench: &mut Bench, name: &str, value: impl Into<Value>) -> Option<Value> {
    let request = Create { extensions: with(name, value), ..create() };
    output(&bench.register(&request).0.auth_data, name)
}

fn get_output(bench: &mut Bench, name: &str, value: impl Into<Value>) -> Option<Value> {
    output(&bench.sign_in(&Get { extensions: with(name, value), ..get() }).0.auth_data, name)
}

#[test]
fn a_blob_is_stored_if_it_fits() {
    let mut bench = key();
    let longest = bench.info().max_cred_blob_length.unwrap() as usize;
    assert_eq!(create_output(&mut bench, "credBlob", Value::Bytes(vec![7; longest])), Some(true.into()));
    assert_eq!(get_output(&mut bench, "credBlob", true), Some(Value::Bytes(vec![7; longest])));
    assert_eq!(create_output(&mut bench, "credBlob", Value::Bytes(vec![7; longest + 1])), Some(false.into()));
    assert_eq!(get_output(&mut bench, "credBlob", true), Some(Value::Bytes(vec![])), "none was stored");
    assert_eq!(get_output(&mut bench, "credBlob", false), None);
    let status = bench.register_status(&Create { extensions: with("credBlob", true), ..create() });
    assert_eq!(status, StatusCode::CBOR_UNEXPECTED_TYPE);
}

#[test]
fn payments_are_remembered() {
    let mut bench = key();
    assert_eq!(create_output(&mut bench, "thirdPartyPayment", true), None, "no output at registration");
    assert_eq!(get_output(&mut bench, "thirdPartyPayment", true), Some(true.into()));
    bench.register(&create());
    assert_eq!(get_output(&mut bench, "thirdPartyPayment", true), Some(false.into()));
    assert_eq!(get_output(&mut bench, "tomato", true), None);
}

#[test]
fn the_pins_policy_is_told_to_who_was_named() {
    let mut bench = key();
    assert_eq!(create_output(&mut bench, "minPinLength", true), None);
    bench.engine.state.change(|state| state.min_pin_length_rp_ids = vec![RP.into()]);
    let minimum = i64::from(bench.engine.state.min_pin_length);
    assert_eq!(create_output(&mut bench, "minPinLength", true), Some(minimum.into()));
    assert_eq!(create_output(&mut bench, "minPinLength", false), None);
    assert_eq!(create_output(&mut bench, "pinComplexityPolicy", true), Some(false.into()));
}

#[test]
fn a_large_blob_key_belongs_to_a_discoverable_credential() {
    let mut bench = key();
    let asked = Create { extensions: with("largeBlobKey", true), ..create() };
    let made = bench.register(&asked).0.large_blob_key.unwrap();
    assert_eq!(made.len(), 32);
    let got = bench.sign_in(&Get { extensions: with("largeBlobKey", true), ..get() }).0;
    assert_eq!(got.large_blob_key, Some(made));
    assert_eq!(bench.sign_in(&get()).0.large_blob_key, None);
    let plain = Create { extensions: with("largeBlobKey", true), ..create_plain() };
    assert_eq!(bench.register_status(&plain), StatusCode::INVALID_OPTION);
    let refused = Create { extensions: with("largeBlobKey", false), ..create() };
    assert_eq!(bench.register_status(&refused), StatusCode::INVALID_OPTION);
}

/// hmac-secret's input for these salts.
fn salts(platform: &Platform, salts: &[u8]) -> Input {
    let salt_enc = platform.encrypt(salts);
    Input {
        key_agreement: platform.key.clone(),
        salt_auth: platform.shared.authenticate(&salt_enc),
        salt_enc,
        pin_uv_auth_protocol: Some(number(platform.protocol)),
    }
}

fn secrets(bench: &mut Bench, protocol: Protocol, salt: &[u8], verified: bool) -> Vec<u8> {
    let platform = Platform::agree(bench, protocol);
    let options = if verified { get().options } else { vec![] };
    let extensions = with("hmac-secret", salts(&platform, salt).to_value());
    let asserted = bench.sign_in(&Get { extensions, options, ..get() });
    let Some(Value::Bytes(sealed)) = output(&asserted.0.auth_data, "hmac-secret") else { panic!("no output") };
    platform.shared.decrypt(&sealed).unwrap()
}

#[test]
fn salts_give_secrets_of_the_credential() {
    let mut bench = key();
    assert_eq!(create_output(&mut bench, "hmac-secret", true), Some(true.into()));
    let one = secrets(&mut bench, Protocol::Two, &[1; 32], true);
    assert_eq!(one.len(), 32);
    assert_eq!(secrets(&mut bench, Protocol::One, &[1; 32], true), one, "whatever the protocol");
    let two = secrets(&mut bench, Protocol::One, &[[1; 32], [2; 32]].concat(), true);
    assert_eq!((two.len(), &two[..32]), (64, &one[..]));
    assert_ne!(secrets(&mut bench, Protocol::Two, &[1; 32], false), one, "another secret without verification");
    let credential = bench.engine.credentials()[0].clone();
    assert_ne!(credential.cred_random.unwrap().with_uv, credential.cred_random.unwrap().without_uv);
}

#[test]
fn salts_are_checked() {
    let mut bench = key();
    create_output(&mut bench, "hmac-secret", true);
    let platform = Platform::agree(&mut bench, Protocol::Two);
    let good = salts(&platform, &[1; 32]);
    let mut status = |input: Value, up: bool| {
        let options = vec![("up".to_owned(), up)];
        bench.sign_in_status(&Get { extensions: with("hmac-secret", input), options, ..get() })
    };
    assert_eq!(status(good.to_value(), true), StatusCode::OK);
    assert_eq!(status(good.to_value(), false), StatusCode::UNSUPPORTED_OPTION);
    let wrong = Input { salt_auth: vec![0; 32], ..good.clone() };
    assert_eq!(status(wrong.to_value(), true), StatusCode::PIN_AUTH_INVALID);
    for length in [16, 48, 96] {
        let input = salts(&platform, &vec![1; length]);
        assert_eq!(status(input.to_value(), true), StatusCode::INVALID_PARAMETER, "{length}");
    }
    let protocol = Input { pin_uv_auth_protocol: Some(3), ..good.clone() };
    assert_eq!(status(protocol.to_value(), true), StatusCode::INVALID_PARAMETER);
    let mut off = good.clone();
    off.key_agreement.y[31] ^= 1;
    assert_eq!(status(off.to_value(), true), StatusCode::INVALID_PARAMETER);
    for missing in 1..4 {
        let Value::Map(mut members) = good.to_value() else { panic!("a map") };
        members.retain(|(key, _)| *key != Value::from(missing));
        assert_eq!(status(Value::Map(members), true), StatusCode::MISSING_PARAMETER, "{missing}");
    }
    assert_eq!(status(true.into(), true), StatusCode::CBOR_UNEXPECTED_TYPE);
}

#[test]
fn a_credential_without_secrets_answers_nothing() {
    let mut bench = key();
    bench.register(&create());
    let platform = Platform::agree(&mut bench, Protocol::Two);
    assert_eq!(get_output(&mut bench, "hmac-secret", salts(&platform, &[1; 32]).to_value()), None);
}

#[test]
fn registration_gives_the_secrets_of_the_sign_in() {
    let mut bench = key();
    let platform = Platform::agree(&mut bench, Protocol::Two);
    let input = salts(&platform, &[5; 32]).to_value();
    let alone = Create { extensions: with("hmac-secret-mc", input.clone()), ..create() };
    assert_eq!(bench.register_status(&alone), StatusCode::MISSING_PARAMETER);
    let both = vec![("hmac-secret".into(), true.into()), ("hmac-secret-mc".into(), input)];
    let registered = bench.register(&Create { extensions: both, ..create() });
    let Some(Value::Bytes(sealed)) = output(&registered.0.auth_data, "hmac-secret-mc") else { panic!("no output") };
    let made = platform.shared.decrypt(&sealed).unwrap();
    assert_eq!(secrets(&mut bench, Protocol::Two, &[5; 32], true), made);
}

#[test]
fn every_account_of_an_enumeration_answers_the_extensions() {
    let mut bench = key();
    for user in 1..4 {
        bench.register(&Create { extensions: with("hmac-secret", true), ..create_for(user) });
    }
    let platform = Platform::agree(&mut bench, Protocol::Two);
    let extensions = with("hmac-secret", salts(&platform, &[1; 32]).to_value());
    let first = bench.sign_in(&Get { extensions, ..get() }).0;
    let mut seen = vec![output(&first.auth_data, "hmac-secret").unwrap()];
    for _ in 0..2 {
        let next = bench.call(Command::GET_NEXT_ASSERTION, &[]);
        let next = get_assertion::Response::parse(next.ok()).unwrap();
        seen.push(output(&next.auth_data, "hmac-secret").unwrap());
    }
    assert!(seen[0] != seen[1] && seen[1] != seen[2] && seen[0] != seen[2]);
}

#[test]
fn outputs_are_a_part_of_the_inputs_in_canonical_order() {
    let mut bench = key();
    bench.engine.state.change(|state| state.min_pin_length_rp_ids = vec![RP.into()]);
    let extensions = vec![
        ("tomato".into(), true.into()),
        ("credBlob".into(), Value::Bytes(vec![1])),
        ("credProtect".into(), 2.into()),
        ("hmac-secret".into(), true.into()),
        ("minPinLength".into(), true.into()),
        ("thirdPartyPayment".into(), true.into()),
        ("pinComplexityPolicy".into(), true.into()),
    ];
    let registered = bench.register(&Create { extensions, ..create() });
    let names: Vec<_> =
        outputs(&registered.0.auth_data).into_iter().map(|(key, _)| key.as_text().unwrap().to_owned()).collect();
    assert_eq!(names, ["credBlob", "credProtect", "hmac-secret", "minPinLength", "pinComplexityPolicy"]);
    assert!(bench.sign_in_status(&Get { allow_list: Some(vec![Descriptor::new(registered.id())]), ..get() }).is_ok());
}
