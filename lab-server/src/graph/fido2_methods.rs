//! `users/{id}/authentication/fido2Methods`.

use lab_directory::{Directory, Door, Event, Facet, RegisteredPasskey};
use lab_entra::Verdict;
use lab_entra::graph::Graph as _;
use lab_protocol::base64url;
use lab_protocol::webauthn::Ceremony;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Answered};
use super::call::{Call, Version};
use super::fault::Fault;
use super::{listed, users};
use crate::extract;

/// What Graph says of a body that is none (msgraph-beta-sdk-dotnet issue 941).
const BODY: &str = "The request must contain a fido2AuthenticationMethod entity with displayName and publicKeyCredential \
                    in the body.";

/// What is posted. Extras are taken: `@odata.type`, as Microsoft's SDK sends it, and what `toJSON()` of a
/// browser says besides.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Posted {
    #[serde(default)]
    display_name: Option<String>,
    public_key_credential: Credential,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential {
    id: String,
    #[serde(default)]
    client_extension_results: Option<Map<String, Value>>,
    response: Response,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(rename = "clientDataJSON")]
    client_data_json: String,
    attestation_object: String,
    #[serde(default)]
    transports: Option<Vec<String>>,
}

pub(super) async fn list(call: &Call) -> Answered {
    let (id, methods) = call.read(|directory| {
        let (id, _) = users::find(directory, call.id())?;
        let methods = directory.passkeys_of(&id).map(|passkey| method(call.version, passkey)).collect();
        Ok::<(String, Vec<Value>), Fault>((id, methods))
    })?;
    listed::list(call, &context(&id), methods)
}

pub(super) async fn get(call: &Call) -> Answered {
    let (id, method) = call.read(|directory| {
        let passkey = find(directory, call)?;
        Ok::<_, Fault>((passkey.user.clone(), method(call.version, passkey)))
    })?;
    listed::one(call, &format!("{}/$entity", context(&id)), method)
}

pub(super) async fn create(call: &Call) -> Answered {
    let (user, _) = call.read(|directory| users::find(directory, call.id()))?;
    let body = Value::Object(call.object().map_err(|_| Fault::bad_request(BODY))?.clone());
    let posted: Posted = extract::from_value(&body, "The body")
        .map_err(|problem| Fault::bad_request(format!("{BODY} {}", problem.detail)))?;
    begun_here(call, &user, &posted.public_key_credential)?;
    let response = response(&posted.public_key_credential);
    let name = posted.display_name.as_deref();
    let told = call.lab.answer(Ceremony::Registration, response, name, call.ids.at).await?;
    let id = match (told.verdict, told.passkey) {
        (Verdict::Allowed, Some(id)) => id,
        _ => return Err(refused(told.decided_by, told.message)),
    };
    let made = call.read(|directory| directory.passkey(&id).map(|passkey| method(call.version, passkey)));
    // Somebody may have deleted it already; it was registered all the same.
    let made = made.unwrap_or_else(|| json!({"id": id}));
    listed::made(call, &format!("{}/$entity", context(&user)), made)
}

pub(super) async fn delete(call: &Call) -> Answered {
    let facets = || {
        let id = call.read(|directory| find(directory, call).map(|passkey| passkey.id.clone()));
        id.map(|id| vec![Facet::Passkey(id)]).unwrap_or_default()
    };
    let facets = facets();
    call.change(
        || facets.clone(),
        |directory| {
            let passkey = find(directory, call)?;
            Ok(Event::PasskeyDeleted {
                user: passkey.user.clone(),
                passkey: passkey.id.clone(),
                display_name: passkey.method.display_name.clone(),
                aa_guid: passkey.method.aa_guid.clone(),
            })
        },
    )
    .await?;
    Answer::no_content()
}

fn context(user: &str) -> String {
    format!("users('{user}')/authentication/fido2Methods")
}

fn find<'d>(directory: &'d Directory, call: &Call) -> Result<&'d RegisteredPasskey, Fault> {
    let (user, _) = users::find(directory, call.id())?;
    let id = call.parameters.get(1).map_or("", String::as_str);
    let passkey = directory.passkey(id).filter(|passkey| passkey.user.eq_ignore_ascii_case(&user));
    passkey.map(|passkey| &**passkey).ok_or_else(|| {
        let id: String = id.chars().take(80).collect();
        Fault::not_found(format!("The user has no fido2AuthenticationMethod with the id '{id}'."))
    })
}

/// A passkey as Graph lists it; the last use is beta's.
fn method(version: Version, passkey: &RegisteredPasskey) -> Value {
    let mut method = passkey.method.write();
    if let Value::Object(method) = &mut method {
        method.shift_remove("publicKeyCredential");
        if version == Version::V1 {
            method.shift_remove("lastUsedDateTime");
        }
    }
    method
}

/// The posted credential as `RegistrationResponseJSON`, which Graph's form leaves things out of.
fn response(credential: &Credential) -> Value {
    json!({
        "id": credential.id,
        "rawId": credential.id,
        "type": "public-key",
        "clientExtensionResults": credential.client_extension_results.clone().unwrap_or_default(),
        "response": {
            "clientDataJSON": credential.response.client_data_json,
            "attestationObject": credential.response.attestation_object,
            "transports": credential.response.transports.clone().unwrap_or_default(),
        },
    })
}

/// Options are answered where they were asked for, and for the user that they were made for. What is no
/// challenge at all is left to the ceremony itself.
fn begun_here(call: &Call, user: &str, credential: &Credential) -> Result<(), Fault> {
    let client_data = base64url::decode(&credential.response.client_data_json).unwrap_or_default();
    let client_data: Value = serde_json::from_slice(&client_data).unwrap_or_default();
    let challenge = client_data.get("challenge").and_then(Value::as_str).unwrap_or_default();
    let challenge = base64url::decode(challenge).unwrap_or_default();
    let waiting = call.lab.waiting();
    let Some(context) = waiting.look(&challenge).map(|waiting| &waiting.context) else { return Ok(()) };
    if context.door != Door::Graph {
        return Err(Fault::bad_request("The challenge was not issued by creationOptions: ask for options first."));
    }
    if !context.user.as_deref().is_some_and(|owner| owner.eq_ignore_ascii_case(user)) {
        return Err(Fault::bad_request("The challenge was issued for another user: ask for options of this one."));
    }
    Ok(())
}

/// A registration that the relying party or the policy refuses, with the rule that did it.
fn refused(decided_by: Option<String>, message: String) -> Fault {
    let Some(rule) = decided_by else { return Fault::bad_request(message) };
    let more = format!("passkey-lab explain {rule}");
    Fault::bad_request(format!("{message} [{rule}]")).because(rule, more)
}
