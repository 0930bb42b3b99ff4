use der::Encode as _;
use proptest::prelude::*;

use super::*;
use crate::layout::oid;

/// Every certificate of the vectors reads here as it does in x509-cert.
#[test]
fn the_roots_of_the_vectors_read_as_in_x509_cert() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/roots");
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: no vectors beside the workspace");
        return;
    };
    let mut read = 0;
    for path in files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "pem")) {
        let pem = std::fs::read_to_string(&path).unwrap();
        let (_, document) = der::Document::from_pem(&pem).unwrap();
        compare(document.as_bytes());
        read += 1;
    }
    assert!(read > 30, "only {read} certificates were found");
}

fn compare(der: &[u8]) {
    let ours = Certificate::parse(der).unwrap();
    let theirs: x509_cert::Certificate = der::Decode::from_der(der).unwrap();
    let tbs = theirs.tbs_certificate();
    assert_eq!(ours.subject.der(), tbs.subject().to_der().unwrap());
    assert_eq!(ours.issuer.der(), tbs.issuer().to_der().unwrap());
    assert_eq!(ours.spki, tbs.subject_public_key_info().to_der().unwrap());
    assert_eq!(ours.signature, theirs.signature().raw_bytes());
    assert_eq!(ours.not_before.as_second() as u64, tbs.validity().not_before.to_unix_duration().as_secs());
    let extensions: Vec<_> = tbs.extensions().into_iter().flatten().collect();
    assert_eq!(ours.extensions.len(), extensions.len());
    for (ours, theirs) in ours.extensions.iter().zip(extensions) {
        assert_eq!(
            (ours.oid, ours.critical, ours.value),
            (theirs.extn_id, theirs.critical, theirs.extn_value.as_bytes())
        );
    }
    let subject = Name { der: ours.subject.der() };
    assert_eq!(subject.attributes().unwrap().len(), tbs.subject().iter().count());
}

fn sample() -> Vec<u8> {
    crate::vendors::tests::stand_in().stand_in_root().to_vec()
}

#[test]
fn each_cause_has_its_own_variant() {
    use CertificateError as E;
    let good = sample();
    assert!(Certificate::parse(&good).is_ok());
    assert_eq!(Certificate::parse(&[&good[..], &[0]].concat()), Err(E::Trailing(1)));
    assert!(matches!(Certificate::parse(&good[..good.len() - 1]), Err(E::Der(_))));
    assert!(matches!(Certificate::parse(&[]), Err(E::Der(_))));
    assert_eq!(Certificate::parse(&vec![0x30; MAX_CERTIFICATE + 1]), Err(E::TooLong { found: MAX_CERTIFICATE + 1 }));
    let version = good.windows(3).position(|window| window == [0x02, 0x01, 0x02]).unwrap() + 2;
    let mut changed = good.clone();
    changed[version] = 3;
    assert_eq!(Certificate::parse(&changed), Err(E::Version { found: 3 }));
    let algorithm = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    let inner = good.windows(8).position(|window| window == algorithm).unwrap();
    changed = good;
    changed[inner + 7] = 3;
    assert_eq!(Certificate::parse(&changed), Err(E::AlgorithmsDiffer));
}

#[test]
fn duplicate_extensions_are_refused() {
    let good = sample();
    let key_usage = good.windows(3).position(|window| window == [0x55, 0x1d, 0x0f]).unwrap();
    let mut changed = good;
    changed[key_usage + 2] = 0x13;
    assert_eq!(Certificate::parse(&changed), Err(CertificateError::DuplicateExtension(oid::BASIC_CONSTRAINTS)));
}

#[test]
fn names_compare_across_string_types_case_and_spaces() {
    let name = |tag: u8, text: &str| {
        let value = [&[0x06, 3, 0x55, 4, 3, tag, text.len() as u8], text.as_bytes()].concat();
        let wrap = |tag: u8, content: &[u8]| [&[tag, content.len() as u8], content].concat();
        wrap(0x30, &wrap(0x31, &wrap(0x30, &value)))
    };
    let same = |a: &[u8], b: &[u8]| Name { der: a }.same(&Name { der: b });
    let printable = name(0x13, "Root  One");
    assert!(same(&printable, &name(0x0c, "root one")));
    assert!(!same(&printable, &name(0x0c, "root two")));
    assert_eq!(Name { der: &printable }.to_string(), "CN=Root  One");
    assert!(!same(&[0x30, 1, 5], &[0x30, 1, 6]));
    assert_eq!(Name { der: &[0x30, 0] }.to_string(), "(an empty name)");
}

#[test]
fn pss_parameters_are_read() {
    let read = |text: &str| {
        let bytes = crate::test_rng::hex(text);
        AlgorithmIdentifier::read(&mut SliceReader::new(&bytes).unwrap()).unwrap().signature()
    };
    let sha256 = "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120";
    let scheme = crate::signature::Scheme::RsaPss { hash: crate::signature::Hash::Sha256, salt_len: 32 };
    assert_eq!(read(sha256), SignatureAlgorithm::Known(scheme));
    assert_eq!(read(&sha256.replace("0402010500a2", "0402020500a2")), SignatureAlgorithm::Unsupported);
    assert_eq!(read("300d06092a864886f70d01010a3000"), SignatureAlgorithm::Weak("id-RSASSA-PSS with SHA-1"));
    assert_eq!(read("300b06092a864886f70d01010a"), SignatureAlgorithm::Unsupported);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Certificate::parse(&bytes);
    }

    #[test]
    fn a_changed_certificate_is_read_or_refused(at: prop::sample::Index, byte: u8) {
        let mut der = sample();
        let at = at.index(der.len());
        der[at] = byte;
        if let Ok(certificate) = Certificate::parse(&der) {
            let _ = (certificate.public_key(), certificate.basic_constraints(), certificate.may_sign_certificates());
            let _ = (certificate.subject.to_string(), certificate.signature_algorithm.signature());
            prop_assert_eq!(certificate.der, &der[..]);
        }
    }
}
