//! The rules of passkeys and profiles.

use super::*;

#[test]
fn algorithms_are_those_that_entra_offers() {
    let tenant = open_tenant();
    let by = |algorithm| register(&tenant, &Candidate { algorithm, ..yubikey() });
    assert_eq!(by(-257).short(), ("allowed", None));
    let eddsa = by(-8);
    assert_eq!(eddsa.short(), ("refused", Some("entra/algorithm")));
    assert!(
        eddsa
            .message
            .starts_with("the passkey's key has the COSE algorithm -8, which Entra does not offer (required: ")
    );
}

#[test]
fn windows_hello_for_business_stands_in_the_way_of_windows_hello() {
    let tenant = open_tenant();
    let by = |for_business, platform_credentials, candidate: &Candidate<'static>| {
        let windows_hello = WindowsHelloContainer { for_business, platform_credentials };
        let circumstances = Circumstances { windows_hello, ..Circumstances::default() };
        register_by(&tenant, &anybody(&tenant), &circumstances, candidate)
    };
    assert_eq!(by(true, 50, &windows_hello()).by, Some("entra/windows-hello-container"));
    assert_eq!(by(true, 51, &windows_hello()).by, None);
    assert_eq!(by(false, 0, &windows_hello()).outcomes("entra/windows-hello-container"), ["pass"]);
    assert_eq!(by(true, 1, &yubikey()).outcomes("entra/windows-hello-container"), ["not-applicable"]);
}

#[test]
fn be_tells_synced_from_device_bound_unless_bs_does() {
    let eligible = Passkey { aaguid: ICLOUD, backup_eligible: true, backup_state: false };
    let said = sign_in(&one("deviceBound", false, None), &eligible);
    assert_eq!(said.short(), ("refused", Some("entra/passkey-type")));
    assert_eq!(said.trace[4], ("entra/classification", "note", "The passkey is synced (BE = 1, BS = 0).".into()));
    let policy = fido2(&[profile(1, "deviceBound", false, None)]);
    let by_state = with_switches(&policy, &json!({"syncedIs": "backupState"}));
    assert_eq!(sign_in(&by_state, &eligible).short(), ("allowed", None));
    assert_eq!(sign_in(&by_state, &icloud().passkey).short(), ("refused", Some("entra/passkey-type")));
}

#[test]
fn samsung_pass_is_judged_by_its_flags_unless_switched() {
    let samsung = Passkey { aaguid: aaguids::SAMSUNG_PASS, backup_eligible: false, backup_state: false };
    let policy = fido2(&[profile(1, "deviceBound", false, None)]);
    let said = sign_in(&with_switches(&policy, &json!({})), &samsung);
    assert_eq!((said.short(), said.outcomes("entra/samsung-pass")), (("allowed", None), vec!["note"]));
    let said = sign_in(&with_switches(&policy, &json!({"samsungPass": "synced"})), &samsung);
    assert_eq!(said.short(), ("refused", Some("entra/passkey-type")));
    assert_eq!(sign_in(&open_tenant(), &yubikey().passkey).outcomes("entra/samsung-pass"), ["not-applicable"]);
}

#[test]
fn passkey_type() {
    let tenant = one("deviceBound", false, None);
    let said = register(&tenant, &icloud());
    assert_eq!(said.short(), ("refused", Some("entra/passkey-type")));
    assert_eq!(
        said.message,
        "the profile “P1” takes device-bound passkeys only, and this one is synced (required: The profile takes passkeys of this type)."
    );
    assert_eq!(said.hint, "Use a device-bound passkey, add synced to passkeyTypes of the profile “P1”.");
    assert_eq!(said.failed, [["entra/passkey-type"]]);
    assert_eq!(register(&tenant, &yubikey()).short(), ("allowed", None));
    assert_eq!(register(&one("synced", false, None), &yubikey()).by, Some("entra/passkey-type"));
    assert_eq!(sign_in(&tenant, &icloud().passkey).by, Some("entra/passkey-type"));
    let spaced = one(" synced , deviceBound", false, None);
    assert_eq!(register(&spaced, &icloud()).short(), ("allowed", None));
    let unknown = one("deviceBound,hybrid", false, None);
    assert_eq!(register(&unknown, &yubikey()).short(), ("allowed", None));
    assert_eq!(register(&unknown, &icloud()).short(), ("unknown", Some("entra/passkey-type")));
}

#[test]
fn key_restrictions() {
    let tenant = one(BOTH, false, Some(&[aaguids::AUTHENTICATOR_IOS]));
    let said = register(&tenant, &yubikey());
    assert_eq!(said.short(), ("refused", Some("entra/key-restrictions")));
    assert!(
        said.message.starts_with(
            "the AAGUID a25342c0-3cdc-4414-8e46-f4807fca511c is not on the allow list of the profile “P1” (required: "
        ),
        "{}",
        said.message
    );
    assert_eq!(said.hint, "Add a25342c0-3cdc-4414-8e46-f4807fca511c to the allow list of the profile “P1”.");
    assert_eq!(sign_in(&tenant, &yubikey().passkey).by, Some("entra/key-restrictions"));
    assert_eq!(register(&tenant, &authenticator(None)).short(), ("allowed", None));
}

#[test]
fn block_lists_and_lists_of_unknown_kinds() {
    let mut given = profile(1, BOTH, false, Some(&[YUBIKEY]));
    given["keyRestrictions"]["enforcementType"] = json!("block");
    let blocked = tenant(&json!({"fido2": fido2(&[given.clone()])}));
    let said = register(&blocked, &yubikey());
    assert!(said.message.contains("is on the block list of the profile “P1”"), "{}", said.message);
    assert!(said.hint.starts_with("Take a25342c0-3cdc-4414-8e46-f4807fca511c off the block list"), "{}", said.hint);
    assert_eq!(register(&blocked, &icloud()).short(), ("allowed", None));
    given["keyRestrictions"]["enforcementType"] = json!("quarantine");
    let unknown = tenant(&json!({"fido2": fido2(&[given])}));
    let said = register(&unknown, &icloud());
    assert_eq!(said.short(), ("unknown", Some("entra/key-restrictions")));
    assert!(said.message.contains("“quarantine”, which the lab does not know"), "{}", said.message);
}

#[test]
fn aaguids_match_in_either_case_and_malformed_ones_never() {
    let mut given = profile(1, BOTH, false, Some(&[]));
    given["keyRestrictions"]["aaGuids"] = json!(["A25342C0-3CDC-4414-8E46-F4807FCA511C", "nonsense"]);
    assert_eq!(register(&tenant(&json!({"fido2": fido2(&[given])})), &yubikey()).short(), ("allowed", None));
}

#[test]
fn an_empty_allow_list_refuses_all_unless_switched() {
    let policy = fido2(&[profile(1, BOTH, false, Some(&[]))]);
    let said = register(&with_switches(&policy, &json!({})), &yubikey());
    assert_eq!(said.short(), ("refused", Some("entra/key-restrictions")));
    assert!(said.message.contains("names no AAGUID, so it takes none"), "{}", said.message);
    let switched = json!({"emptyAllowList": "allowsAll"});
    assert_eq!(register(&with_switches(&policy, &switched), &yubikey()).short(), ("allowed", None));
    let mut mistyped = policy;
    mistyped["passkeyProfiles"][0]["keyRestrictions"]["aaGuids"] = json!(["a25342c0-3cdc-4414-8e46"]);
    let said = register(&with_switches(&mistyped, &switched), &yubikey());
    assert_eq!(said.short(), ("refused", Some("entra/key-restrictions")), "a list with a mistake in it is not empty");
}

#[test]
fn windows_hello_needs_no_list_unless_switched() {
    let said = register(&open_tenant(), &windows_hello());
    assert_eq!((said.short(), said.outcomes("entra/windows-hello")), (("allowed", None), vec!["pass"]));
    assert_eq!(register(&open_tenant(), &yubikey()).outcomes("entra/windows-hello"), ["not-applicable"]);
    let policy = fido2(&[profile(1, BOTH, false, None)]);
    let strict = with_switches(&policy, &json!({"windowsHelloUnlisted": "refused"}));
    assert_eq!(register(&strict, &windows_hello()).short(), ("refused", Some("entra/windows-hello")));
    let policy = fido2(&[profile(1, BOTH, false, Some(&[aaguids::WINDOWS_HELLO_HARDWARE]))]);
    let listed = with_switches(&policy, &json!({"windowsHelloUnlisted": "refused"}));
    assert_eq!(register(&listed, &windows_hello()).short(), ("allowed", None));
}

#[test]
fn enforced_attestation_takes_the_metadata_route() {
    let tenant = one(BOTH, true, None);
    let by = |trust, metadata| {
        let facts = AttestationFacts { trust, metadata, ..yubikey().attestation };
        register(&tenant, &with_facts(yubikey(), facts))
    };
    let stand_in = by(Trust::TrustedStandIn, None);
    assert_eq!(stand_in.short(), ("allowed", None));
    let sentence = &stand_in.trace.iter().find(|(id, ..)| *id == "entra/attestation").unwrap().2;
    assert!(sentence.contains("stands in for the vendor's"), "{sentence}");
    assert_eq!(by(Trust::Trusted, None).short(), ("allowed", None));
    let refused = |trust, metadata, words: &str| {
        let said = by(trust, metadata);
        assert_eq!(said.short(), ("refused", Some("entra/attestation")), "{words}");
        assert!(said.message.contains(words), "{}", said.message);
    };
    refused(Trust::Untrusted, None, "a root that is not trusted");
    refused(Trust::NoPath, None, "lead to no trusted root");
    assert_eq!(by(Trust::NotChecked, None).short(), ("unknown", Some("entra/attestation")));
    let good = MetadataFacts::CERTIFIED;
    assert_eq!(by(Trust::Trusted, Some(good)).short(), ("allowed", None));
    refused(Trust::Trusted, Some(MetadataFacts { certified: false, ..good }), "not FIDO certified");
    refused(Trust::Trusted, Some(MetadataFacts { fido2: false, ..good }), "older than FIDO 2.0");
    refused(Trust::Trusted, Some(MetadataFacts { has_uv: false, ..good }), "user verification");
    refused(Trust::Trusted, Some(MetadataFacts { has_rk: false, ..good }), "resident keys");
    refused(Trust::Trusted, Some(MetadataFacts { has_hmac_secret: false, ..good }), "hmac-secret");
    refused(Trust::Trusted, Some(MetadataFacts::NO_ENTRY), "no entry for its model");
    refused(Trust::Untrusted, Some(MetadataFacts::NO_ENTRY), "no entry for its model");
    let new = MetadataFacts { entry: MetadataEntry::New, ..good };
    refused(Trust::Trusted, Some(new), "less than four weeks ago");
    let revoked = MetadataFacts { adverse: Some(AdverseStatus::Revoked), ..good };
    refused(Trust::TrustedStandIn, Some(revoked), "REVOKED");
    let policy = fido2(&[profile(1, BOTH, true, None)]);
    let lenient = with_switches(&policy, &json!({"newInMetadata": "atOnce", "adverseStatus": "ignored"}));
    for facts in [new, revoked] {
        let facts = AttestationFacts { trust: Trust::Trusted, metadata: Some(facts), ..yubikey().attestation };
        assert_eq!(register(&lenient, &with_facts(yubikey(), facts)).short(), ("allowed", None));
    }
}

#[test]
fn without_metadata_certification_is_taken_unless_switched() {
    let policy = fido2(&[profile(1, BOTH, true, None)]);
    let tenant = with_switches(&policy, &json!({"certificationUnchecked": "undecided"}));
    assert_eq!(register(&tenant, &yubikey()).short(), ("unknown", Some("entra/attestation")));
}

#[test]
fn windows_hello_is_not_attested_by_certificates_either() {
    let packed = with_facts(windows_hello(), yubikey().attestation);
    let said = register(&one(BOTH, true, None), &packed);
    assert_eq!(said.by, Some("entra/attestation"));
    assert!(said.message.contains("Windows Hello is never attested to Entra"), "{}", said.message);
    assert_eq!(register(&one(BOTH, false, None), &packed).short(), ("allowed", None));
}

#[test]
fn enforced_attestation_leaves_out_what_does_not_attest() {
    let tenant = one(BOTH, true, None);
    let synced = register(&tenant, &icloud());
    assert_eq!(synced.short(), ("refused", Some("entra/attestation")));
    assert!(synced.message.contains("leaves synced passkeys out"), "{}", synced.message);
    let hello = register(&tenant, &windows_hello());
    assert!(hello.message.contains("has the format “tpm”, and only “packed” counts"), "{}", hello.message);
    assert!(hello.hint.starts_with("Windows Hello brings no attestation that Entra takes"), "{}", hello.hint);
    let none = with_facts(yubikey(), AttestationFacts::NONE);
    assert!(register(&tenant, &none).message.contains("brings no attestation (format “none”)"));
    let facts = AttestationFacts { kind: AttestationKind::SelfAttested, trust: Trust::NoPath, ..yubikey().attestation };
    let own = register(&tenant, &with_facts(yubikey(), facts));
    assert_eq!(own.failed, [["entra/attestation"]], "the rule on self attestation is for profiles that do not enforce");
    assert_eq!(sign_in(&tenant, &none.passkey).short(), ("allowed", None), "nothing checks attestation at sign-in");
}

#[test]
fn microsoft_authenticator_is_attested_inside_its_app_only() {
    let tenant = one(BOTH, true, Some(&[aaguids::AUTHENTICATOR_IOS, YUBIKEY]));
    let by = |way, in_app| register_by(&tenant, &anybody(&tenant), &path(way), &authenticator(in_app));
    let app = RegistrationPath::InApp;
    assert_eq!(by(app, Some(InAppAttestation::Passed)).short(), ("allowed", None));
    for (in_app, words) in
        [(InAppAttestation::Failed, "did not vouch"), (InAppAttestation::Unavailable, "did not answer")]
    {
        let said = by(app, Some(in_app));
        assert_eq!(said.short(), ("refused", Some("entra/attestation")));
        assert!(said.message.contains(words), "{}", said.message);
    }
    assert_eq!(by(app, None).short(), ("unknown", Some("entra/attestation")));
    let outside = by(RegistrationPath::SecurityInfo, Some(InAppAttestation::Passed));
    assert_eq!(outside.short(), ("refused", Some("entra/attestation")));
    assert!(outside.hint.starts_with("Open Microsoft Authenticator on the phone"), "{}", outside.hint);
    let packed = with_facts(authenticator(None), yubikey().attestation);
    assert_eq!(register(&tenant, &packed).by, Some("entra/attestation"), "certificates do not attest the app");
    let lying =
        with_facts(yubikey(), AttestationFacts { in_app: Some(InAppAttestation::Passed), ..AttestationFacts::NONE });
    let said = register_by(&tenant, &anybody(&tenant), &path(app), &lying);
    assert_eq!(said.by, Some("entra/attestation"), "the in-app route is Authenticator's alone");
}

#[test]
fn formats_where_attestation_is_not_enforced() {
    let tenant = open_tenant();
    let by = |format| register(&tenant, &with_facts(yubikey(), AttestationFacts { format, ..AttestationFacts::NONE }));
    for format in ["none", "tpm", "x-custom", "12345678901234567890123456789012"] {
        assert_eq!(by(format).short(), ("allowed", None), "{format}");
    }
    for format in ["123456789012345678901234567890123", ""] {
        assert_eq!(by(format).short(), ("refused", Some("entra/statement-format")), "{format}");
    }
    let enforced = register(&one(BOTH, true, None), &yubikey());
    assert_eq!(enforced.outcomes("entra/statement-format"), ["not-applicable"]);
}

#[test]
fn self_and_batch_attestation_where_attestation_is_not_enforced() {
    let policy = fido2(&[profile(1, BOTH, false, None)]);
    let facts = AttestationFacts { kind: AttestationKind::SelfAttested, trust: Trust::NoPath, ..yubikey().attestation };
    let own = with_facts(yubikey(), facts);
    let said = register(&with_switches(&policy, &json!({})), &own);
    assert_eq!(said.short(), ("refused", Some("entra/self-attestation")));
    let tenant = with_switches(&policy, &json!({"selfAttestationUnenforced": "accepted"}));
    assert_eq!(register(&tenant, &own).short(), ("allowed", None));
    assert_eq!(register(&tenant, &icloud()).outcomes("entra/self-attestation"), ["not-applicable"]);
    let tenant = with_switches(&policy, &json!({"batchAttestationUnenforced": "refused"}));
    assert_eq!(register(&tenant, &yubikey()).short(), ("refused", Some("entra/batch-attestation")));
    let facts = AttestationFacts { kind: AttestationKind::AttCa, ..yubikey().attestation };
    assert_eq!(register(&tenant, &with_facts(yubikey(), facts)).short(), ("allowed", None));
    assert_eq!(register(&open_tenant(), &yubikey()).outcomes("entra/batch-attestation"), ["pass"]);
}

#[test]
fn synced_passkeys_outlive_attestation_unless_switched() {
    let policy = fido2(&[profile(1, BOTH, true, None)]);
    let said = sign_in(&with_switches(&policy, &json!({})), &icloud().passkey);
    assert_eq!((said.short(), said.outcomes("entra/synced-after-attestation")), (("allowed", None), vec!["pass"]));
    let tenant = with_switches(&policy, &json!({"syncedAfterAttestation": "stopWorking"}));
    assert_eq!(sign_in(&tenant, &icloud().passkey).short(), ("refused", Some("entra/synced-after-attestation")));
    assert_eq!(sign_in(&tenant, &yubikey().passkey).short(), ("allowed", None));
}

/// A tenant that never opted in.
fn legacy(attested: bool, switches: serde_json::Value) -> Tenant {
    let policy = json!({
        "id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true, "isAttestationEnforced": attested,
        "keyRestrictions": {"isEnforced": true, "enforcementType": "block", "aaGuids": [aaguids::AUTHENTICATOR_IOS.to_string()]},
        "defaultPasskeyProfile": null, "passkeyProfiles": [], "excludeTargets": [],
        "includeTargets": [{"targetType": "group", "id": "all_users", "isRegistrationRequired": false}],
    });
    with_switches(&policy, &switches)
}

#[test]
fn a_tenant_without_profiles_implies_one() {
    let off = legacy(false, json!({}));
    assert_eq!(register(&off, &icloud()).short(), ("allowed", None));
    assert_eq!(register(&off, &authenticator(None)).by, Some("entra/key-restrictions"));
    let on = legacy(true, json!({}));
    assert_eq!(register(&on, &yubikey()).short(), ("allowed", None));
    let said = register(&on, &icloud());
    assert_eq!(said.failed, [["entra/passkey-type", "entra/attestation"]]);
    assert!(said.message.contains("he tenant's legacy policy (it has no profiles)"), "{}", said.message);
    assert_eq!(sign_in(&on, &icloud().passkey).short(), ("allowed", None), "registered before attestation was on");
    let strict = legacy(true, json!({"syncedAfterLegacyAttestation": "stopWorking"}));
    assert_eq!(sign_in(&strict, &icloud().passkey).by, Some("entra/synced-after-attestation"));
}

#[test]
fn legacy_settings_beside_profiles_are_ignored_unless_switched() {
    let mut policy = fido2(&[profile(1, BOTH, false, None)]);
    policy["isAttestationEnforced"] = json!(true);
    assert_eq!(register(&with_switches(&policy, &json!({})), &icloud()).short(), ("allowed", None));
    let demanded = json!({"legacySettings": "alsoDemanded"});
    let tenant = with_switches(&policy, &demanded);
    assert_eq!(register(&tenant, &icloud()).short(), ("refused", Some("entra/legacy-settings")));
    assert_eq!(register(&tenant, &yubikey()).short(), ("allowed", None));
    policy["keyRestrictions"] =
        json!({"isEnforced": true, "enforcementType": "block", "aaGuids": [YUBIKEY.to_string()]});
    let said = sign_in(&with_switches(&policy, &demanded), &yubikey().passkey);
    assert_eq!(said.short(), ("refused", Some("entra/legacy-settings")));
}

#[test]
fn legacy_settings_beside_profiles_are_read_as_those_of_a_profile() {
    let mut policy = fido2(&[profile(1, BOTH, false, None)]);
    let demanded = json!({"legacySettings": "alsoDemanded"});
    policy["keyRestrictions"] = json!({"isEnforced": true, "enforcementType": "unknownFutureValue", "aaGuids": []});
    let said = sign_in(&with_switches(&policy, &demanded), &yubikey().passkey);
    assert_eq!(said.short(), ("unknown", Some("entra/legacy-settings")));
    assert!(said.message.contains("enforcementType is missing or one that the lab does not know"), "{}", said.message);
    policy["keyRestrictions"] = json!({"isEnforced": true, "enforcementType": "allow", "aaGuids": []});
    assert_eq!(sign_in(&with_switches(&policy, &demanded), &yubikey().passkey).by, Some("entra/legacy-settings"));
    let both = json!({"legacySettings": "alsoDemanded", "emptyAllowList": "allowsAll"});
    assert_eq!(sign_in(&with_switches(&policy, &both), &yubikey().passkey).short(), ("allowed", None));
    policy["isAttestationEnforced"] = json!(true);
    let synced = with_facts(icloud(), yubikey().attestation);
    assert_eq!(register(&with_switches(&policy, &both), &synced).by, Some("entra/legacy-settings"));
    let unchecked = AttestationFacts { trust: Trust::NotChecked, ..yubikey().attestation };
    let said = register(&with_switches(&policy, &both), &with_facts(yubikey(), unchecked));
    assert_eq!(said.short(), ("unknown", Some("entra/legacy-settings")));
    assert!(said.message.contains("whether the passkey is attested could not be told"), "{}", said.message);
}

#[test]
fn any_one_profile_matches_as_a_whole_and_they_do_not_add_up() {
    let admins = profile(1, "deviceBound", true, Some(&[aaguids::AUTHENTICATOR_IOS]));
    let everybody = profile(2, "synced", false, None);
    let tenant = tenant(&json!({"fido2": fido2(&[admins, everybody])}));
    let said = register(&tenant, &icloud());
    assert_eq!(said.short(), ("allowed", None));
    assert_eq!(said.message, "The passkey matches the profile “P2” as a whole.");
    assert_eq!(said.outcomes("entra/passkey-type"), ["pass", "note"], "the match first, the other's failure a note");
    let note = said.trace.iter().rev().find(|(id, ..)| *id == "entra/passkey-type").unwrap();
    assert!(note.2.starts_with("The profile “P1” takes device-bound passkeys only"), "{}", note.2);
    let device_bound = Candidate { passkey: Passkey { aaguid: ICLOUD, ..yubikey().passkey }, ..icloud() };
    let said = register(&tenant, &device_bound);
    assert_eq!(said.failed, [vec!["entra/key-restrictions", "entra/attestation"], vec!["entra/passkey-type"]]);
    assert_eq!(said.by, Some("entra/passkey-type"), "of the nearest profile");
    assert!(said.message.contains("“P2”"), "{}", said.message);
}

#[test]
fn a_hint_names_a_profile_that_would_take_the_passkey() {
    let mut policy = fido2(&[profile(1, BOTH, false, Some(&[ICLOUD])), profile(2, BOTH, false, None)]);
    policy["includeTargets"] = json!([
        {"id": "all_users", "targetType": "group", "allowedPasskeyProfiles": [id(1)]},
        {"id": "g1", "targetType": "group", "allowedPasskeyProfiles": [id(2)]},
    ]);
    let tenant = tenant(&json!({"fido2": policy, "groups": [{"id": "g1", "displayName": "Key holders"}]}));
    let expected = "Add a25342c0-3cdc-4414-8e46-f4807fca511c to the allow list of the profile “P1”, \
                    or give the user the profile “P2”, which takes it (as Key holders has).";
    assert_eq!(register(&tenant, &yubikey()).hint, expected);
}
