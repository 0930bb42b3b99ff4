//! `/api/openapi.json`: what each path takes and answers.

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

/// The description, OpenAPI 3.1.
pub const OPENAPI: &str = include_str!("../../openapi.json");

pub async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], OPENAPI)
}
