//! Client extensions: what becomes of an input on its way to the authenticator, and of the output on
//! its way back (`webauthn-3 §9, §10`; `ctap-2.2 §12` for the CTAP names).

pub(crate) mod large_blob;
pub(crate) mod prf;

use lab_protocol::cbor::Value as Cbor;
use lab_protocol::cbor::{self, Rules};
use lab_protocol::webauthn::AuthenticatorData;
use lab_protocol::{Base64Url, base64url};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::error::Cause;
use crate::key::Key;

/// Extension inputs and outputs by name, as pages see them.
type Extensions = Map<String, Value>;

/// The names of `credentialProtectionPolicy`, from level 1 on.
const PROTECTION: [&str; 3] =
    ["userVerificationOptional", "userVerificationOptionalWithCredentialIDList", "userVerificationRequired"];

/// What an authenticator is asked for on behalf of extensions.
type Inputs = Vec<(Cbor, Cbor)>;

/// Authenticator extension inputs of a registration. `resident_key` is whether a discoverable credential is asked for.
///
/// # Errors
/// A protection is enforced, or large blobs are required, and the authenticator does not know them.
pub(crate) fn registration_inputs(extensions: &Extensions, key: &Key, resident_key: bool) -> Result<Inputs, Cause> {
    let mut inputs = Vec::new();
    if let Some(level) = credential_protection(extensions, key)? {
        inputs.push(("credProtect".into(), level.into()));
    }
    if large_blob::is_supported(extensions, key, resident_key)? {
        inputs.push(("largeBlobKey".into(), true.into()));
    }
    if let Some(blob) = bytes(extensions.get("credBlob")).filter(|_| key.has_extension("credBlob")) {
        inputs.push(("credBlob".into(), Cbor::Bytes(blob)));
    }
    let wants_secret = is_true(extensions, "hmacCreateSecret") || extensions.contains_key("prf");
    for (wanted, name) in [
        (wants_secret, "hmac-secret"),
        (is_true(extensions, "minPinLength"), "minPinLength"),
        (is_payment(extensions), "thirdPartyPayment"),
    ] {
        if wanted && key.has_extension(name) {
            inputs.push((name.into(), true.into()));
        }
    }
    Ok(inputs)
}

/// Authenticator extension inputs of a sign-in, but for the salts of hmac-secret.
pub(crate) fn authentication_inputs(extensions: &Extensions, key: &Key) -> Inputs {
    let wanted = [
        (is_true(extensions, "getCredBlob"), "credBlob"),
        (large_blob::operation(extensions).is_some(), "largeBlobKey"),
        (is_payment(extensions), "thirdPartyPayment"),
    ];
    let sent = wanted.into_iter().filter(|(wanted, name)| *wanted && key.has_extension(name));
    sent.map(|(_, name)| (name.into(), true.into())).collect()
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

/// What became of a registration, as far as its extensions depend on it.
pub(crate) struct Made<'a> {
    /// Authenticator data.
    pub(crate) auth_data: &'a [u8],
    /// Whether a discoverable credential was asked for.
    pub(crate) resident_key: bool,
    /// Whether the credential got a key for large blobs.
    pub(crate) large_blobs: bool,
    /// The outputs of hmac-secret-mc.
    pub(crate) evaluation: Option<&'a prf::Evaluation>,
}

/// Client extension outputs of a registration.
pub(crate) fn registration_outputs(extensions: &Extensions, made: &Made<'_>) -> Extensions {
    let secret = authenticator_output(made.auth_data, "hmac-secret") == Some(Cbor::Bool(true));
    let results = made.evaluation.zip(authenticator_output(made.auth_data, "hmac-secret-mc"));
    let results = results.and_then(|(evaluation, output)| evaluation.results(&output));
    let mut outputs = Extensions::new();
    if is_true(extensions, "credProps") {
        outputs.insert("credProps".to_owned(), json!({ "rk": made.resident_key }));
    }
    if extensions.contains_key("hmacCreateSecret") {
        outputs.insert("hmacCreateSecret".to_owned(), secret.into());
    }
    if extensions.contains_key("prf") {
        let output = match results {
            Some(results) => json!({ "enabled": secret, "results": results }),
            None => json!({ "enabled": secret }),
        };
        outputs.insert("prf".to_owned(), output);
    }
    if extensions.contains_key("credBlob") {
        let stored = authenticator_output(made.auth_data, "credBlob") == Some(Cbor::Bool(true));
        outputs.insert("credBlob".to_owned(), stored.into());
    }
    if extensions.contains_key("largeBlob") {
        outputs.insert("largeBlob".to_owned(), json!({ "supported": made.large_blobs }));
    }
    outputs
}

/// Client extension outputs of a sign-in. What could not be had is left out, as `webauthn-3 §10.1.4, §10.1.5` allow.
pub(crate) fn authentication_outputs(
    extensions: &Extensions,
    auth_data: &[u8],
    evaluation: Option<&prf::Evaluation>,
    blob: Option<&large_blob::Done>,
) -> Extensions {
    let results = evaluation.zip(authenticator_output(auth_data, "hmac-secret"));
    let results = results.and_then(|(evaluation, output)| evaluation.results(&output));
    let mut outputs = Extensions::new();
    if extensions.contains_key("appid") {
        outputs.insert("appid".to_owned(), json!(false));
    }
    match (extensions.contains_key("prf"), extensions.contains_key("hmacGetSecret"), results) {
        (true, _, Some(results)) => _ = outputs.insert("prf".to_owned(), json!({ "results": results })),
        (true, _, None) => _ = outputs.insert("prf".to_owned(), json!({})),
        (false, true, Some(results)) => _ = outputs.insert("hmacGetSecret".to_owned(), results),
        (false, ..) => {}
    }
    if is_true(extensions, "getCredBlob")
        && let Some(Cbor::Bytes(blob)) = authenticator_output(auth_data, "credBlob")
    {
        outputs.insert("getCredBlob".to_owned(), json!(Base64Url(blob)));
    }
    if extensions.contains_key("largeBlob") {
        outputs.insert("largeBlob".to_owned(), large_blob::output(extensions, blob));
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

/// `payment` with `isPayment`: Secure Payment Confirmation.
fn is_payment(extensions: &Extensions) -> bool {
    extensions.get("payment").and_then(|payment| payment.get("isPayment")) == Some(&Value::Bool(true))
}

/// A binary member.
fn bytes(value: Option<&Value>) -> Option<Vec<u8>> {
    base64url::decode(value?.as_str()?).ok()
}

fn authenticator_output(auth_data: &[u8], name: &str) -> Option<Cbor> {
    let data = AuthenticatorData::parse(auth_data).ok()?;
    let outputs = cbor::decode(data.extensions?, Rules::RELYING_PARTY).ok()?.into_map().ok()?;
    outputs.into_iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}
