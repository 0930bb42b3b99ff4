//! authenticatorConfig (`ctap-2.2 §6.11`). Replies have no body.

use super::message::{Map, message};
use super::sub_command::{SubCommandParams, SubCommandRequest, sub_commands};
use super::{Encoded, members};
use crate::cbor::{Error, Reader};

sub_commands! {
    /// A subcommand of authenticatorConfig, known or not.
    SubCommand;
    ENABLE_ENTERPRISE_ATTESTATION = 0x01, "enableEnterpriseAttestation";
    TOGGLE_ALWAYS_UV = 0x02, "toggleAlwaysUv";
    SET_MIN_PIN_LENGTH = 0x03, "setMinPINLength";
    ENABLE_LONG_TOUCH_FOR_RESET = 0x04, "enableLongTouchForReset";
    VENDOR_PROTOTYPE = 0xff, "vendorPrototype";
}

/// The request's parameters.
pub type Request = SubCommandRequest<SubCommand, Params>;

message! {
    /// `subCommandParams` of setMinPINLength; those of other subcommands are all in `unknown`.
    Params {
        /// In code points.
        new_min_pin_length: i64 = 0x01;
        /// RP IDs that may ask for the minimum length.
        min_pin_length_rp_ids: Vec<String> = 0x02;
        force_change_pin: bool = 0x03;
        /// `ctap-2.3`.
        pin_complexity_policy: bool = 0x04;
    }
}

impl SubCommandParams<SubCommand> for Params {
    fn read(sub_command: Option<SubCommand>, reader: &mut Reader<'_>) -> Result<Self, Error> {
        if sub_command == Some(SubCommand::SET_MIN_PIN_LENGTH) {
            return Self::nested(reader);
        }
        Ok(Self { unknown: members::value_map(reader)?, ..Self::default() })
    }
}

impl From<Params> for Encoded<Params> {
    fn from(params: Params) -> Self {
        let bytes = params.encoded();
        Self::of(params, bytes)
    }
}
