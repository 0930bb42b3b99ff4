//! What a file says that the matrix should come to.
//!
//! A JSON array: `{"model": ID, "scope": ID or label, or "user": NAME, "registration": ANSWER, "sign_in"?: ANSWER}`
//! with ANSWER `allowed`, `refused`, `refused:ID` or `unknown`; for `sign_in` also `none`.

use std::fmt;
use std::str::FromStr;

use lab_entra::{Scope, Verdict};
use serde::Deserialize;

use super::{Cell, Outcome, Step};

/// The most expectations of one file.
const MAX: usize = 100_000;

/// The expectations of a file.
#[derive(Debug, Clone, Default)]
pub struct Expectations(pub Vec<Expectation>);

/// One expectation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The row's id.
    pub model: String,
    /// The scope, by id or label.
    pub scope: Option<String>,
    /// Instead of a scope: a user.
    pub user: Option<String>,
    /// What the registration comes to.
    pub registration: Answer,
    /// What the sign-in comes to.
    pub sign_in: Option<Answer>,
}

/// An expected answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Answer {
    verdict: Option<Verdict>,
    decided_by: Option<String>,
}

/// A file that holds no expectations.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpectationError {
    /// Not JSON, or JSON of another shape.
    #[error("{file}: {place}: {message}")]
    Json {
        /// The file.
        file: String,
        /// The path in it.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// Neither or both of `scope` and `user`.
    #[error("{file}: item {index}: expected either scope or user, found {found}")]
    Whom {
        /// The file.
        file: String,
        /// Which item, counted from 0.
        index: usize,
        /// What was found.
        found: &'static str,
    },
    /// More than are read.
    #[error("{file}: expected at most {MAX} expectations, found {found}")]
    TooMany {
        /// The file.
        file: String,
        /// How many there are.
        found: usize,
    },
}

impl Expectations {
    /// Reads a file of expectations; `file` names it in errors.
    ///
    /// # Errors
    /// [`ExpectationError`].
    pub fn read(file: &str, text: &str) -> Result<Self, ExpectationError> {
        let mut json = serde_json::Deserializer::from_str(text);
        let all: Vec<Expectation> =
            serde_path_to_error::deserialize(&mut json).map_err(|error| ExpectationError::Json {
                file: file.to_owned(),
                place: error.path().to_string(),
                message: error.inner().to_string(),
            })?;
        if all.len() > MAX {
            return Err(ExpectationError::TooMany { file: file.to_owned(), found: all.len() });
        }
        let whom = |(index, item): (usize, &Expectation)| match (&item.scope, &item.user) {
            (Some(_), Some(_)) => Some((index, "both")),
            (None, None) => Some((index, "neither")),
            _ => None,
        };
        match all.iter().enumerate().find_map(whom) {
            Some((index, found)) => Err(ExpectationError::Whom { file: file.to_owned(), index, found }),
            None => Ok(Self(all)),
        }
    }
}

impl Expectation {
    /// Whose access it is about.
    #[must_use]
    pub fn whom(&self) -> &str {
        self.scope.as_deref().or(self.user.as_deref()).unwrap_or_default()
    }

    /// The cell that it is about, or why there is none.
    pub(super) fn cell<'o>(&self, outcome: &'o Outcome<'_>) -> Result<(&'o Scope, &'o Cell), String> {
        let column = match (&self.scope, &self.user) {
            (Some(name), _) => outcome.scopes.iter().position(|scope| scope.id == *name || scope.label == *name),
            (None, name) => {
                let user = name.as_deref().and_then(|name| outcome.tenant.find_user(name));
                user.and_then(|user| outcome.scopes.iter().position(|scope| scope.members.contains(&user)))
            }
        };
        let column = column.ok_or_else(|| format!("the matrix has no scope for “{}”", self.whom()))?;
        let row = outcome.rows.iter().find(|row| row.id == self.model);
        let row = row.ok_or_else(|| format!("the matrix has no model “{}”", self.model))?;
        let cell = outcome.scopes.get(column).zip(row.cells.get(column));
        cell.ok_or_else(|| format!("the matrix has no cell for “{}”", self.whom()))
    }

    /// The sentences about what is not as expected.
    pub(super) fn mismatches(&self, cell: &Cell) -> Vec<String> {
        let registration = (!self.registration.holds(Some(&cell.registration)))
            .then(|| mismatch("registration", &self.registration, Some(&cell.registration)));
        let sign_in = self.sign_in.as_ref().filter(|answer| !answer.holds(cell.sign_in()));
        let sign_in = sign_in.map(|answer| mismatch("sign_in", answer, cell.sign_in()));
        registration.into_iter().chain(sign_in).collect()
    }
}

fn mismatch(step: &str, expected: &Answer, found: Option<&Step>) -> String {
    let Some(found) = found else { return format!("{step}: expected {expected}, found none") };
    let decided = found.decided_by.map(|id| format!(":{id}")).unwrap_or_default();
    format!("{step}: expected {expected}, found {}{decided}. {}", found.verdict, found.message)
}

impl Answer {
    fn holds(&self, step: Option<&Step>) -> bool {
        let verdict = step.map(|step| step.verdict);
        let decided = self.decided_by.as_deref().is_none_or(|id| step.and_then(|step| step.decided_by) == Some(id));
        self.verdict == verdict && decided
    }
}

impl FromStr for Answer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let answer = |verdict, id: Option<&str>| Ok(Self { verdict, decided_by: id.map(str::to_owned) });
        match text.split_once(':') {
            None if text == "allowed" => answer(Some(Verdict::Allowed), None),
            None if text == "refused" => answer(Some(Verdict::Refused), None),
            None if text == "unknown" => answer(Some(Verdict::Unknown), None),
            None if text == "none" => answer(None, None),
            Some(("refused", id)) if !id.is_empty() => answer(Some(Verdict::Refused), Some(id)),
            Some(("unknown", id)) if !id.is_empty() => answer(Some(Verdict::Unknown), Some(id)),
            _ => Err("expected allowed, refused, refused:ID, unknown, unknown:ID or none".to_owned()),
        }
    }
}

impl TryFrom<String> for Answer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verdict.map_or("none", Verdict::name))?;
        self.decided_by.iter().try_for_each(|id| write!(f, ":{id}"))
    }
}
