//! A trace as results show it: owned, serialisable, every sentence made.

use lab_entra::rules;
use lab_protocol::trace::{Check, Entry, Outcome, Trace, Value};
use serde::Serialize;

use crate::report::{Cell, Document, Tone};

/// One entry of a trace in a result.
#[derive(Debug, Clone, Serialize)]
pub struct TraceEntry {
    /// The check.
    pub id: &'static str,
    /// Where it comes from.
    pub spec: Spec,
    /// `pass`, `fail`, `note`, `not-applicable`, `caller` or `not-judged`.
    pub outcome: &'static str,
    /// What had to be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value<'static>>,
    /// What was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<Value<'static>>,
    /// The sentence.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// How well a rule of Entra's is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<&'static str>,
    /// Where a rule of Entra's was read, and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The check that kept it from being judged.
    #[serde(skip)]
    stopped_by: Option<&'static str>,
}

/// The place of a check in its document.
#[derive(Debug, Clone, Serialize)]
pub struct Spec {
    /// Such as `webauthn-3`.
    pub document: String,
    /// Such as `7.1`.
    pub section: &'static str,
    /// The step, where the document numbers its steps.
    pub step: Option<u8>,
}

/// Every entry of a trace.
#[must_use]
pub fn entries(trace: &Trace<'_>) -> Vec<TraceEntry> {
    trace.entries().iter().map(TraceEntry::of).collect()
}

impl TraceEntry {
    fn of(entry: &Entry<'_>) -> Self {
        let (check, finding) = (entry.check, &entry.finding);
        let rule = rules::find(check.id);
        Self {
            id: check.id,
            spec: Spec { document: check.document.to_string(), section: check.section, step: check.step },
            outcome: finding.outcome.name(),
            expected: finding.expected.clone().map(Value::into_owned),
            actual: finding.actual.clone().map(Value::into_owned),
            message: capitalised(entry.message()),
            hint: entry.hint().map(str::to_owned),
            evidence: rule.map(|rule| rule.evidence.name()),
            source: rule.map(|rule| format!("{}, read {}", rule.source.title, rule.source.date_read)),
            stopped_by: finding.stopped_by.map(|check| check.id),
        }
    }

    /// The check's place in a few words: `webauthn-3 §7.1 step 14`, or how well a rule is known.
    #[must_use]
    pub fn place(&self) -> String {
        match self.evidence {
            Some(evidence) => format!("entra, {evidence}"),
            None => {
                let step = self.spec.step.map(|step| format!(" step {step}")).unwrap_or_default();
                format!("{} §{}{step}", self.spec.document, self.spec.section)
            }
        }
    }

    fn tone(&self) -> Tone {
        match self.outcome {
            "pass" => Tone::Good,
            "fail" => Tone::Bad,
            "note" | "not-judged" => Tone::Doubt,
            _ => Tone::Dim,
        }
    }

    fn row(&self) -> Vec<Cell> {
        vec![Cell::new(self.outcome, self.tone()), self.id.into(), self.place().into(), self.message.as_str().into()]
    }
}

/// A message as a sentence; a name such as clientDataJSON keeps its letter.
pub(crate) fn capitalised(message: String) -> String {
    let word = message.split(' ').next().unwrap_or_default();
    if word.is_empty() || !word.chars().all(|c| c.is_ascii_lowercase()) {
        return message;
    }
    let mut letters = message.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// How the outcomes of a trace are counted for people, in this order.
const TALLY: [(&str, &str); 6] = [
    ("pass", "passed"),
    ("fail", "failed"),
    ("note", "noted"),
    ("not-judged", "not judged"),
    ("not-applicable", "not applicable"),
    ("caller", "left to the caller"),
];

/// The check whose notes are among the facts of the response.
const AMONG_THE_FACTS: &str = "registration/trust";

/// Shows a trace: every entry, or those that failed or have something to say; in both forms how many
/// came out how.
pub fn show(document: &mut Document, title: &str, trace: &[TraceEntry], all: bool) {
    let because = common_cause(trace);
    let reason = because.as_deref().map(|because| format!(" (because {because})")).unwrap_or_default();
    document.text(Cell::new(format!("{title}: {}{reason}", tally(trace)), Tone::Strong));
    let speaks = |entry: &&TraceEntry| match entry.outcome {
        _ if all => true,
        "fail" => true,
        "note" => entry.id != AMONG_THE_FACTS,
        "not-judged" => because.is_none(),
        _ => false,
    };
    let shown = trace.iter().filter(speaks);
    document.table(&["outcome", "check", "source", "what was found"], shown.map(TraceEntry::row).collect());
}

fn tally(trace: &[TraceEntry]) -> String {
    let counts = TALLY.map(|(outcome, name)| (trace.iter().filter(|entry| entry.outcome == outcome).count(), name));
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// Why several checks were not judged, where one cause explains them all: it is said once.
fn common_cause(trace: &[TraceEntry]) -> Option<String> {
    let cause = |entry: &TraceEntry| match entry.stopped_by {
        Some(id) => format!("{id} failed"),
        None => entry.message.trim_start_matches("Could not be judged: ").trim_end_matches('.').to_owned(),
    };
    let mut causes = trace.iter().filter(|entry| entry.outcome == "not-judged").map(cause);
    let first = causes.next()?;
    let rest: Vec<String> = causes.collect();
    (!rest.is_empty() && rest.iter().all(|other| *other == first)).then_some(first)
}

/// The entry that a verdict rests on.
#[must_use]
pub fn deciding<'t>(trace: &'t [TraceEntry], check: Option<&'static Check>) -> Option<&'t TraceEntry> {
    let id = check?.id;
    let judged = |entry: &&TraceEntry| entry.id == id && entry.outcome != Outcome::Pass.name();
    trace.iter().find(|entry| entry.id == id && entry.outcome == "fail").or_else(|| trace.iter().find(judged))
}
