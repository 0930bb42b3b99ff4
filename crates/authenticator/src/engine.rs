//! The engine: one message at a time, time and person from outside.

use std::sync::Arc;

use jiff::Timestamp;
use lab_attestation::emit::Vendors;
use lab_attestation::keys::Backend;
use lab_protocol::ctap2::{self, StatusCode};
use lab_protocol::{Env, Event, Message, Step};

use crate::commands::{self, Next, Outcome};
use crate::counter::Counter;
use crate::interaction::Waiting;
use crate::model::{AsBuilt, Model};
use crate::state::{Durable, State, Volatile};
use crate::store::{Credential, Store};
use crate::sync::{Home, JoinError, SyncFabric};
use crate::u2f;

/// The longest message of a model that names no limit: the most that CTAPHID carries (`ctap-2.2 §11.2.4`).
const MAX_MESSAGE: usize = 7609;

/// An emulated authenticator of one model.
#[derive(Debug)]
pub struct Authenticator {
    pub(crate) model: Arc<Model>,
    pub(crate) built: AsBuilt,
    pub(crate) vendors: Arc<Vendors>,
    pub(crate) backend: Backend,
    pub(crate) env: Env,
    pub(crate) home: Home,
    pub(crate) counter: Counter,
    pub(crate) state: State,
    pub(crate) volatile: Volatile,
    pub(crate) powered_at: Option<Timestamp>,
    waiting: Option<Waiting>,
}

impl Authenticator {
    /// An authenticator as it leaves the factory. It gets power with its first message or event.
    #[must_use]
    pub fn new(model: Arc<Model>, vendors: Arc<Vendors>, backend: Backend, env: Env) -> Self {
        Self {
            built: model.as_built(),
            counter: Counter::of(&model),
            state: State::new(Durable::of(&model)),
            volatile: Volatile::default(),
            model,
            vendors,
            backend,
            env,
            home: Home::Own(Store::default()),
            powered_at: None,
            waiting: None,
        }
    }

    /// The model that it is.
    #[must_use]
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// Its credentials, oldest first.
    #[must_use]
    pub fn credentials(&self) -> Vec<Credential> {
        self.home.read(Store::all)
    }

    /// How many credentials it holds.
    #[must_use]
    pub fn count(&self) -> usize {
        self.home.read(Store::count)
    }

    /// Joins an account: its credentials, taken along, and those of the account are the same from here on.
    ///
    /// # Errors
    /// The model does not sync, the account is another provider's, or it joined one before.
    pub fn join(&mut self, account: &SyncFabric) -> Result<(), JoinError> {
        self.home.join(account, &self.model)
    }

    /// Starts a message. While another waits for the person, the answer is `CTAP1_ERR_CHANNEL_BUSY`
    /// and the other goes on waiting.
    pub fn start(&mut self, message: Message<'_>, now: Timestamp) -> Step {
        self.powered_at.get_or_insert(now);
        self.waiting = self.waiting.take().filter(|waiting| now < waiting.until);
        match message {
            Message::Msg(bytes) => Step::Done(u2f::answer(self, bytes, now)),
            Message::Cbor(_) if self.waiting.is_some() => self.reply(Err(StatusCode::CHANNEL_BUSY)),
            Message::Cbor(bytes) => {
                let outcome = self.run(bytes, now);
                self.step(outcome, now)
            }
        }
    }

    /// Tells what happened. Where no message waits for a reply, or power was lost before it came, the
    /// step is `Done` without bytes: there is nothing to send.
    pub fn event(&mut self, event: Event, now: Timestamp) -> Step {
        self.powered_at.get_or_insert(now);
        if event == Event::PowerCycle {
            self.power_cycle(now);
        }
        let Some(waiting) = self.waiting.take() else {
            // CTAP1 never waits: a touch may come before its message.
            self.volatile.touched = (event == Event::Touch).then_some(now).or(self.volatile.touched);
            return Step::Done(Vec::new());
        };
        if event == Event::Cancel {
            return self.reply(Err(StatusCode::KEEPALIVE_CANCEL));
        }
        let Some(answer) = waiting.answer(event, now) else {
            let waiting = waiting.touched(event, now);
            let step = waiting.step();
            self.waiting = Some(waiting);
            return step;
        };
        let outcome = commands::resume(self, waiting.pending, answer, now);
        self.step(outcome, now)
    }

    fn run(&mut self, bytes: &[u8], now: Timestamp) -> Outcome {
        let limit = self.model.limit(|info| info.max_msg_size.as_ref().map(|size| size.value)).unwrap_or(MAX_MESSAGE);
        let (command, parameters) = bytes.split_first().ok_or(StatusCode::INVALID_LENGTH)?;
        if bytes.len() > limit {
            return Err(StatusCode::REQUEST_TOO_LARGE);
        }
        commands::start(self, ctap2::Command(*command), parameters, now)
    }

    fn step(&mut self, outcome: Outcome, now: Timestamp) -> Step {
        match outcome {
            Ok(Next::Ask(need, pending)) => {
                let waiting = Waiting::new(need, pending, now);
                let step = waiting.step();
                self.waiting = Some(waiting);
                step
            }
            Ok(Next::Reply(body)) => self.reply(Ok(body)),
            Err(status) => self.reply(Err(status)),
        }
    }

    fn reply(&mut self, outcome: Result<Vec<u8>, StatusCode>) -> Step {
        let mut reply = match outcome {
            Ok(body) => ctap2::reply(StatusCode::OK, &body),
            Err(status) => ctap2::reply(status, &[]),
        };
        self.env.tamper.reply(&mut reply);
        Step::Done(reply)
    }

    /// What is volatile is gone. A phone or PC asks for its passcode after a restart, which unblocks
    /// its sensor; a blocked PIN stays blocked.
    fn power_cycle(&mut self, now: Timestamp) {
        self.powered_at = Some(now);
        self.waiting = None;
        self.volatile = Volatile::default();
        let retries = self.model.user_verification.retries.value;
        if self.restart_unblocks() {
            self.state.change(|state| state.uv_retries = retries);
        }
    }
}
