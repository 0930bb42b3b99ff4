use std::str::FromStr as _;

use super::*;
use crate::layout::{oid, text};
use crate::signature::{PublicKey, verify_with};
use crate::test_rng::Counter;
use crate::x509::Certificate;

const ALGORITHMS: [i64; 7] = [-7, -35, -36, -8, -257, -37, -9];

pub(crate) fn options(backend: Backend) -> VendorsOptions {
    VendorsOptions {
        backend,
        seeded: backend == Backend::Deterministic,
        not_before: Timestamp::from_str("2026-01-01T00:00:00Z").unwrap(),
        not_after: Timestamp::from_str("2056-01-01T00:00:00Z").unwrap(),
    }
}

pub(crate) fn stand_in() -> Vendors {
    Vendors::new(options(Backend::Deterministic), &mut Counter::new(1))
}

pub(crate) fn model() -> VendorModel {
    VendorModel {
        aaguid: Aaguid::from_str("a25342c0-3cdc-4414-8e46-f4807fca511c").unwrap(),
        name: "YubiKey 5 NFC".into(),
        vendor: "Yubico AB".into(),
        country: "SE".into(),
        aaguid_extension: true,
    }
}

#[test]
fn one_seed_gives_the_same_bytes_in_any_order() {
    let chains = |order: &[i64]| {
        let vendors = stand_in();
        let mut chains: Vec<_> = order
            .iter()
            .flat_map(|alg| [Root::StandIn, Root::Foreign].map(|root| (*alg, root)))
            .map(|(alg, root)| (alg, vendors.certificate(&model(), Algorithm(alg), root).unwrap().chain.clone()))
            .collect();
        chains.sort();
        (vendors.stand_in_root().to_vec(), vendors.foreign_root().to_vec(), chains)
    };
    let reversed: Vec<_> = ALGORITHMS.iter().rev().copied().collect();
    assert_eq!(chains(&ALGORITHMS), chains(&reversed));
    let other = Vendors::new(options(Backend::Deterministic), &mut Counter::new(2));
    assert_ne!(stand_in().stand_in_root(), other.stand_in_root());
}

#[test]
fn a_batch_is_made_once() {
    let vendors = Vendors::new(options(Backend::Fast), &mut Counter::new(1));
    let ask = |model: &VendorModel| vendors.certificate(model, Algorithm::ES256, Root::StandIn).unwrap();
    assert!(Arc::ptr_eq(&ask(&model()), &ask(&model())));
    let without = VendorModel { aaguid_extension: false, ..model() };
    assert!(!Arc::ptr_eq(&ask(&model()), &ask(&without)));
}

#[test]
fn leaves_are_signed_by_their_root_and_read_in_x509_cert() {
    for backend in [Backend::Fast, Backend::Deterministic] {
        let vendors = Vendors::new(options(backend), &mut Counter::new(1));
        for alg in ALGORITHMS.map(Algorithm) {
            let batch = vendors.certificate(&model(), alg, Root::StandIn).unwrap();
            let leaf = Certificate::parse(&batch.chain[0]).unwrap();
            let root = Certificate::parse(vendors.stand_in_root()).unwrap();
            assert_eq!(leaf.issuer, root.subject);
            assert_eq!(leaf.public_key(), PublicKey::from(batch.key.public_key()));
            let signed = verify_with(Algorithm::ES256, &root.public_key(), leaf.tbs, leaf.signature);
            assert_eq!(signed, Ok(()));
            let theirs: x509_cert::Certificate = der::Decode::from_der(&batch.chain[0]).unwrap();
            assert_eq!(der::Encode::to_der(&theirs).unwrap(), batch.chain[0]);
            let validity = theirs.tbs_certificate().validity();
            assert_eq!(validity.not_before.to_string(), "2026-01-01T00:00:00Z");
            assert_eq!(validity.not_after.to_string(), "2056-01-01T00:00:00Z");
        }
    }
}

#[test]
fn every_root_says_that_it_is_a_laboratorys() {
    for (backend, seeded) in [(Backend::Fast, false), (Backend::Deterministic, true)] {
        let vendors = Vendors::new(options(backend), &mut Counter::new(1));
        let batch = vendors.certificate(&model(), Algorithm::ES256, Root::Foreign).unwrap();
        for der in [vendors.stand_in_root(), vendors.foreign_root()] {
            let subject = Certificate::parse(der).unwrap().subject.to_string();
            assert!(subject.contains(text::LABORATORY), "{subject}");
            assert_eq!(subject.contains(text::SEEDED), seeded, "{subject}");
            assert!(Certificate::parse(der).unwrap().subject.attributes().unwrap().iter().all(|a| a.value.len() <= 64));
        }
        let leaf = Certificate::parse(&batch.chain[0]).unwrap().subject.to_string();
        assert_eq!(leaf.contains(text::SEEDED), seeded, "{leaf}");
        assert!(leaf.starts_with("CN=LAB YubiKey 5 NFC batch"), "{leaf}");
        assert!(leaf.ends_with("OU=Authenticator Attestation, O=Yubico AB (stand-in of Passkey Lab), C=SE"), "{leaf}");
    }
}

#[test]
fn the_aaguid_extension_is_two_nested_octet_strings() {
    let batch = stand_in().certificate(&model(), Algorithm::ES256, Root::StandIn).unwrap();
    let leaf = Certificate::parse(&batch.chain[0]).unwrap();
    let extension = leaf.extension(oid::FIDO_AAGUID).unwrap();
    assert_eq!(extension.value, [&[0x04, 0x10], &model().aaguid.0[..]].concat());
    assert!(!extension.critical);
}

#[test]
fn what_no_certificate_can_hold_is_an_error() {
    let ask = |model: &VendorModel, alg| stand_in().certificate(model, Algorithm(alg), Root::StandIn).map(|_| ());
    for country in ["", "S", "SWE", "se", "S1"] {
        let model = VendorModel { country: country.into(), ..model() };
        assert_eq!(ask(&model, -7), Err(EmitError::Country { found: country.into() }));
    }
    assert!(matches!(ask(&model(), -53), Err(EmitError::Key(_))));
    let long = VendorModel { name: "ä".repeat(200), vendor: "é".repeat(200), ..model() };
    assert_eq!(ask(&long, -7), Ok(()));
}
