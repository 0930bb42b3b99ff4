//! `navigator.credentials.create` (`webauthn-3 §5.1.3`) with one authenticator.

use lab_protocol::Env;
use lab_protocol::cbor::{self, Value};
use lab_protocol::cose::{Algorithm, CredentialPublicKey};
use lab_protocol::ctap2::make_credential::{Request, Response};
use lab_protocol::ctap2::{Command, Descriptor, RpEntity, UserEntity};
use lab_protocol::webauthn::options::AuthenticatorSelection;
use lab_protocol::webauthn::responses::AttestationResponse;
use lab_protocol::webauthn::{
    AuthenticatorData, Ceremony, PublicKeyCredentialCreationOptions, RegistrationResponse, attestation_object,
};
use lab_protocol::{Base64Url, base64url};

use crate::authenticator_data::attested;
use crate::call::{self, Call};
use crate::context::Context;
use crate::error::{Cause, ReplyError};
use crate::extensions;
use crate::flow::Route;
use crate::key::{Key, body, message, unreadable};
use crate::machine::{Machine, Next};
use crate::options::{self, PUBLIC_KEY};
use crate::platform::{Circumstances, Conveyance, Conveyed};
use crate::probe::{Probe, Probed};

/// What a registration gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    /// What the page sends to its server.
    pub response: RegistrationResponse,
    /// What the platform took out of the attestation, and by which of its rules.
    pub conveyed: Conveyed,
}

/// A registration on its way.
#[derive(Debug)]
pub struct Create {
    options: PublicKeyCredentialCreationOptions,
    context: Context,
    call: Option<Call>,
    state: State,
}

#[derive(Debug)]
enum State {
    Info,
    Probing(Probe, Box<Draft>),
    Making(Box<Draft>),
    Ended,
}

/// A request that lacks its exclude list, and the authenticator that it is meant for.
#[derive(Debug)]
struct Draft {
    request: Request,
    key: Key,
    resident_key: Wish,
}

/// What the page wants of a discoverable credential, and what this authenticator is asked.
#[derive(Debug, Clone, Copy)]
struct Wish {
    required: bool,
    asked: bool,
}

/// A registration with `options` in `context`.
#[must_use]
pub fn create(options: &PublicKeyCredentialCreationOptions, context: &Context) -> Create {
    Create::new(options, context)
}

impl Create {
    /// A registration with `options` in `context`; nothing is checked before it starts.
    #[must_use]
    pub fn new(options: &PublicKeyCredentialCreationOptions, context: &Context) -> Self {
        Self { options: options.clone(), context: context.clone(), call: None, state: State::Ended }
    }
}

impl Machine for Create {
    type Output = Registration;

    fn start(&mut self, env: &mut Env) -> Next<Registration> {
        self.begin(env).unwrap_or_else(|cause| Next::Done(Err(cause.into())))
    }

    fn resume(&mut self, reply: &[u8], env: &mut Env) -> Next<Registration> {
        self.step(reply, env).unwrap_or_else(|cause| Next::Done(Err(cause.into())))
    }
}

impl Create {
    fn begin(&mut self, env: &mut Env) -> Result<Next<Registration>, Cause> {
        options::check_user_id(&self.options.user.id)?;
        let rp_id = call::rp_id(self.options.rp.id.as_deref(), &self.context)?;
        options::algorithms(&self.options.pub_key_cred_params)?;
        options::check_large_blob(&self.options.extensions, None)?;
        self.call = Some(Call::new(Ceremony::Registration, rp_id, &self.options.challenge, (&self.context, env)));
        self.state = State::Info;
        Ok(Next::Send(message(Command::GET_INFO, &[])))
    }

    fn step(&mut self, reply: &[u8], env: &mut Env) -> Result<Next<Registration>, Cause> {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Info => {
                let draft = Box::new(self.draft(Key::read(reply)?)?);
                let probed = Probe::begin(&draft.key, &draft.request.rp.id, self.exclude_list());
                self.probed(probed, draft)
            }
            State::Probing(probe, draft) => self.probed(probe.answer(reply), draft),
            State::Making(draft) => self.finish(reply, &draft, env).map(|registration| Next::Done(Ok(registration))),
            State::Ended => Err(Cause::OutOfTurn),
        }
    }

    fn probed(&mut self, probed: Probed, mut draft: Box<Draft>) -> Result<Next<Registration>, Cause> {
        match probed {
            Probed::Ask(question, probe) => {
                self.state = State::Probing(probe, draft);
                Ok(Next::Send(question))
            }
            Probed::List(list) => {
                draft.request.exclude_list = list;
                let message = draft.key.message(Command::MAKE_CREDENTIAL, &draft.request.encode())?;
                self.state = State::Making(draft);
                Ok(Next::Send(message))
            }
        }
    }

    fn draft(&self, key: Key) -> Result<Draft, Cause> {
        let (options, call) = (&self.options, self.call.as_ref().ok_or(Cause::OutOfTurn)?);
        let selection = options.authenticator_selection.as_ref();
        check_attachment(selection, self.context.route)?;
        let resident_key = resident_key(selection, &key)?;
        let verifies = key.verifies(selection.map_or("preferred", |selection| &selection.user_verification))?;
        let sent = [("rk", resident_key.asked), ("uv", verifies)].into_iter().filter(|(_, wanted)| *wanted);
        let conveyance = Conveyance::of(&options.attestation);
        let request = Request {
            client_data_hash: call.hash,
            rp: RpEntity { id: call.rp_id.clone(), name: Some(options.rp.name.clone()) },
            user: UserEntity {
                id: options.user.id.0.clone(),
                name: Some(options.user.name.clone()),
                display_name: Some(options.user.display_name.clone()),
            },
            pub_key_cred_params: options::algorithms(&options.pub_key_cred_params)?,
            extensions: extensions::registration_inputs(&options.extensions, &key)?,
            options: sent.map(|(name, wanted)| (name.to_owned(), wanted)).collect(),
            enterprise_attestation: self.enterprise_attestation(conveyance, &key),
            attestation_formats_preference: self.formats(conveyance, &key),
            ..Request::default()
        };
        Ok(Draft { request, key, resident_key })
    }

    fn exclude_list(&self) -> Vec<Descriptor> {
        let known = self.options.exclude_credentials.iter().filter(|descriptor| descriptor.ty == PUBLIC_KEY);
        known.map(|descriptor| Descriptor::new(descriptor.id.0.clone())).collect()
    }

    /// Platform-managed (2) where the device's management permits it, else vendor-facilitated (1).
    fn enterprise_attestation(&self, conveyance: Conveyance, key: &Key) -> Option<i64> {
        let wanted = conveyance == Conveyance::Enterprise && key.attests_to_enterprises();
        wanted.then_some(if self.context.enterprise_permitted { 2 } else { 1 })
    }

    fn formats(&self, conveyance: Conveyance, key: &Key) -> Vec<String> {
        if !key.takes_format_preference() {
            return Vec::new();
        }
        if conveyance == Conveyance::None {
            return vec!["none".to_owned()];
        }
        let wished = self.options.unknown.get("attestationFormats").and_then(serde_json::Value::as_array);
        wished.into_iter().flatten().filter_map(|format| format.as_str().map(str::to_owned)).collect()
    }

    fn finish(&self, reply: &[u8], draft: &Draft, env: &mut Env) -> Result<Registration, Cause> {
        let command = Command::MAKE_CREDENTIAL;
        let body = body(command, reply, draft.resident_key.required)?;
        let mut made = Response::parse(body).map_err(|error| unreadable(command, error))?;
        let no_id = Cause::Reply { command, error: ReplyError::NoCredentialId { found: made.auth_data.len() } };
        let credential_id = attested(&made.auth_data).map(|(_, id)| id.to_vec()).ok_or(no_id)?;
        let circumstances = Circumstances {
            conveyance: Conveyance::of(&self.options.attestation),
            transport: self.context.route.transport,
            enterprise_permitted: self.context.enterprise_permitted,
        };
        let conveyed = self.context.platform.convey(circumstances, &mut made);
        let mut response = self.response(&credential_id, &made, draft);
        env.tamper.registration_response(&mut response);
        Ok(Registration { response, conveyed })
    }

    fn response(&self, credential_id: &[u8], made: &Response, draft: &Draft) -> RegistrationResponse {
        let att_stmt = made.att_stmt.clone().unwrap_or_else(|| Value::Map(Vec::new()));
        let object = attestation_object::encode(&made.fmt, &cbor::encode(&att_stmt), &made.auth_data);
        let key = public_key(&made.auth_data);
        let outputs =
            extensions::registration_outputs(&self.options.extensions, &made.auth_data, draft.resident_key.asked);
        RegistrationResponse {
            id: base64url::encode(credential_id),
            raw_id: credential_id.into(),
            response: AttestationResponse {
                client_data_json: self.call.as_ref().map(|call| call.client_data.clone()).unwrap_or_default().into(),
                attestation_object: object.into(),
                authenticator_data: Some(made.auth_data.clone().into()),
                transports: draft.key.transports(self.context.route.transport.name()),
                public_key: key.as_ref().and_then(CredentialPublicKey::to_spki).map(Base64Url),
                public_key_algorithm: key.map(|CredentialPublicKey { alg: Algorithm(alg), .. }| alg),
                unknown: serde_json::Map::new(),
            },
            authenticator_attachment: Some(self.context.route.attachment.name().to_owned()),
            client_extension_results: outputs,
            ty: PUBLIC_KEY.to_owned(),
            unknown: serde_json::Map::new(),
        }
    }
}

fn public_key(auth_data: &[u8]) -> Option<CredentialPublicKey> {
    let data = AuthenticatorData::parse(auth_data).ok()?;
    CredentialPublicKey::parse(data.attested?.public_key).ok()
}

/// `webauthn-3 §5.1.3` step 20: an authenticator of another attachment is not asked.
fn check_attachment(selection: Option<&AuthenticatorSelection>, route: Route) -> Result<(), Cause> {
    let wanted = selection.and_then(|selection| selection.authenticator_attachment.as_deref());
    let found = route.attachment.name();
    match wanted {
        Some(wanted @ ("platform" | "cross-platform")) if wanted != found => {
            Err(Cause::Attachment { wanted: wanted.to_owned(), found })
        }
        _ => Ok(()),
    }
}

fn resident_key(selection: Option<&AuthenticatorSelection>, key: &Key) -> Result<Wish, Cause> {
    let able = key.keeps_credentials();
    let required = selection.is_some_and(AuthenticatorSelection::requires_resident_key);
    let preferred = selection.is_some_and(|selection| selection.resident_key.as_deref() == Some("preferred"));
    if required && !able {
        return Err(Cause::NoResidentKeys { found: key.rk_text() });
    }
    Ok(Wish { required, asked: required || (preferred && able) })
}
