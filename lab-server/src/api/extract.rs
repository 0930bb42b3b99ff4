//! Queries and parts of paths, with errors that are problems.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::lab::Shared;
use crate::problem::{Problem, sentence};

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
