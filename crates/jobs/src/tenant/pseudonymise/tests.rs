use std::collections::HashSet;

use jiff::Timestamp;
use lab_entra::scope::{self, Persona};
use proptest::prelude::*;

use super::*;
use crate::ceremony::{self, Request, Who};
use crate::input::tenants;
use crate::models::Catalogue;
use crate::world::{Part, World};

fn under_seed(tenant: &Tenant, seed: u64) -> Pseudonymised {
    let world = World::seeded(seed, Timestamp::UNIX_EPOCH);
    pseudonymise(tenant, &mut world.stream(Part::Persona)).unwrap()
}

fn reread(files: &[NewFile]) -> Tenant {
    let files: Vec<_> = files.iter().map(|file| TenantFile { name: &file.name, text: &file.text }).collect();
    Tenant::from_files(&files).unwrap()
}

fn examples() -> Vec<(&'static str, Tenant)> {
    tenants::examples()
        .map(|(name, _)| (name, Tenant::from_files(&tenants::example_files(name).unwrap()).unwrap()))
        .collect()
}

fn facts(tenant: &Tenant) -> Vec<(Vec<usize>, lab_entra::UserFacts)> {
    scope::scopes(tenant).into_iter().map(|scope| (scope.members, scope.facts)).collect()
}

/// Who registers and signs in with what, and which profile takes it.
fn verdicts(tenant: &Tenant) -> Vec<String> {
    let (catalogue, world) =
        (Catalogue::read(None).unwrap(), World::seeded(1, "2026-11-20T12:00:00Z".parse().unwrap()));
    let mut verdicts = Vec::new();
    for scope in scope::scopes(tenant) {
        let Some(member) = scope.members.first() else { continue };
        for model in ["yubikey-5-nfc", "icloud-keychain", "authenticator-android"] {
            let who = Who::User(Persona::User(*member).label(tenant));
            let request =
                Request { who, registered_earlier: true, ..Request::new(tenant, catalogue.choose(model).unwrap()) };
            let outcome = ceremony::run(&request, &catalogue, &world).unwrap();
            let step = |step: &ceremony::StepView| {
                let matched = step.profiles.iter().position(|profile| profile.matches);
                format!("{} {:?} {matched:?}", step.verdict, step.decided_by)
            };
            verdicts.push(format!("{} / {:?}", step(&outcome.registration), outcome.sign_in.as_ref().map(step)));
        }
    }
    verdicts
}

#[test]
fn decisions_of_every_example_are_unchanged() {
    for (name, before) in examples() {
        let after = reread(&under_seed(&before, 7).files);
        assert_eq!(facts(&after), facts(&before), "{name}");
        assert_eq!(verdicts(&after), verdicts(&before), "{name}");
        let ids = |tenant: &Tenant| -> Vec<&str> {
            lab_entra::limits::check(tenant).iter().map(lab_entra::limits::TenantFinding::id).collect()
        };
        assert_eq!(ids(&after), ids(&before), "{name}: the same is wrong");
    }
}

/// Every text under a property that names somebody.
fn personal(value: &Value, found: &mut HashSet<String>) {
    match value {
        Value::Object(map) if map.contains_key("roleTemplateId") => {}
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            let names = ["displayName", "userPrincipalName", "attestationCertificates", "description", "tenantId"];
            match value {
                Value::String(text) if names.contains(&key.as_str()) => _ = found.insert(text.clone()),
                Value::Array(items) if names.contains(&key.as_str()) => {
                    found.extend(items.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                Value::String(text)
                    if key == "id" && text.len() > 15 && !text.starts_with("0000") && text != "TemporaryAccessPass" =>
                {
                    found.insert(text.clone());
                }
                other => personal(other, found),
            }
        }),
        Value::Array(items) => items.iter().for_each(|item| personal(item, found)),
        _ => {}
    }
}

#[test]
fn no_name_id_or_thumbprint_of_an_example_is_left() {
    for (name, before) in examples() {
        let mut texts = HashSet::new();
        personal(&before.to_json(), &mut texts);
        let after: String = under_seed(&before, 7).files.into_iter().map(|file| file.text).collect();
        let left: Vec<_> = texts.iter().filter(|text| after.contains(&format!("\"{text}\""))).collect();
        assert!(left.is_empty(), "{name}: {left:?}");
        assert!(!after.contains(".example#EXT#"), "{name}: the home of a guest is left");
    }
}

#[test]
fn the_same_seed_gives_the_same_pseudonyms_and_another_seed_others() {
    let (_, tenant) = examples().remove(0);
    assert_eq!(under_seed(&tenant, 7).files, under_seed(&tenant, 7).files);
    assert_ne!(under_seed(&tenant, 7).files, under_seed(&tenant, 8).files);
}

#[test]
fn what_decides_stays_and_what_nobody_knows_goes() {
    let tenant = |whole: Value| {
        let text = whole.to_string();
        Tenant::from_files(&[TenantFile { name: "-", text: &text }]).unwrap()
    };
    let before = tenant(json!({
        "fido2": {"state": "enabled", "secretNote": "Contoso", "limit": 7, "includeTargets": [{"id": "ALL_users"}],
                  "keyRestrictions": {"aaGuids": ["a25342c0-3cdc-4414-8e46-f4807fca511c", "no guid"]}},
        "users": [{"id": "u1", "userPrincipalName": "Ann@Contoso.com", "employeeId": "4711", "roles": ["62e90394-69f5-4237-9190-012177145e10"]},
                  {"id": "u2", "userPrincipalName": "bob_fabrikam.com#EXT#@contoso.com", "mail": "ann@contoso.com"}],
        "passkeys": {"ANN@contoso.com": [{"id": "abcdefghijklmnopqrstuvwxyz1", "displayName": "Ann's key", "aaGuid": "a25342c0-3cdc-4414-8e46-f4807fca511c"}]},
        "lab": {"rpId": "login.contoso.com", "origins": ["https://login.contoso.com:8443"], "comment": "ask Ann"},
    }));
    let files = under_seed(&before, 7).files;
    let after = reread(&files);
    let text: String = files.iter().map(|file| file.text.as_str()).collect();
    for gone in ["ontoso", "abrikam", "Ann", "4711", "\"u1\""] {
        assert!(!text.contains(gone), "{gone} is left in {text}");
    }
    for kept in ["ALL_users", "a25342c0-3cdc-4414-8e46-f4807fca511c", "no guid", "62e90394", "\"limit\": 7", "#EXT#"] {
        assert!(text.contains(kept), "{kept} is gone from {text}");
    }
    let users = after.users();
    let ann = users[0].user_principal_name.as_deref().unwrap();
    assert_eq!(users[1].other["mail"], ann, "the same account has one pseudonym");
    assert_eq!(after.passkeys().unwrap().of(ann).len(), 1);
    assert!(after.passkeys().unwrap().of(ann)[0].id.as_deref().unwrap().ends_with('1'));
    let lab = after.lab();
    assert_eq!(lab.origins[0], format!("https://{}:8443", lab.rp_id), "an origin still belongs to its rpId");
}

/// Users, groups and targets with names that differ in case only, of every kind that Graph has.
fn any_tenant() -> impl Strategy<Value = Value> {
    let user = (0_usize..6, prop::bool::ANY, prop::bool::ANY);
    let groups = prop::collection::vec(prop::collection::vec(user, 0..6), 1..5);
    let targets = prop::collection::vec((0_usize..6, prop::bool::ANY, 0_usize..3), 0..5);
    let types = prop::collection::vec(prop::sample::select(vec!["Member", "Guest"]), 6);
    (groups, targets, types).prop_map(|(groups, targets, types)| {
        let id = |kind: &str, n: usize| format!("{kind}0000000-1111-4222-8333-00000000000{n}");
        let case = |text: String, upper: bool| if upper { text.to_uppercase() } else { text };
        let upn = |n: usize| if n.is_multiple_of(3) { format!("user{n}_home.org#EXT#@corp.org") } else { format!("user{n}@corp.org") };
        let users: Vec<_> = types.iter().enumerate().map(|(n, kind)| json!({"id": id("a", n), "userPrincipalName": upn(n), "userType": kind})).collect();
        let member = |(n, by_name, upper): &(usize, bool, bool)| {
            let name = case(if *by_name { upn(*n) } else { id("a", *n) }, *upper);
            if *upper { json!(name) } else { json!({"id": name}) }
        };
        let groups: Vec<_> = groups.iter().enumerate().map(|(n, members)| {
            json!({"id": id("b", n), "displayName": "Same name", "members": members.iter().map(member).collect::<Vec<_>>()})
        }).collect();
        let profile = |n: usize| json!({"id": id("c", n), "name": format!("P{n}"), "passkeyTypes": "deviceBound", "keyRestrictions": {"isEnforced": false}});
        let include: Vec<_> = targets.iter().map(|(n, upper, profile)| json!({
            "id": if *n == 5 { "all_users".to_owned() } else { case(id("b", *n), *upper) }, "targetType": "group", "allowedPasskeyProfiles": [case(id("c", *profile), *upper)],
        })).collect();
        let exclude: Vec<_> = targets.iter().filter(|(_, upper, _)| *upper).take(1).map(|(n, ..)| json!({"id": id("b", *n), "targetType": "group"})).collect();
        json!({
            "fido2": {"state": "enabled", "includeTargets": include, "excludeTargets": exclude, "passkeyProfiles": (0..3).map(profile).collect::<Vec<_>>()},
            "users": users, "groups": groups,
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn scopes_are_the_same_before_and_after(whole in any_tenant(), seed in any::<u64>()) {
        let text = whole.to_string();
        let before = Tenant::from_files(&[TenantFile { name: "-", text: &text }]).unwrap();
        let after = reread(&under_seed(&before, seed).files);
        prop_assert_eq!(facts(&after), facts(&before));
    }
}
