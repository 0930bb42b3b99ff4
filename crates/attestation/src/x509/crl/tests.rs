use proptest::prelude::*;

use super::*;
use crate::test_certificates::crl;

/// The lists of GlobalSign that stand beside the workspace, if they do.
fn stored(name: &str) -> Option<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/mds/crl");
    let read = std::fs::read(folder.join(name)).ok();
    if read.is_none() {
        eprintln!("SKIPPED: no vectors beside the workspace");
    }
    read
}

#[test]
fn the_stored_lists_read_as_openssl_reads_them() {
    let (Some(extended), Some(root)) = (stored("gsextendvalsha2g3r3.crl"), stored("root-r3.crl")) else { return };
    let extended = Crl::parse(&extended).unwrap();
    assert!(extended.issuer.to_string().starts_with("CN=GlobalSign Extended Validation CA - SHA256 - G3"));
    assert_eq!(extended.this_update.to_string(), "2024-08-31T03:50:54Z");
    assert_eq!(extended.next_update.unwrap().to_string(), "2024-09-07T03:50:53Z");
    let serial = crate::test_rng::hex("4BC84DF5DD981E621BB18CEC");
    assert_eq!(
        extended.find(&serial).map(|entry| (entry.at.to_string(), entry.reason)),
        Some(("2024-08-08T07:42:02Z".to_owned(), Some(4)))
    );
    assert!(extended.unknown_critical().is_none());
    let root = Crl::parse(&root).unwrap();
    assert_eq!(root.next_update.unwrap().to_string(), "2024-10-15T00:00:00Z");
    assert!(root.revoked.len() > 5, "{}", root.revoked.len());
}

#[test]
fn each_cause_has_its_own_variant() {
    let good = crl(1, &[(&[7], None)]);
    assert_eq!(Crl::parse(&good).unwrap().revoked.len(), 1);
    let trailing = [&good[..], &[0]].concat();
    assert_eq!(Crl::parse(&trailing), Err(CrlError::Malformed(CertificateError::Trailing(1))));
    assert!(matches!(Crl::parse(&good[..good.len() - 1]), Err(CrlError::Malformed(CertificateError::Der(_)))));
    assert_eq!(Crl::parse(&vec![0x30; MAX_CRL + 1]), Err(CrlError::TooLong { found: MAX_CRL + 1 }));
    let version = good.windows(3).position(|window| window == [0x02, 0x01, 0x01]).unwrap() + 2;
    let mut changed = good;
    changed[version] = 2;
    assert_eq!(Crl::parse(&changed), Err(CrlError::Version { found: 2 }));
}

proptest! {
    #[test]
    fn a_changed_list_is_read_or_refused(at: prop::sample::Index, byte: u8) {
        let mut der = crl(1, &[(&[7], Some(1)), (&[8, 1], None)]);
        let at = at.index(der.len());
        der[at] = byte;
        if let Ok(crl) = Crl::parse(&der) {
            let _ = (crl.find(&[7]).map(|entry| entry.reason), crl.unknown_critical());
        }
    }
}
