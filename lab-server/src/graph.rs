//! Microsoft Graph, as far as passkeys go: the same paths, shapes and errors, over the lab's own state.
//!
//! * [`routes`]: the table of paths, one line for each method of each resource.
//! * [`call`]: a request as handlers get it, [`answer`] and [`fault`]: what they give back.
//! * [`odata`]: `$filter`, `$select`, `$top` and the other query options, over any collection.
//! * one file for each resource; `batch` sends requests through the same table.
//!
//! Both `v1.0` and `beta` are answered. Where they differ, [`call::Version`] says how.
//! Source: `microsoft-graph-docs-contrib`, `api-reference/v1.0` and `beta`, read 2026-11-20.

pub mod answer;
mod batch;
pub mod call;
mod conditional_access;
mod configurations;
mod creation_options;
mod directory_audits;
mod entry;
pub mod fault;
mod fido2_methods;
mod groups;
mod listed;
mod methods_policy;
pub mod odata;
mod path;
mod policies;
mod routes;
mod strengths;
mod users;

use axum::Router;
use axum::routing::any;

use crate::lab::Shared;

pub use entry::in_graphs_shape;

/// Everything below `/v1.0` and `/beta`.
pub fn routes() -> Router<Shared> {
    Router::new().route("/v1.0/{*path}", any(entry::v1)).route("/beta/{*path}", any(entry::beta))
}

#[cfg(test)]
mod tests;
