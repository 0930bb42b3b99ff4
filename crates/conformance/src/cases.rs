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
    /// The cases, by what they are about.
    pub parts: &'static [&'static [Case]],
}

impl Group {
    /// The cases, in their order.
    pub fn cases(&self) -> impl Iterator<Item = &'static Case> + use<> {
        self.parts.iter().copied().flatten()
    }
}

/// Every group, in the order of the catalogue.
pub const GROUPS: &[Group] = &[
    Group {
        name: "CTAPHID",
        why: "Clients share one wire: a device that loses its place locks all of them out (ctap-2.2 §11.2).",
        parts: hid::CASES,
    },
    Group {
        name: "CBOR",
        why: "What is read in two ways can be signed in two ways (ctap-2.2 §8).",
        parts: &[cbor::CASES],
    },
    Group {
        name: "getInfo",
        why: "Platforms decide by it what they ask for (ctap-2.2 §6.4).",
        parts: &[get_info::CASES],
    },
    Group { name: "makeCredential", why: "Registration (ctap-2.2 §6.1).", parts: credentials::CASES },
    Group { name: "getAssertion", why: "Sign-in (ctap-2.2 §6.2, §6.3).", parts: assertions::CASES },
    Group {
        name: "clientPIN",
        why: "Who finds a key has eight attempts and no more (ctap-2.2 §6.5).",
        parts: pin::CASES,
    },
    Group {
        name: "pinUvAuthToken",
        why: "A token is good for what it was asked for (ctap-2.2 §6.5.5.7).",
        parts: &[pin_tokens::CASES],
    },
    Group {
        name: "credentialManagement",
        why: "Who manages passkeys sees accounts (ctap-2.2 §6.8).",
        parts: &[credential_management::CASES],
    },
    Group {
        name: "authenticatorConfig",
        why: "Settings outlast their author (ctap-2.2 §6.11).",
        parts: &[config::CASES],
    },
    Group {
        name: "largeBlobs",
        why: "All credentials share one array (ctap-2.2 §6.10).",
        parts: &[large_blobs::CASES],
    },
    Group {
        name: "reset and selection",
        why: "A reset is the one thing that malware must not do (ctap-2.2 §6.6, §6.9).",
        parts: &[reset::CASES],
    },
    Group {
        name: "extensions",
        why: "Outputs that relying parties build on (ctap-2.2 §12).",
        parts: &[extensions::CASES],
    },
    Group { name: "U2F", why: "Keys outlive protocols (U2F raw messages 1.2).", parts: &[u2f::CASES] },
    Group {
        name: "bioEnrollment",
        why: "A finger is a credential too (ctap-2.2 §6.7).",
        parts: &[fingerprints::CASES],
    },
];

/// Every case, in the order of the catalogue.
pub fn all() -> impl Iterator<Item = &'static Case> {
    GROUPS.iter().flat_map(Group::cases)
}

/// The case with this id, and its group.
#[must_use]
pub fn find(id: &str) -> Option<(&'static Group, &'static Case)> {
    GROUPS.iter().find_map(|group| group.cases().find(|case| case.id == id).map(|case| (group, case)))
}
