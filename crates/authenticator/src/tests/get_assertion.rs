use lab_protocol::cbor::Value;
use lab_protocol::ctap2::get_assertion::{Request, Response};
use lab_protocol::ctap2::{Command, Descriptor, StatusCode, make_credential};
use lab_protocol::webauthn::{AuthenticatorData, Flags};
use lab_protocol::{Event, Step};

use crate::models;
use crate::testing::*;

#[test]
fn every_model_signs_in_with_what_it_registered() {
    for model in models::built_in() {
        let mut bench = Bench::of(&model.id);
        let registered = bench.register(&create_for_any());
        let asserted = bench.sign_in(&get());
        asserted.verify(&registered.key(), get().client_data_hash);
        assert_eq!(asserted.id(), registered.id());
        let synced = if model.is_synced() { Flags::BE.0 | Flags::BS.0 } else { 0 };
        assert_eq!(asserted.flags(), Flags(0x05 | synced), "{}", model.id);
        assert_eq!(asserted.0.user, Some(create().user));
        assert_eq!(asserted.0.number_of_credentials, None);
    }
}

#[test]
fn every_algorithm_signs() {
    for (id, alg) in [("yubikey-5-nfc", -7), ("yubikey-5-nfc", -8), ("yubikey-5-nfc", -35), ("windows-hello", -257)] {
        let mut bench = Bench::of(id);
        let params = vec![("public-key".into(), lab_protocol::cose::Algorithm(alg))];
        let registered = bench.register(&make_credential::Request { pub_key_cred_params: params, ..create() });
        bench.sign_in(&get()).verify(&registered.key(), get().client_data_hash);
    }
}

#[test]
fn an_id_of_another_relying_party_and_an_unknown_one_give_the_same_reply() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let id = bench.register(&create()).id();
    let mut flipped = id.clone();
    flipped[20] ^= 1;
    let mut reply = |request: Request| bench.send(Command::GET_ASSERTION, &request.encode(), now());
    let unknown = reply(get_listed(&[&flipped]));
    assert_eq!(unknown, Step::Done(vec![StatusCode::NO_CREDENTIALS.0]));
    assert_eq!(reply(Request { rp_id: "other.test".into(), ..get_listed(&[&id]) }), unknown);
    assert_eq!(reply(Request { allow_list: Some(vec![]), ..get_listed(&[]) }), unknown);
    let other_type = Descriptor { ty: "tomato".into(), ..Descriptor::new(id) };
    assert_eq!(reply(Request { allow_list: Some(vec![other_type]), ..get_listed(&[]) }), unknown);
}

#[test]
fn options_follow_the_steps_of_the_specification() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let id = bench.register(&create()).id();
    let mut status = |name: &str, set| {
        bench.sign_in_status(&Request { options: vec![(name.to_owned(), set)], ..get_listed(&[&id]) })
    };
    assert_eq!(status("rk", true), StatusCode::UNSUPPORTED_OPTION);
    assert_eq!(status("rk", false), StatusCode::UNSUPPORTED_OPTION);
    assert_eq!(status("uv", false), StatusCode::OK);
    assert_eq!(status("tomato", true), StatusCode::OK);
    let param = Request { pin_uv_auth_param: Some(vec![]), pin_uv_auth_protocol: Some(1), ..get() };
    assert_eq!(bench.sign_in_status(&param), StatusCode::PIN_INVALID, "chosen by touch");
    let long = Request { allow_list: Some(vec![Descriptor::new([1; 16]); 9]), ..get() };
    assert_eq!(bench.sign_in_status(&long), StatusCode::LIMIT_EXCEEDED);
}

#[test]
fn a_silent_request_needs_no_person_and_shows_no_presence() {
    for id in ["yubikey-5-nfc", "icloud-keychain"] {
        let mut bench = Bench::of(id);
        let credential = bench.register(&create()).id();
        let silent = Request { options: vec![("up".into(), false)], ..get_listed(&[&credential]) };
        let Step::Done(reply) = bench.send(Command::GET_ASSERTION, &silent.encode(), now()) else { panic!("it waits") };
        let response = Response::parse(&reply[1..]).unwrap();
        let flags = AuthenticatorData::parse(&response.auth_data).unwrap().flags;
        assert!(!flags.has(Flags::UP) && !flags.has(Flags::UV), "{id}: {flags}");
    }
}

#[test]
fn names_are_for_the_verified() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let id = bench.register(&create()).id();
    let plain = bench.register(&create_plain()).id();
    let mut user = |request: Request| bench.sign_in(&request).0.user;
    assert_eq!(user(get()), Some(create().user));
    let unverified = user(Request { options: vec![], ..get() }).unwrap();
    assert_eq!((unverified.id, unverified.name, unverified.display_name), (create().user.id, None, None));
    assert_eq!(user(get_listed(&[&id])).unwrap().name, None);
    assert_eq!(user(get_listed(&[&plain])), None, "not discoverable: no account");
}

#[test]
fn cred_protect_hides_what_it_should() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let mut register = |level: i64| {
        let extensions = vec![(Value::from("credProtect"), Value::from(level))];
        let rp = lab_protocol::ctap2::RpEntity { id: format!("level{level}.test"), name: None };
        bench.register(&make_credential::Request { extensions, rp, ..create() }).id()
    };
    let ids = [register(1), register(2), register(3)];
    let mut usable = |level: usize, verified: bool, listed: bool| {
        let options = if verified { vec![("uv".to_owned(), true)] } else { vec![] };
        let allow_list = listed.then(|| vec![Descriptor::new(ids[level - 1].clone())]);
        let request = Request { rp_id: format!("level{level}.test"), options, allow_list, ..get() };
        bench.sign_in_status(&request).is_ok()
    };
    let rows = [1, 2, 3].map(|level| {
        [(false, false), (false, true), (true, false), (true, true)].map(|(uv, list)| usable(level, uv, list))
    });
    assert_eq!(rows, [[true, true, true, true], [false, true, true, true], [false, false, true, true]]);
}

#[test]
fn several_accounts_answer_newest_first_one_after_the_other() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let ids = [1, 2, 3].map(|user| bench.register(&create_for(user)).id());
    let first = bench.sign_in(&get());
    assert_eq!(first.0.number_of_credentials, Some(3));
    assert_eq!(first.id(), ids[2]);
    let mut next = || bench.call(Command::GET_NEXT_ASSERTION, &[]);
    for id in [&ids[1], &ids[0]] {
        let next = Asserted(Response::parse(next().ok()).unwrap());
        assert_eq!(next.id(), id);
        assert_eq!(next.0.number_of_credentials, None);
        assert_eq!(next.flags(), first.flags());
    }
    assert_eq!(next().status(), StatusCode::NOT_ALLOWED);
}

#[test]
fn the_enumeration_ends_with_time_with_other_commands_and_with_power() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let next = |bench: &mut Bench, at| status(&bench.send(Command::GET_NEXT_ASSERTION, &[], after(at)));
    assert_eq!(next(&mut bench, 0), StatusCode::NOT_ALLOWED);
    (1..5).for_each(|user| _ = bench.register(&create_for(user)));
    bench.sign_in(&get());
    assert_eq!(next(&mut bench, 30), StatusCode::OK);
    assert_eq!(next(&mut bench, 60), StatusCode::OK, "the timer starts again");
    assert_eq!(next(&mut bench, 91), StatusCode::NOT_ALLOWED);
    assert_eq!(next(&mut bench, 91), StatusCode::NOT_ALLOWED);
    bench.sign_in(&get());
    bench.info();
    assert_eq!(next(&mut bench, 0), StatusCode::NOT_ALLOWED);
    bench.sign_in(&get());
    bench.engine.event(Event::PowerCycle, now());
    assert_eq!(next(&mut bench, 0), StatusCode::NOT_ALLOWED);
    assert_eq!(bench.sign_in_status(&get()), StatusCode::OK, "credentials survive");
}

#[test]
fn bytes_that_are_no_request_have_their_status() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let mut status = |bytes: &[u8]| bench.call(Command::GET_ASSERTION, bytes).status();
    assert_eq!(status(&[0xa0]), StatusCode::MISSING_PARAMETER);
    assert_eq!(status(&[0xa1, 0x01, 0x41, 0x00]), StatusCode::CBOR_UNEXPECTED_TYPE);
    assert_eq!(status(&[0xa1]), StatusCode::INVALID_CBOR);
}
