//! `navigator.credentials.create` (`webauthn-3 §5.1.3`) with one authenticator.

use lab_protocol::Env;
use lab_protocol::cbor::{self, Value};
use lab_protocol::cose::{Algorithm, CredentialPublicKey};
use lab_protocol::ctap2::make_credential::{Request, Response};
use lab_protocol::ctap2::{Command, Descriptor, Permissions, RpEntity, StatusCode, UserEntity};
use lab_protocol::webauthn::options::AuthenticatorSelection;
use lab_protocol::webauthn::responses::AttestationResponse;
use lab_protocol::webauthn::{
    AuthenticatorData, Ceremony, PublicKeyCredentialCreationOptions, RegistrationResponse, attestation_object,
};
use lab_protocol::{Base64Url, base64url};

use crate::authenticator_data::attested;
use crate::authorize::{self, Purpose};
use crate::call::{self, Call};
use crate::context::Context;
use crate::error::{Cause, ReplyError};
use crate::extensions;
use crate::extensions::prf::{Evaluation, Salts};
use crate::flow::Route;
use crate::key::{self, Key, Verification, unreadable};
use crate::machine::{Machine, Next};
use crate::options::{self, PUBLIC_KEY};
use crate::pin::Pin;
use crate::pin_uv::Token;
use crate::platform::{Circumstances, Conveyance, Conveyed};
use crate::probe;
use crate::script::{Io, Script};

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
    steps: Option<Script<Registration>>,
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
        Self { options: options.clone(), context: context.clone(), steps: None }
    }

    /// What is checked and decided before an authenticator is asked.
    fn begin(&self, env: &mut Env) -> Result<Script<Registration>, Cause> {
        options::check_user_id(&self.options.user.id)?;
        let rp_id = call::rp_id(self.options.rp.id.as_deref(), &self.context)?;
        options::algorithms(&self.options.pub_key_cred_params)?;
        options::check_large_blob(&self.options.extensions, None)?;
        options::check_prf(&self.options.extensions, None)?;
        let call = Call::new(Ceremony::Registration, rp_id, &self.options.challenge, (&self.context, env));
        let ceremony = Steps { options: self.options.clone(), context: self.context.clone(), call };
        Ok(Script::new(|io| async move { ceremony.run(&io).await }))
    }

    fn advance(
        &mut self,
        env: &mut Env,
        answer: impl FnOnce(&mut Script<Registration>, &mut Env) -> Next<Registration>,
    ) -> Next<Registration> {
        let Some(steps) = &mut self.steps else { return Next::Done(Err(Cause::OutOfTurn.into())) };
        let mut next = answer(steps, env);
        if let Next::Done(Ok(registration)) = &mut next {
            env.tamper.registration_response(&mut registration.response);
        }
        next
    }
}

impl Machine for Create {
    type Output = Registration;

    fn start(&mut self, env: &mut Env) -> Next<Registration> {
        match self.begin(env) {
            Ok(steps) => self.steps = Some(steps),
            Err(cause) => return Next::Done(Err(cause.into())),
        }
        self.advance(env, Machine::start)
    }

    fn resume(&mut self, reply: &[u8], env: &mut Env) -> Next<Registration> {
        self.advance(env, |steps, env| steps.resume(reply, env))
    }

    fn pin(&mut self, pin: Option<Pin>, env: &mut Env) -> Next<Registration> {
        self.advance(env, |steps, env| steps.pin(pin, env))
    }
}

/// The steps with the authenticator.
struct Steps {
    options: PublicKeyCredentialCreationOptions,
    context: Context,
    call: Call,
}

impl Steps {
    async fn run(&self, io: &Io) -> Result<Registration, Cause> {
        let key = io.key().await?;
        let selection = self.options.authenticator_selection.as_ref();
        check_attachment(selection, self.context.route)?;
        let resident_key = resident_key(selection, &key)?;
        let wish = selection.map_or("preferred", |selection| &selection.user_verification);
        let mut verification = key.verification_at_creation(wish, resident_key.asked)?;
        let mut request = self.draft(&key, resident_key)?;
        let mut token = self.token(io, &key, verification).await?;
        request.exclude_list = probe::shorten(io, &key, &self.call.rp_id, self.exclude_list(), token.as_ref()).await?;
        let evaluation = self.evaluate(io, &key, &mut request).await?;
        loop {
            authorize(&mut request, verification, token.as_ref());
            let message = key.parameters(request.encode())?;
            match io.call(Command::MAKE_CREDENTIAL, &message).await? {
                (StatusCode::OK, body) => return self.registration(&body, &key, resident_key, evaluation.as_ref()),
                (StatusCode::PUAT_REQUIRED, _) if token.is_none() && key.takes_pin(Permissions::MAKE_CREDENTIAL) => {
                    verification = Verification::Token;
                    token = Some(authorize::by_pin(io, &key, self.purpose()).await?);
                }
                (status, _) => return Err(refused(status, resident_key.required)),
            }
        }
    }

    /// The token of a registration, with which a long exclude list is asked about too.
    async fn token(&self, io: &Io, key: &Key, verification: Verification) -> Result<Option<Token>, Cause> {
        match verification {
            Verification::Token => authorize::token(io, key, self.purpose()).await.map(Some),
            Verification::None | Verification::Option => Ok(None),
        }
    }

    fn purpose(&self) -> Purpose<'_> {
        let also = match self.options.exclude_credentials.is_empty() {
            true => Permissions::NONE,
            false => Permissions::GET_ASSERTION,
        };
        Purpose { permissions: Permissions::MAKE_CREDENTIAL | also, rp_id: Some(&self.call.rp_id) }
    }

    /// The evaluation of prf while registering, where the authenticator has hmac-secret-mc.
    async fn evaluate(&self, io: &Io, key: &Key, request: &mut Request) -> Result<Option<Evaluation>, Cause> {
        let salts = Salts::at_creation(&self.options.extensions).filter(|_| key.has_extension("hmac-secret-mc"));
        let Some(salts) = salts else { return Ok(None) };
        let (input, evaluation) = salts.ask(io, key).await?;
        request.extensions.push(("hmac-secret-mc".into(), input));
        Ok(Some(evaluation))
    }

    fn draft(&self, key: &Key, resident_key: Wish) -> Result<Request, Cause> {
        let (options, conveyance) = (&self.options, Conveyance::of(&self.options.attestation));
        Ok(Request {
            client_data_hash: self.call.hash,
            rp: RpEntity { id: self.call.rp_id.clone(), name: Some(options.rp.name.clone()) },
            user: UserEntity {
                id: options.user.id.0.clone(),
                name: Some(options.user.name.clone()),
                display_name: Some(options.user.display_name.clone()),
            },
            pub_key_cred_params: options::algorithms(&options.pub_key_cred_params)?,
            extensions: extensions::registration_inputs(&options.extensions, key, resident_key.asked)?,
            options: if resident_key.asked { vec![("rk".to_owned(), true)] } else { Vec::new() },
            enterprise_attestation: self.enterprise_attestation(conveyance, key),
            attestation_formats_preference: self.formats(conveyance, key),
            ..Request::default()
        })
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

    fn registration(
        &self,
        body: &[u8],
        key: &Key,
        resident_key: Wish,
        evaluation: Option<&Evaluation>,
    ) -> Result<Registration, Cause> {
        let command = Command::MAKE_CREDENTIAL;
        let mut made = Response::parse(body).map_err(|error| unreadable(command, error))?;
        let no_id = Cause::Reply { command, error: ReplyError::NoCredentialId { found: made.auth_data.len() } };
        let credential_id = attested(&made.auth_data).map(|(_, id)| id.to_vec()).ok_or(no_id)?;
        let circumstances = Circumstances {
            conveyance: Conveyance::of(&self.options.attestation),
            transport: self.context.route.transport,
            enterprise_permitted: self.context.enterprise_permitted,
        };
        let conveyed = self.context.platform.convey(circumstances, &mut made);
        let outputs = extensions::Made {
            auth_data: &made.auth_data,
            resident_key: resident_key.asked,
            large_blobs: made.large_blob_key.is_some(),
            evaluation,
        };
        let outputs = extensions::registration_outputs(&self.options.extensions, &outputs);
        Ok(Registration { response: self.response(&credential_id, &made, key, outputs), conveyed })
    }

    fn response(
        &self,
        credential_id: &[u8],
        made: &Response,
        authenticator: &Key,
        outputs: serde_json::Map<String, serde_json::Value>,
    ) -> RegistrationResponse {
        let att_stmt = made.att_stmt.clone().unwrap_or_else(|| Value::Map(Vec::new()));
        let object = attestation_object::encode(&made.fmt, &cbor::encode(&att_stmt), &made.auth_data);
        let key = public_key(&made.auth_data);
        RegistrationResponse {
            id: base64url::encode(credential_id),
            raw_id: credential_id.into(),
            response: AttestationResponse {
                client_data_json: self.call.client_data.clone().into(),
                attestation_object: object.into(),
                authenticator_data: Some(made.auth_data.clone().into()),
                transports: authenticator.transports(self.context.route.transport.name()),
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

/// How the request says that the user is verified.
fn authorize(request: &mut Request, verification: Verification, token: Option<&Token>) {
    request.options.retain(|(name, _)| name != "uv");
    if verification == Verification::Option {
        request.options.push(("uv".to_owned(), true));
    }
    request.pin_uv_auth_param = token.map(|token| token.authenticate(&request.client_data_hash));
    request.pin_uv_auth_protocol = token.map(|token| token.protocol().number());
}

/// A status that refuses; whether the page required a discoverable credential decides what it is told.
fn refused(status: StatusCode, resident_key_required: bool) -> Cause {
    match key::refused(Command::MAKE_CREDENTIAL, status) {
        Cause::Refused { command, status, .. } => Cause::Refused { command, status, resident_key_required },
        other => other,
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
