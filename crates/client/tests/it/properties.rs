//! Whatever an authenticator answers, a ceremony ends with a result.

use lab_client::large_blobs::{self, LargeBlobs};
use lab_client::{Machine, Next, Pin, manage};
use lab_protocol::Env;
use lab_protocol::ctap2::{Descriptor, StatusCode, get_info, reply};
use proptest::prelude::*;

use crate::scripted::*;

/// More steps than any ceremony takes: getInfo, parts of lists, and all accounts.
const MANY: usize = 1600;

/// PINs that a person tries before giving up.
const PINS: usize = 3;

/// Drives a machine with replies, starting over when they end.
fn drive<M: Machine>(mut machine: M, replies: &[Vec<u8>]) -> bool {
    let env = &mut Env::honest(Sevens);
    let (mut next, mut pins) = (machine.start(env), 0);
    for answer in replies.iter().cycle().take(MANY) {
        next = match next {
            Next::Send(message) => {
                assert!(!message.is_empty());
                machine.resume(answer, env)
            }
            Next::NeedPin(_) => {
                pins += 1;
                machine.pin((pins <= PINS).then(|| Pin::new("2468").unwrap()), env)
            }
            Next::Done(_) => return true,
        }
    }
    matches!(next, Next::Done(_))
}

/// Every machine beside the ceremonies.
fn any_manager(replies: &[Vec<u8>]) -> bool {
    use lab_client::manage::{config, credentials, fingerprints, pin};
    let (current, new) = (Pin::new("2468").unwrap(), Pin::new("13579").unwrap());
    drive(manage::info(), replies)
        && drive(manage::select(), replies)
        && drive(manage::reset(), replies)
        && drive(pin::state(), replies)
        && drive(pin::set(new.clone()), replies)
        && drive(pin::change(current, new), replies)
        && drive(credentials::metadata(), replies)
        && drive(credentials::list(), replies)
        && drive(credentials::delete(Descriptor::new(vec![7; 16])), replies)
        && drive(config::toggle_always_uv(), replies)
        && drive(fingerprints::sensor(), replies)
        && drive(fingerprints::list(), replies)
        && drive(fingerprints::enroll(Some("thumb".into())), replies)
        && drive(large_blobs::read(), replies)
        && drive(large_blobs::write(LargeBlobs::default()), replies)
}

/// A key that has everything, so that every machine gets past getInfo.
fn everything() -> get_info::Response {
    let options = ["rk", "uv", "clientPin", "pinUvAuthToken", "credMgmt", "bioEnroll", "authnrCfg", "largeBlobs"];
    get_info::Response { options: options.iter().map(|name| ((*name).into(), true)).collect(), ..info() }
}

fn replies() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let bytes = prop::collection::vec(any::<u8>(), 0..300);
    let body = prop::collection::vec(any::<u8>(), 0..300).prop_map(|body| reply(StatusCode::OK, &body));
    let flipped = (0..3usize, any::<prop::sample::Index>(), any::<u8>()).prop_map(|(which, at, byte)| {
        let mut reply = [made(MODEL), signed(|_| ()), reply(StatusCode::OK, &info().encode())][which].clone();
        let at = at.index(reply.len());
        reply[at] = byte;
        reply
    });
    prop::collection::vec(prop_oneof![bytes, body, flipped], 1..6)
}

proptest! {
    #[test]
    fn any_replies_end_a_registration(answers in replies()) {
        let options = lab_client::options::creation_from_json(&creation("")).unwrap();
        let good = reply(StatusCode::OK, &info().encode());
        prop_assert!(drive(lab_client::create(&options, &plugged_in()), &[&[good], &answers[..]].concat()));
        prop_assert!(drive(lab_client::create(&options, &plugged_in()), &answers));
    }

    #[test]
    fn any_replies_end_a_sign_in(answers in replies()) {
        let options = lab_client::options::request_from_json(&request("")).unwrap();
        let good = reply(StatusCode::OK, &info().encode());
        prop_assert!(drive(lab_client::get(&options, &plugged_in()), &[&[good], &answers[..]].concat()));
        prop_assert!(drive(lab_client::get(&options, &plugged_in()), &answers));
    }

    #[test]
    fn any_replies_end_whatever_an_owner_does(answers in replies()) {
        let good = reply(StatusCode::OK, &everything().encode());
        prop_assert!(any_manager(&[&[good], &answers[..]].concat()));
        prop_assert!(any_manager(&answers));
    }

    #[test]
    fn any_caller_and_rp_id_are_judged(origin: String, rp_id: String) {
        let _ = origin.parse::<lab_client::Origin>();
        let options = creation(&format!(r#""rp": {{"name": "x", "id": {}}}"#, serde_json::Value::from(rp_id)));
        let _ = Scripted::new(vec![made(MODEL)]).create(&options, &plugged_in());
    }
}

#[test]
fn a_machine_that_is_resumed_out_of_turn_says_so() {
    let options = lab_client::options::request_from_json(&request("")).unwrap();
    let mut machine = lab_client::get(&options, &plugged_in());
    let next = machine.resume(&[0], &mut Env::honest(Sevens));
    assert!(matches!(next, Next::Done(Err(error)) if *error.cause == lab_client::Cause::OutOfTurn));
}
