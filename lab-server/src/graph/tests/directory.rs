//! Users, groups and the audit log.

use std::collections::HashSet;

use lab_directory::{Actor, Batch, Event};
use serde_json::{Value, json};

use super::support::*;

#[tokio::test]
async fn users_are_made_changed_and_deleted() {
    let asked = Asked::new();
    let user = json!({"displayName": "Carla", "userPrincipalName": "carla@contoso.example", "accountEnabled": true,
        "mailNickname": "carla", "passwordProfile": {"password": "secret-of-carla"}, "odd": {"kept": 1}});
    let made = asked.ask("POST", "/v1.0/users", Some(user.clone())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(!made.body.to_string().contains("secret"), "{}", made.body);
    let again = asked.ask("POST", "/v1.0/users", Some(user)).await;
    assert!(again.fault(400).contains("userPrincipalName already exists"));
    let by_name = "/v1.0/users/Carla@contoso.example";
    assert_eq!(asked.get(by_name).await["odd"]["kept"], 1);
    assert_eq!(asked.get("/v1.0/users('carla@contoso.example')").await["displayName"], "Carla");
    assert_eq!(asked.ask("PATCH", by_name, Some(json!({"displayName": "Carla C."}))).await.status, 204);
    assert_eq!(asked.get(by_name).await["displayName"], "Carla C.");
    assert_eq!(asked.ask("DELETE", by_name, None).await.status, 204);
    let gone = asked.ask("GET", by_name, None).await;
    gone.fault(404);
    assert_eq!(gone.body["error"]["code"], "Request_ResourceNotFound");
    let audits = asked.get("/v1.0/auditLogs/directoryAudits").await;
    assert!(!audits.to_string().contains("secret-of-carla"));
    let names: Vec<_> = audits["value"].as_array().unwrap().iter().map(|audit| &audit["activityDisplayName"]).collect();
    assert_eq!(names, ["Delete user", "Update user", "Add user", "Import tenant"]);
    let first = audits["value"][0]["id"].as_str().unwrap();
    let one = asked.get(&format!("/v1.0/auditLogs/directoryAudits/{first}")).await;
    assert_eq!(one["activityDisplayName"], "Delete user");
    asked.ask("GET", "/v1.0/auditLogs/directoryAudits/Lab_999", None).await.fault(404);
}

#[tokio::test]
async fn fifty_thousand_users_come_page_by_page() {
    let asked = Asked::new();
    let mut tenant = asked.lab.store.tenant().to_json();
    let id = |index: usize| format!("00000000-0000-4000-8000-{index:012x}");
    let user = |index| json!({"id": id(index), "userPrincipalName": format!("user{index}@contoso.example")});
    tenant["users"] = (0..50_000).map(user).collect();
    let import = Batch::of(time(), Actor::default(), Event::TenantImported { tenant });
    asked.lab.store.append(import).await.unwrap();
    let (mut next, mut seen, mut pages) = (Some("/v1.0/users?$top=999&$select=id".to_owned()), HashSet::new(), 0);
    while let Some(path) = next {
        let page = asked.get(&path).await;
        let ids = page["value"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned());
        seen.extend(ids);
        pages += 1;
        next = page["@odata.nextLink"].as_str().map(|link| link.trim_start_matches("http://localhost:8080").to_owned());
    }
    assert_eq!((pages, seen.len()), (51, 50_000));
    let found = asked.get("/v1.0/users?$filter=startswith(userPrincipalName,'user4999')&$top=2").await;
    assert_eq!(found["value"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn collections_are_filtered_selected_counted_and_paged() {
    let asked = Asked::new();
    let page = asked.get("/v1.0/users?$top=1&$count=true&$select=displayName").await;
    assert_eq!((&page["@odata.count"], &page["value"]), (&json!(2), &json!([{"displayName": "Alice"}])));
    let next = page["@odata.nextLink"].as_str().unwrap().strip_prefix("http://localhost:8080").unwrap();
    let page = asked.get(next).await;
    assert_eq!((&page["value"], page.get("@odata.nextLink")), (&json!([{"displayName": "Bob"}]), None));
    let found = asked.get("/v1.0/users?$filter=startswith(userPrincipalName,'BOB')").await;
    assert_eq!(found["value"][0]["id"], BOB);
    assert!(asked.ask("GET", "/v1.0/users?$filter=nonsense", None).await.fault(400).contains("$filter"));
}

#[tokio::test]
async fn groups_have_members_where_they_are_asked_for() {
    let asked = Asked::new();
    assert_eq!(asked.get("/v1.0/groups").await["value"][0].get("members"), None);
    let members =
        |body: &Value| body["members"].as_array().unwrap().iter().map(|user| user["id"].clone()).collect::<Vec<_>>();
    let expanded = "/v1.0/groups/g-pilots?$expand=members";
    assert_eq!(members(&asked.get(expanded).await), [ALICE]);
    let link = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{BOB}")});
    let path = "/v1.0/groups/g-pilots/members/$ref";
    assert_eq!(asked.ask("POST", path, Some(link.clone())).await.status, 204);
    assert!(asked.ask("POST", path, Some(link)).await.fault(400).contains("already exist"));
    asked.ask("POST", path, Some(json!({"@odata.id": "https://x/nobody"}))).await.fault(404);
    assert_eq!(members(&asked.get(expanded).await), [ALICE, BOB]);
    let member = format!("/v1.0/groups/g-pilots/members/{ALICE}/$ref");
    assert_eq!(asked.ask("DELETE", &member, None).await.status, 204);
    asked.ask("DELETE", &member, None).await.fault(404);
    let listed = asked.get("/v1.0/groups/g-pilots/members").await;
    assert_eq!(
        (&listed["value"][0]["id"], &listed["value"][0]["@odata.type"]),
        (&json!(BOB), &json!("#microsoft.graph.user"))
    );
    let group = json!({"displayName": "New", "members@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{ALICE}")]});
    let made = asked.ask("POST", "/v1.0/groups", Some(group)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let path = format!("/v1.0/groups/{}", made.body["id"].as_str().unwrap());
    assert_eq!(members(&asked.get(&format!("{path}?$expand=members")).await), [ALICE]);
    assert_eq!(asked.ask("PATCH", &path, Some(json!({"displayName": "Newer"}))).await.status, 204);
    assert_eq!(asked.ask("DELETE", &path, None).await.status, 204);
    asked.ask("GET", &path, None).await.fault(404);
}
