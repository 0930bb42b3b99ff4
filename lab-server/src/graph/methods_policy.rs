//! `policies/authenticationMethodsPolicy`: the policy of all methods.

use lab_entra::tenant::{Resource, Tenant};
use serde_json::{Value, json};

use super::answer::{Answer, Answered};
use super::call::Call;
use super::fault::Fault;
use super::{configurations, listed, policies};

const CONFIGURATIONS: &str = "authenticationMethodConfigurations";

pub(super) async fn get(call: &Call) -> Answered {
    listed::one(call, "authenticationMethodsPolicy", of(&call.lab.store.tenant()))
}

/// Changes what is not the configuration of a method: registration campaign, system-preferred method and
/// whatever else the policy says.
pub(super) async fn patch(call: &Call) -> Answered {
    let patch = call.object()?;
    if patch.contains_key(CONFIGURATIONS) {
        let message = "The configurations of methods are changed one by one, below authenticationMethodConfigurations.";
        return Err(Fault::bad_request(message));
    }
    policies::change(call, Resource::AuthenticationMethodsPolicy, |tenant| {
        let before = of(tenant);
        let mut after = before.clone();
        policies::merge(&mut after, patch);
        after["lastModifiedDateTime"] = call.ids.at.to_string().into();
        Ok((Some(before), after))
    })
    .await?;
    Answer::no_content()
}

/// The whole policy: as it was exported, with the configurations as they stand.
fn of(tenant: &Tenant) -> Value {
    let mut policy = json!({
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "The tenant-wide policy that controls which authentication methods are allowed in the tenant",
        "policyVersion": "1.5",
        "policyMigrationState": "migrationComplete",
    });
    if let Some(Value::Object(exported)) = tenant.to_json().get(Resource::AuthenticationMethodsPolicy.key()) {
        policies::merge(&mut policy, exported);
    }
    policy[CONFIGURATIONS] = Value::Array(configurations::of(tenant));
    policy
}
