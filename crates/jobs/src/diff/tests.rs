use lab_entra::{Tenant, TenantFile};
use serde_json::{Value, json};

use super::{Effect, Outcome, Pair, Request, run};
use crate::input::tenants;
use crate::matrix::{About, models};
use crate::models::Catalogue;
use crate::report::{Envelope, Format, Style};
use crate::world::World;

/// The example tenant, as one value.
fn example() -> Value {
    let tenant = Tenant::from_files(&tenants::example_files("admins-attested").unwrap()).unwrap();
    tenant.to_json()
}

fn read(tenant: &Value) -> Tenant {
    Tenant::from_files(&[TenantFile { name: "tenant.json", text: &tenant.to_string() }]).unwrap()
}

/// The example, where the Default profile takes device-bound passkeys only.
fn without_synced() -> Value {
    let mut tenant = example();
    let profiles = tenant["fido2"]["passkeyProfiles"].as_array_mut().unwrap();
    let default = profiles.iter_mut().find(|profile| profile["name"] == "Default passkey profile").unwrap();
    default["passkeyTypes"] = json!("deviceBound");
    tenant
}

fn compare<'t>(pair: &'t Pair, catalogue: &Catalogue) -> Outcome<'t> {
    let names = ["icloud-keychain".to_owned(), "yubikey-5-nfc".to_owned()];
    let models = models(&names, catalogue).unwrap();
    let request = Request { before: &pair.before, after: &pair.after, models, traces: true };
    let world = World::seeded(7, "2026-11-20T12:00:00Z".parse().unwrap());
    run(&request, catalogue, &world, &|_, _| ()).unwrap()
}

#[test]
fn a_small_difference_in_every_form() {
    let catalogue = Catalogue::read(None).unwrap();
    let pair = Pair::new(read(&example()), read(&without_synced())).unwrap();
    let outcome = compare(&pair, &catalogue);
    assert_eq!(outcome.exit_status(), 1);
    let report = outcome.report();
    let form = |format| report.render(format, &Envelope::default(), Style::default());
    insta::assert_snapshot!("table", form(Format::Table));
    insta::assert_snapshot!("markdown", form(Format::Markdown));
    insta::assert_snapshot!("json", form(Format::Json).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    insta::assert_snapshot!("csv", outcome.csv());
    insta::assert_snapshot!("lines", outcome.lines());
    insta::assert_snapshot!("junit", outcome.junit());
    let page = outcome.html(About::default());
    assert!(page.contains("\"kind\":\"diff\"") && page.contains("lena.vogt@nordhafen.example"));
}

#[test]
fn the_other_way_round_the_same_people_gain() {
    let catalogue = Catalogue::read(None).unwrap();
    let (synced, bound) = (read(&example()), read(&without_synced()));
    let there = Pair::new(synced.clone(), bound.clone()).unwrap();
    let back = Pair::new(bound, synced).unwrap();
    let (there, back) = (compare(&there, &catalogue), compare(&back, &catalogue));
    let users = |outcome: &Outcome<'_>, effect| {
        let changed = outcome.passkeys.iter().filter(|change| change.effect == effect);
        changed.map(|change| change.user.clone()).collect::<Vec<_>>()
    };
    assert_eq!(users(&there, Effect::Lost), ["lena.vogt@nordhafen.example", "tomas.rieger@nordhafen.example"]);
    assert_eq!(users(&there, Effect::Lost), users(&back, Effect::Gained));
    assert_eq!(there.cells.len(), back.cells.len());
}

#[test]
fn nothing_changes_between_a_tenant_and_itself() {
    let catalogue = Catalogue::read(None).unwrap();
    let pair = Pair::new(read(&example()), read(&example())).unwrap();
    let outcome = compare(&pair, &catalogue);
    assert!(!outcome.differs() && outcome.exit_status() == 0);
    assert!(outcome.junit().contains("nothing changes"));
}

#[test]
fn a_policy_alone_takes_the_directory_of_the_other() {
    let catalogue = Catalogue::read(None).unwrap();
    let alone = json!({"fido2": without_synced()["fido2"]});
    let pair = Pair::new(read(&example()), read(&alone)).unwrap();
    let whole = Pair::new(read(&example()), read(&without_synced())).unwrap();
    let (alone, whole) = (compare(&pair, &catalogue), compare(&whole, &catalogue));
    assert_eq!(alone.passkeys, whole.passkeys);
    assert_eq!(alone.cells, whole.cells);
}

#[test]
fn a_user_who_changes_groups_moves() {
    let catalogue = Catalogue::read(None).unwrap();
    let mut after = example();
    for group in after["groups"]["value"].as_array_mut().unwrap() {
        let members = group["members"].as_array_mut().unwrap();
        members.retain(|member| member["userPrincipalName"] != "lena.vogt@nordhafen.example");
    }
    let pair = Pair::new(read(&example()), read(&after)).unwrap();
    let outcome = compare(&pair, &catalogue);
    let moved = outcome.moves.iter().map(|moved| moved.label(&outcome.before.scopes, &outcome.after.scopes));
    assert!(moved.collect::<Vec<_>>().contains(&"Default passkey profile → in no target".to_owned()));
    let lost = outcome.passkeys.iter().filter(|change| change.effect == Effect::Lost);
    assert!(lost.clone().count() == 2 && lost.clone().all(|change| change.after.decided_by == Some("entra/in-scope")));
}

#[test]
fn tenants_without_a_common_user_cannot_be_compared() {
    let catalogue = Catalogue::read(None).unwrap();
    let other = Tenant::from_files(&tenants::example_files("fresh-default").unwrap()).unwrap();
    let pair = Pair::new(read(&example()), other).unwrap();
    let outcome = compare(&pair, &catalogue);
    assert!(!outcome.comparable() && outcome.exit_status() == 4);
}

#[test]
fn tenants_without_users_are_compared_by_their_groups() {
    let catalogue = Catalogue::read(None).unwrap();
    let policy = |tenant: Value| json!({"fido2": tenant["fido2"], "groups": tenant["groups"]});
    let pair = Pair::new(read(&policy(example())), read(&policy(without_synced()))).unwrap();
    let outcome = compare(&pair, &catalogue);
    assert!(outcome.comparable() && outcome.differs());
    assert!(outcome.cells.iter().all(|change| change.sign_in == Effect::Lost));
}
