//! Several tampers as one.

use lab_protocol::Tamper;
use lab_protocol::cbor::Value;
use lab_protocol::ctap2::get_info;
use lab_protocol::tamper::StatementPlan;
use lab_protocol::webauthn::authenticator_data::AuthenticatorDataDraft;
use lab_protocol::webauthn::client_data::ClientDataDraft;
use lab_protocol::webauthn::{AuthenticationResponse, Ceremony, RegistrationResponse};

use crate::BoxedTamper;

/// Tampers, asked one after the other: each sees what the ones before it left.
#[derive(Default)]
pub struct Tampers(pub Vec<BoxedTamper>);

impl Tampers {
    fn each(&mut self, mut ask: impl FnMut(&mut BoxedTamper)) {
        self.0.iter_mut().for_each(&mut ask);
    }
}

impl Tamper for Tampers {
    fn get_info(&mut self, info: &mut get_info::Response) {
        self.each(|tamper| tamper.get_info(info));
    }

    fn authenticator_data(&mut self, ceremony: Ceremony, draft: &mut AuthenticatorDataDraft) {
        self.each(|tamper| tamper.authenticator_data(ceremony, draft));
    }

    fn statement_plan(&mut self, plan: &mut StatementPlan) {
        self.each(|tamper| tamper.statement_plan(plan));
    }

    fn statement(&mut self, fmt: &mut String, statement: &mut Value) {
        self.each(|tamper| tamper.statement(fmt, statement));
    }

    fn reply(&mut self, reply: &mut Vec<u8>) {
        self.each(|tamper| tamper.reply(reply));
    }

    fn client_data(&mut self, ceremony: Ceremony, draft: &mut ClientDataDraft) {
        self.each(|tamper| tamper.client_data(ceremony, draft));
    }

    fn registration_response(&mut self, response: &mut RegistrationResponse) {
        self.each(|tamper| tamper.registration_response(response));
    }

    fn authentication_response(&mut self, response: &mut AuthenticationResponse) {
        self.each(|tamper| tamper.authentication_response(response));
    }

    fn packet(&mut self, packet: &mut [u8; 64]) {
        self.each(|tamper| tamper.packet(packet));
    }
}

impl std::fmt::Debug for Tampers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tampers({})", self.0.len())
    }
}
