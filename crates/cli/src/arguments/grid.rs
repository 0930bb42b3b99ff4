//! The arguments of `matrix` and `diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `matrix`.
#[derive(Debug, Args)]
pub struct Matrix {
    /// The tenant: a folder, a file, - or example:NAME
    #[arg(long, value_name = "T")]
    pub tenant: String,
    /// The rows: ids of `models list`, or all
    #[arg(long, value_name = "all|ID,..", default_value = "all", value_delimiter = ',')]
    pub models: Vec<String>,
    /// The columns: the scopes of these users, or all
    #[arg(long, value_name = "all|U,..", default_value = "all", value_delimiter = ',')]
    pub users: Vec<String>,
    /// A row for each model in its usual flow (in its own app where it has one), or for every flow that it can do
    #[arg(long, value_enum, value_name = "usual|all", default_value = "usual", hide_possible_values = true)]
    pub flows: FlowNames,
    /// FIDO metadata to ask: a BLOB, or lab[:SCENARIO[=MODEL,MODEL]] for the lab's own; else the models' own files
    #[arg(long, value_name = "BLOB|lab[:SCENARIO]")]
    pub metadata: Option<String>,
    /// Keep the trace of every cell in JSON; pages have them anyway
    #[arg(long)]
    pub traces: bool,
    /// What the matrix should come to: a JSON array of {model, scope or user, registration, sign_in?}
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
}

/// `diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The tenant as it is: a folder, a file, - or example:NAME
    #[arg(long, value_name = "T")]
    pub before: String,
    /// The tenant as it is to be; without users, groups and passkeys it takes those of --before
    #[arg(long, value_name = "T")]
    pub after: String,
    /// The models: ids of `models list`, or all
    #[arg(long, value_name = "all|ID,..", default_value = "all", value_delimiter = ',')]
    pub models: Vec<String>,
}

/// The flows that make rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FlowNames {
    /// The usual one of each model.
    Usual,
    /// Each that a model can do.
    All,
}
