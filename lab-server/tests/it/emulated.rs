//! The page that rehearses with emulated authenticators.

use axum::http::StatusCode;

use crate::lab::{TestLab, USER};

/// Posts the form, and gives the page that it leads to.
async fn rehearsed(lab: &TestLab, path: &str, fields: &str) -> String {
    let answer = lab.form(path, fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    lab.get(answer.headers["location"].to_str().unwrap()).await.text
}

/// The id of the newest authenticator on the page.
async fn newest(lab: &TestLab) -> Option<String> {
    let page = lab.get("/emulated").await.text;
    let (_, rest) = page.split_once("name=\"authenticator\" value=\"")?;
    rest.split_once('"').map(|(id, _)| id.to_owned())
}

#[tokio::test]
async fn a_user_registers_signs_in_and_the_lab_forgets_the_key() {
    let lab = TestLab::new();
    let page =
        rehearsed(&lab, "/emulated/register", &format!("user={USER}&model=yubikey-5-nfc&flow=&said=&lies=")).await;
    assert!(page.contains("Allowed") && page.contains("a25342c0-3cdc-4414-8e46-f4807fca511c"), "{page}");
    let id = newest(&lab).await.unwrap();
    let page = rehearsed(&lab, "/emulated/sign-in", &format!("authenticator={id}")).await;
    assert!(page.contains("Allowed") && page.contains("Sign-in"), "{page}");
    assert_eq!(lab.form("/emulated/delete", &format!("authenticator={id}")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(newest(&lab).await, None);
    assert_eq!(lab.form("/emulated/sign-in", &format!("authenticator={id}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_lies_is_found_out_and_what_is_told_of_an_app_counts_inside_it_only() {
    let lab = TestLab::new();
    let fields = format!("user={USER}&model=yubikey-5-nfc&lies=wrong-origin");
    let page = rehearsed(&lab, "/emulated/register", &fields).await;
    assert!(page.contains("Refused") && page.contains("registration/origin"), "{page}");
    for flow in ["in-app", "same-device"] {
        let fields = format!("user={USER}&model=authenticator-ios&flow={flow}&said=passed");
        let page = rehearsed(&lab, "/emulated/register", &fields).await;
        assert!(page.contains("entra/"), "{flow}: {page}");
    }
}

#[tokio::test]
async fn what_cannot_be_leaves_nothing_behind() {
    let lab = TestLab::new();
    for fields in [
        format!("user={USER}&model=no-such-model"),
        "user=nobody@lab.example&model=yubikey-5-nfc".to_owned(),
        format!("user={USER}&model=yubikey-5-nfc&lies=no-such-lie"),
        format!("user={USER}&model=yubikey-5-nfc&flow=by-pigeon"),
        format!("user={USER}&model=yubikey-5-nfc&said=nonsense"),
        "model=yubikey-5-nfc".to_owned(),
    ] {
        let answer = lab.form("/emulated/register", &fields).await;
        assert!(answer.status.is_client_error(), "{fields}: {}", answer.text);
        assert_eq!(newest(&lab).await, None, "{fields}");
    }
}
