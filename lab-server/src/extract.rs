//! What handlers take as arguments beside the lab: the time, and bodies with errors that say what is wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::lab::Shared;
use crate::problem::Problem;

/// The time of a request.
#[derive(Debug, Clone, Copy)]
pub struct Now(
    /// When it is handled.
    pub Timestamp,
);

impl FromRequestParts<Shared> for Now {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(_: &mut Parts, lab: &Shared) -> Result<Self, Self::Rejection> {
        Ok(Self(lab.clock.now()))
    }
}

/// A JSON body. It has to say that it is JSON: a form of another page cannot.
#[derive(Debug, Clone)]
pub struct Json<T>(
    /// What it says.
    pub T,
);

impl<T: DeserializeOwned> FromRequest<Shared> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, lab: &Shared) -> Result<Self, Problem> {
        if !says_json(request.headers()) {
            let detail = "Expected a body of Content-Type application/json.";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let bytes = Bytes::from_request(request, lab).await.map_err(|error| body(&error))?;
        read(&bytes).map(Self)
    }
}

/// A body that is an object. Without this look, an array with the values of the members in their order would do.
#[derive(Debug, Clone)]
pub struct Object<T>(
    /// What it says.
    pub T,
);

impl<T: DeserializeOwned> FromRequest<Shared> for Object<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, lab: &Shared) -> Result<Self, Problem> {
        let Json(object): Json<Map<String, Value>> = Json::from_request(request, lab).await?;
        let mut object = Value::Object(object);
        whole_numbers(&mut object);
        from_value(&object, "The body").map(Self)
    }
}

/// The largest number up to which every whole one has a float of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Makes integers of whole numbers that are written with a point: to JSON Schema, and to every program that is
/// written in JavaScript, `-7.0` is -7.
pub(crate) fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let whole = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= EXACT);
            if let Some(whole) = whole.and_then(|whole| format!("{whole:.0}").parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(members) => members.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

/// Reads JSON, and says where it is wrong.
///
/// # Errors
/// 400, with the place.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let wrong = |place: &str, error: &dyn std::fmt::Display| Problem::bad_request(format!("{place}: {error}"));
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| wrong(&format!("The body at $.{}", error.path()), error.inner()))?;
    reader.end().map_err(|error| wrong("The body", &error))?;
    Ok(value)
}

/// Whether a request says that its body is JSON.
pub(crate) fn says_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// A body that could not be taken.
pub(crate) fn body(error: &axum::extract::rejection::BytesRejection) -> Problem {
    Problem::new(error.status(), format!("The body could not be taken: {}.", error.body_text()))
}

/// Reads a value, and says where it is wrong.
///
/// # Errors
/// 400, with the place.
pub fn from_value<T: DeserializeOwned>(value: &Value, what: &str) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| Problem::bad_request(format!("{what} at $.{}: {}", error.path(), error.inner())))
}
