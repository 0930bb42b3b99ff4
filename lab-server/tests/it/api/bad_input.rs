//! What makes no sense: a problem with the place, never anything else.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use lab_server::api::ROUTES;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::authenticators::creation;
use super::{KEY, client, made, of};
use crate::described::Described;
use crate::lab::{TestLab, request};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];

async fn post(lab: &TestLab, path: &str, body: impl Into<Body>) -> (StatusCode, String) {
    let response = Described(lab.app.clone()).oneshot(request(Method::POST, path, &JSON, body.into())).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn wrong_types_are_refused_with_their_place() {
    let lab = TestLab::new();
    let key = made(&client(&lab), &of(KEY)).await;
    let at = |rest: &str| format!("/api/authenticators/{}/{rest}", key.id);
    let call = serde_json::to_value(creation("https://rp.example", None)).unwrap();
    let with = |place: &str, value: Value| {
        let mut call = call.clone();
        *call.pointer_mut(place).unwrap() = value;
        call
    };
    for (path, body, place) in [
        ("/api/authenticators", json!({}), "model"),
        ("/api/authenticators", json!({ "model": 7 }), "model"),
        ("/api/authenticators", json!({ "model": KEY, "person": "ask" }), "person"),
        ("/api/authenticators", json!({ "model": KEY, "lie": [] }), "lie"),
        ("/api/authenticators", json!({ "model": KEY, "name": "\u{7}" }), "name"),
        ("/api/authenticators", json!({ "model": KEY, "lies": vec!["x"; 17] }), "16"),
        ("/api/authenticators", json!([KEY]), "map"),
        (&at("create"), json!({ "origin": "https://rp.example" }), "options"),
        (&at("create"), with("/options/challenge", json!("A")), "options.challenge"),
        (&at("create"), with("/options/challenge", json!("AB")), "options.challenge"),
        (&at("create"), with("/options/user/id", json!("AA==")), "options.user.id"),
        (&at("create"), with("/options/pubKeyCredParams", json!({})), "options.pubKeyCredParams"),
        (&at("get"), json!({ "origin": "https://rp.example", "options": [] }), "options"),
        (&at("register"), json!({ "user": null }), "user"),
        (&at("register"), json!({ "user": "x", "mfa": "never" }), "mfa"),
        (&at("sign-in"), json!([]), "map"),
        ("/api/registration/result", json!({ "credential": { "rawId": "==" } }), "credential"),
        ("/api/sign-in/options", json!({ "usr": "x" }), "usr"),
        ("/api/matrix", json!({ "models": "all" }), "models"),
    ] {
        let (status, text) = post(&lab, path, body.to_string()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path} {body} {text}");
        assert!(text.contains(place), "{path} {body} {text}");
    }
}

#[tokio::test]
async fn a_number_is_what_it_is_worth_however_it_is_written() {
    let lab = TestLab::new();
    let key = made(&client(&lab), &of(KEY)).await;
    let call = serde_json::to_string(&creation("https://rp.example", None)).unwrap();
    for (written, expected) in
        [("-7.0", StatusCode::OK), ("-7.5", StatusCode::BAD_REQUEST), ("1e300", StatusCode::BAD_REQUEST)]
    {
        let call = call.replace("\"alg\":-7", &format!("\"alg\":{written}"));
        let (status, text) = post(&lab, &format!("/api/authenticators/{}/create", key.id), call).await;
        assert_eq!(status, expected, "{written} {text}");
    }
}

#[tokio::test]
async fn bodies_that_are_none_are_refused() {
    let lab = TestLab::new();
    let nobody = "0".repeat(32);
    for route in ROUTES.iter().filter(|route| route.method == Method::POST) {
        let path = route.path.replace("{authenticator}", &nobody);
        for broken in ["", "{", "{}{}", "\u{feff}{}", "nul"] {
            assert_eq!(post(&lab, &path, broken).await.0, StatusCode::BAD_REQUEST, "{path} {broken}");
        }
        let form = request(Method::POST, &path, &[("content-type", "text/plain")], "{}".into());
        let status = Described(lab.app.clone()).oneshot(form).await.unwrap().status();
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
        let long = format!("{{\"x\":\"{}\"}}", "x".repeat(17 << 20));
        assert_eq!(post(&lab, &path, long).await.0, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
}

#[tokio::test]
async fn queries_and_paths_are_read_strictly() {
    let lab = TestLab::new();
    for path in [
        "/api/ceremonies?limit=0",
        "/api/ceremonies?limit=101",
        "/api/ceremonies?limit=x",
        "/api/ceremonies?limit=",
        "/api/ceremonies?limit=1&limit=2",
        "/api/ceremonies?from=1",
        "/api/ceremonies/x",
        "/api/ceremonies/-1",
        "/api/ceremonies/18446744073709551616",
        "/api/users?skip=-1",
        "/api/models/%ff",
    ] {
        let asked = request(Method::GET, path, &[], Body::empty());
        assert_eq!(
            Described(lab.app.clone()).oneshot(asked).await.unwrap().status(),
            StatusCode::BAD_REQUEST,
            "{path}"
        );
    }
    let last = request(Method::GET, "/api/events", &[("last-event-id", "x")], Body::empty());
    assert_eq!(Described(lab.app.clone()).oneshot(last).await.unwrap().status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_a_problem_that_names_those_it_takes() {
    let lab = TestLab::new();
    let answer = lab.ask(request(Method::PATCH, "/api/authenticators", &[], Body::empty())).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let allowed = answer.headers["allow"].to_str().unwrap();
    assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    assert_eq!(lab.get("/api/nothing").await.headers["content-type"], "application/problem+json");
}
