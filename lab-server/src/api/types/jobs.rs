//! Jobs of the command line, and users.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a job came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobResult {
    /// As the command line's `result`.
    pub result: Value,
    /// Sentences that belong to no part of it.
    pub notes: Vec<String>,
}

/// How cases are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyQuery {
    /// Whether to take the responses apart byte by byte.
    #[serde(default)]
    pub anatomy: bool,
}

/// What a matrix is made of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixRequest {
    /// Ids of models, or `all`.
    pub models: Vec<String>,
    /// Whose scopes are the columns; without it, every scope of the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<String>>,
    /// The flows that make rows.
    #[serde(default)]
    pub flows: MatrixFlows,
    /// Whether every cell has its trace.
    #[serde(default)]
    pub traces: bool,
    /// A tenant with the members of a tenant's folder; without it, the lab's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Map<String, Value>>,
}

/// The flows that make rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MatrixFlows {
    /// For each model the usual one.
    #[default]
    Usual,
    /// Each that the model can do.
    All,
}

/// A user of the tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The object id.
    pub id: String,
    /// The user principal name, or what stands for it.
    pub user_principal_name: String,
    /// The name for people.
    pub display_name: String,
    /// Whether it is a guest.
    pub guest: bool,
    /// How many passkeys are registered.
    pub passkeys: usize,
}

/// Users of the tenant, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    /// The users.
    pub users: Vec<User>,
    /// What `skip` has to be for the next page; null on the last.
    pub next: Option<usize>,
}

/// Which users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserQuery {
    /// How many, 1 to 500; 100 unless somebody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// How many of them to leave out first.
    #[serde(default)]
    pub skip: usize,
}
