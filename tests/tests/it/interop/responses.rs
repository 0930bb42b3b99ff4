//! Every response that the emulator makes, as recorded cases.

use std::ops::ControlFlow;
use std::sync::Arc;

use lab_attestation::emit::Vendors;
use lab_authenticator::{Authenticator, InProcess, Model, Person, models};
use lab_client::{Client, Context, Pin, Platform, Route, Transport};
use lab_jobs::world::{Part, World};
use lab_protocol::cose::Algorithm;
use lab_protocol::tamper::Honest;
use lab_protocol::webauthn::options::{AuthenticatorSelection, CredentialParameters, UserEntity};
use lab_protocol::webauthn::{AttestationObject, AuthenticatorData};
use lab_protocol::webauthn::{PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use lab_protocol::{Env, base64url};
use lab_relying_party::Challenge;
use lab_relying_party::options::{self, Creation, Request};
use serde_json::{Value, json};

use super::formats;

pub const RP_ID: &str = "example.org";
pub const ORIGIN: &str = "https://example.org";
pub const AT: &str = "2026-11-20T12:00:00Z";

/// One response, as a case of the contract, and what divergences are found by.
#[derive(Debug, Clone)]
pub struct Made {
    pub id: String,
    pub model: String,
    pub ceremony: String,
    pub format: String,
    pub alg: i64,
    pub case: Value,
}

/// One model, one algorithm, one conveyance.
struct Run<'r> {
    model: &'r Arc<Model>,
    alg: Algorithm,
    conveyance: &'static str,
    vendors: &'r Arc<Vendors>,
    world: &'r World,
    attests_itself: bool,
}

/// Unseeded and seeded keys are both judged: the backends encode on their own.
pub fn every_response() -> Vec<Made> {
    let at = AT.parse().unwrap();
    let worlds = [World::seeded(11, at), World::unseeded([9; 32], at)];
    worlds.iter().flat_map(responses_of).collect()
}

fn responses_of(world: &World) -> Vec<Made> {
    let vendors = world.vendors();
    let mut all = Vec::new();
    for model in models::built_in() {
        for alg in model.as_built().algorithms {
            for conveyance in ["direct", "none"] {
                all.extend(Run { model, alg, conveyance, vendors: &vendors, world, attests_itself: false }.play());
            }
        }
    }
    for (model, alg) in &formats::every_format() {
        let (alg, conveyance) = (*alg, "direct");
        all.extend(Run { model, alg, conveyance, vendors: &vendors, world, attests_itself: false }.play());
    }
    let everything = with_every_algorithm();
    for alg in ALGORITHMS {
        for attests_itself in [false, true] {
            let conveyance = "direct";
            all.extend(Run { model: &everything, alg, conveyance, vendors: &vendors, world, attests_itself }.play());
        }
    }
    all
}

/// The algorithms that the emulator makes keys of.
const ALGORITHMS: [Algorithm; 10] = [
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::ES512,
    Algorithm::ES256K,
    Algorithm::EDDSA,
    Algorithm::RS256,
    Algorithm::PS256,
    Algorithm::ML_DSA_44,
    Algorithm::ML_DSA_65,
    Algorithm::ML_DSA_87,
];

/// No real model makes keys of all of them; this one does, with a batch certificate or attesting itself.
fn with_every_algorithm() -> Arc<Model> {
    let mut model = Model::clone(models::find("yubikey-5-nfc").unwrap());
    model.id = "every-algorithm".to_owned();
    model.passkeys.algorithms.value = ALGORITHMS.to_vec();
    Arc::new(model)
}

impl Run<'_> {
    fn play(&self) -> [Made; 2] {
        let env = |part| Env::honest(self.world.stream(part));
        let lie = self.attests_itself.then(|| lab_lies::parse("self-attestation").unwrap().tamper());
        let own = Env {
            rng: Box::new(self.world.stream(Part::Authenticator)),
            tamper: lie.unwrap_or_else(|| Box::new(Honest)),
        };
        let (model, vendors) = (Arc::clone(self.model), Arc::clone(self.vendors));
        let authenticator = Authenticator::new(model, vendors, self.world.backend(), own);
        let authenticator = authenticator.set_up("246813").unwrap();
        let mut device = InProcess::at(authenticator, self.world.at, Person::Auto);
        let (mut client, mut patience) = (env(Part::Client), |_| ControlFlow::Continue(()));
        let mut client = Client {
            device: &mut device,
            env: &mut client,
            on_wait: &mut patience,
            on_pin: &mut |_| Pin::new("246813").ok(),
        };
        let context = self.context();
        let mut rng = self.world.stream(Part::RelyingParty);
        let (first, second) = (Challenge::random(&mut rng), Challenge::random(&mut rng));
        let made =
            client.create(&self.creation(&first), &context).unwrap_or_else(|error| panic!("{}: {error}", self.name()));
        let used =
            client.get(&self.request(&second), &context).unwrap_or_else(|error| panic!("{}: {error}", self.name()));
        let object = made.response.response.attestation_object.0.clone();
        let registration = self.made(
            "registration",
            &object,
            json!({
                "challenge": first.text(), "anchors": [pem(self.vendors.stand_in_root())], "response": made.response,
            }),
        );
        let data = AttestationObject::parse(&object).unwrap().auth_data.to_vec();
        let attested = AuthenticatorData::parse(&data).unwrap().attested.unwrap();
        let flags = AuthenticatorData::parse(&data).unwrap().flags;
        let authentication = self.made(
            "authentication",
            &object,
            json!({
                "challenge": second.text(), "response": used.response,
                "stored": {
                    "credential_id": base64url::encode(attested.credential_id),
                    "credential_public_key_cose": base64url::encode(attested.public_key),
                    "sign_count": 0, "backup_eligible": flags.0 & 8 != 0, "backup_state": flags.0 & 16 != 0,
                    "user_handle": base64url::encode([5; 32]),
                },
            }),
        );
        [registration, authentication]
    }

    fn made(&self, ceremony: &str, object: &[u8], own: Value) -> Made {
        let format = AttestationObject::parse(object).unwrap().fmt.to_owned();
        let id = format!("{}/{ceremony}", self.name());
        let mut case = json!({"id": id, "kind": ceremony, "rp_id": RP_ID, "origin": ORIGIN, "verify_time": AT, "require_user_verification": true});
        case.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        let model = if self.attests_itself { format!("{}/self", self.model.id) } else { self.model.id.clone() };
        Made { id, model, ceremony: ceremony.to_owned(), format, alg: self.alg.0, case }
    }

    fn name(&self) -> String {
        let backend = if self.world.seed.is_some() { "seeded" } else { "unseeded" };
        let attestation = if self.attests_itself { "self" } else { self.conveyance };
        format!("{}/{}/{attestation}/{backend}", self.model.id, self.alg.name().unwrap())
    }

    /// A client that changes nothing: what is judged is the authenticator's.
    fn context(&self) -> Context {
        let transport =
            if self.model.transports().any(|name| name == "usb") { Transport::Usb } else { Transport::Internal };
        Context::new(ORIGIN.parse().unwrap(), Platform::find("l3").unwrap(), Route::new(transport))
    }

    fn creation(&self, challenge: &Challenge) -> PublicKeyCredentialCreationOptions {
        let user = UserEntity { id: vec![5; 32].into(), name: "ada".into(), display_name: "Ada".into() };
        let creation = Creation { rp_id: RP_ID, rp_name: "Example", user, challenge, exclude_credentials: vec![] };
        PublicKeyCredentialCreationOptions {
            pub_key_cred_params: vec![CredentialParameters::new(self.alg)],
            attestation: self.conveyance.to_owned(),
            authenticator_selection: Some(AuthenticatorSelection {
                resident_key: Some("required".into()),
                require_resident_key: true,
                user_verification: "required".into(),
                authenticator_attachment: None,
            }),
            ..options::creation(creation)
        }
    }

    fn request(&self, challenge: &Challenge) -> PublicKeyCredentialRequestOptions {
        let request = Request { rp_id: RP_ID, challenge, allow_credentials: vec![] };
        PublicKeyCredentialRequestOptions { user_verification: "required".into(), ..options::request(request) }
    }
}

fn pem(der: &[u8]) -> String {
    use std::fmt::Write as _;
    let text = base64url::encode(der).replace('-', "+").replace('_', "/");
    let padded = format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4));
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    padded.as_bytes().chunks(64).for_each(|line| writeln!(pem, "{}", std::str::from_utf8(line).unwrap()).unwrap());
    pem + "-----END CERTIFICATE-----\n"
}
