//! What a handler gives back.

use axum::http::StatusCode;
use serde_json::Value;

use super::fault::Fault;

/// A request that is answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body, where there is one.
    pub body: Option<Value>,
}

/// What handlers return.
pub type Answered = Result<Answer, Fault>;

impl Answer {
    /// 200 with a body.
    pub fn ok(body: impl Into<Value>) -> Answered {
        Ok(Self { status: StatusCode::OK, body: Some(body.into()) })
    }

    /// 201 with what was made.
    pub fn created(body: impl Into<Value>) -> Answered {
        Ok(Self { status: StatusCode::CREATED, body: Some(body.into()) })
    }

    /// 204.
    pub fn no_content() -> Answered {
        Ok(Self { status: StatusCode::NO_CONTENT, body: None })
    }
}
