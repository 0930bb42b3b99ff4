//! The choices that Web Authentication leaves to the relying party where it verifies a statement: one
//! switch each. The check that asks carries the question and the answer (`Check::policy`).

use lab_protocol::trace::Choice;
use serde::{Deserialize, Serialize};

/// The relying party's answers. [`Policy::webauthn`] is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// The TPM of an AIK certificate is by nobody on the list of manufacturers (`webauthn-3 §8.3.1` has
    /// no such list; common verifiers do).
    pub tpm_manufacturer: Choice,
    /// The TPM of an AIK certificate is the FIDO conformance tools' (`FFFFF1D0`).
    pub tpm_test_manufacturer: Choice,
    /// The alternative name of an AIK certificate, whose subject is empty, is not critical
    /// (RFC 5280 §4.2.1.6: MUST be).
    pub tpm_alternative_name: Choice,
    /// A TPM statement has no `ver`, which `webauthn-3 §8.3` demands and some verifiers do not ask for.
    pub tpm_missing_version: Choice,
    /// Bytes follow a structure of a TPM in `certInfo` or `pubArea`.
    pub tpm_trailing_bytes: Choice,
    /// A `fido-u2f` statement of a model with an AAGUID (FIDO conformance list, Resp-8 F-1; not in Level 3).
    pub u2f_aaguid: Choice,
    /// Where origin and purpose of an Android key have to stand (`webauthn-3 §8.4`).
    pub android_key_authorizations: Authorizations,
    /// An Android key that may do more than sign: the text has one purpose, Keystore a set of them.
    pub android_key_other_purposes: Choice,
    /// A key description whose two lists have no member at all, as in the specification's own vector
    /// (`webauthn-3 §16`): it says nothing about the key.
    pub android_key_empty_authorizations: Choice,
    /// A SafetyNet response older than a minute (FIDO conformance list, Resp-B F-7; not in Level 3).
    pub safetynet_old: Choice,
    /// An App Attest key of the development environment.
    pub app_attest_development: Choice,
    /// How many statements of a compound one have to hold (`webauthn-3 §8.9`).
    pub compound: Quorum,
}

/// Which lists of an Android key description prove what they say (`webauthn-3 §8.4`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Authorizations {
    /// What the trusted environment enforces: for whoever takes keys of a TEE or StrongBox only.
    TeeEnforced,
    /// The union of both lists: what Android's software says counts as well.
    Union,
}

/// How many statements of several have to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Quorum {
    /// Every one.
    All,
    /// One.
    Any,
    /// This many, and every one where there are fewer.
    AtLeast(u8),
}

impl Quorum {
    /// How many of `count` have to hold; at least one.
    #[must_use]
    pub fn of(self, count: usize) -> usize {
        match self {
            Self::All => count,
            Self::Any => 1,
            Self::AtLeast(wanted) => usize::from(wanted).clamp(1, count.max(1)),
        }
    }
}

impl Policy {
    /// As strict as Level 3 asks for; what it does not demand is noted, but for bytes that nobody signed.
    #[must_use]
    pub const fn webauthn() -> Self {
        Self {
            tpm_manufacturer: Choice::Note,
            tpm_test_manufacturer: Choice::Note,
            tpm_alternative_name: Choice::Note,
            tpm_missing_version: Choice::Refuse,
            tpm_trailing_bytes: Choice::Refuse,
            u2f_aaguid: Choice::Note,
            android_key_authorizations: Authorizations::Union,
            android_key_other_purposes: Choice::Note,
            android_key_empty_authorizations: Choice::Note,
            safetynet_old: Choice::Refuse,
            app_attest_development: Choice::Refuse,
            compound: Quorum::All,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::webauthn()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quorum_is_between_one_and_all() {
        let counts = |quorum: Quorum| [0, 1, 2, 5].map(|count| quorum.of(count));
        assert_eq!(counts(Quorum::All)[1..], [1, 2, 5]);
        assert_eq!(counts(Quorum::Any), [1; 4]);
        assert_eq!(counts(Quorum::AtLeast(2)), [1, 1, 2, 2]);
        assert_eq!(counts(Quorum::AtLeast(0)), [1; 4]);
    }

    #[test]
    fn a_policy_is_read_member_by_member_over_the_default() {
        let read = |text| serde_json::from_str::<Policy>(text);
        let expected = Policy { u2f_aaguid: Choice::Refuse, compound: Quorum::AtLeast(2), ..Policy::webauthn() };
        assert_eq!(read(r#"{"u2fAaguid":"refuse","compound":{"atLeast":2}}"#).unwrap(), expected);
        assert_eq!(read(r#"{"compound":"any"}"#).unwrap().compound, Quorum::Any);
        assert!(read(r#"{"u2faaguid":"refuse"}"#).is_err());
    }
}
