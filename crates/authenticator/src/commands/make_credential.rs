//! authenticatorMakeCredential (`ctap-2.2 §6.1.2`); numbers are the steps of the specification.

mod create;

use jiff::Timestamp;
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::make_credential::Request;
use lab_protocol::ctap2::{Permissions, StatusCode};

use super::get_info::check_list;
use super::steps::{Param, choice};
use super::{Next, Outcome, Pending};
use crate::authorize::Use;
use crate::engine::Authenticator;
use crate::extensions::RegistrationExtensions;
use crate::interaction::{Answer, Gestures, Need, UvError, Verification, touched};

/// The longest user handle, in bytes (`webauthn-3 §5.4.3`).
const MAX_USER_ID: usize = 64;

/// A registration under way.
#[derive(Debug)]
pub(crate) struct Ceremony {
    request: Request,
    algorithm: Algorithm,
    extensions: RegistrationExtensions,
    discoverable: bool,
    enterprise: bool,
    gestures: Gestures,
    /// Whether a token verified the user.
    by_token: bool,
    stage: Stage,
}

/// What the person was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Verification,
    /// Presence, before it is told that the credential is excluded.
    Excluded,
    Presence,
}

/// How the user is verified.
enum Verify {
    Not,
    BuiltIn,
    Token(Param),
}

pub(super) fn start(authenticator: &mut Authenticator, parameters: &[u8], now: Timestamp) -> Outcome {
    let request = Request::parse(parameters).map_err(|error| error.status)?;
    if let Some(choice) = choice(authenticator, request.pin_uv_auth_param.as_deref()) {
        return Ok(choice); // 1
    }
    let param = authenticator.param(request.pin_uv_auth_param.as_deref(), request.pin_uv_auth_protocol)?; // 2
    check_sizes(authenticator, &request)?;
    let algorithm = algorithm(authenticator, &request)?; // 3
    let uv = authenticator.uv_option(request.option("uv"), param.is_some())?; // 5
    let discoverable = discoverable(authenticator, &request)?; // 5
    let verify = verify(authenticator, discoverable, uv, param)?; // 6 to 8
    let enterprise = enterprise(authenticator, &request)?; // 9
    let extensions = RegistrationExtensions::read(&request.extensions, authenticator, discoverable)?;
    let ceremony = Box::new(Ceremony {
        request,
        algorithm,
        extensions,
        discoverable,
        enterprise,
        gestures: Gestures::default(),
        by_token: matches!(verify, Verify::Token(_)),
        stage: Stage::Verification,
    });
    match verify {
        Verify::Not => ceremony.exclude(authenticator, now), // 10
        Verify::BuiltIn => ceremony.verify(authenticator, now),
        Verify::Token(param) => ceremony.token(authenticator, &param, now),
    }
}

fn check_sizes(authenticator: &Authenticator, request: &Request) -> Result<(), StatusCode> {
    if request.user.id.is_empty() || request.user.id.len() > MAX_USER_ID {
        return Err(StatusCode::INVALID_LENGTH);
    }
    check_list(authenticator, request.exclude_list.len())
}

/// 3: the first of the platform's algorithms that the model has.
fn algorithm(authenticator: &Authenticator, request: &Request) -> Result<Algorithm, StatusCode> {
    let built = &authenticator.built.algorithms;
    let supported = |(ty, alg): &&(String, Algorithm)| ty == "public-key" && built.contains(alg);
    let chosen = request.pub_key_cred_params.iter().find(supported);
    chosen.map(|(_, alg)| *alg).ok_or(StatusCode::UNSUPPORTED_ALGORITHM)
}

/// 5: the options `rk` and `up`.
fn discoverable(authenticator: &Authenticator, request: &Request) -> Result<bool, StatusCode> {
    match request.option("rk") {
        Some(_) if !authenticator.has("rk") => Err(StatusCode::UNSUPPORTED_OPTION),
        _ if request.option("up") == Some(false) => Err(StatusCode::INVALID_OPTION),
        rk => Ok(rk.unwrap_or_default()),
    }
}

/// 6 to 8, 11: how the user is to be verified. A protected authenticator makes nothing without, unless the
/// credential is not discoverable and `makeCredUvNotRqd` lets it through.
fn verify(
    authenticator: &Authenticator,
    discoverable: bool,
    uv: bool,
    param: Option<Param>,
) -> Result<Verify, StatusCode> {
    let always = authenticator.has("alwaysUv");
    let uv = if always { authenticator.always_uv(uv, param.is_some())? } else { uv };
    let excused = authenticator.has("makeCredUvNotRqd") && !discoverable || authenticator.verifies_as_asked();
    match param {
        Some(_) if !authenticator.is_protected() => Err(authenticator.unprotected()),
        Some(param) => Ok(Verify::Token(param)),
        None if uv => Ok(Verify::BuiltIn),
        None if authenticator.is_protected() && !excused => {
            Err(authenticator.wants_token(authenticator.has("clientPin")))
        }
        None => Ok(Verify::Not),
    }
}

/// 9: whether the request is for an enterprise attestation, and gets one (`ctap-2.2 §7.1`).
fn enterprise(authenticator: &Authenticator, request: &Request) -> Result<bool, StatusCode> {
    match request.enterprise_attestation {
        None => Ok(false),
        Some(_) if !authenticator.has("ep") => Err(StatusCode::INVALID_PARAMETER),
        Some(1) => Ok(authenticator.is_enterprise_rp(&request.rp.id)),
        Some(2) => Ok(true),
        Some(_) => Err(StatusCode::INVALID_OPTION),
    }
}

impl Ceremony {
    pub(super) fn resume(
        mut self: Box<Self>,
        authenticator: &mut Authenticator,
        answer: Answer,
        now: Timestamp,
    ) -> Outcome {
        match self.stage {
            Stage::Verification => {
                self.gestures = authenticator.user_verified(answer).map_err(status)?;
                self.exclude(authenticator, now)
            }
            // 12: whatever the person does.
            Stage::Excluded => Err(StatusCode::CREDENTIAL_EXCLUDED),
            Stage::Presence => {
                touched(answer)?;
                self.gestures.present = true;
                authenticator.spend_token(now); // 14
                self.create(authenticator, now)
            }
        }
    }

    fn ask(mut self: Box<Self>, need: Need, stage: Stage) -> Outcome {
        self.stage = stage;
        Ok(Next::Ask(need, Pending::MakeCredential(self)))
    }

    /// 11.1
    fn token(mut self: Box<Self>, authenticator: &mut Authenticator, param: &Param, now: Timestamp) -> Outcome {
        let used = Use {
            protocol: param.protocol,
            param: &param.param,
            client_data_hash: &self.request.client_data_hash,
            permission: Permissions::MAKE_CREDENTIAL,
            rp_id: &self.request.rp.id,
        };
        self.gestures = Gestures { present: authenticator.use_token(&used, now)?, verified: true };
        self.exclude(authenticator, now)
    }

    /// 11.2
    fn verify(mut self: Box<Self>, authenticator: &mut Authenticator, now: Timestamp) -> Outcome {
        match authenticator.verify_user().map_err(status)? {
            Verification::Ask => self.ask(Need::Verification, Stage::Verification),
            Verification::Done(gestures) => {
                self.gestures = gestures;
                self.exclude(authenticator, now)
            }
        }
    }

    /// 12
    fn exclude(self: Box<Self>, authenticator: &mut Authenticator, now: Timestamp) -> Outcome {
        let (rp_id, verified) = (&self.request.rp.id, self.gestures.verified);
        let listed = self.request.exclude_list.iter().filter(|descriptor| descriptor.ty == "public-key");
        let excluded = authenticator.home.read(|store| {
            let mut found = listed.filter_map(|descriptor| store.find(rp_id, &descriptor.id));
            found.any(|credential| credential.cred_protect.shows(verified, true))
        });
        match (excluded, self.gestures.present) {
            (true, true) => Err(StatusCode::CREDENTIAL_EXCLUDED),
            (true, false) => self.ask(Need::Presence, Stage::Excluded),
            (false, true) => {
                if self.by_token {
                    authenticator.spend_token(now); // 14
                }
                self.create(authenticator, now) // 13
            }
            (false, false) => self.ask(Need::Presence, Stage::Presence),
        }
    }
}

/// 11.2, where the user was not verified.
fn status(error: UvError) -> StatusCode {
    match error {
        UvError::TimedOut => StatusCode::USER_ACTION_TIMEOUT,
        UvError::Blocked => StatusCode::PIN_BLOCKED,
        UvError::Refused | UvError::Failed => StatusCode::OPERATION_DENIED,
    }
}
