//! Any bytes as certificates: two by two, as leaf, issuer and anchor.
#![no_main]

use jiff::Timestamp;
use lab_attestation::trust::Anchor;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((cut, rest)) = bytes.split_first() else { return };
    let (leaf, issuer) = rest.split_at(rest.len() * usize::from(*cut) / 256);
    let anchors: Vec<_> = Anchor::from_der(issuer).into_iter().collect();
    lab_attestation::trust::fuzz_path(&[leaf.to_vec(), issuer.to_vec()], anchors, Timestamp::UNIX_EPOCH);
});
