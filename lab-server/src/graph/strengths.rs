//! `policies/authenticationStrengthPolicies`: stored and returned; nothing evaluates them yet.

use lab_entra::Tenant;
use lab_entra::tenant::Resource;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Answered};
use super::call::Call;
use super::fault::Fault;
use super::policies::{Collection, required};
use super::{conditional_access, policies};

/// At most so many of a tenant's own (authentication strength concept page, read 2026-11-20).
const MAX_CUSTOM: usize = 15;

static STRENGTHS: Collection = Collection {
    resource: Resource::AuthenticationStrengths,
    context: "policies/authenticationStrengthPolicies",
    what: "authenticationStrengthPolicy",
    stored: Tenant::authentication_strengths,
    built_in,
    check,
};

/// The strengths that every tenant has (Graph, list authenticationStrengthPolicies @028b8e35).
fn built_in() -> Vec<Value> {
    let one = |id: u8, name: &str, combinations: &[&str]| {
        json!({
            "id": format!("00000000-0000-0000-0000-{id:012}"),
            "createdDateTime": "2021-12-01T00:00:00Z",
            "modifiedDateTime": "2021-12-01T00:00:00Z",
            "displayName": name,
            "policyType": "builtIn",
            "requirementsSatisfied": "mfa",
            "allowedCombinations": combinations,
            "combinationConfigurations": [],
        })
    };
    let passwordless = ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush"];
    vec![
        one(2, "Multifactor authentication", MULTIFACTOR),
        one(3, "Passwordless MFA", &passwordless),
        one(4, "Phishing-resistant MFA", &passwordless[..3]),
    ]
}

const MULTIFACTOR: &[&str] = &[
    "windowsHelloForBusiness",
    "fido2",
    "x509CertificateMultiFactor",
    "deviceBasedPush",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "password,microsoftAuthenticatorPush",
    "password,softwareOath",
    "password,hardwareOath",
    "password,x509CertificateSingleFactor",
    "password,x509CertificateMultiFactor",
    "password,sms",
    "password,voice",
    "federatedMultiFactor",
    "microsoftAuthenticatorPush,federatedSingleFactor",
    "softwareOath,federatedSingleFactor",
    "hardwareOath,federatedSingleFactor",
    "sms,federatedSingleFactor",
    "voice,federatedSingleFactor",
];

fn check(item: &Value, others: &[Value]) -> Result<(), Fault> {
    required(item, "displayName")?;
    let combinations = item.get("allowedCombinations").and_then(Value::as_array);
    if !combinations.is_some_and(|all| !all.is_empty() && all.iter().all(Value::is_string)) {
        return Err(Fault::bad_request("$.allowedCombinations: expected an array of texts that is not empty."));
    }
    if others.len() >= MAX_CUSTOM {
        return Err(Fault::bad_request(format!("A tenant has at most {MAX_CUSTOM} strengths of its own.")));
    }
    Ok(())
}

pub(super) async fn list(call: &Call) -> Answered {
    STRENGTHS.list(call)
}

pub(super) async fn get(call: &Call) -> Answered {
    STRENGTHS.get(call)
}

pub(super) async fn create(call: &Call) -> Answered {
    STRENGTHS.create(call).await
}

pub(super) async fn patch(call: &Call) -> Answered {
    let patch = call.object()?;
    if patch.contains_key("allowedCombinations") {
        return Err(Fault::bad_request("Combinations are changed by updateAllowedCombinations."));
    }
    STRENGTHS.patch(call, patch).await?;
    Answer::no_content()
}

/// A strength that a Conditional Access policy demands cannot be deleted.
pub(super) async fn delete(call: &Call) -> Answered {
    STRENGTHS
        .delete(call, |tenant| match conditional_access::demanding(tenant, call.id()) {
            Some(policy) => {
                Err(Fault::bad_request(format!("The Conditional Access policy {policy} demands this strength.")))
            }
            None => Ok(()),
        })
        .await
}

pub(super) async fn update_allowed_combinations(call: &Call) -> Answered {
    let combinations = call.object()?.get("allowedCombinations").cloned().unwrap_or_default();
    let own = STRENGTHS.own(&call.lab.store.tenant());
    let before = own.into_iter().find(|item| item["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(call.id())));
    let patch = Map::from_iter([("allowedCombinations".to_owned(), combinations.clone())]);
    STRENGTHS.patch(call, &patch).await?;
    let mut answer = json!({
        "@odata.context": call.context("microsoft.graph.updateAllowedCombinationsResult"),
        "currentCombinations": combinations,
        "additionalInformation": "",
        "conditionalAccessReferences": [],
    });
    let previous = before.map(|before| before["allowedCombinations"].clone()).unwrap_or_default();
    policies::merge(&mut answer, &Map::from_iter([("previousCombinations".to_owned(), previous)]));
    Answer::ok(answer)
}
