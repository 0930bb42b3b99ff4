//! Microsoft Authenticator attested by Microsoft's services.

use lab_protocol::trace::{Check, Document, Finding};

use super::metadata_attestation::conclusion;
use super::{Rule, Stage};
use crate::aaguids;
use crate::evaluate::{Registering, Subject};
use crate::source::{self, Evidence};

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/in-app-attestation",
        Document::Entra,
        "passkeys in Microsoft Authenticator, attestation",
        "Microsoft Authenticator registers inside its app, and Apple's or Google's service vouches for it.",
    )
    .step(7)
    .cannot_fail("it concludes; a profile that enforces attestation decides"),
    what: "Whether a passkey of Microsoft Authenticator counts as attested: App Attest on iOS, Play Integrity and key \
           attestation on Android, judged by Microsoft's services and not by WebAuthn.",
    why: "It works only when the passkey is made inside the app. How the verdict travels is not public: the lab takes \
          it as an input of the in-app flow, and never concludes it from bytes.",
    example: "Scanning a QR code with the phone's camera makes an Authenticator passkey that is not attested.",
    graph_property: "fido2AuthenticationMethod.attestationLevel",
    evidence: Evidence::Documented,
    source: &source::AUTHENTICATOR,
    switches: &[],
    stage: Stage::Registration(judge),
};

fn judge<'a>(subject: &Subject<'a>, registering: &Registering<'a>) -> Finding<'a> {
    if !aaguids::is_authenticator(subject.passkey.aaguid) {
        return Finding::not_applicable();
    }
    conclusion(&registering.level)
}
