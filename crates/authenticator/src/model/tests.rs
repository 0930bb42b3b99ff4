use proptest::prelude::*;

use super::*;
use crate::models;

const YUBIKEY: &str = include_str!("../../models/yubikey-5-nfc.toml");
const ICLOUD: &str = include_str!("../../models/icloud-keychain.toml");

fn read(text: &str) -> Result<Model, ModelError> {
    Model::from_toml("my.toml", text)
}

/// The error of a file in which `from` is replaced by `to`.
fn error(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    read(&text.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn every_mistake_is_named_with_its_place() {
    let e = |from, to| error(YUBIKEY, from, to);
    assert_eq!(
        e("kind = { value = \"roaming\"", "kind = { value = \"roming\""),
        "my.toml:18:18: identity.kind.value: “roming” is not a kind of authenticator: expected one of platform, roaming, provider (did you mean “roaming”?)"
    );
    assert_eq!(e("attachment =", "atachment ="), "my.toml:16:1: identity.attachment: the key is missing");
    assert_eq!(e("slots =", "slot ="), "my.toml:35:1: passkeys.slot: no model has this key (did you mean “slots”?)");
    assert_eq!(
        e("value = 100,", "value = \"100\","),
        "my.toml:35:19: passkeys.slots.value: expected an integer, found the text “100”"
    );
    assert_eq!(
        e("value = 48,", "value = 70000,"),
        "my.toml:31:36: passkeys.discoverable-id-length.value: 70000 is out of range: expected 0 to 65535"
    );
    assert_eq!(
        e("a25342c0-3cdc-4414-8e46-f4807fca511c\", source", "a25342c0\", source"),
        "my.toml:17:20: identity.aaguid.value: “a25342c0” is no AAGUID: expected 32 hexadecimal digits as 8-4-4-4-12, such as a25342c0-3cdc-4414-8e46-f4807fca511c"
    );
    assert_eq!(
        e(
            "transports = { value = [\"nfc\", \"usb\"], source = \"mds\"",
            "transports = { value = [\"nfc\", \"usb\"], source = \"mdx\""
        ),
        "my.toml:20:1: identity.transports.source: [sources] names no “mdx” (did you mean “mds”?)"
    );
    assert_eq!(
        e("confidence = \"high\" }", "confidence = \"hi\" }"),
        "my.toml:17:89: identity.aaguid.confidence: “hi” is not a confidence: expected one of high, medium, low, unverified"
    );
    assert_eq!(
        e("[\"ES256\", \"EdDSA\"", "[\"ES256\", \"EDSA\""),
        "my.toml:28:34: passkeys.algorithms.value[1]: “EDSA” is not a COSE algorithm: expected one of ES256, EdDSA, ES384, ES512, RS256, RS384, RS512, PS256, PS384, PS512, ES256K, ML-DSA-44, ML-DSA-65, ML-DSA-87, RS1 (did you mean “EdDSA”?)"
    );
    assert!(
        e("[identity]", "[identity").starts_with("my.toml:16:10: this is not TOML: "),
        "{}",
        e("[identity]", "[identity")
    );
    assert_eq!(read("").unwrap_err().to_string(), "my.toml:1:1: id: the key is missing");
}

#[test]
fn facts_that_cannot_be_true_together_are_refused_at_their_key() {
    let e = |from, to| error(YUBIKEY, from, to);
    assert_eq!(
        e("backup-eligible = { value = false", "backup-eligible = { value = true"),
        "my.toml:26:1: passkeys.backup-eligible: BE is 1 exactly where passkeys are synced: found true"
    );
    assert_eq!(
        e("backup-state = { value = \"never\"", "backup-state = { value = \"from-registration\""),
        "my.toml:27:1: passkeys.backup-state: BS without BE is impossible: found from-registration"
    );
    assert!(e("value = [\"ES256\", \"EdDSA\", \"ES384\"]", "value = []").contains("it has an algorithm"));
    assert!(e("value = 48,", "value = 15,").contains("16 to 1023 bytes"));
    assert!(e("value = 48,", "value = 1024,").contains("16 to 1023 bytes"));
    assert!(e("\"FIDO_2_1\"]", "\"FIDO_2_2\"]").contains("FIDO_2_2 and other versions that do not exist"));
    assert!(e("[\"nfc\", \"usb\"]", "[\"nfc\", \"nfc\"]").contains("no name stands twice"));
    assert!(e("value = 1280", "value = 1000").contains("1024 to 7609"));
    assert!(e("chain = { value = \"batch\"", "chain = { value = \"none\"").contains("the chain fits the format"));
    assert!(e("certified = { value = true", "certified = { value = false").contains("what the status reports say"));
    assert!(e("option = { value = \"clientPin\"", "option = { value = \"none\"").contains("user-verification"));
    assert!(e("baseline =", "base-line =").contains("names no “baseline”"));
    assert!(e("[sources]", "[sources]\nunused = \"x\"").contains("every source is cited"));
    assert!(e("flows = { value = [\"same-device\"]", "flows = { value = [\"in-app\"]").contains("only a provider"));
    let counting = error(ICLOUD, "value = \"constant-zero\"", "value = \"per-credential\"");
    assert!(counting.contains("several devices cannot count one counter"), "{counting}");
    let never = error(ICLOUD, "value = \"from-registration\"", "value = \"never\"");
    assert!(never.contains("backed up one day"), "{never}");
}

#[test]
fn a_file_without_the_optional_parts_is_a_model() {
    let start = YUBIKEY.find("[metadata]").unwrap();
    let model = read(&YUBIKEY[..start]).unwrap();
    assert_eq!(model.metadata, None);
    assert!(read(&" ".repeat(70_000)).unwrap_err().to_string().contains("at most 65536 are read"));
}

#[test]
fn every_fact_of_a_file_is_a_row() {
    for model in models::built_in() {
        let text = std::fs::read_to_string(format!("{}/models/{}.toml", env!("CARGO_MANIFEST_DIR"), model.id)).unwrap();
        let facts = text.lines().filter(|line| line.contains("= { value = ")).count();
        let inherited = model.fields().iter().filter(|field| field.source.contains('/')).count();
        match &model.inherits {
            None => assert_eq!(model.fields().len(), facts + model.quirks.len(), "{}", model.id),
            Some(_) => assert!(model.fields().len() >= facts + inherited && inherited > 0, "{}", model.id),
        }
    }
    let model = models::find("yubikey-5-nfc").unwrap();
    let row = model.fields().into_iter().find(|field| field.key == "passkeys.algorithms").unwrap();
    assert_eq!(
        (row.value.as_str(), row.source, row.confidence),
        ("ES256 (-7), EdDSA (-8), ES384 (-35)", "mds", Confidence::High)
    );
}

const CHILD: &str = r#"
id = "child"
name = "A child"
inherits = { model = "yubikey-5-nfc", confidence = "low", because = "a test", without = ["passkeys.slots"] }
notes = ["its own"]

[sources]
own = "A document about the child and nothing else"
mds = "FIDO MDS BLOB no. 122, another entry than the parent's"

[identity]
aaguid = { value = "19083c3d-8383-4b18-bc03-8f1c9ab2fd1b", source = "own", confidence = "high" }
transports = { value = ["usb"], source = "own", confidence = "medium" }
"#;

#[test]
fn a_model_inherits_what_its_file_does_not_have() {
    let (child, parent) = (read(CHILD).unwrap(), models::find("yubikey-5-nfc").unwrap());
    let (own, checked) = (&child.identity.transports, &child.passkeys.algorithms);
    assert_eq!((own.value.as_slice(), own.source.as_str()), (&[Transport::Usb][..], "own"));
    assert_eq!((checked.source.as_str(), checked.confidence), ("mds", Confidence::High), "looked up in its own entry");
    assert_eq!(child.source("mds"), Some("FIDO MDS BLOB no. 122, another entry than the parent's"));
    let guess = &child.passkeys.counter;
    assert_eq!(guess.value, parent.passkeys.counter.value);
    assert_eq!((guess.source.as_str(), guess.confidence), ("yubikey-5-nfc/captures", Confidence::Low));
    assert_eq!(child.source("yubikey-5-nfc/captures"), parent.source("captures"));
    assert_eq!(child.get_info.as_ref().unwrap().versions.value, parent.get_info.as_ref().unwrap().versions.value);
    assert_eq!((child.passkeys.slots.as_ref(), child.metadata.as_ref()), (None, None), "metadata is of one AAGUID");
    assert_eq!((child.vendor.name.as_str(), child.notes.as_slice()), ("Yubico AB", &["its own".to_owned()][..]));
    assert_eq!(child.inherits.as_ref().unwrap().model, "yubikey-5-nfc");
}

#[test]
fn another_use_of_an_authenticator_has_its_aaguid_and_metadata() {
    let same = CHILD.replace("\"a test\"", "\"a test\", same-aaguid = true");
    let aaguid = same.lines().find(|line| line.starts_with("aaguid")).unwrap();
    let (child, parent) = (read(&same.replace(aaguid, "")).unwrap(), models::find("yubikey-5-nfc").unwrap());
    assert_eq!((child.aaguid(), child.metadata.is_some()), (parent.aaguid(), true));
    assert_eq!(error(CHILD, aaguid, ""), "my.toml:11:1: identity.aaguid: the key is missing");
}

#[test]
fn what_cannot_be_inherited_is_named() {
    let e = |from, to| error(CHILD, from, to);
    assert_eq!(
        e("model = \"yubikey-5-nfc\"", "model = \"yubikey-5-ncf\""),
        "my.toml:4:12: inherits: there is no built-in model “yubikey-5-ncf” to inherit from (did you mean “yubikey-5-nfc”?)"
    );
    assert_eq!(
        e("model = \"yubikey-5-nfc\"", "model = \"yubikey-5\""),
        "my.toml:4:12: inherits: “yubikey-5” inherits from another model: only one that stands alone can be inherited"
    );
    assert_eq!(
        e("passkeys.slots", "passkeys.slot"),
        "my.toml:4:12: inherits: “passkeys.slot” is no fact of yubikey-5-nfc that this model could be without (did you mean “passkeys.slots”?)"
    );
    assert!(e("passkeys.slots", "passkeys.type").contains("passkeys.type: the key is missing"));
    assert!(e("because = ", "reason = ").contains("inherits.because: the key is missing"));
    assert!(e("own = \"", "own = \"x\"\nlone = \"").contains("every source is cited"));
}

#[test]
fn examining_tells_every_invariant_that_is_broken() {
    let broken = YUBIKEY.replacen("value = 48,", "value = 15,", 1).replacen("\"SE\"", "\"sweden\"", 1);
    let (model, errors) = Model::examine("my.toml", &broken);
    let keys: Vec<_> = errors.iter().map(|error| error.key.as_str()).collect();
    assert_eq!(keys, ["vendor.country", "passkeys.discoverable-id-length"]);
    assert_eq!(model.unwrap().check().len(), 2);
    assert_eq!(Model::examine("my.toml", YUBIKEY).1, []);
    let reserved = YUBIKEY.replacen("id = \"yubikey-5-nfc\"", "id = \"aaguid-yubikey\"", 1);
    assert!(read(&reserved).unwrap_err().to_string().contains("generic models'"));
}

#[test]
fn a_model_as_json_carries_value_source_and_confidence() {
    let json = serde_json::to_value(&**models::find("yubikey-5-nfc-5.1").unwrap()).unwrap();
    let transports = &json["identity"]["transports"];
    assert_eq!(transports["value"], serde_json::json!(["nfc", "usb"]));
    assert_eq!(transports["confidence"], "medium");
    assert_eq!(json["vendor"]["country"], "SE");
}

#[test]
fn gaps_say_what_a_model_really_has() {
    let gaps = |id: &str| {
        models::find(id).unwrap().as_built().gaps.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(gaps("yubikey-5-nfc"), "");
    assert_eq!(gaps("lab-every-option"), "");
    assert_eq!(gaps("icloud-keychain"), "");
    assert!(gaps("samsung-pass").contains("devicePubKey"));
}

#[test]
fn a_quirk_can_be_added() {
    let model = (**models::find("icloud-keychain").unwrap()).clone();
    assert!(!model.has_quirk(Quirk::UvWithoutVerification));
    let model = model.with_quirk(Quirk::UvWithoutVerification, "passkeys.dev, known issues");
    assert!(model.has_quirk(Quirk::UvWithoutVerification));
    assert_eq!(model.check(), []);
    let text = format!(
        "{ICLOUD}\n[[quirks]]\nvalue = \"uv-without-verification\"\nsource = \"passkeysdev\"\nconfidence = \"low\"\n"
    );
    assert!(read(&text).unwrap().has_quirk(Quirk::UvWithoutVerification));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn any_damaged_file_is_read_or_refused(at in any::<prop::sample::Index>(), length in 0..40_usize, insert in "[\\[\\]{}=\"a-z0-9\n]{0,6}") {
        let characters: Vec<char> = YUBIKEY.chars().collect();
        let at = at.index(characters.len());
        let end = (at + length).min(characters.len());
        let text: String = characters[..at].iter().copied().chain(insert.chars()).chain(characters[end..].iter().copied()).collect();
        if let Err(error) = read(&text) {
            prop_assert!(error.to_string().starts_with("my.toml:"));
        }
    }
}
