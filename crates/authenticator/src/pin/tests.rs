use jiff::SignedDuration;
use lab_protocol::ctap2::{KeyAgreement, Permissions};
use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::testing::{Seeded, after, hex, now, vectors};

fn bytes(json: &Json) -> Vec<u8> {
    hex(json.as_str().unwrap())
}

fn point(x: &[u8], y: &[u8]) -> [u8; 65] {
    [&[4], x, y].concat().try_into().unwrap()
}

fn key(json: &Json) -> AgreementKey {
    AgreementKey::from_secret(bytes(json).as_slice().try_into().unwrap()).unwrap()
}

#[test]
fn protocol_one_computes_what_other_implementations_computed() {
    let Some(file) = vectors("ctap2/pin-uv-auth-protocol.json") else { return };
    let vector = &file["protocol_1"];
    let platform = key(&vector["platform_private_key"]);
    let (x, y) = platform.public();
    assert_eq!((x.to_vec(), y.to_vec()), (bytes(&vector["platform_public_x"]), bytes(&vector["platform_public_y"])));
    let z =
        platform.shared(&point(&bytes(&vector["authenticator_public_x"]), &bytes(&vector["authenticator_public_y"])));
    let z = z.unwrap();
    assert_eq!(z.to_vec(), bytes(&vector["ecdh_x"]));
    let shared = Protocol::One.shared_secret(&z);
    assert_eq!(shared.bytes(), bytes(&vector["shared_secret"]));
    let pin = vector["pin"].as_str().unwrap();
    let pin_hash = shared.decrypt(&bytes(&vector["pin_hash_enc"])).unwrap();
    assert_eq!(pin_hash, NewPin::new(pin.as_bytes(), &PinPolicy::STANDARD).unwrap().hash);
    assert_eq!(shared.encrypt(&pin_hash, &mut Seeded(1, 0)).unwrap(), bytes(&vector["pin_hash_enc"]));
    let token = bytes(&vector["pin_token"]);
    assert_eq!(shared.encrypt(&token, &mut Seeded(1, 0)).unwrap(), bytes(&vector["pin_token_enc"]));
    set_pin(&shared, &vector["set_pin"]);
    change_pin(&shared, &vector["change_pin"]);
    let other = &vector["pin_encryption"];
    set_pin(&SharedSecret::from_bytes(Protocol::One, bytes(&other["shared_secret"])), other);
}

fn set_pin(shared: &SharedSecret, vector: &Json) {
    let (enc, param) = (bytes(&vector["new_pin_enc"]), bytes(&vector["pin_uv_auth_param"]));
    assert!(shared.verify(&enc, &param));
    let new = NewPin::padded(&shared.decrypt(&enc).unwrap(), &PinPolicy::STANDARD).unwrap();
    assert_eq!(new, NewPin::new(vector["new_pin"].as_str().unwrap().as_bytes(), &PinPolicy::STANDARD).unwrap());
}

fn change_pin(shared: &SharedSecret, vector: &Json) {
    let (enc, hash) = (bytes(&vector["new_pin_enc"]), bytes(&vector["pin_hash_enc"]));
    assert!(shared.verify(&[&enc[..], &hash].concat(), &bytes(&vector["pin_uv_auth_param"])));
    let current = NewPin::new(vector["current_pin"].as_str().unwrap().as_bytes(), &PinPolicy::STANDARD).unwrap();
    assert_eq!(shared.decrypt(&hash).unwrap(), current.hash);
    let new = NewPin::padded(&shared.decrypt(&enc).unwrap(), &PinPolicy::STANDARD).unwrap();
    assert_eq!(new, NewPin::new(vector["new_pin"].as_str().unwrap().as_bytes(), &PinPolicy::STANDARD).unwrap());
}

#[test]
fn protocol_two_computes_what_other_implementations_computed() {
    let Some(file) = vectors("ctap2/pin-uv-auth-protocol.json") else { return };
    let vector = &file["protocol_2"];
    let platform = key(&vector["platform_private_key"]);
    let z =
        platform.shared(&point(&bytes(&vector["authenticator_public_x"]), &bytes(&vector["authenticator_public_y"])));
    let shared = Protocol::Two.shared_secret(&z.unwrap());
    assert_eq!(shared.bytes(), bytes(&vector["shared_secret_hmac_then_aes"]));
    let signed = &vector["authenticate"];
    assert_eq!(shared.authenticate(&bytes(&signed["message"])), bytes(&signed["signature"]));
    assert!(shared.verify(&bytes(&signed["message"]), &bytes(&signed["signature"])));
    let kdf = &vector["kdf"];
    assert_eq!(Protocol::Two.shared_secret(&bytes(&kdf["ecdh_x"])).bytes(), bytes(&kdf["hmac_key_then_aes_key"]));
}

#[test]
fn points_that_are_not_on_the_curve_are_refused() {
    let ours = AgreementKey::generate(&mut Seeded(1, 0)).unwrap();
    let (x, y) = AgreementKey::generate(&mut Seeded(2, 0)).unwrap().public();
    assert!(ours.shared(&point(&x, &y)).is_some());
    let mut flipped = y;
    flipped[31] ^= 1;
    assert_eq!(ours.shared(&point(&x, &flipped)), None, "off the curve");
    assert_eq!(ours.shared(&point(&[0; 32], &[0; 32])), None, "infinity is no point");
    assert_eq!(ours.shared(&point(&[0xff; 32], &y)), None, "beyond the field");
    let mut session = Session::default();
    let mut refused = |key: KeyAgreement| session.decapsulate(Protocol::Two, &key, &mut Seeded(1, 0)).is_none();
    assert!(!refused(KeyAgreement::p256(x, y)));
    assert!(refused(KeyAgreement { x: x[1..].to_vec(), ..KeyAgreement::p256(x, y) }), "31 bytes");
    assert!(refused(KeyAgreement { x: [&[0], &x[..]].concat(), ..KeyAgreement::p256(x, y) }), "33 bytes");
    assert!(refused(KeyAgreement { crv: 2, ..KeyAgreement::p256(x, y) }), "P-384");
    assert!(refused(KeyAgreement { alg: Some(-7), ..KeyAgreement::p256(x, y) }), "ES256");
}

#[test]
fn randomness_that_gives_no_scalar_gives_no_key() {
    struct Zeros;
    impl lab_protocol::Random for Zeros {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }
    assert!(AgreementKey::generate(&mut Zeros).is_none());
}

#[test]
fn signatures_have_exactly_their_length() {
    for (protocol, length) in [(Protocol::One, 16), (Protocol::Two, 32)] {
        let signature = protocol.authenticate(&[7; 32], b"message");
        assert_eq!(signature.len(), length);
        assert!(protocol.verify(&[7; 32], b"message", &signature));
        assert!(!protocol.verify(&[7; 32], b"message", &signature[..length - 1]));
        assert!(!protocol.verify(&[7; 32], b"message", &[&signature[..], &[0; 16]].concat()));
        assert!(!protocol.verify(&[7; 32], b"message", &[]));
        assert!(!protocol.verify(&[8; 32], b"message", &signature));
    }
}

#[test]
fn a_pin_has_code_points_bytes_and_padding() {
    let padded = |pin: &[u8], length: usize| {
        let mut bytes = pin.to_vec();
        bytes.resize(length, 0);
        NewPin::padded(&bytes, &PinPolicy::STANDARD).map(|new| new.code_points)
    };
    assert_eq!(padded(b"1234", 64), Ok(4));
    assert_eq!(padded(b"123", 64), Err(PinError::Policy));
    assert_eq!(padded("äöü".as_bytes(), 64), Err(PinError::Policy), "three code points in six bytes");
    assert_eq!(padded("äöüß".as_bytes(), 64), Ok(4));
    assert_eq!(padded(&[b'1'; 63], 64), Ok(63));
    assert_eq!(padded(&[b'1'; 64], 64), Err(PinError::Policy), "no zero at its end");
    assert_eq!(padded(b"1234", 48), Err(PinError::Padding));
    assert_eq!(padded(b"1234", 80), Err(PinError::Padding));
    assert_eq!(padded(&[0xff; 8], 64), Err(PinError::Policy), "no UTF-8");
    assert_eq!(padded(&[], 64), Err(PinError::Policy));
    let complex = PinPolicy { complex: true, ..PinPolicy::STANDARD };
    assert_eq!(NewPin::new(b"1111", &complex), Err(PinError::Policy));
    assert!(NewPin::new(b"1112", &complex).is_ok());
}

fn token() -> Token {
    Token::begin(Protocol::Two, [9; 32], true, now())
        .with(Permissions::MAKE_CREDENTIAL | Permissions::LARGE_BLOB_WRITE, None)
}

#[test]
fn a_token_ends_unused_after_thirty_seconds_and_used_after_ten_minutes() {
    let signature = Protocol::Two.authenticate(&[9; 32], b"hash");
    let mut unused = token();
    assert!(unused.observe(after(29)) && unused.user_present());
    assert!(!unused.observe(after(30)));
    let mut used = token();
    assert!(used.verify(Protocol::Two, b"hash", &signature));
    assert!(used.observe(after(30)) && !used.user_present(), "presence has its limit");
    assert!(used.observe(after(599)));
    assert!(!used.observe(after(600)));
    let mut wrong = token();
    assert!(!wrong.verify(Protocol::Two, b"hash", &[0; 32]));
    assert!(!wrong.observe(after(30)), "a wrong signature is no use");
    assert!(token().observe(now() - SignedDuration::from_hours(1)), "a clock that goes back ends nothing");
}

#[test]
fn a_token_belongs_to_its_protocol_its_relying_party_and_one_touch() {
    let mut token = token();
    let signature = Protocol::One.authenticate(&[9; 32], b"hash");
    assert!(!token.verify(Protocol::One, b"hash", &signature));
    assert!(token.permits(Permissions::MAKE_CREDENTIAL) && !token.permits(Permissions::GET_ASSERTION));
    assert!(token.bind("a.test") && token.bind("a.test") && !token.bind("b.test"));
    token.spend();
    assert!(!token.permits(Permissions::MAKE_CREDENTIAL) && token.permits(Permissions::LARGE_BLOB_WRITE));
    assert!(!token.user_present() && !token.user_verified());
}

#[test]
fn a_token_of_ctap_2_0_is_good_for_everything_until_power_is_lost() {
    let mut token = Token::legacy(Protocol::One, [9; 32], now());
    assert!(token.observe(after(86_400)) && token.permits(Permissions::CREDENTIAL_MANAGEMENT));
    assert!(token.bind("a.test") && token.bind("b.test"));
    token.spend();
    assert!(token.permits(Permissions::MAKE_CREDENTIAL) && token.user_verified());
}

#[test]
fn three_wrong_pins_in_a_row_block_until_power_is_lost() {
    let mut session = Session::default();
    for (right, blocked) in
        [(false, false), (false, false), (true, false), (false, false), (false, false), (false, true)]
    {
        session.compared(right);
        assert_eq!(session.is_blocked(), blocked);
    }
}

#[test]
fn a_key_is_agreed_once_and_anew_after_regenerate() {
    let (mut session, mut rng) = (Session::default(), Seeded(5, 0));
    let first = session.public_key(Protocol::One, &mut rng).unwrap();
    assert_eq!(session.public_key(Protocol::One, &mut rng), Some(first));
    assert_ne!(session.public_key(Protocol::Two, &mut rng), Some(first));
    session.regenerate(Protocol::One);
    assert_ne!(session.public_key(Protocol::One, &mut rng), Some(first));
}

proptest! {
    #[test]
    fn what_is_encrypted_decrypts(z: [u8; 32], blocks in prop::collection::vec(any::<[u8; 16]>(), 0..5), seed: u64) {
        for protocol in [Protocol::One, Protocol::Two] {
            let shared = protocol.shared_secret(&z);
            let sealed = shared.encrypt(&blocks.concat(), &mut Seeded(seed, 0)).unwrap();
            prop_assert_eq!(shared.decrypt(&sealed), Some(blocks.concat()));
        }
    }

    #[test]
    fn any_ciphertext_and_any_point_are_answered(ciphertext in prop::collection::vec(any::<u8>(), 0..90), x in prop::collection::vec(any::<u8>(), 0..40)) {
        for protocol in [Protocol::One, Protocol::Two] {
            let plain = protocol.shared_secret(&[1; 32]).decrypt(&ciphertext);
            let whole = ciphertext.len().is_multiple_of(16) && (protocol == Protocol::One || ciphertext.len() >= 16);
            prop_assert_eq!(plain.is_some(), whole);
        }
        let platform = KeyAgreement { kty: 2, alg: None, crv: 1, x, y: ciphertext };
        let _ = Session::default().decapsulate(Protocol::One, &platform, &mut Seeded(1, 0));
    }
}
