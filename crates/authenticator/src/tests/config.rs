use lab_protocol::cbor::Value;
use lab_protocol::ctap2::config::{Params, Request, SubCommand};
use lab_protocol::ctap2::{Encoded, Permissions, StatusCode};

use crate::testing::*;

const ACFG: Permissions = Permissions::AUTHENTICATOR_CONFIG;

fn bare(sub_command: SubCommand) -> Request {
    Request { sub_command, ..Request::default() }
}

fn minimum(length: i64) -> Option<Params> {
    Some(Params { new_min_pin_length: Some(length), ..Params::default() })
}

#[test]
fn without_any_verification_anybody_may() {
    let mut bench = Bench::fresh_of("yubikey-5-nfc");
    let params = minimum(6).map(Encoded::from);
    let request = Request { sub_command_params: params, ..bare(SubCommand::SET_MIN_PIN_LENGTH) };
    assert_eq!(bench.configure(&request), StatusCode::OK);
    assert_eq!(bench.info().min_pin_length, Some(6));
    let forced = Params { force_change_pin: Some(true), ..Params::default() };
    let request = Request { sub_command_params: Some(forced.into()), ..request };
    assert_eq!(bench.configure(&request), StatusCode::PIN_NOT_SET);
}

#[test]
fn authorisation_is_checked_in_the_order_of_the_specification() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let good = bench.authorized(ACFG).config(SubCommand::TOGGLE_ALWAYS_UV, None);
    assert_eq!(bench.call(lab_protocol::ctap2::Command::CONFIG, &[0xa0]).status(), StatusCode::MISSING_PARAMETER);
    assert_eq!(bench.configure(&bare(SubCommand(0x7f))), StatusCode::INVALID_PARAMETER);
    assert_eq!(bench.configure(&bare(SubCommand::TOGGLE_ALWAYS_UV)), StatusCode::PUAT_REQUIRED);
    assert_eq!(bench.configure(&Request { pin_uv_auth_protocol: None, ..good.clone() }), StatusCode::MISSING_PARAMETER);
    let unknown = Request { pin_uv_auth_protocol: Some(9), ..good.clone() };
    assert_eq!(bench.configure(&unknown), StatusCode::INVALID_PARAMETER);
    let forged = Request { sub_command: SubCommand::SET_MIN_PIN_LENGTH, ..good };
    assert_eq!(bench.configure(&forged), StatusCode::PIN_AUTH_INVALID);
    let other = bench.authorized(Permissions::CREDENTIAL_MANAGEMENT).config(SubCommand::TOGGLE_ALWAYS_UV, None);
    assert_eq!(bench.configure(&other), StatusCode::PIN_AUTH_INVALID, "no acfg");
}

#[test]
fn always_uv_takes_u2f_and_the_exception_for_creation_away_and_gives_them_back() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let token = bench.authorized(ACFG);
    let told = |bench: &mut Bench| {
        let info = bench.info();
        (info.option("alwaysUv"), info.option("makeCredUvNotRqd"), info.versions.contains(&"U2F_V2".to_owned()))
    };
    assert_eq!(told(&mut bench), (Some(false), Some(true), true));
    assert_eq!(bench.configure(&token.config(SubCommand::TOGGLE_ALWAYS_UV, None)), StatusCode::OK);
    assert_eq!(told(&mut bench), (Some(true), Some(false), false));
    assert_eq!(bench.configure(&token.config(SubCommand::TOGGLE_ALWAYS_UV, None)), StatusCode::OK);
    assert_eq!(told(&mut bench), (Some(false), Some(true), true));
}

#[test]
fn always_uv_with_nothing_that_verifies_can_be_turned_off_by_anybody() {
    let mut bench = Bench::fresh_of("yubikey-5-nfc");
    assert_eq!(bench.configure(&bare(SubCommand::TOGGLE_ALWAYS_UV)), StatusCode::OK);
    assert_eq!(bench.info().option("alwaysUv"), Some(true));
    assert_eq!(bench.configure(&bare(SubCommand::SET_MIN_PIN_LENGTH)), StatusCode::PUAT_REQUIRED);
    assert_eq!(bench.configure(&bare(SubCommand::TOGGLE_ALWAYS_UV)), StatusCode::OK);
    assert_eq!(bench.info().option("alwaysUv"), Some(false));
}

#[test]
fn a_minimum_over_the_pin_forces_a_change_and_is_never_lowered() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let token = bench.authorized(ACFG);
    let mut set = |length| bench.configure(&token.config(SubCommand::SET_MIN_PIN_LENGTH, minimum(length)));
    assert_eq!(set(3), StatusCode::PIN_POLICY_VIOLATION);
    assert_eq!(set(64), StatusCode::PIN_POLICY_VIOLATION);
    assert_eq!(set(i64::try_from(PIN.len()).unwrap()), StatusCode::OK);
    assert_eq!(set(4), StatusCode::PIN_POLICY_VIOLATION);
    assert_eq!(bench.info().force_pin_change, Some(false));
    let longer = token.config(SubCommand::SET_MIN_PIN_LENGTH, minimum(i64::try_from(PIN.len()).unwrap() + 1));
    assert_eq!(bench.configure(&longer), StatusCode::OK);
    assert_eq!(bench.info().force_pin_change, Some(true));
}

#[test]
fn a_change_can_be_forced_and_a_reset_forgets_everything() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let token = bench.authorized(ACFG);
    let forced = Params { force_change_pin: Some(true), new_min_pin_length: Some(8), ..Params::default() };
    assert_eq!(bench.configure(&token.config(SubCommand::SET_MIN_PIN_LENGTH, Some(forced))), StatusCode::OK);
    assert_eq!((bench.info().force_pin_change, bench.info().min_pin_length), (Some(true), Some(8)));
    assert_eq!(bench.call(lab_protocol::ctap2::Command::RESET, &[]).status(), StatusCode::OK);
    let info = bench.info();
    assert_eq!((info.force_pin_change, info.min_pin_length), (Some(false), Some(4)));
    assert_eq!(info.option("clientPin"), Some(false));
}

#[test]
fn rp_ids_replace_each_other_and_have_a_limit() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let token = bench.authorized(ACFG);
    let mut set = |rp_ids: &[&str]| {
        let rp_ids = rp_ids.iter().map(|rp_id| (*rp_id).to_owned()).collect();
        let params = Params { min_pin_length_rp_ids: Some(rp_ids), ..Params::default() };
        bench.configure(&token.config(SubCommand::SET_MIN_PIN_LENGTH, Some(params)))
    };
    assert_eq!(set(&["a.example"]), StatusCode::OK);
    assert_eq!(set(&["b.example"]), StatusCode::OK);
    assert_eq!(set(&["a.example", "b.example"]), StatusCode::KEY_STORE_FULL);
    assert_eq!(bench.engine.state.min_pin_length_rp_ids, ["b.example"]);
}

#[test]
fn enterprise_attestation_stays_on_until_the_reset() {
    let mut bench = Bench::of("lab-every-option");
    let token = bench.authorized(ACFG);
    assert_eq!(bench.info().option("ep"), Some(false));
    for _ in 0..2 {
        let request = token.config(SubCommand::ENABLE_ENTERPRISE_ATTESTATION, None);
        assert_eq!(bench.configure(&request), StatusCode::OK);
        assert_eq!(bench.info().option("ep"), Some(true));
    }
    bench.call(lab_protocol::ctap2::Command::RESET, &[]);
    assert_eq!(bench.info().option("ep"), Some(false));
    let mut without = Bench::of("yubikey-5-nfc");
    let request = without.authorized(ACFG).config(SubCommand::ENABLE_ENTERPRISE_ATTESTATION, None);
    assert_eq!(without.configure(&request), StatusCode::INVALID_PARAMETER);
}

#[test]
fn a_long_touch_is_only_for_models_that_list_it() {
    let mut bench = Bench::of("lab-every-option");
    let token = bench.authorized(ACFG);
    assert_eq!(bench.info().long_touch_for_reset, Some(false));
    assert_eq!(bench.configure(&token.config(SubCommand::ENABLE_LONG_TOUCH_FOR_RESET, None)), StatusCode::OK);
    assert_eq!(bench.info().long_touch_for_reset, Some(true));
    let mut without = Bench::of("yubikey-5-nfc");
    let request = without.authorized(ACFG).config(SubCommand::ENABLE_LONG_TOUCH_FOR_RESET, None);
    assert_eq!(without.configure(&request), StatusCode::INVALID_PARAMETER);
}

#[test]
fn the_labs_vendor_command_gives_another_identifier() {
    let mut bench = Bench::of("lab-every-option");
    let token = bench.authorized(ACFG);
    let vendor = |command: i64| {
        let params = Params { unknown: vec![(Value::from(1), Value::from(command))], ..Params::default() };
        token.config(SubCommand::VENDOR_PROTOTYPE, Some(params))
    };
    let before = bench.engine.state.device_identifier;
    assert_eq!(bench.configure(&vendor(1)), StatusCode::OK);
    assert_ne!(bench.engine.state.device_identifier, before);
    assert_eq!(bench.configure(&vendor(2)), StatusCode::INVALID_PARAMETER);
    assert_eq!(bench.configure(&token.config(SubCommand::VENDOR_PROTOTYPE, None)), StatusCode::MISSING_PARAMETER);
}
