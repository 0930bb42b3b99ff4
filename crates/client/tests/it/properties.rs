//! Whatever an authenticator answers, a ceremony ends with a result.

use lab_client::{Machine, Next};
use lab_protocol::Env;
use lab_protocol::ctap2::{StatusCode, reply};
use proptest::prelude::*;

use crate::scripted::*;

/// More steps than any ceremony takes: getInfo, parts of lists, and all accounts.
const MANY: usize = 600;

/// Drives a machine with replies, starting over when they end.
fn drive<M: Machine>(mut machine: M, replies: &[Vec<u8>]) -> bool {
    let env = &mut Env::honest(Zeros);
    let mut next = machine.start(env);
    for answer in replies.iter().cycle().take(MANY) {
        match next {
            Next::Send(message) => assert!(!message.is_empty()),
            Next::Done(_) => return true,
        }
        next = machine.resume(answer, env);
    }
    matches!(next, Next::Done(_))
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
    let next = machine.resume(&[0], &mut Env::honest(Zeros));
    assert!(matches!(next, Next::Done(Err(error)) if *error.cause == lab_client::Cause::OutOfTurn));
}
