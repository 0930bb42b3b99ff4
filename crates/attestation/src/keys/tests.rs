use proptest::prelude::*;

use super::*;
use crate::signature::{self, SignatureError};
use crate::test_rng::Counter;

const ALGORITHMS: [i64; 18] =
    [-7, -9, -35, -51, -36, -52, -47, -8, -19, -48, -49, -50, -257, -258, -259, -37, -38, -39];
const BACKENDS: [Backend; 2] = [Backend::Fast, Backend::Deterministic];

#[test]
fn every_algorithm_signs_and_verifies_with_both_backends() {
    for (alg, backend) in ALGORITHMS.iter().flat_map(|alg| BACKENDS.map(|backend| (Algorithm(*alg), backend))) {
        let mut rng = Counter::new(1);
        let key = SigningKey::generate(alg, backend, &mut rng).unwrap();
        let signature = key.sign(b"message", &mut rng);
        assert_eq!(signature::verify(key.public_key(), b"message", &signature), Ok(()), "{alg} {backend:?}");
        assert_eq!(signature::check_key(key.public_key()), Ok(()), "{alg} {backend:?}");
        let other = signature::verify(key.public_key(), b"massage", &signature);
        assert_eq!(other, Err(SignatureError::Mismatch), "{alg} {backend:?}");
        assert_eq!(CredentialPublicKey::parse(key.cose()).as_ref(), Ok(key.public_key()));
    }
}

#[test]
fn a_secret_of_one_backend_is_the_same_key_in_the_other() {
    for (alg, backend) in ALGORITHMS.iter().flat_map(|alg| BACKENDS.map(|backend| (Algorithm(*alg), backend))) {
        let key = SigningKey::generate(alg, backend, &mut Counter::new(2)).unwrap();
        for reader in BACKENDS {
            let read = SigningKey::from_secret(alg, reader, &key.to_secret()).unwrap();
            assert_eq!(read.cose(), key.cose(), "{alg} {backend:?} {reader:?}");
            assert_eq!(read.to_secret(), key.to_secret());
            let signature = read.sign(b"m", &mut Counter::new(3));
            assert_eq!(signature::verify(key.public_key(), b"m", &signature), Ok(()));
        }
    }
}

#[test]
fn a_seed_decides_keys_and_signatures() {
    let run = |alg, seed| {
        let mut rng = Counter::new(seed);
        let key = SigningKey::generate(alg, Backend::Deterministic, &mut rng).unwrap();
        (key.cose().to_vec(), key.sign(b"m", &mut rng))
    };
    for alg in ALGORITHMS.map(Algorithm) {
        assert_eq!(run(alg, 5), run(alg, 5), "{alg}");
        let others: Vec<_> = (6..16).map(|seed| run(alg, seed)).collect();
        assert!(others.iter().any(|other| *other != run(alg, 5)), "{alg}");
    }
}

/// aws-lc, which did not make the signature, verifies it.
#[test]
fn rs1_signs_for_attestation_with_both_backends() {
    for backend in BACKENDS {
        let key = SigningKey::generate(Algorithm::RS1, backend, &mut Counter::new(1)).unwrap();
        let signature = key.sign(b"message", &mut Counter::new(2));
        let verify = |message| signature::verify_with(Algorithm::RS1, &key.public_key().into(), message, &signature);
        assert_eq!(verify(b"message"), Ok(()));
        assert_eq!(verify(b"massage"), Err(SignatureError::Mismatch));
        let rs256 = SigningKey::from_secret(Algorithm::RS256, backend, &key.to_secret()).unwrap();
        assert_eq!(rs256.public_key().material, key.public_key().material);
    }
}

#[test]
fn each_published_rsa_key_can_be_chosen() {
    let keys = (0..=255).map(|byte| {
        let mut rng = Counter::constant(byte);
        SigningKey::generate(Algorithm::RS256, Backend::Deterministic, &mut rng).unwrap().cose().to_vec()
    });
    assert_eq!(keys.collect::<std::collections::BTreeSet<_>>().len(), PUBLISHED_RSA_KEYS.len());
}

#[test]
fn each_cause_has_its_own_error() {
    let generate = |alg, rng: &mut Counter| SigningKey::generate(alg, Backend::Deterministic, rng).map(|_| ());
    let alg = Algorithm::ED448;
    assert_eq!(generate(alg, &mut Counter::new(0)), Err(KeyError::Unsupported { alg }));
    assert_eq!(generate(Algorithm::ES256, &mut Counter::constant(0)), Err(KeyError::Randomness(16)));
    for (alg, backend) in ALGORITHMS.iter().flat_map(|alg| BACKENDS.map(|backend| (Algorithm(*alg), backend))) {
        let refused = SigningKey::from_secret(alg, backend, &[7; 31]).map(|_| ());
        assert_eq!(refused, Err(KeyError::Secret { alg, found: 31 }));
    }
}

/// RFC 6979 §A.2.5, §A.2.6 and §A.2.7: the keys there and their signatures of "sample".
#[test]
fn ecdsa_nonces_are_those_of_rfc_6979() {
    for (alg, secret, r) in [
        (
            Algorithm::ES256,
            "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
        ),
        (
            Algorithm::ES384,
            "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
            "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46",
        ),
        (
            Algorithm::ES512,
            "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
            "c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa",
        ),
    ] {
        let secret = crate::test_rng::hex(secret);
        let key = SigningKey::from_secret(alg, Backend::Deterministic, &secret).unwrap();
        let signature = key.sign(b"sample", &mut Counter::new(0));
        let r = crate::test_rng::hex(r);
        assert!(signature.windows(r.len()).any(|window| window == r), "{alg}");
        assert_eq!(signature::verify(key.public_key(), b"sample", &signature), Ok(()));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_secret_or_refused(alg in prop::sample::select(&ALGORITHMS[..]), bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        for backend in BACKENDS {
            if let Ok(key) = SigningKey::from_secret(Algorithm(alg), backend, &bytes) {
                prop_assert_eq!(key.to_secret(), bytes.clone());
            }
        }
    }
}
