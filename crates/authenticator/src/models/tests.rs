use std::collections::BTreeSet;

use super::*;
use crate::model::Confidence;

#[test]
fn every_file_of_the_folder_is_in_the_list_and_reads() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/models")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = names.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect();
    let listed: BTreeSet<String> = FILES.iter().map(|(id, _)| (*id).to_owned()).collect();
    assert_eq!(files, listed);
    let ids: Vec<String> = parsed().map(|model| model.unwrap_or_else(|error| panic!("{error}")).id).collect();
    assert_eq!(ids, FILES.iter().map(|(id, _)| *id).collect::<Vec<_>>(), "a file is named after its model, in order");
}

#[test]
fn every_built_in_model_keeps_the_invariants_and_has_an_aaguid_of_its_own() {
    let mut aaguids = BTreeSet::new();
    for model in built_in() {
        assert_eq!(model.check(), [], "{}", model.id);
        assert!(aaguids.insert(model.aaguid()), "{}", model.id);
        assert!(std::ptr::eq(by_aaguid(model.aaguid()).unwrap(), find(&model.id).unwrap()));
        for field in model.fields() {
            let source = model.source(field.source).unwrap();
            assert!(source.len() > 20, "{}: {} cites “{source}”", model.id, field.key);
            let assumed = field.source == "assumed";
            assert!(!assumed || field.confidence != Confidence::High, "{}: {}", model.id, field.key);
        }
    }
    assert_eq!(built_in().len(), 10);
}

#[test]
fn synced_models_are_synced_and_the_others_are_not() {
    let synced: Vec<_> = built_in().iter().filter(|model| model.is_synced()).map(|model| model.id.as_str()).collect();
    assert_eq!(synced, ["google-password-manager", "icloud-keychain"]);
}

#[test]
fn an_unknown_id_names_its_neighbour() {
    let error = find("yubikey-5-ncf").unwrap_err();
    assert_eq!(error.nearest.as_deref(), Some("yubikey-5-nfc"));
    assert_eq!(
        error.to_string(),
        "there is no model “yubikey-5-ncf” (did you mean “yubikey-5-nfc”?): `models list` has them all"
    );
    assert_eq!(find("tomato").unwrap_err().nearest, None);
}
