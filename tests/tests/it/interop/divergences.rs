//! `fixtures/divergences.toml`: where a verifier differs, and why.

use std::path::Path;

use serde::Deserialize;

use super::responses::Made;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Divergences {
    divergence: Vec<Row>,
}

/// One known difference. What is not said matches everything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub id: String,
    verifier: String,
    ceremony: Option<String>,
    format: Option<String>,
    alg: Option<Vec<i64>>,
    model: Option<Vec<String>>,
    pub result: String,
    #[allow(dead_code, reason = "the reader's")]
    reason: String,
    #[allow(dead_code, reason = "the reader's")]
    source: String,
}

impl Divergences {
    pub fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/divergences.toml");
        toml::from_str(&std::fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub fn of(&self, verifier: &str) -> impl Iterator<Item = &Row> {
        self.divergence.iter().filter(move |row| row.verifier == verifier)
    }

    pub fn find(&self, verifier: &str, made: &Made) -> Option<&Row> {
        self.of(verifier).find(|row| {
            row.ceremony.as_ref().is_none_or(|ceremony| *ceremony == made.ceremony)
                && row.format.as_ref().is_none_or(|format| *format == made.format)
                && row.alg.as_ref().is_none_or(|algs| algs.contains(&made.alg))
                && row.model.as_ref().is_none_or(|models| models.contains(&made.model))
        })
    }
}
