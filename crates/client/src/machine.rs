//! A ceremony as a state machine: whoever drives it decides how to wait.

use lab_protocol::Env;

use crate::error::ClientError;

/// A ceremony without thread or clock. `start` once, then `resume` with each reply until it is done.
/// A machine that is dropped on the way leaves nothing behind but what the authenticator still does.
pub trait Machine {
    /// What a ceremony gives.
    type Output;

    /// The first step. `env` is asked at the client's places of tampering.
    fn start(&mut self, env: &mut Env) -> Next<Self::Output>;

    /// The step after a reply, status byte included.
    fn resume(&mut self, reply: &[u8], env: &mut Env) -> Next<Self::Output>;
}

/// What a ceremony needs next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next<T> {
    /// Carry this CTAP2 message, command byte included, to the authenticator.
    Send(Vec<u8>),
    /// Nothing: this is the end.
    Done(Result<T, ClientError>),
}
