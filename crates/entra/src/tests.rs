//! Properties of whole decisions.

use lab_protocol::trace::Outcome;
use proptest::prelude::*;
use serde_json::json;

use crate::testing::{ICLOUD, YUBIKEY, anybody, fido2, profile, tenant};
use crate::{
    Aaguid, AttestationFacts, AttestationKind, Candidate, Ceremony, Circumstances, Passkey, Trust, Verdict, aaguids,
    register, sign_in,
};

const MODELS: [Aaguid; 5] =
    [YUBIKEY, ICLOUD, aaguids::AUTHENTICATOR_IOS, aaguids::WINDOWS_HELLO_VBS, aaguids::SAMSUNG_PASS];

fn candidates() -> impl Strategy<Value = Candidate<'static>> {
    let formats = prop::sample::select(vec!["none", "packed", "tpm", "x"]);
    let kinds = prop::sample::select(vec![
        AttestationKind::None,
        AttestationKind::SelfAttested,
        AttestationKind::Basic,
        AttestationKind::AttCa,
        AttestationKind::Unknown,
    ]);
    let trusts = prop::sample::select(vec![Trust::Trusted, Trust::TrustedStandIn, Trust::Untrusted, Trust::NotChecked]);
    let flags = (any::<bool>(), any::<bool>());
    (prop::sample::select(MODELS.to_vec()), flags, formats, kinds, trusts).prop_map(
        |(aaguid, flags, format, kind, trust)| {
            let passkey = Passkey { aaguid, backup_eligible: flags.0, backup_state: flags.1 };
            let attestation = AttestationFacts { format, kind, trust, metadata: None, in_app: None };
            Candidate { passkey, attestation, algorithm: -7 }
        },
    )
}

fn profiles() -> impl Strategy<Value = Vec<serde_json::Value>> {
    let types = prop::sample::select(vec!["deviceBound", "synced", "synced, deviceBound", "unknownFutureValue"]);
    let list = prop::option::of(prop::sample::subsequence(MODELS.to_vec(), 0..=MODELS.len()));
    prop::collection::vec((types, any::<bool>(), list), 1..6).prop_map(|rows| {
        let each = (1..).zip(rows);
        each.map(|(number, (types, attested, list))| profile(number, types, attested, list.as_deref())).collect()
    })
}

proptest! {
    /// The trace and the decision agree, whatever the tenant and the passkey.
    #[test]
    fn decisions_and_traces_agree(profiles in profiles(), candidate in candidates()) {
        let tenant = tenant(&json!({"fido2": fido2(&profiles)}));
        let (facts, circumstances) = (anybody(&tenant), Circumstances::default());
        let registration = register(&tenant, &facts, &circumstances, Ceremony::valid(&candidate));
        let signing_in = sign_in(&tenant, &facts, Ceremony::valid(&candidate.passkey));
        for decision in [&registration, &signing_in] {
            let failed = decision.trace.decided_by();
            match decision.verdict {
                Verdict::Allowed => prop_assert!(failed.is_none() && decision.decided_by.is_none() && decision.matched.is_some()),
                Verdict::Refused => prop_assert_eq!(failed, decision.decided_by),
                Verdict::Unknown => prop_assert!(failed.is_none() && decision.decided_by.is_some()),
            }
            prop_assert_eq!(decision.matched.is_some(), decision.profiles.iter().any(|profile| profile.matches));
            prop_assert_eq!(decision.profiles.len(), profiles.len());
            for entry in decision.trace.entries() {
                prop_assert!(entry.message().ends_with('.'), "{}", entry.message());
                let unable_to_fail = entry.check.cannot_fail.is_some() && entry.finding.outcome == Outcome::Fail;
                prop_assert!(!unable_to_fail, "{}", entry.check.id);
            }
            if decision.verdict == Verdict::Refused {
                prop_assert!(decision.message().is_some() && decision.hint().is_some());
            }
        }
    }

    /// More profiles never take access away.
    #[test]
    fn a_further_profile_only_adds(profiles in profiles(), candidate in candidates()) {
        let fewer = &profiles[..profiles.len() - 1];
        prop_assume!(!fewer.is_empty());
        let allowed = |profiles: &[serde_json::Value]| {
            let tenant = tenant(&json!({"fido2": fido2(profiles)}));
            let (facts, circumstances) = (anybody(&tenant), Circumstances::default());
            register(&tenant, &facts, &circumstances, Ceremony::valid(&candidate)).verdict == Verdict::Allowed
        };
        prop_assert!(!allowed(fewer) || allowed(&profiles));
    }
}
