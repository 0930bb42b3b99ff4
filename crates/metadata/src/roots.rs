//! The roots that FIDO's BLOBs chain to.

use lab_attestation::trust::Anchors;

const GLOBALSIGN_R3: &str = include_str!("../roots/globalsign-root-ca-r3.pem");

/// The roots that the published BLOBs were seen to chain to (`roots/README.md`). FIDO may choose another:
/// whoever opens a BLOB can hand in their own.
#[must_use]
pub fn fido_roots() -> Anchors {
    Anchors::from_pem_texts([GLOBALSIGN_R3]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_root_is_the_one_that_globalsign_publishes() {
        let roots = super::fido_roots();
        let hashes: Vec<_> = roots.iter().map(|root| lab_attestation::sha256(root.der())).collect();
        let published = "cbb522d7b7f127ad6a0113865bdf1cd4102e7d0759af635a7cf4720dc963c53b";
        let hex = |hash: &[u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hashes.iter().map(hex).collect::<Vec<_>>(), [published]);
    }
}
