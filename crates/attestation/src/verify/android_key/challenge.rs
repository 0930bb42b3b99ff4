//! The key description, and the ceremony that it was made for.

use lab_protocol::trace::{Finding, Known, Reason};

use super::CHALLENGE;
use crate::key_description::{KeyDescription, KeyDescriptionError};
use crate::layout::oid;
use crate::note::{self, Note};
use crate::x509::Certificate;

/// Why the certificate does not belong to this ceremony.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyChallengeError {
    /// No key description.
    #[error("the certificate has no key description (extension {})", oid::ANDROID_KEY)]
    NoDescription,
    /// A key description that cannot be read.
    #[error(transparent)]
    Description(#[from] KeyDescriptionError),
    /// Made for something else.
    #[error("the key was attested for another challenge than the client data hash")]
    Mismatch,
}

impl Reason for KeyChallengeError {
    fn hint(&self) -> Option<&str> {
        match self {
            Self::NoDescription => Some("It is no certificate of Android's Keystore."),
            Self::Description(error) => error.hint(),
            Self::Mismatch => None,
        }
    }
}

/// The description, and what was found about its challenge.
pub(super) fn judge<'a>(leaf: &Certificate<'a>, hash: &'a [u8; 32]) -> (Known<KeyDescription<'a>>, Finding<'a>) {
    match describe(leaf) {
        Ok(description) if description.attestation_challenge == hash => {
            let finding = note::pass(&notes(&description));
            (Known::Value(description), finding)
        }
        Ok(description) => {
            let challenge = description.attestation_challenge;
            let finding = Finding::refuse(KeyChallengeError::Mismatch).values(hash, challenge);
            (Known::Value(description), finding)
        }
        Err(error) => (Known::Missing(&CHALLENGE), Finding::refuse(error)),
    }
}

fn describe<'a>(leaf: &Certificate<'a>) -> Result<KeyDescription<'a>, KeyChallengeError> {
    let extension = leaf.extension(oid::ANDROID_KEY).ok_or(KeyChallengeError::NoDescription)?;
    Ok(KeyDescription::parse(extension.value)?)
}

/// Who describes the key, and what nobody here knows about the description.
pub(super) fn notes(description: &KeyDescription<'_>) -> Vec<Note> {
    let mut notes = vec![Note::KeyDescription {
        version: description.attestation_version,
        attested: description.attestation_security_level.name(),
        kept: description.keymaster_security_level.name(),
    }];
    for list in description.lists() {
        let unknown = list.members.iter().filter(|member| crate::key_description::name(member.tag).is_none());
        notes.extend(unknown.map(|member| Note::UnknownAuthorization { list: list.name, tag: member.tag }));
        if !list.is_sorted() {
            notes.push(Note::UnsortedAuthorizations { list: list.name });
        }
    }
    if !description.further.is_empty() {
        notes.push(Note::FurtherDescription { count: description.further.len() });
    }
    notes
}
