//! Ceremonies whose client the lab does not drive: a browser, a script, a real key behind either.
//!
//! The caller gave out options and has a response. [`Grounds`] judges it in two steps: what the relying
//! party verifies ([`Registered::case`], [`SignedIn::case`]), and what a tenant's policy says about it
//! ([`Registered::decide`], [`SignedIn::decide`]). [`Asked`] is all that has to be kept of the options
//! to judge the same response again later.

use jiff::Timestamp;
use lab_attestation::trust::{Anchor, Anchors, Origin};
use lab_entra::graph::{AttestationLevel, PasskeyType};
use lab_entra::{Circumstances, Decision, InAppAttestation, Passkey, Tenant, UserFacts};
use lab_protocol::Base64Url;
use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::{AuthenticationResponse, RegistrationResponse};
use lab_relying_party::authentication::{self, Assertion};
use lab_relying_party::registration::{self, Registration, TrustPolicy};
use lab_relying_party::{
    CredentialRecord, Expected, Expiry, KnownCredentials, Origins, Pending, Policy, UserVerification, pending,
};
use serde::{Deserialize, Serialize};

use crate::case_view::CaseView;
use crate::ceremony::registration::{self as play, Ground};
use crate::ceremony::{StepView, setting, sign_in};
use crate::error::JobError;
use crate::metadata::Consulted;
use crate::models::Catalogue;
use crate::world::World;

/// What a response is held against, as far as the options decide it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// The RP ID.
    pub rp_id: String,
    /// The origins that may answer.
    pub origins: Vec<String>,
    /// The challenge, as the text that has to stand in the client data.
    pub challenge: String,
    /// The last moment at which it may be answered.
    pub expires: Timestamp,
    /// Whether UV has to be set.
    pub user_verification: bool,
    /// The algorithms that were offered; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<Algorithm>,
    /// The credentials that were allowed; none: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow_credentials: Vec<Base64Url>,
    /// The account, where it was known before the ceremony.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_handle: Option<Base64Url>,
}

/// Whom the lab trusts, and what it asks.
#[derive(Debug)]
pub struct Grounds {
    /// The models that it knows.
    pub catalogue: Catalogue,
    /// FIDO metadata, where it has some; else the models' own files say what metadata says of them.
    pub metadata: Option<Consulted>,
    anchors: Option<Anchors>,
}

/// A registration, as it came.
#[derive(Clone, Copy)]
pub struct Registering<'r> {
    /// What it is held against.
    pub asked: &'r Asked,
    /// The response.
    pub response: &'r RegistrationResponse,
    /// Who holds which credential already.
    pub known: &'r dyn KnownCredentials,
    /// The way it took, and what came before it.
    pub circumstances: Circumstances,
    /// What Microsoft's service says, where the registration is one inside the app.
    pub in_app: Option<InAppAttestation>,
    /// What the specification leaves open: [`policy`] of a tenant, or the specification's own.
    pub policy: Policy,
    /// When it came.
    pub at: Timestamp,
}

/// A sign-in, as it came.
#[derive(Debug, Clone, Copy)]
pub struct SigningIn<'s> {
    /// What it is held against.
    pub asked: &'s Asked,
    /// The response.
    pub response: &'s AuthenticationResponse,
    /// What looking up the response's `rawId` gave.
    pub record: Option<&'s CredentialRecord>,
    /// What was stored of the passkey beside its record.
    pub passkey: Option<Passkey>,
    /// As for [`Registering::policy`].
    pub policy: Policy,
    /// When it came.
    pub at: Timestamp,
}

/// A registration that the relying party judged.
pub struct Registered(play::Played);

/// A sign-in that the relying party judged.
pub struct SignedIn(sign_in::Played);

/// What the policy says of a registration.
#[derive(Debug)]
pub struct Decided {
    /// Its answer, with the ceremony that it is about.
    pub step: StepView,
    /// Synced or bound to a device, where that is known.
    pub passkey_type: Option<PasskeyType>,
    /// What Graph would list as `attestationLevel`.
    pub attestation_level: Option<AttestationLevel>,
}

/// What Entra does where the specification leaves a choice, by the readings of the tenant.
#[must_use]
pub fn policy(tenant: &Tenant) -> Policy {
    setting::policy(tenant)
}

impl Asked {
    /// What is to be kept of a pending ceremony, which these origins may answer.
    #[must_use]
    pub fn of(pending: &Pending, origins: &[String]) -> Self {
        let expected = pending.expected(Origins::own(origins), pending.issued);
        let allow_credentials = match &pending.options {
            pending::Options::Request(options) => {
                options.allow_credentials.iter().map(|allowed| allowed.id.clone()).collect()
            }
            pending::Options::Creation(_) => Vec::new(),
        };
        Self {
            rp_id: pending.rp_id.clone(),
            origins: origins.to_vec(),
            challenge: pending.challenge.text().to_owned(),
            expires: pending.expires,
            user_verification: expected.user_verification == UserVerification::Required,
            algorithms: pending.algorithms.clone(),
            allow_credentials,
            user_handle: pending.user_handle.clone(),
        }
    }

    fn expected(&self, now: Timestamp) -> Expected<'_> {
        let demand = if self.user_verification { UserVerification::Required } else { UserVerification::NotRequired };
        Expected {
            expiry: Some(Expiry { expires: self.expires, now }),
            user_verification: demand,
            algorithms: Some(&self.algorithms[..]).filter(|algorithms| !algorithms.is_empty()),
            ..Expected::new(&self.rp_id, Origins::own(&self.origins), &self.challenge)
        }
    }
}

impl Grounds {
    /// The lab's grounds: emulated keys chain to the stand-in root of this world, or to a CA of the user's own.
    ///
    /// # Errors
    /// A root that cannot be read.
    pub fn new(catalogue: Catalogue, metadata: Option<Consulted>, world: &World) -> Result<Self, JobError> {
        let own = catalogue.named().iter().filter_map(|model| Some(model.own_authority.as_ref()?.anchor().to_vec()));
        let roots = std::iter::once(world.vendors().stand_in_root().to_vec()).chain(own);
        let anchors = roots.map(|root| Anchor::from_der(&root, Origin::StandIn));
        let anchors = anchors.collect::<Result<_, _>>().map_err(|error| JobError::Emulation(error.to_string()))?;
        Ok(Self { catalogue, metadata, anchors: Some(anchors) })
    }

    /// The same, which trusts these too; a root whose subject says that it is a laboratory's stays a stand-in.
    #[must_use]
    pub fn trusting(mut self, more: Vec<Anchor>) -> Self {
        if let Some(anchors) = &mut self.anchors {
            anchors.extend(more);
        }
        self
    }

    /// The grounds of real keys: whom to trust, only metadata says. Without it, nobody looks where a chain ends.
    #[must_use]
    pub const fn of_real_keys(catalogue: Catalogue, metadata: Option<Consulted>) -> Self {
        Self { catalogue, metadata, anchors: None }
    }

    /// Verifies a registration.
    #[must_use]
    pub fn register(&self, registering: &Registering<'_>) -> Registered {
        let request = registration::Request {
            response: registering.response,
            expected: &registering.asked.expected(registering.at),
            known: registering.known,
            trust: TrustPolicy { anchors: self.anchors.as_ref(), intermediates: &[], at: registering.at },
            policy: &registering.policy,
        };
        let ground = Ground {
            catalogue: &self.catalogue,
            metadata: self.metadata.as_ref(),
            in_app: registering.in_app,
            circumstances: registering.circumstances,
            at: registering.at,
        };
        Registered(play::judged(&request, ground))
    }

    /// Verifies a sign-in.
    #[must_use]
    pub fn sign_in(&self, signing_in: &SigningIn<'_>) -> SignedIn {
        let request = authentication::Request {
            response: signing_in.response,
            expected: &signing_in.asked.expected(signing_in.at),
            allow_credentials: &signing_in.asked.allow_credentials,
            user_known: signing_in.asked.user_handle.as_ref().map(|handle| &handle.0[..]),
            record: signing_in.record,
            policy: &signing_in.policy,
        };
        SignedIn(sign_in::judged(&request, signing_in.passkey, &self.catalogue))
    }
}

impl Registered {
    /// What the relying party found.
    #[must_use]
    pub const fn case(&self) -> Option<&CaseView> {
        self.0.case.as_ref()
    }

    /// What verifying made; `None` where the response is not valid.
    #[must_use]
    pub const fn registration(&self) -> Option<&Registration> {
        self.0.verified.registration()
    }

    /// The passkey, as it is stored beside its record.
    #[must_use]
    pub fn passkey(&self) -> Option<Passkey> {
        self.registration().map(play::passkey)
    }

    /// The policy's answer for somebody.
    #[must_use]
    pub fn decide(&self, tenant: &Tenant, facts: &UserFacts) -> Decided {
        let candidate = self.0.verified.candidate();
        let decision: Decision<'_> = self.0.verified.decide(tenant, facts, candidate.as_ref());
        Decided {
            step: StepView::of(&decision, self.0.case.clone(), None),
            passkey_type: decision.passkey_type,
            attestation_level: decision.attestation_level,
        }
    }
}

impl SignedIn {
    /// What the relying party found.
    #[must_use]
    pub const fn case(&self) -> Option<&CaseView> {
        self.0.case.as_ref()
    }

    /// What verifying made; `None` where the response is not valid.
    #[must_use]
    pub const fn assertion(&self) -> Option<&Assertion> {
        self.0.assertion.as_ref()
    }

    /// The policy's answer for somebody.
    #[must_use]
    pub fn decide(&self, tenant: &Tenant, facts: &UserFacts) -> StepView {
        StepView::of(&self.0.decide(tenant, facts), self.0.case.clone(), None)
    }
}
