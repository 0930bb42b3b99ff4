//! PINs: how they reach a key, and what happens when they are wrong.

use std::ops::ControlFlow;

use lab_client::pin_uv::Protocol;
use lab_client::{Cause, Client, ClientError, Pin, PinPrompt, PinReason, Registration, options};
use lab_protocol::Env;
use lab_protocol::ctap2::client_pin::SubCommand;
use lab_protocol::ctap2::{Permissions, StatusCode};
use serde_json::json;

use crate::pin_key::PinKey;
use crate::scripted::*;

const TWO_1: &[&str] = &["rk", "clientPin", "pinUvAuthToken"];
const TWO_0: &[&str] = &["rk", "clientPin"];

fn register(
    key: &mut PinKey,
    more: &str,
    mut pins: impl FnMut(PinPrompt) -> Option<&'static str>,
) -> Result<Registration, ClientError> {
    let options = options::creation_from_json(&creation(more)).unwrap();
    let env = &mut Env::honest(Sevens);
    let mut client = Client {
        device: key,
        env,
        on_wait: &mut |_| ControlFlow::Continue(()),
        on_pin: &mut |prompt| pins(prompt).map(|pin| Pin::new(pin).unwrap()),
    };
    client.create(&options, &plugged_in())
}

#[test]
fn a_token_is_had_for_the_rp_id_and_authorizes_the_request() {
    for protocol in [Protocol::One, Protocol::Two] {
        let mut key = PinKey::new(protocol, "2468", TWO_1);
        register(&mut key, "", |_| Some("2468")).unwrap();
        let token = key.asked.last().unwrap();
        assert_eq!(token.sub_command, SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_PIN_WITH_PERMISSIONS);
        assert!(token.permissions.unwrap().contains(Permissions::MAKE_CREDENTIAL));
        assert_eq!(token.rp_id.as_deref(), Some("login.microsoft.com"));
        let (param, number) = key.authorized.last().unwrap();
        assert_eq!((param.as_ref().map(Vec::len), *number), (Some(if number == &Some(1) { 16 } else { 32 }), *number));
    }
}

#[test]
fn a_key_of_ctap_2_0_gives_a_token_without_permissions() {
    let mut key = PinKey::new(Protocol::One, "2468", TWO_0);
    register(&mut key, "", |_| Some("2468")).unwrap();
    let token = key.asked.last().unwrap();
    assert_eq!((token.sub_command, token.permissions, &token.rp_id), (SubCommand::GET_PIN_TOKEN, None, &None));
}

#[test]
fn cl_pin_loop() {
    let mut key = PinKey::new(Protocol::Two, "2468", TWO_1);
    let mut prompts = Vec::new();
    let pins = ["1111", "2468"];
    let registration = register(&mut key, "", |prompt| {
        prompts.push((prompt.reason, prompt.retries));
        Some(pins[prompts.len() - 1])
    });
    assert!(registration.is_ok());
    assert_eq!(prompts, [(PinReason::Needed, Some(8)), (PinReason::Wrong, Some(7))], "0x31: again");

    let mut key = PinKey::new(Protocol::Two, "2468", TWO_1);
    let error = register(&mut key, "", |_| Some("1111")).unwrap_err();
    assert_eq!((error.ctap, key.retries), (Some(StatusCode::PIN_AUTH_BLOCKED), 5), "0x34: ask to replug");
    assert!(error.hint().unwrap().contains("plug it in again"));

    let mut key = PinKey::new(Protocol::Two, "2468", TWO_1);
    key.retries = 0;
    let error = register(&mut key, "", |_| unreachable!("a blocked key is not asked")).unwrap_err();
    assert_eq!(error.ctap, Some(StatusCode::PIN_BLOCKED), "0x32: stop");
}

#[test]
fn without_a_pin_the_ceremony_ends_where_it_is_needed() {
    let mut key = PinKey::new(Protocol::Two, "2468", TWO_1);
    let error = register(&mut key, "", |_| None).unwrap_err();
    assert_eq!(*error.cause, Cause::PinRequired { status: None });
    assert_eq!(key.retries, 8);
    key.info.force_pin_change = Some(true);
    assert_eq!(*register(&mut key, "", |_| None).unwrap_err().cause, Cause::PinMustChange);
}

#[test]
fn no_error_shows_a_pin() {
    let mut key = PinKey::new(Protocol::Two, "the-right-one", TWO_1);
    let error = register(&mut key, "", |_| Some("the-wrong-one")).unwrap_err();
    let shown = format!("{error} {error:?} {:?}", key.asked);
    assert!(!shown.contains("wrong-one") && !shown.contains("right-one"), "{shown}");
}

#[test]
fn prf_is_evaluated_while_registering_and_at_sign_in() {
    let mut key = PinKey::new(Protocol::Two, "2468", TWO_1);
    let registered =
        register(&mut key, r#""extensions": {"prf": {"eval": {"first": "AQ"}}}"#, |_| Some("2468")).unwrap();
    let first = lab_protocol::base64url::encode(lab_client::prf_salt(&[1]));
    assert_eq!(registered.response.client_extension_results["prf"]["results"], json!({ "first": first }));

    let second = lab_protocol::base64url::encode(lab_client::prf_salt(&[2]));
    let request = request(
        r#", "allowCredentials": [{"type": "public-key", "id": "Bwc"}],
           "extensions": {"prf": {"evalByCredential": {"Bwc": {"first": "AQ", "second": "Ag"}}}}"#,
    );
    let options = options::request_from_json(&request).unwrap();
    let env = &mut Env::honest(Sevens);
    let mut client = Client {
        device: &mut key,
        env,
        on_wait: &mut |_| ControlFlow::Continue(()),
        on_pin: &mut |_| Pin::new("2468").ok(),
    };
    let signed_in = client.get(&options, &plugged_in()).unwrap();
    let results = &signed_in.response.client_extension_results["prf"]["results"];
    assert_eq!(*results, json!({ "first": first, "second": second }));
}
