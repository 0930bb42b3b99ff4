//! The relying party of a rehearsal with a real key: its options, and what is said of the answer.

use std::sync::Arc;

use jiff::SignedDuration;
use lab_client::{Choice, Context, Origin, Platform, Route, Transport};
use lab_entra::{Circumstances, Mfa, Tenant, UserFacts};
use lab_relying_party::{Challenges, Policy};

use super::KeyName;
use super::client::{Denial, KeyClient};
use crate::ceremony::persona::Somebody;
use crate::ceremony::{StepView, Who};
use crate::error::JobError;
use crate::live;
use crate::trace_view::TraceEntry;
use crate::world::{Part, Stream, World};

/// How long a ceremony may take: as long as Entra's challenges live.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_mins(5);
/// The user where no tenant names one.
const NOBODY: &str = "LAB rehearsal";

/// Whose passkey it is to be.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) label: String,
    pub(super) display_name: String,
    pub(super) groups: Vec<String>,
    /// What decides about them, where a tenant does.
    pub(super) facts: Option<UserFacts>,
}

impl Subject {
    pub(super) fn find(tenant: Option<&Tenant>, who: &Who, world: &World) -> Result<Self, JobError> {
        let Some(tenant) = tenant else {
            let label = NOBODY.to_owned();
            return Ok(Self { display_name: label.clone(), label, groups: Vec::new(), facts: None });
        };
        let somebody = Somebody::find(tenant, who, world)?;
        let facts = Some(somebody.facts(tenant));
        Ok(Self { label: somebody.label, display_name: somebody.display_name, groups: somebody.groups, facts })
    }

    /// The tenant and what decides in it, where there is one.
    pub(super) fn judged_by<'a>(&'a self, tenant: Option<&'a Tenant>) -> Option<(&'a Tenant, &'a UserFacts)> {
        tenant.zip(self.facts.as_ref())
    }
}

/// A user on the Security info page, who has just done multifactor authentication.
pub(super) fn circumstances() -> Circumstances {
    Circumstances { mfa: Mfa::Age(SignedDuration::ZERO), ..Circumstances::default() }
}

/// What the relying party does where the specification leaves a choice.
pub(super) fn policy(tenant: Option<&Tenant>) -> Policy {
    tenant.map_or_else(Policy::entra, live::policy)
}

/// Challenges of Entra's shape, and where they come from.
pub(super) fn challenges(world: &World) -> (Challenges, Stream) {
    let mut rng = world.stream(Part::RelyingParty);
    (Challenges::from_random(&mut rng), rng)
}

/// The page of the relying party.
pub(super) fn origin(rp_id: &str) -> String {
    format!("https://{rp_id}")
}

/// A page of this relying party, with a key that is plugged in.
pub(super) fn context(rp_id: &str, platform: &Arc<Platform>, user_handle: &[u8]) -> Result<Context, JobError> {
    let origin: Origin = origin(rp_id).parse().map_err(|error: lab_client::OriginError| JobError::Usage {
        what: format!("--rp-id {rp_id}: {error}"),
        hint: Some("an RP ID is the name of a host, such as passkey-lab.test".to_owned()),
    })?;
    Ok(Context {
        choice: Choice::User(user_handle.to_vec()),
        ..Context::new(origin, Arc::clone(platform), Route::new(Transport::Usb))
    })
}

/// The platform between page and key.
pub(super) fn platform(id: Option<&str>) -> Result<Arc<Platform>, JobError> {
    let id = id.unwrap_or("chromium");
    Platform::find(id).ok_or_else(|| JobError::Platform {
        name: id.to_owned(),
        known: Platform::built_in().iter().map(|platform| platform.id.clone()).collect(),
    })
}

/// Puts notes before what the relying party found.
pub(super) fn prepend(step: &mut StepView, notes: Vec<TraceEntry>) {
    step.webauthn.iter_mut().for_each(|case| _ = case.trace.splice(0..0, notes.clone()));
}

/// The key with the model that it names.
pub(super) fn identify(key: &KeyName, client: &mut dyn KeyClient) -> Result<KeyName, Denial> {
    Ok(KeyName { aaguid: Some(client.info()?.aaguid), ..key.clone() })
}
