//! Steps written one after the other, run as a machine.
//!
//! An `async` block is the state machine that the compiler writes: it is polled with a waker that wakes nobody,
//! and is ready again exactly when its question was answered. There is no executor, thread or clock.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin as boxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use lab_protocol::Env;
use lab_protocol::ctap2::{Command, StatusCode, split_reply};

use crate::error::{Cause, ReplyError};
use crate::key::{self, Key};
use crate::machine::{Machine, Next, PinPrompt};
use crate::pin::Pin;

/// A machine that is made of steps.
pub struct Script<T> {
    steps: Option<Steps<T>>,
    desk: Io,
    waits: Waits,
}

type Steps<T> = boxed::Pin<Box<dyn Future<Output = Result<T, Cause>> + Send>>;

/// How the steps ask and are answered.
#[derive(Clone, Default)]
pub(crate) struct Io(Arc<Mutex<Desk>>);

#[derive(Default)]
struct Desk {
    question: Option<Question>,
    answer: Option<Answer>,
}

enum Question {
    Reply(Vec<u8>),
    Pin(PinPrompt),
    Random(usize),
}

enum Answer {
    Reply(Vec<u8>),
    Pin(Option<Pin>),
    Random(Vec<u8>),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    Nothing,
    Reply,
    Pin,
}

impl<T> Script<T> {
    /// The machine that takes these steps.
    pub(crate) fn new<F>(steps: impl FnOnce(Io) -> F) -> Self
    where
        F: Future<Output = Result<T, Cause>> + Send + 'static,
    {
        let desk = Io::default();
        Self { steps: Some(Box::pin(steps(desk.clone()))), desk, waits: Waits::Nothing }
    }

    fn answer(&mut self, awaited: Waits, answer: Option<Answer>, env: &mut Env) -> Next<T> {
        let Some(mut steps) = self.steps.take().filter(|_| self.waits == awaited) else {
            return Next::Done(Err(Cause::OutOfTurn.into()));
        };
        self.desk.lock().answer = answer;
        loop {
            if let Poll::Ready(result) = steps.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return Next::Done(result.map_err(Into::into));
            }
            let question = self.desk.lock().question.take();
            let (waits, next) = match question {
                Some(Question::Random(length)) => {
                    let mut bytes = vec![0; length];
                    env.rng.fill(&mut bytes);
                    self.desk.lock().answer = Some(Answer::Random(bytes));
                    continue;
                }
                Some(Question::Reply(message)) => (Waits::Reply, Next::Send(message)),
                Some(Question::Pin(prompt)) => (Waits::Pin, Next::NeedPin(prompt)),
                None => return Next::Done(Err(Cause::OutOfTurn.into())),
            };
            (self.steps, self.waits) = (Some(steps), waits);
            return next;
        }
    }
}

impl<T> Machine for Script<T> {
    type Output = T;

    fn start(&mut self, env: &mut Env) -> Next<T> {
        self.answer(Waits::Nothing, None, env)
    }

    fn resume(&mut self, reply: &[u8], env: &mut Env) -> Next<T> {
        self.answer(Waits::Reply, Some(Answer::Reply(reply.to_vec())), env)
    }

    fn pin(&mut self, pin: Option<Pin>, env: &mut Env) -> Next<T> {
        self.answer(Waits::Pin, Some(Answer::Pin(pin)), env)
    }
}

impl<T> fmt::Debug for Script<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.steps.is_some() { "Script" } else { "Script (ended)" })
    }
}

impl Io {
    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, question: Question) -> Answer {
        self.lock().question = Some(question);
        poll_fn(|_| self.lock().answer.take().map_or(Poll::Pending, Poll::Ready)).await
    }

    /// The reply to a message, status byte included.
    async fn reply(&self, message: Vec<u8>) -> Result<Vec<u8>, Cause> {
        match self.ask(Question::Reply(message)).await {
            Answer::Reply(reply) => Ok(reply),
            Answer::Pin(_) | Answer::Random(_) => Err(Cause::OutOfTurn),
        }
    }

    /// A command's status and body, whatever the status.
    pub(crate) async fn call(&self, command: Command, parameters: &[u8]) -> Result<(StatusCode, Vec<u8>), Cause> {
        let mut reply = self.reply(key::message(command, parameters)).await?;
        let (status, _) = split_reply(&reply).ok_or(Cause::Reply { command, error: ReplyError::Empty })?;
        Ok((status, reply.split_off(1)))
    }

    /// The body of a command that succeeds.
    pub(crate) async fn body(&self, command: Command, parameters: &[u8]) -> Result<Vec<u8>, Cause> {
        match self.call(command, parameters).await? {
            (StatusCode::OK, body) => Ok(body),
            (status, _) => Err(key::refused(command, status)),
        }
    }

    /// What the authenticator says of itself.
    pub(crate) async fn key(&self) -> Result<Key, Cause> {
        Key::read(&self.body(Command::GET_INFO, &[]).await?)
    }

    /// The PIN, if the person gives one.
    pub(crate) async fn pin(&self, prompt: PinPrompt) -> Result<Option<Pin>, Cause> {
        match self.ask(Question::Pin(prompt)).await {
            Answer::Pin(pin) => Ok(pin),
            Answer::Reply(_) | Answer::Random(_) => Err(Cause::OutOfTurn),
        }
    }

    /// Random bytes.
    pub(crate) async fn random<const N: usize>(&self) -> Result<[u8; N], Cause> {
        match self.ask(Question::Random(N)).await {
            Answer::Random(bytes) => bytes.try_into().map_err(|_| Cause::OutOfTurn),
            Answer::Reply(_) | Answer::Pin(_) => Err(Cause::OutOfTurn),
        }
    }
}
