use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

/// Any JSON, three levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("all_users")),
        Just(json!("a25342c0-3cdc-4414-8e46-f4807fca511c")),
    ];
    leaf.prop_recursive(3, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..5).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// A property that Graph has, or one that it has not.
fn key() -> impl Strategy<Value = String> {
    let known = [
        Fido2AuthenticationMethodConfiguration::PROPERTIES,
        PasskeyProfile::PROPERTIES,
        Fido2KeyRestrictions::PROPERTIES,
        PasskeyAuthenticationMethodTarget::PROPERTIES,
        Group::PROPERTIES,
        User::PROPERTIES,
    ];
    prop_oneof![prop::sample::select(known.concat()).prop_map(str::to_owned), "[a-zA-Z@.]{1,10}"]
}

/// An object whose known properties are often of the right kind.
fn policies() -> impl Strategy<Value = Value> {
    let extra = prop::collection::btree_map("x[a-z]{1,6}", any_json(), 0..3);
    let types = prop::sample::select(vec!["deviceBound", " synced,  deviceBound", "unknownFutureValue", "", ","]);
    let list = prop::collection::vec("[0-9a-fA-F-]{0,38}", 0..4);
    let flags = (any::<Option<bool>>(), any::<Option<bool>>(), any::<bool>());
    (extra, types, list, flags).prop_map(|(extra, types, list, (enforced, service, null))| {
        let other: Map<String, Value> = extra.into_iter().collect();
        let mut profile = json!({
            "id": "p", "passkeyTypes": types, "attestationEnforcement": "later",
            "keyRestrictions": {"isEnforced": enforced, "aaGuids": list, "@odata.type": "#x", "extra": other},
        });
        profile.as_object_mut().unwrap().extend(other.clone());
        let mut policy = json!({
            "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
            "isSelfServiceRegistrationAllowed": service, "passkeyProfiles": [profile],
            "includeTargets": [{"id": "all_users", "targetType": "device", "further": other}],
        });
        policy.as_object_mut().unwrap().extend(other);
        if null {
            policy["excludeTargets"] = Value::Null;
            policy["defaultPasskeyProfile"] = Value::Null;
        }
        policy
    })
}

proptest! {
    #[test]
    fn policies_survive_a_round_trip_value_for_value(policy in policies()) {
        let read = Fido2AuthenticationMethodConfiguration::read(policy.clone()).unwrap();
        prop_assert_eq!(read.write(), policy.clone());
        let through_serde: Fido2AuthenticationMethodConfiguration = serde_json::from_value(policy).unwrap();
        prop_assert_eq!(&through_serde, &read);
        prop_assert_eq!(serde_json::to_value(&through_serde).unwrap(), read.write());
    }

    /// Whatever is read is written again; what does not fit is an error.
    #[test]
    fn arbitrary_json_is_read_as_it_is_or_refused(value in any_json()) {
        fn same<T: Graph>(value: &Value) -> Result<(), TestCaseError> {
            if let Ok(read) = T::read(value.clone()) {
                prop_assert_eq!(&read.write(), value);
            }
            Ok(())
        }
        same::<Fido2AuthenticationMethodConfiguration>(&value)?;
        same::<PasskeyProfile>(&value)?;
        same::<PasskeyAuthenticationMethodTarget>(&value)?;
        same::<Fido2AuthenticationMethod>(&value)?;
        same::<Collection<Group>>(&value)?;
        same::<Collection<User>>(&value)?;
    }
}

#[test]
fn unknown_members_survive_and_are_told() {
    let state: AuthenticationMethodState = "paused".to_owned().into();
    assert_eq!((state.unknown(), state.as_str()), (Some("paused"), "paused"));
    let kind: EnforcementType = "unknownFutureValue".to_owned().into();
    assert_eq!(kind.unknown(), Some("unknownFutureValue"));
    let types: PasskeyTypes = " synced, hybrid ,deviceBound,".to_owned().into();
    assert_eq!((types.device_bound(), types.synced()), (true, true));
    assert_eq!(types.unknown().collect::<Vec<_>>(), ["hybrid"]);
}

#[test]
fn errors_name_the_place_both_values_and_nothing_else() {
    let misfit = |value| Fido2AuthenticationMethodConfiguration::read(value).unwrap_err().to_string();
    let cases = [
        (json!([]), "$: expected a fido2AuthenticationMethodConfiguration object, found an array of 0"),
        (
            json!({"passkeyProfiles": [{}, {"keyRestrictions": {"isEnforced": "yes"}}]}),
            "$.passkeyProfiles[1].keyRestrictions.isEnforced: expected true or false, found the text “yes”",
        ),
        (
            json!({"keyRestrictions": {"aaGuids": ["x", 7]}}),
            "$.keyRestrictions.aaGuids[1]: expected a text, found the number 7",
        ),
        (json!({"state": true}), "$.state: expected a text, one of: “enabled” “disabled”, found true"),
        (json!({"includeTargets": {}}), "$.includeTargets: expected an array, found an object"),
    ];
    for (value, expected) in cases {
        assert_eq!(misfit(value), expected);
    }
}

#[test]
fn properties_are_those_of_microsofts_own_models() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/vectors/entra/graph-beta-model-fields.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("SKIPPED: {} is not here", file.display());
        return;
    };
    let models: Value = serde_json::from_str(&text).unwrap();
    let fields = |name: &str| -> Vec<String> {
        let listed: Vec<String> = serde_json::from_value(models["models"][name].clone()).unwrap();
        listed.into_iter().filter(|field| field != "@odata.type").collect()
    };
    fn sorted(properties: &[&str]) -> Vec<String> {
        let mut sorted: Vec<_> = properties.iter().map(|name| (*name).to_owned()).collect();
        sorted.sort();
        sorted
    }
    assert_eq!(
        fields("Fido2AuthenticationMethodConfiguration"),
        sorted(Fido2AuthenticationMethodConfiguration::PROPERTIES)
    );
    assert_eq!(fields("PasskeyProfile"), sorted(PasskeyProfile::PROPERTIES));
    assert_eq!(fields("Fido2KeyRestrictions"), sorted(Fido2KeyRestrictions::PROPERTIES));
    assert_eq!(fields("PasskeyAuthenticationMethodTarget"), sorted(PasskeyAuthenticationMethodTarget::PROPERTIES));
    assert_eq!(fields("Fido2AuthenticationMethod"), sorted(Fido2AuthenticationMethod::PROPERTIES));
    for (name, members) in [
        ("AuthenticationMethodState", AuthenticationMethodState::MEMBERS),
        ("AttestationEnforcement", AttestationEnforcement::MEMBERS),
        ("Fido2RestrictionEnforcementType", EnforcementType::MEMBERS),
        ("PasskeyType", PasskeyType::MEMBERS),
        ("AttestationLevel", AttestationLevel::MEMBERS),
    ] {
        let listed: Vec<String> = serde_json::from_value(models["enums"][name].clone()).unwrap();
        let listed: Vec<_> =
            listed.iter().map(String::as_str).filter(|member| *member != "unknownFutureValue").collect();
        assert_eq!(listed, members, "{name}");
    }
}
