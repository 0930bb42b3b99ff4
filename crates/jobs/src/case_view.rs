//! What the relying party found about one response, as the contract's CASE.

use lab_attestation::trust::Trust;
use lab_metadata::judge::{self, Judgement};
use lab_protocol::Aaguid;
use lab_protocol::trace::Trace;
use lab_protocol::webauthn::Flags;
use lab_relying_party::{Claims, authentication, registration};
use serde::Serialize;

use crate::anatomy::Document;
use crate::models::Catalogue;
use crate::report::{Cell, Tone};
use crate::trace_view::{self, TraceEntry};

/// A judged response.
#[derive(Debug, Clone, Serialize)]
pub struct CaseView {
    /// The case's name; within a ceremony the kind of its response.
    pub id: String,
    /// `valid`, `invalid`, `unsupported` or `unreadable`.
    pub outcome: &'static str,
    /// The check that decided.
    pub decided_by: Option<&'static str>,
    /// Every check that failed, in order.
    pub failed: Vec<&'static str>,
    /// The sentence to forward.
    pub message: String,
    /// The attestation; `None` at sign-in and where it could not be read.
    pub attestation: Option<AttestationView>,
    /// What metadata says of the attestation, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<MetadataView>,
    /// The model that the response names.
    pub aaguid: Option<Aaguid>,
    /// Its name, where the lab knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The flags.
    pub flags: Option<FlagsView>,
    /// The signature counter.
    pub sign_count: Option<u32>,
    /// Every check.
    pub trace: Vec<TraceEntry>,
    /// What the case expects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<ExpectedView>,
    /// Whether it came out as expected; null where that is implementation-defined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agrees: Option<Option<bool>>,
    /// What another library says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_opinion: Option<OpinionView>,
    /// Its bytes, taken apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anatomy: Option<Vec<Document>>,
}

/// The attestation of a registration.
#[derive(Debug, Clone, Serialize)]
pub struct AttestationView {
    /// The format.
    pub format: String,
    /// `none`, `self`, `basic`, `attca`, `anonca` or `unknown`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `trusted`, `untrusted`, `no-path` or `not-checked`.
    pub trust: &'static str,
    /// The anchor that the chain ends in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
    /// Whether that anchor is one of the lab's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<bool>,
}

/// What metadata says of an attestation.
#[derive(Debug, Clone, Serialize)]
pub struct MetadataView {
    /// The number of the BLOB.
    pub no: u64,
    /// The name of the entry; null where the model has none.
    pub entry: Option<String>,
    /// The model's certification; null where it is not certified.
    pub certification: Option<String>,
    /// What speaks against the model.
    pub refusals: Vec<String>,
    /// Why the attestation is not trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// The flags, by name.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FlagsView {
    up: bool,
    uv: bool,
    be: bool,
    bs: bool,
    at: bool,
    ed: bool,
}

/// What a case expects.
#[derive(Debug, Clone, Serialize)]
pub struct ExpectedView {
    /// `valid`, `invalid` or `implementation-defined`.
    pub result: &'static str,
    /// The check that has to fail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

/// What another library says.
#[derive(Debug, Clone, Serialize)]
pub struct OpinionView {
    /// The library and its version.
    pub library: &'static str,
    /// `accept`, `reject` or `unsupported`.
    pub verdict: &'static str,
    /// Why.
    pub why: String,
    /// What the library is known not to do, as far as this case touches it.
    pub limits: Vec<String>,
}

impl From<Flags> for FlagsView {
    fn from(flags: Flags) -> Self {
        let has = |flag| flags.has(flag);
        Self {
            up: has(Flags::UP),
            uv: has(Flags::UV),
            be: has(Flags::BE),
            bs: has(Flags::BS),
            at: has(Flags::AT),
            ed: has(Flags::ED),
        }
    }
}

impl CaseView {
    /// A judged registration.
    #[must_use]
    pub fn of_registration(outcome: &registration::Outcome<'_>, catalogue: &Catalogue) -> Self {
        let view = Self::of(&outcome.trace, outcome.verdict, outcome.decided_by(), &outcome.claims);
        let attestation = outcome.claims.format.map(|format| AttestationView {
            format: format.to_owned(),
            kind: outcome.attestation.map_or("unknown", lab_attestation::verify::Kind::name),
            trust: outcome.trust.name(),
            anchor: anchor(&outcome.trust).map(|(anchor, _)| anchor),
            stand_in: anchor(&outcome.trust).and_then(|(_, stand_in)| stand_in.then_some(true)),
        });
        Self { id: "registration".to_owned(), attestation, ..view }.named(outcome.claims.aaguid, catalogue)
    }

    /// A judged authentication; `aaguid` is the model that was registered, where it is known.
    #[must_use]
    pub fn of_authentication(
        outcome: &authentication::Outcome<'_>,
        catalogue: &Catalogue,
        aaguid: Option<Aaguid>,
    ) -> Self {
        let view = Self::of(&outcome.trace, outcome.verdict, outcome.decided_by(), &outcome.claims);
        Self { id: "authentication".to_owned(), ..view }.named(aaguid, catalogue)
    }

    fn of(
        trace: &Trace<'_>,
        verdict: lab_relying_party::Verdict,
        decided_by: Option<&'static lab_protocol::trace::Check>,
        claims: &Claims<'_>,
    ) -> Self {
        let entries = trace_view::entries(trace);
        let message = trace_view::deciding(&entries, decided_by).map(|entry| entry.message.clone());
        Self {
            id: String::new(),
            outcome: verdict.name(),
            decided_by: decided_by.map(|check| check.id),
            failed: trace.failures().map(|entry| entry.check.id).collect(),
            message: message.unwrap_or_else(|| "Every check passed.".to_owned()),
            attestation: None,
            metadata: None,
            aaguid: None,
            model: None,
            flags: claims.flags.map(FlagsView::from),
            sign_count: claims.sign_count,
            trace: entries,
            expected: None,
            agrees: None,
            second_opinion: None,
            anatomy: None,
        }
    }

    /// Adds what metadata says. The outcome stays what it is: whom to trust stands apart. A chain that the
    /// case's own anchors refuse is not trusted because metadata knows it.
    pub(crate) fn consulted(&mut self, judgement: &Judgement, no: u64, trace: &Trace<'_>) {
        self.trace.extend(trace_view::entries(trace));
        let standing = judgement.standing.as_ref();
        self.metadata = Some(MetadataView {
            no,
            entry: judgement.entry.as_ref().map(|entry| entry.description().to_owned()),
            certification: standing.and_then(|standing| standing.certification.as_ref()).map(ToString::to_string),
            refusals: standing.iter().flat_map(|standing| &standing.refusals).map(ToString::to_string).collect(),
            because: judgement.because.clone(),
        });
        let Some(attestation) = self.attestation.as_mut().filter(|attestation| attestation.trust != "untrusted") else {
            return;
        };
        attestation.trust = judgement.trust.name();
        let root = match &judgement.trust {
            judge::Trust::Trusted { anchor, stand_in } => Some((anchor.clone(), stand_in.then_some(true))),
            _ => None,
        };
        (attestation.anchor, attestation.stand_in) = root.map_or((None, None), |(anchor, own)| (Some(anchor), own));
        if let (Some(because), true) = (&judgement.because, self.outcome == "valid") {
            self.message = format!("Every check passed, and metadata does not vouch for it. {because}.");
        }
    }

    /// A case that could not be read.
    #[must_use]
    pub fn unreadable(id: &str, message: String) -> Self {
        Self {
            id: id.to_owned(),
            outcome: "unreadable",
            decided_by: None,
            failed: Vec::new(),
            message,
            attestation: None,
            metadata: None,
            aaguid: None,
            model: None,
            flags: None,
            sign_count: None,
            trace: Vec::new(),
            expected: None,
            agrees: None,
            second_opinion: None,
            anatomy: None,
        }
    }

    fn named(mut self, aaguid: Option<Aaguid>, catalogue: &Catalogue) -> Self {
        self.aaguid = aaguid;
        self.model = aaguid.and_then(|aaguid| catalogue.of_aaguid(aaguid)).map(|model| model.name.clone());
        self
    }

    /// The tone of the outcome.
    #[must_use]
    pub fn tone(&self) -> Tone {
        match self.outcome {
            "valid" => Tone::Good,
            "unsupported" => Tone::Doubt,
            _ => Tone::Bad,
        }
    }

    /// The facts about the response, for people.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, Cell)> {
        let mut fields = vec![("response", Cell::new(self.outcome, self.tone()))];
        if let Some(aaguid) = self.aaguid {
            let model = self.model.as_deref().unwrap_or(if aaguid.is_zero() {
                "which names no model"
            } else {
                "a model unknown to the lab"
            });
            fields.push(("AAGUID", format!("{aaguid}, {model}").into()));
        }
        if let Some(attestation) = &self.attestation {
            fields.push(("attestation", attestation.sentence().into()));
        }
        fields.extend(self.metadata.as_ref().map(|metadata| ("metadata", metadata.sentence())));
        if let Some(flags) = self.flags {
            fields.push(("flags", flags.sentence().into()));
        }
        fields.extend(self.sign_count.map(|count| ("counter", count.into())));
        if let Some(opinion) = &self.second_opinion {
            fields.push(("second opinion", opinion.sentence().into()));
        }
        fields
    }
}

fn anchor(trust: &Trust) -> Option<(String, bool)> {
    match trust {
        Trust::Trusted { anchor, stand_in } => Some((anchor.clone(), *stand_in)),
        _ => None,
    }
}

impl AttestationView {
    fn sentence(&self) -> String {
        let trust = match (self.trust, self.anchor.as_deref()) {
            ("trusted", _) if self.stand_in == Some(true) => {
                "trusted through the lab's stand-in for the vendor's root; outside the lab it is untrusted".to_owned()
            }
            ("trusted", Some(anchor)) => format!("trusted through {anchor}"),
            ("no-path", _) if self.format == "none" => return "none: nothing proves the model".to_owned(),
            ("no-path", _) => "no certificate path, so nothing proves the model".to_owned(),
            ("not-checked", _) => "trust not checked: no anchors were given".to_owned(),
            (trust, _) => trust.to_owned(),
        };
        format!("{}, type {}, {trust}", self.format, self.kind)
    }
}

impl MetadataView {
    fn sentence(&self) -> Cell {
        let level = self.certification.as_deref().unwrap_or("not certified");
        match (&self.entry, &self.because) {
            (Some(entry), None) => Cell::new(format!("“{entry}”, {level}"), Tone::Good),
            (_, Some(because)) => Cell::new(because, Tone::Bad),
            (None, None) => Cell::new("no entry", Tone::Doubt),
        }
    }
}

impl FlagsView {
    fn sentence(self) -> String {
        let names =
            [("UP", self.up), ("UV", self.uv), ("BE", self.be), ("BS", self.bs), ("AT", self.at), ("ED", self.ed)];
        let set: Vec<_> = names.iter().filter(|(_, set)| *set).map(|(name, _)| *name).collect();
        if set.is_empty() { "none".to_owned() } else { set.join(" ") }
    }
}

impl OpinionView {
    fn sentence(&self) -> String {
        let limits =
            if self.limits.is_empty() { String::new() } else { format!(" (limits: {})", self.limits.join("; ")) };
        let Self { library, verdict, why, .. } = self;
        format!("{library} says {verdict}: {why}{limits}")
    }
}
