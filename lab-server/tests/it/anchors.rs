//! Keys that are emulated elsewhere: trusted where their root is brought along, and said to be a laboratory's.

use lab_attestation::trust::{Anchor, Origin};
use lab_jobs::world::World;
use lab_server::Settings;
use serde_json::{Value, json};

use crate::lab::{Browser, TestLab, USER, tenant_with};

/// Registers a key of another run at a lab that enforces attestation.
async fn registers(trusted: bool) -> (Value, String) {
    let elsewhere = World::seeded(99, "2026-11-28T12:00:00Z".parse().unwrap());
    let root = Anchor::from_der(elsewhere.vendors().stand_in_root(), Origin::Given).unwrap();
    let anchors = if trusted { vec![root] } else { Vec::new() };
    let lab =
        TestLab::of(Settings::localhost(8080), tenant_with("registrationOnly"), |grounds| grounds.trusting(anchors));
    let mut browser = Browser::of_world("yubikey-5-nfc", &lab, &elsewhere);
    let options = lab.post("/mysecurityinfo/options", &json!({ "user": USER })).await.ok();
    let credential = browser.create(&options);
    let told = lab.post("/mysecurityinfo/result", &json!({ "credential": credential })).await.ok();
    let page = lab.get(&format!("/ceremonies/{}", told["ceremony"])).await.text;
    (told, page)
}

#[tokio::test]
async fn a_key_of_another_run_is_trusted_by_its_root_and_the_trace_says_whose_it_is() {
    let (told, page) = registers(true).await;
    assert_eq!(told["verdict"], "allowed", "{told}");
    assert!(page.contains("LABORATORY, NOT A REAL AUTHENTICATOR"), "{page}");
}

#[tokio::test]
async fn without_its_root_it_is_nobody() {
    let (told, _) = registers(false).await;
    assert_eq!((&told["verdict"], &told["decidedBy"]), (&json!("refused"), &json!("entra/attestation")), "{told}");
}
