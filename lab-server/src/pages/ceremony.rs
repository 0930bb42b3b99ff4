//! `/ceremonies/{seq}`: the verdict as an administrator reads it, then what really happened.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::{IntoResponse as _, Response};
use lab_directory::Event;
use lab_entra::Verdict;
use lab_jobs::anatomy;
use lab_jobs::case_view::CaseView;
use lab_jobs::ceremony::{ProfileView, StepView};
use lab_jobs::report::{Block, Cell, Document};
use lab_jobs::trace_view::TraceEntry;
use lab_protocol::webauthn::Ceremony;

use super::failures::{self, Cause};
use super::view::{self, class, outcome_class, verdict_class};
use super::{Failure, page as render};
use crate::ceremonies::{Review, Rules, input::Input, review};
use crate::lab::Shared;
use crate::problem::Problem;
use crate::settings::ENTRA_RP_ID;

#[derive(Template)]
#[template(path = "ceremony.html")]
struct CeremonyPage {
    here: &'static str,
    seq: u64,
    what: &'static str,
    user: String,
    user_id: String,
    at: String,
    verdict: Verdict,
    decided_by: String,
    message: String,
    hint: String,
    rules: &'static str,
    door: &'static str,
    step: Option<StepView>,
    facts: Vec<(&'static str, Cell)>,
    sections: Vec<Section>,
    anatomy: Document,
    causes: Vec<Cause>,
    browser: Option<String>,
    remarks: Vec<&'static str>,
    has_case: bool,
    at_entra_host: bool,
}

/// A trace under its title: what failed or has something to say, and all of it.
struct Section {
    title: &'static str,
    about: &'static str,
    speaking: Vec<TraceEntry>,
    all: Vec<TraceEntry>,
}

pub async fn page(State(lab): State<Shared>, Path(seq): Path<u64>) -> Result<Response, Failure> {
    let review = lab.review(seq)?;
    let (user, user_id) = lab.store.read(|directory| {
        let id = review.recorded.event.user().unwrap_or_default();
        (view::user(directory, id).map_or_else(|| id.to_owned(), |user| user.name), id.to_owned())
    });
    render(&CeremonyPage::new(review, user, user_id))
}

/// The ceremony as a recorded case (`passkey-lab verify`).
pub async fn case(State(lab): State<Shared>, Path(seq): Path<u64>) -> Result<Response, Problem> {
    let review = lab.review(seq)?;
    let case = review.input.as_ref().and_then(review::case);
    let case = case.ok_or_else(|| Problem::not_found(format!("Ceremony {seq} has no response any more.")))?;
    let name = format!("attachment; filename=\"case-{seq}.json\"");
    Ok(([(CONTENT_DISPOSITION, name)], axum::Json(case)).into_response())
}

impl CeremonyPage {
    fn new(review: Review, user: String, user_id: String) -> Self {
        let registration = review.ceremony() == Ceremony::Registration;
        let case = review.step.as_ref().and_then(|step| step.webauthn.as_ref());
        let mut anatomy = Document::new();
        anatomy::show(&mut anatomy, &review.anatomy);
        let (verdict, decided_by, message) = verdict(&review);
        let failure = review.failure();
        Self {
            here: "",
            seq: review.recorded.seq,
            what: if registration { "Registration" } else { "Sign-in" },
            user,
            user_id,
            at: view::moment(&review.recorded.at.to_string()),
            verdict,
            decided_by,
            message,
            hint: review.step.as_ref().and_then(|step| step.hint.clone()).unwrap_or_default(),
            rules: review.input.as_ref().map_or("", |input| input.rules.name()),
            door: view::door(&review.recorded),
            facts: case.map(CaseView::fields).unwrap_or_default(),
            sections: sections(review.step.as_ref(), review.input.as_ref()),
            anatomy,
            causes: failure.map(|failure| failures::causes(failure, registration)).unwrap_or_default(),
            browser: failure.map(|failure| format!("{}: {}", failure.name, failure.message)),
            remarks: case.map(|case| remarks(case, registration)).unwrap_or_default(),
            has_case: review.input.as_ref().is_some_and(|input| input.response.is_some()),
            at_entra_host: review.input.as_ref().is_some_and(|input| input.asked.rp_id == ENTRA_RP_ID),
            step: review.step,
        }
    }

    fn profiles(&self) -> &[ProfileView] {
        self.step.as_ref().map_or(&[], |step| &step.profiles)
    }
}

/// The verdict as it was recorded, with the sentence that belongs to it.
fn verdict(review: &Review) -> (Verdict, String, String) {
    let again = review.step.as_ref().map(|step| crate::problem::sentence(&step.message));
    match &review.recorded.event {
        Event::Refused { verdict, decided_by, message, .. } => {
            (*verdict, decided_by.clone().unwrap_or_default(), message.clone())
        }
        _ => (Verdict::Allowed, String::new(), again.unwrap_or_else(|| "It was allowed.".to_owned())),
    }
}

fn sections(step: Option<&StepView>, input: Option<&Input>) -> Vec<Section> {
    let Some(step) = step else { return Vec::new() };
    let section = |title, about, trace: &[TraceEntry]| Section {
        title,
        about,
        speaking: trace.iter().filter(|entry| matches!(entry.outcome, "fail" | "note")).cloned().collect(),
        all: trace.to_vec(),
    };
    let policy = (input.is_none_or(|input| input.rules == Rules::Entra))
        .then(|| section("Policy", "Entra's rules, as the tenant had them at that moment", &step.trace));
    let webauthn = step.webauthn.as_ref().map(|case| {
        section("WebAuthn", "What the relying party checked, in the order of the specification", &case.trace)
    });
    policy.into_iter().chain(webauthn).collect()
}

/// What a browser does on the way, where the response shows it.
fn remarks(case: &CaseView, registration: bool) -> Vec<&'static str> {
    let mut remarks = Vec::new();
    let zero = case.aaguid.is_some_and(|aaguid| aaguid.is_zero());
    let none = case.attestation.as_ref().is_some_and(|attestation| attestation.format == "none");
    if registration && none {
        remarks.push(
            "The lab asked for attestation and got none. Either the person declined the browser's question whether the \
             site may see make and model of the key, or the passkey provider has no attestation (synced passkeys do \
             not), or a platform took it out.",
        );
    }
    if registration && zero {
        remarks.push(
            "The AAGUID is all zeros: the model is hidden. Browsers do that when attestation is declined, and some \
             providers always do. An allow list of AAGUIDs refuses such a passkey, and a block list cannot see it.",
        );
    }
    remarks
}
