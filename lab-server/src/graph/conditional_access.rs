//! `identity/conditionalAccess/policies`: stored and returned; nothing evaluates them yet.

use lab_entra::Tenant;
use lab_entra::tenant::Resource;
use serde_json::Value;

use super::answer::{Answer, Answered};
use super::call::Call;
use super::fault::Fault;
use super::policies::{Collection, required};

/// What `state` may be.
const STATES: [&str; 3] = ["enabled", "disabled", "enabledForReportingButNotEnforced"];
/// The most policies of a tenant, so that nobody fills the lab with them.
const MAX_POLICIES: usize = 500;

static POLICIES: Collection = Collection {
    resource: Resource::ConditionalAccess,
    context: "identity/conditionalAccess/policies",
    what: "conditionalAccessPolicy",
    stored: Tenant::conditional_access,
    built_in: Vec::new,
    check,
};

fn check(item: &Value, others: &[Value]) -> Result<(), Fault> {
    required(item, "displayName")?;
    let state = required(item, "state")?;
    if !STATES.contains(&state) {
        return Err(Fault::bad_request(format!("$.state: expected one of {}.", STATES.join(", "))));
    }
    if !item.get("conditions").is_some_and(Value::is_object) {
        return Err(Fault::bad_request("$.conditions: expected an object."));
    }
    if others.len() >= MAX_POLICIES {
        return Err(Fault::bad_request(format!("A tenant has at most {MAX_POLICIES} Conditional Access policies.")));
    }
    Ok(())
}

/// The name of a policy that demands a strength.
pub(super) fn demanding(tenant: &Tenant, strength: &str) -> Option<String> {
    let demands = |policy: &Value| {
        let id = policy.pointer("/grantControls/authenticationStrength/id").and_then(Value::as_str);
        id.is_some_and(|id| id.eq_ignore_ascii_case(strength))
    };
    let found = POLICIES.own(tenant).into_iter().find(demands)?;
    Some(found["displayName"].as_str().or(found["id"].as_str()).unwrap_or_default().to_owned())
}

pub(super) async fn list(call: &Call) -> Answered {
    POLICIES.list(call)
}

pub(super) async fn get(call: &Call) -> Answered {
    POLICIES.get(call)
}

pub(super) async fn create(call: &Call) -> Answered {
    POLICIES.create(call).await
}

pub(super) async fn patch(call: &Call) -> Answered {
    POLICIES.patch(call, call.object()?).await?;
    Answer::no_content()
}

pub(super) async fn delete(call: &Call) -> Answered {
    POLICIES.delete(call, |_| Ok(())).await
}
