use lab_protocol::cose::Curve;
use proptest::prelude::*;

use super::ecdsa::{check_encoding, order};
use super::*;
use crate::keys::{Backend, SigningKey};
use crate::test_rng::Counter;

fn key(alg: Algorithm) -> SigningKey {
    SigningKey::generate(alg, Backend::Deterministic, &mut Counter::new(9)).unwrap()
}

fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| [&[2, bytes.len() as u8], bytes].concat();
    let content = [integer(r), integer(s)].concat();
    [&[0x30, content.len() as u8], &content[..]].concat()
}

fn encoding(signature: &[u8]) -> Result<(), EncodingError> {
    check_encoding(signature, order(Curve::P256))
}

#[test]
fn der_is_read_strictly() {
    use EncodingError as E;
    assert_eq!(encoding(&der(&[1], &[0x7f])), Ok(()));
    assert_eq!(encoding(&der(&[0, 0x80], &[1])), Ok(()));
    assert_eq!(encoding(&[]), Err(E::NotDer));
    assert_eq!(encoding(&der(&[], &[1])), Err(E::NotDer));
    assert_eq!(encoding(&[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1]), Err(E::NotDer));
    assert_eq!(encoding(&[0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0]), Err(E::NotDer));
    assert_eq!(encoding(&[&der(&[1], &[1])[..], &[0]].concat()), Err(E::Trailing(1)));
    assert_eq!(encoding(&[0x30, 7, 2, 1, 1, 2, 1, 1, 9]), Err(E::Trailing(1)));
    assert_eq!(encoding(&der(&[0x80], &[1])), Err(E::Negative("r")));
    assert_eq!(encoding(&der(&[1], &[0, 0x7f])), Err(E::LeadingZeros("s")));
    assert_eq!(encoding(&der(&[0, 0], &[1])), Err(E::LeadingZeros("r")));
    assert_eq!(encoding(&der(&[0], &[1])), Err(E::Range("r")));
    assert_eq!(encoding(&der(&[1], &[0])), Err(E::Range("s")));
    let order = [&[0], order(Curve::P256)].concat();
    assert_eq!(encoding(&der(&order, &[1])), Err(E::Range("r")));
    assert_eq!(encoding(&der(&[1], &[1; 33])), Err(E::Range("s")));
}

#[test]
fn the_other_s_of_an_ecdsa_signature_is_accepted() {
    let key = key(Algorithm::ES256);
    let signature = key.sign(b"m", &mut Counter::new(0));
    let (r, s) = p256::ecdsa::Signature::from_der(&signature).unwrap().split_scalars();
    let mirrored = p256::ecdsa::Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap().to_der();
    assert_ne!(mirrored.as_bytes(), signature);
    assert_eq!(verify(key.public_key(), b"m", mirrored.as_bytes()), Ok(()));
}

#[test]
fn points_off_the_curve_are_named() {
    for (alg, curve) in
        [(Algorithm::ES256, Curve::P256), (Algorithm::ES384, Curve::P384), (Algorithm::ES512, Curve::P521)]
    {
        let good = key(alg);
        let signature = good.sign(b"m", &mut Counter::new(0));
        let with = |x: Vec<u8>, y: Vec<u8>| CredentialPublicKey {
            alg,
            material: KeyMaterial::Ec2 { curve, x, y },
            extra: vec![],
        };
        let KeyMaterial::Ec2 { x, mut y, .. } = good.public_key().material.clone() else { unreachable!() };
        *y.last_mut().unwrap() ^= 1;
        for bad in [
            with(x, y),
            with(vec![0; curve.field_len()], vec![0; curve.field_len()]),
            with(vec![0xff; curve.field_len()], vec![1; curve.field_len()]),
            with(vec![1; 5], vec![1; 5]),
        ] {
            assert_eq!(verify(&bad, b"m", &signature), Err(SignatureError::NotOnCurve { curve }));
            assert_eq!(check_key(&bad), Err(SignatureError::NotOnCurve { curve }));
        }
    }
}

#[test]
fn algorithms_are_bound_to_their_keys() {
    let es256 = key(Algorithm::ES256);
    let signature = es256.sign(b"m", &mut Counter::new(0));
    let under = |alg: i64| verify_with(Algorithm(alg), &es256.public_key().into(), b"m", &signature);
    assert_eq!(under(-7), Ok(()));
    assert_eq!(under(-9), Ok(()));
    for alg in [-35, -36, -8, -257, -37] {
        assert_eq!(under(alg), Err(SignatureError::KeyMismatch { alg: Algorithm(alg), found: "a P-256 key" }));
    }
    for alg in [-47, -49, -53, -65535, 0] {
        assert!(under(alg).is_err_and(|error| error.is_unsupported()));
    }
}

#[test]
fn small_orders_and_second_encodings_of_ed25519_keys_are_refused() {
    let small = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ];
    for text in small {
        let x: [u8; 32] = crate::test_rng::hex(text).try_into().unwrap();
        assert!(ed25519_dalek::VerifyingKey::from_bytes(&x).unwrap().is_weak(), "{text}");
        assert_eq!(ed25519::check(&x), Err(SignatureError::SmallOrder), "{text}");
        // Under a key of small order the identity and S = 0 sign something.
        let forged = [&[1][..], &[0; 63]].concat();
        assert_eq!(ed25519::verify(&x, b"m", &forged), Err(SignatureError::SmallOrder));
    }
    let mut above = [0xff; 32];
    above[0] = 0xf0;
    above[31] = 0x7f;
    assert_eq!(ed25519::check(&above), Err(SignatureError::KeyNotCanonical));
    assert_eq!(ed25519::check(&[2; 32]), Err(SignatureError::KeyNotCanonical));
}

#[test]
fn ed25519_signatures_have_one_encoding() {
    let key = key(Algorithm::EDDSA);
    let signature = key.sign(b"m", &mut Counter::new(0));
    // S + L is the same scalar in another encoding.
    let l = crate::test_rng::hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut malleable = signature.clone();
    let mut carry = 0;
    for (byte, add) in malleable[32..].iter_mut().zip(l) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    let range = SignatureError::Encoding(EncodingError::Range("S"));
    assert_eq!(verify(key.public_key(), b"m", &malleable), Err(range));
    let length = EncodingError::Length { expected: 64, found: 65 };
    let long = [&signature[..], &[0]].concat();
    assert_eq!(verify(key.public_key(), b"m", &long), Err(length.into()));
}

#[test]
fn rsa_keys_and_lengths_are_checked() {
    let rsa = |n: Vec<u8>, e: Vec<u8>| {
        let key = CredentialPublicKey { alg: Algorithm::RS256, material: KeyMaterial::Rsa { n, e }, extra: vec![] };
        verify(&key, b"m", &[1; 256])
    };
    assert_eq!(rsa(vec![0x81; 128], vec![1, 0, 1]), Err(SignatureError::Modulus { found: 1024 }));
    assert_eq!(rsa(vec![0x81; 1025], vec![1, 0, 1]), Err(SignatureError::Modulus { found: 8200 }));
    assert_eq!(rsa([&[0], &[0x81; 256][..]].concat(), vec![1, 0, 1]), Err(SignatureError::Modulus { found: 2048 }));
    for e in [vec![], vec![1], vec![2], vec![0, 3], vec![1, 0, 0, 0, 1]] {
        assert_eq!(rsa(vec![0x81; 256], e), Err(SignatureError::Exponent));
    }
    let key = key(Algorithm::PS256);
    let signature = key.sign(b"m", &mut Counter::new(0));
    let short = verify(key.public_key(), b"m", &signature[1..]);
    assert_eq!(short, Err(EncodingError::Length { expected: 256, found: 255 }.into()));
}

proptest! {
    #[test]
    fn our_der_and_that_of_the_ecdsa_crate_agree(
        r in prop::collection::vec(any::<u8>(), 0..35),
        s in prop::collection::vec(any::<u8>(), 0..35),
        cut in 0_usize..4,
    ) {
        let mut bytes = der(&r, &s);
        bytes.truncate(bytes.len() - cut.saturating_sub(2));
        prop_assert_eq!(encoding(&bytes).is_ok(), p256::ecdsa::Signature::from_der(&bytes).is_ok());
    }

    #[test]
    fn a_changed_signature_never_verifies(alg in prop::sample::select(&[-7, -35, -36, -8, -257, -37][..]), at: prop::sample::Index, bit in 0..8) {
        let key = key(Algorithm(alg));
        let mut signature = key.sign(b"m", &mut Counter::new(0));
        let at = at.index(signature.len());
        signature[at] ^= 1_u8 << bit;
        prop_assert!(verify(key.public_key(), b"m", &signature).is_err());
    }

    #[test]
    fn any_signature_is_judged(alg in prop::sample::select(&[-7, -35, -36, -8, -257, -37][..]), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(verify(key(Algorithm(alg)).public_key(), b"m", &bytes).is_err());
    }
}
