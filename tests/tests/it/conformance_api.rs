//! Clients that nobody here wrote register and sign in at the lab server through FIDO's conformance API, over a
//! real socket: the `passkey` crate's client with its own authenticator, and webauthn-authenticator-rs' SoftPasskey.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use jiff::Timestamp;
use lab_directory::{Kind, MemoryStore, Query, Retention};
use lab_jobs::input::tenants;
use lab_jobs::live::Grounds;
use lab_jobs::models::Catalogue;
use lab_jobs::world::World;
use lab_server::serve::Listeners;
use lab_server::{Lab, Listen, Server, Settings, Shared, SystemClock};
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{CredentialCreationOptions, CredentialRequestOptions};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use url::Url;
use webauthn_authenticator_rs::softpasskey::SoftPasskey;
use webauthn_authenticator_rs::{AuthenticatorBackendHashedClientData as _, WebauthnAuthenticator as _};
use webauthn_rs_proto::{CreationChallengeResponse, RequestChallengeResponse};

/// A lab on a socket of its own; it stops when this is dropped.
struct Served {
    lab: Shared,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    port: u16,
}

impl Served {
    fn start() -> Self {
        let listeners = Listeners::open(Listen::Localhost(0)).unwrap();
        let (port, now) = (listeners.port(), Timestamp::now());
        let world = World::seeded(7, now);
        let tenant = tenants::read("example:admins-attested", &mut std::io::empty()).unwrap();
        let store = MemoryStore::new(&tenant, now, Retention::default()).unwrap();
        let grounds = Grounds::new(Catalogue::read(None).unwrap(), None, &world).unwrap();
        let clock = Box::new(SystemClock);
        let lab = Arc::new(Lab::new(Settings::localhost(port), Arc::new(store), grounds, world, clock));
        let (stop, stopped) = oneshot::channel();
        let server = Server::plain(lab.clone(), listeners);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(server.run(async { drop(stopped.await) })).unwrap();
        });
        Self { lab, stop: Some(stop), thread: Some(thread), port }
    }

    fn origin(&self) -> Url {
        format!("http://localhost:{}", self.port).parse().unwrap()
    }

    /// Posts JSON; what a conformance endpoint answers always has a `status`.
    fn post(&self, path: &str, body: &Value) -> Value {
        let (body, port) = (body.to_string(), self.port);
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body);
        assert_eq!(answer["status"], "ok", "{path}: {answer}");
        answer
    }

    /// How many ceremonies of a kind the log holds.
    fn recorded(&self, kind: Kind) -> usize {
        self.lab.store.log(&Query { kinds: vec![kind], ..Query::default() }).unwrap().len()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.thread.take().unwrap().join().unwrap();
    }
}

/// The options as both libraries take them: below `publicKey`, without what the API adds.
fn public_key(mut options: Value) -> Value {
    let members = options.as_object_mut().unwrap();
    members.retain(|name, _| name != "status" && name != "errorMessage");
    json!({ "publicKey": options })
}

/// The `passkey` crate writes octets as arrays of numbers; WebAuthn's JSON forms have them as base64url.
fn octets_as_text(value: &mut Value) {
    match value {
        Value::Array(items) => match serde_json::from_value::<Vec<u8>>(Value::Array(items.clone())) {
            Ok(octets) if !octets.is_empty() => *value = json!(lab_protocol::base64url::encode(&octets)),
            _ => items.iter_mut().for_each(octets_as_text),
        },
        Value::Object(members) => members.values_mut().for_each(octets_as_text),
        _ => {}
    }
}

fn response(made: &impl serde::Serialize) -> Value {
    let mut response = serde_json::to_value(made).unwrap();
    octets_as_text(&mut response);
    response
}

/// Somebody who touches and is verified.
struct Consents;

#[async_trait::async_trait]
impl UserValidationMethod for Consents {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification })
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn the_passkey_crates_client_registers_and_signs_in() {
    let (server, user) = (Served::start(), json!("passkey-rs@lab.example"));
    let origin = server.origin();
    let authenticator = Authenticator::new(Aaguid::new_empty(), None::<Passkey>, Consents, RustCryptoBackend);
    let mut client = Client::new(authenticator).allows_insecure_localhost(true);

    let asked = json!({ "username": user, "displayName": "passkey-rs", "attestation": "direct",
        "authenticatorSelection": { "residentKey": "required", "userVerification": "required" } });
    let options: CredentialCreationOptions =
        serde_json::from_value(public_key(server.ask("/attestation/options", &asked))).unwrap();
    let made = client.register(&origin, options, DefaultClientData).await.unwrap();
    server.ask("/attestation/result", &response(&made));

    let asked = json!({ "username": user, "userVerification": "required" });
    let options: CredentialRequestOptions =
        serde_json::from_value(public_key(server.ask("/assertion/options", &asked))).unwrap();
    let got = client.authenticate(&origin, options, DefaultClientData).await.unwrap();
    let got = response(&got);
    server.ask("/assertion/result", &got);
    assert_eq!(server.post("/assertion/result", &got)["status"], "failed", "a challenge is good once");
    assert_eq!((server.recorded(Kind::Registered), server.recorded(Kind::SignedIn)), (1, 1));
}

/// The client data of a browser at this origin.
fn client_data(ceremony: &str, challenge: &Value, origin: &Url) -> Vec<u8> {
    let origin = origin.origin().ascii_serialization();
    json!({ "type": ceremony, "challenge": challenge, "origin": origin, "crossOrigin": false }).to_string().into_bytes()
}

/// SoftPasskey signs what it is handed as client data. The client that the library wraps around it writes the origin
/// as a URL, with a slash at its end: that is no origin (webauthn-3 §5.8.1), and the lab says so.
#[test]
fn soft_passkey_registers_and_signs_in() {
    let (server, user) = (Served::start(), json!("softpasskey@lab.example"));
    let (origin, mut key) = (server.origin(), SoftPasskey::new(true));
    let asked = json!({ "username": user, "displayName": "SoftPasskey", "attestation": "direct",
        "authenticatorSelection": { "residentKey": "discouraged", "userVerification": "required" } });

    let options = serde_json::from_value(public_key(server.ask("/attestation/options", &asked))).unwrap();
    let made = key.do_registration(origin.clone(), options).unwrap();
    let told = server.post("/attestation/result", &serde_json::to_value(made).unwrap());
    let sentence = told["errorMessage"].as_str().unwrap();
    assert!(sentence.contains("an origin has no path, not even a slash"), "healed? then use it below: {told}");

    let options = server.ask("/attestation/options", &asked);
    let data = client_data("webauthn.create", &options["challenge"], &origin);
    let options: CreationChallengeResponse = serde_json::from_value(public_key(options)).unwrap();
    let mut made = key.perform_register(Sha256::digest(&data).to_vec(), options.public_key, 60_000).unwrap();
    made.response.client_data_json = data;
    server.ask("/attestation/result", &serde_json::to_value(made).unwrap());

    let options = server.ask("/assertion/options", &json!({ "username": user, "userVerification": "required" }));
    let data = client_data("webauthn.get", &options["challenge"], &origin);
    let options: RequestChallengeResponse = serde_json::from_value(public_key(options)).unwrap();
    let mut got = key.perform_auth(Sha256::digest(&data).to_vec(), options.public_key, 60_000).unwrap();
    got.response.client_data_json = data;
    server.ask("/assertion/result", &serde_json::to_value(got).unwrap());
    assert_eq!((server.recorded(Kind::Registered), server.recorded(Kind::SignedIn)), (1, 1));
}
