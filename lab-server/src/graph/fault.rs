//! Requests that fail, in Graph's words.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::call::Ids;
use crate::problem::Problem;

/// Why a request is not answered as it hoped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Fault {
    /// The status.
    pub status: StatusCode,
    /// Graph's code.
    pub code: &'static str,
    /// The sentence.
    pub message: String,
    /// Further causes, each with an id of the lab's own, such as `entra/key-restrictions`.
    pub details: Vec<Detail>,
}

/// A cause with an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The id; `passkey-lab explain ID` says more.
    pub code: String,
    /// The sentence.
    pub message: String,
}

impl Fault {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: Vec::new() }
    }

    /// The request makes no sense.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "badRequest", message)
    }

    /// There is no such object.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
    }

    /// There is no such user or group.
    pub fn no_object(id: &str) -> Self {
        let id: String = id.chars().take(80).collect();
        let message =
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        Self::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
    }

    /// There is no such path.
    pub fn no_path(path: &str) -> Self {
        let path: String = path.chars().take(120).collect();
        let message = format!("Resource not found for the segment '{path}': this lab has no such path.");
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
    }

    /// The path takes no such method.
    pub fn method_not_allowed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "methodNotAllowed", message)
    }

    /// The caller presents nothing.
    pub fn unauthenticated() -> Self {
        let message = "Access token is empty. Send Authorization: Bearer with the lab's token; a lab on loopback \
                       without a token of its own takes any.";
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
    }

    /// Something else has the name.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "Request_MultipleObjectsWithSameKeyValue", message)
    }

    /// The body is none that is read.
    pub fn media_type() -> Self {
        let message = "Expected a body of Content-Type application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message)
    }

    /// A request of a batch that another one failed before.
    pub fn failed_dependency(id: &str) -> Self {
        let message = format!("Request {id}, on which this one depends, failed.");
        Self::new(StatusCode::FAILED_DEPENDENCY, "FailedDependency", message)
    }

    /// The same, with a cause that has an id.
    #[must_use]
    pub fn because(mut self, code: impl Into<String>, message: impl Into<String>) -> Self {
        self.details.push(Detail { code: code.into(), message: message.into() });
        self
    }

    /// The body, as Graph writes it.
    #[must_use]
    pub fn body(&self, ids: &Ids) -> Value {
        let mut error = json!({"code": self.code, "message": self.message});
        if !self.details.is_empty() {
            let detail = |detail: &Detail| json!({"code": detail.code, "message": detail.message});
            error["details"] = self.details.iter().map(detail).collect();
        }
        error["innerError"] = json!({
            "date": ids.date(),
            "request-id": ids.request,
            "client-request-id": ids.client,
        });
        json!({"error": error})
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        let message = match &problem.hint {
            Some(hint) => format!("{} {hint}", problem.detail),
            None => problem.detail,
        };
        Self::new(problem.status, code(problem.status), message)
    }
}

/// Graph's code for a status, where nothing more is known.
pub(super) fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "InvalidAuthenticationToken",
        StatusCode::FORBIDDEN => "Authorization_RequestDenied",
        StatusCode::NOT_FOUND => "ResourceNotFound",
        StatusCode::METHOD_NOT_ALLOWED => "methodNotAllowed",
        StatusCode::CONFLICT => "conflict",
        StatusCode::GONE => "gone",
        StatusCode::PAYLOAD_TOO_LARGE => "RequestEntityTooLarge",
        StatusCode::TOO_MANY_REQUESTS => "TooManyRequests",
        StatusCode::SERVICE_UNAVAILABLE => "serviceNotAvailable",
        status if status.is_server_error() => "generalException",
        _ => "badRequest",
    }
}
