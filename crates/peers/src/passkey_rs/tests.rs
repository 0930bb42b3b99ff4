use std::cell::RefCell;

use jiff::Timestamp;
use lab_protocol::base64url;
use lab_protocol::cbor::Value;
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::{Descriptor, RpEntity, UserEntity, get_assertion, get_info, make_credential, split_reply};
use lab_protocol::webauthn::client_data::ClientDataDraft;
use lab_protocol::webauthn::{AuthenticatorData, Flags, attestation_object};
use proptest::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::*;
use crate::webauthn_rs::{Authentication, Case, Ceremony, Registration, StoredCredential, Verdict, second_opinion};

const RP_ID: &str = "login.example.org";
const ORIGIN: &str = "https://login.example.org";
const CHALLENGE: &str = "bGFiLWNoYWxsZW5nZQ";
const AAGUID: Aaguid = Aaguid([0x5a; 16]);

/// Counts upwards: random enough for a test, and the same each time.
struct Counter(u8);

impl Random for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(17);
            *byte = self.0;
        }
    }
}

fn seeded() -> PasskeyRs {
    PasskeyRs::seeded(AAGUID, Box::new(Counter(1)))
}

fn client_data(ty: &str) -> Vec<u8> {
    ClientDataDraft {
        ty: ty.to_owned(),
        challenge: CHALLENGE.to_owned(),
        origin: ORIGIN.to_owned(),
        cross_origin: false,
        top_origin: None,
        extra: vec![],
    }
    .serialize()
}

fn creation(alg: Algorithm) -> make_credential::Request {
    make_credential::Request {
        client_data_hash: Sha256::digest(client_data("webauthn.create")).into(),
        rp: RpEntity { id: RP_ID.into(), name: Some("Example".into()) },
        user: UserEntity { id: vec![1; 51], name: Some("ada@example.org".into()), display_name: Some("Ada".into()) },
        pub_key_cred_params: vec![("public-key".into(), Algorithm(-65000)), ("public-key".into(), alg)],
        options: vec![("rk".into(), true), ("uv".into(), true)],
        ..Default::default()
    }
}

fn sign_in() -> get_assertion::Request {
    get_assertion::Request {
        rp_id: RP_ID.into(),
        client_data_hash: Sha256::digest(client_data("webauthn.get")).into(),
        options: vec![("uv".into(), true)],
        ..Default::default()
    }
}

fn send(device: &mut PasskeyRs, command: Command, parameters: &[u8]) -> (StatusCode, Vec<u8>) {
    let message = [&[command.0], parameters].concat();
    let reply = device.call(Message::Cbor(&message), &mut |_| ControlFlow::Continue(())).unwrap();
    let (status, body) = split_reply(&reply).unwrap();
    (status, body.to_vec())
}

fn create(device: &mut PasskeyRs, request: &make_credential::Request) -> Result<make_credential::Response, StatusCode> {
    let (status, body) = send(device, Command::MAKE_CREDENTIAL, &request.encode());
    if status.is_ok() { Ok(make_credential::Response::parse(&body).unwrap()) } else { Err(status) }
}

fn assert_credential(
    device: &mut PasskeyRs,
    request: &get_assertion::Request,
) -> Result<get_assertion::Response, StatusCode> {
    let (status, body) = send(device, Command::GET_ASSERTION, &request.encode());
    if status.is_ok() { Ok(get_assertion::Response::parse(&body).unwrap()) } else { Err(status) }
}

fn ceremony() -> Ceremony<'static> {
    Ceremony { rp_id: RP_ID, origin: ORIGIN, challenge: CHALLENGE, require_user_verification: true, framed: false }
}

/// What the other peer says about a registration and a sign-in of this one.
fn judged(created: &make_credential::Response, signed: &get_assertion::Response) -> [Verdict; 2] {
    let object = attestation_object::encode(&created.fmt, &[0xa0], &created.auth_data);
    let attested = AuthenticatorData::parse(&created.auth_data).unwrap().attested.unwrap();
    let id = base64url::encode(attested.credential_id);
    let response = serde_json::from_value(json!({
        "id": id, "rawId": id, "type": "public-key",
        "response": {"attestationObject": base64url::encode(object), "clientDataJSON": base64url::encode(client_data("webauthn.create"))},
    }));
    let registration = Case::Registration(Registration {
        ceremony: ceremony(),
        response: &response.unwrap(),
        algorithms: &[],
        anchors: &[],
        at: Timestamp::UNIX_EPOCH,
    });
    let registered = second_opinion(&registration).verdict;
    let response = serde_json::from_value(json!({
        "id": id, "rawId": id, "type": "public-key",
        "response": {
            "authenticatorData": base64url::encode(&signed.auth_data),
            "clientDataJSON": base64url::encode(client_data("webauthn.get")),
            "signature": base64url::encode(&signed.signature),
        },
    }));
    let credential = StoredCredential {
        id: attested.credential_id,
        public_key: attested.public_key,
        sign_count: 0,
        backup_eligible: Some(true),
        backup_state: Some(true),
    };
    let case = Authentication { ceremony: ceremony(), response: &response.unwrap(), credential };
    [registered, second_opinion(&Case::Authentication(case)).verdict]
}

#[test]
fn get_info_says_what_the_facts_say() {
    let (status, body) = send(&mut PasskeyRs::new(FACTS.aaguid), Command::GET_INFO, &[]);
    let info = get_info::Response::parse(&body).unwrap();
    assert_eq!(status, StatusCode::OK);
    assert_eq!(info.versions, ["FIDO_2_0", "FIDO_2_1"]);
    assert_eq!(info.aaguid, FACTS.aaguid);
    assert_eq!(info.transports, FACTS.transports);
    assert_eq!([info.option("rk"), info.option("up"), info.option("uv")], [Some(true); 3]);
    assert!(info.algorithms.contains(&Algorithm::ES256) && !info.algorithms.contains(&Algorithm::RS256));
}

#[test]
fn a_passkey_is_made_and_signs_in_before_the_other_peer() {
    let mut device = PasskeyRs::new(AAGUID);
    let created = create(&mut device, &creation(Algorithm::ES256)).unwrap();
    let data = AuthenticatorData::parse(&created.auth_data).unwrap();
    assert_eq!((created.fmt.as_str(), &created.att_stmt), (FACTS.attestation, &Some(Value::Map(vec![]))));
    assert_eq!((data.flags, data.sign_count), (Flags(0x5d), 0));
    assert_eq!(data.attested.unwrap().aaguid, AAGUID);
    let signed = assert_credential(&mut device, &sign_in()).unwrap();
    assert_eq!(AuthenticatorData::parse(&signed.auth_data).unwrap().flags, Flags(0x1d));
    assert_eq!(signed.credential.as_ref().unwrap().id, data.attested.unwrap().credential_id);
    assert_eq!(signed.user.as_ref().unwrap().id, [1; 51]);
    assert_eq!(judged(&created, &signed), [Verdict::Accept; 2]);
    let forged = get_assertion::Response { signature: vec![0x30; 70], ..signed };
    assert_eq!(judged(&created, &forged), [Verdict::Accept, Verdict::Reject]);
}

#[test]
fn equal_random_bytes_make_equal_replies_for_every_algorithm() {
    for alg in [Algorithm::ES256, Algorithm::EDDSA, Algorithm(-48), Algorithm(-49), Algorithm(-50)] {
        let run = |mut device: PasskeyRs| {
            let created = send(&mut device, Command::MAKE_CREDENTIAL, &creation(alg).encode());
            (created, send(&mut device, Command::GET_ASSERTION, &sign_in().encode()))
        };
        let (created, signed) = run(seeded());
        assert_eq!((created.0, signed.0), (StatusCode::OK, StatusCode::OK), "{alg}");
        assert_eq!((created.clone(), signed), run(seeded()), "{alg}");
        assert_ne!(created, run(PasskeyRs::new(AAGUID)).0, "{alg}");
    }
}

#[test]
fn a_second_device_of_the_account_holds_what_the_first_made() {
    let mut first = seeded();
    let mut second = first.second_device(None);
    let created = create(&mut first, &creation(Algorithm::ES256)).unwrap();
    let signed = assert_credential(&mut second, &sign_in()).unwrap();
    assert_eq!(judged(&created, &signed), [Verdict::Accept; 2]);
}

#[test]
fn a_second_passkey_of_one_user_replaces_the_first() {
    let mut device = seeded();
    let first = create(&mut device, &creation(Algorithm::ES256)).unwrap();
    let second = create(&mut device, &creation(Algorithm::ES256)).unwrap();
    assert_ne!(first.auth_data, second.auth_data);
    assert_eq!(device.passkeys(), 1);
    let mut other = creation(Algorithm::ES256);
    other.user.id = vec![2; 8];
    create(&mut device, &other).unwrap();
    assert_eq!(device.passkeys(), 2);
    let newest = assert_credential(&mut device, &sign_in()).unwrap();
    assert_eq!(newest.user.unwrap().id, [2; 8]);
}

#[test]
fn credentials_are_found_by_relying_party_and_list() {
    let mut device = seeded();
    assert_eq!(assert_credential(&mut device, &sign_in()), Err(StatusCode::NO_CREDENTIALS));
    let created = create(&mut device, &creation(Algorithm::ES256)).unwrap();
    let id = AuthenticatorData::parse(&created.auth_data).unwrap().attested.unwrap().credential_id.to_vec();
    let with = |allow_list| get_assertion::Request { allow_list, ..sign_in() };
    let elsewhere =
        get_assertion::Request { rp_id: "example.com".into(), ..with(Some(vec![Descriptor::new(id.clone())])) };
    assert_eq!(assert_credential(&mut device, &elsewhere), Err(StatusCode::NO_CREDENTIALS));
    let others = with(Some(vec![Descriptor::new(vec![9; 16])]));
    assert_eq!(assert_credential(&mut device, &others), Err(StatusCode::NO_CREDENTIALS));
    let listed = with(Some(vec![Descriptor::new(vec![9; 16]), Descriptor::new(id.clone())]));
    assert_eq!(assert_credential(&mut device, &listed).unwrap().credential.unwrap().id, id);
    let again = make_credential::Request { exclude_list: vec![Descriptor::new(id)], ..creation(Algorithm::ES256) };
    assert_eq!(create(&mut device, &again), Err(StatusCode::CREDENTIAL_EXCLUDED));
}

#[test]
fn the_person_is_asked_and_may_decline_and_the_client_may_cancel() {
    let mut device = seeded();
    let message = [vec![Command::MAKE_CREDENTIAL.0], creation(Algorithm::ES256).encode()].concat();
    let asked = RefCell::new(vec![]);
    device.set_consent(false);
    let reply = device.call(Message::Cbor(&message), &mut |status| {
        asked.borrow_mut().push(status);
        ControlFlow::Continue(())
    });
    assert_eq!(reply.unwrap(), [StatusCode::OPERATION_DENIED.0]);
    assert_eq!(asked.take(), [Status::UvNeeded]);
    device.set_consent(true);
    let reply = device.call(Message::Cbor(&message), &mut |_| ControlFlow::Break(()));
    assert_eq!(reply.unwrap(), [StatusCode::KEEPALIVE_CANCEL.0]);
    assert_eq!(device.passkeys(), 0);
    create(&mut device, &creation(Algorithm::ES256)).unwrap();
    let silent = get_assertion::Request { options: vec![("up".into(), false)], ..sign_in() };
    let message = [vec![Command::GET_ASSERTION.0], silent.encode()].concat();
    let reply = device.call(Message::Cbor(&message), &mut |_| panic!("a silent probe asks nobody")).unwrap();
    let signed = get_assertion::Response::parse(&reply[1..]).unwrap();
    assert_eq!(AuthenticatorData::parse(&signed.auth_data).unwrap().flags, Flags(0x18));
}

#[test]
fn what_it_does_not_do_has_the_status_of_ctap() {
    let mut device = seeded();
    for command in [Command::CLIENT_PIN, Command::RESET, Command::GET_NEXT_ASSERTION, Command::SELECTION, Command(0x41)]
    {
        assert_eq!(send(&mut device, command, &[]), (StatusCode::INVALID_COMMAND, vec![]));
    }
    let mut raw = |message| device.call(message, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(raw(Message::Msg(&[0, 3, 0, 0])), INS_NOT_SUPPORTED);
    assert_eq!(raw(Message::Cbor(&[])), [StatusCode::INVALID_LENGTH.0]);
    assert_eq!(raw(Message::Cbor(&[1; MAX_MESSAGE + 2])), [StatusCode::REQUEST_TOO_LARGE.0]);
    assert_eq!(raw(Message::Cbor(&[1, 0xa0])), [StatusCode::MISSING_PARAMETER.0]);
    assert_eq!(raw(Message::Cbor(&[1, 0xbf, 0xff])), [StatusCode::INVALID_CBOR.0]);
    assert_eq!(create(&mut device, &creation(Algorithm::RS256)), Err(StatusCode::UNSUPPORTED_ALGORITHM));
    let mut nameless = creation(Algorithm::ES256);
    nameless.user.display_name = None;
    assert_eq!(create(&mut device, &nameless), Err(StatusCode::CBOR_UNEXPECTED_TYPE));
    let pin = make_credential::Request { pin_uv_auth_param: Some(vec![0; 16]), ..creation(Algorithm::ES256) };
    assert_eq!(create(&mut device, &pin), Err(StatusCode::UNSUPPORTED_OPTION));
}

#[test]
fn members_that_the_crate_does_not_know_do_not_disturb_it() {
    let request = make_credential::Request {
        enterprise_attestation: Some(2),
        attestation_formats_preference: vec!["packed".into()],
        extensions: vec![("credProtect".into(), 3.into())],
        ..creation(Algorithm::ES256)
    };
    assert_eq!(create(&mut seeded(), &request).unwrap().fmt, "none");
}

proptest! {
    #[test]
    fn any_message_is_answered(command in 0_u8..0x0e, body in prop::collection::vec(any::<u8>(), 0..120)) {
        let (status, _) = send(&mut seeded(), Command(command), &body);
        prop_assert!(status.is_ok() == (command == Command::GET_INFO.0), "{status}");
    }

    #[test]
    fn a_request_with_any_byte_changed_is_answered(at: prop::sample::Index, byte: u8) {
        let mut device = seeded();
        let mut request = creation(Algorithm::ES256).encode();
        *at.get_mut(&mut request) = byte;
        let _ = send(&mut device, Command::MAKE_CREDENTIAL, &request);
        let mut request = sign_in().encode();
        *at.get_mut(&mut request) = byte;
        let _ = send(&mut device, Command::GET_ASSERTION, &request);
    }
}
