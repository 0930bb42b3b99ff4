use proptest::prelude::*;

use super::*;
use crate::cbor;

fn es256() -> Vec<(Value, Value)> {
    let coordinate = || Value::Bytes(vec![7; 32]);
    vec![
        (1.into(), 2.into()),
        (3.into(), Value::from(-7)),
        (Value::from(-1), 1.into()),
        (Value::from(-2), coordinate()),
        (Value::from(-3), coordinate()),
    ]
}

fn with(label: i64, value: Value) -> Result<CredentialPublicKey, KeyError> {
    let mut key = es256();
    key.retain(|(found, _)| *found != Value::from(label));
    key.push((label.into(), value));
    CredentialPublicKey::parse(&cbor::encode(&Value::Map(key)))
}

fn rsa_key(n: Vec<u8>, e: Vec<u8>) -> Result<CredentialPublicKey, KeyError> {
    let key = CredentialPublicKey { alg: Algorithm::RS256, material: KeyMaterial::Rsa { n, e }, extra: vec![] };
    CredentialPublicKey::parse(&key.encode())
}

#[test]
fn the_canonical_prefixes_of_the_specification_are_written() {
    let bytes = CredentialPublicKey::parse(&cbor::encode(&Value::Map(es256()))).unwrap().encode();
    assert_eq!(bytes[..10], [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
    let ed =
        CredentialPublicKey { alg: Algorithm::EDDSA, material: KeyMaterial::Ed25519 { x: [9; 32] }, extra: vec![] };
    assert_eq!(ed.encode()[..10], [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20]);
    assert_eq!(CredentialPublicKey::parse(&ed.encode()).unwrap(), ed);
}

#[test]
fn every_defect_has_its_own_variant() {
    assert_eq!(with(-2, Value::Bytes(vec![7; 31])), Err(KeyError::Length { member: "x", expected: 32, found: 31 }));
    assert_eq!(with(-3, true.into()), Err(KeyError::Compressed));
    assert_eq!(with(-1, 2.into()), Err(KeyError::CurveMismatch { alg: Algorithm::ES256, expected: 1, found: Some(2) }));
    assert_eq!(with(1, 3.into()), Err(KeyError::KeyType { alg: Algorithm::ES256, kty: 3 }));
    assert_eq!(with(3, "ES256".into()), Err(KeyError::TextAlgorithm));
    assert!(matches!(with(2, Value::Bytes(vec![1])), Ok(key) if key.extra.len() == 1));
    assert!(matches!(with(-4, Value::Bytes(vec![1])), Ok(key) if key.extra.len() == 1));
    assert_eq!(rsa_key(vec![0x80; 128], vec![1, 0, 1]), Err(KeyError::Modulus { found: 1024 }));
    assert!(matches!(rsa_key(vec![0x81; 256], vec![1]), Err(KeyError::Exponent { .. })));
    assert!(matches!(rsa_key(vec![0x81; 256], vec![2]), Err(KeyError::Exponent { .. })));
    assert_eq!(rsa_key(vec![0x81; 256], vec![0, 1, 0, 1]), Err(KeyError::LeadingZero { member: "e" }));
    assert!(rsa_key(vec![0x81; 256], vec![1, 0, 1]).is_ok());
}

#[test]
fn keys_of_the_newer_types_are_read_and_written() {
    let keys = [
        (Algorithm::ES256K, KeyMaterial::Ec2 { curve: Curve::Secp256k1, x: vec![1; 32], y: vec![2; 32] }),
        (Algorithm::ED448, KeyMaterial::Ed448 { x: [3; 57] }),
        (Algorithm::ML_DSA_44, KeyMaterial::MlDsa { set: MlDsa::MlDsa44, key: vec![4; 1312] }),
        (Algorithm::ML_DSA_65, KeyMaterial::MlDsa { set: MlDsa::MlDsa65, key: vec![5; 1952] }),
        (Algorithm::ML_DSA_87, KeyMaterial::MlDsa { set: MlDsa::MlDsa87, key: vec![6; 2592] }),
    ];
    for (alg, material) in keys {
        let key = CredentialPublicKey { alg, material, extra: vec![] };
        assert_eq!(CredentialPublicKey::parse(&key.encode()), Ok(key));
    }
    let ed25519 = KeyMaterial::Ed25519 { x: [9; 32] };
    let ed448 = CredentialPublicKey { alg: Algorithm::ED448, material: ed25519, extra: vec![] };
    let mismatch = KeyError::CurveMismatch { alg: Algorithm::ED448, expected: 7, found: Some(6) };
    assert_eq!(CredentialPublicKey::parse(&ed448.encode()), Err(mismatch));
    let short = KeyMaterial::MlDsa { set: MlDsa::MlDsa65, key: vec![5; 1312] };
    let short = CredentialPublicKey { alg: Algorithm::ML_DSA_65, material: short, extra: vec![] };
    let length = KeyError::Length { member: "pub", expected: 1952, found: 1312 };
    assert_eq!(CredentialPublicKey::parse(&short.encode()), Err(length));
}

#[test]
fn a_key_of_an_unknown_algorithm_survives() {
    let key = Value::Map(vec![
        (1.into(), 7.into()),
        (3.into(), Value::from(-46)),
        (Value::from(-1), Value::Bytes(vec![1; 9])),
    ]);
    let parsed = CredentialPublicKey::parse(&cbor::encode(&key)).unwrap();
    assert_eq!(parsed.material, KeyMaterial::Unknown { kty: 7, crv: None });
    assert_eq!(parsed.extra.len(), 3);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let _ = CredentialPublicKey::parse(&bytes);
    }
}
