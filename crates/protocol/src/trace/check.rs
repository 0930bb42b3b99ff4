//! What a check is: a stable name, and its place in a document as data.

use core::fmt;

/// One thing that is verified. Checks are `static`s; the tables of them are the specification's order.
///
/// The id never changes; section and step are data, so a renumbered specification changes one table.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// Stable name, such as `registration/rp-id-hash`.
    pub id: &'static str,
    /// The document that demands it.
    pub document: Document,
    /// The section in that document, such as `7.1`.
    pub section: &'static str,
    /// The step within the section, where the document numbers its steps.
    pub step: Option<u8>,
    /// What has to hold: one sentence, with its full stop.
    pub text: &'static str,
    /// What to do when it does not hold.
    pub hint: Option<&'static str>,
    /// Why no response can fail here: the step only binds a value, or belongs to the caller.
    pub cannot_fail: Option<&'static str>,
    /// How the lab reads it where the document leaves a choice.
    pub policy: Option<Policy>,
}

/// The lab's answer where a specification leaves the decision to the relying party.
#[derive(Debug, PartialEq, Eq)]
pub struct Policy {
    /// What the document leaves open.
    pub question: &'static str,
    /// What the lab does, and how to have the other answer.
    pub answer: &'static str,
}

impl Check {
    /// A check without step number, hint or exemption; the other `const fn`s add them.
    #[must_use]
    pub const fn new(id: &'static str, document: Document, section: &'static str, text: &'static str) -> Self {
        Self { id, document, section, step: None, text, hint: None, cannot_fail: None, policy: None }
    }

    /// The same check with its step number.
    #[must_use]
    pub const fn step(mut self, step: u8) -> Self {
        self.step = Some(step);
        self
    }

    /// The same check with advice for whoever meets a failure.
    #[must_use]
    pub const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The same check, marked as one that no response can fail, with the reason.
    #[must_use]
    pub const fn cannot_fail(mut self, reason: &'static str) -> Self {
        self.cannot_fail = Some(reason);
        self
    }

    /// The same check with the lab's policy for a choice that the document leaves open.
    #[must_use]
    pub const fn policy(mut self, question: &'static str, answer: &'static str) -> Self {
        self.policy = Some(Policy { question, answer });
        self
    }
}

/// Where a check comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Document {
    /// Web Authentication, Level 3.
    WebAuthn3,
    /// Client to Authenticator Protocol 2.2.
    Ctap22,
    /// RFC 5280, certificates and path validation.
    Rfc5280,
    /// RFC 9052 and 9053, COSE.
    Rfc9053,
    /// FIDO Metadata Service, version 3.
    FidoMds3,
    /// Google's documentation of the SafetyNet Attestation API, archived.
    SafetyNet,
    /// Apple's documentation of App Attest.
    AppAttest,
    /// Microsoft Entra ID's documentation.
    Entra,
    /// A rule of this lab, which no specification states.
    Lab,
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WebAuthn3 => "webauthn-3",
            Self::Ctap22 => "ctap-2.2",
            Self::Rfc5280 => "rfc-5280",
            Self::Rfc9053 => "rfc-9053",
            Self::FidoMds3 => "fido-mds-3",
            Self::SafetyNet => "safetynet",
            Self::AppAttest => "app-attest",
            Self::Entra => "entra",
            Self::Lab => "lab",
        })
    }
}
