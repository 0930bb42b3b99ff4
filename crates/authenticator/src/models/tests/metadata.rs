//! Facts that cite an entry of FIDO metadata, held against that entry.

use serde_json::Value;

use super::*;
use crate::model::{Named as _, Transport};

/// The entry of the model's own source `mds`.
fn entry(folder: &std::path::Path, model: &Model) -> Option<Value> {
    let source = model.source("mds")?;
    let aaguid = source.split("entry ").nth(1)?.trim();
    assert_eq!(aaguid, model.aaguid().to_string(), "{}: an entry of another model", model.id);
    let text = std::fs::read_to_string(folder.join(format!("{aaguid}.json"))).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// What the entry says, as the model's JSON has it.
fn said(entry: &Value, key: &str) -> Option<Value> {
    let info = &entry["metadataStatement"]["authenticatorGetInfo"];
    let number = |name: &str| info.get(name).cloned();
    match key {
        "get-info.versions" => number("versions"),
        "passkeys.extensions" => Some(info.get("extensions").cloned().unwrap_or(Value::Array(vec![]))),
        "get-info.max-msg-size" => number("maxMsgSize"),
        "get-info.pin-uv-auth-protocols" => number("pinUvAuthProtocols"),
        "get-info.max-credential-count-in-list" => number("maxCredentialCountInList"),
        "get-info.max-credential-id-length" => number("maxCredentialIdLength"),
        "get-info.max-serialized-large-blob-array" => number("maxSerializedLargeBlobArray"),
        "get-info.min-pin-length" => number("minPINLength"),
        "get-info.firmware-version" => number("firmwareVersion"),
        "get-info.max-cred-blob-length" => number("maxCredBlobLength"),
        "get-info.max-rpids-for-set-min-pin-length" => number("maxRPIDsForSetMinPINLength"),
        "get-info.preferred-platform-uv-attempts" => number("preferredPlatformUvAttempts"),
        "get-info.uv-modality" => number("uvModality"),
        "passkeys.slots" => number("remainingDiscoverableCredentials"),
        "passkeys.algorithms" => {
            let all = info.get("algorithms")?.as_array()?;
            Some(all.iter().map(|it| it["alg"].clone()).collect())
        }
        "identity.transports" => {
            let known = |it: &&Value| Transport::ALL.iter().any(|transport| *it == transport.name());
            Some(info.get("transports")?.as_array()?.iter().filter(known).cloned().collect())
        }
        "metadata.hmac-secret" => {
            let extensions = info.get("extensions").and_then(Value::as_array);
            Some(extensions.is_some_and(|all| all.iter().any(|it| it == "hmac-secret")).into())
        }
        "metadata.protocol-family" => entry["metadataStatement"].get("protocolFamily").cloned(),
        _ => None,
    }
}

fn has(model: &Model, key: &str) -> Option<Value> {
    let json = serde_json::to_value(model).unwrap();
    let (section, fact) = key.split_once('.').unwrap();
    // The names of the fields of the sections follow the keys of the files.
    let fact = &json[section][fact];
    let value = fact.get("value")?.clone();
    (fact["source"] == "mds").then_some(value)
}

/// Every fact that cites an entry says what the entry says, inherited ones included.
#[test]
fn facts_from_metadata_say_what_metadata_says() {
    let Some(folder) = shared("vectors/mds/statements") else { return };
    let keys = [
        "get-info.versions",
        "passkeys.extensions",
        "get-info.max-msg-size",
        "get-info.pin-uv-auth-protocols",
        "get-info.max-credential-count-in-list",
        "get-info.max-credential-id-length",
        "get-info.max-serialized-large-blob-array",
        "get-info.min-pin-length",
        "get-info.firmware-version",
        "get-info.max-cred-blob-length",
        "get-info.max-rpids-for-set-min-pin-length",
        "get-info.preferred-platform-uv-attempts",
        "get-info.uv-modality",
        "passkeys.slots",
        "identity.transports",
        "passkeys.algorithms",
        "metadata.hmac-secret",
        "metadata.protocol-family",
    ];
    let (mut models, mut facts) = (0, 0);
    for model in built_in() {
        let Some(entry) = entry(&folder, model) else { continue };
        models += 1;
        for key in keys {
            let (Some(ours), Some(theirs)) = (has(model, key), said(&entry, key)) else { continue };
            assert_eq!(ours, theirs, "{}: {key}", model.id);
            facts += 1;
        }
        options_and_statuses(model, &entry);
    }
    assert!(models >= 60 && facts >= 550, "{models} models, {facts} facts");
}

fn options_and_statuses(model: &Model, entry: &Value) {
    let options = model.get_info.iter().map(|info| &info.options).find(|options| options.source == "mds");
    let theirs = entry["metadataStatement"]["authenticatorGetInfo"]["options"].as_object();
    if let (Some(ours), Some(theirs)) = (options, theirs) {
        let ours: serde_json::Map<_, _> = ours.0.iter().map(|(name, set)| (name.clone(), (*set).into())).collect();
        assert_eq!(&ours, theirs, "{}: options", model.id);
    }
    let statuses = model.metadata.iter().map(|metadata| &metadata.statuses).find(|statuses| statuses.source == "mds");
    let mut theirs: Vec<&str> = Vec::new();
    for report in entry["statusReports"].as_array().unwrap() {
        let status = report["status"].as_str().unwrap();
        if !theirs.contains(&status) {
            theirs.push(status);
        }
    }
    if let Some(ours) = statuses {
        assert_eq!(ours.value, theirs, "{}: statuses", model.id);
    }
}
