//! The policy as a form, and back.

use lab_protocol::Aaguid;
use serde_json::{Value, json};

use crate::problem::Problem;

/// A profile as the form shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileForm {
    pub id: String,
    pub name: String,
    pub device_bound: bool,
    pub synced: bool,
    pub attestation: bool,
    pub enforced: bool,
    pub allow: bool,
    pub aaguids: String,
    pub rows: usize,
}

/// The profiles of a policy.
pub fn profiles(fido2: &Value) -> Vec<ProfileForm> {
    fido2.get("passkeyProfiles").and_then(Value::as_array).into_iter().flatten().map(profile).collect()
}

fn profile(profile: &Value) -> ProfileForm {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let types = text(profile.get("passkeyTypes"));
    let has = |kind: &str| types.split(',').any(|name| name.trim() == kind);
    let restrictions = profile.get("keyRestrictions").cloned().unwrap_or_default();
    let listed = restrictions.get("aaGuids").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let aaguids: Vec<_> = listed.collect();
    ProfileForm {
        id: text(profile.get("id")),
        name: text(profile.get("name")),
        device_bound: has("deviceBound"),
        synced: has("synced"),
        attestation: text(profile.get("attestationEnforcement")) == "registrationOnly",
        enforced: restrictions.get("isEnforced") == Some(&Value::Bool(true)),
        allow: text(restrictions.get("enforcementType")) != "block",
        rows: (aaguids.len() + 1).clamp(2, 12),
        aaguids: aaguids.join("\n"),
    }
}

/// What a form asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The policy.
    pub fido2: Value,
    /// Whether to save it; else it is compared.
    pub save: bool,
    /// The policies' version when the page was opened.
    pub version: u64,
}

impl Wanted {
    /// Reads a form: the policy as JSON, or field by field over the policy as it is.
    ///
    /// # Errors
    /// 400: JSON that is none, an AAGUID that is none, no version.
    pub fn read(fields: &[(String, String)], now: &Value) -> Result<Self, Problem> {
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let version = field("version").and_then(|text| text.parse().ok());
        let version = version.ok_or_else(|| Problem::bad_request("The form has no version."))?;
        let fido2 = match field("json") {
            Some(json) => serde_json::from_str(json)
                .map_err(|error| Problem::bad_request(format!("The policy is no JSON: {error}.")))?,
            None => by_fields(&field, now.clone())?,
        };
        Ok(Self { fido2, save: field("action") == Some("save"), version })
    }
}

/// Lays the fields over the policy; what has no field stays as it is.
fn by_fields<'f>(field: &impl Fn(&str) -> Option<&'f str>, mut fido2: Value) -> Result<Value, Problem> {
    fido2["state"] = if field("enabled").is_some() { "enabled" } else { "disabled" }.into();
    fido2["isSelfServiceRegistrationAllowed"] = field("self-service").is_some().into();
    let profiles = fido2.get_mut("passkeyProfiles").and_then(Value::as_array_mut);
    for (index, profile) in profiles.into_iter().flatten().enumerate() {
        let of = |name: &str| field(&format!("{name}-{index}"));
        let Some(name) = of("name") else { continue };
        let types = ["deviceBound", "synced"].into_iter().filter(|kind| of(kind).is_some());
        profile["name"] = name.into();
        profile["passkeyTypes"] = types.collect::<Vec<_>>().join(",").into();
        profile["attestationEnforcement"] =
            if of("attestation").is_some() { "registrationOnly" } else { "disabled" }.into();
        let mut restrictions = profile.get("keyRestrictions").filter(|it| it.is_object()).cloned();
        let restrictions = restrictions.get_or_insert_with(|| json!({}));
        restrictions["isEnforced"] = of("enforced").is_some().into();
        restrictions["enforcementType"] = if of("enforcement") == Some("block") { "block" } else { "allow" }.into();
        restrictions["aaGuids"] = aaguids(of("aaguids").unwrap_or_default())?.into();
        profile["keyRestrictions"] = restrictions.clone();
    }
    Ok(fido2)
}

fn aaguids(text: &str) -> Result<Vec<String>, Problem> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty());
    let aaguid = |word: &str| {
        let shown: String = word.chars().take(60).collect();
        word.parse::<Aaguid>().map(|_| word.to_owned()).map_err(|_| {
            Problem::bad_request(format!("“{shown}” is no AAGUID."))
                .hint("An AAGUID is 32 hexadecimal digits as 8-4-4-4-12; `passkey-lab models find` knows them by name.")
        })
    };
    words.map(aaguid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Value {
        json!({"state": "enabled", "odd": 7, "passkeyProfiles": [{
            "id": "p", "name": "Staff", "passkeyTypes": "deviceBound", "attestationEnforcement": "registrationOnly",
            "keyRestrictions": {"isEnforced": true, "enforcementType": "allow", "aaGuids": [AAGUID], "extra": 1},
        }]})
    }

    const AAGUID: &str = "a25342c0-3cdc-4414-8e46-f4807fca511c";

    fn wanted(fields: &[(&str, &str)]) -> Result<Wanted, Problem> {
        let fields: Vec<_> = fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Wanted::read(&fields, &policy())
    }

    #[test]
    fn a_form_that_is_sent_back_as_it_came_changes_nothing() {
        let shown = &profiles(&policy())[0];
        assert!(shown.device_bound && !shown.synced && shown.attestation && shown.enforced && shown.allow);
        let fields = [
            ("version", "3"),
            ("enabled", "on"),
            ("name-0", "Staff"),
            ("deviceBound-0", "on"),
            ("attestation-0", "on"),
            ("enforced-0", "on"),
            ("enforcement-0", "allow"),
            ("aaguids-0", &shown.aaguids),
        ];
        let wanted = wanted(&fields).unwrap();
        let mut expected = policy();
        expected["isSelfServiceRegistrationAllowed"] = false.into();
        assert_eq!((wanted.fido2, wanted.save, wanted.version), (expected, false, 3));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = wanted(&[("version", "3"), ("name-0", "x"), ("aaguids-0", "yubikey")]).unwrap_err();
        assert_eq!(error.detail, "“yubikey” is no AAGUID.");
        assert!(wanted(&[("version", "3"), ("json", "{")]).unwrap_err().detail.contains("no JSON"));
        assert!(wanted(&[]).is_err());
    }
}
