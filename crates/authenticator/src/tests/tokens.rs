//! What a token is good for, and for how long (`ctap-2.2 §6.5.5.7, §6.1.2, §6.2.2`).

use lab_protocol::ctap2::get_assertion::Request as Get;
use lab_protocol::ctap2::make_credential::Request as Create;
use lab_protocol::ctap2::{Command, Permissions, RpEntity, StatusCode};
use lab_protocol::webauthn::Flags;
use lab_protocol::{Event, Step};

use crate::authorize::{Claim, RpRule};
use crate::pin::Protocol;
use crate::testing::*;

const TWO: Protocol = Protocol::Two;

fn key() -> Bench {
    Bench::of("yubikey-5-nfc")
}

fn both(bench: &mut Bench) -> Vec<u8> {
    bench.token(TWO, BOTH.0, BOTH.1)
}

fn create_status(bench: &mut Bench, request: &Create) -> StatusCode {
    bench.call(Command::MAKE_CREDENTIAL, &request.encode()).status()
}

fn get_status(bench: &mut Bench, request: &Get) -> StatusCode {
    bench.call(Command::GET_ASSERTION, &request.encode()).status()
}

#[test]
fn a_parameter_of_no_bytes_asks_which_authenticator_is_meant() {
    let empty = Create { pin_uv_auth_param: Some(vec![]), ..create_plain() };
    for (mut bench, expected) in
        [(key(), StatusCode::PIN_INVALID), (Bench::fresh_of("yubikey-5-nfc"), StatusCode::PIN_NOT_SET)]
    {
        assert_eq!(create_status(&mut bench, &empty), expected);
        bench.send(Command::MAKE_CREDENTIAL, &empty.encode(), now());
        assert_eq!(status(&bench.engine.event(Event::Deny, now())), StatusCode::OPERATION_DENIED);
        let empty = Get { pin_uv_auth_param: Some(vec![]), ..get() };
        assert_eq!(get_status(&mut bench, &empty), expected);
    }
}

#[test]
fn a_parameter_is_checked_as_the_steps_say() {
    for protocol in [Protocol::One, TWO] {
        let mut bench = key();
        let token = bench.token(protocol, BOTH.0, BOTH.1);
        let good = with_token(create(), protocol, &token);
        let no_protocol = Create { pin_uv_auth_protocol: None, ..good.clone() };
        assert_eq!(create_status(&mut bench, &no_protocol), StatusCode::MISSING_PARAMETER);
        let unknown = Create { pin_uv_auth_protocol: Some(3), ..good.clone() };
        assert_eq!(create_status(&mut bench, &unknown), StatusCode::INVALID_PARAMETER);
        let crossed = Create { pin_uv_auth_protocol: Some(3 - number(protocol)), ..good.clone() };
        assert_eq!(create_status(&mut bench, &crossed), StatusCode::PIN_AUTH_INVALID);
        let param = good.pin_uv_auth_param.clone().unwrap();
        for wrong in [vec![0; param.len()], param[..param.len() - 1].to_vec(), [&param[..], &[0; 16]].concat()] {
            let request = Create { pin_uv_auth_param: Some(wrong), ..good.clone() };
            assert_eq!(create_status(&mut bench, &request), StatusCode::PIN_AUTH_INVALID);
        }
        let other_hash = Create { client_data_hash: [9; 32], ..good.clone() };
        assert_eq!(create_status(&mut bench, &other_hash), StatusCode::PIN_AUTH_INVALID);
        let asks_uv = Create { options: vec![("uv".into(), true), ("rk".into(), true)], ..good };
        assert_eq!(create_status(&mut bench, &asks_uv), StatusCode::OK, "the parameter makes uv meaningless");
    }
}

#[test]
fn without_a_pin_no_parameter_is_right() {
    let mut bench = Bench::fresh_of("yubikey-5-nfc");
    let request = with_token(create(), TWO, &[1; 32]);
    assert_eq!(create_status(&mut bench, &request), StatusCode::PIN_NOT_SET);
    assert_eq!(get_status(&mut bench, &get_with_token(get(), TWO, &[1; 32])), StatusCode::PIN_NOT_SET);
    assert_eq!(create_status(&mut bench, &Create { options: vec![("rk".into(), true)], ..create() }), StatusCode::OK);
}

#[test]
fn a_token_has_permissions_and_a_relying_party() {
    let mut bench = key();
    let token = bench.token(TWO, Permissions::GET_ASSERTION, Some(RP));
    assert_eq!(create_status(&mut bench, &with_token(create(), TWO, &token)), StatusCode::PIN_AUTH_INVALID);
    let token = bench.token(TWO, Permissions::MAKE_CREDENTIAL, Some(RP));
    assert_eq!(get_status(&mut bench, &get_with_token(get(), TWO, &token)), StatusCode::PIN_AUTH_INVALID);
    let elsewhere = Create { rp: RpEntity { id: "other.test".into(), name: None }, ..create() };
    assert_eq!(create_status(&mut bench, &with_token(elsewhere, TWO, &token)), StatusCode::PIN_AUTH_INVALID);
    assert_eq!(create_status(&mut bench, &with_token(create(), TWO, &token)), StatusCode::OK);
}

#[test]
fn a_token_without_a_relying_party_is_bound_to_the_first() {
    let mut bench = key();
    bench.register(&create());
    let platform = Platform::agree(&mut bench, TWO);
    let reply = bench.call(Command::CLIENT_PIN, &platform.by_pin(PIN).encode());
    let token = platform.token(reply.ok());
    let silent = |rp_id: &str| {
        let request = Get { rp_id: rp_id.into(), options: vec![("up".into(), false)], ..get() };
        get_with_token(request, TWO, &token)
    };
    assert_eq!(get_status(&mut bench, &silent(RP)), StatusCode::OK);
    assert_eq!(get_status(&mut bench, &silent("other.test")), StatusCode::PIN_AUTH_INVALID);
    assert_eq!(get_status(&mut bench, &silent(RP)), StatusCode::OK);
}

#[test]
fn a_touch_uses_a_token_up_and_a_silent_request_does_not() {
    let mut bench = key();
    let token = both(&mut bench);
    let request = with_token(create(), TWO, &token);
    assert_eq!(create_status(&mut bench, &request), StatusCode::OK);
    assert_eq!(create_status(&mut bench, &request), StatusCode::PIN_AUTH_INVALID);
    let token = both(&mut bench);
    let loud = get_with_token(get(), TWO, &token);
    let silent = Get { options: vec![("up".into(), false)], ..loud.clone() };
    for _ in 0..2 {
        let asserted = bench.sign_in(&silent);
        assert_eq!((asserted.flags().has(Flags::UV), asserted.flags().has(Flags::UP)), (true, false));
    }
    assert_eq!(get_status(&mut bench, &loud), StatusCode::OK);
    assert_eq!(get_status(&mut bench, &loud), StatusCode::PIN_AUTH_INVALID);
}

#[test]
fn a_token_ends_with_time_with_the_next_one_with_a_new_pin_and_with_power() {
    let at = |bench: &mut Bench, token: &[u8], seconds| {
        let request = get_with_token(Get { options: vec![("up".into(), false)], ..get() }, TWO, token);
        status(&bench.send(Command::GET_ASSERTION, &request.encode(), after(seconds)))
    };
    let mut bench = key();
    bench.register(&create());
    let token = both(&mut bench);
    assert_eq!(at(&mut bench, &token, 30), StatusCode::PIN_AUTH_INVALID, "not used within 30 seconds");
    let token = both(&mut bench);
    assert_eq!(at(&mut bench, &token, 29), StatusCode::OK);
    assert_eq!(at(&mut bench, &token, 599), StatusCode::OK);
    assert_eq!(at(&mut bench, &token, 600), StatusCode::PIN_AUTH_INVALID, "ten minutes");
    let (old, new) = (both(&mut bench), both(&mut bench));
    assert_eq!(at(&mut bench, &old, 1), StatusCode::PIN_AUTH_INVALID);
    assert_eq!(at(&mut bench, &new, 1), StatusCode::OK);
    let platform = Platform::agree(&mut bench, TWO);
    assert_eq!(bench.client_pin(&platform.change_pin(PIN, "567890")), StatusCode::OK);
    assert_eq!(at(&mut bench, &new, 1), StatusCode::PIN_AUTH_INVALID);
    let mut bench = key();
    bench.register(&create());
    let token = both(&mut bench);
    bench.engine.event(Event::PowerCycle, now());
    assert_eq!(at(&mut bench, &token, 1), StatusCode::PIN_AUTH_INVALID);
}

#[test]
fn a_key_of_ctap_2_0_gives_one_token_for_everything() {
    let mut bench = Bench::of("yubikey-5-nfc-5.1");
    assert_eq!(bench.info().option("pinUvAuthToken"), None);
    let token = bench.token(Protocol::One, BOTH.0, BOTH.1);
    for user in 1..3 {
        let request = with_token(create_for(user), Protocol::One, &token);
        assert_eq!(create_status(&mut bench, &request), StatusCode::OK);
    }
    let elsewhere = Create { rp: RpEntity { id: "other.test".into(), name: None }, ..create() };
    assert_eq!(create_status(&mut bench, &with_token(elsewhere, Protocol::One, &token)), StatusCode::OK);
}

#[test]
fn always_uv_demands_verification_but_for_silent_requests() {
    let mut bench = key();
    let id = bench.register(&create()).id();
    bench.engine.state.change(|state| state.always_uv = true);
    let info = bench.info();
    assert_eq!((info.option("alwaysUv"), info.option("makeCredUvNotRqd")), (Some(true), Some(false)));
    assert_eq!(create_status(&mut bench, &create_plain()), StatusCode::PUAT_REQUIRED);
    assert_eq!(get_status(&mut bench, &get_listed(&[&id])), StatusCode::PUAT_REQUIRED);
    let silent = Get { options: vec![("up".into(), false)], ..get_listed(&[&id]) };
    assert_eq!(get_status(&mut bench, &silent), StatusCode::OK);
    let token = both(&mut bench);
    assert_eq!(get_status(&mut bench, &get_with_token(get(), TWO, &token)), StatusCode::OK);
    let mut fresh = Bench::fresh_of("yubikey-5-nfc");
    fresh.engine.state.change(|state| state.always_uv = true);
    assert_eq!(create_status(&mut fresh, &create_plain()), StatusCode::PUAT_REQUIRED, "a PIN could be set");
}

/// What a command of management asks of a claim.
fn claim<'a>(param: Option<&'a [u8]>, protocol: Option<i64>, permissions: Permissions, rp: RpRule<'a>) -> Claim<'a> {
    Claim { protocol, param, message: b"message", permissions, rp }
}

#[test]
fn a_claim_is_checked_in_one_order_for_every_command() {
    let mut bench = key();
    let token = both(&mut bench);
    let param = TWO.authenticate(&token, b"message");
    let ga = Permissions::GET_ASSERTION;
    let mut check = |claim: Claim<'_>| bench.engine.authorize(&claim, now());
    assert_eq!(check(claim(None, None, ga, RpRule::Any)), Err(StatusCode::PUAT_REQUIRED));
    assert_eq!(check(claim(Some(&param), None, ga, RpRule::Any)), Err(StatusCode::MISSING_PARAMETER));
    assert_eq!(check(claim(Some(&param), Some(3), ga, RpRule::Any)), Err(StatusCode::INVALID_PARAMETER));
    assert_eq!(check(claim(Some(&[0; 32]), Some(2), ga, RpRule::Any)), Err(StatusCode::PIN_AUTH_INVALID));
    assert_eq!(check(claim(Some(&param), Some(1), ga, RpRule::Any)), Err(StatusCode::PIN_AUTH_INVALID));
    let cm = Permissions::CREDENTIAL_MANAGEMENT;
    assert_eq!(check(claim(Some(&param), Some(2), cm, RpRule::Any)), Err(StatusCode::PIN_AUTH_INVALID));
    assert_eq!(check(claim(Some(&param), Some(2), ga, RpRule::Any)), Ok(()));
    assert_eq!(check(claim(Some(&param), Some(2), ga, RpRule::Unbound)), Err(StatusCode::PIN_AUTH_INVALID));
    let (ours, theirs) = (lab_attestation::sha256(RP.as_bytes()), [7; 32]);
    assert_eq!(check(claim(Some(&param), Some(2), ga, RpRule::UnboundOr(&ours))), Ok(()));
    let other = claim(Some(&param), Some(2), ga, RpRule::UnboundOr(&theirs));
    assert_eq!(check(other), Err(StatusCode::PIN_AUTH_INVALID));
}

#[test]
fn a_request_that_waits_for_touch_holds_the_token_that_it_came_with() {
    let mut bench = key();
    let token = both(&mut bench);
    let request = with_token(create(), TWO, &token);
    let step = bench.send(Command::MAKE_CREDENTIAL, &request.encode(), now());
    assert!(matches!(step, Step::Waiting { .. }));
    assert_eq!(status(&bench.engine.event(Event::Touch, after(20))), StatusCode::OK);
}
