//! What platforms take out of an attestation, on the bytes that pages get.

use lab_client::{Conveyed, Transport};
use lab_protocol::Aaguid;
use lab_protocol::cbor::Value;
use lab_protocol::webauthn::{AttestationObject, AuthenticatorData};

use crate::scripted::*;

struct Seen {
    fmt: String,
    statement: Vec<u8>,
    aaguid: Aaguid,
    conveyed: Conveyed,
}

fn seen(platform: &str, transport: Transport, attestation: &str, answer: Vec<u8>) -> Seen {
    let options = creation(&format!(r#""attestation": "{attestation}", "authenticatorSelection": {{}}"#));
    let context = on(platform, "https://login.microsoft.com", transport);
    let registration = Scripted::new(vec![answer]).create(&options, &context).unwrap();
    let response = registration.response.response;
    let object = AttestationObject::parse(&response.attestation_object).unwrap();
    assert_eq!(object.auth_data, &response.authenticator_data.unwrap()[..]);
    let data = AuthenticatorData::parse(object.auth_data).unwrap();
    Seen {
        fmt: object.fmt.to_owned(),
        statement: object.att_stmt.to_vec(),
        aaguid: data.attested.unwrap().aaguid,
        conveyed: registration.conveyed,
    }
}

fn self_attestation(aaguid: Aaguid) -> Vec<u8> {
    let members = [("alg", Value::from(-8)), ("sig", Value::Bytes(vec![3; 64]))];
    made_with("packed", Some(&members), &registration_data(aaguid))
}

#[test]
fn cl_none_packed_x5c() {
    let l3 = seen("l3", Transport::Usb, "none", made(MODEL));
    assert_eq!((&l3.fmt[..], &l3.statement[..], l3.aaguid), ("none", &[0xa0][..], MODEL));
    assert_eq!(l3.conveyed.removed_format.as_deref(), Some("packed"));
    let chromium = seen("chromium", Transport::Usb, "none", made(MODEL));
    assert_eq!((&chromium.fmt[..], chromium.aaguid), ("none", Aaguid::ZERO));
    assert_eq!(chromium.conveyed.hidden_aaguid, Some(MODEL));
    assert_eq!(chromium.conveyed.rule.unwrap().id, "roaming-none");
}

#[test]
fn cl_none_self_zero() {
    for platform in ["l3", "chromium", "firefox"] {
        let seen = seen(platform, Transport::Usb, "none", self_attestation(Aaguid::ZERO));
        assert_eq!((&seen.fmt[..], seen.aaguid), ("packed", Aaguid::ZERO), "{platform}");
    }
}

#[test]
fn cl_none_self_nonzero() {
    let seen = seen("l3", Transport::Usb, "none", self_attestation(MODEL));
    assert_eq!((&seen.fmt[..], &seen.statement[..], seen.aaguid), ("none", &[0xa0][..], MODEL));
}

#[test]
fn direct_passes_to_the_byte() {
    let answer = made(MODEL);
    let seen = seen("chromium", Transport::Usb, "direct", answer.clone());
    assert_eq!((&seen.fmt[..], seen.aaguid), ("packed", MODEL));
    assert!(answer.windows(seen.statement.len()).any(|window| window == seen.statement));
    assert!(seen.conveyed.rule.unwrap().asks);
    assert_eq!(seen.conveyed.removed_format, None);
}

#[test]
fn synced_passkeys_of_apple_come_without_statement_whatever_is_asked_for() {
    let seen = seen("safari", Transport::Internal, "direct", made(MODEL));
    assert_eq!((&seen.fmt[..], seen.aaguid), ("none", MODEL));
}

#[test]
fn windows_hides_every_model_unless_it_is_asked_for() {
    for transport in [Transport::Internal, Transport::Hybrid, Transport::Usb] {
        assert_eq!(seen("windows", transport, "none", made(MODEL)).aaguid, Aaguid::ZERO);
        assert_eq!(seen("windows", transport, "direct", made(MODEL)).aaguid, MODEL);
    }
}
