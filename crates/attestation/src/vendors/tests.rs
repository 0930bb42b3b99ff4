use std::str::FromStr as _;

use super::*;
use crate::layout::{oid, text};
use crate::signature::{PublicKey, verify_scheme, verify_with};
use crate::test_rng::Counter;
use crate::x509::{Certificate, SignatureAlgorithm};

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
    let aaguid = Aaguid::from_str("a25342c0-3cdc-4414-8e46-f4807fca511c").unwrap();
    VendorModel {
        transports: vec!["nfc".into(), "usb".into()],
        ..VendorModel::new(aaguid, "YubiKey 5 NFC", "Yubico AB", "SE")
    }
}

/// The batch key and certificate of a model.
pub(crate) fn batch(
    vendors: &Vendors,
    model: &VendorModel,
    alg: Algorithm,
    root: Root,
) -> Result<Certified, EmitError> {
    match &*vendors.attestor(model, &Wanted::new("packed", alg, root))? {
        Attestor::Certified(certified) => Ok(certified.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_seed_gives_the_same_bytes_in_any_order() {
    let chains = |order: &[i64]| {
        let vendors = stand_in();
        let mut chains: Vec<_> = order
            .iter()
            .flat_map(|alg| [Root::StandIn, Root::Foreign].map(|root| (*alg, root)))
            .map(|(alg, root)| (alg, batch(&vendors, &model(), Algorithm(alg), root).unwrap().chain.clone()))
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
    let wanted = Wanted::new("packed", Algorithm::ES256, Root::StandIn);
    let ask = |model: &VendorModel| vendors.attestor(model, &wanted).unwrap();
    assert!(Arc::ptr_eq(&ask(&model()), &ask(&model())));
    let without = VendorModel { aaguid_extension: false, ..model() };
    assert!(!Arc::ptr_eq(&ask(&model()), &ask(&without)));
}

#[test]
fn leaves_are_signed_by_their_root_and_read_in_x509_cert() {
    for backend in [Backend::Fast, Backend::Deterministic] {
        let vendors = Vendors::new(options(backend), &mut Counter::new(1));
        for alg in ALGORITHMS.map(Algorithm) {
            let batch = batch(&vendors, &model(), alg, Root::StandIn).unwrap();
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
        let batch = batch(&vendors, &model(), Algorithm::ES256, Root::Foreign).unwrap();
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
    let batch = batch(&stand_in(), &model(), Algorithm::ES256, Root::StandIn).unwrap();
    let leaf = Certificate::parse(&batch.chain[0]).unwrap();
    let extension = leaf.extension(oid::FIDO_AAGUID).unwrap();
    assert_eq!(extension.value, [&[0x04, 0x10], &model().aaguid.0[..]].concat());
    assert!(!extension.critical);
}

#[test]
fn what_no_certificate_can_hold_is_an_error() {
    let ask = |model: &VendorModel, alg| batch(&stand_in(), model, Algorithm(alg), Root::StandIn).map(|_| ());
    for country in ["", "S", "SWE", "se", "S1"] {
        let model = VendorModel { country: country.into(), ..model() };
        assert_eq!(ask(&model, -7), Err(EmitError::Country { found: country.into() }));
    }
    assert!(matches!(ask(&model(), -53), Err(EmitError::Key(_))));
    let long = VendorModel { name: "ä".repeat(200), vendor: "é".repeat(200), ..model() };
    assert_eq!(ask(&long, -7), Ok(()));
}

/// Every attestor of a model, as the formats ask for them.
fn every_chain(vendors: &Vendors, model: &VendorModel) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let mut chains = Vec::new();
    for fmt in emit::formats() {
        let alg = Algorithm::ES256;
        match vendors.attestor(model, &Wanted { device: &[1; 16], ..Wanted::new(fmt, alg, Root::StandIn) }).as_deref() {
            Ok(Attestor::Certified(certified)) => chains.push((fmt, certified.chain.clone())),
            Ok(Attestor::Certifying(certifying)) => chains.push((fmt, certifying.chain.clone())),
            Ok(Attestor::Parts(_)) | Err(_) => {}
        }
    }
    chains
}

fn signed_by(certificate: &Certificate<'_>, issuer: &Certificate<'_>) -> bool {
    let SignatureAlgorithm::Known(scheme) = certificate.signature_algorithm.signature() else { return false };
    verify_scheme(scheme, &issuer.public_key(), certificate.tbs, certificate.signature) == Some(Ok(()))
}

/// For every hierarchy of every format: each certificate is signed by the next, and
/// the last one by the root.
#[test]
fn every_chain_leads_to_the_one_root_and_every_ca_says_that_it_is_a_laboratorys() {
    for level in [SecurityLevel::Software, SecurityLevel::TrustedEnvironment, SecurityLevel::StrongBox] {
        let vendors = stand_in();
        let chains = every_chain(&vendors, &VendorModel { intermediates: 2, security_level: level, ..model() });
        assert_eq!(chains.len(), emit::formats().count() - 2, "all but none and compound");
        for (fmt, chain) in chains {
            let issuers = chain.iter().skip(1).map(Vec::as_slice).chain([vendors.stand_in_root()]);
            for (der, issuer) in chain.iter().zip(issuers) {
                let (certificate, issuer) = (Certificate::parse(der).unwrap(), Certificate::parse(issuer).unwrap());
                assert_eq!(certificate.issuer, issuer.subject, "{fmt}");
                assert!(signed_by(&certificate, &issuer), "{fmt}: {}", certificate.subject);
                assert!(issuer.subject.to_string().contains(text::LABORATORY), "{fmt}: {}", issuer.subject);
                assert!(issuer.subject.to_string().contains(text::SEEDED), "{fmt}: {}", issuer.subject);
                assert!(issuer.subject.attributes().unwrap().iter().all(|name| name.value.len() <= 64), "{fmt}");
                let theirs: x509_cert::Certificate = der::Decode::from_der(der).unwrap();
                assert_eq!(&der::Encode::to_der(&theirs).unwrap(), der, "{fmt}");
            }
        }
    }
}

#[test]
fn each_device_and_each_serial_number_has_a_certificate_of_its_own() {
    let vendors = stand_in();
    let ask = |wanted: &Wanted<'_>| match &*vendors.attestor(&model(), wanted).unwrap() {
        Attestor::Certified(certified) => certified.chain[0].clone(),
        other => panic!("{other:?}"),
    };
    let of = |fmt, device, serial| ask(&Wanted { device, serial, ..Wanted::new(fmt, Algorithm::ES256, Root::StandIn) });
    assert_ne!(of("tpm", b"one", None), of("tpm", b"two", None));
    assert_eq!(of("packed", b"one", None), of("packed", b"two", None), "a batch has one certificate");
    let (first, second) = (of("packed", b"", Some(b"0001")), of("packed", b"", Some(b"0002")));
    let serial =
        |der: &[u8]| Certificate::parse(der).unwrap().extension(oid::FIDO_SERIAL).map(|found| found.value.to_vec());
    assert_eq!(serial(&first), Some(b"\x04\x040001".to_vec()));
    assert_eq!(serial(&second), Some(b"\x04\x040002".to_vec()));
    assert_eq!(serial(&of("packed", b"", None)), None, "forbidden outside enterprise attestation");
    assert_ne!(Certificate::parse(&first).unwrap().spki, Certificate::parse(&second).unwrap().spki);
}

/// `03 02 04 30` is what YubiKeys with USB and NFC have.
#[test]
fn a_security_key_names_its_transports_as_real_ones_do() {
    let leaf = batch(&stand_in(), &model(), Algorithm::ES256, Root::StandIn).unwrap().chain.remove(0);
    let extension = Certificate::parse(&leaf).unwrap().extension(oid::FIDO_TRANSPORTS).unwrap().value.to_vec();
    assert_eq!(extension, [0x03, 0x02, 0x04, 0x30]);
}
