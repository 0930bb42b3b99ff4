//! The rules of users and circumstances, and the ceremony's place among them.

use super::*;

#[test]
fn method_enabled() {
    let said = register(&changed("state", json!("disabled"), json!({})), &yubikey());
    assert_eq!(said.short(), ("refused", Some("entra/method-enabled")));
    assert_eq!(
        said.message,
        "the policy's state is “disabled”, so nobody can register or use a passkey (required: Passkeys are switched on in the tenant)."
    );
    assert!(said.hint.starts_with("Set state to “enabled”"), "{}", said.hint);
    let missing = register(&changed("state", json!(null), json!({})), &yubikey());
    assert_eq!(missing.short(), ("refused", Some("entra/method-enabled")));
    let unknown = sign_in(&changed("state", json!("paused"), json!({})), &yubikey().passkey);
    assert_eq!(unknown.short(), ("unknown", Some("entra/method-enabled")));
    assert_eq!(unknown.message, "Could not be judged: the policy's state is “paused”, which the lab does not know.");
    assert_eq!(register(&open_tenant(), &yubikey()).outcomes("entra/method-enabled"), ["pass"]);
}

fn two_groups() -> Tenant {
    let mut policy = fido2(&[profile(1, BOTH, false, None)]);
    policy["includeTargets"] = json!([{"id": "G-in", "targetType": "group", "allowedPasskeyProfiles": [id(1)]}]);
    policy["excludeTargets"] = json!([{"id": "g-OUT", "targetType": "group"}]);
    let groups = json!([{"id": "g-in", "displayName": "Pilots"}, {"id": "g-out", "displayName": "Contractors"}]);
    tenant(&json!({"fido2": policy, "groups": groups}))
}

#[test]
fn not_excluded_and_in_scope() {
    let tenant = two_groups();
    let of = |names: &[&str]| scope_of(&tenant, &Persona::groups(&tenant, names.iter().copied()).unwrap());
    let (key, circumstances) = (yubikey(), Circumstances::default());
    assert_eq!(register_by(&tenant, &of(&["Pilots"]), &circumstances, &key).short(), ("allowed", None));
    let both = register_by(&tenant, &of(&["pilots", "Contractors"]), &circumstances, &key);
    assert_eq!(both.short(), ("refused", Some("entra/not-excluded")));
    assert_eq!(
        both.message,
        "the exclude target “Contractors” reaches the user, and an exclusion beats every inclusion (required: No exclude target reaches the user)."
    );
    assert_eq!(both.hint, "Take the user out of “Contractors”, or take “Contractors” out of excludeTargets.");
    assert_eq!(both.outcomes("entra/passkey-type"), ["pass"], "everything is shown all the same");
    let nobody = register_by(&tenant, &of(&[]), &circumstances, &key);
    assert_eq!(nobody.short(), ("refused", Some("entra/in-scope")));
    assert!(
        nobody.message.starts_with("the user is in none of the targets “Pilots” (required: "),
        "{}",
        nobody.message
    );
    assert_eq!(nobody.outcomes("entra/key-restrictions"), ["not-judged"]);
    let signing_in = sign_in_by(&tenant, &of(&["g-in", "g-out"]), &key.passkey);
    assert_eq!(signing_in.short(), ("refused", Some("entra/not-excluded")));
}

#[test]
fn outside_the_targets_a_registered_passkey_works_only_by_switch() {
    let none = json!([]);
    let tenant = changed("includeTargets", none.clone(), json!({}));
    assert_eq!(sign_in(&tenant, &yubikey().passkey).short(), ("refused", Some("entra/in-scope")));
    let tenant = changed("includeTargets", none, json!({"signInOutsideTargets": "allowed"}));
    assert_eq!(sign_in(&tenant, &yubikey().passkey).short(), ("allowed", None));
    assert_eq!(register(&tenant, &yubikey()).short(), ("refused", Some("entra/in-scope")));
}

#[test]
fn a_target_without_profiles_allows_nothing_or_by_switch_the_default_one() {
    let target = json!([{"id": "all_users", "targetType": "group", "allowedPasskeyProfiles": []}]);
    let said = register(&changed("includeTargets", target.clone(), json!({})), &yubikey());
    assert_eq!(said.short(), ("refused", Some("entra/in-scope")));
    assert!(said.message.contains("none of them allows a profile"), "{}", said.message);
    let outside = changed("includeTargets", target.clone(), json!({"signInOutsideTargets": "allowed"}));
    let said = sign_in(&outside, &yubikey().passkey);
    assert_eq!(said.short(), ("refused", Some("entra/in-scope")), "who is in a target is not outside every target");
    let tenant = changed("includeTargets", target, json!({"emptyAllowedPasskeyProfiles": "defaultProfile"}));
    assert_eq!(register(&tenant, &yubikey()).short(), ("allowed", None));
}

#[test]
fn self_service_off_stops_each_path_unless_switched() {
    let off = |switches| changed("isSelfServiceRegistrationAllowed", json!(false), switches);
    let by = |tenant: &Tenant, way| register_by(tenant, &anybody(tenant), &path(way), &yubikey());
    let graph = RegistrationPath::Graph(Caller::Administrator);
    let tenant = off(json!({}));
    for way in [RegistrationPath::SecurityInfo, RegistrationPath::InApp, graph] {
        assert_eq!(by(&tenant, way).short(), ("refused", Some("entra/self-service")), "{way:?}");
    }
    assert_eq!(sign_in(&tenant, &yubikey().passkey).short(), ("allowed", None));
    let tenant = off(json!({
        "selfServiceOffInApp": "allowed", "selfServiceOffGraph": "allowed", "selfServiceOffSignIn": "refused"
    }));
    assert_eq!(by(&tenant, RegistrationPath::SecurityInfo).short(), ("refused", Some("entra/self-service")));
    assert_eq!(by(&tenant, RegistrationPath::InApp).short(), ("allowed", None));
    assert_eq!(by(&tenant, graph).short(), ("allowed", None));
    assert_eq!(sign_in(&tenant, &yubikey().passkey).short(), ("refused", Some("entra/self-service")));
}

#[test]
fn over_graph_only_administrators_register_and_only_two_formats() {
    let tenant = open_tenant();
    let by = |caller, candidate: &Candidate<'static>| {
        register_by(&tenant, &anybody(&tenant), &path(RegistrationPath::Graph(caller)), candidate)
    };
    assert_eq!(by(Caller::Administrator, &yubikey()).short(), ("allowed", None));
    let own = by(Caller::Themself, &yubikey());
    assert_eq!(own.short(), ("refused", Some("entra/graph-caller")));
    assert!(own.message.contains("405"), "{}", own.message);
    assert_eq!(by(Caller::Other, &yubikey()).by, Some("entra/graph-caller"));
    assert_eq!(register(&tenant, &yubikey()).outcomes("entra/graph-caller"), ["not-applicable"]);
    assert_eq!(by(Caller::Administrator, &windows_hello()).short(), ("refused", Some("entra/graph-format")));
    assert_eq!(by(Caller::Administrator, &icloud()).outcomes("entra/graph-format"), ["pass"]);
    assert_eq!(register(&tenant, &windows_hello()).outcomes("entra/graph-format"), ["not-applicable"]);
}

#[test]
fn multifactor_authentication_is_fresh() {
    let tenant = open_tenant();
    let by = |path, mfa| {
        let circumstances = Circumstances { path, mfa, ..Circumstances::default() };
        register_by(&tenant, &anybody(&tenant), &circumstances, &yubikey())
    };
    let minutes = |minutes| Mfa::Age(SignedDuration::from_mins(minutes));
    let web = RegistrationPath::SecurityInfo;
    assert_eq!(by(web, minutes(5)).short(), ("allowed", None));
    let stale = by(web, minutes(6));
    assert_eq!(stale.short(), ("refused", Some("entra/fresh-mfa")));
    assert!(
        stale
            .message
            .starts_with("the multifactor authentication is 6 min 0 s old, and at most 5 min are taken (required: ")
    );
    assert_eq!(by(web, Mfa::Missing).by, Some("entra/fresh-mfa"));
    assert_eq!(by(web, minutes(-1)).by, Some("entra/fresh-mfa"));
    assert_eq!(by(web, Mfa::NotStated).outcomes("entra/fresh-mfa"), ["caller"]);
    let own = RegistrationPath::Graph(Caller::Themself);
    assert_eq!(by(own, minutes(10)).outcomes("entra/fresh-mfa"), ["pass"]);
    assert_eq!(by(own, minutes(11)).outcomes("entra/fresh-mfa"), ["fail"]);
    let administrator = RegistrationPath::Graph(Caller::Administrator);
    assert_eq!(by(administrator, Mfa::Missing).outcomes("entra/fresh-mfa"), ["not-applicable"]);
    assert_eq!(by(RegistrationPath::InApp, minutes(6)).by, Some("entra/fresh-mfa"));
}

#[test]
fn inside_the_app_fresh_authentication_is_a_switch() {
    let tenant = changed("id", json!("Fido2"), json!({"freshMfaInApp": "notDemanded"}));
    let circumstances = Circumstances { mfa: Mfa::Missing, ..path(RegistrationPath::InApp) };
    let said = register_by(&tenant, &anybody(&tenant), &circumstances, &yubikey());
    assert_eq!((said.short(), said.outcomes("entra/fresh-mfa")), (("allowed", None), vec!["not-applicable"]));
}

#[test]
fn a_one_time_pass_serves_ten_minutes() {
    let tenant = open_tenant();
    let by = |minutes| {
        let mfa = Mfa::OneTimePass(SignedDuration::from_mins(minutes));
        register_by(&tenant, &anybody(&tenant), &Circumstances { mfa, ..Circumstances::default() }, &yubikey())
    };
    assert_eq!(by(10).short(), ("allowed", None));
    assert_eq!(by(11).short(), ("refused", Some("entra/one-time-pass")));
    assert_eq!(register(&tenant, &yubikey()).outcomes("entra/one-time-pass"), ["not-applicable"]);
    let mfa = Mfa::OneTimePass(SignedDuration::from_mins(11));
    let by_administrator = Circumstances { mfa, ..path(RegistrationPath::Graph(Caller::Administrator)) };
    let said = register_by(&tenant, &anybody(&tenant), &by_administrator, &yubikey());
    assert_eq!(said.short(), ("allowed", None), "the user's pass is no part of what an administrator does");
}

#[test]
fn guests_do_not_register_and_b2b_members_do_unless_switched() {
    let users = json!([
        {"id": "u1", "userPrincipalName": "ann@contoso.com", "userType": "Member"},
        {"id": "u2", "userPrincipalName": "bob_fabrikam.com#EXT#@contoso.com", "userType": "Guest"},
        {"id": "u3", "userPrincipalName": "cy_fabrikam.com#EXT#@contoso.com", "userType": "Member"},
    ]);
    let build = |switches: serde_json::Value| {
        let policy = fido2(&[profile(1, BOTH, false, None)]);
        tenant(&json!({"fido2": policy, "users": users, "lab": {"switches": switches}}))
    };
    let of = |tenant: &Tenant, user: &str| {
        let facts = scope_of(tenant, &Persona::user(tenant, user).unwrap());
        let said = register_by(tenant, &facts, &Circumstances::default(), &yubikey());
        (facts.standing, said.by, sign_in_by(tenant, &facts, &yubikey().passkey).verdict)
    };
    let tenant = build(json!({}));
    assert_eq!(of(&tenant, "ANN@contoso.com"), (Standing::Member, None, "allowed"));
    assert_eq!(of(&tenant, "u2"), (Standing::Guest, Some("entra/not-guest"), "allowed"));
    assert_eq!(of(&tenant, "u3"), (Standing::Member, None, "allowed"));
    let tenant = build(json!({"b2bMembers": "guests"}));
    assert_eq!(of(&tenant, "u3"), (Standing::B2bMember, Some("entra/not-guest"), "allowed"));
}

static ORIGIN: Check = Check::new("registration/origin", Document::WebAuthn3, "7.1", "The origin is one of ours.");

#[test]
fn the_ceremony_decides_in_its_place() {
    let (tenant, candidate) = (one("synced", false, None), yubikey());
    let facts = anybody(&tenant);
    let circumstances = Circumstances::default();
    let said = |ceremony| Said::of(&crate::register(&tenant, &facts, &circumstances, ceremony));
    let invalid = said(Ceremony::invalid(&ORIGIN, Some(&candidate)));
    assert_eq!(invalid.short(), ("refused", Some("registration/origin")), "before the profiles");
    assert_eq!(invalid.failed, [["entra/passkey-type"]], "which are shown all the same");
    let unread = said(Ceremony::invalid(&ORIGIN, None));
    assert_eq!(unread.outcomes("entra/attestation"), ["not-judged"]);
    assert!(unread.trace.iter().any(|(_, _, text)| text.contains("because registration/origin failed")));
    let undecided = said(Ceremony { outcome: CeremonyOutcome::Undecided(&ORIGIN), says: None });
    assert_eq!(undecided.short(), ("unknown", Some("registration/origin")));
    assert_eq!(said(Ceremony::no_response()).short(), ("refused", None));
    let at_sign_in = |passkey| Said::of(&crate::sign_in(&tenant, &facts, Ceremony::invalid(&ORIGIN, Some(passkey))));
    assert_eq!(at_sign_in(&candidate.passkey).by, Some("entra/passkey-type"), "at sign-in the policy comes first");
    assert_eq!(at_sign_in(&icloud().passkey).by, Some("registration/origin"));
}

#[test]
fn the_user_decides_before_the_ceremony() {
    let tenant = changed("state", json!("disabled"), json!({}));
    let (facts, circumstances) = (anybody(&tenant), Circumstances::default());
    let said = Said::of(&crate::register(&tenant, &facts, &circumstances, Ceremony::invalid(&ORIGIN, None)));
    assert_eq!(said.short(), ("refused", Some("entra/method-enabled")));
}
