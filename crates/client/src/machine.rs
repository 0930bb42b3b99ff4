//! A ceremony as a state machine: whoever drives it decides how to wait.

use lab_protocol::Env;

use crate::error::ClientError;
use crate::pin::Pin;

/// A ceremony without thread or clock. `start` once, then the answer to each [`Next`] until it is done.
/// A machine that is dropped on the way leaves nothing behind but what the authenticator still does.
pub trait Machine {
    /// What a ceremony gives.
    type Output;

    /// The first step. `env` gives random bytes and is asked at the client's places of tampering.
    fn start(&mut self, env: &mut Env) -> Next<Self::Output>;

    /// The step after [`Next::Send`]: a reply, status byte included.
    fn resume(&mut self, reply: &[u8], env: &mut Env) -> Next<Self::Output>;

    /// The step after [`Next::NeedPin`]; `None` where the person gives no PIN.
    fn pin(&mut self, pin: Option<Pin>, env: &mut Env) -> Next<Self::Output>;
}

/// What a ceremony needs next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next<T> {
    /// Carry this CTAP2 message, command byte included, to the authenticator.
    Send(Vec<u8>),
    /// Ask the person for the authenticator's PIN.
    NeedPin(PinPrompt),
    /// Nothing: this is the end.
    Done(Result<T, ClientError>),
}

/// What a person is told when asked for a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinPrompt {
    /// Why it is asked for.
    pub reason: PinReason,
    /// Attempts until the PIN is blocked for good.
    pub retries: Option<i64>,
}

/// Why a PIN is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PinReason {
    /// The authenticator demands it.
    Needed,
    /// The last one was wrong.
    Wrong,
}
