use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::{RpEntity, UserEntity};
use lab_protocol::{Capabilities, Status};

use super::*;

/// Answers everything with one byte.
struct Willing;

impl Engine for Willing {
    fn start(&mut self, _: Message<'_>, _: Timestamp) -> Step {
        Step::Done(vec![0x99])
    }

    fn event(&mut self, _: Event, now: Timestamp) -> Step {
        Step::Waiting { status: Status::UpNeeded, until: now }
    }

    fn hid_facts(&self) -> HidFacts {
        HidFacts { version: [0; 3], capabilities: Capabilities::CBOR }
    }

    fn revision(&self) -> u64 {
        0
    }

    fn export(&self) -> Vec<u8> {
        Vec::new()
    }
}

fn ask(rp_ids: RpIds, message: Message<'_>) -> (Vec<u8>, Vec<Notice>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let mut engine = Guarded::new(Willing, rp_ids, Arc::new(move |notice| tell.lock().unwrap().push(notice)));
    let Step::Done(reply) = engine.start(message, Timestamp::UNIX_EPOCH) else { panic!("it waits") };
    let told = told.lock().unwrap().clone();
    (reply, told)
}

fn make(rp_id: &str) -> Vec<u8> {
    let request = make_credential::Request {
        rp: RpEntity { id: rp_id.into(), name: None },
        user: UserEntity { id: vec![1], name: None, display_name: None },
        pub_key_cred_params: vec![("public-key".into(), Algorithm::ES256)],
        ..Default::default()
    };
    [&[Command::MAKE_CREDENTIAL.0][..], &request.encode()].concat()
}

fn get(rp_id: &str) -> Vec<u8> {
    let request = get_assertion::Request { rp_id: rp_id.into(), ..Default::default() };
    [&[Command::GET_ASSERTION.0][..], &request.encode()].concat()
}

#[test]
fn names_of_a_laboratory_are_answered_and_no_others() {
    for rp_id in ["localhost", "a.localhost", "lab.test", "a.b.example", "x.invalid"] {
        assert!(RpIds::default().permits(rp_id), "{rp_id}");
        assert_eq!(ask(RpIds::default(), Message::Cbor(&make(rp_id))).0, [0x99]);
    }
    let others =
        ["login.microsoft.com", "example.com", "test", ".test", "localhost.evil.com", "xlocalhost", "", "TEST"];
    for rp_id in others {
        assert!(!RpIds::default().permits(rp_id), "{rp_id}");
        assert_eq!(ask(RpIds::default(), Message::Cbor(&make(rp_id))).0, [0x27]);
        let (reply, told) = ask(RpIds::default(), Message::Cbor(&get(rp_id)));
        assert_eq!(reply, [0x2e]);
        assert_eq!(told, [Notice::Refused(rp_id.into())]);
    }
}

#[test]
fn a_name_that_was_given_is_compared_exactly() {
    let named = RpIds::with(vec!["ssh:".into(), "pam://host".into(), "login.microsoft.com".into()]);
    for rp_id in ["ssh:", "pam://host", "login.microsoft.com"] {
        assert_eq!(ask(named.clone(), Message::Cbor(&get(rp_id))).0, [0x99]);
    }
    for rp_id in ["ssh", "pam://host2", "a.login.microsoft.com", "microsoft.com"] {
        assert_eq!(ask(named.clone(), Message::Cbor(&get(rp_id))).0, [0x2e]);
    }
    assert_eq!(ask(RpIds::of_laboratories(), Message::Cbor(&get("login.microsoft.com"))).0, [0x2e]);
}

#[test]
fn ctap1_has_only_hashes() {
    let apdu = |ins, application: &str, extended: bool| {
        let data = [&[1; 32][..], &Sha256::digest(application), &[0]].concat();
        let length = if extended { vec![0, 0, data.len() as u8] } else { vec![data.len() as u8] };
        [&[0, ins, 0, 0][..], &length, &data].concat()
    };
    for extended in [true, false] {
        for ins in [1, 2] {
            assert_eq!(ask(RpIds::default(), Message::Msg(&apdu(ins, "localhost", extended))).0, [0x99]);
            assert_eq!(ask(RpIds::default(), Message::Msg(&apdu(ins, "lab.test", extended))).0, [0x6a, 0x80]);
            let named = RpIds::with(vec!["https://u2f.lab".into()]);
            assert_eq!(ask(named, Message::Msg(&apdu(ins, "https://u2f.lab", extended))).0, [0x99]);
        }
    }
    assert_eq!(ask(RpIds::default(), Message::Msg(&[0, 3, 0, 0, 0, 0, 0])).0, [0x99], "U2F_VERSION names nobody");
    assert_eq!(
        ask(RpIds::default(), Message::Msg(&[0, 1, 0, 0, 3, 1, 2, 3])).0,
        [0x99],
        "the engine refuses its length"
    );
    let short = [&[0, 1, 0, 0, 0, 0, 63][..], &[1; 63], &[0, 0]].concat();
    assert_eq!(ask(RpIds::default(), Message::Msg(&short)).0, [0x99], "the expected length is no application");
}

#[test]
fn what_is_about_no_relying_party_passes() {
    for message in [&[0x04][..], &[0x0b], &[], &[0x01, 0xff], &[0x06, 0xa0]] {
        assert_eq!(ask(RpIds::default(), Message::Cbor(message)).0, [0x99], "{message:02x?}");
    }
}
