//! What pages get from extensions, through our client and our engine: two sides written apart.

use std::ops::ControlFlow;
use std::sync::Arc;

use lab_authenticator::{Authenticator, InProcess, Person, models};
use lab_client::{Client, Context, Pin, Platform, Route, Transport, options};
use lab_jobs::world::{Part, World};
use lab_protocol::{Env, base64url};
use serde_json::{Map, Value, json};

const PIN: &str = "271828";

/// A key with every extension, and somebody who knows its PIN.
struct Desk {
    key: InProcess,
    env: Env,
}

impl Desk {
    fn new() -> Self {
        let at = "2026-11-20T12:00:00Z".parse().unwrap();
        let world = World::seeded(8, at);
        let model = Arc::clone(models::find("lab-every-option").unwrap());
        let env = Env::honest(world.stream(Part::Authenticator));
        let key = Authenticator::new(model, world.vendors(), world.backend(), env).set_up(PIN).unwrap();
        Self { key: InProcess::at(key, at, Person::Auto), env: Env::honest(world.stream(Part::Client)) }
    }

    fn context() -> Context {
        let origin = "https://example.org".parse().unwrap();
        Context::new(origin, Platform::find("l3").unwrap(), Route::new(Transport::Usb))
    }

    fn client<T>(&mut self, act: impl FnOnce(&mut Client<'_>) -> T) -> T {
        act(&mut Client {
            device: &mut self.key,
            env: &mut self.env,
            on_wait: &mut |_| ControlFlow::Continue(()),
            on_pin: &mut |_| Pin::new(PIN).ok(),
        })
    }

    /// Registers; the credential's id and the outputs of extensions.
    fn create(&mut self, extensions: Value) -> (String, Map<String, Value>) {
        let options = json!({
            "rp": {"id": "example.org", "name": "Example"},
            "user": {"id": "AQIDBA", "name": "a@example.org", "displayName": "A"},
            "challenge": "AQIDBAUGBwgJCgsMDQ4PEA",
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
            "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
            "extensions": extensions,
        });
        let options = options::creation_from_json(&options.to_string()).unwrap();
        let made = self.client(|client| client.create(&options, &Self::context())).unwrap().response;
        (made.id, made.client_extension_results)
    }

    /// Signs in; the outputs of extensions.
    fn get(&mut self, id: &str, extensions: Value) -> Map<String, Value> {
        let options = json!({
            "challenge": "AQIDBAUGBwgJCgsMDQ4PEA", "rpId": "example.org", "userVerification": "required",
            "allowCredentials": [{"type": "public-key", "id": id}],
            "extensions": extensions,
        });
        let options = options::request_from_json(&options.to_string()).unwrap();
        self.client(|client| client.get(&options, &Self::context())).unwrap().response.client_extension_results
    }
}

#[test]
fn prf_gives_the_same_secret_at_registration_and_sign_in() {
    let mut desk = Desk::new();
    let eval = json!({"first": "AQID", "second": "BAUG"});
    let (id, made) = desk.create(json!({"prf": {"eval": eval}}));
    assert_eq!(made["prf"]["enabled"], true);
    let results = made["prf"]["results"].clone();
    assert_eq!(base64url::decode(results["first"].as_str().unwrap()).unwrap().len(), 32);
    assert_ne!(results["first"], results["second"]);
    assert_eq!(desk.get(&id, json!({"prf": {"eval": eval}}))["prf"]["results"], results);
    let own = json!({"prf": {"evalByCredential": {id.clone(): {"first": "BAUG"}}}});
    assert_eq!(desk.get(&id, own)["prf"]["results"], json!({"first": results["second"]}));
}

#[test]
fn a_large_blob_is_written_and_read_and_leaves_others_alone() {
    let mut desk = Desk::new();
    let (first, made) = desk.create(json!({"largeBlob": {"support": "required"}}));
    assert_eq!(made["largeBlob"], json!({"supported": true}));
    let blobs: Vec<String> = [vec![1; 500], vec![2; 90]].iter().map(base64url::encode).collect();
    for blob in &blobs {
        let written = desk.get(&first, json!({"largeBlob": {"write": blob}}));
        assert_eq!(written["largeBlob"], json!({"written": true}));
        assert_eq!(desk.get(&first, json!({"largeBlob": {"read": true}}))["largeBlob"], json!({"blob": blob}));
    }
    let array = desk.client(|client| client.run(lab_client::large_blobs::read())).unwrap();
    assert_eq!(array.elements.len(), 1, "the second write replaced the first");
}

#[test]
fn a_cred_blob_is_kept_with_its_credential() {
    let mut desk = Desk::new();
    let (id, made) = desk.create(json!({"credBlob": "AQIDBAUG"}));
    assert_eq!(made["credBlob"], true);
    assert_eq!(desk.get(&id, json!({"getCredBlob": true}))["getCredBlob"], "AQIDBAUG");
}
