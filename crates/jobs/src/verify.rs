//! Judging recorded responses.

mod judge;
mod opinion;

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use crate::anatomy;
use crate::case_view::CaseView;
use crate::input::InputError;
use crate::input::anchors::AnchorFolder;
use crate::input::cases::{self, Case, CaseError};
use crate::metadata::Consulted;
use crate::models::Catalogue;
use crate::report::{Cell, Document, Report, Tone};
use crate::trace_view;

/// What cases are judged with.
#[derive(Debug, Clone, Copy)]
pub struct Options<'o> {
    /// The folder of trust anchors.
    pub anchors: Option<&'o AnchorFolder>,
    /// The metadata that is asked.
    pub metadata: Option<&'o Consulted>,
    /// The time that the user gave.
    pub at: Option<Timestamp>,
    /// The time of the run, for cases without one.
    pub now: Timestamp,
    /// Whether to ask webauthn-rs-core too.
    pub second_opinion: bool,
    /// Whether to take the responses apart byte by byte.
    pub anatomy: bool,
    /// The models, for names.
    pub catalogue: &'o Catalogue,
}

/// Judged cases.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The cases, in the order of the files.
    pub cases: Vec<CaseView>,
    /// Sentences that belong to no case.
    pub notes: Vec<String>,
}

impl Outcome {
    /// Judges every case of a file.
    pub fn judge_file(&mut self, path: &Path, text: &str, options: &Options<'_>) {
        let name = path.display().to_string();
        self.judge_cases((&name, path.parent()), cases::read(&name, text), options);
    }

    /// Judges the cases of a request. It comes from somewhere else, so no files lie beside it.
    pub fn judge_body(&mut self, body: Value, options: &Options<'_>) {
        self.judge_cases(("the body", None), cases::listed("the body", body), options);
    }

    fn judge_cases(
        &mut self,
        (name, beside): (&str, Option<&Path>),
        cases: Result<Vec<Result<Case, CaseError>>, CaseError>,
        options: &Options<'_>,
    ) {
        match cases {
            Ok(cases) => cases.into_iter().for_each(|case| self.judge_case((name, beside), case, options)),
            Err(error) => self.cases.push(CaseView::unreadable(name, error.to_string())),
        }
    }

    /// Records a file that could not be read.
    pub fn unreadable(&mut self, path: &Path, error: &InputError) {
        self.cases.push(CaseView::unreadable(&path.display().to_string(), error.to_string()));
    }

    fn judge_case(
        &mut self,
        (name, beside): (&str, Option<&Path>),
        case: Result<Case, CaseError>,
        options: &Options<'_>,
    ) {
        if let Ok(case) = &case {
            self.notes.extend(case.notes.iter().map(|note| format!("{}: {note}", case.id)));
        }
        let view = case.map_err(|error| (error_id(&error), error.to_string())).and_then(|case| {
            let judged = judge::judge(&case, beside, options);
            judged.map_err(|error| (case.id.clone(), format!("{name}: case {}: {error}", case.id)))
        });
        match view {
            Ok((view, note)) => {
                let new = note.filter(|note| !self.notes.contains(note));
                self.notes.extend(new);
                self.cases.push(view);
            }
            Err((id, message)) => self.cases.push(CaseView::unreadable(&id, message)),
        }
    }

    /// The worst case counts: 2 unreadable, 1 bad, 4 unsupported, 0 good.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        let statuses = || self.cases.iter().map(status);
        [2, 1, 4].into_iter().find(|worst| statuses().any(|status| status == *worst)).unwrap_or(0)
    }

    /// The report; `all` shows every check.
    #[must_use]
    pub fn report(&self, all: bool) -> Report {
        let mut document = Document::new();
        match self.cases.as_slice() {
            [single] => {
                show(&mut document, single, all);
                asides(&mut document, single, all);
            }
            several => {
                document.text(Cell::new(summary(several), Tone::Strong));
                document.table(
                    &["case", "outcome", "decided by", "expected", "what was found"],
                    several.iter().map(row).collect(),
                );
                for case in several.iter().filter(|case| all || case.anatomy.is_some()) {
                    document.heading(&case.id);
                    show(&mut document, case, all);
                }
            }
        }
        let result = self.cases.iter().map(|case| serde_json::to_value(case).unwrap_or(Value::Null));
        Report { command: "verify", result: result.collect(), notes: self.notes.clone(), document }
    }
}

fn error_id(error: &CaseError) -> String {
    match error {
        CaseError::Member { id, .. } => id.clone(),
        CaseError::Json { file, .. }
        | CaseError::Shape { file, .. }
        | CaseError::Count { file, .. }
        | CaseError::NoResponse { file, .. } => file.clone(),
    }
}

/// A case that agrees with what it expects is good, whatever its outcome.
fn status(case: &CaseView) -> u8 {
    match (case.outcome, case.agrees) {
        ("unreadable", _) => 2,
        (_, Some(Some(true) | None)) => 0,
        ("unsupported", _) => 4,
        (_, Some(Some(false))) => 1,
        ("valid", None) => 0,
        _ => 1,
    }
}

fn show(document: &mut Document, case: &CaseView, all: bool) {
    let decided = case.decided_by.map(|id| format!(" by {id}")).unwrap_or_default();
    document.text(Cell::new(format!("{}{decided}", case.outcome.to_uppercase()), case.tone()));
    document.text(case.message.as_str());
    document.hint(trace_view_hint(case));
    let mut fields = vec![("case", case.id.as_str().into())];
    fields.extend(case.fields().into_iter().filter(|_| case.outcome != "unreadable"));
    fields.extend(expectation(case).map(|cell| ("expected", cell)));
    document.fields(fields);
    if !case.trace.is_empty() {
        trace_view::show(document, "Checks", &case.trace, all);
    }
    anatomy::show(document, case.anatomy.as_deref().unwrap_or_default());
}

/// What was expected, and whether it came true.
fn expectation(case: &CaseView) -> Option<Cell> {
    let expected = case.expected.as_ref()?;
    let check = expected.check.as_deref().map(|check| format!(" by {check}")).unwrap_or_default();
    let said = format!("{}{check}", expected.result);
    Some(match case.agrees.flatten() {
        Some(true) => Cell::new(format!("{said}: agrees"), Tone::Good),
        Some(false) => Cell::new(format!("{said}: does not agree"), Tone::Bad),
        None => Cell::new(said, Tone::Doubt),
    })
}

fn asides(document: &mut Document, case: &CaseView, all: bool) {
    if let Some(id) = case.decided_by {
        document
            .aside(format!("`passkey-lab explain {id}` says more{}", if all { "" } else { "; -v shows every check" }));
    } else if !all && !case.trace.is_empty() {
        document.aside("-v shows every check");
    }
}

fn trace_view_hint(case: &CaseView) -> Option<&str> {
    let id = case.decided_by?;
    case.trace.iter().find(|entry| entry.id == id).and_then(|entry| entry.hint.as_deref())
}

fn row(case: &CaseView) -> Vec<Cell> {
    let expected = match (case.agrees, &case.expected) {
        (Some(Some(true)), _) => Cell::new("agrees", Tone::Good),
        (Some(Some(false)), Some(expected)) => Cell::new(expected.result, Tone::Bad),
        (Some(None), _) => Cell::new("implementation-defined", Tone::Doubt),
        _ => Cell::default(),
    };
    let decided = case.decided_by.unwrap_or_default();
    vec![
        case.id.as_str().into(),
        Cell::new(case.outcome, case.tone()),
        decided.into(),
        expected,
        case.message.as_str().into(),
    ]
}

fn summary(cases: &[CaseView]) -> String {
    let count = |outcome: &str| cases.iter().filter(|case| case.outcome == outcome).count();
    let parts =
        ["valid", "invalid", "unsupported", "unreadable"].map(|outcome| format!("{} {outcome}", count(outcome)));
    let disagree = cases.iter().filter(|case| case.agrees == Some(Some(false))).count();
    format!("{} cases: {}; {disagree} not as the case expects", cases.len(), parts.join(", "))
}
