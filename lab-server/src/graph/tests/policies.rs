//! Policies: methods, strengths, Conditional Access.

use serde_json::{Value, json};

use super::support::*;

const TYPE: &str = "#microsoft.graph.fido2AuthenticationMethodConfiguration";
const STRENGTHS: &str = "/v1.0/policies/authenticationStrengthPolicies";
const ACCESS: &str = "/v1.0/identity/conditionalAccess/policies";

fn profile(id: &str, name: &str) -> Value {
    let restrictions = json!({"isEnforced": false, "enforcementType": "allow", "aaGuids": []});
    json!({"id": id, "name": name, "passkeyTypes": "deviceBound", "attestationEnforcement": "disabled", "keyRestrictions": restrictions})
}

#[tokio::test]
async fn a_policy_is_read_patched_and_reset() {
    let asked = Asked::new();
    let before = asked.get(&FIDO2.replace("fido2", "Fido2")).await;
    assert_eq!((&before["@odata.type"], &before["unheardOf"]), (&json!(TYPE), &json!({"kept": true})));
    assert_eq!(
        before["@odata.context"],
        "http://localhost:8080/beta/$metadata#authenticationMethodConfigurations/$entity"
    );
    let patch = json!({"@odata.type": TYPE, "isAttestationEnforced": true, "keyRestrictions": {"isEnforced": true}});
    assert_eq!(asked.ask("PATCH", FIDO2, Some(patch)).await.status, 204);
    let after = asked.get(FIDO2).await;
    assert_eq!((&after["isAttestationEnforced"], &after["unheardOf"]), (&json!(true), &json!({"kept": true})));
    assert_eq!(after["keyRestrictions"], json!({"isEnforced": true, "enforcementType": "allow", "aaGuids": []}));
    let audit = asked.get("/v1.0/auditLogs/directoryAudits?$top=1").await;
    let changed = &audit["value"][0]["targetResources"][0]["modifiedProperties"];
    assert_eq!(changed[0], json!({"displayName": "isAttestationEnforced", "oldValue": "false", "newValue": "true"}));
    assert_eq!(asked.ask("DELETE", FIDO2, None).await.status, 204);
    let reset = asked.get(FIDO2).await;
    assert_eq!((&reset["state"], reset.get("unheardOf")), (&json!("disabled"), None));
}

#[tokio::test]
async fn what_is_no_policy_is_refused_and_changes_nothing() {
    let asked = Asked::new();
    for (patch, expected) in [
        (json!({"state": "disabled"}), "@odata.type"),
        (json!({"@odata.type": "#microsoft.graph.smsAuthenticationMethodConfiguration"}), "@odata.type"),
        (json!({"@odata.type": TYPE, "state": 7}), "$.state"),
        (json!({"@odata.type": TYPE, "keyRestrictions": {"aaGuids": "x"}}), "$.keyRestrictions.aaGuids"),
        (json!({"@odata.type": TYPE, "id": "Other"}), "id"),
        (json!({"@odata.type": TYPE, "passkeyProfiles": [profile("a", "A"), profile("A", "B")]}), "another profile's"),
        (json!([]), "JSON object"),
    ] {
        let reply = asked.ask("PATCH", FIDO2, Some(patch)).await;
        assert!(reply.fault(400).to_lowercase().contains(&expected.to_lowercase()), "{expected}: {}", reply.body);
    }
    assert_eq!(asked.get(FIDO2).await["state"], "enabled");
    asked.ask("PATCH", &FIDO2.replace("fido2", "Sms"), Some(json!({}))).await.fault(404);
}

#[tokio::test]
async fn what_a_patch_does_to_profiles_that_it_leaves_out_is_a_switch() {
    for (switches, expected) in
        [(json!({}), json!(["b"])), (json!({"patchedProfiles": "mergedById"}), json!(["a", "b"]))]
    {
        let asked = Asked::with(&switches, None);
        let patch = |profiles: Value| json!({"@odata.type": TYPE, "passkeyProfiles": profiles});
        let both = patch(json!([profile("a", "A"), profile("b", "B")]));
        assert_eq!(asked.ask("PATCH", FIDO2, Some(both)).await.status, 204);
        let one =
            patch(json!([{"id": "b", "name": "Other", "passkeyTypes": "synced", "attestationEnforcement": "disabled",
            "keyRestrictions": {"isEnforced": false, "enforcementType": "allow", "aaGuids": []}}]));
        assert_eq!(asked.ask("PATCH", FIDO2, Some(one)).await.status, 204);
        let profiles = asked.get(FIDO2).await["passkeyProfiles"].clone();
        let ids: Value = profiles.as_array().unwrap().iter().map(|profile| profile["id"].clone()).collect();
        assert_eq!(ids, expected);
        assert_eq!(profiles.as_array().unwrap().last().unwrap()["name"], "Other");
    }
}

#[tokio::test]
async fn the_policy_of_passes_has_defaults_and_bounds() {
    let asked = Asked::new();
    let path = FIDO2.replace("fido2", "temporaryAccessPass");
    let policy = asked.get(&path).await;
    assert_eq!((&policy["defaultLifetimeInMinutes"], &policy["state"]), (&json!(60), &json!("disabled")));
    let odata = "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration";
    let patch = |changed: Value| {
        let mut patch = json!({"@odata.type": odata});
        patch.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        Some(patch)
    };
    assert_eq!(asked.ask("PATCH", &path, patch(json!({"isUsableOnce": true}))).await.status, 204);
    assert!(asked.get(&path).await["isUsableOnce"].as_bool().unwrap());
    let reply = asked.ask("PATCH", &path, patch(json!({"maximumLifetimeInMinutes": 5}))).await;
    assert!(reply.fault(400).contains("from 10 to 43200"));
    let reply = asked.ask("PATCH", &path, patch(json!({"minimumLifetimeInMinutes": 100}))).await;
    assert!(reply.fault(400).contains("between"));
}

#[tokio::test]
async fn the_whole_policy_has_the_methods_and_takes_the_rest() {
    let asked = Asked::new();
    let path = "/v1.0/policies/authenticationMethodsPolicy";
    let patch = json!({"registrationEnforcement": {"authenticationMethodsRegistrationCampaign": {"state": "enabled"}}});
    assert_eq!(asked.ask("PATCH", path, Some(patch)).await.status, 204);
    let policy = asked.get(path).await;
    assert_eq!(policy["registrationEnforcement"]["authenticationMethodsRegistrationCampaign"]["state"], "enabled");
    assert_eq!(policy["authenticationMethodConfigurations"][0]["unheardOf"]["kept"], true);
    let patch = json!({"@odata.type": TYPE, "state": "disabled"});
    assert_eq!(asked.ask("PATCH", FIDO2, Some(patch)).await.status, 204);
    assert_eq!(asked.get(path).await["authenticationMethodConfigurations"][0]["state"], "disabled");
    let reply = asked.ask("PATCH", path, Some(json!({"authenticationMethodConfigurations": []}))).await;
    assert!(reply.fault(400).contains("one by one"));
}

#[tokio::test]
async fn strengths_and_conditional_access_are_kept() {
    let asked = Asked::new();
    assert_eq!(asked.get(STRENGTHS).await["value"].as_array().unwrap().len(), 3);
    let strength = json!({"displayName": "Keys", "allowedCombinations": ["fido2"]});
    let made = asked.ask("POST", STRENGTHS, Some(strength)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.body["id"].as_str().unwrap().to_owned();
    let policy = json!({"displayName": "All", "state": "enabled", "conditions": {"users": {"includeUsers": ["All"]}},
        "grantControls": {"operator": "OR", "authenticationStrength": {"id": id}}, "odd": 1});
    let made = asked.ask("POST", ACCESS, Some(policy)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let policy = format!("{ACCESS}/{}", made.body["id"].as_str().unwrap());
    let patch = json!({"state": "disabled"});
    assert_eq!(asked.ask("PATCH", &policy, Some(patch)).await.status, 204);
    let kept = asked.get(&policy).await;
    assert_eq!((&kept["state"], &kept["odd"]), (&json!("disabled"), &json!(1)));
    assert!(asked.ask("DELETE", &format!("{STRENGTHS}/{id}"), None).await.fault(400).contains("demands"));
    let update = format!("{STRENGTHS}/{id}/updateAllowedCombinations");
    let reply =
        asked.ask("POST", &update, Some(json!({"allowedCombinations": ["fido2", "windowsHelloForBusiness"]}))).await;
    assert_eq!((reply.status.as_u16(), &reply.body["previousCombinations"]), (200, &json!(["fido2"])));
    assert_eq!(asked.ask("DELETE", &policy, None).await.status, 204);
    assert_eq!(asked.ask("DELETE", &format!("{STRENGTHS}/{id}"), None).await.status, 204);
    let built_in = format!("{STRENGTHS}/00000000-0000-0000-0000-000000000004");
    assert_eq!(asked.get(&built_in).await["displayName"], "Phishing-resistant MFA");
    asked.ask("DELETE", &built_in, None).await.fault(400);
    let reply = asked.ask("POST", ACCESS, Some(json!({"displayName": "x", "state": "on", "conditions": {}}))).await;
    assert!(reply.fault(400).contains("$.state"));
    assert_eq!(asked.get(ACCESS).await["value"], json!([]));
}
