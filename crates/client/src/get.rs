//! `navigator.credentials.get` (`webauthn-3 §5.1.4`) with one authenticator.

use lab_protocol::ctap2::get_assertion::{Request, Response};
use lab_protocol::ctap2::{Command, Descriptor};
use lab_protocol::webauthn::responses::AssertionResponse;
use lab_protocol::webauthn::{AuthenticationResponse, Ceremony, PublicKeyCredentialRequestOptions};
use lab_protocol::{Base64Url, Env, base64url};

use crate::accounts::{Account, MAX_ACCOUNTS};
use crate::call::{self, Call};
use crate::context::Context;
use crate::error::{Cause, ReplyError};
use crate::extensions;
use crate::key::{Key, body, message, unreadable};
use crate::machine::{Machine, Next};
use crate::options::{self, PUBLIC_KEY};
use crate::probe::{Probe, Probed};

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
    call: Option<Call>,
    allowed: Vec<Descriptor>,
    state: State,
}

#[derive(Debug)]
enum State {
    Info,
    Probing(Probe, Box<Draft>),
    Asking,
    Enumerating(Vec<Response>, usize),
    Ended,
}

#[derive(Debug)]
struct Draft {
    request: Request,
    key: Key,
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
        let (options, context) = (options.clone(), context.clone());
        Self { options, context, call: None, allowed: Vec::new(), state: State::Ended }
    }
}

impl Machine for Get {
    type Output = Authentication;

    fn start(&mut self, env: &mut Env) -> Next<Authentication> {
        self.begin(env).unwrap_or_else(|cause| Next::Done(Err(cause.into())))
    }

    fn resume(&mut self, reply: &[u8], env: &mut Env) -> Next<Authentication> {
        self.step(reply, env).unwrap_or_else(|cause| Next::Done(Err(cause.into())))
    }
}

impl Get {
    fn begin(&mut self, env: &mut Env) -> Result<Next<Authentication>, Cause> {
        let rp_id = call::rp_id(self.options.rp_id.as_deref(), &self.context)?;
        let listed = &self.options.allow_credentials;
        options::check_large_blob(&self.options.extensions, Some(listed.len()))?;
        let known = listed.iter().filter(|descriptor| descriptor.ty == PUBLIC_KEY);
        self.allowed = known.map(|descriptor| Descriptor::new(descriptor.id.0.clone())).collect();
        if self.allowed.is_empty() && !listed.is_empty() {
            return Err(Cause::NoUsableDescriptor { found: listed.len() });
        }
        self.call = Some(Call::new(Ceremony::Authentication, rp_id, &self.options.challenge, (&self.context, env)));
        self.state = State::Info;
        Ok(Next::Send(message(Command::GET_INFO, &[])))
    }

    fn step(&mut self, reply: &[u8], env: &mut Env) -> Result<Next<Authentication>, Cause> {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Info => {
                let draft = Box::new(self.draft(Key::read(reply)?)?);
                let probed = Probe::begin(&draft.key, &draft.request.rp_id, self.allowed.clone());
                self.probed(probed, draft)
            }
            State::Probing(probe, draft) => self.probed(probe.answer(reply), draft),
            State::Asking => {
                let first = parse(Command::GET_ASSERTION, reply)?;
                let total = first.number_of_credentials.and_then(|number| usize::try_from(number).ok());
                let total = if self.allowed.is_empty() { total.unwrap_or(1) } else { 1 };
                self.enumerate(vec![first], total.min(MAX_ACCOUNTS), env)
            }
            State::Enumerating(mut answers, total) => {
                answers.push(parse(Command::GET_NEXT_ASSERTION, reply)?);
                self.enumerate(answers, total, env)
            }
            State::Ended => Err(Cause::OutOfTurn),
        }
    }

    fn draft(&self, key: Key) -> Result<Draft, Cause> {
        let call = self.call.as_ref().ok_or(Cause::OutOfTurn)?;
        let verifies = key.verifies(&self.options.user_verification)?;
        let request = Request {
            rp_id: call.rp_id.clone(),
            client_data_hash: call.hash,
            options: if verifies { vec![("uv".to_owned(), true)] } else { Vec::new() },
            ..Request::default()
        };
        Ok(Draft { request, key })
    }

    fn probed(&mut self, probed: Probed, mut draft: Box<Draft>) -> Result<Next<Authentication>, Cause> {
        match probed {
            Probed::Ask(question, probe) => {
                self.state = State::Probing(probe, draft);
                return Ok(Next::Send(question));
            }
            Probed::List(list) if list.is_empty() && !self.allowed.is_empty() => {
                return Err(Cause::NoneOfTheList { found: self.allowed.len() });
            }
            Probed::List(list) => {
                self.allowed.clone_from(&list);
                draft.request.allow_list = (!list.is_empty()).then_some(list);
            }
        }
        let message = draft.key.message(Command::GET_ASSERTION, &draft.request.encode())?;
        self.state = State::Asking;
        Ok(Next::Send(message))
    }

    fn enumerate(
        &mut self,
        answers: Vec<Response>,
        total: usize,
        env: &mut Env,
    ) -> Result<Next<Authentication>, Cause> {
        if answers.len() < total {
            self.state = State::Enumerating(answers, total);
            return Ok(Next::Send(message(Command::GET_NEXT_ASSERTION, &[])));
        }
        let accounts = answers.len();
        let mut response = self.response(self.chosen(answers)?)?;
        env.tamper.authentication_response(&mut response);
        Ok(Next::Done(Ok(Authentication { response, accounts })))
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

    fn response(&self, answer: Response) -> Result<AuthenticationResponse, Cause> {
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
                client_data_json: self.call.as_ref().map(|call| call.client_data.clone()).unwrap_or_default().into(),
                authenticator_data: answer.auth_data.into(),
                signature: answer.signature.into(),
                user_handle,
                unknown: serde_json::Map::new(),
            },
            authenticator_attachment: Some(self.context.route.attachment.name().to_owned()),
            client_extension_results: extensions::authentication_outputs(&self.options.extensions),
            ty: PUBLIC_KEY.to_owned(),
            unknown: serde_json::Map::new(),
        })
    }
}

fn parse(command: Command, reply: &[u8]) -> Result<Response, Cause> {
    Response::parse(body(command, reply, false)?).map_err(|error| unreadable(command, error))
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
