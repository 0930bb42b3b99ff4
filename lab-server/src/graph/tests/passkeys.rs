//! `fido2Methods` and `creationOptions`.

use lab_protocol::base64url;
use serde_json::{Value, json};

use super::support::*;

fn minutes(body: &Value) -> i64 {
    let until: jiff::Timestamp = body["challengeTimeoutDateTime"].as_str().unwrap().parse().unwrap();
    until.duration_since(time()).as_secs() / 60
}

#[tokio::test]
async fn creation_options_come_in_every_spelling_and_with_a_stand_in_for_the_handle() {
    let asked = Asked::new();
    for (tail, expected) in [
        ("creationOptions", 5),
        ("creationOptions()", 5),
        ("creationOptions(challengeTimeoutInMinutes=10)", 10),
        ("creationOptions(challengeTimeoutInMinutes=@challengeTimeoutInMinutes)?challengeTimeoutInMinutes=7", 7),
        ("creationOptions(challengeTimeoutInMinutes=@p)?@p=43200", 43_200),
        ("creationOptions?challengeTimeoutInMinutes=60", 60),
    ] {
        let body = asked.get(&format!("{METHODS}/{tail}")).await;
        assert_eq!(minutes(&body), expected, "{tail}");
        let key = &body["publicKey"];
        assert_eq!((&key["rp"]["id"], &key["attestation"]), (&json!("localhost"), &json!("direct")));
        assert_eq!(key["authenticatorSelection"]["authenticatorAttachment"], "cross-platform");
        let handle = base64url::decode(key["user"]["id"].as_str().unwrap()).unwrap();
        assert!(handle.starts_with(b"LAB") && handle.len() == 51, "{handle:?}");
    }
    for wrong in ["4", "43201", "x"] {
        let path = format!("{METHODS}/creationOptions(challengeTimeoutInMinutes={wrong})");
        assert!(asked.ask("GET", &path, None).await.fault(400).contains("from 5 to 43200"));
    }
    let v1 = METHODS.replace("beta", "v1.0");
    assert_eq!(minutes(&asked.get(&format!("{v1}/creationOptions")).await), 5);
    let refused = asked.ask("GET", &format!("{v1}/creationOptions(challengeTimeoutInMinutes=10)"), None).await;
    assert!(refused.fault(400).contains("v1.0 has no argument"));
}

#[tokio::test]
async fn nobody_asks_for_themselves() {
    let asked = Asked::new();
    let reply = asked.ask("GET", "/v1.0/me/authentication/fido2Methods/creationOptions", None).await;
    assert!(reply.fault(405).contains("administrator"), "{}", reply.body);
    assert_eq!(reply.body["error"]["details"][0]["code"], "entra/graph-caller");
}

#[tokio::test]
async fn a_registration_is_posted_read_back_and_deleted() {
    let asked = Asked::new();
    let posted = asked.made(ALICE).await;
    let reply = asked.ask("POST", METHODS, Some(posted.clone())).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let id = posted["publicKeyCredential"]["id"].as_str().unwrap();
    assert_eq!((&reply.body["id"], &reply.body["displayName"]), (&json!(id), &json!("Blue key")));
    assert_eq!(
        (&reply.body["passkeyType"], &reply.body["attestationLevel"]),
        (&json!("deviceBound"), &json!("attested"))
    );
    let padded = format!("{id}{}", "=".repeat((4 - id.len() % 4) % 4));
    assert_eq!(asked.get(&format!("{METHODS}/{padded}")).await["id"], id);
    assert_eq!(asked.get(METHODS).await["value"].as_array().unwrap().len(), 2);
    let excluded = asked.get(&format!("{METHODS}/creationOptions")).await;
    assert_eq!(excluded["publicKey"]["excludeCredentials"][0]["id"], id);
    assert_eq!(asked.ask("DELETE", &format!("{METHODS}/{id}"), None).await.status, 204);
    asked.ask("GET", &format!("{METHODS}/{id}"), None).await.fault(404);
    asked.ask("DELETE", &format!("{METHODS}/{id}"), None).await.fault(404);
    let audits = asked
        .get("/beta/auditLogs/directoryAudits?$filter=category eq 'UserManagement'".replace(' ', "%20").as_str())
        .await;
    let names: Vec<_> = audits["value"].as_array().unwrap().iter().map(|audit| &audit["activityDisplayName"]).collect();
    let options = "Get passkey creation options";
    let expected = ["Admin deleted security info", options, "Admin registered security info", options];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn what_a_browser_says_besides_is_taken_and_the_least_is_enough() {
    let asked = Asked::new();
    let mut posted = asked.made(ALICE).await;
    posted.as_object_mut().unwrap().remove("@odata.type");
    posted.as_object_mut().unwrap().remove("displayName");
    assert_eq!(asked.ask("POST", METHODS, Some(posted)).await.status, 201);
    let mut posted = asked.made(ALICE).await;
    let credential = &mut posted["publicKeyCredential"];
    credential["type"] = json!("public-key");
    credential["rawId"] = credential["id"].clone();
    credential["authenticatorAttachment"] = json!("cross-platform");
    credential["clientExtensionResults"] = json!({"credProps": {"rk": true}});
    credential["response"]["transports"] = json!(["usb"]);
    assert_eq!(asked.ask("POST", METHODS, Some(posted)).await.status, 201);
}

#[tokio::test]
async fn a_challenge_is_answered_once_by_whom_it_was_made_for() {
    let asked = Asked::new();
    let posted = asked.made(ALICE).await;
    let bobs = METHODS.replace(ALICE, BOB);
    assert!(asked.ask("POST", &bobs, Some(posted.clone())).await.fault(400).contains("another user"));
    assert_eq!(asked.ask("POST", METHODS, Some(posted.clone())).await.status, 201);
    assert!(asked.ask("POST", METHODS, Some(posted)).await.fault(409).contains("answered"));
    let posted = asked.made(ALICE).await;
    assert_eq!(asked.ask("DELETE", &format!("/v1.0/users/{ALICE}"), None).await.status, 204);
    asked.ask("POST", METHODS, Some(posted)).await.fault(404);
}

#[tokio::test]
async fn a_profile_that_is_changed_decides_the_very_next_ceremony() {
    let asked = Asked::new();
    let posted = asked.made(ALICE).await;
    let restriction =
        json!({"isEnforced": true, "enforcementType": "block", "aaGuids": ["a25342c0-3cdc-4414-8e46-f4807fca511c"]});
    let patch = json!({"@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration", "keyRestrictions": restriction});
    assert_eq!(asked.ask("PATCH", FIDO2, Some(patch)).await.status, 204);
    let refused = asked.ask("POST", METHODS, Some(posted)).await;
    assert!(refused.fault(400).contains("entra/key-restrictions"), "{}", refused.body);
    assert_eq!(refused.body["error"]["details"][0]["code"], "entra/key-restrictions");
    let audits = asked.get("/v1.0/auditLogs/directoryAudits?$top=1").await;
    assert_eq!(
        (&audits["value"][0]["result"], &audits["value"][0]["additionalDetails"][0]["value"]),
        (&json!("failure"), &json!("entra/key-restrictions"))
    );
}

#[tokio::test]
async fn versions_differ_in_the_last_use() {
    let asked = Asked::new();
    let beta = asked.get(&format!("{METHODS}/AAECAwQFBgc")).await;
    let v1 = asked.get(&format!("{}/AAECAwQFBgc", METHODS.replace("beta", "v1.0"))).await;
    assert_eq!(beta["lastUsedDateTime"], "2026-02-01T00:00:00Z");
    assert_eq!((v1.get("lastUsedDateTime"), &v1["displayName"]), (None, &json!("key one")));
}

#[tokio::test]
async fn of_two_posts_of_one_registration_one_succeeds() {
    let asked = Asked::new();
    let posted = asked.made(ALICE).await;
    let (one, two) = tokio::join!(
        asked.ask("POST", METHODS, Some(posted.clone())),
        asked.ask("POST", METHODS, Some(posted.clone())),
    );
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}
