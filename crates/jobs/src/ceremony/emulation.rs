//! What emulator and platform did to a registration, where that is not what the real model sends.

use lab_client::Conveyed;
use lab_protocol::trace::{Check, Document, Finding, Hinted, Trace};

use crate::models::Choice;
use crate::trace_view::{self, TraceEntry};

static ATTESTATION_FORMAT: Check = Check::new(
    "emulation/attestation-format",
    Document::Lab,
    "models",
    "The emulated model attests in the format of the real one.",
)
.cannot_fail("it tells what the emulation does");

static CONVEYANCE: Check = Check::new(
    "emulation/conveyance",
    Document::Lab,
    "platforms",
    "The platform passes on what the authenticator made.",
)
.cannot_fail("it tells what the platform does");

/// The notes of this module, for `explain`.
pub(crate) static CHECKS: &[&Check] = &[&ATTESTATION_FORMAT, &CONVEYANCE];

/// The notes on one registration; none where everything is as the real model and a silent platform have it.
pub(crate) fn notes(model: &Choice, conveyed: &Conveyed) -> Vec<TraceEntry> {
    let mut trace = Trace::new();
    if let Some(sentence) = unbuilt_format(model) {
        trace.check(&ATTESTATION_FORMAT, Finding::note(plain(sentence)));
    }
    if let Some(sentence) = taken_out(conveyed) {
        trace.check(&CONVEYANCE, Finding::note(plain(sentence)));
    }
    trace_view::entries(&trace)
}

fn unbuilt_format(model: &Choice) -> Option<String> {
    let Choice::Emulated(model) = model else { return None };
    let real = model.attestation_as_built().instead_of?;
    Some(format!(
        "{} sends the attestation format {real}, which is not built yet: it registered with none and its AAGUID, as it \
         does where it cannot attest.",
        model.name
    ))
}

fn taken_out(conveyed: &Conveyed) -> Option<String> {
    let format = conveyed.removed_format.as_ref().map(|format| format!("the statement of format {format}"));
    let aaguid = conveyed.hidden_aaguid.map(|aaguid| format!("the AAGUID {aaguid}"));
    let taken: Vec<_> = format.into_iter().chain(aaguid).collect();
    let rule = conveyed.rule.as_ref().map(|rule| format!(": {}", rule.text)).unwrap_or_default();
    (!taken.is_empty()).then(|| format!("The platform {} took out {}{rule}", conveyed.platform, taken.join(" and ")))
}

fn plain(sentence: String) -> Hinted {
    Hinted { sentence, hint: None }
}
