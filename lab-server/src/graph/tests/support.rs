//! A lab with two users and a passkey, whoever asks it, and an emulated key.

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use lab_authenticator::{Authenticator, InProcess, Person};
use lab_client::{Client, Context, Flow, Kind, Platform};
use lab_directory::{MemoryStore, Retention};
use lab_entra::{Tenant, TenantFile};
use lab_jobs::live::Grounds;
use lab_jobs::models::Catalogue;
use lab_jobs::world::{Part, World};
use lab_protocol::tamper::Honest;
use lab_protocol::webauthn::PublicKeyCredentialCreationOptions;
use lab_protocol::{Env, Random};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::edge::StoppedClock;
use crate::{Lab, Settings, Shared, Token};

pub(super) const ALICE: &str = "00000000-1111-2222-3333-444444444444";
pub(super) const BOB: &str = "00000000-1111-2222-3333-55555555555b";
pub(super) const FIDO2: &str = "/beta/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/fido2";
pub(super) const METHODS: &str = "/beta/users/00000000-1111-2222-3333-444444444444/authentication/fido2Methods";
const MODEL: &str = "yubikey-5-nfc";
const AAGUID: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
const PIN: &str = "246813";

pub(super) fn time() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn tenant(switches: &Value) -> Tenant {
    let open = json!({"isEnforced": false, "enforcementType": "allow", "aaGuids": []});
    let text = json!({
        "fido2": {
            "id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true, "isAttestationEnforced": false,
            "keyRestrictions": open, "unheardOf": {"kept": true},
            "includeTargets": [{"targetType": "group", "id": "all_users", "isRegistrationRequired": false}],
            "excludeTargets": [],
        },
        "users": [
            {"id": ALICE, "userPrincipalName": "alice@contoso.example", "displayName": "Alice", "userType": "Member"},
            {"id": BOB, "userPrincipalName": "bob@contoso.example", "displayName": "Bob", "userType": "Member"},
        ],
        "groups": [{"id": "g-pilots", "displayName": "Pilots", "members": [ALICE]}],
        "passkeys": {ALICE: [{"id": "AAECAwQFBgc", "displayName": "key one", "aaGuid": AAGUID,
            "createdDateTime": "2026-01-01T00:00:00Z", "lastUsedDateTime": "2026-02-01T00:00:00Z",
            "model": "YubiKey 5 Series with NFC", "attestationLevel": "attested", "passkeyType": "deviceBound"}]},
        "lab": {"switches": switches},
    });
    Tenant::from_files(&[TenantFile { name: "t.json", text: &text.to_string() }]).unwrap()
}

/// A lab and its HTTP interface.
pub(super) struct Asked {
    pub(super) lab: Shared,
    app: Router,
    token: &'static str,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Asked {
    pub(super) fn new() -> Self {
        Self::with(&json!({}), None)
    }

    pub(super) fn with(switches: &Value, token: Option<&str>) -> Self {
        let world = World::seeded(7, time());
        let store = MemoryStore::new(&tenant(switches), time(), Retention::default()).unwrap();
        let grounds = Grounds::new(Catalogue::read(None).unwrap(), None, &world).unwrap();
        let mut settings = Settings::localhost(8080);
        settings.limits.rate = None;
        settings.token = token.map(Token::new);
        let lab = Arc::new(Lab::new(settings, Arc::new(store), grounds, world, Box::new(StoppedClock(time()))));
        Self { app: crate::app(&lab), lab, token: "anything" }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 1 << 24).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Reply { status, headers, body }
    }

    pub(super) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Reply {
        let request = request(method, path).header("authorization", format!("Bearer {}", self.token));
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.header("content-type", "application/json").body(body).unwrap()).await
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        let reply = self.ask("GET", path, None).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body
    }

    /// Asks for creation options, lets an emulated key answer them, and gives what is posted.
    pub(super) async fn made(&self, user: &str) -> Value {
        let options = self.get(&format!("/beta/users/{user}/authentication/fido2Methods/creationOptions")).await;
        let options = serde_json::from_value(options["publicKey"].clone()).unwrap();
        let made = key(&self.lab, &options);
        json!({
            "@odata.type": "#microsoft.graph.fido2AuthenticationMethod",
            "displayName": "Blue key",
            "publicKeyCredential": {"id": made["id"], "response": {
                "clientDataJSON": made["response"]["clientDataJSON"],
                "attestationObject": made["response"]["attestationObject"],
            }},
        })
    }
}

impl Reply {
    /// The error's message, where its shape is Graph's.
    #[track_caller]
    pub(super) fn fault(&self, status: u16) -> &str {
        assert_eq!(self.status, status, "{}", self.body);
        let error = &self.body["error"];
        assert!(error["code"].as_str().is_some_and(|code| !code.is_empty()), "{}", self.body);
        let ids = [&error["innerError"]["request-id"], &error["innerError"]["client-request-id"]];
        assert!(ids.iter().all(|id| id.is_string()) && error["innerError"]["date"].is_string(), "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/json");
        error["message"].as_str().unwrap()
    }
}

pub(super) fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "localhost:8080")
}

/// What an emulated key with a PIN makes of options.
fn key(lab: &Lab, options: &PublicKeyCredentialCreationOptions) -> Value {
    let model = Arc::clone(lab.grounds.catalogue.find(MODEL).unwrap());
    // A key of its own for each registration: new bytes, new credential.
    let mut seed = [0; 8];
    lab.dice.draw(|random: &mut dyn Random| random.fill(&mut seed));
    let stream = || Box::new(World::seeded(u64::from_le_bytes(seed), time()).stream(Part::Authenticator));
    let env = Env { rng: stream(), tamper: Box::new(Honest) };
    let made = Authenticator::new(model, lab.world.vendors(), lab.world.backend(), env);
    let mut device = InProcess::at(made.set_up(PIN).unwrap(), time(), Person::Auto);
    let facts = lab_client::Facts {
        name: MODEL,
        kind: Kind::Roaming,
        flows: &[Flow::SameDevice],
        transports: &["usb".to_owned()],
    };
    let route = Flow::SameDevice.route(&facts).unwrap();
    let context = Context::new(lab.settings.origin.parse().unwrap(), Platform::find("chromium").unwrap(), route);
    let mut env = Env { rng: stream(), tamper: Box::new(Honest) };
    let made = Client {
        device: &mut device,
        env: &mut env,
        on_wait: &mut |_| ControlFlow::Continue(()),
        on_pin: &mut |_| lab_client::Pin::new(PIN).ok(),
    }
    .create(options, &context)
    .unwrap();
    serde_json::to_value(&made.response).unwrap()
}
