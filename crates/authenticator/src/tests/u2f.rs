use lab_attestation::x509::Certificate;
use lab_protocol::cose::{Algorithm, CredentialPublicKey, Curve, KeyMaterial};
use lab_protocol::ctap2::{Command, StatusCode, make_credential};
use lab_protocol::{Event, Message, Step};

use crate::testing::*;

const CHALLENGE: [u8; 32] = [0x11; 32];

fn application() -> [u8; 32] {
    lab_attestation::sha256(RP.as_bytes())
}

/// An extended APDU.
fn apdu(ins: u8, p1: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap().to_be_bytes();
    [&[0, ins, p1, 0, 0], &length[..], data, &[0, 0]].concat()
}

fn register() -> Vec<u8> {
    apdu(1, 3, &[CHALLENGE, application()].concat())
}

fn authenticate(p1: u8, application: [u8; 32], key_handle: &[u8]) -> Vec<u8> {
    let length = u8::try_from(key_handle.len()).unwrap();
    apdu(2, p1, &[&CHALLENGE[..], &application, &[length], key_handle].concat())
}

impl Bench {
    /// Data and status word.
    fn msg(&mut self, apdu: &[u8]) -> (Vec<u8>, u16) {
        let Step::Done(mut reply) = self.engine.start(Message::Msg(apdu), now()) else { panic!("it waits") };
        let status = reply.split_off(reply.len() - 2);
        (reply, u16::from_be_bytes([status[0], status[1]]))
    }

    fn touched(&mut self, apdu: &[u8]) -> (Vec<u8>, u16) {
        self.engine.event(Event::Touch, now());
        self.msg(apdu)
    }
}

fn p256(point: &[u8]) -> CredentialPublicKey {
    let (x, y) = (point[1..33].to_vec(), point[33..65].to_vec());
    let material = KeyMaterial::Ec2 { curve: Curve::P256, x, y };
    CredentialPublicKey { alg: Algorithm::ES256, material, extra: vec![] }
}

/// Public key and key handle of a registration whose signature was verified.
fn registered(bench: &mut Bench) -> (CredentialPublicKey, Vec<u8>) {
    let (data, status) = bench.touched(&register());
    assert_eq!((status, data[0]), (0x9000, 5));
    let (point, rest) = data[1..].split_at(65);
    let (key_handle, rest) = rest[1..].split_at(usize::from(rest[0]));
    let length = 4 + usize::from(u16::from_be_bytes([rest[2], rest[3]]));
    let (certificate, signature) = rest.split_at(length);
    let certificate = Certificate::parse(certificate).unwrap();
    let signed = [&[0], &application()[..], &CHALLENGE, key_handle, point].concat();
    let key = certificate.public_key();
    lab_attestation::signature::verify_with(Algorithm::ES256, &key, &signed, signature).unwrap();
    (p256(point), key_handle.to_vec())
}

/// Flags and counter of an authentication whose signature was verified.
fn authenticated(reply: (Vec<u8>, u16), key: &CredentialPublicKey) -> (u8, u32) {
    let (data, status) = reply;
    assert_eq!(status, 0x9000);
    let signed = [&application()[..], &data[..5], &CHALLENGE].concat();
    lab_attestation::signature::verify(key, &signed, &data[5..]).unwrap();
    (data[0], u32::from_be_bytes(data[1..5].try_into().unwrap()))
}

#[test]
fn version_and_what_is_no_command() {
    let mut bench = Bench::of("yubikey-5-nfc");
    assert_eq!(bench.msg(&apdu(3, 0, &[])), (b"U2F_V2".to_vec(), 0x9000));
    assert_eq!(bench.msg(&[0, 3, 0, 0]), (b"U2F_V2".to_vec(), 0x9000));
    assert_eq!(bench.msg(&[0, 3, 0, 0, 0]), (b"U2F_V2".to_vec(), 0x9000));
    assert_eq!(bench.msg(&apdu(3, 0, &[1])).1, 0x6700);
    assert_eq!(bench.msg(&apdu(0x40, 0, &[])).1, 0x6d00);
    assert_eq!(bench.msg(&[0x80, 3, 0, 0]).1, 0x6e00);
    assert_eq!(bench.msg(&[]).1, 0x6700);
    assert_eq!(Bench::of("yubikey-bio-mpe").msg(&apdu(3, 0, &[])).1, 0x6d00, "a model without U2F");
}

#[test]
fn a_touch_before_the_message_counts_for_a_while_and_once() {
    let mut bench = Bench::of("yubikey-5-nfc");
    assert_eq!(bench.msg(&register()), (vec![], 0x6985));
    assert_eq!(bench.engine.event(Event::Touch, now()), Step::Done(vec![]));
    assert_eq!(bench.msg(&register()).1, 0x9000);
    assert_eq!(bench.msg(&register()).1, 0x6985, "it was used up");
    bench.engine.event(Event::Touch, now());
    assert_eq!(bench.engine.start(Message::Msg(&register()), after(11)), Step::Done(vec![0x69, 0x85]), "too old");
    bench.engine.event(Event::Touch, now());
    bench.engine.event(Event::PowerCycle, now());
    assert_eq!(bench.msg(&register()).1, 0x6985);
}

#[test]
fn what_is_registered_signs_with_a_growing_counter() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let (key, id) = registered(&mut bench);
    assert_eq!(bench.msg(&authenticate(7, application(), &id)).1, 0x6985, "check-only: known");
    assert_eq!(bench.msg(&authenticate(3, application(), &id)).1, 0x6985, "no touch");
    let (flags, first) = authenticated(bench.touched(&authenticate(3, application(), &id)), &key);
    assert_eq!(flags, 1);
    let (flags, second) = authenticated(bench.msg(&authenticate(8, application(), &id)), &key);
    assert_eq!((flags, second), (0, first + 1), "signed without presence");
    let state = bench.engine.export();
    let mut again = Bench::of("yubikey-5-nfc");
    again.engine.restore(&state).unwrap();
    authenticated(again.touched(&authenticate(3, application(), &id)), &key);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let (_, id) = registered(&mut bench);
    for (p1, application, key_handle) in
        [(7, application(), &[0; 64][..]), (7, [0; 32], &id), (3, application(), &[]), (0x55, application(), &id)]
    {
        assert_eq!(bench.touched(&authenticate(p1, application, key_handle)).1, 0x6a80, "{p1:#x}");
    }
    let mut longer = [&CHALLENGE[..], &application(), &[u8::try_from(id.len()).unwrap()], &id].concat();
    longer.push(0);
    assert_eq!(bench.touched(&apdu(2, 3, &longer)).1, 0x6700, "length of the key handle");
    assert_eq!(bench.touched(&apdu(2, 3, &longer[..64])).1, 0x6700);
    assert_eq!(bench.touched(&apdu(1, 3, &longer[..63])).1, 0x6700);
    assert_eq!(bench.touched(&apdu(1, 3, &longer)).1, 0x6700);
}

#[test]
fn a_credential_is_the_same_over_both_protocols() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let (key, id) = registered(&mut bench);
    let asserted = bench.sign_in(&get_listed(&[&id]));
    asserted.verify(&key, get().client_data_hash);
    assert_eq!(asserted.0.user, None);
    let exclude = make_credential::Request { exclude_list: vec![lab_protocol::ctap2::Descriptor::new(id)], ..create() };
    assert_eq!(bench.register_status(&exclude), StatusCode::CREDENTIAL_EXCLUDED);
    let over_ctap2 = bench.register(&create_plain());
    authenticated(bench.touched(&authenticate(3, application(), &over_ctap2.id())), &over_ctap2.key());
}

#[test]
fn protected_credentials_and_other_keys_are_hidden() {
    let mut bench = Bench::of("yubikey-5-nfc");
    for level in [2, 3] {
        let extensions = vec![("credProtect".into(), level.into())];
        let id = bench.register(&make_credential::Request { extensions, ..create_for(9) }).id();
        assert_eq!(bench.msg(&authenticate(7, application(), &id)).1, 0x6a80, "level {level}");
    }
    let eddsa = vec![("public-key".into(), Algorithm::EDDSA)];
    let id = bench.register(&make_credential::Request { pub_key_cred_params: eddsa, ..create() }).id();
    assert_eq!(bench.msg(&authenticate(7, application(), &id)).1, 0x6a80);
}

#[test]
fn always_uv_turns_it_off() {
    let mut bench = Bench::of("yubikey-5-nfc");
    let (_, id) = registered(&mut bench);
    bench.engine.state.change(|state| state.always_uv = true);
    assert!(!bench.info().versions.contains(&"U2F_V2".to_owned()));
    for message in [register(), authenticate(7, application(), &id), apdu(3, 0, &[])] {
        assert_eq!(bench.touched(&message).1, 0x6986);
    }
    assert_eq!(bench.call(Command::RESET, &[]).status(), StatusCode::OK);
    assert_eq!(bench.msg(&apdu(3, 0, &[])).1, 0x9000);
}
