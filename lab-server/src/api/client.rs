//! A typed client of the API, over whatever answers HTTP requests: the lab's router in the same process, or a socket.

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{Method, Request, Response, StatusCode};
use lab_protocol::webauthn::{PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::{Service, ServiceExt as _};

use super::types::{
    AuthenticatorList, AuthenticatorView, BeginRegistration, BeginSignIn, CeremonyDetail, CeremonyList, CeremonyQuery,
    CreateAnswer, CreateCall, Credentials, EndRegistration, EndSignIn, GetAnswer, GetCall, JobResult, MatrixRequest,
    Models, NewAuthenticator, Register, Rehearsed, SignIn, UserList, UserQuery, VerifyQuery,
};
use crate::ceremonies::Told;

/// The largest answer that is read, in bytes.
const LARGEST: usize = 256 << 20;

/// A client of one lab.
#[derive(Debug, Clone)]
pub struct Client<S> {
    service: S,
    origin: String,
    token: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The lab says what is wrong with the request, or with itself.
    #[error("{status}: {detail}")]
    Problem {
        /// The status.
        status: StatusCode,
        /// The sentence; empty where the answer was no problem.
        detail: String,
        /// What to do.
        hint: Option<String>,
    },
    /// The lab cannot be reached.
    #[error("the lab cannot be reached: {0}")]
    Transport(BoxError),
    /// The request cannot be written, or the answer is none.
    #[error("{0}")]
    Message(String),
}

impl Error {
    /// The status of a problem.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Problem { status, .. } => Some(*status),
            _ => None,
        }
    }
}

type Answer<T> = Result<T, Error>;

impl<S> Client<S> {
    /// A client of the lab at this origin, such as `http://localhost:8080`.
    pub fn new(service: S, origin: impl Into<String>) -> Self {
        Self { service, origin: origin.into(), token: None }
    }

    /// The same, with the lab's token.
    #[must_use]
    pub fn with_token(self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self }
    }
}

/// Every method is the path of its name; errors are [`Error`].
#[allow(clippy::missing_errors_doc, reason = "said once, above")]
impl<S, B> Client<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone,
    S::Error: Into<BoxError>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    /// `GET /api/models`.
    pub async fn models(&self) -> Answer<Models> {
        self.get("/api/models").await
    }

    /// `GET /api/models/{model}`.
    pub async fn model(&self, id: &str) -> Answer<Value> {
        self.get(&format!("/api/models/{}", segment(id))).await
    }

    /// `POST /api/authenticators`.
    pub async fn create_authenticator(&self, new: &NewAuthenticator) -> Answer<AuthenticatorView> {
        self.post("/api/authenticators", new).await
    }

    /// `GET /api/authenticators`.
    pub async fn authenticators(&self) -> Answer<AuthenticatorList> {
        self.get("/api/authenticators").await
    }

    /// `GET /api/authenticators/{authenticator}`.
    pub async fn authenticator(&self, id: &str) -> Answer<AuthenticatorView> {
        self.get(&authenticator(id, "")).await
    }

    /// `DELETE /api/authenticators/{authenticator}`.
    pub async fn delete_authenticator(&self, id: &str) -> Answer<()> {
        self.ask(Method::DELETE, &authenticator(id, ""), None).await.map(drop)
    }

    /// `GET /api/authenticators/{authenticator}/credentials`.
    pub async fn credentials(&self, id: &str) -> Answer<Credentials> {
        self.get(&authenticator(id, "/credentials")).await
    }

    /// `POST /api/authenticators/{authenticator}/create`.
    pub async fn create(&self, id: &str, call: &CreateCall) -> Answer<CreateAnswer> {
        self.post(&authenticator(id, "/create"), call).await
    }

    /// `POST /api/authenticators/{authenticator}/get`.
    pub async fn get_assertion(&self, id: &str, call: &GetCall) -> Answer<GetAnswer> {
        self.post(&authenticator(id, "/get"), call).await
    }

    /// `POST /api/authenticators/{authenticator}/register`.
    pub async fn register(&self, id: &str, wanted: &Register) -> Answer<Rehearsed> {
        self.post(&authenticator(id, "/register"), wanted).await
    }

    /// `POST /api/authenticators/{authenticator}/sign-in`.
    pub async fn sign_in(&self, id: &str, wanted: &SignIn) -> Answer<Rehearsed> {
        self.post(&authenticator(id, "/sign-in"), wanted).await
    }

    /// `POST /api/registration/options`.
    pub async fn registration_options(&self, begin: &BeginRegistration) -> Answer<PublicKeyCredentialCreationOptions> {
        self.post("/api/registration/options", begin).await
    }

    /// `POST /api/registration/result`.
    pub async fn registration_result(&self, end: &EndRegistration) -> Answer<Told> {
        self.post("/api/registration/result", end).await
    }

    /// `POST /api/sign-in/options`.
    pub async fn sign_in_options(&self, begin: &BeginSignIn) -> Answer<PublicKeyCredentialRequestOptions> {
        self.post("/api/sign-in/options", begin).await
    }

    /// `POST /api/sign-in/result`.
    pub async fn sign_in_result(&self, end: &EndSignIn) -> Answer<Told> {
        self.post("/api/sign-in/result", end).await
    }

    /// `GET /api/ceremonies`.
    pub async fn ceremonies(&self, query: &CeremonyQuery) -> Answer<CeremonyList> {
        self.get(&with_query("/api/ceremonies", query)?).await
    }

    /// `GET /api/ceremonies/{number}`.
    pub async fn ceremony(&self, number: u64) -> Answer<CeremonyDetail> {
        self.get(&format!("/api/ceremonies/{number}")).await
    }

    /// `POST /api/verify`.
    pub async fn verify(&self, cases: &Value, query: VerifyQuery) -> Answer<JobResult> {
        self.post(&with_query("/api/verify", &query)?, cases).await
    }

    /// `POST /api/matrix`.
    pub async fn matrix(&self, wanted: &MatrixRequest) -> Answer<JobResult> {
        self.post("/api/matrix", wanted).await
    }

    /// `GET /api/tenant`.
    pub async fn tenant(&self) -> Answer<Value> {
        self.get("/api/tenant").await
    }

    /// `GET /api/users`.
    pub async fn users(&self, query: &UserQuery) -> Answer<UserList> {
        self.get(&with_query("/api/users", query)?).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Answer<T> {
        read(&self.ask(Method::GET, path, None).await?)
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Answer<T> {
        let body = serde_json::to_vec(body).map_err(message)?;
        read(&self.ask(Method::POST, path, Some(body)).await?)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Answer<Bytes> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.origin));
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        request = request.header(HOST, host);
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).map_err(message)?;
        let response = self.service.clone().oneshot(request).await.map_err(|error| Error::Transport(error.into()))?;
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(Body::new(body), LARGEST).await.map_err(|error| Error::Transport(error.into()))?;
        if parts.status.is_success() { Ok(bytes) } else { Err(problem(parts.status, &bytes)) }
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Answer<T> {
    serde_json::from_slice(bytes).map_err(message)
}

fn problem(status: StatusCode, bytes: &[u8]) -> Error {
    let body: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let text = |name| body.get(name).and_then(Value::as_str).map(str::to_owned);
    Error::Problem { status, detail: text("detail").unwrap_or_default(), hint: text("hint") }
}

fn message(error: impl std::fmt::Display) -> Error {
    Error::Message(error.to_string())
}

fn authenticator(id: &str, rest: &str) -> String {
    format!("/api/authenticators/{}{rest}", segment(id))
}

/// A part of a path.
fn segment(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A path with the members of a query that are there.
fn with_query(path: &str, query: &impl Serialize) -> Answer<String> {
    let Value::Object(members) = serde_json::to_value(query).map_err(message)? else { return Ok(path.to_owned()) };
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in members {
        pairs.append_pair(&name, value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str());
    }
    Ok(format!("{path}?{}", pairs.finish()))
}
