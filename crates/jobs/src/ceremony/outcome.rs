//! What a ceremony came to, for programs and for people.

use lab_client::{ClientError, Flow};
use lab_entra::{Ceremony, CeremonyOutcome, Circumstances, Decision, Passkey, Tenant, UserFacts, Verdict};
use serde::Serialize;
use serde_json::Value;

use super::Expectation;
use crate::case_view::CaseView;
use crate::report::{Cell, Document, Report, Tone};
use crate::trace_view::{self, TraceEntry};

/// A registration and a sign-in.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The model's id.
    pub model: String,
    /// Whose passkey it is.
    pub user: String,
    /// Their groups.
    pub groups: Vec<String>,
    /// Where it was made.
    #[serde(serialize_with = "by_name")]
    pub flow: Flow,
    /// The platform's id.
    pub platform: String,
    /// The registration.
    pub registration: StepView,
    /// The sign-in; `None` where the registration was refused.
    pub sign_in: Option<StepView>,
    /// What belongs to no step.
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// One step of a ceremony.
#[derive(Debug, Clone, Serialize)]
pub struct StepView {
    /// Entra's answer.
    pub verdict: Verdict,
    /// The check that decided.
    pub decided_by: Option<&'static str>,
    /// The sentence to forward.
    pub message: String,
    /// What to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// How each profile in scope came out.
    pub profiles: Vec<ProfileView>,
    /// What each rule found.
    pub trace: Vec<TraceEntry>,
    /// What the relying party found.
    pub webauthn: Option<CaseView>,
    /// Why there is no response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ClientRefusal>,
}

/// One profile of a step.
#[derive(Debug, Clone, Serialize)]
pub struct ProfileView {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it matches as a whole.
    pub matches: bool,
    /// The rules that do not hold.
    pub failed: Vec<&'static str>,
}

/// A client or authenticator that refused.
#[derive(Debug, Clone, Serialize)]
pub struct ClientRefusal {
    /// The DOM exception that a page would see.
    pub name: &'static str,
    /// The CTAP status, where the authenticator refused.
    pub ctap: Option<String>,
    /// The cause; results have it in the step's message.
    #[serde(skip)]
    pub message: String,
    /// What to do; results have it in the step's hint.
    #[serde(skip)]
    pub hint: Option<String>,
}

fn by_name<S: serde::Serializer>(flow: &Flow, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(flow.name())
}

impl ClientRefusal {
    pub(crate) fn of(error: &ClientError) -> Self {
        Self {
            name: error.name.as_str(),
            ctap: error.ctap.map(|status| status.to_string()),
            message: error.cause.to_string(),
            hint: error.hint().map(str::to_owned),
        }
    }

    /// What a page sees, and what the authenticator answered.
    fn line(&self) -> String {
        let ctap = self.ctap.as_deref().map(|status| format!(", because the authenticator answered {status}"));
        format!("{}{}", self.name, ctap.unwrap_or_default())
    }
}

impl StepView {
    /// Brings together what policy, relying party and client said.
    pub(crate) fn of(decision: &Decision<'_>, webauthn: Option<CaseView>, error: Option<ClientRefusal>) -> Self {
        let trace = trace_view::entries(&decision.trace);
        let decided_by = decision.decided_by;
        let own = trace_view::deciding(&trace, decided_by);
        let theirs = || webauthn.as_ref().and_then(|case| trace_view::deciding(&case.trace, decided_by));
        let entry = own.or_else(theirs);
        let refusal = error.as_ref().map(|error| format!("{}: {}", error.name, error.message));
        let message = entry.map(|entry| entry.message.clone()).or(refusal).or_else(|| decision.message());
        let hint =
            entry.and_then(|entry| entry.hint.clone()).or_else(|| error.as_ref().and_then(|error| error.hint.clone()));
        Self {
            verdict: decision.verdict,
            decided_by: decided_by.map(|check| check.id),
            message: message.unwrap_or_default(),
            hint,
            profiles: decision.profiles.iter().map(ProfileView::of).collect(),
            trace,
            webauthn,
            error,
        }
    }

    /// The answer of the relying party alone, where no policy is asked.
    #[must_use]
    pub fn of_webauthn(case: Option<&CaseView>) -> Self {
        let entry = case.and_then(|case| case.trace.iter().find(|entry| Some(entry.id) == case.decided_by));
        Self {
            verdict: match case.map(|case| case.outcome) {
                Some("valid") => Verdict::Allowed,
                Some("unsupported") => Verdict::Unknown,
                _ => Verdict::Refused,
            },
            decided_by: case.and_then(|case| case.decided_by),
            message: case.map(|case| case.message.clone()).unwrap_or_default(),
            hint: entry.and_then(|entry| entry.hint.clone()),
            profiles: Vec::new(),
            trace: Vec::new(),
            webauthn: case.cloned(),
            error: None,
        }
    }

    /// A client that refused, where no policy is asked.
    pub(crate) fn refused_by_client(error: ClientRefusal) -> Self {
        Self {
            message: format!("{}: {}", error.name, error.message),
            hint: error.hint.clone(),
            error: Some(error),
            ..Self::of_webauthn(None)
        }
    }

    /// A registration without a response, and what the policy would have said.
    pub(crate) fn unanswered(
        tenant: &Tenant,
        facts: &UserFacts,
        circumstances: &Circumstances,
        error: ClientRefusal,
    ) -> Self {
        let ceremony = Ceremony { outcome: CeremonyOutcome::NoResponse, says: None };
        Self::of(&lab_entra::register(tenant, facts, circumstances, ceremony), None, Some(error))
    }

    /// A sign-in without a response, and what the policy would have said.
    pub(crate) fn unanswered_sign_in(
        tenant: &Tenant,
        facts: &UserFacts,
        passkey: Option<&Passkey>,
        error: ClientRefusal,
    ) -> Self {
        let ceremony = Ceremony { outcome: CeremonyOutcome::NoResponse, says: passkey };
        Self::of(&lab_entra::sign_in(tenant, facts, ceremony), None, Some(error))
    }

    /// 0 allowed, 1 refused, 4 where the policy's answer is unknown.
    pub(crate) const fn exit_status(&self) -> u8 {
        match self.verdict {
            Verdict::Allowed => 0,
            Verdict::Refused => 1,
            Verdict::Unknown => 4,
        }
    }

    /// The verdict in a line, or what an allowed passkey does.
    pub(crate) fn opening(&self, document: &mut Document, when: &str, does: &str) {
        match self.verdict {
            Verdict::Allowed => _ = document.text(Cell::new(format!("ALLOWED: {does}"), Tone::Good)),
            _ => self.headline(document, when),
        }
    }

    /// The verdict in a line, and where it is not that the passkey gets in, why and what to do.
    fn headline(&self, document: &mut Document, when: &str) {
        let decided = self.decided_by.map(|id| format!(" by {id}")).unwrap_or_default();
        let line = format!("{} {when}{decided}", self.verdict.name().to_uppercase());
        document.text(Cell::new(line, tone(self.verdict))).text(self.message.as_str()).hint(self.hint.as_ref());
    }

    pub(crate) fn show(&self, document: &mut Document, title: &str, all: bool) {
        document.heading(format!("{title}: {}", self.verdict));
        if self.verdict == Verdict::Allowed {
            document.text(self.message.as_str());
        }
        let mut fields = self.webauthn.as_ref().map(CaseView::fields).unwrap_or_default();
        fields.extend(self.error.as_ref().map(|error| ("client says", Cell::new(error.line(), Tone::Bad))));
        if !fields.is_empty() {
            document.fields(fields);
        }
        if self.profiles.iter().any(|profile| !profile.matches) || self.profiles.len() > 1 {
            let rows = self.profiles.iter().map(ProfileView::row);
            document.table(&["profile", "matches", "rules that do not hold"], rows.collect());
        }
        if !self.trace.is_empty() {
            trace_view::show(document, "Policy", &self.trace, all);
        }
        if let Some(case) = &self.webauthn {
            trace_view::show(document, "WebAuthn", &case.trace, all);
        }
    }
}

impl ProfileView {
    fn of(profile: &lab_entra::ProfileOutcome<'_>) -> Self {
        Self {
            id: profile.id.to_owned(),
            name: profile.name.to_owned(),
            matches: profile.matches,
            failed: profile.failed.iter().chain(&profile.undecided).map(|rule| rule.check.id).collect(),
        }
    }

    fn row(&self) -> Vec<Cell> {
        let matches = if self.matches { Cell::new("yes", Tone::Good) } else { Cell::new("no", Tone::Bad) };
        vec![self.name.as_str().into(), matches, self.failed.join(", ").into()]
    }
}

const fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Allowed => Tone::Good,
        Verdict::Refused => Tone::Bad,
        Verdict::Unknown => Tone::Doubt,
    }
}

impl Outcome {
    /// 0 as expected, 1 not, 4 where the policy's answer is unknown.
    #[must_use]
    pub fn exit_status(&self, expected: &Expectation) -> u8 {
        let steps = [Some(&self.registration), self.sign_in.as_ref()];
        if expected.holds(&self.registration, self.sign_in.as_ref()) {
            0
        } else if steps.into_iter().flatten().any(|step| step.verdict == Verdict::Unknown) {
            4
        } else {
            1
        }
    }

    /// The report; `all` shows every check.
    #[must_use]
    pub fn report(&self, all: bool) -> Report {
        let mut document = Document::new();
        let deciding = self.headline(&mut document);
        let groups = if self.groups.is_empty() { "none".to_owned() } else { self.groups.join(", ") };
        document.fields(vec![
            ("user", self.user.as_str().into()),
            ("groups", groups.into()),
            ("model", self.model.as_str().into()),
            ("flow", format!("{}, platform {}", self.flow, self.platform).into()),
        ]);
        self.registration.show(&mut document, "Registration", all);
        match &self.sign_in {
            Some(step) => step.show(&mut document, "Sign-in", all),
            None => _ = document.heading("Sign-in: not tried").text("There is no passkey to sign in with."),
        }
        let more = deciding.map(|id| format!("`passkey-lab explain {id}` says more"));
        let all = (!all).then(|| "-v shows every check".to_owned());
        let aside: Vec<String> = more.into_iter().chain(all).collect();
        if !aside.is_empty() {
            document.aside(aside.join("; "));
        }
        let result = serde_json::to_value(self).unwrap_or(Value::Null);
        Report { command: "ceremony", result, notes: self.notes.clone(), document }
    }

    /// The verdict of the whole, and the check to look up.
    fn headline(&self, document: &mut Document) -> Option<String> {
        let steps = [(Some(&self.registration), "at registration"), (self.sign_in.as_ref(), "at sign-in")];
        let stopped = steps
            .into_iter()
            .find_map(|(step, when)| Some((step?, when)).filter(|(step, _)| step.verdict != Verdict::Allowed));
        let Some((step, when)) = stopped else {
            document.text(Cell::new("ALLOWED: the passkey registers and signs in", Tone::Good));
            return None;
        };
        step.headline(document, when);
        let platform = step.error.as_ref().map(|_| format!("platform/{}", self.platform));
        step.decided_by.map(str::to_owned).or(platform)
    }
}
