//! Reading options as `parseCreationOptionsFromJSON()` and `parseRequestOptionsFromJSON()` do
//! (`webauthn-3 §5.1.8, §5.1.9`), and what has to hold before anything is sent.

use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::options::CredentialParameters;
use lab_protocol::webauthn::{PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use lab_protocol::{Base64Url, base64url};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::DomName;

/// The only credential type that exists.
pub(crate) const PUBLIC_KEY: &str = "public-key";

/// Lengths of a user handle (`webauthn-3 §5.4.3`).
const USER_ID: std::ops::RangeInclusive<usize> = 1..=64;

/// Members that are base64url, by path; `*` stands for every element or member.
const BINARY: &[&[&str]] = &[
    &["challenge"],
    &["user", "id"],
    &["excludeCredentials", "*", "id"],
    &["allowCredentials", "*", "id"],
    &["extensions", "prf", "eval", "first"],
    &["extensions", "prf", "eval", "second"],
    &["extensions", "prf", "evalByCredential", "*", "first"],
    &["extensions", "prf", "evalByCredential", "*", "second"],
    &["extensions", "largeBlob", "write"],
    &["extensions", "credBlob"],
    &["extensions", "hmacGetSecret", "salt1"],
    &["extensions", "hmacGetSecret", "salt2"],
];

/// Why options cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// Not the JSON that is expected.
    #[error("the options are not of the shape that WebAuthn defines: {0}")]
    Shape(String),
    /// A binary member is not base64url.
    #[error("{path}: {problem}")]
    Base64url {
        /// Its JSON path.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The user handle has a length that no authenticator takes.
    #[error("user.id has {found} bytes, expected 1 to 64")]
    UserIdLength {
        /// The length found.
        found: usize,
    },
    /// No entry of pubKeyCredParams is of a type that exists.
    #[error("pubKeyCredParams has only entries of unknown types ({found}), expected public-key")]
    NoSupportedType {
        /// The types found, shortened.
        found: String,
    },
    /// The largeBlob extension is used in a way that is not allowed.
    #[error("extensions.largeBlob: {0}")]
    LargeBlob(&'static str),
    /// The prf extension is used in a way that is not allowed.
    #[error("extensions.prf.evalByCredential: {0}")]
    Prf(&'static str),
    /// The prf extension names a credential that nobody asked for.
    #[error("extensions.prf.evalByCredential: {found:?} is no id of allowCredentials")]
    PrfCredential {
        /// The name found, shortened.
        found: String,
    },
}

impl OptionsError {
    /// What a page is told.
    #[must_use]
    pub const fn name(&self) -> DomName {
        match self {
            Self::Shape(_) | Self::UserIdLength { .. } => DomName::Type,
            Self::Base64url { .. } => DomName::Encoding,
            Self::NoSupportedType { .. } | Self::LargeBlob(_) | Self::Prf(_) => DomName::NotSupported,
            Self::PrfCredential { .. } => DomName::Syntax,
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Base64url { .. } => Some(
                "Graph sends excludeCredentials[].id with padding, or in .NET's token form with a trailing digit: decode it and write base64url without padding.",
            ),
            _ => None,
        }
    }
}

/// Reads options for `create`.
///
/// # Errors
/// JSON of another shape, with line and column, or a binary member that is not base64url, with its path.
pub fn creation_from_json(text: &str) -> Result<PublicKeyCredentialCreationOptions, OptionsError> {
    from_json(text)
}

/// Reads options for `get`.
///
/// # Errors
/// As [`creation_from_json`].
pub fn request_from_json(text: &str) -> Result<PublicKeyCredentialRequestOptions, OptionsError> {
    from_json(text)
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, OptionsError> {
    let shape = |error: serde_json::Error| OptionsError::Shape(error.to_string());
    let value: Value = serde_json::from_str(text).map_err(shape)?;
    for path in BINARY {
        check_binary(&value, path, &mut String::new())?;
    }
    serde_json::from_str(text).map_err(shape)
}

/// Decodes every text at `path`; other types are for the shape to refuse.
fn check_binary(value: &Value, path: &[&str], at: &mut String) -> Result<(), OptionsError> {
    let Some((name, rest)) = path.split_first() else {
        return match value.as_str().map(base64url::decode) {
            Some(Err(error)) => Err(OptionsError::Base64url { path: at.clone(), problem: error.to_string() }),
            _ => Ok(()),
        };
    };
    let here = at.len();
    let mut visit = |step: &str, value: &Value| {
        at.push_str(step);
        let result = check_binary(value, rest, at);
        at.truncate(here);
        result
    };
    match (value, *name) {
        (Value::Array(values), "*") => {
            values.iter().enumerate().try_for_each(|(index, value)| visit(&format!("[{index}]"), value))
        }
        (Value::Object(members), "*") => {
            members.iter().try_for_each(|(member, value)| visit(&format!("[{member:?}]"), value))
        }
        (Value::Object(members), name) => members
            .get(name)
            .map_or(Ok(()), |value| visit(&if here == 0 { name.to_owned() } else { format!(".{name}") }, value)),
        _ => Ok(()),
    }
}

/// `webauthn-3 §5.1.3` step 5.
pub(crate) fn check_user_id(id: &Base64Url) -> Result<(), OptionsError> {
    if USER_ID.contains(&id.len()) { Ok(()) } else { Err(OptionsError::UserIdLength { found: id.len() }) }
}

/// The key types to offer: ES256 and RS256 where the page names none (`webauthn-3 §5.1.3` step 9).
pub(crate) fn algorithms(params: &[CredentialParameters]) -> Result<Vec<(String, Algorithm)>, OptionsError> {
    let offer = |alg: Algorithm| (PUBLIC_KEY.to_owned(), alg);
    if params.is_empty() {
        return Ok([Algorithm::ES256, Algorithm::RS256].map(offer).to_vec());
    }
    let known: Vec<_> = params.iter().filter(|param| param.ty == PUBLIC_KEY).map(|param| offer(param.alg)).collect();
    if known.is_empty() {
        let types: Vec<_> = params.iter().take(4).map(|param| &param.ty[..]).collect();
        return Err(OptionsError::NoSupportedType { found: types.join(", ").chars().take(80).collect() });
    }
    Ok(known)
}

/// `webauthn-3 §10.1.5`: what each ceremony may ask of largeBlob.
pub(crate) fn check_large_blob(extensions: &Map<String, Value>, allowed: Option<usize>) -> Result<(), OptionsError> {
    let Some(inputs) = extensions.get("largeBlob").and_then(Value::as_object) else { return Ok(()) };
    let has = |name| inputs.get(name).is_some_and(|value| !matches!(value, Value::Null | Value::Bool(false)));
    let problem = match allowed {
        None if has("read") || has("write") => "read and write belong to get, not to create",
        Some(_) if has("support") => "support belongs to create, not to get",
        Some(_) if has("read") && has("write") => "read and write exclude each other",
        Some(listed) if has("write") && listed != 1 => "write needs exactly one entry in allowCredentials",
        _ => return Ok(()),
    };
    Err(OptionsError::LargeBlob(problem))
}

/// `webauthn-3 §10.1.4`: what each ceremony may ask of prf. `allowed` has the ids of allowCredentials.
pub(crate) fn check_prf(extensions: &Map<String, Value>, allowed: Option<&[&[u8]]>) -> Result<(), OptionsError> {
    let inputs = extensions.get("prf").and_then(|prf| prf.get("evalByCredential")).and_then(Value::as_object);
    let Some(inputs) = inputs.filter(|inputs| !inputs.is_empty()) else { return Ok(()) };
    let Some(allowed) = allowed else { return Err(OptionsError::Prf("it belongs to get, not to create")) };
    if allowed.is_empty() {
        return Err(OptionsError::Prf("it needs entries in allowCredentials"));
    }
    let is_allowed = |id: &str| base64url::decode(id).is_ok_and(|id| allowed.contains(&&id[..]));
    match inputs.keys().find(|id| !is_allowed(id)) {
        Some(other) => Err(OptionsError::PrfCredential { found: other.chars().take(80).collect() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CREATION: &str = r#"{"rp": {"id": "login.microsoft.com", "name": "Microsoft"},
        "user": {"id": "AQID", "name": "a@b.test", "displayName": "A"}, "challenge": "AQID",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "excludeCredentials": [{"type": "public-key", "id": "AQID"}, {"type": "public-key", "id": "BAUG"}]}"#;

    #[test]
    fn options_are_read() {
        let options = creation_from_json(CREATION).unwrap();
        assert_eq!(options.user.id.0, [1, 2, 3]);
        assert_eq!(options.attestation, "none");
    }

    #[test]
    fn padding_is_an_encoding_error_with_its_path() {
        let error = creation_from_json(&CREATION.replace("BAUG", "GshyINLMaOOwqt1LNUi0gQ==")).unwrap_err();
        assert!(
            matches!(&error, OptionsError::Base64url { path, .. } if path == "excludeCredentials[1].id"),
            "{error}"
        );
        assert_eq!(error.name(), DomName::Encoding);
        let error = request_from_json(
            r#"{"challenge": "AQID", "extensions": {"prf": {"evalByCredential": {"x": {"first": "*"}}}}}"#,
        );
        assert!(
            matches!(error, Err(OptionsError::Base64url { path, .. }) if path == "extensions.prf.evalByCredential[\"x\"].first")
        );
    }

    #[test]
    fn another_shape_is_a_type_error_with_its_place() {
        let error = request_from_json("{\"rpId\": 7, \"challenge\": \"AQID\"}").unwrap_err();
        assert_eq!(error.name(), DomName::Type);
        assert!(error.to_string().contains("line 1"), "{error}");
        assert_eq!(creation_from_json("[]").unwrap_err().name(), DomName::Type);
        assert_eq!(
            creation_from_json(&CREATION.replace("\"alg\": -7", "\"alg\": \"x\"")).unwrap_err().name(),
            DomName::Type
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = creation_from_json(&text);
            let _ = request_from_json(&text);
        }
    }
}
