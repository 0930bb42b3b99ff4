//! Whatever a client may send: an answer in Graph's shape, and a state as it was.

use axum::body::Body;
use serde_json::{Value, json};

use super::support::*;

#[tokio::test]
async fn broken_registrations_are_refused_one_by_one() {
    let asked = Asked::new();
    let good = asked.made(ALICE).await;
    let edited = |pointer: &str, value: Value| {
        let mut posted = good.clone();
        *posted.pointer_mut(pointer).unwrap() = value;
        posted
    };
    let response = "/publicKeyCredential/response";
    for posted in [
        json!({}),
        json!({"displayName": "key one", "publicKeyCredential": {"id": "AAECAwQFBgc", "response": {"clientDataJSON": "e30", "attestationObject": "oA"}}}),
        json!({"publicKeyCredential": null}),
        edited("/publicKeyCredential/id", json!(7)),
        edited("/publicKeyCredential/id", json!("not base64!")),
        edited(&format!("{response}/clientDataJSON"), json!("=")),
        edited(&format!("{response}/clientDataJSON"), json!("AAAA")),
        edited(response, json!([])),
        edited("/displayName", json!("x".repeat(31))),
        edited("/displayName", json!({"a": 1})),
    ] {
        let reply = asked.ask("POST", METHODS, Some(posted.clone())).await;
        assert!(!reply.fault(400).is_empty(), "{posted}");
    }
    // All those were refused before the challenge was spent.
    assert_eq!(asked.ask("POST", METHODS, Some(good)).await.status, 201);
    let broken = asked.made(ALICE).await;
    let mut broken = broken;
    broken["publicKeyCredential"]["response"]["attestationObject"] = json!("oA");
    let reply = asked.ask("POST", METHODS, Some(broken)).await;
    assert!(reply.fault(400).contains("[registration/"), "{}", reply.body);
    assert_eq!(asked.get(METHODS).await["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn bodies_that_are_none_are_refused() {
    let asked = Asked::new();
    let send = |kind: &'static str, body: Vec<u8>| {
        let request = request("PATCH", FIDO2).header("authorization", "Bearer x").header("content-type", kind);
        asked.send(request.body(Body::from(body)).unwrap())
    };
    send("application/json", b"{".to_vec()).await.fault(400);
    send("application/json", vec![b'['; 100_000]).await.fault(400);
    send("application/json", vec![0xFF; 10]).await.fault(400);
    send("application/json", Vec::new()).await.fault(400);
    send("text/plain", b"{}".to_vec()).await.fault(415);
    send("application/json", vec![b' '; 2 << 20]).await.fault(413);
    assert_eq!(asked.get(FIDO2).await["state"], "enabled");
}

#[tokio::test]
async fn paths_and_methods_that_are_none_are_said_to_be() {
    let asked = Asked::new();
    for path in [
        "/v1.0/nonsense",
        "/v1.0/identity/conditionalAccess/evaluate",
        "/v1.0/auditLogs/signIns",
        "/v1.0/reports/authenticationMethods/userRegistrationDetails",
        &METHODS.replace("fido2Methods", "temporaryAccessPassMethods"),
        "/v1.0/users/nobody/authentication/fido2Methods",
        "/beta/users/nobody/authentication/fido2Methods/creationOptions",
    ] {
        asked.ask("GET", path, None).await.fault(404);
    }
    assert!(asked.ask("PUT", FIDO2, None).await.fault(405).contains("GET, PATCH, DELETE"));
    asked.ask("GET", "/v1.0/users/%FF", None).await.fault(400);
    asked.ask("GET", &format!("/v1.0/{}", "a/".repeat(50)), None).await.fault(400);
    asked.ask("GET", &format!("/v1.0/users?$filter={}", "a".repeat(9000)), None).await.fault(400);
}

#[tokio::test]
async fn a_bearer_token_is_needed_and_on_loopback_any_will_do() {
    let asked = Asked::new();
    let bare = asked.send(request("GET", "/v1.0/users").body(Body::empty()).unwrap()).await;
    bare.fault(401);
    assert_eq!(bare.body["error"]["code"], "InvalidAuthenticationToken");
    assert_eq!(asked.ask("GET", "/v1.0/users", None).await.status, 200);
    let guarded = Asked::with(&json!({}), Some("the-labs-own-token"));
    let wrong = guarded.ask("GET", "/v1.0/users", None).await;
    wrong.fault(401);
    assert_eq!(wrong.headers["www-authenticate"], "Bearer");
    let right = request("GET", "/v1.0/users").header("authorization", "Bearer the-labs-own-token");
    assert_eq!(guarded.send(right.body(Body::empty()).unwrap()).await.status, 200);
}

#[tokio::test]
async fn what_the_layers_refuse_has_graphs_shape_too() {
    let asked = Asked::new();
    let foreign =
        request("GET", "/v1.0/users").header("origin", "https://evil.example").header("authorization", "Bearer x");
    asked.send(foreign.body(Body::empty()).unwrap()).await.fault(403);
    let rebound = axum::http::Request::builder().uri("/v1.0/users").header("host", "evil.example");
    asked.send(rebound.body(Body::empty()).unwrap()).await.fault(421);
}

#[tokio::test]
async fn ids_travel_both_ways() {
    let asked = Asked::new();
    let with_id =
        request("GET", "/v1.0/nonsense").header("authorization", "Bearer x").header("client-request-id", "mine");
    let reply = asked.send(with_id.body(Body::empty()).unwrap()).await;
    reply.fault(404);
    assert_eq!(
        (&reply.headers["client-request-id"], &reply.body["error"]["innerError"]["client-request-id"]),
        (&"mine".parse().unwrap(), &json!("mine"))
    );
    assert_eq!(reply.headers["request-id"].to_str().unwrap(), reply.body["error"]["innerError"]["request-id"]);
}
