//! What the platform did to a registration, where that is not what the authenticator sent.

use lab_client::Conveyed;
use lab_protocol::trace::{Check, Document, Finding, Hinted, Trace};

use crate::trace_view::{self, TraceEntry};

static CONVEYANCE: Check = Check::new(
    "emulation/conveyance",
    Document::Lab,
    "platforms",
    "The platform passes on what the authenticator made.",
)
.cannot_fail("it tells what the platform does");

static REAL_KEY: Check = Check::new(
    "emulation/real-key",
    Document::Lab,
    "guardrails",
    "A real key is given a user handle of the lab's, and the lab's RP ID unless somebody chose another.",
)
.cannot_fail("it tells how a rehearsal with a real key departs from Entra's ceremony");

/// The notes of this module, for `explain`.
pub(crate) static CHECKS: &[&Check] = &[&CONVEYANCE, &REAL_KEY];

/// How a ceremony with a real key departs from Entra's.
pub(crate) fn of_a_real_key(rp_id: &str) -> Vec<TraceEntry> {
    let mut trace = Trace::new();
    let sentence =
        format!("The RP ID is {rp_id} and the user handle a random one of the lab's, where Entra sends its own");
    trace.check(&REAL_KEY, Finding::note(plain(sentence)));
    trace_view::entries(&trace)
}

/// The notes on one registration; none where the platform passed on everything.
pub(crate) fn notes(conveyed: &Conveyed) -> Vec<TraceEntry> {
    let mut trace = Trace::new();
    if let Some(sentence) = taken_out(conveyed) {
        trace.check(&CONVEYANCE, Finding::note(plain(sentence)));
    }
    trace_view::entries(&trace)
}

/// What the platform took out of a registration, in a sentence; `None` where it passed on everything.
pub(crate) fn taken_out(conveyed: &Conveyed) -> Option<String> {
    let format = conveyed.removed_format.as_ref().map(|format| format!("the statement of format {format}"));
    let aaguid = conveyed.hidden_aaguid.map(|aaguid| format!("the AAGUID {aaguid}"));
    let taken: Vec<_> = format.into_iter().chain(aaguid).collect();
    let rule = conveyed.rule.as_ref().map(|rule| format!(": {}", rule.text)).unwrap_or_default();
    (!taken.is_empty()).then(|| format!("The platform {} took out {}{rule}", conveyed.platform, taken.join(" and ")))
}

fn plain(sentence: String) -> Hinted {
    Hinted { sentence, hint: None }
}
