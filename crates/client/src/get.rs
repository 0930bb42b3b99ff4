//! `navigator.credentials.get` (`webauthn-3 §5.1.4`) with one authenticator.

use lab_protocol::ctap2::get_assertion::{Request, Response};
use lab_protocol::ctap2::{Command, Descriptor, Permissions, StatusCode};
use lab_protocol::webauthn::responses::AssertionResponse;
use lab_protocol::webauthn::{AuthenticationResponse, Ceremony, PublicKeyCredentialRequestOptions};
use lab_protocol::{Base64Url, Env, base64url};

use crate::accounts::{Account, MAX_ACCOUNTS};
use crate::authorize::{self, Purpose};
use crate::call::{self, Call};
use crate::context::Context;
use crate::error::{Cause, ReplyError};
use crate::extensions;
use crate::extensions::large_blob::{self, Operation};
use crate::extensions::prf::{self, Evaluation, Salts};
use crate::key::{self, Key, Verification, unreadable};
use crate::machine::{Machine, Next};
use crate::options::{self, PUBLIC_KEY};
use crate::pin::Pin;
use crate::pin_uv::Token;
use crate::probe;
use crate::script::{Io, Script};

/// What a sign-in gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Authentication {
    /// What the page sends to its server.
    pub response: AuthenticationResponse,
    /// How many accounts the authenticator offered.
    pub accounts: usize,
}

/// A sign-in on its way.
#[derive(Debug)]
pub struct Get {
    options: PublicKeyCredentialRequestOptions,
    context: Context,
    steps: Option<Script<Authentication>>,
}

/// A sign-in with `options` in `context`.
#[must_use]
pub fn get(options: &PublicKeyCredentialRequestOptions, context: &Context) -> Get {
    Get::new(options, context)
}

impl Get {
    /// A sign-in with `options` in `context`; nothing is checked before it starts.
    #[must_use]
    pub fn new(options: &PublicKeyCredentialRequestOptions, context: &Context) -> Self {
        Self { options: options.clone(), context: context.clone(), steps: None }
    }

    /// What is checked and decided before an authenticator is asked.
    fn begin(&self, env: &mut Env) -> Result<Script<Authentication>, Cause> {
        let rp_id = call::rp_id(self.options.rp_id.as_deref(), &self.context)?;
        let listed = &self.options.allow_credentials;
        options::check_large_blob(&self.options.extensions, Some(listed.len()))?;
        let known = listed.iter().filter(|descriptor| descriptor.ty == PUBLIC_KEY);
        let allowed: Vec<_> = known.map(|descriptor| Descriptor::new(descriptor.id.0.clone())).collect();
        let ids: Vec<_> = allowed.iter().map(|descriptor| &descriptor.id[..]).collect();
        options::check_prf(&self.options.extensions, Some(&ids))?;
        if allowed.is_empty() && !listed.is_empty() {
            return Err(Cause::NoUsableDescriptor { found: listed.len() });
        }
        let call = Call::new(Ceremony::Authentication, rp_id, &self.options.challenge, (&self.context, env));
        let ceremony = Steps { options: self.options.clone(), context: self.context.clone(), call, allowed };
        Ok(Script::new(|io| async move { ceremony.run(&io).await }))
    }

    fn advance(
        &mut self,
        env: &mut Env,
        answer: impl FnOnce(&mut Script<Authentication>, &mut Env) -> Next<Authentication>,
    ) -> Next<Authentication> {
        let Some(steps) = &mut self.steps else { return Next::Done(Err(Cause::OutOfTurn.into())) };
        let mut next = answer(steps, env);
        if let Next::Done(Ok(authentication)) = &mut next {
            env.tamper.authentication_response(&mut authentication.response);
        }
        next
    }
}

impl Machine for Get {
    type Output = Authentication;

    fn start(&mut self, env: &mut Env) -> Next<Authentication> {
        match self.begin(env) {
            Ok(steps) => self.steps = Some(steps),
            Err(cause) => return Next::Done(Err(cause.into())),
        }
        self.advance(env, Machine::start)
    }

    fn resume(&mut self, reply: &[u8], env: &mut Env) -> Next<Authentication> {
        self.advance(env, |steps, env| steps.resume(reply, env))
    }

    fn pin(&mut self, pin: Option<Pin>, env: &mut Env) -> Next<Authentication> {
        self.advance(env, |steps, env| steps.pin(pin, env))
    }
}

/// The steps with the authenticator.
struct Steps {
    options: PublicKeyCredentialRequestOptions,
    context: Context,
    call: Call,
    allowed: Vec<Descriptor>,
}

impl Steps {
    async fn run(mut self, io: &Io) -> Result<Authentication, Cause> {
        let key = io.key().await?;
        let mut verification = key.verification_at_sign_in(&self.options.user_verification)?;
        let operation = large_blob::operation(&self.options.extensions).filter(|_| key.has("largeBlobs"));
        let purpose = self.purpose(operation.as_ref());
        let mut token = match verification {
            Verification::Token => Some(authorize::token(io, &key, purpose).await?),
            Verification::None | Verification::Option => None,
        };
        self.shorten(io, &key, token.as_ref()).await?;
        let mut request = self.draft(&key);
        let evaluation = self.evaluate(io, &key, &mut request).await?;
        let first = loop {
            authorize(&mut request, verification, token.as_ref());
            let message = key.parameters(request.encode())?;
            match io.call(Command::GET_ASSERTION, &message).await? {
                (StatusCode::OK, body) => break parse(Command::GET_ASSERTION, &body)?,
                (StatusCode::PUAT_REQUIRED, _) if token.is_none() && key.takes_pin(Permissions::GET_ASSERTION) => {
                    verification = Verification::Token;
                    token = Some(authorize::by_pin(io, &key, self.purpose(operation.as_ref())).await?);
                }
                (status, _) => return Err(key::refused(Command::GET_ASSERTION, status)),
            }
        };
        let answers = self.enumerate(io, first).await?;
        let accounts = answers.len();
        let answer = self.chosen(answers)?;
        let done = match (&operation, &answer.large_blob_key) {
            (Some(operation), Some(blob)) => large_blob::run(io, &key, token.as_ref(), operation, blob).await,
            _ => None,
        };
        let (extensions, data) = (&self.options.extensions, &answer.auth_data);
        let outputs = extensions::authentication_outputs(extensions, data, evaluation.as_ref(), done.as_ref());
        Ok(Authentication { response: self.response(answer, outputs)?, accounts })
    }

    fn purpose(&self, operation: Option<&Operation>) -> Purpose<'_> {
        let also = match operation {
            Some(Operation::Write(_)) => Permissions::LARGE_BLOB_WRITE,
            Some(Operation::Read) | None => Permissions::NONE,
        };
        Purpose { permissions: Permissions::GET_ASSERTION | also, rp_id: Some(&self.call.rp_id) }
    }

    /// Makes the allow list short enough, and a single credential where its inputs of prf depend on which one answers.
    async fn shorten(&mut self, io: &Io, key: &Key, token: Option<&Token>) -> Result<(), Cause> {
        let (rp_id, found) = (&self.call.rp_id, self.allowed.len());
        self.allowed = probe::shorten(io, key, rp_id, std::mem::take(&mut self.allowed), token).await?;
        if self.allowed.is_empty() && found > 0 {
            return Err(Cause::NoneOfTheList { found });
        }
        let evaluates = key.has_extension("hmac-secret") && prf::depends_on_credential(&self.options.extensions);
        if evaluates && self.allowed.len() > 1 {
            let held = probe::held(io, rp_id, &self.allowed, token).await?;
            self.allowed.retain(|descriptor| held.as_ref().is_none_or(|held| held.id == descriptor.id));
        }
        Ok(())
    }

    fn draft(&self, key: &Key) -> Request {
        Request {
            rp_id: self.call.rp_id.clone(),
            client_data_hash: self.call.hash,
            allow_list: (!self.allowed.is_empty()).then(|| self.allowed.clone()),
            extensions: extensions::authentication_inputs(&self.options.extensions, key),
            ..Request::default()
        }
    }

    async fn evaluate(&self, io: &Io, key: &Key, request: &mut Request) -> Result<Option<Evaluation>, Cause> {
        let credential = match &self.allowed[..] {
            [only] => Some(&only.id[..]),
            _ => None,
        };
        let salts = Salts::at_sign_in(&self.options.extensions, credential);
        let Some(salts) = salts.filter(|_| key.has_extension("hmac-secret")) else { return Ok(None) };
        let (input, evaluation) = salts.ask(io, key).await?;
        request.extensions.push(("hmac-secret".into(), input));
        Ok(Some(evaluation))
    }

    /// Every account, where no list says which one is meant.
    async fn enumerate(&self, io: &Io, first: Response) -> Result<Vec<Response>, Cause> {
        let total = first.number_of_credentials.and_then(|number| usize::try_from(number).ok());
        let total = if self.allowed.is_empty() { total.unwrap_or(1).min(MAX_ACCOUNTS) } else { 1 };
        let mut answers = vec![first];
        while answers.len() < total {
            let body = io.body(Command::GET_NEXT_ASSERTION, &[]).await?;
            answers.push(parse(Command::GET_NEXT_ASSERTION, &body)?);
        }
        Ok(answers)
    }

    /// The one answer, or the chosen one of several. Where no list was sent, an answer without a user
    /// handle is no answer; with a list it is one (`webauthn-3 §5.1.4`, read as it is meant).
    fn chosen(&self, mut answers: Vec<Response>) -> Result<Response, Cause> {
        if self.allowed.is_empty() {
            answers.retain(|answer| user_handle(answer).is_some());
        }
        let accounts: Vec<_> = answers.iter().map(account).collect();
        let index = match accounts.len() {
            0 => return Err(reply(ReplyError::NoUserHandle)),
            1 => Some(0),
            _ => self.context.choice.choose(&accounts),
        };
        let found = accounts.len();
        let chosen = index.filter(|index| *index < found).ok_or(Cause::NotChosen { found })?;
        Ok(answers.swap_remove(chosen))
    }

    fn response(
        &self,
        answer: Response,
        outputs: serde_json::Map<String, serde_json::Value>,
    ) -> Result<AuthenticationResponse, Cause> {
        let user_handle = user_handle(&answer).map(Base64Url::from);
        let credential_id = match (answer.credential, &self.allowed[..]) {
            (Some(credential), _) => credential.id,
            (None, [only]) => only.id.clone(),
            (None, allowed) => return Err(reply(ReplyError::NoCredential { listed: allowed.len() })),
        };
        Ok(AuthenticationResponse {
            id: base64url::encode(&credential_id),
            raw_id: credential_id.into(),
            response: AssertionResponse {
                client_data_json: self.call.client_data.clone().into(),
                authenticator_data: answer.auth_data.into(),
                signature: answer.signature.into(),
                user_handle,
                unknown: serde_json::Map::new(),
            },
            authenticator_attachment: Some(self.context.route.attachment.name().to_owned()),
            client_extension_results: outputs,
            ty: PUBLIC_KEY.to_owned(),
            unknown: serde_json::Map::new(),
        })
    }
}

/// How the request says that the user is verified.
fn authorize(request: &mut Request, verification: Verification, token: Option<&Token>) {
    request.options = if verification == Verification::Option { vec![("uv".to_owned(), true)] } else { Vec::new() };
    request.pin_uv_auth_param = token.map(|token| token.authenticate(&request.client_data_hash));
    request.pin_uv_auth_protocol = token.map(|token| token.protocol().number());
}

fn parse(command: Command, body: &[u8]) -> Result<Response, Cause> {
    Response::parse(body).map_err(|error| unreadable(command, error))
}

fn reply(error: ReplyError) -> Cause {
    Cause::Reply { command: Command::GET_ASSERTION, error }
}

fn user_handle(answer: &Response) -> Option<&[u8]> {
    answer.user.as_ref().map(|user| &user.id[..]).filter(|id| !id.is_empty())
}

fn account(answer: &Response) -> Account<'_> {
    let user = answer.user.as_ref();
    Account {
        user_handle: user_handle(answer).unwrap_or_default(),
        name: user.and_then(|user| user.name.as_deref()),
        display_name: user.and_then(|user| user.display_name.as_deref()),
        credential_id: answer.credential.as_ref().map_or(&[], |credential| &credential.id),
    }
}
