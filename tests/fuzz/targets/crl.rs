//! Certificate revocation lists.

#![no_main]

use lab_attestation::x509::Crl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(crl) = Crl::parse(bytes) else { return };
    for revoked in crl.revoked.iter().take(16) {
        assert!(crl.find(revoked.serial).is_some());
    }
    let _ = (crl.unknown_critical(), crl.issuer.to_string(), crl.signature_algorithm.signature());
});
