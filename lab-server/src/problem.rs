//! What went wrong with a request, for programs: `application/problem+json` (RFC 9457).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lab_directory::{CeremonyError, StoreError};
use lab_jobs::JobError;
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
    /// After how many seconds it may come out differently.
    pub retry_after: Option<u32>,
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
        Self { status, detail: detail.into(), hint: None, retry_after: None }
    }

    /// The request makes no sense.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// The request is well-formed and asks for something that cannot be.
    pub fn unprocessable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// There are too many of them at the moment.
    pub fn busy(detail: impl Into<String>, retry_after: u32) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, detail) }
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Something changed meanwhile.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// Says in the headers of an answer when to come back.
    pub(crate) fn say_when(&self, headers: &mut HeaderMap) {
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
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
        self.say_when(response.headers_mut());
        response
    }
}

impl From<JobError> for Problem {
    fn from(error: JobError) -> Self {
        if let JobError::Emulation(_) = error {
            tracing::error!(%error, "a job");
            return Self::new(StatusCode::INTERNAL_SERVER_ERROR, "The emulation itself failed.")
                .hint("The server's own log says why.");
        }
        let problem = Self::unprocessable(sentence(&error.to_string()));
        match error.hint() {
            Some(hint) => problem.hint(sentence(&hint)),
            None => problem,
        }
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
            StoreError::Unavailable(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The lab's log cannot be written now; nothing of this was kept.",
            )
            .hint("Make room on the disk that --data is on, then try again: the lab goes on by itself."),
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
