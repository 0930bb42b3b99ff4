//! Recorded cases: one JSON object or an array of them, as a test suite, a browser or the lab wrote
//! them.

pub(crate) mod own;

use super::har;
use jiff::Timestamp;
use lab_protocol::webauthn::Ceremony;
use lab_protocol::webauthn::{AttestationObject, AuthenticationResponse, AuthenticatorData, RegistrationResponse};
use lab_protocol::{Base64Url, base64url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The most cases of one file that are read.
pub const MAX_CASES: usize = 100_000;

/// A case that could be read.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name; a case without one is called by its place.
    pub id: String,
    /// What the relying party expects, and what it knows.
    pub demand: Demand,
    /// What came back.
    pub response: Response,
    /// What nobody can know about it, each a sentence: that the expectation is the response's own, say.
    pub notes: Vec<String>,
}

/// The response of a case.
#[derive(Debug, Clone)]
pub enum Response {
    /// Of `navigator.credentials.create`.
    Registration(RegistrationResponse),
    /// Of `navigator.credentials.get`.
    Authentication(AuthenticationResponse),
}

/// Everything in a case beside its response.
#[derive(Debug, Clone, Deserialize)]
pub struct Demand {
    /// The name.
    #[serde(default)]
    pub id: Option<String>,
    /// `registration` or `authentication`; absent: told by the response.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// The RP ID.
    pub rp_id: String,
    /// The origin that is expected.
    pub origin: String,
    /// The challenge, as the text that has to stand in the client data.
    pub challenge: String,
    /// When certificates are judged; a text that is no time is ignored.
    #[serde(default)]
    pub verify_time: Option<String>,
    /// Whether UV has to be set.
    #[serde(default)]
    pub require_user_verification: Option<bool>,
    /// The accepted algorithms; absent: all.
    #[serde(default)]
    pub allowed_algs: Option<Vec<i64>>,
    /// Whether framing is expected, by any top origin.
    #[serde(default)]
    pub cross_origin: Option<bool>,
    /// Whether framing is allowed, where it was said.
    #[serde(default)]
    pub allow_cross_origin: Option<bool>,
    /// The mediation of the request: `conditional` lifts the demand for presence.
    #[serde(default)]
    pub mediation: Option<String>,
    /// The credential record of an authentication.
    #[serde(default)]
    pub stored: Option<Stored>,
    /// The key of an authentication, where there is no record.
    #[serde(default)]
    pub credential_public_key_cose: Option<Base64Url>,
    /// The credentials that were allowed.
    #[serde(default)]
    pub allow_credentials: Vec<Base64Url>,
    /// Trust anchors, as PEM texts or names of files beside the case.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// The anchor by its hash, and what the statement leaves out.
    #[serde(default)]
    pub chain: Option<Chain>,
    /// The outcome that somebody expects.
    #[serde(default)]
    pub expected: Option<Expectation>,
}

/// The ceremony of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `navigator.credentials.create`.
    Registration,
    /// `navigator.credentials.get`.
    Authentication,
}

/// A credential record in a case.
#[derive(Debug, Clone, Deserialize)]
pub struct Stored {
    /// The credential id.
    pub credential_id: Base64Url,
    /// The COSE_Key.
    pub credential_public_key_cose: Base64Url,
    /// The counter.
    #[serde(default)]
    pub sign_count: u32,
    /// BE at registration.
    #[serde(default)]
    pub backup_eligible: Option<bool>,
    /// The same under the name that some sources use.
    #[serde(default)]
    pub backup_eligibility: Option<bool>,
    /// BS when it was last seen.
    #[serde(default)]
    pub backup_state: bool,
    /// The account.
    #[serde(default)]
    pub user_handle: Option<Base64Url>,
}

/// What a case says about the chain of its statement.
#[derive(Debug, Clone, Deserialize)]
pub struct Chain {
    /// SHA-256 of the anchor's certificate, in hexadecimal.
    #[serde(default)]
    pub anchor_sha256: Option<String>,
    /// The same of certificates that the statement leaves out.
    #[serde(default)]
    pub extra_intermediates_from_pool: Vec<Value>,
}

/// The outcome that somebody expects of a case.
#[derive(Debug, Clone, Deserialize)]
pub struct Expectation {
    /// `valid`, `invalid` or `implementation-defined`.
    pub result: ExpectedResult,
    /// The check that has to fail.
    #[serde(default)]
    pub check: Option<String>,
}

/// The result that somebody expects of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpectedResult {
    /// Every check holds.
    Valid,
    /// One does not.
    Invalid,
    /// The specification leaves it open.
    ImplementationDefined,
}

impl ExpectedResult {
    /// Its name in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::ImplementationDefined => "implementation-defined",
        }
    }
}

/// Why a case could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// The file is not JSON.
    #[error("{file}:{line}:{column}: expected JSON, found this problem: {message}")]
    Json {
        /// The file.
        file: String,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the parser says.
        message: String,
    },
    /// The file holds neither an object nor an array.
    #[error("{file}: expected a case (an object) or an array of cases, found {found}")]
    Shape {
        /// The file.
        file: String,
        /// What is there.
        found: &'static str,
    },
    /// No case, or more than are read.
    #[error("{file}: expected 1 to {MAX_CASES} cases, found {found}")]
    Count {
        /// The file.
        file: String,
        /// How many there are.
        found: usize,
    },
    /// A recording without a ceremony.
    #[error(
        "{file}: expected a registration or sign-in in the bodies of the requests, found none in {entries} requests"
    )]
    NoResponse {
        /// The file.
        file: String,
        /// How many requests there are.
        entries: usize,
    },
    /// One case cannot be read.
    #[error("{file}: case {id}: {place}: {message}")]
    Member {
        /// The file.
        file: String,
        /// The case's id, or its place.
        id: String,
        /// The JSON path.
        place: String,
        /// What was found and what was expected.
        message: String,
    },
}

/// Reads the cases of one file: each is a case, or the reason why it cannot be read.
///
/// # Errors
/// The file as a whole is not a list of cases.
pub fn read(file: &str, text: &str) -> Result<Vec<Result<Case, CaseError>>, CaseError> {
    let value: Value = serde_json::from_str(text).map_err(|error| CaseError::Json {
        file: file.to_owned(),
        line: error.line(),
        column: error.column(),
        message: without_place(&error.to_string()).to_owned(),
    })?;
    if har::is_archive(&value) {
        return recorded(file, &value);
    }
    listed(file, value)
}

/// Reads one case or several from JSON that is no recording.
///
/// # Errors
/// It is no list of cases.
pub fn listed(file: &str, value: Value) -> Result<Vec<Result<Case, CaseError>>, CaseError> {
    let values = match value {
        Value::Array(values) => values,
        object @ Value::Object(_) => match object.get("cases") {
            Some(Value::Array(values)) => values.clone(),
            _ => vec![object],
        },
        other => return Err(CaseError::Shape { file: file.to_owned(), found: kind_of(&other) }),
    };
    if values.is_empty() || values.len() > MAX_CASES {
        return Err(CaseError::Count { file: file.to_owned(), found: values.len() });
    }
    let place = |index: usize| format!("#{}", index + 1);
    Ok(values.into_iter().enumerate().map(|(index, value)| case(file, &place(index), value)).collect())
}

/// The cases of a recording.
fn recorded(file: &str, archive: &Value) -> Result<Vec<Result<Case, CaseError>>, CaseError> {
    let found = har::find(archive);
    if found.is_empty() {
        return Err(CaseError::NoResponse { file: file.to_owned(), entries: har::entries(archive).len() });
    }
    let read = |har::Found { id, case: members, notes }| {
        let case = case(file, &id, Value::Object(members))?;
        Ok(Case { notes, ..case })
    };
    Ok(found.into_iter().map(read).collect())
}

fn case(file: &str, place: &str, value: Value) -> Result<Case, CaseError> {
    if own::is_alone(&value) {
        let (members, note) = own::case(value);
        let case = case(file, place, Value::Object(members))?;
        return Ok(Case { notes: vec![note], ..case });
    }
    let id = value.get("id").and_then(Value::as_str).unwrap_or(place).to_owned();
    let wrong = |place: &str, message: String| CaseError::Member {
        file: file.to_owned(),
        id: id.clone(),
        place: place.to_owned(),
        message,
    };
    let Value::Object(mut members) = value else {
        return Err(wrong("$", format!("expected an object, found {}", kind_of(&value))));
    };
    let response =
        members.remove("response").ok_or_else(|| wrong("$", "expected the member “response”, found none".into()))?;
    let demand: Demand = typed(Value::Object(members)).map_err(|(place, message)| wrong(&place, message))?;
    let ceremony = ceremony(&demand, &response).ok_or_else(|| {
        wrong(
            "$.kind",
            "expected registration or authentication, found neither, and the response is none of them".into(),
        )
    })?;
    let response = envelope(response, ceremony, &demand);
    let response = match ceremony {
        Ceremony::Registration => typed(response).map(Response::Registration),
        Ceremony::Authentication => typed(response).map(Response::Authentication),
    };
    let response = response.map_err(|(place, message)| wrong(&place.replacen('$', "$.response", 1), message))?;
    Ok(Case { id, demand, response, notes: Vec::new() })
}

/// Deserialises with the JSON path of whatever does not fit.
fn typed<T: DeserializeOwned>(value: Value) -> Result<T, (String, String)> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { "$".to_owned() } else { format!("$.{path}") };
        (place, plain(&error.inner().to_string()))
    })
}

/// What a deserialiser says, as “expected …, found …”.
fn plain(message: &str) -> String {
    let message = without_place(message).trim_end_matches('.');
    if let Some(name) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return format!("expected the member “{name}”, found none");
    }
    let misfit = ["invalid type: ", "invalid value: ", "unknown variant "];
    let misfit =
        misfit.iter().find_map(|start| message.strip_prefix(start)).and_then(|rest| rest.split_once(", expected "));
    misfit.map_or_else(|| message.to_owned(), |(found, expected)| format!("expected {expected}, found {found}"))
}

/// A parser's message without the place, which stands in front already.
fn without_place(message: &str) -> &str {
    message.rsplit_once(" at line ").map_or(message, |(message, _)| message)
}

fn ceremony(demand: &Demand, response: &Value) -> Option<Ceremony> {
    let inner = response.get("response").unwrap_or(response);
    match demand.kind {
        Some(Kind::Registration) => Some(Ceremony::Registration),
        Some(Kind::Authentication) => Some(Ceremony::Authentication),
        None if inner.get("attestationObject").is_some() => Some(Ceremony::Registration),
        None if inner.get("signature").is_some() => Some(Ceremony::Authentication),
        None => None,
    }
}

/// Puts the envelope of `toJSON()` around a response that came without one.
fn envelope(response: Value, ceremony: Ceremony, demand: &Demand) -> Value {
    let inner = match &response {
        Value::Object(members) if !members.contains_key("response") && members.contains_key("clientDataJSON") => {
            Value::Object(members.clone())
        }
        _ => return response,
    };
    let id = match ceremony {
        Ceremony::Registration => attested_id(&inner).unwrap_or_default(),
        Ceremony::Authentication => known_id(demand),
    };
    let mut outer = Map::new();
    outer.insert("id".into(), id.clone().into());
    outer.insert("rawId".into(), id.into());
    outer.insert("type".into(), "public-key".into());
    outer.insert("clientExtensionResults".into(), Value::Object(Map::new()));
    outer.insert("response".into(), inner);
    Value::Object(outer)
}

fn attested_id(response: &Value) -> Option<String> {
    let object = base64url::decode(response.get("attestationObject")?.as_str()?).ok()?;
    let object = AttestationObject::parse(&object).ok()?;
    let data = AuthenticatorData::parse(object.auth_data).ok()?;
    Some(base64url::encode(data.attested?.credential_id))
}

fn known_id(demand: &Demand) -> String {
    let stored = demand.stored.as_ref().map(|stored| &stored.credential_id);
    stored.or(demand.allow_credentials.first()).map(ToString::to_string).unwrap_or_default()
}

impl Demand {
    /// The time of the case, if it has one.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.verify_time.as_deref().and_then(|text| text.parse().ok())
    }
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
