//! Jobs of the command line, asked for by programs and pages.

use axum::http::StatusCode;
use lab_server::api::types::{MatrixRequest, VerifyQuery};
use lab_server::{Limits, Settings};
use serde_json::json;

use super::{KEY, client, status};
use crate::lab::{TestLab, USER};

fn matrix(models: &[&str]) -> MatrixRequest {
    MatrixRequest { models: models.iter().map(ToString::to_string).collect(), ..MatrixRequest::default() }
}

#[tokio::test]
async fn models_are_held_against_the_lab_and_against_a_tenant_of_ones_own() {
    let lab = TestLab::new();
    let client = client(&lab);
    let ours =
        client.matrix(&MatrixRequest { traces: true, ..matrix(&[KEY, "icloud-keychain"]) }).await.unwrap().result;
    assert_eq!(ours["models"].as_array().unwrap().len(), 2);
    assert!(ours["cells"].as_array().unwrap().iter().all(|cell| cell["registration"]["verdict"] == "allowed"));
    let mut tenant = client.tenant().await.unwrap();
    tenant["fido2"]["passkeyProfiles"][0]["passkeyTypes"] = json!("deviceBound");
    let tenant = tenant.as_object().unwrap().clone();
    let theirs =
        client.matrix(&MatrixRequest { tenant: Some(tenant), ..matrix(&["icloud-keychain"]) }).await.unwrap().result;
    assert_eq!(theirs["cells"][0]["registration"]["decided_by"], "entra/passkey-type");
    let one = MatrixRequest { users: Some(vec![USER.to_owned()]), ..matrix(&[KEY]) };
    assert_eq!(client.matrix(&one).await.unwrap().result["scopes"][0]["members"], json!([USER]));
}

#[tokio::test]
async fn what_no_matrix_can_be_made_of_is_said() {
    let lab = TestLab::new();
    let client = client(&lab);
    for wanted in [
        matrix(&["no-such-model"]),
        MatrixRequest { users: Some(vec!["nobody@lab.example".to_owned()]), ..matrix(&[KEY]) },
        MatrixRequest { tenant: Some(serde_json::Map::new()), ..matrix(&[KEY]) },
    ] {
        assert_eq!(status(client.matrix(&wanted).await), StatusCode::UNPROCESSABLE_ENTITY, "{wanted:?}");
    }
    assert_eq!(status(client.matrix(&matrix(&[])).await), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn no_more_run_than_the_lab_can() {
    let settings = Settings::localhost(8080);
    let limits = Limits { jobs: 0, ..settings.limits };
    let lab = TestLab::with(Settings { limits, ..settings });
    assert_eq!(status(client(&lab).matrix(&matrix(&[KEY])).await), StatusCode::SERVICE_UNAVAILABLE);
    let page = lab.get("/matrix").await;
    assert_eq!((page.status, &page.headers["retry-after"]), (StatusCode::SERVICE_UNAVAILABLE, &"5".parse().unwrap()));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_problem() {
    let settings = Settings::localhost(8080);
    let limits = Limits { answer_within: std::time::Duration::ZERO, ..settings.limits };
    let lab = TestLab::with(Settings { limits, ..settings });
    let client = client(&lab);
    let late = client.create_authenticator(&super::of(KEY)).await;
    assert_eq!(status(late), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn cases_have_to_be_readable() {
    let lab = TestLab::new();
    let client = client(&lab);
    let case = json!({ "rp_id": "rp.example", "origin": "https://rp.example", "challenge": "AA", "response": {
        "clientDataJSON": "e30", "attestationObject": "oA" } });
    let judged = client.verify(&json!([case]), VerifyQuery::default()).await.unwrap();
    assert_eq!(judged.result[0]["outcome"], "invalid");
    let mut file = case.clone();
    file["anchors"] = json!(["Cargo.toml"]);
    assert_eq!(
        status(client.verify(&file, VerifyQuery::default()).await),
        StatusCode::UNPROCESSABLE_ENTITY,
        "no file is read"
    );
    for unreadable in [json!({}), json!([case, {}]), json!([[case]])] {
        assert_eq!(status(client.verify(&unreadable, VerifyQuery::default()).await), StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(status(client.verify(&json!([]), VerifyQuery::default()).await), StatusCode::BAD_REQUEST);
}
