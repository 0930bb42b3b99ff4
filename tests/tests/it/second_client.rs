//! A client that nobody here wrote, webauthn-authenticator-rs, over its open transport trait: what it asks of a
//! key, it gets.

use std::fmt;
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use lab_attestation::signature;
use lab_authenticator::{Authenticator, InProcess, Person, models};
use lab_client::Client;
use lab_jobs::world::{Part, World};
use lab_protocol::cose::CredentialPublicKey;
use lab_protocol::ctap2::get_info;
use lab_protocol::webauthn::{AttestationObject, AuthenticatorData, Flags};
use lab_protocol::{Device, Env, Message, Tamper};
use serde_json::json;
use webauthn_authenticator_rs::AuthenticatorBackendHashedClientData as _;
use webauthn_authenticator_rs::ctap2::CtapAuthenticator;
use webauthn_authenticator_rs::error::{CtapError, WebauthnCError};
use webauthn_authenticator_rs::transport::Token;
use webauthn_authenticator_rs::types::{CableRequestType, CableState, EnrollSampleStatus};
use webauthn_authenticator_rs::ui::UiCallback;
use webauthn_rs_proto::AuthenticatorTransport;

const HASH: [u8; 32] = [0xcd; 32];
const FIRST_PIN: &str = "271828";
const SECOND_PIN: &str = "314159";

/// A key behind that library's transport trait.
#[derive(Clone)]
struct Plugged(Arc<Mutex<InProcess>>);

impl fmt::Debug for Plugged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plugged")
    }
}

#[async_trait]
impl Token for Plugged {
    type Id = ();

    fn get_transport(&self) -> AuthenticatorTransport {
        AuthenticatorTransport::Usb
    }

    async fn transmit_raw<U: UiCallback>(&mut self, cbor: &[u8], _ui: &U) -> Result<Vec<u8>, WebauthnCError> {
        let mut key = self.0.lock().unwrap();
        let mut reply = key.call(Message::Cbor(cbor), &mut |_| ControlFlow::Continue(())).unwrap();
        match reply.remove(0) {
            0 => Ok(reply),
            status => Err(WebauthnCError::Ctap(CtapError::from(status))),
        }
    }

    async fn cancel(&mut self) -> Result<(), WebauthnCError> {
        Ok(())
    }

    async fn init(&mut self) -> Result<(), WebauthnCError> {
        Ok(())
    }

    async fn close(&mut self) -> Result<(), WebauthnCError> {
        Ok(())
    }
}

/// Somebody who knows one PIN.
#[derive(Debug)]
struct Knows(&'static str);

impl UiCallback for Knows {
    fn request_pin(&self) -> Option<String> {
        Some(self.0.to_owned())
    }

    fn request_touch(&self) {}

    fn processing(&self) {}

    fn fingerprint_enrollment_feedback(&self, _remaining: u32, _feedback: Option<EnrollSampleStatus>) {}

    fn cable_qr_code(&self, _request: CableRequestType, _url: String) {}

    fn dismiss_qr_code(&self) {}

    fn cable_status_update(&self, _state: CableState) {}
}

/// getInfo names protocol 1 only: that library cuts every MAC of its management commands to 16 bytes, which
/// protocol 2 does not have.
struct ProtocolOne;

impl Tamper for ProtocolOne {
    fn get_info(&mut self, info: &mut get_info::Response) {
        info.pin_uv_auth_protocols = vec![1];
    }
}

fn key(tamper: impl Tamper + Send + 'static) -> Plugged {
    let (at, world) = (key_time(), World::seeded(5, key_time()));
    let env = Env { rng: Box::new(world.stream(Part::Authenticator)), tamper: Box::new(tamper) };
    let model = Arc::clone(models::find("yubikey-5-nfc").unwrap());
    let key = Authenticator::new(model, world.vendors(), world.backend(), env);
    Plugged(Arc::new(Mutex::new(InProcess::at(key, at, Person::Auto))))
}

/// Everything is there at once, so nothing ever waits.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a key in this process makes nobody wait"),
    }
}

fn open<'u>(key: &Plugged, person: &'u Knows) -> CtapAuthenticator<'u, Plugged, Knows> {
    now(CtapAuthenticator::new(key.clone(), person)).unwrap()
}

fn creation() -> webauthn_rs_proto::PublicKeyCredentialCreationOptions {
    let options = json!({
        "rp": {"id": "example.org", "name": "Example"},
        "user": {"id": "AQIDBA", "name": "a@example.org", "displayName": "A"},
        "challenge": "AQIDBAUGBwgJCgsMDQ4PEA",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "authenticatorSelection": {"requireResidentKey": false, "userVerification": "required"},
    });
    serde_json::from_value(options).unwrap()
}

fn request(id: &[u8]) -> webauthn_rs_proto::PublicKeyCredentialRequestOptions {
    let id = lab_protocol::base64url::encode(id);
    let options = json!({
        "challenge": "AQIDBAUGBwgJCgsMDQ4PEA", "rpId": "example.org", "userVerification": "required",
        "allowCredentials": [{"type": "public-key", "id": id}],
    });
    serde_json::from_value(options).unwrap()
}

/// Registers and signs in; both signatures are verified here.
fn ceremonies(client: &mut CtapAuthenticator<'_, Plugged, Knows>) {
    let made = client.perform_register(HASH.to_vec(), creation(), 1000).unwrap();
    let object = made.response.attestation_object;
    let object = AttestationObject::parse(&object).unwrap();
    let data = AuthenticatorData::parse(object.auth_data).unwrap();
    assert!(data.flags.has(Flags::UV), "{}", data.flags);
    let attested = data.attested.unwrap();
    let public_key = CredentialPublicKey::parse(attested.public_key).unwrap();

    let signed = client.perform_auth(HASH.to_vec(), request(attested.credential_id), 1000).unwrap();
    assert_eq!(signed.raw_id, attested.credential_id);
    let message = [&signed.response.authenticator_data[..], &HASH].concat();
    signature::verify(&public_key, &message, &signed.response.signature).unwrap();
}

#[test]
fn it_registers_and_signs_in_with_a_pin_that_it_set_and_changed() {
    for plugged in [key(lab_protocol::tamper::Honest), key(ProtocolOne)] {
        let mut client = open(&plugged, &Knows(FIRST_PIN));
        now(client.set_new_pin(FIRST_PIN)).unwrap();
        ceremonies(&mut client);
        now(client.change_pin(FIRST_PIN, SECOND_PIN)).unwrap();
        let wrong = client.perform_register(HASH.to_vec(), creation(), 1000).unwrap_err();
        assert_eq!(wrong, WebauthnCError::Ctap(CtapError::from(0x31)));
        ceremonies(&mut open(&plugged, &Knows(SECOND_PIN)));
    }
}

#[test]
fn it_manages_the_credentials_that_our_client_made() {
    let plugged = key(ProtocolOne);
    now(open(&plugged, &Knows(FIRST_PIN)).set_new_pin(FIRST_PIN)).unwrap();
    let id = discoverable(&plugged);
    let person = Knows(FIRST_PIN);
    let mut client = open(&plugged, &person);
    let management = client.credential_management().expect("credMgmt");
    assert_eq!(now(management.get_credentials_metadata()).unwrap().existing_resident_credentials_count, 1);
    let parties = now(management.enumerate_rps()).unwrap();
    assert_eq!(parties.len(), 1);
    let found = now(management.enumerate_credentials_by_rpid("example.org")).unwrap();
    let found = found[0].credential_id.clone().unwrap();
    assert_eq!(found.id, id);
    now(management.delete_credential(found)).unwrap();
    assert_eq!(now(management.get_credentials_metadata()).unwrap().existing_resident_credentials_count, 0);
}

/// A discoverable credential by our own client: that library asks for none.
fn discoverable(plugged: &Plugged) -> Vec<u8> {
    let options = json!({
        "rp": {"id": "example.org", "name": "Example"},
        "user": {"id": "AQIDBA", "name": "a@example.org", "displayName": "A"},
        "challenge": "AQIDBAUGBwgJCgsMDQ4PEA",
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
        "authenticatorSelection": {"requireResidentKey": true, "userVerification": "required"},
    });
    let options = lab_client::options::creation_from_json(&options.to_string()).unwrap();
    let context = lab_client::Context::new(
        "https://example.org".parse().unwrap(),
        lab_client::Platform::find("l3").unwrap(),
        lab_client::Route::new(lab_client::Transport::Usb),
    );
    let mut key = plugged.0.lock().unwrap();
    let mut env = Env::honest(World::seeded(6, key_time()).stream(Part::Client));
    let mut client = Client {
        device: &mut *key,
        env: &mut env,
        on_wait: &mut |_| ControlFlow::Continue(()),
        on_pin: &mut |_| lab_client::Pin::new(FIRST_PIN).ok(),
    };
    client.create(&options, &context).unwrap().response.raw_id.0
}

fn key_time() -> jiff::Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}
