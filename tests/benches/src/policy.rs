//! One evaluation of a tenant's policy.

use std::hint::black_box;

use lab_entra::{
    AttestationFacts, AttestationKind, Candidate, Ceremony, Circumstances, MetadataFacts, Passkey, Persona, Tenant,
    Trust, UserFacts, Verdict, scope,
};
use lab_jobs::input::tenants;

/// A tenant, a user in two profiles, a passkey that one of them takes.
pub struct Policy {
    tenant: Tenant,
    facts: UserFacts,
    candidate: Candidate<'static>,
    circumstances: Circumstances,
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

impl Policy {
    /// The example tenant with the most profiles, and the user in most of them.
    #[must_use]
    pub fn new() -> Self {
        let tenant = Tenant::from_files(&tenants::example_files("admins-attested").unwrap()).unwrap();
        let facts = (0..tenant.users().len()).map(|index| scope::scope_of(&tenant, &Persona::User(index)));
        let facts =
            facts.filter(|facts| facts.excluded_by.is_empty()).max_by_key(|facts| facts.profiles.len()).unwrap();
        let metadata = MetadataFacts::CERTIFIED;
        let attestation = AttestationFacts {
            format: "packed",
            kind: AttestationKind::Basic,
            trust: Trust::TrustedStandIn,
            metadata: Some(metadata),
            in_app: None,
        };
        let aaguid = "a25342c0-3cdc-4414-8e46-f4807fca511c".parse().unwrap();
        let passkey = Passkey { aaguid, backup_eligible: false, backup_state: false };
        let candidate = Candidate { passkey, attestation, algorithm: -7 };
        Self { tenant, facts, candidate, circumstances: Circumstances::default() }
    }

    /// One registration held against the policy.
    pub fn evaluate(&self) {
        let decision =
            lab_entra::register(&self.tenant, &self.facts, &self.circumstances, Ceremony::valid(&self.candidate));
        assert_eq!(black_box(decision).verdict, Verdict::Allowed);
    }
}
