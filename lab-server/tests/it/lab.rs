//! A lab to ask, and a browser with an emulated key.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use lab_authenticator::{InProcess, Person};
use lab_client::{Client, Context, Pin, Platform, Route, Transport};
use lab_directory::{MemoryStore, Retention};
use lab_entra::{Tenant, TenantFile};
use lab_jobs::live::Grounds;
use lab_jobs::models::Catalogue;
use lab_jobs::world::{Part, World};
use lab_protocol::Env;
use lab_server::{Clock, Lab, Settings, Shared, pilots};
use serde_json::{Value, json};
use tower::ServiceExt as _;

pub const PIN: &str = "246813";
pub const USER: &str = "ada@lab.example";
pub const OTHER: &str = "bob@lab.example";

/// A clock that a test moves.
#[derive(Clone)]
pub struct Moved(Arc<Mutex<Timestamp>>);

impl Clock for Moved {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

impl Moved {
    pub fn by(&self, span: SignedDuration) {
        *self.0.lock().unwrap() += span;
    }
}

pub struct TestLab {
    pub lab: Shared,
    pub app: Router,
    pub clock: Moved,
}

/// Everybody may register everything.
pub fn tenant() -> Tenant {
    let user = |n: u8, name: &str| json!({"id": format!("66666666-7777-8888-9999-aaaaaaaaaaa{n}"), "userPrincipalName": name, "userType": "Member"});
    let text = json!({
        "fido2": {
            "id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true,
            "passkeyProfiles": [{"id": "00000000-0000-0000-0000-000000000001", "name": "Everybody",
                "passkeyTypes": "deviceBound,synced", "attestationEnforcement": "disabled",
                "keyRestrictions": {"isEnforced": false, "enforcementType": "allow", "aaGuids": []}}],
            "includeTargets": [{"targetType": "group", "id": "all_users",
                "allowedPasskeyProfiles": ["00000000-0000-0000-0000-000000000001"]}],
        },
        "users": [user(1, USER), user(2, OTHER)],
    });
    Tenant::from_files(&[TenantFile { name: "tenant.json", text: &text.to_string() }]).unwrap()
}

impl TestLab {
    pub fn new() -> Self {
        Self::with(Settings::localhost(8080))
    }

    pub fn with(settings: Settings) -> Self {
        let now: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let (clock, world) = (Moved(Arc::new(Mutex::new(now))), World::seeded(7, now));
        let tenant = pilots::with_pilots(tenant()).unwrap();
        let store = MemoryStore::new(&tenant, now, Retention::default()).unwrap();
        let grounds = Grounds::new(Catalogue::read(None).unwrap(), None, &world).unwrap();
        let lab = Arc::new(Lab::new(settings, Arc::new(store), grounds, world, Box::new(clock.clone())));
        Self { app: lab_server::app(&lab), lab, clock }
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 << 20).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(request(Method::GET, path, &[], Body::empty())).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.ask(request(Method::POST, path, &json, Body::from(body.to_string()))).await
    }

    pub async fn form(&self, path: &str, fields: &str) -> Answer {
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.ask(request(Method::POST, path, &form, Body::from(fields.to_owned()))).await
    }
}

pub fn request(method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "localhost:8080");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).unwrap()
}

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    #[track_caller]
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self.json()
    }
}

/// A browser at the lab's origin, with a key of its own.
pub struct Browser {
    key: InProcess,
    env: Env,
}

impl Browser {
    pub fn with(model: &str, lab: &TestLab) -> Self {
        let choice = lab.lab.grounds.catalogue.choose(model).unwrap();
        let key = lab_jobs::key::key(&choice, None, &lab.lab.world).unwrap().set_up(PIN).unwrap();
        let key = InProcess::at(key, lab.clock.now(), Person::Auto);
        Self { key, env: Env::honest(lab.lab.world.stream(Part::Client)) }
    }

    fn run<T>(&mut self, act: impl FnOnce(&mut Client<'_>, &Context) -> T) -> T {
        let platform = Platform::find("chromium").unwrap();
        let context = Context::new("http://localhost:8080".parse().unwrap(), platform, Route::new(Transport::Usb));
        let mut client = Client {
            device: &mut self.key,
            env: &mut self.env,
            on_wait: &mut |_| ControlFlow::Continue(()),
            on_pin: &mut |_| Pin::new(PIN).ok(),
        };
        act(&mut client, &context)
    }

    pub fn create(&mut self, options: &Value) -> Value {
        let options = serde_json::from_value(options.clone()).unwrap();
        let made = self.run(|client, context| client.create(&options, context).unwrap());
        serde_json::to_value(made.response).unwrap()
    }

    pub fn get(&mut self, options: &Value) -> Value {
        let options = serde_json::from_value(options.clone()).unwrap();
        let made = self.run(|client, context| client.get(&options, context).unwrap());
        serde_json::to_value(made.response).unwrap()
    }
}
