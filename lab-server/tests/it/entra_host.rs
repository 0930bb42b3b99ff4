//! Entra's host on loopback, and what every origin says of itself.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use lab_protocol::base64url;
use lab_server::{EntraHost, Settings, Token};
use serde_json::{Value, json};

use crate::lab::{Answer, Browser, TestLab, USER, request};

const COMMAND: &str = "chromium --user-data-dir=/tmp/x";

/// A lab at localhost that rehearses at Entra's host.
fn lab() -> TestLab {
    TestLab::with(Settings { entra_host: EntraHost::By(COMMAND.to_owned()), ..Settings::localhost(8080) })
}

fn at(lab: &TestLab, host: &str) -> TestLab {
    let origin = format!("https://{host}");
    lab.at(Settings::entra_hosts().into_iter().find(|settings| settings.origin == origin).unwrap())
}

async fn register(lab: &TestLab, browser: &mut Browser) -> (Value, Answer) {
    let options = lab.post("/mysecurityinfo/options", &json!({ "user": USER })).await.ok();
    let credential = browser.create(&options);
    (options, lab.post("/mysecurityinfo/result", &json!({ "credential": credential })).await)
}

#[tokio::test]
async fn a_ceremony_there_has_entras_rp_id_and_the_labs_handle() {
    let lab = lab();
    let there = at(&lab, "login.microsoft.com");
    let mut browser = Browser::with("yubikey-5-nfc", &there);
    let (options, told) = register(&there, &mut browser).await;
    assert_eq!(options["rp"]["id"], "login.microsoft.com");
    let handle = base64url::decode(options["user"]["id"].as_str().unwrap()).unwrap();
    assert!(handle.starts_with(b"LAB"));
    assert_eq!(told.ok()["verdict"], "allowed");
    let options = there.post("/signin/options", &json!({ "user": USER })).await.ok();
    assert_eq!(
        (&options["rpId"], options["allowCredentials"].as_array().unwrap().len()),
        (&json!("login.microsoft.com"), 1)
    );
    let told = there.post("/signin/result", &json!({ "credential": browser.get(&options) })).await.ok();
    assert_eq!(told["verdict"], "allowed");
    let page = there.get(&format!("/ceremonies/{}", told["ceremony"])).await.text;
    assert!(page.contains("the RP ID is Entra's own"), "{page}");
    assert!(!page.contains("can be neither replaced nor used here"), "a real one could be used");
    let case = lab.get(&format!("/ceremonies/{}/case.json", told["ceremony"])).await.ok();
    assert_eq!(
        (&case["origin"], &case["rp_id"]),
        (&json!("https://login.microsoft.com"), &json!("login.microsoft.com"))
    );
}

#[tokio::test]
async fn a_real_passkey_that_somebody_chooses_there_is_refused_and_nothing_of_it_is_kept() {
    let lab = lab();
    let there = at(&lab, "login.microsoft.com");
    let mut browser = Browser::with("yubikey-5-nfc", &there);
    let mut options = there.post("/mysecurityinfo/options", &json!({ "user": USER })).await.ok();
    let handle = base64url::encode(b"O:the-handle-of-a-real-user");
    options["user"]["id"] = json!(handle);
    browser.create(&options);
    let options = there.post("/signin/options", &json!({})).await.ok();
    let real = browser.get(&options);
    assert_eq!(real["response"]["userHandle"], json!(handle));
    let told = there.post("/signin/result", &json!({ "credential": real })).await.ok();
    assert_eq!(told["verdict"], "refused");
    let number = told["ceremony"].as_u64().unwrap();
    assert_eq!(lab.lab.store.input(number).unwrap(), None);
    let seen = [there.get(&format!("/ceremonies/{number}")).await.text, there.get("/log").await.text, told.to_string()];
    for text in seen {
        assert!(!text.contains(&handle) && !text.contains(real["id"].as_str().unwrap()), "{text}");
    }
}

#[tokio::test]
async fn one_state_and_each_origin_has_its_own_passkeys() {
    let lab = lab();
    let there = at(&lab, "login.microsoft.com");
    register(&there, &mut Browser::with("yubikey-5-nfc", &there)).await.1.ok();
    assert!(lab.get(&format!("/mysecurityinfo?user={USER}")).await.text.contains("YubiKey"), "listed here too");
    let options = lab.post("/signin/options", &json!({ "user": USER })).await.ok();
    assert_eq!((&options["rpId"], &options["allowCredentials"]), (&json!("localhost"), &json!([])));
    let options = lab.post("/attestation/options", &json!({ "username": USER, "displayName": "Ada" })).await.ok();
    assert_eq!(options["rp"]["id"], "localhost", "the interfaces for programs stay where they are");
}

#[tokio::test]
async fn a_ceremony_that_took_place_at_another_origin_is_refused() {
    let lab = lab();
    let there = at(&lab, "login.microsoft.com");
    let mut browser = Browser::with("yubikey-5-nfc", &there);
    let options = there.post("/mysecurityinfo/options", &json!({ "user": USER })).await.ok();
    let credential = browser.create(&options);
    let told = lab.post("/mysecurityinfo/result", &json!({ "credential": credential })).await.ok();
    assert_eq!((&told["verdict"], &told["decidedBy"]), (&json!("refused"), &json!("registration/origin")));
}

#[tokio::test]
async fn pages_say_where_ceremonies_are_and_that_a_slot_is_used_up() {
    let lab = lab();
    let there = at(&lab, "login.microsoft.com");
    for path in ["/mysecurityinfo?user=ada@lab.example", "/signin"] {
        let (here, at_entras) = (lab.get(path).await.text, there.get(path).await.text);
        assert!(here.contains("chromium --user-data-dir=/tmp/x") && !here.contains("data-ceremony"), "{path}");
        assert!(at_entras.contains("takes a slot of it") && at_entras.contains("data-ceremony"), "{path}");
        assert!(!TestLab::new().get(path).await.text.contains("slot"), "{path}");
    }
}

#[tokio::test]
async fn related_origins_are_entras_and_for_every_browser() {
    let lab = TestLab::with(Settings { token: Some(Token::new("0123456789abcdef")), ..Settings::localhost(8080) });
    let there = at(&lab, "login.microsoft.com");
    let foreign = [
        ("host", "login.microsoft.com"),
        ("origin", "https://login.live.com"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "cors"),
    ];
    let asked = |path| request(Method::GET, path, &foreign, Body::empty());
    let answer = there.ask(asked("/.well-known/webauthn")).await;
    assert_eq!(answer.headers["content-type"], "application/json");
    let origins = ["https://login.live.com", "https://login.microsoftonline.com"];
    assert_eq!(answer.ok(), json!({ "origins": origins }));
    assert_eq!(there.ask(asked("/.well-known/passkey-lab")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(at(&lab, "login.live.com").get("/.well-known/webauthn").await.status, StatusCode::NOT_FOUND);
    assert_eq!(TestLab::new().get("/.well-known/webauthn").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_of_related_origins_have_the_same_rp_id() {
    let lab = lab();
    let there = at(&lab, "login.microsoftonline.com");
    let options = there.post("/signin/options", &json!({})).await.ok();
    assert_eq!(options["rpId"], "login.microsoft.com");
    let handed = at(&lab, "mysignins.microsoft.com").get("/security-info").await;
    assert_eq!(handed.status, StatusCode::SEE_OTHER);
    assert_eq!(handed.headers["location"], "https://login.microsoft.com/mysecurityinfo");
}

#[tokio::test]
async fn every_origin_knows_the_nonce_of_the_run_and_whoever_has_no_token_does_not() {
    let lab = lab();
    let nonce = lab.get("/.well-known/passkey-lab").await.ok()["nonce"].clone();
    assert_eq!(nonce.as_str().unwrap().len(), 32);
    assert_eq!(at(&lab, "login.microsoft.com").get("/.well-known/passkey-lab").await.ok()["nonce"], nonce);
    let guarded = TestLab::with(Settings { token: Some(Token::new("0123456789abcdef")), ..Settings::localhost(8080) });
    assert_eq!(guarded.get("/.well-known/passkey-lab").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn only_a_host_of_the_teams_own_is_told_to_be_reached_by_tls_alone() {
    let told = |settings: Settings| async move {
        let lab = TestLab::with(settings);
        lab.get("/enter").await.headers.get("strict-transport-security").map(|value| value.to_str().unwrap().to_owned())
    };
    let team = Settings::at_origin("https://lab.corp.example").unwrap();
    assert_eq!(told(team.clone()).await, None, "a proxy in front decides for itself");
    assert_eq!(told(Settings { strict_transport: true, ..team }).await, Some("max-age=86400".to_owned()));
    for settings in Settings::entra_hosts() {
        assert_eq!(told(settings).await, None);
    }
    assert_eq!(told(Settings::localhost_by_tls(8443)).await, None);
}
