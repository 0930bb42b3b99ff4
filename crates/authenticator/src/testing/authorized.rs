//! Requests of the commands that a pinUvAuthParam authorises, for tests.

use lab_protocol::ctap2::{
    Command, Permissions, StatusCode, bio_enrollment, config, credential_management, large_blobs,
};

use super::{Bench, Reply, number};
use crate::pin::Protocol;

/// A token, and how it signs.
#[derive(Clone)]
pub struct Token {
    protocol: Protocol,
    value: Vec<u8>,
}

impl Token {
    pub fn sign(&self, message: &[u8]) -> (Option<i64>, Option<Vec<u8>>) {
        (Some(number(self.protocol)), Some(self.protocol.authenticate(&self.value, message)))
    }

    pub fn credential_management(
        &self,
        sub_command: credential_management::SubCommand,
        params: Option<credential_management::Params>,
    ) -> credential_management::Request {
        let sub_command_params = params.map(lab_protocol::ctap2::Encoded::from);
        let encoded = sub_command_params.as_ref().map_or(&[][..], |params| params.as_bytes());
        let (protocol, param) = self.sign(&[&[byte(sub_command.0)], encoded].concat());
        credential_management::Request {
            sub_command,
            sub_command_params,
            pin_uv_auth_protocol: protocol,
            pin_uv_auth_param: param,
            ..Default::default()
        }
    }

    pub fn config(&self, sub_command: config::SubCommand, params: Option<config::Params>) -> config::Request {
        let sub_command_params = params.map(lab_protocol::ctap2::Encoded::from);
        let encoded = sub_command_params.as_ref().map_or(&[][..], |params| params.as_bytes());
        let message = [&[0xff; 32][..], &[0x0d, byte(sub_command.0)], encoded].concat();
        let (protocol, param) = self.sign(&message);
        config::Request {
            sub_command,
            sub_command_params,
            pin_uv_auth_protocol: protocol,
            pin_uv_auth_param: param,
            ..Default::default()
        }
    }

    pub fn bio(
        &self,
        sub_command: bio_enrollment::SubCommand,
        params: Option<bio_enrollment::Params>,
    ) -> bio_enrollment::Request {
        let sub_command_params = params.map(lab_protocol::ctap2::Encoded::from);
        let encoded = sub_command_params.as_ref().map_or(&[][..], |params| params.as_bytes());
        let (protocol, param) = self.sign(&[&[1, byte(sub_command.0)], encoded].concat());
        bio_enrollment::Request {
            modality: Some(bio_enrollment::FINGERPRINT),
            sub_command: Some(sub_command),
            sub_command_params,
            pin_uv_auth_protocol: protocol,
            pin_uv_auth_param: param,
            ..Default::default()
        }
    }

    pub fn write(&self, fragment: &[u8], offset: u32, length: Option<usize>) -> large_blobs::Request {
        let hash = lab_attestation::sha256(fragment);
        let message = [&[0xff; 32][..], &[0x0c, 0x00], &offset.to_le_bytes(), &hash].concat();
        let (protocol, param) = self.sign(&message);
        large_blobs::Request {
            pin_uv_auth_protocol: protocol,
            pin_uv_auth_param: param,
            ..write(fragment, offset, length)
        }
    }
}

/// A fragment that nothing authorises.
pub fn write(fragment: &[u8], offset: u32, length: Option<usize>) -> large_blobs::Request {
    large_blobs::Request {
        set: Some(fragment.to_vec()),
        offset: Some(offset.into()),
        length: length.map(|length| i64::try_from(length).unwrap()),
        ..Default::default()
    }
}

fn byte(number: i64) -> u8 {
    u8::try_from(number).unwrap()
}

impl Bench {
    /// A token with these permissions, by the PIN of every bench.
    pub fn authorized(&mut self, permissions: Permissions) -> Token {
        self.authorized_for(permissions, None)
    }

    /// The same, bound to an RP ID.
    pub fn authorized_for(&mut self, permissions: Permissions, rp_id: Option<&str>) -> Token {
        let protocol = self.preferred();
        Token { protocol, value: self.token(protocol, permissions, rp_id) }
    }

    pub fn manage(&mut self, request: &credential_management::Request) -> Reply {
        self.call(Command::CREDENTIAL_MANAGEMENT, &request.encode())
    }

    /// The reply of credential management that succeeds.
    pub fn managed(&mut self, request: &credential_management::Request) -> credential_management::Response {
        credential_management::Response::parse(self.manage(request).ok()).unwrap()
    }

    pub fn configure(&mut self, request: &config::Request) -> StatusCode {
        self.call(Command::CONFIG, &request.encode()).status()
    }

    pub fn bio(&mut self, request: &bio_enrollment::Request) -> Reply {
        self.call(Command::BIO_ENROLLMENT, &request.encode())
    }

    pub fn blobs(&mut self, request: &large_blobs::Request) -> Reply {
        self.call(Command::LARGE_BLOBS, &request.encode())
    }
}
