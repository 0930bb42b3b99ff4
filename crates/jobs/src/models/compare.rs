//! `models compare`: where a recorded key differs from its model.
//!
//! The model is emulated and recorded too, in a ceremony of the lab's own, and the two recordings are read by the same
//! eyes: what the emulation cannot play is a difference like any other.

use jiff::Timestamp;
use lab_client::Flow;
use lab_client::transcript::{Own, Tape, Transcript};
use serde::Serialize;
use serde_json::json;

use super::observed::Observed;
use super::properties::{self, Group, Kind, Property};
use super::{Catalogue, Choice};
use crate::ceremony::{self, Authenticators, Request};
use crate::error::JobError;
use crate::input::tenants;
use crate::report::{Cell, Document, Report, Tone};
use crate::world::World;

/// The tenant of the ceremony in which a model is recorded: it restricts nothing.
const TENANT: &str = "example:fresh-default";

/// A model beside a transcript.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    model: String,
    /// Whether anything that is the model's differs.
    pub differs: bool,
    rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Row {
    group: &'static str,
    member: String,
    /// What the emulated model does.
    model: Option<String>,
    /// What the transcript shows.
    recorded: Option<String>,
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Same,
    Differs,
    /// It differs, and may: it is the state of one key, or depends on the request.
    Note,
    /// The transcript does not show it.
    NotRecorded,
}

/// Holds a model against a transcript.
///
/// # Errors
/// The model cannot be emulated at the time of the transcript.
pub fn compare(choice: &Choice, transcript: &Transcript, catalogue: &Catalogue) -> Result<Comparison, JobError> {
    let model = Observed::of(&record(choice, catalogue, transcript.header.recorded_at)?);
    let recorded = Observed::of(transcript);
    let rows = rows(&model, &recorded);
    let differs = rows.iter().any(|row| row.verdict == Verdict::Differs);
    Ok(Comparison { model: choice.id().to_owned(), differs, rows })
}

/// A registration and a sign-in of a model, recorded.
///
/// # Errors
/// As [`compare`].
pub fn record(choice: &Choice, catalogue: &Catalogue, at: Timestamp) -> Result<Transcript, JobError> {
    let tape = Tape::new(("passkey-lab", env!("CARGO_PKG_VERSION")), Own::default(), Box::new(move || at));
    let tenant = tenants::read(TENANT, &mut std::io::empty())?;
    let flow = ceremony::flows(choice).into_iter().find(|flow| *flow != Flow::InApp).unwrap_or(Flow::InApp);
    let request =
        Request { flow, authenticators: Authenticators::Recorded(&tape), ..Request::new(&tenant, choice.clone()) };
    ceremony::play(&request, catalogue, &World::seeded(0, at))?;
    Ok(tape.transcript())
}

fn rows(model: &Observed, recorded: &Observed) -> Vec<Row> {
    let (ours, theirs) = (properties::of(model), properties::of(recorded));
    let same = |a: &Property, b: &Property| a.group == b.group && a.name == b.name;
    let row = |of: &Property, model: Option<&Property>, found: Option<&Property>| Row {
        group: of.group.name(),
        member: of.name.clone(),
        model: model.map(|property| property.value.clone()),
        recorded: found.map(|property| property.value.clone()),
        verdict: verdict(of, model, found, recorded),
    };
    let both = ours.iter().map(|own| row(own, Some(own), theirs.iter().find(|found| same(own, found))));
    let only = theirs.iter().filter(|found| !ours.iter().any(|own| same(own, found)));
    let mut rows: Vec<_> = both.chain(only.map(|found| row(found, None, Some(found)))).collect();
    let place = |row: &Row| {
        [Group::Info, Group::Registration, Group::SignIn].map(Group::name).iter().position(|name| *name == row.group)
    };
    rows.sort_by_key(place);
    rows
}

fn verdict(of: &Property, model: Option<&Property>, found: Option<&Property>, recorded: &Observed) -> Verdict {
    // What an older key does not tell at all says nothing against the model.
    let told_by_all = !matches!(of.name.as_str(), "algorithms" | "transports");
    match (model, found) {
        (Some(model), Some(found)) if model.value == found.value => Verdict::Same,
        (_, None) if !of.group.is_in(recorded) || !told_by_all => Verdict::NotRecorded,
        // Another length of another kind of credential, or no second counter.
        (_, None) if of.group != Group::Info => Verdict::NotRecorded,
        (Some(_), Some(_)) if of.kind == Kind::State => Verdict::Note,
        _ if of.kind == Kind::Note => Verdict::Note,
        _ => Verdict::Differs,
    }
}

impl Comparison {
    /// The report; `all` shows what is the same, too.
    #[must_use]
    pub fn report(&self, all: bool) -> Report {
        let mut document = Document::new();
        let count = |verdict| self.rows.iter().filter(|row| row.verdict == verdict).count();
        let (differ, same) = (count(Verdict::Differs), count(Verdict::Same));
        let headline = match differ {
            0 => Cell::new(format!("The recorded key is as the model {} says.", self.model), Tone::Good),
            1 => Cell::new(format!("The recorded key differs from the model {} in 1 place.", self.model), Tone::Bad),
            _ => Cell::new(
                format!("The recorded key differs from the model {} in {differ} places.", self.model),
                Tone::Bad,
            ),
        };
        document.text(headline);
        let shown: Vec<&Row> = self.rows.iter().filter(|row| all || row.verdict != Verdict::Same).collect();
        for group in shown.chunk_by(|a, b| a.group == b.group) {
            document.heading(group.first().map_or("", |row| row.group));
            document
                .table(&["member", "", "model, emulated", "recorded"], group.iter().map(|row| row.cells()).collect());
        }
        if !all {
            document.aside(format!("{same} members are the same; -v shows them"));
        }
        let result = json!(self);
        Report { command: "models-compare", result, notes: Vec::new(), document }
    }
}

impl Row {
    fn cells(&self) -> Vec<Cell> {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
        let verdict = match self.verdict {
            Verdict::Same => Cell::new("same", Tone::Good),
            Verdict::Differs => Cell::new("differs", Tone::Bad),
            Verdict::Note => Cell::new("of this key", Tone::Doubt),
            Verdict::NotRecorded => Cell::new("not recorded", Tone::Doubt),
        };
        vec![self.member.as_str().into(), verdict, value(&self.model).into(), value(&self.recorded).into()]
    }
}
