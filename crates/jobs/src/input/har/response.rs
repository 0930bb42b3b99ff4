//! Responses under the names that pages send them with: `toJSON()`, and the flat fields of Entra's forms.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use lab_protocol::base64url;
use lab_protocol::webauthn::{AttestationObject, AuthenticatorData};
use serde_json::{Map, Value, json};

/// A response, its bytes as strict base64url.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recorded {
    id: Option<String>,
    client_data: String,
    proof: Proof,
    transports: Option<Value>,
    extension_results: Value,
}

#[derive(Debug, Clone, PartialEq)]
enum Proof {
    Registration { attestation_object: String },
    Authentication { authenticator_data: String, signature: String, user_handle: Option<String> },
}

impl Recorded {
    /// The response that an object is. An envelope is none: what it holds is looked at by itself.
    pub(super) fn of(object: &Map<String, Value>) -> Option<Self> {
        let inner = object.get("response").or_else(|| object.get("Response")).and_then(Value::as_object);
        if inner.is_none() && object.contains_key("type") && !object.contains_key("clientDataJSON") {
            return None;
        }
        let text = |name: &str| inner.and_then(|inner| member(inner, name)).or_else(|| member(object, name));
        let bytes = |name: &str| text(name).and_then(Value::as_str).map(to_base64url);
        let client_data = bytes("clientDataJSON")?;
        let proof = match (bytes("attestationObject"), bytes("authenticatorData"), bytes("signature")) {
            (Some(attestation_object), _, _) => Proof::Registration { attestation_object },
            (None, Some(authenticator_data), Some(signature)) => {
                let user_handle = bytes("userHandle").filter(|handle| !handle.is_empty());
                Proof::Authentication { authenticator_data, signature, user_handle }
            }
            _ => return None,
        };
        let id = ["rawId", "credentialId", "id"].iter().find_map(|name| member(object, name)?.as_str());
        let results = member(object, "clientExtensionResults").filter(|results| results.is_object());
        Some(Self {
            id: id.map(to_base64url),
            client_data,
            proof,
            transports: text("transports").filter(|transports| transports.is_array()).cloned(),
            extension_results: results.cloned().unwrap_or_else(|| json!({})),
        })
    }

    pub(super) const fn kind(&self) -> &'static str {
        match self.proof {
            Proof::Registration { .. } => "registration",
            Proof::Authentication { .. } => "authentication",
        }
    }

    pub(super) const fn is_authentication(&self) -> bool {
        matches!(self.proof, Proof::Authentication { .. })
    }

    /// Whether the same bytes were sent before, perhaps under other names.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.client_data, &self.proof) == (&other.client_data, &other.proof)
    }

    /// The response as `toJSON()` writes it.
    pub(super) fn to_json(&self) -> Value {
        let id = self.id.clone().or_else(|| self.attested().map(|(id, _)| id)).unwrap_or_default();
        let mut inner = match &self.proof {
            Proof::Registration { attestation_object } => json!({ "attestationObject": attestation_object }),
            Proof::Authentication { authenticator_data, signature, user_handle } => json!({
                "authenticatorData": authenticator_data, "signature": signature, "userHandle": user_handle,
            }),
        };
        inner["clientDataJSON"] = json!(self.client_data);
        if let Some(transports) = &self.transports {
            inner["transports"] = transports.clone();
        }
        json!({
            "id": id, "rawId": id, "type": "public-key", "response": inner,
            "clientExtensionResults": self.extension_results,
        })
    }

    /// The key that was registered here, if `other` signs with it.
    pub(super) fn key_of(&self, other: &Self) -> Option<String> {
        let (id, key) = self.attested()?;
        (other.id.as_ref() == Some(&id)).then_some(key)
    }

    /// Credential id and key of a registration.
    fn attested(&self) -> Option<(String, String)> {
        let Proof::Registration { attestation_object } = &self.proof else { return None };
        let object = base64url::decode(attestation_object).ok()?;
        let object = AttestationObject::parse(&object).ok()?;
        let data = AuthenticatorData::parse(object.auth_data).ok()?;
        let attested = data.attested?;
        Some((base64url::encode(attested.credential_id), base64url::encode(attested.public_key)))
    }
}

/// The member of this name, whatever its case: Entra writes `clientDataJson` and `AttestationObject` too.
fn member<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Bytes in any base64 that pages write, as strict base64url: with padding, of the other alphabet, or with .NET's
/// digit that counts the padding. What is none of them is kept, so that whoever reads it says what is wrong.
pub(super) fn to_base64url(text: &str) -> String {
    if base64url::decode(text).is_ok() {
        return text.to_owned();
    }
    let bytes = STANDARD.decode(text).ok().or_else(|| {
        let text = text.replace('+', "-").replace('/', "_");
        URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
    });
    let counted = || text.strip_suffix(['0', '1', '2']).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    bytes.or_else(counted).map_or_else(|| text.to_owned(), base64url::encode)
}
