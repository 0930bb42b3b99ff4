//! A whole registration and sign-in with a policy: `yubikey-5-nfc`, packed, Entra's challenges of 5 kB.

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use lab_attestation::emit::Vendors;
use lab_attestation::trust::{Anchor, Anchors, Origin};
use lab_authenticator::{Authenticator, InProcess, Person, models};
use lab_client::{Client, Context, Pin, Platform, Route, Transport};
use lab_entra::{AttestationFacts, AttestationKind, Candidate, Passkey, Persona, Tenant, UserFacts, Verdict, scope};
use lab_hid::{HidDevice, Loopback, Obliging};
use lab_jobs::input::tenants;
use lab_jobs::world::{Part, Stream, World};
use lab_protocol::webauthn::Flags;
use lab_protocol::webauthn::options::UserEntity;
use lab_protocol::webauthn::{AuthenticationResponse, RegistrationResponse};
use lab_protocol::{Device, Env};
use lab_relying_party::challenge::Kind;
use lab_relying_party::options::{Creation, Request, entra};
use lab_relying_party::pending::{Issue, Options};
use lab_relying_party::registration::{Registration, TrustPolicy};
use lab_relying_party::{Challenges, NothingKnown, Origins, Pending, Policy, authentication, registration};

const LIFETIME: SignedDuration = SignedDuration::from_mins(5);

/// Everything that outlives a ceremony: the vendor's batch certificate, the tenant, the relying party's key.
pub struct Ceremony {
    world: World,
    vendors: Arc<Vendors>,
    anchors: Anchors,
    tenant: Tenant,
    facts: UserFacts,
    challenges: Challenges,
    context: Context,
    rng: Stream,
    origins: Vec<String>,
    over_hid: bool,
}

impl Ceremony {
    /// Keys and nonces of aws-lc-rs.
    #[must_use]
    pub fn unseeded() -> Self {
        Self::of(World::unseeded([7; 32], now()))
    }

    /// As [`unseeded`](Self::unseeded), in packets of CTAPHID.
    #[must_use]
    pub fn over_hid() -> Self {
        Self { over_hid: true, ..Self::unseeded() }
    }

    /// Keys and nonces of the seed.
    #[must_use]
    pub fn seeded() -> Self {
        Self::of(World::seeded(7, now()))
    }

    fn of(world: World) -> Self {
        let vendors = world.vendors();
        let anchor = Anchor::from_der(vendors.stand_in_root(), Origin::StandIn).unwrap();
        let tenant = Tenant::from_files(&tenants::example_files("fresh-default").unwrap()).unwrap();
        let facts = scope::scope_of(&tenant, &Persona::User(0));
        let mut rng = world.stream(Part::RelyingParty);
        Self {
            anchors: [anchor].into_iter().collect(),
            challenges: Challenges::from_random(&mut rng),
            context: Context::new(
                entra::ORIGIN.parse().unwrap(),
                Platform::find("chromium").unwrap(),
                Route::new(Transport::Usb),
            ),
            origins: vec![entra::ORIGIN.to_owned()],
            over_hid: false,
            world,
            vendors,
            tenant,
            facts,
            rng,
        }
    }

    /// One registration and one sign-in, both judged.
    pub fn play(&mut self) {
        let env = |part| Env::honest(self.world.stream(part));
        let model = Arc::clone(models::find("yubikey-5-nfc").unwrap());
        let backend = self.world.backend();
        let key = Authenticator::new(model, Arc::clone(&self.vendors), backend, env(Part::Authenticator));
        let key = key.set_up("246813").unwrap();
        let mut device = self.device(key);
        let (mut env, mut patience) = (env(Part::Client), |_| ControlFlow::Continue(()));
        let mut client = Client {
            device: &mut *device,
            env: &mut env,
            on_wait: &mut patience,
            on_pin: &mut |_| Pin::new("246813").ok(),
        };
        let pending = self.creation();
        let Options::Creation(options) = &pending.options else { unreachable!("a registration") };
        let made = client.create(options, &self.context).unwrap();
        let registration = self.register(&pending, &made.response);
        let pending = self.request();
        let Options::Request(options) = &pending.options else { unreachable!("a sign-in") };
        let used = client.get(options, &self.context).unwrap();
        self.sign_in(&pending, &registration, &used.response);
    }

    fn device(&self, key: Authenticator) -> Box<dyn Device> {
        if self.over_hid {
            let link = Loopback::new(key, self.world.at, Obliging);
            Box::new(HidDevice::open(link, [1; 8]).unwrap())
        } else {
            Box::new(InProcess::at(key, self.world.at, Person::Auto))
        }
    }

    fn creation(&mut self) -> Pending {
        let challenge = self.challenges.issue(Kind::EntraRegistration, self.world.at, &mut self.rng);
        let user =
            UserEntity { id: vec![1; 51].into(), name: "ada@contoso.example".into(), display_name: "Ada".into() };
        let creation = Creation {
            rp_id: entra::RP_ID,
            rp_name: entra::RP_NAME,
            user,
            challenge: &challenge,
            exclude_credentials: vec![],
        };
        let issue = Issue { challenge: &challenge, rp_id: entra::RP_ID, now: self.world.at, lifetime: LIFETIME };
        Pending::registration(entra::creation(creation, entra::Path::Web), issue)
    }

    fn request(&mut self) -> Pending {
        let challenge = self.challenges.issue(Kind::EntraSignIn, self.world.at, &mut self.rng);
        let request = Request { rp_id: entra::RP_ID, challenge: &challenge, allow_credentials: vec![] };
        let issue = Issue { challenge: &challenge, rp_id: entra::RP_ID, now: self.world.at, lifetime: LIFETIME };
        Pending::authentication(entra::request(request), None, issue)
    }

    fn register(&self, pending: &Pending, response: &RegistrationResponse) -> Registration {
        let expected = pending.expected(Origins::own(&self.origins), self.world.at);
        let request = registration::Request {
            response,
            expected: &expected,
            known: &NothingKnown,
            trust: TrustPolicy { anchors: Some(&self.anchors), intermediates: &[], at: self.world.at },
            policy: &Policy::entra(),
        };
        let registration = registration::verify(&request).registration.unwrap();
        let attestation = AttestationFacts {
            format: registration.format(),
            kind: AttestationKind::Basic,
            trust: lab_entra::Trust::TrustedStandIn,
            metadata: None,
            in_app: None,
        };
        let candidate =
            Candidate { passkey: passkey(&registration), attestation, algorithm: registration.public_key().alg.0 };
        let circumstances = lab_entra::Circumstances::default();
        let decision =
            lab_entra::register(&self.tenant, &self.facts, &circumstances, lab_entra::Ceremony::valid(&candidate));
        assert_eq!(black_box(decision).verdict, Verdict::Allowed);
        registration
    }

    fn sign_in(&self, pending: &Pending, registration: &Registration, response: &AuthenticationResponse) {
        let expected = pending.expected(Origins::own(&self.origins), self.world.at);
        let record = lab_relying_party::CredentialRecord { user_handle: Some(vec![1; 51]), ..registration.record() };
        let request = authentication::Request {
            response,
            expected: &expected,
            allow_credentials: &[],
            user_known: None,
            record: Some(&record),
            policy: &Policy::entra(),
        };
        assert!(authentication::verify(&request).assertion.is_some());
        let passkey = passkey(registration);
        let decision = lab_entra::sign_in(&self.tenant, &self.facts, lab_entra::Ceremony::valid(&passkey));
        assert_eq!(black_box(decision).verdict, Verdict::Allowed);
    }
}

fn passkey(registration: &Registration) -> Passkey {
    let flags = registration.flags();
    Passkey { aaguid: registration.aaguid(), backup_eligible: flags.has(Flags::BE), backup_state: flags.has(Flags::BS) }
}

/// The clock is no part of what is measured.
fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}
