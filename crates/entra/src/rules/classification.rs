//! Synced or device-bound.

use std::fmt;

use lab_protocol::trace::{Check, Document, Finding};

use super::{Rule, Stage};
use crate::aaguids;
use crate::candidate::Passkey;
use crate::evaluate::Subject;
use crate::graph::PasskeyType;
use crate::reason::{Cause, noted};
use crate::source::{self, Evidence};
use crate::switches::{self, Switches};

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/classification",
        Document::Entra,
        "posts of the registration page: credentialDeviceType, credentialBackedUp",
        "The passkey is synced if it is backup eligible, else device-bound.",
    )
    .step(6)
    .cannot_fail("it classifies; profiles decide"),
    what: "Which of Graph's passkey types a passkey has.",
    why: "Microsoft does not say how it tells them apart. The registration page posts values that follow the flags BE and BS.",
    example: "BE = 1 and BS = 0, before the first sync: synced.",
    graph_property: "fido2AuthenticationMethod.passkeyType",
    evidence: Evidence::Assumed,
    source: &source::MCNULTY,
    switches: &[&switches::CLASSIFICATION, &switches::SAMSUNG_PASS],
    stage: Stage::Passkey(judge),
};

/// The type of a passkey.
pub(crate) fn classify(passkey: Passkey, switches: Switches) -> PasskeyType {
    let by_state = switches.other(&switches::CLASSIFICATION);
    let flag = if by_state { passkey.backup_state } else { passkey.backup_eligible };
    let named = passkey.aaguid == aaguids::SAMSUNG_PASS && switches.other(&switches::SAMSUNG_PASS);
    if flag || named { PasskeyType::Synced } else { PasskeyType::DeviceBound }
}

#[derive(Debug)]
struct Classified {
    passkey: Passkey,
    synced: bool,
}

impl fmt::Display for Classified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (be, bs) = (u8::from(self.passkey.backup_eligible), u8::from(self.passkey.backup_state));
        let kind = if self.synced { "synced" } else { "device-bound" };
        write!(f, "The passkey is {kind} (BE = {be}, BS = {bs}).")
    }
}

impl Cause for Classified {}

fn judge<'a>(subject: &Subject<'a>) -> Finding<'a> {
    let synced = subject.kind == PasskeyType::Synced;
    let mut finding = noted(Classified { passkey: subject.passkey, synced });
    finding.actual = Some(super::passkey_type::name(&subject.kind).into());
    finding
}
