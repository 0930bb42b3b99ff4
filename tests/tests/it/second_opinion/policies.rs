//! Random tenants: legacy ones and ones with profiles, sound ones and contradictory ones.

use lab_entra::switches;
use serde_json::{Map, Value, json};

use super::draw::Draw;
use super::passkeys::AAGUIDS;

pub const USERS: usize = 6;
const GROUPS: usize = 6;

/// A tenant as one object: `fido2`, `groups`, `users` and `lab`.
pub fn tenant(draw: &mut Draw) -> Value {
    json!({
        "fido2": fido2(draw),
        "groups": (0..GROUPS).map(|number| group(draw, number)).collect::<Vec<_>>(),
        "users": (0..USERS).map(|number| user(draw, number)).collect::<Vec<_>>(),
        "lab": {"switches": switches(draw)},
    })
}

pub fn group_id(number: usize) -> String {
    format!("66666666-0000-4000-8000-00000000000{number}")
}

fn user_id(number: usize) -> String {
    format!("77777777-0000-4000-8000-00000000000{number}")
}

fn profile_id(number: usize) -> String {
    format!("eeeeeeee-0000-4000-8000-00000000000{number}")
}

/// The last user came by invitation.
fn principal(number: usize) -> String {
    if number == USERS - 1 { "u_partner#EXT#@example.com".to_owned() } else { format!("user{number}@example.com") }
}

/// Members by id, by principal name, or expanded; groups within groups, circles among them.
fn group(draw: &mut Draw, number: usize) -> Value {
    let users: Vec<_> = (0..USERS).collect();
    let mut members: Vec<_> = draw.some(&users, 35).into_iter().map(|user| member(draw, user)).collect();
    if draw.percent(12) {
        members.push(json!(group_id(draw.below(GROUPS))));
    }
    json!({"id": group_id(number), "displayName": format!("Group {number}"), "members": members})
}

fn member(draw: &mut Draw, user: usize) -> Value {
    let id = draw.in_some_case(&user_id(user));
    match draw.below(4) {
        0 => json!({"@odata.type": "#microsoft.graph.user", "id": id}),
        1 => json!(draw.in_some_case(&principal(user))),
        _ => json!(id),
    }
}

fn user(draw: &mut Draw, number: usize) -> Value {
    let kind = draw.mostly(Some("Member"), 15, &[Some("Guest"), None]);
    json!({"id": user_id(number), "userPrincipalName": principal(number), "userType": kind})
}

/// Every switch both ways: mostly not written at all.
fn switches(draw: &mut Draw) -> Map<String, Value> {
    let mut readings = Map::new();
    for switch in switches::switches() {
        if let Some(reading) = draw.mostly(None, 10, &[Some(switch.default), Some(switch.other)]) {
            readings.insert(switch.name.to_owned(), json!(reading));
        }
    }
    readings
}

fn fido2(draw: &mut Draw) -> Value {
    let profiles = draw.one(&[0, 0, 1, 1, 2, 2, 3, 4, 6, 10]);
    let mut policy = json!({
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration",
        "id": "Fido2",
        "state": draw.mostly("enabled", 4, &["disabled", "disabled", "unknownFutureValue"]),
        "isSelfServiceRegistrationAllowed": draw.mostly(true, 12, &[false]),
        "isAttestationEnforced": draw.percent(40),
        "keyRestrictions": restrictions(draw),
        "defaultPasskeyProfile": draw.mostly(Some(profile_id(0).as_str()), 10, &[None]),
        "passkeyProfiles": (0..profiles).map(|number| profile(draw, number)).collect::<Vec<_>>(),
        "includeTargets": (0..draw.one(&[0, 1, 1, 2, 3, 4])).map(|_| include(draw, profiles)).collect::<Vec<_>>(),
        "excludeTargets": (0..draw.one(&[0, 0, 0, 0, 0, 1, 2])).map(|_| exclude(draw)).collect::<Vec<_>>(),
    });
    forget(draw, &mut policy, &["isSelfServiceRegistrationAllowed", "excludeTargets", "includeTargets"]);
    if profiles == 0 {
        forget(draw, &mut policy, &["passkeyProfiles", "defaultPasskeyProfile"]);
    }
    policy
}

/// Properties whose absence the text gives a meaning: missing, or null.
fn forget(draw: &mut Draw, object: &mut Value, properties: &[&str]) {
    let map = object.as_object_mut().unwrap();
    for property in draw.some(properties, 3) {
        map.insert(property.to_owned(), Value::Null);
        if draw.percent(50) {
            map.remove(property);
        }
    }
}

fn profile(draw: &mut Draw, number: usize) -> Value {
    let types = ["deviceBound", "synced", "deviceBound,synced", "synced,deviceBound", " synced , deviceBound "];
    let taken = draw.one(&types);
    let enforcement = draw.one(&["disabled", "disabled", "registrationOnly"]);
    json!({
        "id": draw.in_some_case(&profile_id(number)),
        "name": format!("Profile {number}"),
        "passkeyTypes": draw.mostly(taken, 3, &["unknownFutureValue", "synced,unknownFutureValue"]),
        "attestationEnforcement": draw.mostly(enforcement, 2, &["unknownFutureValue"]),
        "keyRestrictions": restrictions(draw),
    })
}

fn restrictions(draw: &mut Draw) -> Value {
    let chance = draw.one(&[0, 15, 50, 85]);
    let mut listed: Vec<_> = draw.some(&AAGUIDS, chance).into_iter().map(|entry| draw.in_some_case(entry)).collect();
    if draw.percent(10) {
        listed.push("not an AAGUID".to_owned());
    }
    let mut restrictions = json!({
        "isEnforced": draw.percent(60),
        "enforcementType": draw.mostly("allow", 40, &["block", "block", "block", "block", "block", "unknownFutureValue"]),
        "aaGuids": listed,
    });
    forget(draw, &mut restrictions, &["aaGuids"]);
    restrictions
}

/// Profiles that exist and some that do not, or none at all.
fn include(draw: &mut Draw, profiles: usize) -> Value {
    let ids: Vec<_> = (0..profiles.max(1)).map(profile_id).collect();
    let chance = draw.one(&[0, 25, 25, 60, 100]);
    let places: Vec<_> = (0..ids.len()).collect();
    let chosen = draw.some(&places, chance);
    let mut allowed: Vec<_> = chosen.into_iter().map(|place| draw.in_some_case(&ids[place])).collect();
    if draw.percent(6) {
        allowed.push("dddddddd-0000-4000-8000-000000000000".to_owned());
    }
    let mut target = aimed(draw);
    target["allowedPasskeyProfiles"] = json!(allowed);
    target["isRegistrationRequired"] = json!(draw.percent(20));
    target
}

fn exclude(draw: &mut Draw) -> Value {
    if draw.percent(4) {
        return aimed(draw);
    }
    let group = group_id(draw.below(GROUPS));
    json!({"targetType": "group", "id": draw.in_some_case(&group)})
}

fn aimed(draw: &mut Draw) -> Value {
    let (kind, id) = match draw.below(10) {
        0..4 => ("group", "all_users".to_owned()),
        4..8 => ("group", group_id(draw.below(GROUPS))),
        8 => ("group", "66666666-0000-4000-8000-999999999999".to_owned()),
        _ => ("user", user_id(draw.below(USERS))),
    };
    json!({"targetType": kind, "id": if id == "all_users" { id } else { draw.in_some_case(&id) }})
}
