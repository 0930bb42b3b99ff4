use lab_protocol::cbor::{self, Value, emit::Style};
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::make_credential::Request;
use lab_protocol::ctap2::{Command, Descriptor, RpEntity, StatusCode, UserEntity};
use lab_protocol::webauthn::Flags;
use lab_protocol::{Event, Status};

use crate::testing::*;
use crate::{CounterBehaviour, Model, Quirk, models};

fn params(algorithms: &[i64]) -> Vec<(String, Algorithm)> {
    algorithms.iter().map(|alg| ("public-key".to_owned(), Algorithm(*alg))).collect()
}

fn extension(name: &str, value: impl Into<Value>) -> Vec<(Value, Value)> {
    vec![(name.into(), value.into())]
}

#[test]
fn every_model_registers_with_its_flags_counter_and_id() {
    for model in models::built_in() {
        let registered = Bench::of(&model.id).register(&create_for_any());
        let data = registered.data();
        let synced = if model.is_synced() { Flags::BE.0 | Flags::BS.0 } else { 0 };
        assert_eq!(data.flags, Flags(0x45 | synced), "{}", model.id);
        assert_eq!(data.rp_id_hash, &lab_attestation::sha256(RP.as_bytes()));
        assert_eq!(data.sign_count, model.passkeys.counter_start.value);
        let attested = data.attested.unwrap();
        assert_eq!(attested.aaguid, model.aaguid());
        assert_eq!(attested.credential_id.len(), usize::from(model.passkeys.discoverable_id_length.value));
        assert!(data.deviations.is_empty());
        lab_attestation::signature::check_key(&registered.key()).unwrap();
    }
}

#[test]
fn ids_are_as_long_as_kind_and_algorithm_demand() {
    let mut key = Bench::of("yubikey-5-nfc");
    assert_eq!(key.register(&create()).id().len(), 48);
    assert_eq!(key.register(&create_plain()).id().len(), 64);
    let eddsa = Request { pub_key_cred_params: params(&[-8]), ..create_plain() };
    assert_eq!(key.register(&eddsa).id().len(), 128);
    assert_ne!(key.register(&create_plain()).id(), key.register(&create_plain()).id());
}

#[test]
fn the_first_algorithm_that_the_model_has_is_taken() {
    let chosen = |id: &str, algorithms: &[i64]| {
        Bench::of(id).register(&Request { pub_key_cred_params: params(algorithms), ..create() }).key().alg.0
    };
    assert_eq!(chosen("yubikey-5-nfc", &[-999, -8, -7]), -8);
    assert_eq!(chosen("yubikey-5-nfc", &[-257, -35]), -35);
    assert_eq!(chosen("windows-hello", &[-7, -257]), -7);
    assert_eq!(chosen("windows-hello", &[-257]), -257);
    let status =
        |params| Bench::of("yubikey-5-nfc").register_status(&Request { pub_key_cred_params: params, ..create() });
    assert_eq!(status(params(&[-257])), StatusCode::UNSUPPORTED_ALGORITHM);
    assert_eq!(status(vec![]), StatusCode::UNSUPPORTED_ALGORITHM);
    assert_eq!(status(vec![("unknown".into(), Algorithm::ES256)]), StatusCode::UNSUPPORTED_ALGORITHM);
}

#[test]
fn options_follow_the_steps_of_the_specification() {
    let status = |id: &str, options: &[(&str, bool)]| {
        let options = options.iter().map(|(name, set)| ((*name).to_owned(), *set)).collect();
        Bench::of(id).register_status(&Request { options, ..create() })
    };
    assert_eq!(status("yubikey-5-nfc", &[("up", false), ("uv", true)]), StatusCode::INVALID_OPTION);
    assert_eq!(status("yubikey-5-nfc", &[("up", true), ("uv", true)]), StatusCode::OK);
    assert_eq!(status("yubikey-5-nfc", &[("uv", true), ("tomato", true)]), StatusCode::OK);
    assert_eq!(status("yubikey-5-nfc", &[]), StatusCode::OK, "makeCredUvNotRqd");
    assert_eq!(status("yubikey-5-nfc", &[("rk", true)]), StatusCode::PUAT_REQUIRED);
    assert_eq!(status("yubikey-5-nfc-5.4", &[]), StatusCode::PUAT_REQUIRED, "no makeCredUvNotRqd");
    assert_eq!(status("google-password-manager", &[("rk", true)]), StatusCode::OK, "as asked");
}

#[test]
fn a_model_that_always_verifies_does_so_unasked() {
    let request = Request { options: vec![("rk".into(), true)], ..create() };
    assert!(Bench::of("windows-hello").register(&request).data().flags.has(Flags::UV));
    assert!(!Bench::of("google-password-manager").register(&request).data().flags.has(Flags::UV));
}

#[test]
fn an_authenticator_without_verification_or_discoverable_credentials_refuses_those_options() {
    let mut model: Model = (**models::find("yubikey-5-nfc").unwrap()).clone();
    model.user_verification.option.value = crate::UvOption::None;
    let options = model.get_info.as_mut().unwrap();
    options.options.value.0.retain(|(name, _)| name != "rk");
    options.options.value.0.push(("rk".into(), false));
    let status = |option: &str, set| {
        let request = Request { options: vec![(option.into(), set)], ..create() };
        Bench::with(model.clone(), 1).register_status(&request)
    };
    assert_eq!(status("uv", true), StatusCode::INVALID_OPTION);
    assert_eq!(status("uv", false), StatusCode::OK, "unprotected");
    assert_eq!(status("rk", true), StatusCode::UNSUPPORTED_OPTION);
    assert_eq!(status("rk", false), StatusCode::UNSUPPORTED_OPTION);
}

#[test]
fn parameters_are_refused_in_the_order_of_the_steps() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let mut status = |request: Request| bench.register_status(&request);
    let param = Some(vec![0; 16]);
    assert_eq!(status(Request { pin_uv_auth_param: param.clone(), ..create() }), StatusCode::MISSING_PARAMETER);
    let both =
        |protocol| Request { pin_uv_auth_param: param.clone(), pin_uv_auth_protocol: Some(protocol), ..create() };
    assert_eq!(status(both(3)), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(both(2)), StatusCode::PIN_AUTH_INVALID);
    assert_eq!(status(Request { enterprise_attestation: Some(9), ..create() }), StatusCode::INVALID_PARAMETER);
}

#[test]
fn sizes_have_limits() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let mut with_user = |length| {
        bench.register_status(&Request { user: UserEntity { id: vec![1; length], ..Default::default() }, ..create() })
    };
    assert_eq!(with_user(64), StatusCode::OK);
    assert_eq!(with_user(65), StatusCode::INVALID_LENGTH);
    assert_eq!(with_user(0), StatusCode::INVALID_LENGTH);
    let exclude = |length| Request { exclude_list: vec![Descriptor::new([9; 16]); length], ..create() };
    assert_eq!(bench.register_status(&exclude(8)), StatusCode::OK);
    assert_eq!(bench.register_status(&exclude(9)), StatusCode::LIMIT_EXCEEDED);
}

#[test]
fn bytes_that_are_no_request_have_their_status() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let mut status = |bytes: &[u8]| bench.call(Command::MAKE_CREDENTIAL, bytes).status();
    assert_eq!(status(&[]), StatusCode::INVALID_CBOR);
    assert_eq!(status(&[0xa0]), StatusCode::MISSING_PARAMETER);
    assert_eq!(status(&[0x80]), StatusCode::CBOR_UNEXPECTED_TYPE);
    let good = create_plain().encode();
    assert_eq!(status(&[&good[..], &[0]].concat()), StatusCode::INVALID_CBOR);
    assert_eq!(status(&good[..good.len() - 1]), StatusCode::INVALID_CBOR);
    let value = cbor::decode(&good, cbor::Rules::CTAP2).unwrap();
    for style in [
        Style { keys: cbor::emit::KeyOrder::Reversed, ..Style::CANONICAL },
        Style { longest: true, ..Style::CANONICAL },
        Style { indefinite: true, ..Style::CANONICAL },
        Style { duplicate_first_key: true, ..Style::CANONICAL },
        Style { tag: Some(24), ..Style::CANONICAL },
    ] {
        let deviating = cbor::emit::encode(&value, &style);
        assert!(
            [StatusCode::INVALID_CBOR, StatusCode::CBOR_UNEXPECTED_TYPE].contains(&status(&deviating)),
            "{style:?}"
        );
    }
    let unknown = Request { unknown: vec![(0x7f.into(), true.into())], ..create_plain() };
    assert_eq!(status(&unknown.encode()), StatusCode::OK);
}

#[test]
fn an_excluded_credential_is_told_after_a_touch() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let id = bench.register(&create_plain()).id();
    let again = Request { exclude_list: vec![Descriptor::new(id.clone())], ..create_plain() };
    let step = bench.send(Command::MAKE_CREDENTIAL, &again.encode(), now());
    assert_eq!(waits(&step), Status::UpNeeded);
    for event in [Event::Touch, Event::Deny] {
        bench.send(Command::MAKE_CREDENTIAL, &again.encode(), after(60));
        assert_eq!(status(&bench.engine.event(event, after(60))), StatusCode::CREDENTIAL_EXCLUDED);
    }
    let other_type = Descriptor { ty: "tomato".into(), ..Descriptor::new(id.clone()) };
    assert_eq!(bench.register_status(&Request { exclude_list: vec![other_type], ..again.clone() }), StatusCode::OK);
    let other_rp = Request { rp: RpEntity { id: "other.test".into(), name: None }, ..again.clone() };
    assert_eq!(bench.register_status(&other_rp), StatusCode::OK);
    assert_eq!(
        bench.register_status(&Request { exclude_list: vec![Descriptor::new([7; 64])], ..again }),
        StatusCode::OK
    );
}

#[test]
fn a_verified_user_is_told_of_an_exclusion_without_another_touch_where_a_sensor_verified() {
    let mut bench = Bench::of("windows-hello");
    let id = bench.register(&create()).id();
    let again = Request { exclude_list: vec![Descriptor::new(id)], ..create() };
    bench.send(Command::MAKE_CREDENTIAL, &again.encode(), now());
    assert_eq!(status(&bench.engine.event(Event::Verified, now())), StatusCode::CREDENTIAL_EXCLUDED);
}

#[test]
fn an_exclusion_of_level_3_is_not_admitted_to_without_verification() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let id = bench.register(&Request { extensions: extension("credProtect", 3), ..create() }).id();
    let again = Request { exclude_list: vec![Descriptor::new(id)], ..create_plain() };
    assert_eq!(bench.register_status(&again), StatusCode::OK);
    let verified = Request { options: create().options, ..again };
    assert_eq!(bench.register_status(&verified), StatusCode::CREDENTIAL_EXCLUDED);
}

#[test]
fn extensions_answer_what_was_stored() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let both = vec![("credProtect".into(), 2.into()), ("hmac-secret".into(), true.into()), ("tomato".into(), 1.into())];
    let registered = bench.register(&Request { extensions: both, ..create() });
    assert!(registered.data().flags.has(Flags::ED));
    let outputs = cbor::decode(registered.data().extensions.unwrap(), cbor::Rules::CTAP2).unwrap();
    assert_eq!(outputs, Value::Map(vec![("credProtect".into(), 2.into()), ("hmac-secret".into(), true.into())]));
    let credentials = bench.engine.credentials();
    assert_eq!(credentials[0].cred_protect, crate::CredProtect::OptionalWithList);
    assert!(credentials[0].cred_random.is_some());
    let plain = bench.register(&Request { extensions: extension("hmac-secret", false), ..create() });
    assert!(!plain.data().flags.has(Flags::ED));
}

#[test]
fn extension_inputs_of_the_wrong_type_are_refused_by_models_that_have_the_extension() {
    let status = |id: &str, name: &str, value: Value| {
        Bench::of(id).register_status(&Request { extensions: extension(name, value), ..create() })
    };
    assert_eq!(status("yubikey-5-nfc", "credProtect", "x".into()), StatusCode::CBOR_UNEXPECTED_TYPE);
    assert_eq!(status("yubikey-5-nfc", "credProtect", 4.into()), StatusCode::INVALID_OPTION);
    assert_eq!(status("yubikey-5-nfc", "hmac-secret", 1.into()), StatusCode::CBOR_UNEXPECTED_TYPE);
    assert_eq!(status("yubikey-5-nfc-5.1", "credProtect", 4.into()), StatusCode::OK, "it has no credProtect");
}

#[test]
fn the_same_account_is_overwritten_and_another_is_not() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let first = bench.register(&create()).id();
    let second = bench.register(&create()).id();
    bench.register(&create_for(2));
    assert_eq!(bench.engine.credentials().len(), 2);
    assert_eq!(bench.sign_in_status(&get_listed(&[&first])), StatusCode::NO_CREDENTIALS);
    assert_eq!(bench.sign_in_status(&get_listed(&[&second])), StatusCode::OK);
    bench.register(&create_plain());
    assert_eq!(bench.engine.credentials().len(), 3, "one that is not discoverable replaces nothing");
}

#[test]
fn a_full_store_says_so_and_loses_nothing() {
    let mut model: Model = (**models::find("yubikey-5-nfc").unwrap()).clone();
    model.passkeys.slots.as_mut().unwrap().value = 2;
    let mut bench = Bench::with(model, 3);
    let first = bench.register(&create_for(1)).id();
    bench.register(&create_for(2));
    assert_eq!(bench.register_status(&create_for(3)), StatusCode::KEY_STORE_FULL);
    assert_eq!(bench.register_status(&create_for(2)), StatusCode::OK, "overwriting needs no slot");
    assert_eq!(bench.register_status(&create_plain()), StatusCode::OK, "nor does one that is not discoverable");
    assert_eq!(bench.sign_in_status(&get_listed(&[&first])), StatusCode::OK);
    assert_eq!(bench.info().remaining_discoverable_credentials, Some(0));
}

#[test]
fn the_global_counter_counts_for_every_relying_party() {
    let mut bench = Bench::of("yubikey-5-nfc");
    assert_eq!(bench.register(&create()).data().sign_count, 1);
    assert_eq!(bench.register(&create_for(2)).data().sign_count, 2);
    assert_eq!(bench.sign_in(&get()).count(), 3);
    let mut model: Model = (**models::find("yubikey-5-nfc").unwrap()).clone();
    model.passkeys.counter.value = CounterBehaviour::PerCredential;
    model.passkeys.counter_start.value = 0;
    let mut bench = Bench::with(model, 3);
    let (one, two) = (bench.register(&create_for(1)).id(), bench.register(&create_for(2)).id());
    let counts = [&one, &one, &two].map(|id| bench.sign_in(&get_listed(&[id])).count());
    assert_eq!(counts, [1, 2, 1]);
}

#[test]
fn a_provider_with_the_quirk_claims_verification_that_never_was() {
    let model = (**models::find("google-password-manager").unwrap()).clone();
    let model = model.with_quirk(Quirk::UvWithoutVerification, "test");
    let step = Bench::with(model.clone(), 1).send(Command::MAKE_CREDENTIAL, &create().encode(), now());
    assert_eq!(waits(&step), Status::UpNeeded, "nobody is asked to be verified");
    assert!(Bench::with(model, 1).register(&create()).data().flags.has(Flags::UV));
}
