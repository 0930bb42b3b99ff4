//! The choices that Web Authentication leaves to the relying party: one switch each.
//!
//! The check that asks carries the question and the answer (`Check::policy`).

use lab_attestation::verify;
use serde::{Deserialize, Serialize};

pub use lab_protocol::trace::Choice;

/// What a flag has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Demand {
    /// Either will do.
    Any,
    /// It has to be set.
    Set,
    /// It has to be clear.
    Clear,
}

/// The relying party's answers. [`Policy::webauthn`] is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Policy {
    /// Two members of a response that say the same thing say it differently: `id` and `rawId`, the
    /// attested credential id, and the copies of authenticator data, key and algorithm (`webauthn-3 §5.2.1`).
    pub contradictions: Choice,
    /// `tokenBinding` of Level 1 and 2 is in the client data (`webauthn-3 §5.8.1`: reserved).
    pub token_binding: Choice,
    /// `crossOrigin` is neither a boolean nor absent (`webauthn-3 §7.1` step 10).
    pub cross_origin_type: Choice,
    /// `topOrigin` without `crossOrigin: true`, which no Level 3 client sends (`webauthn-3 §5.8.1`).
    pub lone_top_origin: Choice,
    /// Map keys of the attestation object or the authenticator data are not in canonical order
    /// (`webauthn-3 §2.4`: SHOULD be refused; early Windows Hello and Firefox send them so).
    pub unsorted_cbor: Choice,
    /// The attestation object has members beyond its three.
    pub unknown_members: Choice,
    /// A reserved flag is set (`webauthn-3 §6.1`).
    pub reserved_flags: Choice,
    /// UP is clear. Level 3 demands it; the older FIDO conformance list wants it accepted in
    /// assertions (Assertion Resp-3 P-4 and P-7).
    pub user_presence: Choice,
    /// Attested credential data in an assertion (`webauthn-3 §6.1`: authenticators must not).
    pub attested_data_in_assertion: Choice,
    /// BE at registration (`webauthn-3 §7.1` step 18).
    pub backup_eligible: Demand,
    /// BS at registration and sign-in (`webauthn-3 §7.1` step 19, `§7.2` step 19).
    pub backup_state: Demand,
    /// The credential key has members beyond those of its type (`webauthn-3 §6.5.1`: MUST NOT).
    pub extra_key_members: Choice,
    /// The credential key is one of RS1, whose hash is broken: TPMs attest such keys, and no sign-in with
    /// one is accepted.
    pub sha1_keys: Choice,
    /// A credential id of no bytes.
    pub empty_credential_id: Choice,
    /// No attestation (`webauthn-3 §7.1` step 24).
    pub no_attestation: Choice,
    /// Self attestation (`webauthn-3 §7.1` step 24).
    pub self_attestation: Choice,
    /// A path that ends in none of the given anchors (`webauthn-3 §7.1` step 24: SHOULD fail, MAY be
    /// registered as if it attested itself).
    pub untrusted_attestation: Choice,
    /// A user handle of no bytes, which some clients send for none.
    pub empty_user_handle: Choice,
    /// BE differs from the record (`webauthn-3 §7.2` step 19).
    pub backup_eligibility_change: Choice,
    /// The signature counter is not greater than the record's, and one of them is not zero
    /// (`webauthn-3 §7.2` step 22).
    pub sign_count: Choice,
    /// What the attestation statement formats leave open.
    pub statement: verify::Policy,
}

impl Policy {
    /// As strict as Level 3 asks for; where it only gives a signal, a note.
    #[must_use]
    pub const fn webauthn() -> Self {
        Self {
            contradictions: Choice::Refuse,
            token_binding: Choice::Note,
            cross_origin_type: Choice::Refuse,
            lone_top_origin: Choice::Refuse,
            unsorted_cbor: Choice::Note,
            unknown_members: Choice::Note,
            reserved_flags: Choice::Note,
            user_presence: Choice::Refuse,
            attested_data_in_assertion: Choice::Refuse,
            backup_eligible: Demand::Any,
            backup_state: Demand::Any,
            extra_key_members: Choice::Refuse,
            sha1_keys: Choice::Note,
            empty_credential_id: Choice::Refuse,
            no_attestation: Choice::Note,
            self_attestation: Choice::Note,
            untrusted_attestation: Choice::Refuse,
            empty_user_handle: Choice::Note,
            backup_eligibility_change: Choice::Refuse,
            sign_count: Choice::Note,
            statement: verify::Policy::webauthn(),
        }
    }

    /// Entra ID's, as far as it is known. A counter that does not grow is refused since May 2026
    /// (CVE-2026-34348; slides of Black Hat USA 2026, read 2026-11-20). Registered with BE and signing
    /// without it seems to pass at Entra (scripts do so, read 2026-11-20); Level 3 demands a refusal, and
    /// `backup_eligibility_change` is the switch. Whether an untrusted path matters is for the tenant's profiles:
    /// where attestation is not enforced Entra takes certificates of anybody's making.
    #[must_use]
    pub const fn entra() -> Self {
        Self { sign_count: Choice::Refuse, untrusted_attestation: Choice::Note, ..Self::webauthn() }
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
    fn a_policy_is_read_member_by_member_over_the_default() {
        let policy: Policy = serde_json::from_str(r#"{"signCount":"refuse","backupEligible":"clear"}"#).unwrap();
        let expected = Policy { sign_count: Choice::Refuse, backup_eligible: Demand::Clear, ..Policy::webauthn() };
        assert_eq!(policy, expected);
        assert!(serde_json::from_str::<Policy>(r#"{"signcount":"refuse"}"#).is_err());
    }
}
