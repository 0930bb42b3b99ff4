use std::fs;

use super::*;

const LIST: &str = "aaguid,name,usb,nfc\n11111111-1111-4111-8111-111111111111,Our Key,true,false\n22222222-2222-4222-8222-222222222222,Broken,maybe,\n19083c3d-8383-4b18-bc03-8f1c9ab2fd1b,YubiKey 5,true,\n";
const OURS: &str = "11111111-1111-4111-8111-111111111111";

fn ids(report: &crate::report::Report) -> Vec<&str> {
    report.result.as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect()
}

/// A folder of models that is gone when the test is over.
struct Folder(std::path::PathBuf);

impl Folder {
    fn of(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("lab-models-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        files.iter().for_each(|(file, text)| fs::write(folder.join(file), text).unwrap());
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn child(id: &str, inherits: &str, rest: &str) -> String {
    format!(
        "id = \"{id}\"\nname = \"Ours\"\ninherits = {{ model = \"yubikey-5-nfc\", confidence = \"low\", because = \"a test\"{inherits} }}\n[sources]\nown = \"A document of ours about this model\"\n{rest}"
    )
}

const AAGUID: &str = "[identity]\naaguid = { value = \"33333333-3333-4333-8333-333333333333\", source = \"own\", confidence = \"high\" }\n";

#[test]
fn the_list_has_every_model_and_counts_aaguids() {
    let catalogue = Catalogue::read(None).unwrap();
    let report = list(&catalogue, &Filter::default());
    let text = format!("{:?}", report.document);
    assert_eq!(ids(&report).len(), catalogue.models().len() + 1);
    assert!(
        text.contains("328 distinct AAGUIDs: 116 of models with a file of their own, 212 of generic models"),
        "{}",
        &text[text.len() - 600..]
    );
    assert!(report.notes.iter().any(|note| note.contains("left out: 00000000-0000-0000-0000-000000000000")));
    let only =
        |kind: Option<&str>, generic| ids(&list(&catalogue, &Filter { kind: kind.map(str::to_owned), generic })).len();
    assert_eq!(only(Some("peer"), false), 1);
    assert_eq!(only(None, true), lab_authenticator::models::generic().len());
    assert_eq!(
        only(Some("platform"), false) + only(Some("roaming"), false) + only(Some("provider"), false) + 1,
        ids(&report).len()
    );
}

#[test]
fn words_find_models_best_first() {
    let catalogue = Catalogue::read(None).unwrap();
    let found = |query: &str| find(&catalogue, query);
    let fips = found("yubikey 5 fips");
    assert!(ids(&fips).len() >= 9 && ids(&fips)[0] == "yubikey-5-fips", "{:?}", ids(&fips));
    assert_eq!(ids(&found("yubikey-5-nfc"))[0], "yubikey-5-nfc");
    assert_eq!(ids(&found("A25342C0-3cdc")), ["yubikey-5-nfc"]);
    assert_eq!(ids(&found("lastpass")), ["lastpass"]);
    assert!(ids(&found("kvzr57")).iter().all(|id| id.starts_with("aaguid-")));
    let ishield = found("swissbit fips enterprise");
    assert_eq!((ids(&ishield).len(), ishield.notes.len()), (1, 0));
    let nearly = found("yubikey tomato");
    assert!(nearly.notes[0].contains("no model has all of “yubikey tomato”; these come nearest"), "{:?}", nearly.notes);
    assert_eq!(ids(&found("tomato")), Vec::<&str>::new());
    assert_eq!(ids(&found("")), Vec::<&str>::new());
}

#[test]
fn a_list_of_the_users_is_compared_and_normalised() {
    let catalogue = Catalogue::read(None).unwrap();
    let imported = import(&catalogue, "my.csv", LIST, Broken::KeepGoing).unwrap();
    let result = &imported.report.result;
    assert_eq!(result["new"][0]["model"], format!("aaguid-{OURS}"));
    assert_eq!(result["known"][0]["model"], "yubikey-5");
    assert_eq!((&result["problems"][0]["line"], &result["problems"][0]["column"]), (&3.into(), &45.into()));
    assert_eq!(result["problems"][0]["key"], "usb");
    let again = import(&catalogue, "again.csv", &imported.csv, Broken::Refuse).unwrap();
    assert_eq!(again.report.result["new"], result["new"]);
    let refused = import(&catalogue, "my.csv", LIST, Broken::Refuse).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "1 row of my.csv cannot be used, so nothing is:\n  my.csv:3:45: column usb: “maybe” is neither true nor false, nor empty"
    );
    assert!(import(&catalogue, "my.csv", "no header", Broken::KeepGoing).is_err());
}

#[test]
fn a_folder_has_models_and_lists() {
    let own = child("our-key", "", AAGUID);
    let folder = Folder::of("mixed", &[("keys.csv", LIST), ("our-key.toml", &own), ("notes.txt", "nothing")]);
    let catalogue = Catalogue::read(Some(&folder.0)).unwrap();
    let listed = catalogue.find(&format!("aaguid-{OURS}")).unwrap();
    assert_eq!((listed.generic, catalogue.of_aaguid(OURS.parse().unwrap()).unwrap().name.as_str()), (true, "Our Key"));
    assert_eq!(catalogue.find("our-key").unwrap().vendor.name, "Yubico AB");
    let yubikey = catalogue.of_aaguid("19083c3d-8383-4b18-bc03-8f1c9ab2fd1b".parse().unwrap()).unwrap();
    assert!(!yubikey.generic, "a row of a list is no better than a model with a file");
    assert!(catalogue.notes()[0].contains("a row is left out: ") && catalogue.notes()[0].contains("keys.csv:3:45"));
    assert_eq!(catalogue.models().len(), Catalogue::read(None).unwrap().models().len() + 2);
    assert!(matches!(Catalogue::read_with(Some(&folder.0), Broken::Refuse), Err(crate::JobError::ModelRows { .. })));
    assert!(
        matches!(catalogue.choose("our-kee"), Err(crate::JobError::Model { nearest, .. }) if nearest == ["our-key"])
    );
}

#[test]
fn the_built_in_models_are_clean_and_files_say_what_they_break() {
    let built_in = check(&[]);
    assert!(built_in.clean, "{}", built_in.report.result);
    assert_eq!((&built_in.report.result["models"], &built_in.report.result["aaguids"]), (&332.into(), &328.into()));
    let file = |name: &str, text: String| (name.to_owned(), text);
    let broken = check(&[
        file("keys.csv", LIST.to_owned()),
        file(
            "quirk.toml",
            child("quirky", "", AAGUID) + "[[quirks]]\nvalue = \"lies\"\nsource = \"own\"\nconfidence = \"low\"\n",
        ),
        file("one.toml", child("one", "", AAGUID)),
        file(
            "two.toml",
            child(
                "one",
                "",
                &AAGUID.replace(
                    "high\" }",
                    "high\" }\nflows = { value = [\"in-app\"], source = \"own\", confidence = \"low\" }",
                ),
            ),
        ),
        file(
            "hello.toml",
            child(
                "hello",
                "",
                &AAGUID.replace("33333333-3333-4333-8333-333333333333", "08987058-cadc-4b81-b6e1-30de50dcbe96"),
            ),
        ),
    ]);
    let problems: Vec<_> = broken.report.result["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| format!("{} {} {}", it["file"], it["key"], it["message"]))
        .collect();
    for expected in [
        "\"keys.csv\" \"usb\"",
        "“lies” is not a quirk",
        "only a provider has an app",
        "one is the id of another model too, in one.toml",
        "is the AAGUID of one too, in one.toml",
        "the built-in model windows-hello has this AAGUID",
    ] {
        assert!(problems.iter().any(|problem| problem.contains(expected)), "{expected}: {problems:#?}");
    }
    assert_eq!((broken.clean, problems.len()), (false, 6));
}

/// The published, worthless key of RFC 6979 §A.2.5, and a CA with it.
const OWN_KEY: &str = include_str!("tests/own-ca.key");
const OWN_CERTIFICATE: &str = include_str!("tests/own-ca.pem");

fn with_own_ca(name: &str, files: &[(&str, &str)]) -> Result<Catalogue, String> {
    let text = child("ours", "", AAGUID);
    let text = text.replacen("[sources]", "own-ca = { certificate = \"ca.pem\", key = \"ca.key\" }\n[sources]", 1);
    let mut files = files.to_vec();
    files.push(("ours.toml", text.as_str()));
    Catalogue::read(Some(&Folder::of(name, &files).0)).map_err(|error| error.to_string())
}

#[test]
fn a_model_can_stand_under_a_ca_of_the_users() {
    let catalogue = with_own_ca("own-ca", &[("ca.pem", OWN_CERTIFICATE), ("ca.key", OWN_KEY)]).unwrap();
    let model = catalogue.find("ours").unwrap();
    assert!(model.own_authority.is_some());
    let shown = show(&catalogue, "ours").unwrap();
    assert_eq!(shown.result["own-ca"], serde_json::json!({"certificate": "ca.pem", "key": "ca.key"}));
    assert!(!format!("{:?}", shown.document).contains("PRIVATE"), "a key is never shown");
}

#[test]
fn an_own_ca_that_is_none_is_an_error_with_its_file() {
    let error = with_own_ca("no-ca", &[]).unwrap_err();
    assert!(error.contains("ca.pem"), "{error}");
    let error = with_own_ca("no-key", &[("ca.pem", OWN_CERTIFICATE), ("ca.key", "tomato")]).unwrap_err();
    assert!(error.contains("ours.toml: own-ca ca.pem: the key file: no PEM block"), "{error}");
}
