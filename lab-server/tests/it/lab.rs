//! A lab to ask, and a browser with an emulated key.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use lab_authenticator::{InProcess, Person};
use lab_client::{Client, Context, Pin, Platform, Route, Transport};
use lab_directory::{MemoryStore, Retention, Store};
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
    tenant_with("disabled")
}

/// The same, with attestation enforced or not.
pub fn tenant_with(attestation: &str) -> Tenant {
    let user = |n: u8, name: &str| json!({"id": format!("66666666-7777-8888-9999-aaaaaaaaaaa{n}"), "userPrincipalName": name, "userType": "Member"});
    let text = json!({
        "fido2": {
            "id": "Fido2", "state": "enabled", "isSelfServiceRegistrationAllowed": true,
            "passkeyProfiles": [{"id": "00000000-0000-0000-0000-000000000001", "name": "Everybody",
                "passkeyTypes": "deviceBound,synced", "attestationEnforcement": attestation,
                "keyRestrictions": {"isEnforced": false, "enforcementType": "allow", "aaGuids": []}}],
            "includeTargets": [{"targetType": "group", "id": "all_users",
                "allowedPasskeyProfiles": ["00000000-0000-0000-0000-000000000001"]}],
        },
        "users": [user(1, USER), user(2, OTHER)],
    });
    Tenant::from_files(&[TenantFile { name: "tenant.json", text: &text.to_string() }]).unwrap()
}

/// When every test begins.
pub fn start() -> Timestamp {
    "2026-11-28T12:00:00Z".parse().unwrap()
}

impl TestLab {
    pub fn new() -> Self {
        Self::with(Settings::localhost(8080))
    }

    pub fn with(settings: Settings) -> Self {
        Self::of(settings, tenant(), |grounds| grounds)
    }

    pub fn in_world(settings: Settings, world: impl FnOnce(Timestamp) -> World) -> Self {
        Self::made(settings, tenant(), world, |grounds| grounds)
    }

    pub fn of(settings: Settings, tenant: Tenant, on: impl FnOnce(Grounds) -> Grounds) -> Self {
        Self::made(settings, tenant, |now| World::seeded(7, now), on)
    }

    fn made(
        settings: Settings,
        tenant: Tenant,
        world: impl FnOnce(Timestamp) -> World,
        on: impl FnOnce(Grounds) -> Grounds,
    ) -> Self {
        let tenant = pilots::with_pilots(tenant).unwrap();
        let store = MemoryStore::new(&tenant, start(), Retention::default()).unwrap();
        Self::over(Arc::new(store), settings, world(start()), on)
    }

    /// A lab over a store of its own.
    pub fn over(store: Arc<dyn Store>, settings: Settings, world: World, on: impl FnOnce(Grounds) -> Grounds) -> Self {
        let clock = Moved(Arc::new(Mutex::new(start())));
        let grounds = on(Grounds::new(Catalogue::read(None).unwrap(), None, &world).unwrap());
        let lab = Arc::new(Lab::new(settings, store, grounds, world, Box::new(clock.clone())));
        Self { app: lab_server::app(&lab), lab, clock }
    }

    /// The same lab at another origin.
    pub fn at(&self, settings: Settings) -> Self {
        let lab = Arc::new(self.lab.at(settings));
        Self { app: lab_server::app(&lab), lab, clock: self.clock.clone() }
    }

    pub async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 << 20).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// The host of the lab's own origin.
    fn host(&self) -> (&str, &str) {
        ("host", &self.lab.settings.hosts[0])
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(request(Method::GET, path, &[self.host()], Body::empty())).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let json = [self.host(), ("content-type", "application/json")];
        self.ask(request(Method::POST, path, &json, Body::from(body.to_string()))).await
    }

    pub async fn form(&self, path: &str, fields: &str) -> Answer {
        let form = [self.host(), ("content-type", "application/x-www-form-urlencoded")];
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
    /// Where it is.
    pub origin: String,
}

impl Browser {
    pub fn with(model: &str, lab: &TestLab) -> Self {
        Self::of_world(model, lab, &lab.lab.world)
    }

    /// With a key whose maker is another world's.
    pub fn of_world(model: &str, lab: &TestLab, world: &World) -> Self {
        let choice = lab.lab.grounds.catalogue.choose(model).unwrap();
        let key = lab_jobs::key::key(&choice, None, world).unwrap().set_up(PIN).unwrap();
        let key = InProcess::at(key, lab.clock.now(), Person::Auto);
        let env = Env::honest(lab.lab.world.stream(Part::Client));
        Self { key, env, origin: lab.lab.settings.origin.clone() }
    }

    fn run<T>(&mut self, act: impl FnOnce(&mut Client<'_>, &Context) -> T) -> T {
        let platform = Platform::find("chromium").unwrap();
        let context = Context::new(self.origin.parse().unwrap(), platform, Route::new(Transport::Usb));
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
