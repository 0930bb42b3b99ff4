use lab_protocol::cose::Curve;
use proptest::prelude::*;

use super::ecdsa::{check_encoding, order};
use super::*;
use crate::keys::{Backend, SigningKey};
use crate::test_rng::Counter;

fn key(alg: Algorithm) -> SigningKey {
    SigningKey::generate(alg, Backend::Deterministic, &mut Counter::new(9)).unwrap()
}

/// An algorithm of each kind.
const SIGNING: &[i64] = &[-7, -35, -36, -47, -8, -257, -37, -48];

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
    for (alg, curve) in [(-7, Curve::P256), (-35, Curve::P384), (-36, Curve::P521), (-47, Curve::Secp256k1)] {
        let alg = Algorithm(alg);
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
    for alg in [-35, -36, -47, -8, -53, -48, -257, -37, -65535] {
        assert_eq!(under(alg), Err(SignatureError::KeyMismatch { alg: Algorithm(alg), found: "a P-256 key" }));
    }
    for alg in [-46, -54, 0] {
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
        assert_eq!(ed25519::check(&x), Err(SignatureError::SmallOrder { curve: "Ed25519" }), "{text}");
        // Under a key of small order the identity and S = 0 sign something.
        let forged = [&[1][..], &[0; 63]].concat();
        assert_eq!(ed25519::verify(&x, b"m", &forged), Err(SignatureError::SmallOrder { curve: "Ed25519" }));
    }
    let mut above = [0xff; 32];
    above[0] = 0xf0;
    above[31] = 0x7f;
    assert_eq!(ed25519::check(&above), Err(SignatureError::KeyNotCanonical { curve: "Ed25519" }));
    assert_eq!(ed25519::check(&[2; 32]), Err(SignatureError::KeyNotCanonical { curve: "Ed25519" }));
}

#[test]
fn small_orders_and_second_encodings_of_ed448_keys_are_refused() {
    let (mut one, mut minus_one, zero) = ([0; 57], [0xff; 57], [0; 57]);
    (one[0], minus_one[0], minus_one[28], minus_one[56]) = (1, 0xfe, 0xfe, 0);
    let (mut negative_zero, mut beyond, mut above) = (zero, one, [0xff; 57]);
    (negative_zero[56], beyond[56], above[56]) = (0x80, 0x01, 0);
    for x in [one, minus_one, zero, negative_zero] {
        assert_eq!(ed448::check(&x), Err(SignatureError::SmallOrder { curve: "Ed448" }));
    }
    for x in [beyond, above, [2; 57]] {
        assert_eq!(ed448::check(&x), Err(SignatureError::KeyNotCanonical { curve: "Ed448" }));
    }
}

/// RFC 8032 §7.4: the first two signatures there, of no message and of one byte.
#[test]
fn ed448_signatures_are_those_of_rfc_8032() {
    let hex = crate::test_rng::hex;
    let x = |text: &str| <[u8; 57]>::try_from(hex(text)).unwrap();
    let blank = x(
        "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
    );
    let of_blank = hex(
        "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600",
    );
    let octet = x(
        "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
    );
    let of_octet = hex(
        "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00",
    );
    assert_eq!(ed448::verify(&blank, b"", &of_blank), Ok(()));
    assert_eq!(ed448::verify(&octet, &[3], &of_octet), Ok(()));
    assert_eq!(ed448::verify(&octet, &[4], &of_octet), Err(SignatureError::Mismatch));
    let mut changed = of_octet.clone();
    changed[113] = 0x40;
    assert_eq!(ed448::verify(&octet, &[3], &changed), Err(EncodingError::Range("S").into()));
    let length = EncodingError::Length { expected: 114, found: 113 };
    assert_eq!(ed448::verify(&octet, &[3], &of_octet[1..]), Err(length.into()));
    for at in 0..114 {
        let mut changed = of_octet.clone();
        changed[at] ^= 1;
        assert!(ed448::verify(&octet, &[3], &changed).is_err(), "{at}");
    }
}

#[test]
fn ml_dsa_keys_and_signatures_have_one_length() {
    for alg in [-48, -49, -50].map(Algorithm) {
        let key = key(alg);
        let signature = key.sign(b"m", &mut Counter::new(0));
        let KeyMaterial::MlDsa { set, key: bytes } = &key.public_key().material else { unreachable!() };
        let short = EncodingError::Length { expected: set.signature_len(), found: set.signature_len() - 1 };
        assert_eq!(verify(key.public_key(), b"m", &signature[1..]), Err(short.into()));
        let long = ml_dsa::verify(*set, &[&bytes[..], &[0]].concat(), b"m", &signature);
        assert_eq!(long, Err(SignatureError::KeyLength { expected: set.key_len(), found: set.key_len() + 1 }));
    }
    let small = key(Algorithm::ML_DSA_44);
    let signature = small.sign(b"m", &mut Counter::new(0));
    let mismatch = SignatureError::KeyMismatch { alg: Algorithm::ML_DSA_65, found: "an ML-DSA-44 key" };
    assert_eq!(verify_with(Algorithm::ML_DSA_65, &small.public_key().into(), b"m", &signature), Err(mismatch));
}

#[test]
fn sha_1_is_for_attestation_only() {
    let key = key(Algorithm::RS1);
    let signature = key.sign(b"m", &mut Counter::new(0));
    assert_eq!(verify_with(Algorithm::RS1, &key.public_key().into(), b"m", &signature), Ok(()));
    let only = Err(SignatureError::AttestationOnly { alg: Algorithm::RS1 });
    assert_eq!(verify(key.public_key(), b"m", &signature), only);
    assert_eq!(check_key(key.public_key()), Ok(()));
    assert!(!is_supported(Algorithm::RS1) && is_supported(Algorithm::RS256));
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
    fn a_changed_signature_never_verifies(alg in prop::sample::select(SIGNING), at: prop::sample::Index, bit in 0..8) {
        let key = key(Algorithm(alg));
        let mut signature = key.sign(b"m", &mut Counter::new(0));
        let at = at.index(signature.len());
        signature[at] ^= 1_u8 << bit;
        prop_assert!(verify(key.public_key(), b"m", &signature).is_err());
    }

    #[test]
    fn any_signature_is_judged(alg in prop::sample::select(SIGNING), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(verify(key(Algorithm(alg)).public_key(), b"m", &bytes).is_err());
    }
}
