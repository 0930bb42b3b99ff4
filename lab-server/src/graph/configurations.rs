//! `policies/authenticationMethodsPolicy/authenticationMethodConfigurations`.

use lab_entra::graph::Graph as _;
use lab_entra::switches::PATCHED_PROFILES;
use lab_entra::tenant::{Resource, Tenant};
use serde_json::{Map, Value, json};

use super::answer::{Answer, Answered};
use super::call::Call;
use super::fault::Fault;
use super::{listed, policies};

const CONTEXT: &str = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations";
const ENTITY: &str = "authenticationMethodConfigurations/$entity";

/// A method whose configuration the lab keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Fido2,
    TemporaryAccessPass,
}

impl Method {
    const ALL: [Self; 2] = [Self::Fido2, Self::TemporaryAccessPass];

    fn named(id: &str) -> Result<Self, Fault> {
        let found = Self::ALL.into_iter().find(|method| method.id().eq_ignore_ascii_case(id));
        found.ok_or_else(|| {
            let id: String = id.chars().take(80).collect();
            let known = "this lab has Fido2 and TemporaryAccessPass";
            Fault::not_found(format!("There is no authenticationMethodConfiguration '{id}': {known}."))
        })
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Fido2 => "Fido2",
            Self::TemporaryAccessPass => "TemporaryAccessPass",
        }
    }

    const fn odata_type(self) -> &'static str {
        match self {
            Self::Fido2 => "#microsoft.graph.fido2AuthenticationMethodConfiguration",
            Self::TemporaryAccessPass => "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration",
        }
    }

    const fn resource(self) -> Resource {
        match self {
            Self::Fido2 => Resource::Fido2,
            Self::TemporaryAccessPass => Resource::TemporaryAccessPass,
        }
    }

    /// As the tenant has it, with what Graph always says.
    fn of(self, tenant: &Tenant) -> Value {
        let stored = match self {
            Self::Fido2 => Some(tenant.fido2().write()),
            Self::TemporaryAccessPass => tenant.temporary_access_pass().cloned(),
        };
        let mut whole = json!({"@odata.type": self.odata_type(), "id": self.id()});
        if let Value::Object(stored) = stored.unwrap_or_else(|| self.factory()) {
            policies::merge(&mut whole, &stored);
        }
        whole
    }

    /// As a new tenant has it. Passkeys: the sample of the older reference page; passes: the table of
    /// `howto-authentication-temporary-access-pass.md` (2026-03-04).
    fn factory(self) -> Value {
        let everybody = json!([{"targetType": "group", "id": "all_users", "isRegistrationRequired": false}]);
        match self {
            Self::Fido2 => json!({
                "@odata.type": self.odata_type(),
                "id": self.id(),
                "state": "disabled",
                "isSelfServiceRegistrationAllowed": true,
                "isAttestationEnforced": true,
                "keyRestrictions": {"isEnforced": false, "enforcementType": "block", "aaGuids": []},
                "defaultPasskeyProfile": null,
                "passkeyProfiles": [],
                "includeTargets": everybody,
                "excludeTargets": [],
            }),
            Self::TemporaryAccessPass => json!({
                "@odata.type": self.odata_type(),
                "id": self.id(),
                "state": "disabled",
                "defaultLifetimeInMinutes": 60,
                "defaultLength": 8,
                "minimumLifetimeInMinutes": 60,
                "maximumLifetimeInMinutes": 480,
                "isUsableOnce": false,
                "includeTargets": everybody,
                "excludeTargets": [],
            }),
        }
    }
}

/// Every configuration of a tenant: those that the lab keeps, and what else an export brought along.
pub(super) fn of(tenant: &Tenant) -> Vec<Value> {
    let whole = tenant.to_json();
    let exported = whole.pointer("/authenticationMethodsPolicy/authenticationMethodConfigurations");
    let others = exported.and_then(Value::as_array).into_iter().flatten().filter(|item| {
        let id = item["id"].as_str().unwrap_or_default();
        Method::ALL.iter().all(|method| !method.id().eq_ignore_ascii_case(id))
    });
    Method::ALL.iter().map(|method| method.of(tenant)).chain(others.cloned()).collect()
}

pub(super) async fn list(call: &Call) -> Answered {
    listed::list(call, CONTEXT, of(&call.lab.store.tenant()))
}

pub(super) async fn get(call: &Call) -> Answered {
    let id = |item: &Value| item["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(call.id()));
    match of(&call.lab.store.tenant()).into_iter().find(id) {
        Some(found) => listed::one(call, ENTITY, found),
        None => Err(Method::named(call.id()).err().unwrap_or_else(|| Fault::not_found("It is not there."))),
    }
}

pub(super) async fn patch(call: &Call) -> Answered {
    let method = Method::named(call.id())?;
    let patch = call.object()?;
    typed(patch, method)?;
    policies::change(call, method.resource(), |tenant| {
        let before = method.of(tenant);
        let after = patched(&before, patch, tenant);
        if method == Method::TemporaryAccessPass {
            lifetimes(&after)?;
        }
        Ok((Some(before), after))
    })
    .await?;
    Answer::no_content()
}

/// DELETE puts the configuration back to what a new tenant has.
pub(super) async fn reset(call: &Call) -> Answered {
    let method = Method::named(call.id())?;
    policies::change(call, method.resource(), |tenant| Ok((Some(method.of(tenant)), method.factory()))).await?;
    Answer::no_content()
}

/// The configuration after a PATCH. What a `passkeyProfiles` without some of the profiles does to those is
/// not documented: [`PATCHED_PROFILES`].
fn patched(before: &Value, patch: &Map<String, Value>, tenant: &Tenant) -> Value {
    let mut after = before.clone();
    policies::merge(&mut after, patch);
    let given = patch.get("passkeyProfiles").and_then(Value::as_array);
    if let Some(given) = given.filter(|_| tenant.switches().other(&PATCHED_PROFILES)) {
        after["passkeyProfiles"] = by_id(before["passkeyProfiles"].as_array(), given);
    }
    after
}

/// Profiles with those of the same id changed, and new ones after them.
fn by_id(before: Option<&Vec<Value>>, given: &[Value]) -> Value {
    let mut profiles = before.cloned().unwrap_or_default();
    for profile in given {
        let same = profiles.iter_mut().find(|other| profile["id"].is_string() && other["id"] == profile["id"]);
        match (same, profile) {
            (Some(same), Value::Object(patch)) => policies::merge(same, patch),
            _ => profiles.push(profile.clone()),
        }
    }
    Value::Array(profiles)
}

/// Graph demands the type of a configuration in every PATCH, and no other id.
fn typed(patch: &Map<String, Value>, method: Method) -> Result<(), Fault> {
    let expected = method.odata_type();
    let same = |text: &str| text.trim_start_matches('#').eq_ignore_ascii_case(expected.trim_start_matches('#'));
    if !patch.get("@odata.type").and_then(Value::as_str).is_some_and(same) {
        return Err(Fault::bad_request(format!("The body has to say \"@odata.type\": \"{expected}\".")));
    }
    let other = patch.get("id").filter(|id| !id.as_str().is_some_and(|id| id.eq_ignore_ascii_case(method.id())));
    other.map_or(Ok(()), |_| Err(Fault::bad_request("The id of a configuration cannot be changed.")))
}

/// The ranges of a pass's policy (`howto-authentication-temporary-access-pass.md`, 2026-03-04).
fn lifetimes(policy: &Value) -> Result<(), Fault> {
    let number = |key: &str, range: std::ops::RangeInclusive<u64>| match policy.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64().filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number)),
            None => {
                let (least, most) = (range.start(), range.end());
                Err(Fault::bad_request(format!(
                    "$.{key}: expected a whole number from {least} to {most}, found {value}."
                )))
            }
        },
    };
    number("defaultLength", 8..=48)?;
    let least = number("minimumLifetimeInMinutes", 10..=43_200)?;
    let usual = number("defaultLifetimeInMinutes", 10..=43_200)?;
    let most = number("maximumLifetimeInMinutes", 10..=43_200)?;
    let in_order = |a: Option<u64>, b: Option<u64>| a.zip(b).is_none_or(|(a, b)| a <= b);
    if in_order(least, usual) && in_order(usual, most) && in_order(least, most) {
        return Ok(());
    }
    Err(Fault::bad_request("The default lifetime of a pass lies between the minimum and the maximum."))
}
