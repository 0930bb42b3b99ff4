//! The lab's own BLOB says of each model what the model's file says.

use lab_entra::MetadataEntry;
use lab_metadata::ModelKey;

use super::consulted::facts;
use super::{Consulted, Staging, When, today};
use crate::models::Catalogue;
use crate::world::World;

fn world() -> World {
    World::seeded(7, "2026-11-20T12:00:00Z".parse().unwrap())
}

fn lab(name: &str) -> Consulted {
    let catalogue = Catalogue::read(None).unwrap();
    Consulted::read(name, None, When::Now, &catalogue, &world(), &mut std::io::empty()).unwrap()
}

#[test]
fn every_model_has_an_entry_and_it_says_what_its_file_says() {
    let (catalogue, lab) = (Catalogue::read(None).unwrap(), lab("lab"));
    let at = world().at;
    let mut compared = 0;
    for model in catalogue.models().iter().filter(|model| !model.aaguid().is_zero()) {
        let entry = lab.blob().payload.by_aaguid(model.aaguid()).unwrap_or_else(|| panic!("{} has no entry", model.id));
        assert_eq!((entry.findings.problems.len(), entry.findings.unknown.len()), (0, 0), "{}", model.id);
        assert_eq!(entry.key(), Some(&ModelKey::Aaguid(model.aaguid())));
        let said = facts(entry, &today(entry, at), super::day(at));
        assert_eq!(said.entry, MetadataEntry::Listed, "{}", model.id);
        // Of several uses of one authenticator, the entry is about the one that the others inherit from.
        let first = catalogue.of_aaguid(model.aaguid()).unwrap();
        if let Some(own) = &first.metadata {
            let ours = (said.certified, said.has_uv, said.has_rk, said.has_hmac_secret);
            let own =
                (own.certified.value, own.user_verification.value, own.resident_keys.value, own.hmac_secret.value);
            assert_eq!(ours, own, "{}", model.id);
            let revoked =
                first.metadata.iter().any(|said| said.statuses.value.iter().any(|status| status == "REVOKED"));
            assert_eq!(said.adverse.is_some(), revoked, "{}", model.id);
            compared += 1;
        }
    }
    assert!(compared > 200, "only {compared} models have metadata");
}

#[test]
fn the_same_seed_and_time_give_the_same_blob() {
    let catalogue = Catalogue::read(None).unwrap();
    let blob = || super::lab_blob(&catalogue, &Staging::default(), &world()).unwrap();
    assert_eq!(blob(), blob());
}

#[test]
fn without_a_seed_the_lab_believes_its_own_blob_too() {
    let world = World::unseeded([7; 32], world().at);
    let catalogue = Catalogue::read(None).unwrap();
    let lab = Consulted::read("lab", None, When::Now, &catalogue, &world, &mut std::io::empty());
    assert!(lab.is_ok(), "{:?}", lab.err());
}

#[test]
fn a_scenario_is_about_the_models_that_it_names() {
    let catalogue = Catalogue::read(None).unwrap();
    let lab = lab("lab:revoked=yubikey-5-nfc+unknown=a25342c0-3cdc-4414-8e46-f4807fca511d+stale");
    assert!(lab.notes.iter().any(|note| note.contains("revoked, unknown, stale")), "{:?}", lab.notes);
    assert!(lab.notes.iter().any(|note| note.contains("due for renewal")), "{:?}", lab.notes);
    let refused = lab.blob().payload.entries().filter(|entry| !today(entry, world().at).acceptable());
    let names: Vec<_> = refused.map(|entry| entry.description().to_owned()).collect();
    assert_eq!(names.len(), 2, "{names:?}: TruU for Windows is revoked in reality");
    let error = Staging::read(["revoked=nobody"], &catalogue).unwrap_err().to_string();
    assert!(error.contains("there is no model “nobody”"), "{error}");
}
