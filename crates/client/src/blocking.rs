//! The driver that blocks: a ceremony over any device.

use std::ops::ControlFlow;

use lab_protocol::webauthn::{PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use lab_protocol::{Device, Env, Message, Status};

use crate::context::Context;
use crate::create::{Create, Registration};
use crate::error::ClientError;
use crate::get::{Authentication, Get};
use crate::machine::{Machine, Next, PinPrompt};
use crate::pin::Pin;

/// A client with an authenticator at its side.
pub struct Client<'a> {
    /// The authenticator.
    pub device: &'a mut dyn Device,
    /// What the client lies about.
    pub env: &'a mut Env,
    /// Called while the authenticator waits for a person; [`ControlFlow::Break`] cancels.
    pub on_wait: &'a mut dyn FnMut(Status) -> ControlFlow<()>,
    /// Called when the authenticator demands its PIN; `None` gives up.
    pub on_pin: &'a mut dyn FnMut(PinPrompt) -> Option<Pin>,
}

/// The answer of a caller who has no PIN to give.
pub fn no_pin(_: PinPrompt) -> Option<Pin> {
    None
}

impl Client<'_> {
    /// `navigator.credentials.create`.
    ///
    /// # Errors
    /// What the page's promise is rejected with.
    pub fn create(
        &mut self,
        options: &PublicKeyCredentialCreationOptions,
        context: &Context,
    ) -> Result<Registration, ClientError> {
        self.run(Create::new(options, context))
    }

    /// `navigator.credentials.get`.
    ///
    /// # Errors
    /// What the page's promise is rejected with.
    pub fn get(
        &mut self,
        options: &PublicKeyCredentialRequestOptions,
        context: &Context,
    ) -> Result<Authentication, ClientError> {
        self.run(Get::new(options, context))
    }

    /// Drives any ceremony to its end.
    ///
    /// # Errors
    /// Those of the ceremony, and a device that gives no reply.
    pub fn run<M: Machine>(&mut self, mut machine: M) -> Result<M::Output, ClientError> {
        let mut next = machine.start(self.env);
        loop {
            next = match next {
                Next::Send(message) => {
                    let reply = self.device.call(Message::Cbor(&message), self.on_wait)?;
                    machine.resume(&reply, self.env)
                }
                Next::NeedPin(prompt) => machine.pin((self.on_pin)(prompt), self.env),
                Next::Done(result) => return result,
            };
        }
    }
}
