//! What went wrong with a request, for programs: `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lab_directory::{CeremonyError, StoreError};
use serde::Serialize;
use serde_json::json;

/// A request that is not answered as it hoped, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// The sentence.
    pub detail: String,
    /// What to do.
    pub hint: Option<String>,
}

#[derive(Serialize)]
struct Body<'b> {
    title: &'b str,
    status: u16,
    detail: &'b str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'b str>,
}

impl Problem {
    /// With this status.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), hint: None }
    }

    /// The request makes no sense.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Something changed meanwhile.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// The same, with what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let body = Body { title, status: self.status.as_u16(), detail: &self.detail, hint: self.hint.as_deref() };
        let mut response = (self.status, format!("{}\n", json!(body))).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}

impl From<CeremonyError> for Problem {
    fn from(error: CeremonyError) -> Self {
        let status = match error {
            CeremonyError::Unknown => StatusCode::NOT_FOUND,
            CeremonyError::Used => StatusCode::CONFLICT,
            CeremonyError::Expired { .. } => StatusCode::GONE,
        };
        Self::new(status, sentence(&error.to_string()))
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unfit(unfit) => Self::conflict(sentence(&unfit.to_string())),
            StoreError::Conflict { .. } => Self::conflict("The lab changed while this was judged.").hint("Try again."),
            StoreError::Io(_) | StoreError::Corrupt { .. } => {
                tracing::error!(%error, "the store");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "The lab's log could not be written or read.")
                    .hint("The server's own log says why.")
            }
        }
    }
}

/// A message as a sentence.
#[must_use]
pub fn sentence(message: &str) -> String {
    let mut letters = message.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
