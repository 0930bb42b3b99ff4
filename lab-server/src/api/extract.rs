//! Queries and parts of paths, with errors that are problems.

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::extract::{self, Json};
use crate::lab::Shared;
use crate::problem::{Problem, sentence};

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
        extract::from_value(&object, "The body").map(Self)
    }
}

/// The largest number up to which every whole one has a float of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Makes integers of whole numbers that are written with a point: to JSON Schema, and to every program that is
/// written in JavaScript, `-7.0` is -7.
pub(super) fn whole_numbers(value: &mut Value) {
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

/// The members of a query.
#[derive(Debug, Clone)]
pub struct Asked<T>(
    /// What they say.
    pub T,
);

impl<T: DeserializeOwned> FromRequestParts<Shared> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        let query = Query::try_from_uri(&parts.uri);
        query.map(|Query(query)| Self(query)).map_err(|error| Problem::bad_request(sentence(&error.body_text())))
    }
}

/// The parameter of a path.
#[derive(Debug, Clone)]
pub struct Named<T>(
    /// What it names.
    pub T,
);

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, lab: &Shared) -> Result<Self, Problem> {
        let path = Path::from_request_parts(parts, lab).await;
        path.map(|Path(name)| Self(name))
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, sentence(&error.body_text())))
    }
}
