//! The recorded cases of `fixtures/cases`: made by hand, byte by byte, so that exactly the check that each
//! names decides. Everything follows from a seed: the same code writes the same files.
//!
//! A file of rows for each area; `draft` makes an honest response, and a row changes one thing before
//! everything is signed.

mod android_key;
mod android_safetynet;
mod app_attest;
mod apple;
mod assertion_signature;
mod attestation_object;
mod authentication;
mod authenticator_data;
mod certificates;
mod choices;
mod client_data;
mod compound;
mod credential_key;
mod draft;
mod fido_u2f;
mod keys;
mod origins;
mod packed;
mod packed_certificate;
mod path;
mod registration;
mod row;
mod tpm;
mod tpm_certificate;
mod valid;

use row::Group;

/// One file of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path in the folder, with `/` on every system.
    pub path: String,
    /// Its text.
    pub text: String,
}

const AREAS: &[&[Group]] = &[
    registration::GROUPS,
    client_data::GROUPS,
    attestation_object::GROUPS,
    authenticator_data::GROUPS,
    credential_key::GROUPS,
    packed::GROUPS,
    android_key::GROUPS,
    android_safetynet::GROUPS,
    apple::GROUPS,
    app_attest::GROUPS,
    tpm::GROUPS,
    fido_u2f::GROUPS,
    compound::GROUPS,
    path::GROUPS,
    authentication::GROUPS,
    assertion_signature::GROUPS,
    choices::GROUPS,
    valid::GROUPS,
];

/// Every file, in the order of the areas.
#[must_use]
pub fn files() -> Vec<File> {
    AREAS.iter().copied().flatten().flat_map(Group::files).collect()
}
