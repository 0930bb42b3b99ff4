use std::collections::BTreeSet;
use std::path::PathBuf;

use super::*;
use crate::lists::NOBODY;
use crate::model::{Confidence, Kind};

mod metadata;

#[test]
fn every_file_of_the_folder_is_in_the_list_and_reads() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/models")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = names.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect();
    assert_eq!(files, ids().map(str::to_owned).collect());
    let read: Vec<String> = FILES.iter().map(|file| file.read().unwrap_or_else(|error| panic!("{error}")).id).collect();
    assert_eq!(read, ids().collect::<Vec<_>>(), "a file is named after its model");
    assert!(read.is_sorted());
}

#[test]
fn every_built_in_model_keeps_the_invariants_and_cites_documents() {
    for model in built_in().iter().chain(generic()) {
        assert_eq!(model.check(), [], "{}", model.id);
        assert!(Arc::ptr_eq(find(&model.id).unwrap(), model), "{}", model.id);
        for field in model.fields() {
            let source = model.source(field.source).unwrap();
            assert!(source.len() > 20, "{}: {} cites “{source}”", model.id, field.key);
            let assumed = field.source.ends_with("assumed");
            assert!(!assumed || field.confidence != Confidence::High, "{}: {}", model.id, field.key);
        }
    }
    assert_eq!((built_in().len(), built_in().iter().any(|model| model.generic)), (120, false));
    assert!(generic().iter().all(|model| model.generic));
}

#[test]
fn an_aaguid_leads_to_one_model_and_other_uses_of_it_are_few() {
    let mut others = Vec::new();
    for (file, model) in FILES.iter().zip(built_in()) {
        match file.aaguid {
            Some(aaguid) => assert_eq!(aaguid, model.aaguid().to_string(), "{}", file.id),
            None => others.push(file.id),
        }
        let first = by_aaguid(model.aaguid()).unwrap();
        assert_eq!(first.id == model.id, file.aaguid.is_some(), "{}", file.id);
    }
    assert_eq!(
        others,
        [
            "entra-passkey-on-windows",
            "entra-passkey-on-windows-software",
            "entra-passkey-on-windows-vbs",
            "keepassxc-2026"
        ]
    );
    assert_eq!(by_aaguid("08987058-cadc-4b81-b6e1-30de50dcbe96".parse().unwrap()).unwrap().id, "windows-hello");
    let all: BTreeSet<Aaguid> = built_in().iter().chain(generic()).map(|model| model.aaguid()).collect();
    assert_eq!(all.len(), built_in().len() - others.len() + generic().len(), "no AAGUID has two models");
    assert_eq!(by_aaguid(Aaguid::default()), None);
}

#[test]
fn what_is_inherited_stands_in_two_files() {
    for model in built_in() {
        let Some(inherits) = &model.inherits else { continue };
        let parent = find(&inherits.model).unwrap();
        assert_eq!(parent.inherits, None, "{}", model.id);
        assert!(inherits.because.len() > 20, "{}: {}", model.id, inherits.because);
        let guesses = model.fields().into_iter().filter(|field| field.source.contains('/'));
        for guess in guesses {
            assert!(guess.confidence >= inherits.confidence, "{}: {}", model.id, guess.key);
        }
    }
    let alone = built_in().iter().filter(|model| model.inherits.is_none()).count();
    assert!(alone < 70, "{alone} models stand alone");
}

#[test]
fn synced_models_are_synced_and_the_others_are_not() {
    let synced = built_in().iter().filter(|model| model.is_synced());
    assert!(synced.clone().all(|model| model.identity.kind.value == Kind::Provider));
    for id in ["google-password-manager", "icloud-keychain", "icloud-keychain-managed", "1password", "bitwarden"] {
        assert!(find(id).unwrap().is_synced(), "{id}");
    }
    for id in ["samsung-pass", "keepassxc", "authenticator-ios", "entra-passkey-on-windows", "chrome-mac-profile"] {
        assert!(!find(id).unwrap().is_synced(), "{id}");
    }
}

#[test]
fn the_built_in_lists_are_clean_and_every_row_has_a_model() {
    let [vendors, providers] = lists() else { panic!("two lists") };
    assert_eq!((vendors.rows.len(), vendors.left_out.len()), (265, 0));
    assert_eq!((providers.rows.len(), providers.left_out.len()), (54, 1));
    for list in lists() {
        assert_eq!((list.problems.as_slice(), list.repeated.as_slice(), list.ignored.len()), (&[][..], &[][..], 0));
        assert!(list.source.contains("2026"), "{}", list.source);
        list.rows.iter().for_each(|row| assert_eq!(by_aaguid(row.aaguid).unwrap().aaguid(), row.aaguid));
        list.left_out.iter().for_each(|row| assert_eq!((row.aaguid.is_zero(), row.reason), (true, NOBODY)));
    }
}

/// Where the tables that the models and lists were made from lie, on a machine that has them.
fn shared(path: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")).join(path);
    if !folder.exists() {
        eprintln!("SKIPPED: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

/// The AAGUIDs of a table, wherever they stand in their cell.
fn aaguids(text: &str) -> BTreeSet<Aaguid> {
    let letter = |c: char| c.is_ascii_hexdigit() || c == '-';
    text.split(|c| !letter(c)).filter(|word| word.len() == 36).filter_map(|word| word.parse().ok()).collect()
}

#[test]
fn every_row_of_the_tables_is_a_named_or_a_generic_model_or_left_out_with_a_reason() {
    let Some(folder) = shared("reference") else { return };
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let mut all = BTreeSet::new();
    for (name, count, named_only) in [
        ("models.csv", 102, true),
        ("entra-fido2-hardware-vendor.csv", 265, false),
        ("passkey-providers.csv", 55, false),
    ] {
        let found = aaguids(&read(name));
        assert!(found.len() >= count - 2, "{name}: {}", found.len());
        for aaguid in found {
            all.insert(aaguid);
            match by_aaguid(aaguid) {
                Some(model) => assert!(!(named_only && model.generic), "{name}: {} has no name of its own", model.id),
                None => assert!(aaguid.is_zero() && NOBODY.contains("zeros"), "{name}: {aaguid} is no model"),
            }
        }
    }
    let known: BTreeSet<Aaguid> = built_in().iter().chain(generic()).map(|model| model.aaguid()).collect();
    assert_eq!(all.difference(&known).copied().collect::<Vec<_>>(), [Aaguid::default()]);
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
