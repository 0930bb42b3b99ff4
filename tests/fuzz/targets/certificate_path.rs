//! Any bytes as certificates: a leaf and its issuer, which is an intermediate and an anchor too.
#![no_main]

use jiff::Timestamp;
use lab_attestation::trust::{self, Anchor, Anchors, Origin};
use lab_protocol::trace::Trace;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((cut, rest)) = bytes.split_first() else { return };
    let (leaf, issuer) = rest.split_at(rest.len() * usize::from(*cut) / 256);
    let anchors: Anchors = [leaf, issuer].iter().flat_map(|der| Anchor::from_der(der, Origin::Given)).collect();
    let (path, pool) = ([leaf.to_vec(), issuer.to_vec()], [issuer.to_vec(), leaf.to_vec()]);
    for path in [&path[..], &path[..1]] {
        let mut trace = Trace::new();
        let _ = trust::chain(path, &anchors, &pool, Timestamp::UNIX_EPOCH, &mut trace);
        trace.entries().iter().for_each(|entry| assert!(!entry.message().is_empty()));
    }
});
