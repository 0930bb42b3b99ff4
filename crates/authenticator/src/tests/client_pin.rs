//! authenticatorClientPIN, rule by rule (`ctap-2.2 §6.5.5`).

use lab_protocol::ctap2::client_pin::{Request, Response, SubCommand};
use lab_protocol::ctap2::{Command, KeyAgreement, Permissions, StatusCode};
use lab_protocol::{Event, Step};

use crate::Model;
use crate::models;
use crate::pin::Protocol;
use crate::testing::*;

const PROTOCOLS: [Protocol; 2] = [Protocol::One, Protocol::Two];

fn retries(bench: &mut Bench) -> Response {
    let request = Request { sub_command: SubCommand::GET_PIN_RETRIES, ..Request::default() };
    Response::parse(bench.call(Command::CLIENT_PIN, &request.encode()).ok()).unwrap()
}

/// What an attempt at the PIN comes to.
fn attempt(bench: &mut Bench, pin: &str) -> StatusCode {
    let platform = Platform::agree(bench, Protocol::Two);
    bench.client_pin(&platform.by_pin(pin))
}

fn set(bench: &mut Bench, padded: &[u8]) -> StatusCode {
    let protocol = bench.preferred();
    let platform = Platform::agree(bench, protocol);
    bench.client_pin(&platform.set_pin(padded))
}

#[test]
fn a_pin_is_set_once() {
    for protocol in PROTOCOLS {
        let mut bench = Bench::fresh_of("yubikey-5-nfc");
        assert_eq!(bench.info().option("clientPin"), Some(false));
        let platform = Platform::agree(&mut bench, protocol);
        assert_eq!(bench.client_pin(&platform.set_pin(&padded("1234"))), StatusCode::OK);
        assert_eq!(bench.info().option("clientPin"), Some(true));
        assert_eq!(bench.client_pin(&platform.set_pin(&padded("1234"))), StatusCode::PIN_AUTH_INVALID);
        assert_eq!(bench.client_pin(&platform.by_pin("1234")), StatusCode::OK);
        bench.engine.event(Event::PowerCycle, now());
        assert_eq!(attempt(&mut bench, "1234"), StatusCode::OK, "it survives the loss of power");
    }
}

#[test]
fn a_new_pin_has_code_points_bytes_and_padding() {
    let status = |padded: &[u8]| set(&mut Bench::fresh_of("security-key-nfc-5.2"), padded);
    assert_eq!(status(&padded("123")), StatusCode::PIN_POLICY_VIOLATION);
    assert_eq!(status(&padded("äöü")), StatusCode::PIN_POLICY_VIOLATION, "three code points in six bytes");
    assert_eq!(status(&padded("äöüß")), StatusCode::OK);
    assert_eq!(status(&padded(&"1".repeat(63))), StatusCode::OK);
    assert_eq!(status(&padded(&"1".repeat(64))), StatusCode::PIN_POLICY_VIOLATION, "no zero at its end");
    assert_eq!(status(&[b'1'; 48]), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&[&padded("1234")[..], &[0; 16]].concat()), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(&[0; 64]), StatusCode::PIN_POLICY_VIOLATION);
}

#[test]
fn what_is_not_authenticated_sets_nothing() {
    let mut bench = Bench::fresh_of("yubikey-5-nfc");
    let platform = Platform::agree(&mut bench, Protocol::Two);
    let good = platform.set_pin(&padded("1234"));
    let wrong = Request { pin_uv_auth_param: Some(vec![0; 32]), ..good.clone() };
    assert_eq!(bench.client_pin(&wrong), StatusCode::PIN_AUTH_INVALID);
    let short = Request { pin_uv_auth_param: good.pin_uv_auth_param.as_ref().map(|p| p[..16].to_vec()), ..good };
    assert_eq!(bench.client_pin(&short), StatusCode::PIN_AUTH_INVALID);
    assert_eq!(bench.info().option("clientPin"), Some(false));
}

#[test]
fn a_pin_is_changed_by_who_knows_it() {
    for protocol in PROTOCOLS {
        let mut bench = Bench::of("yubikey-5-nfc");
        let platform = Platform::agree(&mut bench, protocol);
        assert_eq!(bench.client_pin(&platform.change_pin("wrong", "567890")), StatusCode::PIN_INVALID);
        let platform = Platform::agree(&mut bench, protocol);
        assert_eq!(bench.client_pin(&platform.change_pin(PIN, "12")), StatusCode::PIN_POLICY_VIOLATION);
        assert_eq!(bench.client_pin(&platform.change_pin(PIN, "567890")), StatusCode::OK);
        assert_eq!(attempt(&mut bench, PIN), StatusCode::PIN_INVALID);
        assert_eq!(attempt(&mut bench, "567890"), StatusCode::OK);
    }
    let mut fresh = Bench::fresh_of("yubikey-5-nfc");
    let platform = Platform::agree(&mut fresh, Protocol::Two);
    assert_eq!(fresh.client_pin(&platform.change_pin("1234", "5678")), StatusCode::PIN_NOT_SET);
    assert_eq!(fresh.client_pin(&platform.by_pin("1234")), StatusCode::PIN_NOT_SET);
}

#[test]
fn each_subcommand_demands_its_members() {
    let mut bench = Bench::fresh_of("yubikey-5-nfc");
    let platform = Platform::agree(&mut bench, Protocol::Two);
    let set = platform.set_pin(&padded("1234"));
    let change = platform.change_pin("1234", "5678");
    let token = platform.by_pin("1234");
    let permissions = platform.with_permissions("1234", Permissions::CREDENTIAL_MANAGEMENT, None);
    let removals: [fn(&mut Request); 6] = [
        |request| request.pin_uv_auth_protocol = None,
        |request| request.key_agreement = None,
        |request| request.pin_uv_auth_param = None,
        |request| request.new_pin_enc = None,
        |request| request.pin_hash_enc = None,
        |request| request.permissions = None,
    ];
    for whole in [set, change, token, permissions] {
        for remove in removals {
            let mut partial = whole.clone();
            remove(&mut partial);
            if partial != whole {
                assert_eq!(bench.client_pin(&partial), StatusCode::MISSING_PARAMETER, "{partial:?}");
            }
        }
    }
    let nothing = Request { sub_command: SubCommand::GET_KEY_AGREEMENT, ..Request::default() };
    assert_eq!(bench.client_pin(&nothing), StatusCode::MISSING_PARAMETER);
    assert_eq!(bench.call(Command::CLIENT_PIN, &[0xa0]).status(), StatusCode::MISSING_PARAMETER);
}

#[test]
fn protocols_and_subcommands_that_the_model_does_not_have_are_refused() {
    let mut bench = Bench::of("yubikey-5-nfc");
    for protocol in [0, 3] {
        let request = Request {
            pin_uv_auth_protocol: Some(protocol),
            sub_command: SubCommand::GET_KEY_AGREEMENT,
            ..Request::default()
        };
        assert_eq!(bench.client_pin(&request), StatusCode::INVALID_PARAMETER);
    }
    for sub_command in [0, 6, 7, 8, 10, 127] {
        let request = Request { sub_command: SubCommand(sub_command), ..Request::default() };
        assert_eq!(bench.client_pin(&request), StatusCode::INVALID_SUBCOMMAND, "{sub_command}");
    }
    let mut old = Bench::of("yubikey-5-nfc-5.1");
    assert_eq!(old.info().pin_uv_auth_protocols, [1]);
    let request =
        Request { pin_uv_auth_protocol: Some(2), sub_command: SubCommand::GET_KEY_AGREEMENT, ..Request::default() };
    assert_eq!(old.client_pin(&request), StatusCode::INVALID_PARAMETER);
}

#[test]
fn keys_that_are_no_point_are_refused() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let platform = Platform::agree(&mut bench, Protocol::Two);
    let mut status =
        |key: KeyAgreement| bench.client_pin(&Request { key_agreement: Some(key), ..platform.by_pin(PIN) });
    let KeyAgreement { x, y, .. } = platform.key.clone();
    let mut off = y.clone();
    off[31] ^= 1;
    assert_eq!(status(KeyAgreement { y: off, ..platform.key.clone() }), StatusCode::INVALID_PARAMETER);
    assert_eq!(
        status(KeyAgreement { x: vec![0; 32], y: vec![0; 32], ..platform.key.clone() }),
        StatusCode::INVALID_PARAMETER
    );
    assert_eq!(status(KeyAgreement { x: x[..31].to_vec(), ..platform.key.clone() }), StatusCode::INVALID_PARAMETER);
    assert_eq!(
        status(KeyAgreement { x: [&[0], &x[..]].concat(), ..platform.key.clone() }),
        StatusCode::INVALID_PARAMETER
    );
    assert_eq!(retries(&mut bench).pin_retries, Some(8), "no PIN was compared");
}

#[test]
fn the_key_stays_until_a_wrong_pin_or_the_loss_of_power() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let key = |bench: &mut Bench| {
        let request =
            Request { pin_uv_auth_protocol: Some(1), sub_command: SubCommand::GET_KEY_AGREEMENT, ..Request::default() };
        Response::parse(bench.call(Command::CLIENT_PIN, &request.encode()).ok()).unwrap().key_agreement.unwrap()
    };
    let first = key(&mut bench);
    assert_eq!((first.kty, first.alg, first.crv, first.x.len(), first.y.len()), (2, Some(-25), 1, 32, 32));
    assert_eq!(key(&mut bench), first);
    let platform = Platform::agree(&mut bench, Protocol::One);
    assert_eq!(bench.client_pin(&platform.by_pin("wrong")), StatusCode::PIN_INVALID);
    let second = key(&mut bench);
    assert_ne!(second, first);
    assert_eq!(bench.client_pin(&platform.by_pin(PIN)), StatusCode::PIN_INVALID, "the old secret is worth nothing");
    bench.engine.event(Event::PowerCycle, now());
    assert_ne!(key(&mut bench), second);
}

#[test]
fn three_wrong_pins_in_a_row_block_until_power_is_lost_and_eight_until_the_reset() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let state = |bench: &mut Bench| {
        let Response { pin_retries, power_cycle_state, .. } = retries(bench);
        (pin_retries.unwrap(), power_cycle_state.unwrap())
    };
    assert_eq!(state(&mut bench), (8, false));
    assert_eq!(attempt(&mut bench, "wrong"), StatusCode::PIN_INVALID);
    assert_eq!(attempt(&mut bench, "wrong"), StatusCode::PIN_INVALID);
    assert_eq!(attempt(&mut bench, PIN), StatusCode::OK);
    assert_eq!(state(&mut bench), (8, false), "a right one gives all back");
    for left in [5, 2] {
        assert_eq!(attempt(&mut bench, "wrong"), StatusCode::PIN_INVALID);
        assert_eq!(attempt(&mut bench, "wrong"), StatusCode::PIN_INVALID);
        assert_eq!(attempt(&mut bench, "wrong"), StatusCode::PIN_AUTH_BLOCKED);
        assert_eq!(attempt(&mut bench, PIN), StatusCode::PIN_AUTH_BLOCKED);
        assert_eq!(state(&mut bench), (left, true));
        bench.engine.event(Event::PowerCycle, now());
        assert_eq!(state(&mut bench), (left, false));
    }
    assert_eq!(attempt(&mut bench, "wrong"), StatusCode::PIN_INVALID);
    assert_eq!(attempt(&mut bench, "wrong"), StatusCode::PIN_BLOCKED);
    assert_eq!(attempt(&mut bench, PIN), StatusCode::PIN_BLOCKED);
    bench.engine.event(Event::PowerCycle, now());
    assert_eq!(attempt(&mut bench, PIN), StatusCode::PIN_BLOCKED, "power does not help");
    assert_eq!(bench.call(Command::RESET, &[]).status(), StatusCode::OK);
    assert_eq!(set(&mut bench, &padded("567890")), StatusCode::OK);
    assert_eq!(attempt(&mut bench, "567890"), StatusCode::OK);
}

#[test]
fn without_a_pin_there_is_nothing_to_count() {
    let request = Request { sub_command: SubCommand::GET_PIN_RETRIES, ..Request::default() };
    assert_eq!(Bench::fresh_of("yubikey-5-nfc").client_pin(&request), StatusCode::PIN_NOT_SET);
}

#[test]
fn a_forced_change_leaves_no_other_way_than_another_pin() {
    let mut bench = Bench::of("yubikey-5-nfc");
    bench.engine.state.change(|state| state.force_pin_change = true);
    assert_eq!(bench.info().force_pin_change, Some(true));
    let platform = Platform::agree(&mut bench, Protocol::Two);
    assert_eq!(bench.client_pin(&platform.by_pin(PIN)), StatusCode::PIN_INVALID);
    let permissions = platform.with_permissions(PIN, BOTH.0, BOTH.1);
    assert_eq!(bench.client_pin(&permissions), StatusCode::PIN_POLICY_VIOLATION);
    assert_eq!(bench.client_pin(&platform.change_pin(PIN, PIN)), StatusCode::PIN_POLICY_VIOLATION);
    assert_eq!(bench.client_pin(&platform.change_pin(PIN, "567890")), StatusCode::OK);
    assert_eq!(bench.info().force_pin_change, Some(false));
    assert_eq!(bench.client_pin(&platform.by_pin("567890")), StatusCode::OK);
}

#[test]
fn the_minimum_counts_for_new_pins() {
    let mut bench = Bench::of("yubikey-5-nfc");
    bench.engine.state.change(|state| state.min_pin_length = 10);
    assert_eq!(bench.info().min_pin_length, Some(10));
    let platform = Platform::agree(&mut bench, Protocol::Two);
    assert_eq!(bench.client_pin(&platform.change_pin(PIN, "123456789")), StatusCode::PIN_POLICY_VIOLATION);
    assert_eq!(bench.client_pin(&platform.change_pin(PIN, "1234567890")), StatusCode::OK);
}

#[test]
fn permissions_are_what_the_options_allow() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let platform = Platform::agree(&mut bench, Protocol::Two);
    let mut status = |bits, rp_id| bench.client_pin(&platform.with_permissions(PIN, Permissions(bits), rp_id));
    assert_eq!(status(0, None), StatusCode::INVALID_PARAMETER);
    assert_eq!(status(0x01, Some(RP)), StatusCode::OK);
    assert_eq!(status(0x02, None), StatusCode::MISSING_PARAMETER, "for one relying party");
    assert_eq!(status(0x08, None), StatusCode::UNAUTHORIZED_PERMISSION, "no sensor");
    assert_eq!(status(0x40, None), StatusCode::UNAUTHORIZED_PERMISSION, "no perCredMgmtRO");
    assert_eq!(status(0x81, Some(RP)), StatusCode::OK, "undefined bits are ignored");
    let mut by_pin = platform.by_pin(PIN);
    by_pin.permissions = Some(Permissions(1));
    assert_eq!(bench.client_pin(&by_pin), StatusCode::INVALID_PARAMETER);
    let with_rp = Request { rp_id: Some(RP.into()), ..platform.by_pin(PIN) };
    assert_eq!(bench.client_pin(&with_rp), StatusCode::INVALID_PARAMETER);
    let old = &mut Bench::of("yubikey-5-nfc-5.1");
    let platform = Platform::agree(old, Protocol::One);
    assert_eq!(old.client_pin(&platform.with_permissions(PIN, BOTH.0, BOTH.1)), StatusCode::INVALID_SUBCOMMAND);
}

#[test]
fn no_ceremonies_with_a_pin_where_the_model_says_so() {
    let mut model: Model = (**models::find("yubikey-5-nfc").unwrap()).clone();
    model.get_info.as_mut().unwrap().options.value.0.push(("noMcGaPermissionsWithClientPin".into(), true));
    let mut bench = Bench::with(model, 3);
    let platform = Platform::agree(&mut bench, Protocol::Two);
    let request = platform.with_permissions(PIN, BOTH.0, BOTH.1);
    assert_eq!(bench.client_pin(&request), StatusCode::UNAUTHORIZED_PERMISSION);
    let reply = bench.call(Command::CLIENT_PIN, &platform.by_pin(PIN).encode());
    let token = platform.token(reply.ok());
    assert_eq!(bench.register_status(&with_token(create(), Protocol::Two, &token)), StatusCode::PIN_AUTH_INVALID);
}

/// A key with a sensor for fingers and a PIN, tokens for both.
fn bio() -> Model {
    (**models::find("yubikey-bio-fido").unwrap()).clone()
}

fn by_uv(platform: &Platform) -> Request {
    Request {
        permissions: Some(BOTH.0),
        rp_id: BOTH.1.map(str::to_owned),
        ..platform.request(SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_UV_WITH_PERMISSIONS)
    }
}

#[test]
fn a_finger_gives_a_token_that_shows_presence_too() {
    let mut bench = Bench::with(bio(), 3);
    let platform = Platform::agree(&mut bench, Protocol::Two);
    let reply = bench.call(Command::CLIENT_PIN, &by_uv(&platform).encode());
    let token = platform.token(reply.ok());
    let request = with_token(create(), Protocol::Two, &token);
    let step = bench.send(Command::MAKE_CREDENTIAL, &request.encode(), after(29));
    assert_eq!(status(&step), StatusCode::OK, "no touch");
    let reply = bench.call(Command::CLIENT_PIN, &by_uv(&platform).encode());
    let token = platform.token(reply.ok());
    let request = get_with_token(get(), Protocol::Two, &token);
    bench.send(
        Command::GET_ASSERTION,
        &lab_protocol::ctap2::get_assertion::Request { options: vec![("up".into(), false)], ..request.clone() }
            .encode(),
        after(1),
    );
    let step = bench.send(Command::GET_ASSERTION, &request.encode(), after(40));
    assert!(matches!(step, Step::Waiting { .. }), "presence has its limit");
}

#[test]
fn wrong_fingers_count_down_and_a_pin_gives_them_back() {
    let mut bench = Bench::with(bio(), 3);
    let platform = Platform::agree(&mut bench, Protocol::Two);
    let uv_retries = |bench: &mut Bench| {
        let request = Request { sub_command: SubCommand::GET_UV_RETRIES, ..Request::default() };
        Response::parse(bench.call(Command::CLIENT_PIN, &request.encode()).ok()).unwrap().uv_retries.unwrap()
    };
    let finger = |bench: &mut Bench, event| match bench.send(Command::CLIENT_PIN, &by_uv(&platform).encode(), now()) {
        Step::Waiting { .. } => status(&bench.engine.event(event, now())),
        done => status(&done),
    };
    let all = uv_retries(&mut bench);
    assert_eq!(finger(&mut bench, Event::Deny), StatusCode::OPERATION_DENIED);
    for left in (1..all).rev() {
        assert_eq!(finger(&mut bench, Event::NotVerified), StatusCode::UV_INVALID);
        assert_eq!(uv_retries(&mut bench), left);
    }
    assert_eq!(finger(&mut bench, Event::NotVerified), StatusCode::UV_BLOCKED);
    assert_eq!(finger(&mut bench, Event::Verified), StatusCode::UV_BLOCKED);
    assert_eq!(attempt(&mut bench, PIN), StatusCode::OK);
    assert_eq!(uv_retries(&mut bench), all);
    let platform = Platform::agree(&mut bench, Protocol::Two);
    let step = bench.send(Command::CLIENT_PIN, &by_uv(&platform).encode(), now());
    let Step::Waiting { until, .. } = step else { panic!("it does not wait") };
    assert_eq!(status(&bench.engine.event(Event::Tick, until)), StatusCode::USER_ACTION_TIMEOUT);
}
