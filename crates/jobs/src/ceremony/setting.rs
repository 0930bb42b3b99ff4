//! Everything that a ceremony takes place in.

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use lab_attestation::emit::Vendors;
use lab_attestation::trust::{Anchor, Anchors, Origin as AnchorOrigin};
use lab_client::{Choice as Account, Client, Context, Origin, Pin, Platform, RelatedOrigins, Route};
use lab_entra::Tenant;
use lab_entra::switches;
use lab_protocol::{Device, Env};
use lab_relying_party::registration::TrustPolicy;
use lab_relying_party::{Challenges, Choice, Origins, Policy};

use super::keys::{Keys, RouteFacts, usual_platform};
use super::lying::Lies;
use super::persona::Somebody;
use super::registration::{self, Ground};
use super::{Authenticators, Request};
use crate::error::JobError;
use crate::models::Catalogue;
use crate::world::{Part, Stream, World};

/// The years that a ceremony can take place in.
const YEARS: RangeInclusive<i16> = 2000..=9900;

/// The stage of one ceremony.
pub(crate) struct Setting<'s> {
    pub(crate) request: &'s Request<'s>,
    pub(crate) catalogue: &'s Catalogue,
    pub(crate) persona: Somebody,
    pub(crate) platform: Arc<Platform>,
    pub(crate) route: Route,
    pub(crate) keys: Keys,
    pub(crate) client: Env,
    pub(crate) challenges: Challenges,
    pub(crate) rng: Stream,
    pub(crate) anchors: Anchors,
    pub(crate) register_at: Timestamp,
    pub(crate) sign_in_at: Timestamp,
    pub(crate) notes: Vec<String>,
}

impl<'s> Setting<'s> {
    pub(crate) fn new(request: &'s Request<'s>, catalogue: &'s Catalogue, world: &World) -> Result<Self, JobError> {
        within_certificates(world.at)?;
        let persona = Somebody::find(request.tenant, &request.who, world)?;
        request.tenant_at_sign_in.map(|tenant| persona.must_be_in(tenant)).transpose()?;
        let platform = platform(request)?;
        let route_facts = RouteFacts::of(&request.model);
        let route = request.flow.route(&route_facts.facts()).map_err(|error| JobError::Flow(error.into()))?;
        let lies = Lies::new(request.lies.clone(), request.lies_from);
        let vendors = world.vendors();
        let keys = match request.authenticators {
            Authenticators::Emulated => Keys::of(&request.model, request.over, &lies, &vendors, (world, None))?,
            Authenticators::Recorded(tape) => {
                Keys::of(&request.model, request.over, &lies, &vendors, (world, Some(tape)))?
            }
            Authenticators::Replayed(played) => Keys::replayed(played, world),
        };
        let mut rng = world.stream(Part::RelyingParty);
        let (register_at, sign_in_at) = request.times(world);
        Ok(Self {
            client: Env { rng: Box::new(world.stream(Part::Client)), tamper: lies.tamper() },
            challenges: Challenges::from_random(&mut rng),
            anchors: stand_ins(request, &vendors)?,
            notes: notes(request, &persona),
            request,
            catalogue,
            persona,
            platform,
            route,
            keys,
            rng,
            register_at,
            sign_in_at,
        })
    }

    /// What the client is told about its caller: a page of the tenant's first origin.
    pub(crate) fn context(&self, tenant: &Tenant) -> Result<Context, JobError> {
        let lab = tenant.lab();
        let origin = lab.origins.first().map_or("", String::as_str);
        let origin: Origin = origin.parse().map_err(|error: lab_client::OriginError| JobError::Usage {
            what: format!("lab.json: origins: {error}"),
            hint: Some("an origin is a scheme and a host, such as https://login.microsoft.com".to_owned()),
        })?;
        let listed = lab.origins.iter().chain(&lab.related_origins).cloned();
        Ok(Context {
            related: Some(Ok(RelatedOrigins::new(listed))),
            choice: Account::User(self.persona.handle.clone()),
            ..Context::new(origin, Arc::clone(&self.platform), self.route)
        })
    }

    /// Whom the relying party trusts with an attestation. Entra judges the path by its policy, so an
    /// untrusted one is a fact here and no failure.
    pub(crate) fn trust(&self) -> TrustPolicy<'_> {
        TrustPolicy { anchors: Some(&self.anchors), intermediates: &[], at: self.register_at }
    }

    /// What a registration stands on beside its response.
    pub(crate) fn ground(&self) -> Ground<'_> {
        Ground {
            catalogue: self.catalogue,
            metadata: self.request.metadata,
            in_app: self.request.in_app(),
            circumstances: registration::circumstances(self),
            at: self.register_at,
        }
    }

    /// A client at the authenticator that registers, or at the one that signs in.
    pub(crate) fn with_client<T>(&mut self, signs_in: bool, act: impl FnOnce(&mut Client<'_>) -> T) -> T {
        let device: &mut dyn Device = if signs_in { self.keys.at_sign_in() } else { &mut *self.keys.first };
        client_at(device, &mut self.client, act)
    }
}

/// A client at a device whose user is patient and knows the PIN.
pub(crate) fn client_at<T>(device: &mut dyn Device, env: &mut Env, act: impl FnOnce(&mut Client<'_>) -> T) -> T {
    let mut patience = |_| std::ops::ControlFlow::Continue(());
    let mut knows_it = |_| Pin::new(LAB_PIN).ok();
    act(&mut Client { device, env, on_wait: &mut patience, on_pin: &mut knows_it })
}

/// What Entra does where the specification leaves a choice, by the readings of the tenant.
pub(crate) fn policy(tenant: &Tenant) -> Policy {
    let departs = |switch| tenant.switches().other(switch);
    let refuse = |refuse| if refuse { Choice::Refuse } else { Choice::Note };
    Policy {
        backup_eligibility_change: refuse(departs(&switches::BACKUP_ELIGIBILITY_CHANGE)),
        sign_count: refuse(!departs(&switches::SIGNATURE_COUNTER)),
        ..Policy::entra()
    }
}

/// The PIN of every key of a run: ceremonies are about policies, not about forgotten PINs.
pub(crate) const LAB_PIN: &str = "246813";

/// Refuses a time whose certificates could not be written: DER has years from 1970 to 9999, and
/// stand-ins are valid for years around it.
fn within_certificates(at: Timestamp) -> Result<(), JobError> {
    let year = at.to_zoned(TimeZone::UTC).year();
    if YEARS.contains(&year) {
        return Ok(());
    }
    Err(JobError::Usage {
        what: format!("the time of the run: expected a year from {} to {}, found {year}", YEARS.start(), YEARS.end()),
        hint: Some("--at or the clock in lab.json sets it; certificates cannot be dated further away".to_owned()),
    })
}

/// The origins that a tenant's relying party expects.
pub(crate) fn origins(tenant: &Tenant) -> Origins<'_> {
    Origins { own: &tenant.lab().origins, related: &tenant.lab().related_origins }
}

fn platform(request: &Request<'_>) -> Result<Arc<Platform>, JobError> {
    named_platform(request.platform.as_deref(), &request.model)
}

/// The platform of this id; without one, that which suits the model.
pub(crate) fn named_platform(id: Option<&str>, model: &crate::models::Choice) -> Result<Arc<Platform>, JobError> {
    let id = id.unwrap_or_else(|| usual_platform(model));
    Platform::find(id).ok_or_else(|| JobError::Platform {
        name: id.to_owned(),
        known: Platform::built_in().iter().map(|platform| platform.id.clone()).collect(),
    })
}

/// The roots that emulated vendors chain to, and that of the user's own where the model has one: the lab trusts
/// all of them, and says so. A transcript brings those of its run.
fn stand_ins(request: &Request<'_>, vendors: &Vendors) -> Result<Anchors, JobError> {
    let roots = match request.authenticators {
        Authenticators::Replayed(played) => played.roots.clone(),
        _ => roots(vendors, &request.model),
    };
    let anchors = roots.iter().map(|root| Anchor::from_der(root, AnchorOrigin::StandIn));
    anchors.collect::<Result<_, _>>().map_err(|error| JobError::Emulation(error.to_string()))
}

/// The certificates, in DER.
pub(crate) fn roots(vendors: &Vendors, model: &crate::models::Choice) -> Vec<Vec<u8>> {
    let own = match model {
        crate::models::Choice::Emulated(model) => model.own_authority.as_ref().map(|own| own.anchor()),
        crate::models::Choice::PasskeyRs => None,
    };
    std::iter::once(vendors.stand_in_root()).chain(own).map(<[u8]>::to_vec).collect()
}

fn notes(request: &Request<'_>, persona: &Somebody) -> Vec<String> {
    let mut notes = Vec::new();
    if request.who == super::Who::Anybody {
        notes.push(format!("no --user given: this is {}", persona.label));
    }
    if !request.lies.is_empty() {
        let lies: Vec<String> = request.lies.iter().map(ToString::to_string).collect();
        notes.push(format!("authenticator or client lie on purpose: {}", lies.join(", ")));
    }
    notes.extend(request.metadata.iter().flat_map(|metadata| metadata.notes.iter().cloned()));
    notes
}
