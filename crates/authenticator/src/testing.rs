//! What the tests of the engine share.

mod authorized;
mod platform;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use lab_attestation::emit::{Vendors, VendorsOptions};
use lab_attestation::keys::Backend;
use lab_protocol::cbor::Value;
use lab_protocol::cose::{Algorithm, CredentialPublicKey};
use lab_protocol::ctap2::{
    Command, Descriptor, RpEntity, StatusCode, UserEntity, get_assertion, get_info, make_credential,
};
use lab_protocol::webauthn::{AuthenticatorData, Flags};
use lab_protocol::{Env, Event, Message, Random, Status, Step, Tamper};

use crate::{Authenticator, Model, models};

pub use authorized::*;
pub use platform::*;

pub const RP: &str = "login.example.test";
pub const HASH: [u8; 32] = [0xcd; 32];

/// Bytes from a seed: SHA-256 of seed and counter.
pub struct Seeded(pub u64, pub u64);

impl Random for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.1 += 1;
            let block = lab_attestation::sha256(&[self.0.to_be_bytes(), self.1.to_be_bytes()].concat());
            chunk.iter_mut().zip(block).for_each(|(to, from)| *to = from);
        }
    }
}

pub fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

pub fn after(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

pub fn vendors() -> Arc<Vendors> {
    static VENDORS: OnceLock<Arc<Vendors>> = OnceLock::new();
    VENDORS.get_or_init(|| vendors_of_run(1)).clone()
}

fn vendors_of_run(seed: u64) -> Arc<Vendors> {
    let options = VendorsOptions {
        backend: Backend::Deterministic,
        seeded: true,
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2036-01-01T00:00:00Z".parse().unwrap(),
    };
    Arc::new(Vendors::new(options, &mut Seeded(seed, 0)))
}

/// A file of the folder of test data beside the workspace; without it the test is skipped, loudly.
pub fn vectors(path: &str) -> Option<serde_json::Value> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors").join(path);
    match std::fs::read(&file) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(_) => {
            eprintln!("SKIPPED: there is no {path} in ../shared/vectors");
            None
        }
    }
}

/// A member of an attestation statement.
pub fn member<'v>(statement: &'v Value, name: &str) -> Option<&'v Value> {
    let members = statement.as_map().unwrap();
    members.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

/// The bytes of hexadecimal digits.
pub fn hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// An engine of a model, with what was said last.
#[derive(Debug)]
pub struct Bench {
    pub engine: Authenticator,
}

impl Bench {
    pub fn of(id: &str) -> Self {
        Self::with((**models::find(id).unwrap()).clone(), 7)
    }

    /// As its user has it: set up, with [`PIN`].
    pub fn with(model: Model, seed: u64) -> Self {
        Self { engine: Self::fresh(model, seed).engine.set_up(PIN).unwrap() }
    }

    /// Under the vendors of another run.
    pub fn of_another_run(id: &str) -> Self {
        let mut bench = Self::of(id);
        bench.engine.vendors = vendors_of_run(2);
        bench
    }

    /// As it leaves the factory.
    pub fn fresh(model: Model, seed: u64) -> Self {
        let env = Env::honest(Seeded(seed, 0));
        Self { engine: Authenticator::new(Arc::new(model), vendors(), Backend::Deterministic, env) }
    }

    /// A model as it leaves the factory.
    pub fn fresh_of(id: &str) -> Self {
        Self::fresh((**models::find(id).unwrap()).clone(), 7)
    }

    pub fn lying(id: &str, tamper: impl Tamper + Send + 'static) -> Self {
        let env = Env { rng: Box::new(Seeded(7, 0)), tamper: Box::new(tamper) };
        let model = models::find(id).unwrap().clone();
        let engine = Authenticator::new(model, vendors(), Backend::Deterministic, env);
        Self { engine: engine.set_up(PIN).unwrap() }
    }

    pub fn send(&mut self, command: Command, parameters: &[u8], at: Timestamp) -> Step {
        self.engine.start(Message::Cbor(&[&[command.0], parameters].concat()), at)
    }

    /// Sends, and lets a willing person answer.
    pub fn call(&mut self, command: Command, parameters: &[u8]) -> Reply {
        let mut step = self.send(command, parameters, now());
        loop {
            step = match step {
                Step::Done(reply) => return Reply(reply),
                Step::Waiting { status: Status::UvNeeded, .. } => self.engine.event(Event::Verified, now()),
                Step::Waiting { .. } => self.engine.event(Event::Touch, now()),
            };
        }
    }

    pub fn info(&mut self) -> get_info::Response {
        get_info::Response::parse(self.call(Command::GET_INFO, &[]).ok()).unwrap()
    }

    /// Registers; verification by PIN where that is the model's way.
    pub fn register(&mut self, request: &make_credential::Request) -> Registered {
        let request = self.create_by_pin(request);
        Registered(
            make_credential::Response::parse(self.call(Command::MAKE_CREDENTIAL, &request.encode()).ok()).unwrap(),
        )
    }

    pub fn register_status(&mut self, request: &make_credential::Request) -> StatusCode {
        let request = self.create_by_pin(request);
        self.call(Command::MAKE_CREDENTIAL, &request.encode()).status()
    }

    /// Signs in; verification by PIN where that is the model's way.
    pub fn sign_in(&mut self, request: &get_assertion::Request) -> Asserted {
        let request = self.get_by_pin(request);
        Asserted(get_assertion::Response::parse(self.call(Command::GET_ASSERTION, &request.encode()).ok()).unwrap())
    }

    pub fn sign_in_status(&mut self, request: &get_assertion::Request) -> StatusCode {
        let request = self.get_by_pin(request);
        self.call(Command::GET_ASSERTION, &request.encode()).status()
    }
}

/// A reply, status byte included.
pub struct Reply(pub Vec<u8>);

impl Reply {
    pub fn status(&self) -> StatusCode {
        StatusCode(self.0[0])
    }

    pub fn ok(&self) -> &[u8] {
        assert_eq!(self.status(), StatusCode::OK);
        &self.0[1..]
    }
}

/// The status of a step that is done.
pub fn status(step: &Step) -> StatusCode {
    match step {
        Step::Done(reply) => StatusCode(reply[0]),
        Step::Waiting { .. } => panic!("it waits"),
    }
}

/// What a step waits for.
pub fn waits(step: &Step) -> Status {
    match step {
        Step::Waiting { status, .. } => *status,
        Step::Done(reply) => panic!("it is done: {reply:02x?}"),
    }
}

/// A request that Entra could make: discoverable, verified.
pub fn create() -> make_credential::Request {
    make_credential::Request {
        client_data_hash: HASH,
        rp: RpEntity { id: RP.into(), name: Some("Example".into()) },
        user: UserEntity { id: vec![1; 51], name: Some("alex@example.test".into()), display_name: Some("Alex".into()) },
        pub_key_cred_params: vec![("public-key".into(), Algorithm::ES256), ("public-key".into(), Algorithm::RS256)],
        options: vec![("rk".into(), true), ("uv".into(), true)],
        ..Default::default()
    }
}

/// As [`create`], for a model that makes none of the keys that Entra asks for.
pub fn create_for_any() -> make_credential::Request {
    let mut request = create();
    request.pub_key_cred_params.push(("public-key".into(), Algorithm::EDDSA));
    request
}

/// As [`create`], for another account.
pub fn create_for(user: u8) -> make_credential::Request {
    make_credential::Request { user: UserEntity { id: vec![user; 8], ..create().user }, ..create() }
}

/// As [`create`], not discoverable and not verified.
pub fn create_plain() -> make_credential::Request {
    make_credential::Request { options: vec![], ..create() }
}

pub fn get() -> get_assertion::Request {
    get_assertion::Request {
        rp_id: RP.into(),
        client_data_hash: [0xee; 32],
        options: vec![("uv".into(), true)],
        ..Default::default()
    }
}

pub fn get_listed(ids: &[&[u8]]) -> get_assertion::Request {
    let list = ids.iter().map(|id| Descriptor::new(*id)).collect();
    get_assertion::Request { allow_list: Some(list), options: vec![], ..get() }
}

/// A registration's reply.
pub struct Registered(pub make_credential::Response);

impl Registered {
    pub fn data(&self) -> AuthenticatorData<'_> {
        AuthenticatorData::parse(&self.0.auth_data).unwrap()
    }

    pub fn id(&self) -> Vec<u8> {
        self.data().attested.unwrap().credential_id.to_vec()
    }

    pub fn key(&self) -> CredentialPublicKey {
        CredentialPublicKey::parse(self.data().attested.unwrap().public_key).unwrap()
    }
}

/// A sign-in's reply.
pub struct Asserted(pub get_assertion::Response);

impl Asserted {
    pub fn flags(&self) -> Flags {
        AuthenticatorData::parse(&self.0.auth_data).unwrap().flags
    }

    pub fn count(&self) -> u32 {
        AuthenticatorData::parse(&self.0.auth_data).unwrap().sign_count
    }

    pub fn id(&self) -> &[u8] {
        &self.0.credential.as_ref().unwrap().id
    }

    /// Verifies the signature with aws-lc-rs.
    pub fn verify(&self, key: &CredentialPublicKey, hash: [u8; 32]) {
        let message = [&self.0.auth_data[..], &hash].concat();
        lab_attestation::signature::verify(key, &message, &self.0.signature).unwrap();
    }
}
