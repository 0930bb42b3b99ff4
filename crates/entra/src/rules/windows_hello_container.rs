//! Windows Hello has room beside Windows Hello for Business.

use lab_protocol::trace::{Check, Document, Finding};

use super::{Rule, Stage};
use crate::aaguids;
use crate::evaluate::{Registering, Subject};
use crate::reason::{Plain, refused};
use crate::source::{self, Evidence};

/// With more platform credentials than this, Windows Hello for Business no longer stands in the way.
pub const PLATFORM_CREDENTIALS: u32 = 50;

/// The manual page.
pub static RULE: Rule = Rule {
    check: Check::new(
        "entra/windows-hello-container",
        Document::Entra,
        "Entra passkey on Windows",
        "The container holds no Windows Hello for Business credential of the same account.",
    )
    .step(7),
    what: "Whether a passkey can be made in a Windows Hello container that already serves the account.",
    why: "Windows Hello for Business signs the account in already; the limit of 50 platform credentials is the page's exception.",
    example: "On an Entra-joined PC with Windows Hello for Business, the same account cannot add a passkey on Windows.",
    graph_property: "none: it is the device's",
    evidence: Evidence::Documented,
    source: &source::WINDOWS,
    switches: &[],
    stage: Stage::Registration(judge),
};

fn judge<'a>(subject: &Subject<'a>, registering: &Registering<'a>) -> Finding<'a> {
    if !aaguids::is_windows_hello(subject.passkey.aaguid) {
        return Finding::not_applicable();
    }
    let container = registering.circumstances.windows_hello;
    if !container.for_business || container.platform_credentials > PLATFORM_CREDENTIALS {
        return Finding::pass();
    }
    refused(Plain {
        sentence: "the same account has a Windows Hello for Business credential in this container.",
        advice: Some("Use Windows Hello for Business on this device: it satisfies the same demands."),
    })
}
