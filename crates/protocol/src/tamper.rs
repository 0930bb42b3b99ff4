//! The places at which an emulated authenticator or client can be made to lie.

use ciborium::Value;

use crate::Aaguid;
use crate::cose::Algorithm;
use crate::ctap2::get_info;
use crate::webauthn::authenticator_data::AuthenticatorDataDraft;
use crate::webauthn::client_data::ClientDataDraft;
use crate::webauthn::{AuthenticationResponse, Ceremony, RegistrationResponse};

/// A tampering: every method may change what is about to leave; by default none does.
pub trait Tamper {
    /// What the authenticator says of itself.
    fn get_info(&mut self, _info: &mut get_info::Response) {}

    /// Authenticator data, before it is signed.
    fn authenticator_data(&mut self, _ceremony: Ceremony, _draft: &mut AuthenticatorDataDraft) {}

    /// How the statement will be made, before it is signed.
    fn statement_plan(&mut self, _plan: &mut StatementPlan) {}

    /// The statement, after it was signed.
    fn statement(&mut self, _fmt: &mut String, _statement: &mut Value) {}

    /// A reply, status byte included.
    fn reply(&mut self, _reply: &mut Vec<u8>) {}

    /// Client data, before it is serialized and hashed.
    fn client_data(&mut self, _ceremony: Ceremony, _draft: &mut ClientDataDraft) {}

    /// The response of `create`, as the page would send it.
    fn registration_response(&mut self, _response: &mut RegistrationResponse) {}

    /// The response of `get`, as the page would send it.
    fn authentication_response(&mut self, _response: &mut AuthenticationResponse) {}

    /// A CTAPHID packet of the authenticator, without report id.
    fn packet(&mut self, _packet: &mut [u8; 64]) {}
}

/// No tampering.
#[derive(Debug, Clone, Copy, Default)]
pub struct Honest;

impl Tamper for Honest {}

/// How an attestation statement is going to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementPlan {
    /// The format: `none`, `packed`, ...
    pub fmt: String,
    /// Who signs.
    pub signer: Signer,
}

/// Who signs an attestation statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// The credential itself: self attestation.
    Credential,
    /// What attests for a model in the plan's format, under a root.
    Model {
        /// The model whose certificate is used.
        aaguid: Aaguid,
        /// The algorithm of its attestation key.
        alg: Algorithm,
        /// The root that its chain ends in.
        root: Root,
        /// The serial number of an enterprise attestation (`webauthn-3 §8.2.2`).
        serial: Option<Vec<u8>>,
    },
}

/// The root of an emulated attestation chain. Both say in their subject that they are a laboratory's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Root {
    /// The stand-in root of the model's vendor, which the lab trusts and says so.
    StandIn,
    /// A root that nobody trusts.
    Foreign,
}
