//! The catalogue: one file for each group.

mod assertions;
mod cbor;
mod config;
mod credential_management;
mod credentials;
mod extensions;
mod fingerprints;
mod get_info;
mod hid;
mod large_blobs;
mod pin;
mod pin_tokens;
mod reset;
mod u2f;

use crate::case::Case;

/// A part of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// For headings.
    pub name: &'static str,
    /// Why its cases are there.
    pub why: &'static str,
    /// The cases.
    pub cases: &'static [Case],
}

/// Every group, in the order of the catalogue.
pub const GROUPS: &[Group] = &[
    Group {
        name: "CTAPHID",
        why: "Clients share one wire: a device that loses its place locks all of them out (ctap-2.2 §11.2).",
        cases: hid::CASES,
    },
    Group {
        name: "CBOR",
        why: "What is read in two ways can be signed in two ways (ctap-2.2 §8).",
        cases: cbor::CASES,
    },
    Group {
        name: "getInfo", why: "Platforms decide by it what they ask for (ctap-2.2 §6.4).", cases: get_info::CASES
    },
    Group { name: "makeCredential", why: "Registration (ctap-2.2 §6.1).", cases: credentials::CASES },
    Group { name: "getAssertion", why: "Sign-in (ctap-2.2 §6.2, §6.3).", cases: assertions::CASES },
    Group {
        name: "clientPIN",
        why: "Who finds a key has eight attempts and no more (ctap-2.2 §6.5).",
        cases: pin::CASES,
    },
    Group {
        name: "pinUvAuthToken",
        why: "A token is good for what it was asked for (ctap-2.2 §6.5.5.7).",
        cases: pin_tokens::CASES,
    },
    Group {
        name: "credentialManagement",
        why: "Who manages passkeys sees accounts (ctap-2.2 §6.8).",
        cases: credential_management::CASES,
    },
    Group {
        name: "authenticatorConfig", why: "Settings outlast their author (ctap-2.2 §6.11).", cases: config::CASES
    },
    Group { name: "largeBlobs", why: "All credentials share one array (ctap-2.2 §6.10).", cases: large_blobs::CASES },
    Group {
        name: "reset and selection",
        why: "A reset is the one thing that malware must not do (ctap-2.2 §6.6, §6.9).",
        cases: reset::CASES,
    },
    Group {
        name: "extensions",
        why: "Outputs that relying parties build on (ctap-2.2 §12).",
        cases: extensions::CASES,
    },
    Group { name: "U2F", why: "Keys outlive protocols (U2F raw messages 1.2).", cases: u2f::CASES },
    Group { name: "bioEnrollment", why: "A finger is a credential too (ctap-2.2 §6.7).", cases: fingerprints::CASES },
];

/// Every case, in the order of the catalogue.
pub fn all() -> impl Iterator<Item = &'static Case> {
    GROUPS.iter().flat_map(|group| group.cases)
}

/// The case with this id, and its group.
#[must_use]
pub fn find(id: &str) -> Option<(&'static Group, &'static Case)> {
    GROUPS.iter().find_map(|group| group.cases.iter().find(|case| case.id == id).map(|case| (group, case)))
}
