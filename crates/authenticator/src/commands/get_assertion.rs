//! authenticatorGetAssertion (`ctap-2.2 §6.2.2`); numbers are the steps of the specification.

use jiff::Timestamp;
use lab_protocol::ctap2::get_assertion::{Request, Response};
use lab_protocol::ctap2::{Descriptor, Permissions, StatusCode, UserEntity};
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use lab_protocol::webauthn::{Ceremony as Which, Flags};

use super::get_info::check_list;
use super::steps::{Param, choice};
use super::{Next, Outcome, Pending, Remembered};
use crate::authorize::Use;
use crate::engine::Authenticator;
use crate::extensions::AuthenticationExtensions;
use crate::interaction::{Answer, Gestures, Need, UvError, Verification, touched};
use crate::store::{Credential, Store};

/// A sign-in under way.
#[derive(Debug)]
pub(crate) struct Ceremony {
    request: Request,
    extensions: AuthenticationExtensions,
    present_wanted: bool,
    gestures: Gestures,
    /// Whether a token verified the user.
    by_token: bool,
    /// The ids of the credentials that can answer, once they are located.
    found: Vec<Vec<u8>>,
    stage: Stage,
}

/// What the person was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Verification,
    Presence,
}

/// What one signature is made over.
#[derive(Debug, Clone)]
pub(super) struct Assertion {
    pub rp_id: String,
    pub client_data_hash: [u8; 32],
    pub gestures: Gestures,
    /// Whether the relying party named credentials.
    pub listed: bool,
    pub extensions: AuthenticationExtensions,
}

pub(super) fn start(authenticator: &mut Authenticator, parameters: &[u8], now: Timestamp) -> Outcome {
    let request = Request::parse(parameters).map_err(|error| error.status)?;
    if let Some(choice) = choice(authenticator, request.pin_uv_auth_param.as_deref()) {
        return Ok(choice); // 1
    }
    let param = authenticator.param(request.pin_uv_auth_param.as_deref(), request.pin_uv_auth_protocol)?; // 2
    check_list(authenticator, request.allow_list.as_ref().map_or(0, Vec::len))?;
    if request.option("rk").is_some() {
        return Err(StatusCode::UNSUPPORTED_OPTION); // 4
    }
    let uv = authenticator.uv_option(request.option("uv"), param.is_some())?; // 4
    let present_wanted = request.option("up").unwrap_or(true);
    // 5: a silent request stays silent, unless it asks for verification itself.
    let always = present_wanted && authenticator.has("alwaysUv");
    let uv = if always { authenticator.always_uv(uv, param.is_some())? } else { uv };
    let extensions = AuthenticationExtensions::read(&request.extensions, authenticator, present_wanted)?;
    let ceremony = Box::new(Ceremony {
        request,
        extensions,
        present_wanted,
        gestures: Gestures::default(),
        by_token: param.is_some(),
        found: Vec::new(),
        stage: Stage::Verification,
    });
    match param {
        Some(_) if !authenticator.is_protected() => Err(authenticator.unprotected()),
        Some(param) => ceremony.token(authenticator, &param, now),
        None if uv => ceremony.verify(authenticator, now),
        None => ceremony.locate(authenticator, now),
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
                let verified = authenticator.user_verified(answer);
                self.gestures = verified.map_err(|error| status(authenticator, error))?;
                self.locate(authenticator, now)
            }
            Stage::Presence => {
                touched(answer)?;
                self.gestures.present = true;
                authenticator.spend_token(now); // 9
                self.answer(authenticator, now)
            }
        }
    }

    fn ask(mut self: Box<Self>, need: Need, stage: Stage) -> Outcome {
        self.stage = stage;
        Ok(Next::Ask(need, Pending::GetAssertion(self)))
    }

    /// 6.1
    fn token(mut self: Box<Self>, authenticator: &mut Authenticator, param: &Param, now: Timestamp) -> Outcome {
        let used = Use {
            protocol: param.protocol,
            param: &param.param,
            client_data_hash: &self.request.client_data_hash,
            permission: Permissions::GET_ASSERTION,
            rp_id: &self.request.rp_id,
        };
        self.gestures = Gestures { present: authenticator.use_token(&used, now)?, verified: true };
        self.locate(authenticator, now)
    }

    /// 6.2
    fn verify(mut self: Box<Self>, authenticator: &mut Authenticator, now: Timestamp) -> Outcome {
        match authenticator.verify_user().map_err(|error| status(authenticator, error))? {
            Verification::Ask => self.ask(Need::Verification, Stage::Verification),
            Verification::Done(gestures) => {
                self.gestures = gestures;
                self.locate(authenticator, now)
            }
        }
    }

    /// 7 to 9. An id that was never made and one of another RP ID give the same answer.
    fn locate(mut self: Box<Self>, authenticator: &mut Authenticator, now: Timestamp) -> Outcome {
        self.found = authenticator.home.read(|store| self.applicable(store));
        if self.found.is_empty() {
            return Err(StatusCode::NO_CREDENTIALS);
        }
        if self.present_wanted && !self.gestures.present {
            return self.ask(Need::Presence, Stage::Presence);
        }
        if self.by_token && self.present_wanted {
            authenticator.spend_token(now);
        }
        // A sensor that verified shows presence, a token only to who asks for it.
        self.gestures.present &= self.present_wanted || !self.by_token;
        self.answer(authenticator, now)
    }

    fn applicable(&self, store: &Store) -> Vec<Vec<u8>> {
        let (rp_id, verified) = (&self.request.rp_id, self.gestures.verified);
        let Some(allowed) = &self.request.allow_list else {
            let shown = store.discoverable(rp_id).into_iter();
            let shown = shown.filter(|credential| credential.cred_protect.shows(verified, false));
            return shown.map(|credential| credential.id.clone()).collect();
        };
        let listed = allowed.iter().filter(|descriptor| descriptor.ty == "public-key");
        let found = listed.filter_map(|descriptor| store.find(rp_id, &descriptor.id));
        let mut shown = found.filter(|credential| credential.cred_protect.shows(verified, true));
        // 11: of several that were named, any one answers.
        shown.next().map(|credential| credential.id.clone()).into_iter().collect()
    }

    /// 12, 13. No model has a display of its own: where several fit, the platform is the chooser.
    fn answer(self: Box<Self>, authenticator: &mut Authenticator, now: Timestamp) -> Outcome {
        let Self { request, extensions, gestures, found, .. } = *self;
        let assertion = Assertion {
            rp_id: request.rp_id,
            client_data_hash: request.client_data_hash,
            gestures,
            listed: request.allow_list.is_some(),
            extensions,
        };
        let first = found.first().ok_or(StatusCode::NO_CREDENTIALS)?;
        let mut response = assertion.sign(authenticator, first, now)?;
        if found.len() > 1 {
            response.number_of_credentials = i64::try_from(found.len()).ok();
            authenticator.volatile.remembered = Some(Remembered::new(assertion, found, now));
        }
        Ok(Next::Reply(response.encode()))
    }
}

impl Assertion {
    /// Signs with one credential.
    pub fn sign(&self, authenticator: &mut Authenticator, id: &[u8], now: Timestamp) -> Result<Response, StatusCode> {
        let found = authenticator.home.read(|store| store.find(&self.rp_id, id).cloned());
        // Another device of the account may have deleted it meanwhile.
        let credential = found.ok_or(StatusCode::NO_CREDENTIALS)?;
        let sign_count = authenticator.counter.assert(credential.sign_count, now);
        authenticator.home.with(|store| store.set_sign_count(id, sign_count));
        let auth_data = self.authenticator_data(authenticator, sign_count, &credential);
        let signed = [&auth_data[..], &self.client_data_hash].concat();
        let signature = credential.key.sign(&signed, &mut *authenticator.env.rng);
        Ok(Response {
            large_blob_key: self.extensions.large_blob_key(&credential),
            credential: Some(Descriptor::new(credential.id)),
            auth_data,
            signature,
            user: credential.discoverable.then(|| self.account(credential.user)),
            ..Response::default()
        })
    }

    /// Names are for those who were verified; with a list the relying party knows the account.
    fn account(&self, user: UserEntity) -> UserEntity {
        if self.gestures.verified && !self.listed {
            return user;
        }
        UserEntity { id: user.id, name: None, display_name: None }
    }

    fn authenticator_data(
        &self,
        authenticator: &mut Authenticator,
        sign_count: u32,
        credential: &Credential,
    ) -> Vec<u8> {
        let extensions = self.extensions.outputs(credential, self.gestures.verified, &mut *authenticator.env.rng);
        let flags = authenticator.flags(self.gestures, credential.backup_eligible);
        let mut draft = AuthenticatorDataDraft {
            rp_id_hash: lab_attestation::sha256(self.rp_id.as_bytes()),
            flags: flags.with(Flags::AT, false).with(Flags::ED, extensions.is_some()),
            sign_count,
            attested: None,
            extensions,
            trailing: Vec::new(),
        };
        authenticator.env.tamper.authenticator_data(Which::Authentication, &mut draft);
        draft.encode()
    }
}

/// 6.2, where the user was not verified.
fn status(authenticator: &Authenticator, error: UvError) -> StatusCode {
    match error {
        UvError::TimedOut => StatusCode::USER_ACTION_TIMEOUT,
        _ if authenticator.has("clientPin") && authenticator.pin_serves_ceremonies() => StatusCode::PUAT_REQUIRED,
        UvError::Blocked => StatusCode::PIN_BLOCKED,
        UvError::Refused | UvError::Failed => StatusCode::OPERATION_DENIED,
    }
}
