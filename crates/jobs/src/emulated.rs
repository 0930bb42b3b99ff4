//! An emulated authenticator with its client, kept for as many ceremonies as somebody wants: what
//! [`crate::ceremony`] uses once, for relying parties that the lab does not play.

use std::sync::Arc;

use jiff::Timestamp;
use lab_authenticator::{Authenticator, InProcess, Model};
use lab_client::{Client, ClientError, Context, Platform};
use lab_lies::Lie;
use lab_peers::passkey_rs;
use lab_protocol::webauthn::{
    AuthenticationResponse, PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions, RegistrationResponse,
};
use lab_protocol::{Aaguid, Base64Url, Device, Env};
use serde::Serialize;

use crate::ceremony::keys::{self, RouteFacts};
use crate::ceremony::lying::Lies;
use crate::ceremony::setting::{client_at, named_platform};
use crate::ceremony::{ClientRefusal, Flow, LiesFrom, emulation};
use crate::error::JobError;
use crate::models::Choice;
use crate::world::{Part, World};

pub use lab_client::{Origin, OriginError};

/// What an authenticator is made from.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// The model: an emulated one.
    pub model: Choice,
    /// The platform's id; else the one that suits the model.
    pub platform: Option<String>,
    /// What authenticator and client lie about.
    pub lies: Vec<Lie>,
    /// Who touches it.
    pub person: Person,
}

/// Who touches an emulated authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Person {
    /// Touches and is verified whenever it is asked for.
    #[default]
    Auto,
    /// Declines everything.
    Deny,
}

/// A call of a page.
#[derive(Debug, Clone)]
pub struct Call {
    /// Whose page.
    pub origin: Origin,
    /// How the person meets the authenticator; else as the model is usually met.
    pub flow: Option<Flow>,
    /// When.
    pub at: Timestamp,
}

/// What a call came to: a response, or a client or authenticator that refused.
pub type Answered<R> = Result<Made<R>, ClientRefusal>;

/// A response as the platform passes it on.
#[derive(Debug, Clone, PartialEq)]
pub struct Made<R> {
    /// What a page gets.
    pub response: R,
    /// What the platform took out, a sentence each.
    pub notes: Vec<String>,
}

/// A credential that an authenticator holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The credential id.
    pub id: Base64Url,
    /// The RP ID; none of a credential that was made over CTAP1.
    pub rp_id: Option<String>,
    /// The user handle.
    pub user_handle: Base64Url,
    /// The user's name, where the authenticator kept one.
    pub user_name: Option<String>,
    /// Whether it can be found without its id.
    pub discoverable: bool,
    /// BE.
    pub backup_eligible: bool,
}

/// An emulated authenticator and its client.
#[derive(Debug)]
pub struct Emulated {
    model: Arc<Model>,
    route: RouteFacts,
    platform: Arc<Platform>,
    first: InProcess,
    /// A second device of the same account, which a synced passkey signs in on.
    second: Option<InProcess>,
    client: Env,
}

impl Emulated {
    /// An authenticator as its user has it: with a PIN, and a finger enrolled where it has a sensor.
    ///
    /// # Errors
    /// The model is no emulated one, there is no such platform, or the model cannot be set up.
    pub fn new(set_up: SetUp, world: &World) -> Result<Self, JobError> {
        let Choice::Emulated(model) = &set_up.model else {
            return Err(JobError::Usage {
                what: format!("{} is no emulated authenticator", passkey_rs::ID),
                hint: Some("`passkey-lab models list` shows the models that are".to_owned()),
            });
        };
        let platform = named_platform(set_up.platform.as_deref(), &set_up.model)?;
        let lies = Lies::new(set_up.lies, LiesFrom::Registration);
        let (first, second) = keys::engines(model, &lies, &world.vendors(), world)?;
        let device = |engine: Authenticator| InProcess::at(engine, world.at, set_up.person.into());
        Ok(Self {
            model: Arc::clone(model),
            route: RouteFacts::of(&set_up.model),
            platform,
            first: device(first),
            second: second.map(device),
            client: Env { rng: Box::new(world.stream(Part::Client)), tamper: lies.tamper() },
        })
    }

    /// The AAGUID of the model.
    #[must_use]
    pub fn aaguid(&self) -> Aaguid {
        self.model.aaguid()
    }

    /// The platform's id.
    #[must_use]
    pub fn platform(&self) -> &str {
        &self.platform.id
    }

    /// How many credentials it holds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.first.authenticator.count()
    }

    /// What it holds, oldest first.
    #[must_use]
    pub fn credentials(&self) -> Vec<Held> {
        self.first.authenticator.credentials().into_iter().map(Held::from).collect()
    }

    /// `navigator.credentials.create`.
    ///
    /// # Errors
    /// A flow that the model does not have.
    pub fn create(
        &mut self,
        options: &PublicKeyCredentialCreationOptions,
        call: Call,
    ) -> Result<Answered<RegistrationResponse>, JobError> {
        let context = self.context(&call)?;
        let made = at(call.at, &mut self.first, &mut self.client, |client| client.create(options, &context));
        Ok(answered(made.map(|made| {
            let notes = emulation::taken_out(&made.conveyed).into_iter().collect();
            Made { response: made.response, notes }
        })))
    }

    /// `navigator.credentials.get`; a synced passkey answers from another device of its account.
    ///
    /// # Errors
    /// A flow that the model does not have.
    pub fn get(
        &mut self,
        options: &PublicKeyCredentialRequestOptions,
        call: Call,
    ) -> Result<Answered<AuthenticationResponse>, JobError> {
        let context = self.context(&call)?;
        let device = self.second.as_mut().unwrap_or(&mut self.first);
        let made = at(call.at, device, &mut self.client, |client| client.get(options, &context));
        Ok(answered(made.map(|made| Made { response: made.response, notes: Vec::new() })))
    }

    fn context(&self, call: &Call) -> Result<Context, JobError> {
        let facts = self.route.facts();
        let flow = call.flow.unwrap_or_else(|| Flow::usual(&facts));
        let route = flow.route(&facts).map_err(|error| JobError::Flow(error.into()))?;
        Ok(Context::new(call.origin.clone(), Arc::clone(&self.platform), route))
    }
}

/// A client at a device for which the time stands still.
fn at<T>(now: Timestamp, device: &mut InProcess, client: &mut Env, act: impl FnOnce(&mut Client<'_>) -> T) -> T {
    device.clock = Box::new(move || now);
    let device: &mut dyn Device = device;
    client_at(device, client, act)
}

fn answered<R>(made: Result<Made<R>, ClientError>) -> Answered<R> {
    made.map_err(|error| ClientRefusal::of(&error))
}

impl From<Person> for lab_authenticator::Person {
    fn from(person: Person) -> Self {
        match person {
            Person::Auto => Self::Auto,
            Person::Deny => Self::Deny,
        }
    }
}

impl From<lab_authenticator::Credential> for Held {
    fn from(credential: lab_authenticator::Credential) -> Self {
        Self {
            id: credential.id.into(),
            rp_id: credential.rp_id,
            user_handle: credential.user.id.into(),
            user_name: credential.user.name,
            discoverable: credential.discoverable,
            backup_eligible: credential.backup_eligible,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::models::Catalogue;

    fn emulated(model: &str, person: Person) -> Emulated {
        let world = World::seeded(7, Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000));
        let model = Catalogue::default().choose(model).unwrap();
        Emulated::new(SetUp { model, platform: None, lies: Vec::new(), person }, &world).unwrap()
    }

    fn call() -> Call {
        Call { origin: "https://rp.example".parse().unwrap(), flow: None, at: Timestamp::UNIX_EPOCH }
    }

    fn creation() -> PublicKeyCredentialCreationOptions {
        let user = json!({ "id": "AAEC", "name": "ada", "displayName": "Ada" });
        let selection = json!({ "residentKey": "required", "userVerification": "required" });
        serde_json::from_value(json!({
            "rp": { "id": "rp.example", "name": "RP" }, "user": user, "challenge": "AAEC",
            "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }, { "type": "public-key", "alg": -257 }],
            "authenticatorSelection": selection,
        }))
        .unwrap()
    }

    fn request() -> PublicKeyCredentialRequestOptions {
        serde_json::from_value(json!({ "rpId": "rp.example", "challenge": "AAEC" })).unwrap()
    }

    #[test]
    fn what_it_makes_it_holds_and_signs_in_with() {
        for model in ["yubikey-5-nfc", "icloud-keychain", "windows-hello"] {
            let mut emulated = emulated(model, Person::Auto);
            let made = emulated.create(&creation(), call()).unwrap().unwrap();
            let held = emulated.credentials();
            assert_eq!((held.len(), &held[0].id, held[0].discoverable), (1, &made.response.raw_id, true), "{model}");
            let used = emulated.get(&request(), call()).unwrap().unwrap();
            assert_eq!(used.response.raw_id, made.response.raw_id, "{model}");
        }
    }

    #[test]
    fn whoever_declines_is_not_allowed() {
        let refusal = emulated("yubikey-5-nfc", Person::Deny).create(&creation(), call()).unwrap().unwrap_err();
        assert_eq!((refusal.name, refusal.ctap.is_some()), ("NotAllowedError", true));
    }

    #[test]
    fn a_flow_that_the_model_does_not_have_is_no_ceremony() {
        let call = Call { flow: Some(Flow::CrossDevice), ..call() };
        assert!(matches!(emulated("yubikey-5-nfc", Person::Auto).create(&creation(), call), Err(JobError::Flow(_))));
    }
}
