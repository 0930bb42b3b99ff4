//! Client extensions: what becomes of an input on its way to the authenticator, and of the output on
//! its way back (`webauthn-3 §9, §10`; `ctap-2.2 §12` for the CTAP names).

use lab_protocol::cbor::Value as Cbor;
use lab_protocol::cbor::{self, Rules};
use lab_protocol::webauthn::AuthenticatorData;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::error::Cause;
use crate::key::Key;

/// Extension inputs and outputs by name, as pages see them.
type Extensions = Map<String, Value>;

/// The names of `credentialProtectionPolicy`, from level 1 on.
const PROTECTION: [&str; 3] =
    ["userVerificationOptional", "userVerificationOptionalWithCredentialIDList", "userVerificationRequired"];

/// Authenticator extension inputs of a registration.
///
/// # Errors
/// A protection is enforced that the authenticator does not know.
pub(crate) fn registration_inputs(extensions: &Extensions, key: &Key) -> Result<Vec<(Cbor, Cbor)>, Cause> {
    let mut inputs = Vec::new();
    if let Some(level) = credential_protection(extensions, key)? {
        inputs.push(("credProtect".into(), level.into()));
    }
    let wants_secret = is_true(extensions, "hmacCreateSecret") || extensions.contains_key("prf");
    for (wanted, name) in [(wants_secret, "hmac-secret"), (is_true(extensions, "minPinLength"), "minPinLength")] {
        if wanted && key.has_extension(name) {
            inputs.push((name.into(), true.into()));
        }
    }
    Ok(inputs)
}

fn credential_protection(extensions: &Extensions, key: &Key) -> Result<Option<u8>, Cause> {
    let Some(policy) = extensions.get("credentialProtectionPolicy").and_then(Value::as_str) else { return Ok(None) };
    let Some(level) = (1..).zip(PROTECTION).find(|(_, name)| *name == policy).map(|(level, _)| level) else {
        return Ok(None);
    };
    if key.has_extension("credProtect") {
        return Ok(Some(level));
    }
    if level > 1 && is_true(extensions, "enforceCredentialProtectionPolicy") {
        return Err(Cause::NoCredProtect { policy: policy.to_owned() });
    }
    Ok(None)
}

/// Client extension outputs of a registration. `resident_key` is what was asked of the authenticator.
pub(crate) fn registration_outputs(extensions: &Extensions, auth_data: &[u8], resident_key: bool) -> Extensions {
    let secret = authenticator_output(auth_data, "hmac-secret") == Some(Cbor::Bool(true));
    let mut outputs = Extensions::new();
    if is_true(extensions, "credProps") {
        outputs.insert("credProps".to_owned(), json!({ "rk": resident_key }));
    }
    if extensions.contains_key("hmacCreateSecret") {
        outputs.insert("hmacCreateSecret".to_owned(), secret.into());
    }
    if extensions.contains_key("prf") {
        outputs.insert("prf".to_owned(), json!({ "enabled": secret }));
    }
    if extensions.contains_key("largeBlob") {
        outputs.insert("largeBlob".to_owned(), json!({ "supported": false }));
    }
    outputs
}

/// Client extension outputs of a sign-in. The secrets of prf and hmac-secret travel encrypted under
/// the PIN/UV auth protocols, and large blobs under their tokens: without those there is no result,
/// which `webauthn-3 §10.1.4, §10.1.5` allow.
pub(crate) fn authentication_outputs(extensions: &Extensions) -> Extensions {
    let mut outputs = Extensions::new();
    for (name, output) in [("appid", json!(false)), ("prf", json!({}))] {
        if extensions.contains_key(name) {
            outputs.insert(name.to_owned(), output);
        }
    }
    if let Some(inputs) = extensions.get("largeBlob").and_then(Value::as_object) {
        let output = if inputs.contains_key("write") { json!({ "written": false }) } else { json!({}) };
        outputs.insert("largeBlob".to_owned(), output);
    }
    outputs
}

/// The salt that hmac-secret is given for an input of prf (`webauthn-3 §10.1.4`).
#[must_use]
pub fn prf_salt(input: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(b"WebAuthn PRF\0").chain_update(input).finalize().into()
}

fn is_true(extensions: &Extensions, name: &str) -> bool {
    extensions.get(name) == Some(&Value::Bool(true))
}

fn authenticator_output(auth_data: &[u8], name: &str) -> Option<Cbor> {
    let data = AuthenticatorData::parse(auth_data).ok()?;
    let outputs = cbor::decode(data.extensions?, Rules::RELYING_PARTY).ok()?.into_map().ok()?;
    outputs.into_iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}
