use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::InAppAttestation;
use crate::scope::{Persona, PersonaError, personas, scope_of, scopes};
use crate::testing::{fido2, id, profile, refusal, tenant};

fn policy() -> Value {
    fido2(&[profile(1, "deviceBound", false, None)])
}

fn files(given: &[(&str, &str)]) -> Result<Tenant, TenantError> {
    let files: Vec<_> = given.iter().map(|(name, text)| TenantFile { name, text }).collect();
    Tenant::from_files(&files)
}

#[test]
fn a_folder_and_one_file_and_every_form_of_a_collection_are_the_same_tenant() {
    let (fido2, user) = (policy(), json!({"id": "u1", "userPrincipalName": "ann@contoso.com"}));
    let forms = [user.clone(), json!([user]), json!({"@odata.context": "x", "value": [user]})];
    for form in forms {
        let whole = json!({"fido2": fido2, "users": form});
        let one = tenant(&whole);
        let folder = files(&[
            ("tenants/contoso/fido2.json", &format!("\u{feff}{fido2}")),
            ("tenants/contoso/users.json", &form.to_string()),
            ("tenants/contoso/README.md", "# Contoso"),
        ])
        .unwrap();
        assert_eq!(one.users(), folder.users());
        assert_eq!(one.fido2(), folder.fido2());
        assert_eq!(one.to_json(), whole, "every value survives");
        assert_eq!(folder.to_json(), whole);
    }
}

#[test]
fn one_file_may_be_the_policy_itself_or_the_whole_policy_of_methods() {
    assert!(files(&[("-", &policy().to_string())]).is_ok());
    let methods = json!({
        "policyVersion": "1.5",
        "authenticationMethodConfigurations": [
            {"@odata.type": "#microsoft.graph.emailAuthenticationMethodConfiguration", "id": "Email"},
            policy(),
            {"id": "TemporaryAccessPass", "defaultLength": 8},
        ],
    });
    for name in ["-", "authenticationMethodsPolicy.json"] {
        let tenant = files(&[(name, &methods.to_string())]).unwrap();
        assert_eq!(tenant.policy().profiles.len(), 1);
        assert_eq!(tenant.temporary_access_pass().unwrap()["defaultLength"], 8);
        assert_eq!(tenant.to_json(), json!({"authenticationMethodsPolicy": methods}));
        assert_eq!(tenant.place(Resource::Fido2).unwrap().path.to_string(), "$.authenticationMethodConfigurations[1]");
    }
}

#[test]
fn a_resource_that_is_defined_twice_names_both_places() {
    let methods = json!({"authenticationMethodConfigurations": [policy()]}).to_string();
    let policy = policy().to_string();
    let error = files(&[("fido2.json", &policy), ("authenticationMethodsPolicy.json", &methods)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the resource “fido2” is defined twice, in fido2.json and in authenticationMethodsPolicy.json \
         $.authenticationMethodConfigurations[0]: keep one of them"
    );
}

#[test]
fn a_tenant_without_policy_says_what_was_given() {
    assert_eq!(
        files(&[("users.json", "[]"), ("notes.txt", "")]).unwrap_err().to_string(),
        "expected fido2.json, authenticationMethodsPolicy.json, or one JSON file with one of these keys, found users.json, notes.txt"
    );
    assert!(refusal("-", "{}").ends_with("found -"));
    assert!(files(&[]).unwrap_err().to_string().ends_with("found no file"));
}

#[test]
fn errors_name_file_line_column_path_and_both_values() {
    let cases = [
        (
            "fido2.json",
            "{\n  \"state\": \"enabled\",\n}",
            "fido2.json:3:1: expected JSON, found this problem: trailing comma",
        ),
        ("fido2.json", "", "fido2.json:1:1: expected JSON, found this problem: EOF while parsing a value"),
        (
            "fido2.json",
            "{\"state\": \"enabled\",\n \"state\": \"disabled\"}",
            "fido2.json:2:8: expected JSON, found this problem: the key “state” stands twice in one object",
        ),
        (
            "fido2.json",
            "{\n  \"includeTargets\": [\n    {\"id\": 7}]}",
            "fido2.json:3:12: $.includeTargets[0].id: expected a text, found the number 7",
        ),
        (
            "tenant.json",
            "{\"fido2\": {\"passkeyProfiles\":\n [1]}}",
            "tenant.json:2:3: $.fido2.passkeyProfiles[0]: expected a passkeyProfile object, found the number 1",
        ),
        ("-", "[]", "-:1:1: $: expected an object with the keys of a tenant, such as “fido2”, found an array of 0"),
        (
            "-",
            "{\"fido2\": {},\n\"users\": [{\"displayName\": \"x\"}]}",
            "-:2:11: $.users[0]: expected a user with an id or a userPrincipalName, found an object without either",
        ),
        (
            "-",
            "{\"fido2\": {}, \"passkeys\": {\"ann\": [{\"aaGuid\": 1}]}}",
            "-:1:47: $.passkeys.ann[0].aaGuid: expected a text, found the number 1",
        ),
    ];
    for (name, text, expected) in cases {
        assert_eq!(refusal(name, text), expected);
    }
}

#[test]
fn nesting_numbers_and_sizes_are_capped() {
    let deep = format!("{}{}", "[".repeat(MAX_DEPTH + 2), "]".repeat(MAX_DEPTH + 2));
    assert!(refusal("fido2.json", &deep).contains("nested deeper than 32 levels"));
    let many = format!("[{}]", vec!["0"; MAX_POLICY_VALUES].join(","));
    assert!(refusal("fido2.json", &many).contains("more values than the lab reads"));
    let large = " ".repeat(MAX_POLICY_BYTES + 1);
    assert_eq!(refusal("lab.json", &large), "lab.json: expected at most 8388608 bytes, found 8388609");
    let profiles = json!({"fido2": {"passkeyProfiles": vec![json!({}); MAX_PROFILES + 1]}});
    assert_eq!(
        refusal("-", &profiles.to_string()),
        "-: $.fido2.passkeyProfiles: expected at most 1000 profiles, found 1001"
    );
    let aaguids = json!({"keyRestrictions": {"aaGuids": vec![""; MAX_AAGUIDS + 1]}});
    assert_eq!(
        refusal("fido2.json", &aaguids.to_string()),
        "fido2.json: $.keyRestrictions.aaGuids: expected at most 10000 AAGUIDs, found 10001"
    );
}

#[test]
fn users_and_groups_have_ids_of_their_own() {
    let error = |whole: Value| refusal("-", &whole.to_string());
    assert_eq!(
        error(json!({"fido2": {}, "users": [{"id": "A"}, {"id": "b"}, {"id": "a"}]})),
        "-: $.users[2]: expected an id of its own, found “a”, which $.users[0] has too"
    );
    assert!(error(json!({"fido2": {}, "groups": [{"id": "g"}, {"id": "G"}]})).contains("expected an id of its own"));
}

#[test]
fn lab_settings_have_entras_defaults() {
    let tenant = tenant(&json!({"fido2": policy()}));
    let lab = tenant.lab();
    assert_eq!(
        (lab.rp_id.as_str(), lab.origins.as_slice()),
        ("login.microsoft.com", &["https://login.microsoft.com".to_owned()][..])
    );
    assert_eq!(lab.related_origins, ["https://login.microsoftonline.com", "https://login.live.com"]);
    assert_eq!((lab.in_app_attestation, lab.clock, lab.tenant_id.clone()), (InAppAttestation::Passed, None, None));
    assert_eq!(lab.switches.departures().count(), 0);
}

#[test]
fn lab_settings_are_read() {
    let given = json!({
        "comment": "a rehearsal", "rpId": "lab.example", "tenantId": "11111111-2222-3333-4444-55555555555A",
        "inAppAttestation": "unavailable", "clock": "2026-11-20T09:00:00Z",
        "switches": {"samsungPass": "synced", "userTargets": "matchedById"},
    });
    let tenant = tenant(&json!({"fido2": policy(), "lab": given}));
    let lab = tenant.lab();
    assert_eq!((lab.origins.clone(), lab.related_origins.len()), (vec!["https://lab.example".to_owned()], 0));
    assert_eq!(lab.tenant_id.as_deref(), Some("11111111-2222-3333-4444-55555555555a"));
    assert_eq!(
        (lab.in_app_attestation, lab.clock.unwrap().to_string()),
        (InAppAttestation::Unavailable, "2026-11-20T09:00:00Z".into())
    );
    assert_eq!(lab.switches.departures().map(|switch| switch.name).collect::<Vec<_>>(), ["samsungPass"]);
    assert_eq!(tenant.to_json()["lab"], given);
}

#[test]
fn lab_settings_take_no_unknown_key_or_value() {
    let lab = |lab: Value| refusal("-", &json!({"fido2": {}, "lab": lab}).to_string());
    assert!(
        lab(json!({"rpid": "x"}))
            .contains("$.lab.rpid: expected a key that the lab knows, such as “rpId”, found the unknown key “rpid”")
    );
    assert!(lab(json!({"colour": 1})).contains("expected one of the keys comment, rpId, origins"));
    assert!(lab(json!({"switches": {"samsungPas": "x"}})).contains("such as “samsungPass”"));
    assert!(
        lab(json!({"switches": {"samsungPass": true}}))
            .contains("$.lab.switches.samsungPass: expected “byFlags” or “synced”, found true")
    );
    assert!(
        lab(json!({"clock": "noon"})).contains("expected a time such as 2026-11-20T09:00:00Z, found the text “noon”")
    );
    assert!(lab(json!({"tenantId": "contoso"})).contains("expected a GUID"));
    assert!(
        lab(json!({"inAppAttestation": 1}))
            .contains("expected “passed”, “failed” or “unavailable”, found the number 1")
    );
}

/// Everybody may use P1, a group P2; another group is excluded. The targeted groups hold further groups.
fn directory(switches: Value) -> Tenant {
    let mut fido2 = fido2(&[profile(1, "synced", false, None), profile(2, "deviceBound", true, None)]);
    fido2["includeTargets"] = json!([
        {"id": "all_users", "targetType": "group", "allowedPasskeyProfiles": [id(1)]},
        {"id": "G-ADMINS", "targetType": "group", "allowedPasskeyProfiles": [id(2)]},
        {"id": "u-dora", "targetType": "user", "allowedPasskeyProfiles": [id(2)]},
    ]);
    fido2["excludeTargets"] = json!([{"id": "g-out", "targetType": "group"}]);
    let groups = json!([
        {"id": "g-admins", "displayName": "Admins", "members": ["u-ann", {"id": "g-inner", "@odata.type": "#microsoft.graph.group"}]},
        {"id": "g-inner", "displayName": "Inner", "members": ["BEN@contoso.com", "g-admins"]},
        {"id": "g-out", "displayName": "Out", "members": ["u-cy"]},
        {"id": "g-twin-1", "displayName": "Twin"}, {"id": "g-twin-2", "displayName": "twin"},
    ]);
    let users = json!([
        {"id": "u-ann", "userPrincipalName": "ann@contoso.com"}, {"id": "u-ben", "userPrincipalName": "ben@contoso.com"},
        {"id": "u-cy", "userPrincipalName": "cy@contoso.com"}, {"id": "u-dora", "userPrincipalName": "dora@contoso.com"},
        {"id": "u-eve", "userPrincipalName": "eve@contoso.com"}, {"id": "u-finn", "userPrincipalName": "finn@contoso.com"},
    ]);
    tenant(&json!({"fido2": fido2, "groups": groups, "users": users, "lab": {"switches": switches}}))
}

#[test]
fn users_with_equal_facts_share_a_scope() {
    let tenant = directory(json!({}));
    let scopes = scopes(&tenant);
    let seen: Vec<_> = scopes
        .iter()
        .map(|scope| (scope.id.as_str(), scope.label.as_str(), scope.members.clone(), scope.groups.clone()))
        .collect();
    assert_eq!(
        seen,
        [
            ("scope-1", "P1 + P2", vec![0, 1, 3], vec!["Admins".to_owned()]),
            ("scope-2", "P1, excluded by Out", vec![2], vec!["Out".to_owned()]),
            ("scope-3", "P1", vec![4, 5], vec![]),
        ]
    );
}

#[test]
fn nested_groups_and_user_targets_are_switches() {
    let members = |switches| scopes(&directory(switches)).into_iter().map(|scope| scope.members).collect::<Vec<_>>();
    assert_eq!(members(json!({"nestedGroups": "ignored"})), [vec![0, 3], vec![1, 4, 5], vec![2]]);
    assert_eq!(members(json!({"userTargets": "ignored"})), [vec![0, 1], vec![2], vec![3, 4, 5]]);
}

#[test]
fn personas_are_users_or_groups_by_id_or_name() {
    let tenant = directory(json!({}));
    assert_eq!(Persona::user(&tenant, "ANN@contoso.com"), Ok(Persona::User(0)));
    assert_eq!(
        Persona::groups(&tenant, ["inner", "G-OUT"]),
        Ok(Persona::Groups(vec!["g-inner".into(), "g-out".into()]))
    );
    let inner = scope_of(&tenant, &Persona::groups(&tenant, ["Inner"]).unwrap());
    assert_eq!((inner.profiles, inner.excluded_by), (vec![0, 1], vec![]), "a nested group is reached too");
    let error = Persona::user(&tenant, "anne@contoso.com").unwrap_err().to_string();
    assert_eq!(
        error,
        "expected a user of the tenant (object id or user principal name), found “anne@contoso.com”; perhaps “ann@contoso.com”"
    );
    let error = Persona::groups(&tenant, ["Admin"]).unwrap_err().to_string();
    assert_eq!(error, "expected a group of the tenant (id or displayName), found “Admin”; perhaps “Admins”");
    assert!(matches!(Persona::groups(&tenant, ["TWIN"]), Err(PersonaError::Ambiguous { ids, .. }) if ids.len() == 2));
}

#[test]
fn a_tenant_without_users_has_a_persona_for_each_targeted_group() {
    let mut whole = directory(json!({})).to_json();
    whole.as_object_mut().unwrap().remove("users");
    let tenant = tenant(&whole);
    let labels: Vec<_> = personas(&tenant).iter().map(|persona| persona.label(&tenant)).collect();
    assert_eq!(labels, ["a user in no targeted group", "Admins", "Out"]);
    let scopes: Vec<_> = scopes(&tenant).into_iter().map(|scope| (scope.label, scope.members.len())).collect();
    assert_eq!(scopes, [("P1".to_owned(), 0), ("P1 + P2".to_owned(), 0), ("P1, excluded by Out".to_owned(), 0)]);
}

#[test]
fn registered_passkeys_are_found_by_user_and_become_candidates() {
    let passkeys = json!({
        "@odata.context": "x",
        "Ann@contoso.com": {"value": [
            {"id": "1", "aaGuid": "A25342C0-3cdc-4414-8e46-f4807fca511c", "passkeyType": "deviceBound"},
            {"id": "2", "aaGuid": "fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "passkeyType": "synced"},
            {"id": "3", "aaGuid": "?", "passkeyType": "synced"},
            {"id": "4", "aaGuid": "fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "passkeyType": "other"},
        ]},
    });
    let tenant = tenant(&json!({"fido2": policy(), "passkeys": passkeys}));
    let methods = tenant.passkeys().unwrap().of("ann@CONTOSO.com");
    let read: Vec<_> =
        methods.iter().map(crate::Passkey::registered).map(|it| it.map(|it| it.backup_eligible)).collect();
    assert_eq!(read, [Some(false), Some(true), None, None]);
    assert_eq!(tenant.to_json()["passkeys"], passkeys);
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(name in "(fido2|users|groups|lab|passkeys|tenant|authenticationMethodsPolicy)\\.json", text in "\\PC*") {
        let _ = files(&[(name.as_str(), text.as_str())]);
    }

    /// Half-right documents: the whole way through to findings and scopes.
    #[test]
    fn mutilated_tenants_never_panic(at in any::<prop::sample::Index>(), with in "[\\[\\]{}\",:0a ]{0,3}") {
        let text = directory(json!({})).to_json().to_string();
        let cut = at.index(text.len());
        let (before, after) = (text.get(..cut).unwrap_or_default(), text.get(cut..).unwrap_or_default());
        for text in [format!("{before}{with}{after}"), format!("{before}{with}{}", after.get(1..).unwrap_or_default())] {
            if let Ok(tenant) = files(&[("-", &text)]) {
                let _ = (scopes(&tenant), crate::limits::check(&tenant));
            }
        }
    }
}
