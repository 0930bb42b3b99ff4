//! authenticatorCredentialManagement (`ctap-2.2 §6.8`), and its preview under 0x41.

use super::members::raw;
use super::message::{Map, message};
use super::sub_command::{SubCommandParams, SubCommandRequest, sub_commands};
use super::{Descriptor, Encoded, MessageError, RpEntity, UserEntity};
use crate::cbor::{Error, Reader};

sub_commands! {
    /// A subcommand of authenticatorCredentialManagement, known or not.
    SubCommand;
    GET_CREDS_METADATA = 0x01, "getCredsMetadata";
    ENUMERATE_RPS_BEGIN = 0x02, "enumerateRPsBegin";
    ENUMERATE_RPS_GET_NEXT_RP = 0x03, "enumerateRPsGetNextRP";
    ENUMERATE_CREDENTIALS_BEGIN = 0x04, "enumerateCredentialsBegin";
    ENUMERATE_CREDENTIALS_GET_NEXT_CREDENTIAL = 0x05, "enumerateCredentialsGetNextCredential";
    DELETE_CREDENTIAL = 0x06, "deleteCredential";
    UPDATE_USER_INFORMATION = 0x07, "updateUserInformation";
}

/// The request's parameters.
pub type Request = SubCommandRequest<SubCommand, Params>;

message! {
    /// `subCommandParams`.
    Params {
        /// SHA-256 of the RP ID.
        rp_id_hash: Vec<u8> = 0x01;
        credential_id: Descriptor = 0x02;
        user: UserEntity = 0x03;
    }
}

message! {
    /// The reply; deleteCredential and updateUserInformation answer without a body.
    Response {
        existing_resident_credentials_count: i64 = 0x01;
        max_possible_remaining_resident_credentials_count: i64 = 0x02;
        rp: RpEntity = 0x03;
        rp_id_hash: Vec<u8> = 0x04;
        /// Only in the first reply.
        total_rps: i64 = 0x05;
        user: UserEntity = 0x06;
        credential_id: Descriptor = 0x07;
        /// The COSE_Key as it was sent.
        public_key: Vec<u8> = 0x08 as raw;
        /// Only in the first reply.
        total_credentials: i64 = 0x09;
        /// 1 to 3.
        cred_protect: i64 = 0x0A;
        large_blob_key: Vec<u8> = 0x0B;
        third_party_payment: bool = 0x0C;
    }
}

impl SubCommandParams<SubCommand> for Params {
    fn read(_: Option<SubCommand>, reader: &mut Reader<'_>) -> Result<Self, Error> {
        Self::nested(reader)
    }
}

impl From<Params> for Encoded<Params> {
    fn from(params: Params) -> Self {
        let bytes = params.encoded();
        Self::of(params, bytes)
    }
}

impl Response {
    /// Reads a reply's body, which may be empty.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, MessageError> {
        Self::reply(bytes)
    }

    /// The reply's body in canonical form; empty without members.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encoded_or_nothing()
    }
}
