//! One recorded registration and sign-in, judged again and again from their JSON.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::Timestamp;
use lab_attestation::trust::{Anchor, Anchors, Origin};
use lab_authenticator::{Authenticator, InProcess, Person, models};
use lab_client::{Client, Context, Pin, Platform, Route, Transport};
use lab_jobs::world::{Part, World};
use lab_protocol::Env;
use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::options::{CredentialParameters, UserEntity};
use lab_protocol::webauthn::{AuthenticationResponse, PublicKeyCredentialCreationOptions, RegistrationResponse};
use lab_relying_party::options::{self, Creation, Request};
use lab_relying_party::registration::TrustPolicy;
use lab_relying_party::{
    Challenge, CredentialRecord, Expected, NothingKnown, Origins, Policy, authentication, registration,
};

const RP_ID: &str = "example.org";

/// A registration (ES256, packed, a leaf under a root) and a sign-in, as JSON texts.
pub struct SignIn {
    registration: String,
    authentication: String,
    challenges: [Challenge; 2],
    record: Option<CredentialRecord>,
    anchors: Anchors,
    origins: Vec<String>,
    at: Timestamp,
}

impl Default for SignIn {
    fn default() -> Self {
        Self::new()
    }
}

impl SignIn {
    /// Makes both responses with the emulator.
    #[must_use]
    pub fn new() -> Self {
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        let world = World::unseeded([3; 32], at);
        let vendors = world.vendors();
        let env = |part| Env::honest(world.stream(part));
        let model = Arc::clone(models::find("yubikey-5-nfc").unwrap());
        let key = Authenticator::new(model, Arc::clone(&vendors), world.backend(), env(Part::Authenticator));
        let key = key.set_up("246813").unwrap();
        let mut device = InProcess::at(key, at, Person::Auto);
        let (mut client, mut patience) = (env(Part::Client), |_| ControlFlow::Continue(()));
        let mut client = Client {
            device: &mut device,
            env: &mut client,
            on_wait: &mut patience,
            on_pin: &mut |_| Pin::new("246813").ok(),
        };
        let origin = format!("https://{RP_ID}");
        let context = Context::new(origin.parse().unwrap(), Platform::find("l3").unwrap(), Route::new(Transport::Usb));
        let mut rng = world.stream(Part::RelyingParty);
        let challenges = [Challenge::random(&mut rng), Challenge::random(&mut rng)];
        let made = client.create(&creation(&challenges[0]), &context).unwrap().response;
        let request = Request { rp_id: RP_ID, challenge: &challenges[1], allow_credentials: vec![] };
        let used = client.get(&options::request(request), &context).unwrap().response;
        let anchor = Anchor::from_der(vendors.stand_in_root(), Origin::StandIn).unwrap();
        let mut recorded = Self {
            record: None,
            registration: serde_json::to_string(&made).unwrap(),
            authentication: serde_json::to_string(&used).unwrap(),
            anchors: [anchor].into_iter().collect(),
            origins: vec![origin],
            challenges,
            at,
        };
        recorded.record = Some(CredentialRecord { user_handle: Some(vec![5; 32]), ..recorded.judge_registration() });
        recorded
    }

    /// JSON to verdict of the sign-in.
    pub fn verify(&self) {
        let response: AuthenticationResponse = serde_json::from_str(&self.authentication).unwrap();
        let request = authentication::Request {
            response: &response,
            expected: &Expected::new(RP_ID, Origins::own(&self.origins), self.challenges[1].text()),
            allow_credentials: &[],
            user_known: None,
            record: self.record.as_ref(),
            policy: &Policy::webauthn(),
        };
        assert!(authentication::verify(&request).assertion.is_some());
    }

    /// JSON to verdict of the registration, the chain included.
    pub fn verify_registration(&self) {
        std::hint::black_box(self.judge_registration());
    }

    fn judge_registration(&self) -> CredentialRecord {
        let response: RegistrationResponse = serde_json::from_str(&self.registration).unwrap();
        let request = registration::Request {
            response: &response,
            expected: &Expected::new(RP_ID, Origins::own(&self.origins), self.challenges[0].text()),
            known: &NothingKnown,
            trust: TrustPolicy { anchors: Some(&self.anchors), intermediates: &[], at: self.at },
            policy: &Policy::webauthn(),
        };
        registration::verify(&request).registration.unwrap().record()
    }
}

fn creation(challenge: &Challenge) -> PublicKeyCredentialCreationOptions {
    let user = UserEntity { id: vec![5; 32].into(), name: "ada".into(), display_name: "Ada".into() };
    let creation = Creation { rp_id: RP_ID, rp_name: "Example", user, challenge, exclude_credentials: vec![] };
    PublicKeyCredentialCreationOptions {
        pub_key_cred_params: vec![CredentialParameters::new(Algorithm::ES256)],
        attestation: "direct".into(),
        ..options::creation(creation)
    }
}
