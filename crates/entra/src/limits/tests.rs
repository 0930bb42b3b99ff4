use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Severity, check, check_aaguids, find, pages};
use crate::aaguids;
use crate::testing::{ICLOUD, YUBIKEY, fido2, id, profile, tenant};

const BOTH: &str = "deviceBound,synced";

/// What is found, as id, severity and place.
fn found(whole: &Value) -> Vec<(&'static str, Severity, String)> {
    let place = |place: &crate::tenant::Place| format!("{} {}", place.file, place.path);
    check(&tenant(whole)).iter().map(|it| (it.id(), it.severity, place(&it.place))).collect()
}

/// The ids that are found in a policy with `property` set to `value`.
fn with(property: &str, value: Value) -> Vec<&'static str> {
    let mut policy = fido2(&[profile(1, BOTH, false, None)]);
    policy[property] = value;
    ids(&json!({"fido2": policy}))
}

fn ids(whole: &Value) -> Vec<&'static str> {
    found(whole).into_iter().map(|(id, ..)| id).collect()
}

fn profiles(profiles: &[Value]) -> Vec<&'static str> {
    ids(&json!({"fido2": fido2(profiles)}))
}

#[test]
fn every_page_has_its_own_id_and_says_what_to_do() {
    let mut seen = HashSet::new();
    for page in pages() {
        assert!(page.id.starts_with("tenant/") && seen.insert(page.id), "{}", page.id);
        assert!([page.what, page.why, page.hint].iter().all(|text| text.ends_with('.')), "{}", page.id);
        assert_eq!(find(page.id).map(|found| found.id), Some(page.id));
    }
}

#[test]
fn a_sound_policy_has_nothing_to_find() {
    assert_eq!(profiles(&[profile(1, BOTH, false, None)]), Vec::<&str>::new());
}

#[test]
fn settings() {
    assert_eq!(with("state", json!("disabled")), ["tenant/method-off"]);
    assert_eq!(with("state", json!(null)), ["tenant/method-off"]);
    assert_eq!(with("isSelfServiceRegistrationAllowed", json!(false)), ["tenant/self-service-off"]);
    assert_eq!(with("isSelfServiceRegistrationAllowed", json!(null)), ["tenant/missing-property"]);
    assert_eq!(with("isAttestationEnforced", json!(true)), ["tenant/legacy-contradicts"]);
    let switched =
        json!({"fido2": fido2(&[profile(1, BOTH, false, None)]), "lab": {"switches": {"samsungPass": "synced"}}});
    assert_eq!(
        found(&switched),
        [("tenant/assumption-changed", Severity::Info, "tenant.json $.lab.switches.samsungPass".into())]
    );
    let bare = json!({"id": "p"});
    let mut policy = fido2(&[bare]);
    policy["includeTargets"][0]["allowedPasskeyProfiles"] = json!(["p"]);
    assert_eq!(ids(&json!({"fido2": policy})), ["tenant/missing-property"; 3]);
}

#[test]
fn numbers_and_size() {
    let many = |count: u8| (1..=count).map(|number| profile(number, BOTH, false, None)).collect::<Vec<_>>();
    let of = |count| found(&json!({"fido2": fido2(&many(count))}));
    let at = "tenant.json $.fido2.passkeyProfiles".to_owned();
    assert_eq!(of(3), []);
    assert_eq!(of(4), [("tenant/too-many-profiles", Severity::Warning, at.clone())]);
    assert_eq!(of(10), [("tenant/too-many-profiles", Severity::Warning, at.clone())]);
    assert_eq!(of(11), [("tenant/too-many-profiles", Severity::Error, at)]);
    let listing = |count: u32| {
        let all: Vec<_> = (0..count).map(|number| crate::Aaguid(u128::from(number + 1).to_be_bytes())).collect();
        check(&tenant(&json!({"fido2": fido2(&[profile(1, BOTH, true, Some(&all))])})))
            .iter()
            .filter(|finding| finding.id() == "tenant/policy-size")
            .map(|finding| (finding.severity, finding.message.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(listing(500), []);
    let sentence = |size: &str| format!("The policy takes about {size} KB of the 20 KB that it may have.");
    assert_eq!(listing(597), [(Severity::Warning, sentence("19.98"))], "1.44 + 0.23 + 0.4 + 597 × 0.03");
    assert_eq!(listing(598), [(Severity::Error, sentence("20.01"))]);
}

#[test]
fn profile_ids_names_and_use() {
    assert_eq!(with("defaultPasskeyProfile", json!(null)), ["tenant/default-profile-missing"]);
    assert_eq!(with("defaultPasskeyProfile", json!(id(9))), ["tenant/default-profile-unknown"]);
    let one = profile(1, BOTH, false, None);
    assert_eq!(profiles(&[one.clone(), one]), ["tenant/profiles-share-id", "tenant/profiles-share-name"]);
    let mut policy = fido2(&[profile(1, BOTH, false, None), profile(2, BOTH, false, None)]);
    policy["includeTargets"][0]["allowedPasskeyProfiles"] = json!([id(1)]);
    assert_eq!(
        found(&json!({"fido2": policy})),
        [("tenant/profile-unused", Severity::Info, "tenant.json $.fido2.passkeyProfiles[1]".into())]
    );
}

#[test]
fn targets() {
    let target = |target: Value| {
        with(
            "includeTargets",
            json!([{"id": "all_users", "targetType": "group", "allowedPasskeyProfiles": [id(1)]}, target]),
        )
    };
    assert_eq!(with("includeTargets", json!([])), ["tenant/profile-unused", "tenant/no-include-target"]);
    assert_eq!(
        target(json!({"id": "all_users", "targetType": "group", "allowedPasskeyProfiles": []})),
        ["tenant/target-without-profile"]
    );
    assert_eq!(
        target(json!({"id": "all_users", "targetType": "group", "allowedPasskeyProfiles": [id(7)]})),
        ["tenant/target-unknown-profile"]
    );
    assert_eq!(
        target(json!({"id": "g", "targetType": "group", "allowedPasskeyProfiles": [id(1)]})),
        ["tenant/target-unknown-group"]
    );
    assert_eq!(
        target(json!({"id": "u", "targetType": "user", "allowedPasskeyProfiles": [id(1)]})),
        ["tenant/target-type-user"]
    );
    assert_eq!(
        target(json!({"id": "u", "targetType": "device", "allowedPasskeyProfiles": [id(1)]})),
        ["tenant/target-unknown-group", "tenant/unknown-value"]
    );
    let mut policy = fido2(&[profile(1, BOTH, false, None)]);
    policy["includeTargets"][0] = json!({"id": "u", "targetType": "user", "allowedPasskeyProfiles": [id(1)]});
    assert!(ids(&json!({"fido2": policy, "users": []})).contains(&"tenant/target-unknown-user"));
    assert!(
        with("excludeTargets", json!([{"id": "ALL_USERS", "targetType": "group"}]))
            .contains(&"tenant/target-included-and-excluded")
    );
}

#[test]
fn attestation() {
    assert_eq!(
        profiles(&[profile(1, BOTH, true, None)]),
        ["tenant/legacy-contradicts", "tenant/attestation-with-synced"]
    );
    assert_eq!(
        profiles(&[profile(1, "synced", true, None)]),
        ["tenant/legacy-contradicts", "tenant/attestation-synced-only"]
    );
    let bound = |attested, list: &[_]| profiles(&[profile(1, "deviceBound", attested, Some(list))]);
    assert_eq!(
        bound(true, &[aaguids::AUTHENTICATOR_IOS]),
        ["tenant/legacy-contradicts", "tenant/attestation-authenticator-only"]
    );
    assert_eq!(
        bound(true, &[YUBIKEY, ICLOUD]),
        ["tenant/legacy-contradicts", "tenant/attestation-unattestable-aaguid"]
    );
    assert_eq!(bound(false, &[YUBIKEY]), ["tenant/legacy-contradicts", "tenant/aaguid-list-without-attestation"]);
}

#[test]
fn lists_of_aaguids() {
    let with_list = |enforced: bool, entries: Value| {
        let mut given = profile(1, "deviceBound", true, None);
        given["keyRestrictions"] = json!({"isEnforced": enforced, "enforcementType": "allow", "aaGuids": entries});
        found(&json!({"fido2": fido2(&[given])})).into_iter().skip(1).collect::<Vec<_>>()
    };
    let at = |rest: &str| format!("tenant.json $.fido2.passkeyProfiles[0].keyRestrictions.{rest}");
    let key = YUBIKEY.to_string();
    assert_eq!(with_list(true, json!([key, "x"])), [("tenant/aaguid-malformed", Severity::Error, at("aaGuids[1]"))]);
    assert_eq!(
        with_list(true, json!([key, key.to_uppercase()])),
        [("tenant/aaguid-duplicate", Severity::Warning, at("aaGuids[1]"))]
    );
    assert_eq!(with_list(true, json!([])), [("tenant/allow-list-empty", Severity::Error, at("aaGuids"))]);
    assert_eq!(
        with_list(false, json!([key])),
        [("tenant/aaguid-list-not-enforced", Severity::Warning, at("isEnforced"))]
    );
    let tenant = tenant(&json!({"fido2": fido2(&[profile(1, BOTH, true, Some(&[YUBIKEY, ICLOUD]))])}));
    let unlisted = check_aaguids(&tenant, |aaguid| aaguid == YUBIKEY);
    assert_eq!(unlisted.iter().map(super::TenantFinding::id).collect::<Vec<_>>(), ["tenant/aaguid-unlisted"]);
    assert!(unlisted[0].message.starts_with("fbfc3007-154e-4ecc-8c0b-6e020557d7bd"), "{}", unlisted[0].message);
}

#[test]
fn users() {
    let mut policy = fido2(&[profile(1, BOTH, false, None)]);
    policy["includeTargets"][0]["id"] = json!("g-in");
    policy["excludeTargets"] = json!([{"id": "g-out", "targetType": "group"}]);
    let whole = json!({
        "fido2": policy,
        "groups": [{"id": "g-in", "members": ["ann", "bob", "cy", "ghost"]}, {"id": "g-out", "members": ["cy"]}],
        "users": [
            {"id": "ann", "userType": "Guest"}, {"id": "bob", "userPrincipalName": "bob#EXT#@x", "userType": "Member"},
            {"id": "cy"}, {"id": "dora"},
        ],
        "passkeys": {"ann": [], "nobody": []},
    });
    let messages: Vec<_> = check(&tenant(&whole)).iter().map(|it| format!("{}: {}", it.id(), it.message)).collect();
    assert_eq!(
        messages,
        [
            "tenant/guests-in-scope: 1 guests in scope who cannot register: “ann”.",
            "tenant/users-included-and-excluded: 1 users included and excluded: “cy”.",
            "tenant/users-out-of-scope: 1 users in no target that allows a profile: “dora”.",
            "tenant/b2b-members: 1 B2B users of type Member: “bob#EXT#@x”.",
            "tenant/unknown-member: 1 members of “g-in” are unknown: “ghost”.",
            "tenant/passkeys-unknown-user: No user of users.json is called “nobody”.",
        ]
    );
}

#[test]
fn unknown_properties_and_values_are_told_with_what_was_probably_meant() {
    let mut given = profile(1, BOTH, false, None);
    given["passkeyType"] = json!("synced");
    given["attestationEnforcement"] = json!("always");
    let mut policy = fido2(&[given]);
    policy["@odata.context"] = json!("an annotation");
    let whole = json!({"fido2": policy, "users": [{"id": "u", "shoeSize": 43, "mail": "x"}]});
    let findings = check(&tenant(&whole));
    let texts: Vec<_> =
        findings.iter().map(|it| format!("{} {}: {} {}", it.id(), it.place.path, it.message, it.advice())).collect();
    assert_eq!(
        texts,
        [
            "tenant/legacy-contradicts $.fido2: “isAttestationEnforced” contradict the default profile “P1” and are ignored. \
             Read the profiles. Bring the deprecated settings in line, or leave them.",
            "tenant/unknown-property $.fido2.passkeyProfiles[0].passkeyType: passkeyProfile has the property “passkeyType”, \
             which the lab does not know. Perhaps “passkeyTypes” was meant.",
            "tenant/unknown-value $.fido2.passkeyProfiles[0].attestationEnforcement: “always” is no member that the lab knows. \
             Compare it with Graph's reference pages.",
            "tenant/unknown-property $.users: 1 × user with the property “shoeSize”, which the lab does not know. \
             Compare it with Graph's reference pages.",
        ]
    );
}

#[test]
fn what_is_kept_or_not_read_is_told() {
    let whole = json!({
        "fido2": fido2(&[profile(1, BOTH, false, None)]),
        "temporaryAccessPass": {}, "authenticationStrengths": [], "conditionalAccess": {"value": []}, "note": 1,
    });
    assert_eq!(
        ids(&whole),
        ["tenant/not-evaluated", "tenant/not-evaluated", "tenant/not-evaluated", "tenant/not-read"]
    );
}
