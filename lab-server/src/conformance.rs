//! The server API of FIDO's conformance tool (“Server Requirements and Transport Binding Profile”): what the tool,
//! and whatever client speaks the same, registers and signs in through.
//!
//! It is a relying party by WebAuthn's rules alone: no policy of the tenant is asked. A `username` that the tenant
//! does not have becomes a user of it, so that what is registered here is seen everywhere else.

mod shapes;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use jiff::Timestamp;
use lab_directory::{Actor, Batch, Door, Event, Facet};
use lab_entra::{Circumstances, Verdict};
use lab_protocol::webauthn::Ceremony;
use lab_protocol::webauthn::options::CredentialParameters;
use lab_relying_party::Challenge;
use lab_relying_party::options::{self, Creation, Request};
use serde_json::{Value, json};

use crate::ceremonies::{Context, Rules, ask::RP_NAME};
use crate::extract::{Json, Now, Object};
use crate::lab::{Lab, Shared};
use crate::problem::Problem;
use shapes::{ALGORITHMS, AssertionRequest, AttestationRequest, LONGEST_NAME, response};

/// The routes.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/attestation/options", post(attestation_options))
        .route("/attestation/result", post(attestation_result))
        .route("/assertion/options", post(assertion_options))
        .route("/assertion/result", post(assertion_result))
}

/// `ServerResponse`: `ok` with what was asked for, or `failed` with a sentence.
#[derive(Debug)]
struct Answer(Result<Value, Problem>);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self.0 {
            Ok(mut body) => {
                body["status"] = "ok".into();
                body["errorMessage"] = "".into();
                axum::Json(body).into_response()
            }
            Err(problem) => {
                let body = json!({ "status": "failed", "errorMessage": problem.detail });
                (problem.status, axum::Json(body)).into_response()
            }
        }
    }
}

async fn attestation_options(
    State(lab): State<Shared>,
    Now(now): Now,
    body: Result<Object<AttestationRequest>, Problem>,
) -> Answer {
    Answer(match body {
        Ok(Object(request)) => begin_registration(&lab, request, now).await,
        Err(problem) => Err(problem),
    })
}

async fn begin_registration(lab: &Lab, request: AttestationRequest, now: Timestamp) -> Result<Value, Problem> {
    let user = user_or_new(lab, &request.username, request.display_name.as_deref(), now).await?;
    let account = lab.account(&user)?;
    let challenge = lab.dice.draw(|random| Challenge::random(random));
    let creation = Creation {
        rp_id: &lab.settings.rp_id,
        rp_name: RP_NAME,
        user: account.entity,
        challenge: &challenge,
        exclude_credentials: account.credentials,
    };
    let mut options = options::creation(creation);
    options.pub_key_cred_params = ALGORITHMS.map(CredentialParameters::new).to_vec();
    options.attestation = request.attestation.unwrap_or_else(|| "none".to_owned());
    options.authenticator_selection = request.authenticator_selection;
    options.extensions = request.extensions;
    let options = lab.wait_for_registration(options, &challenge, context(Some(account.id)), now);
    as_json(&options)
}

async fn attestation_result(State(lab): State<Shared>, Now(now): Now, body: Result<Json<Value>, Problem>) -> Answer {
    finish(&lab, Ceremony::Registration, body, now).await
}

async fn assertion_options(
    State(lab): State<Shared>,
    Now(now): Now,
    body: Result<Object<AssertionRequest>, Problem>,
) -> Answer {
    Answer(body.and_then(|Object(request)| begin_sign_in(&lab, request, now)))
}

fn begin_sign_in(lab: &Lab, request: AssertionRequest, now: Timestamp) -> Result<Value, Problem> {
    let username = request.username.filter(|name| !name.is_empty());
    let account = username.map(|name| lab.account(&name)).transpose()?;
    if account.as_ref().is_some_and(|account| account.credentials.is_empty()) {
        return Err(Problem::not_found("The user has no credential here.").hint("Register one first."));
    }
    let challenge = lab.dice.draw(|random| Challenge::random(random));
    let (user, allow_credentials) = account.map(|account| (account.id, account.credentials)).unzip();
    let mut options = options::request(Request {
        rp_id: &lab.settings.rp_id,
        challenge: &challenge,
        allow_credentials: allow_credentials.unwrap_or_default(),
    });
    if let Some(verification) = request.user_verification {
        options.user_verification = verification;
    }
    options.extensions = request.extensions;
    as_json(&lab.wait_for_sign_in(options, &challenge, context(user), now))
}

async fn assertion_result(State(lab): State<Shared>, Now(now): Now, body: Result<Json<Value>, Problem>) -> Answer {
    finish(&lab, Ceremony::Authentication, body, now).await
}

async fn finish(lab: &Lab, ceremony: Ceremony, body: Result<Json<Value>, Problem>, now: Timestamp) -> Answer {
    let told = match body.and_then(|Json(body)| response(body)) {
        Ok(response) => lab.answer(ceremony, response, None, now).await,
        Err(problem) => Err(problem),
    };
    Answer(told.and_then(|told| match told.verdict {
        Verdict::Allowed => Ok(json!({ "ceremony": told.ceremony })),
        _ => Err(Problem::bad_request(told.message)),
    }))
}

const fn context(user: Option<String>) -> Context {
    let circumstances = Circumstances {
        path: lab_entra::RegistrationPath::SecurityInfo,
        mfa: lab_entra::Mfa::NotStated,
        windows_hello: lab_entra::WindowsHelloContainer { for_business: false, platform_credentials: 0 },
    };
    Context { door: Door::Conformance, user, rules: Rules::Webauthn, circumstances, in_app: None }
}

/// The user with this name; one that the tenant does not have is added to it.
async fn user_or_new(lab: &Lab, name: &str, display: Option<&str>, now: Timestamp) -> Result<String, Problem> {
    let acceptable =
        |text: &str| (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if !acceptable(name) || display.is_some_and(|display| !acceptable(display)) {
        let detail = format!("username and displayName have 1 to {LONGEST_NAME} visible characters.");
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    let (known, given) = lab
        .store
        .read(|directory| (directory.user(name).map(str::to_owned), directory.given(Facet::User(name.to_owned()))));
    if let Some(id) = known {
        return Ok(id);
    }
    let mut id = [0; 16];
    lab.dice.draw(|random| random.fill(&mut id));
    let id = lab_protocol::Aaguid(id).to_string();
    let user = json!({
        "id": id, "userPrincipalName": name, "displayName": display.unwrap_or(name), "userType": "Member",
    });
    let event = Event::UserChanged { id: id.clone(), before: None, after: Some(user) };
    let actor = Actor { door: Door::Conformance, ..Actor::default() };
    match lab.store.append(Batch::of(now, actor, event).given([given])).await {
        Ok(_) => {
            lab.announce();
            Ok(id)
        }
        // Somebody else was quicker with the same name.
        Err(error) => lab.store.read(|directory| directory.user(name).map(str::to_owned)).ok_or_else(|| error.into()),
    }
}

fn as_json(options: &impl serde::Serialize) -> Result<Value, Problem> {
    serde_json::to_value(options).map_err(|error| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}
