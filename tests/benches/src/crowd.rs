//! A tenant of any number of users in 12 scopes, the same for the same number.

use lab_entra::{Tenant, TenantFile};
use serde_json::{Value, json};

/// The profiles, each with a group of its own.
const GROUPS: usize = 4;

/// The text of a tenant: every user is in one of 6 combinations of groups, and every second of each a guest.
#[must_use]
pub fn text(users: usize) -> String {
    let id = |kind: usize, index: usize| format!("{kind:08x}-0000-4000-8000-{index:012x}");
    let profile = |index: usize| {
        json!({
            "id": id(1, index), "name": format!("Profile {index}"),
            "passkeyTypes": if index.is_multiple_of(2) { "deviceBound" } else { "deviceBound,synced" },
            "attestationEnforcement": if index == 0 { "registrationOnly" } else { "disabled" },
            "keyRestrictions": {"isEnforced": index == 2, "enforcementType": "allow",
                                "aaGuids": ["a25342c0-3cdc-4414-8e46-f4807fca511c"]},
        })
    };
    let target =
        |index: usize| json!({"targetType": "group", "id": id(2, index), "allowedPasskeyProfiles": [id(1, index)]});
    let member = |group: usize, user: usize| match user % 6 {
        4 => group == 0 || group == 1,
        5 => group == 2 || group == 3,
        only => only == group,
    };
    let members = |group: usize| -> Vec<String> {
        (0..users).filter(|user| member(group, *user)).map(|user| id(3, user)).collect()
    };
    let user = |index: usize| {
        let guest = (index / 6) % 2 == 1;
        json!({"id": id(3, index), "userPrincipalName": format!("user{index}@contoso.example"),
               "userType": if guest { "Guest" } else { "Member" }})
    };
    let fido2 = json!({
        "@odata.type": "#microsoft.graph.fido2AuthenticationMethodConfiguration", "id": "Fido2", "state": "enabled",
        "isSelfServiceRegistrationAllowed": true,
        "passkeyProfiles": (0..GROUPS).map(profile).collect::<Value>(),
        "includeTargets": (0..GROUPS).map(target).collect::<Value>(), "excludeTargets": [],
    });
    let groups: Value = (0..GROUPS).map(|group| json!({"id": id(2, group), "members": members(group)})).collect();
    json!({"fido2": fido2, "groups": groups, "users": (0..users).map(user).collect::<Value>()}).to_string()
}

/// The tenant, read.
#[must_use]
pub fn tenant(users: usize) -> Tenant {
    Tenant::from_files(&[TenantFile { name: "tenant.json", text: &text(users) }]).unwrap()
}
