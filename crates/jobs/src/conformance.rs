//! `conformance authenticator`: the catalogue of cases against a model, or against a device on a link.

use std::sync::Arc;

use lab_authenticator::Authenticator;
use lab_conformance::{Facts, GROUPS, ModelTarget, Report as Run, Row, Stop, Target, WireTarget};
use lab_hid::Link;
use lab_peers::passkey_rs;
use lab_protocol::Env;
use serde_json::json;

use crate::error::JobError;
use crate::models::Choice;
use crate::report::junit::{self, CaseResult, Suite};
use crate::report::{Cell, Document, Report, Tone};
use crate::world::{Part, World};

pub use lab_conformance::{Attendant, Behaviour, Options};

/// What a device that is no model is told to keep by cases that were not allowed more.
pub const WRITES: &str =
    "this makes credentials for conformance.test, other.test and localhost, some of which stay in slots";
/// What happens to a device beyond that where it was allowed.
pub const DESTROYS: &str =
    "this resets the authenticator again and again: every passkey on it, its PIN and its settings are lost";

/// What came of a run.
#[derive(Debug)]
pub struct Outcome(Run);

/// Runs the cases against a model.
///
/// # Errors
/// The model is no emulated one.
pub fn model(choice: &Choice, options: &Options, world: &World) -> Result<Outcome, JobError> {
    let Choice::Emulated(model) = choice else {
        return Err(JobError::Usage {
            what: format!("{} has no wire", passkey_rs::ID),
            hint: Some("`passkey-lab models list` shows the models that have one".to_owned()),
        });
    };
    let vendors = world.vendors();
    let (facts, world) = (Facts::of(model, &vendors), world.clone());
    let (name, at, model) = (format!("model:{}", model.id), world.at, Arc::clone(model));
    let make = move || {
        let env = Env::honest(world.stream(Part::Authenticator));
        Authenticator::new(Arc::clone(&model), Arc::clone(&vendors), world.backend(), env)
    };
    let mut target = ModelTarget::new(name, facts, at, make).map_err(|stop| unreachable(&stop))?;
    Ok(run(&mut target, options))
}

/// Runs the cases against a device.
///
/// # Errors
/// It gives no channel.
pub fn device<L: Link>(
    name: &str,
    link: L,
    attendant: Option<Box<dyn Attendant<L>>>,
    options: &Options,
) -> Result<Outcome, JobError> {
    let target = WireTarget::open(name, link).map_err(|stop| unreachable(&stop))?;
    let mut target = match attendant {
        Some(attendant) => target.attended_by(attendant),
        None => target,
    };
    Ok(run(&mut target, options))
}

fn run(target: &mut dyn Target, options: &Options) -> Outcome {
    Outcome(lab_conformance::run(target, options))
}

fn unreachable(stop: &Stop) -> JobError {
    let why = match stop {
        Stop::Fail { found, .. } => found,
        Stop::NotApplicable(why) => why,
    };
    JobError::Target(why.clone())
}

impl Outcome {
    /// 1 where a case failed.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        u8::from(self.0.failed().next().is_some())
    }

    /// The result for programs and people; cases that passed or do not apply are only counted unless `all` is wanted.
    #[must_use]
    pub fn report(&self, all: bool) -> Report {
        let counts = json!({
            "pass": self.0.count("pass"), "observation": self.0.count("observation"),
            "fail": self.0.count("fail"), "not-applicable": self.0.count("not-applicable"),
        });
        let result = json!({ "target": self.0.target, "counts": counts, "cases": self.0.cases });
        Report { command: "conformance", result, notes: Vec::new(), document: self.document(all) }
    }

    /// One JSON value a line: the cases.
    #[must_use]
    pub fn lines(&self) -> String {
        self.0.cases.iter().map(|row| format!("{}\n", json!(row))).collect()
    }

    /// The cases for CI servers, one suite for each group.
    #[must_use]
    pub fn junit(&self) -> String {
        let suites: Vec<_> = GROUPS
            .iter()
            .map(|group| Suite {
                name: group.name.to_owned(),
                properties: vec![("target", self.0.target.clone())],
                cases: self.of(group).map(test_case).collect(),
            })
            .collect();
        junit::render("passkey-lab conformance", &suites)
    }

    fn of(&self, group: &'static lab_conformance::Group) -> impl Iterator<Item = &Row> {
        self.0.cases.iter().filter(|row| group.cases().any(|case| case.id == row.id))
    }

    fn document(&self, all: bool) -> Document {
        let mut document = Document::new();
        let tone = if self.exit_status() == 0 { Tone::Good } else { Tone::Bad };
        let count = |outcome| self.0.count(outcome);
        document.text(Cell::new(
            format!(
                "{}: {} passed, {} failed, {} observations, {} not applicable",
                self.0.target,
                count("pass"),
                count("fail"),
                count("observation"),
                count("not-applicable")
            ),
            tone,
        ));
        for group in GROUPS {
            let shown = |row: &&Row| all || matches!(row.outcome, "fail" | "observation");
            let rows: Vec<_> = self.of(group).filter(shown).map(cells).collect();
            if !rows.is_empty() {
                document.heading(group.name).aside(group.why);
                document.table(&["case", "outcome", "sends", "must", "seen"], rows);
            }
        }
        if !all {
            document.aside("-v shows every case");
        }
        document
    }
}

fn cells(row: &Row) -> Vec<Cell> {
    let tone = match row.outcome {
        "pass" => Tone::Good,
        "fail" => Tone::Bad,
        "observation" => Tone::Doubt,
        _ => Tone::Dim,
    };
    vec![row.id.into(), Cell::new(row.outcome, tone), row.sends.into(), row.must.into(), row.message.as_str().into()]
}

fn test_case(row: &Row) -> junit::Case {
    let result = match row.outcome {
        "fail" => CaseResult::Failed(row.message.clone()),
        "not-applicable" => CaseResult::Skipped(row.message.clone()),
        _ => CaseResult::Passed,
    };
    let seen = if row.outcome == "observation" { row.message.clone() } else { String::new() };
    junit::Case {
        class: "authenticator".to_owned(),
        name: row.id.to_owned(),
        properties: vec![("sends", row.sends.to_owned()), ("must", row.must.to_owned())],
        result,
        output: seen,
    }
}
