//! The lies of a ceremony, as tamperings of authenticator and client.

use std::sync::Arc;

use lab_authenticator::Model;
use lab_lies::{BoxedTamper, Lie};
use lab_protocol::Tamper;
use lab_protocol::tamper::Honest;
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use lab_protocol::webauthn::client_data::ClientDataDraft;
use lab_protocol::webauthn::{AuthenticationResponse, Ceremony};

use super::LiesFrom;

/// The lies, and from when on they are told.
#[derive(Debug, Clone)]
pub(crate) struct Lies {
    lies: Vec<Lie>,
    from: LiesFrom,
}

impl Lies {
    pub(crate) const fn new(lies: Vec<Lie>, from: LiesFrom) -> Self {
        Self { lies, from }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.lies.is_empty()
    }

    /// A fresh tampering: authenticator and client have one each.
    pub(crate) fn tamper(&self) -> BoxedTamper {
        match self.from {
            _ if self.lies.is_empty() => Box::new(Honest),
            LiesFrom::Registration => lab_lies::tamper(&self.lies),
            LiesFrom::SignIn => Box::new(AtSignIn(lab_lies::tamper(&self.lies))),
        }
    }

    /// The model with the misbehaviours that the lies need.
    pub(crate) fn model(&self, model: &Arc<Model>) -> Arc<Model> {
        self.lies.iter().fold(Arc::clone(model), |model, lie| lie.adjust(model))
    }
}

/// A tampering that leaves the registration alone.
struct AtSignIn(BoxedTamper);

impl Tamper for AtSignIn {
    fn authenticator_data(&mut self, ceremony: Ceremony, draft: &mut AuthenticatorDataDraft) {
        if ceremony == Ceremony::Authentication {
            self.0.authenticator_data(ceremony, draft);
        }
    }

    fn client_data(&mut self, ceremony: Ceremony, draft: &mut ClientDataDraft) {
        if ceremony == Ceremony::Authentication {
            self.0.client_data(ceremony, draft);
        }
    }

    fn authentication_response(&mut self, response: &mut AuthenticationResponse) {
        self.0.authentication_response(response);
    }
}
