//! Who is in which group, who is a guest, and which profiles reach whom: read from the tenant's raw JSON.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Value, json};

/// Whose passkey it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The user at this place of the tenant's `users`.
    User(usize),
    /// A direct member of exactly these groups.
    MemberOf(Vec<String>),
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn lower(value: &Value) -> Option<String> {
    value.as_str().map(str::to_lowercase)
}

/// Whether `lab.json` takes the reading `other` of a switch.
pub fn reads(tenant: &Value, switch: &str, other: &str) -> bool {
    tenant["lab"]["switches"][switch] == other
}

/// What decides about somebody.
pub struct Person<'t> {
    pub guest: bool,
    /// Section 1.4, step 2.
    pub excluded: bool,
    /// Whether any include target means this person, whatever it allows.
    pub targeted: bool,
    /// Section 1.4, step 3: the profiles of all targets together, in the tenant's order.
    pub profiles: Vec<Cow<'t, Value>>,
}

impl<'t> Person<'t> {
    pub fn of(tenant: &'t Value, who: &Who) -> Self {
        let place = Place::of(tenant, who);
        let means = |target: &&Value| place.is_meant_by(target);
        let targets: Vec<_> = list(&tenant["fido2"]["includeTargets"]).iter().filter(means).collect();
        Self {
            guest: place.is_guest(),
            excluded: list(&tenant["fido2"]["excludeTargets"]).iter().any(|target| place.is_meant_by(target)),
            targeted: !targets.is_empty(),
            profiles: profiles(tenant, &targets),
        }
    }
}

/// Where somebody stands in the directory.
struct Place<'t> {
    tenant: &'t Value,
    /// The user object; null for somebody who is known by groups only.
    user: &'t Value,
    groups: BTreeSet<String>,
}

impl<'t> Place<'t> {
    fn of(tenant: &'t Value, who: &Who) -> Self {
        let user = match who {
            Who::User(place) => &tenant["users"][*place],
            Who::MemberOf(_) => &Value::Null,
        };
        let named: BTreeSet<_> = [&user["id"], &user["userPrincipalName"]].into_iter().filter_map(lower).collect();
        let groups = match who {
            Who::User(_) => containing(tenant, &named),
            Who::MemberOf(groups) => groups.iter().map(|id| id.to_lowercase()).collect(),
        };
        Self { tenant, user, groups: with_those_around(tenant, groups) }
    }

    /// Section 1.4, last paragraph, and section 12: internal guests, external guests and B2B users are
    /// guests. A B2B user whose `userType` is Member is one only where the tenant reads it so.
    fn is_guest(&self) -> bool {
        let guest = lower(&self.user["userType"]).is_some_and(|kind| kind == "guest");
        let b2b = lower(&self.user["userPrincipalName"]).is_some_and(|name| name.contains("#ext#"));
        guest || (b2b && reads(self.tenant, "b2bMembers", "guests"))
    }

    /// Whether an include or exclude target means this person (sections 1.2 and 12).
    fn is_meant_by(&self, target: &Value) -> bool {
        let id = lower(&target["id"]);
        match target["targetType"].as_str() {
            _ if id.as_deref() == Some("all_users") => true,
            Some("user") => {
                let user = lower(&self.user["id"]);
                user.is_some() && user == id && !reads(self.tenant, "userTargets", "ignored")
            }
            _ => id.is_some_and(|id| self.groups.contains(&id)),
        }
    }
}

/// Section 9, last paragraph: a tenant without profiles has one that its legacy settings imply.
fn profiles<'t>(tenant: &'t Value, targets: &[&Value]) -> Vec<Cow<'t, Value>> {
    if is_legacy(tenant) {
        let implied = || Cow::Owned(implied_profile(&tenant["fido2"]));
        return (!targets.is_empty()).then(implied).into_iter().collect();
    }
    let ids: BTreeSet<_> = targets.iter().flat_map(|target| allowed_by(target, tenant)).collect();
    let known = list(&tenant["fido2"]["passkeyProfiles"]).iter();
    known.filter(|profile| lower(&profile["id"]).is_some_and(|id| ids.contains(&id))).map(Cow::Borrowed).collect()
}

/// Section 12: members of a group within a group belong to both, unless the tenant reads otherwise.
fn with_those_around(tenant: &Value, mut groups: BTreeSet<String>) -> BTreeSet<String> {
    let mut before = usize::MAX;
    while before != groups.len() && !reads(tenant, "nestedGroups", "ignored") {
        before = groups.len();
        groups.extend(containing(tenant, &groups));
    }
    groups
}

/// The groups that have one of `names` among their members.
fn containing(tenant: &Value, names: &BTreeSet<String>) -> BTreeSet<String> {
    let called = |member: &Value| match member {
        Value::Object(object) => object.get("id").and_then(lower),
        name => lower(name),
    };
    let has = |group: &&Value| list(&group["members"]).iter().filter_map(called).any(|name| names.contains(&name));
    list(&tenant["groups"]).iter().filter(has).filter_map(|group| lower(&group["id"])).collect()
}

/// Section 1.2: `passkeyProfiles` is empty while the tenant has not opted in.
pub fn is_legacy(tenant: &Value) -> bool {
    list(&tenant["fido2"]["passkeyProfiles"]).is_empty()
}

/// Section 9: both types while attestation is off, else device-bound ones only.
fn implied_profile(fido2: &Value) -> Value {
    let enforced = fido2["isAttestationEnforced"] == true;
    json!({
        "passkeyTypes": if enforced { "deviceBound" } else { "deviceBound,synced" },
        "attestationEnforcement": if enforced { "registrationOnly" } else { "disabled" },
        "keyRestrictions": fido2["keyRestrictions"],
    })
}

/// Section 12: a target without profiles, in a tenant that has some, allows nothing; by the other
/// reading the default profile.
fn allowed_by(target: &Value, tenant: &Value) -> Vec<String> {
    let named = list(&target["allowedPasskeyProfiles"]);
    if named.is_empty() && reads(tenant, "emptyAllowedPasskeyProfiles", "defaultProfile") {
        return lower(&tenant["fido2"]["defaultPasskeyProfile"]).into_iter().collect();
    }
    named.iter().filter_map(lower).collect()
}
