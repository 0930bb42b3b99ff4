//! `$batch`.

use serde_json::{Value, json};

use super::support::*;

async fn batch(asked: &Asked, requests: Value) -> Reply {
    asked.ask("POST", "/beta/$batch", Some(json!({"requests": requests}))).await
}

#[tokio::test]
async fn requests_are_answered_in_order_and_wait_for_what_they_depend_on() {
    let asked = Asked::new();
    let requests = json!([
        {"id": "1", "method": "GET", "url": "/users?$top=1&$select=id"},
        {"id": "2", "method": "PATCH", "url": format!("users/{ALICE}"), "body": {"displayName": "A."}, "headers": {"Content-Type": "application/json"}},
        {"id": "3", "method": "GET", "url": format!("/users/{ALICE}"), "dependsOn": ["2"]},
        {"id": "4", "method": "GET", "url": "/users/nobody"},
        {"id": "5", "method": "DELETE", "url": format!("/users/{ALICE}"), "dependsOn": ["4"]},
        {"id": "6", "method": "POST", "url": "/$batch", "body": {}},
    ]);
    let reply = batch(&asked, requests).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let responses = reply.body["responses"].as_array().unwrap();
    let statuses: Vec<_> = responses.iter().map(|response| response["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 204, 200, 404, 424, 400]);
    assert_eq!(responses[0]["body"]["value"], json!([{"id": ALICE}]));
    assert_eq!((&responses[2]["body"]["displayName"], &responses[1]["body"]), (&json!("A."), &Value::Null));
    assert_eq!(responses[3]["body"]["error"]["code"], "Request_ResourceNotFound");
    asked.get(&format!("/v1.0/users/{ALICE}")).await;
}

#[tokio::test]
async fn what_is_no_batch_is_refused() {
    let asked = Asked::new();
    let get = |id: usize| json!({"id": id.to_string(), "method": "GET", "url": "/users"});
    for (requests, expected) in [
        (json!([]), "1 to 20"),
        ((0..21).map(get).collect::<Value>(), "1 to 20"),
        (json!([get(1), get(1)]), "'1' twice"),
        (json!([{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["2"]}, get(2)]), "earlier request"),
        (json!([{"id": "1", "method": "GET"}]), "url"),
        (json!(7), "requests"),
    ] {
        let reply = batch(&asked, requests).await;
        assert!(reply.fault(400).contains(expected), "{expected}: {}", reply.body);
    }
}
