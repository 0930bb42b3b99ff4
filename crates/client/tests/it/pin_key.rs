//! A key with a PIN, as far as the client's side needs one: it decrypts what it is sent, and counts.

use std::ops::ControlFlow;

use lab_client::Pin;
use lab_client::pin_uv::{Protocol, SharedSecret, Token};
use lab_protocol::ctap2::client_pin::{Request, Response, SubCommand};
use lab_protocol::ctap2::{
    Command, KeyAgreement, StatusCode, get_assertion, get_info, hmac_secret, make_credential, reply,
};
use lab_protocol::{Device, DeviceError, Message, Status};

use crate::scripted::*;

/// A point of P-256 that nobody needs the private half of: its generator.
const GENERATOR: ([u8; 32], [u8; 32]) = (
    [
        0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03,
        0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
    ],
    [
        0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce,
        0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
    ],
);

const PRIVATE: [u8; 32] = [5; 32];
pub const TOKEN: [u8; 32] = [0x70; 32];

pub struct PinKey {
    pub info: get_info::Response,
    protocol: Protocol,
    pin: &'static str,
    pub retries: i64,
    pub asked: Vec<Request>,
    /// What makeCredential and getAssertion carried: pinUvAuthParam and its protocol.
    pub authorized: Vec<(Option<Vec<u8>>, Option<i64>)>,
}

impl PinKey {
    pub fn new(protocol: Protocol, pin: &'static str, options: &[&str]) -> Self {
        let info = get_info::Response {
            options: options.iter().map(|name| ((*name).into(), true)).collect(),
            pin_uv_auth_protocols: vec![protocol.number()],
            extensions: vec!["hmac-secret".into(), "hmac-secret-mc".into()],
            ..info()
        };
        Self { info, protocol, pin, retries: 8, asked: Vec::new(), authorized: Vec::new() }
    }

    fn secret(&self, platform: &KeyAgreement) -> SharedSecret {
        self.protocol.encapsulate(platform, &PRIVATE).unwrap().1
    }

    fn own_key(&self) -> KeyAgreement {
        self.protocol.encapsulate(&KeyAgreement::p256(GENERATOR.0, GENERATOR.1), &PRIVATE).unwrap().0
    }

    fn client_pin(&mut self, request: Request) -> Vec<u8> {
        self.asked.push(request.clone());
        let response = match request.sub_command {
            SubCommand::GET_PIN_RETRIES => Response { pin_retries: Some(self.retries), ..Default::default() },
            SubCommand::GET_KEY_AGREEMENT => Response { key_agreement: Some(self.own_key()), ..Default::default() },
            _ => return self.token(&request),
        };
        reply(StatusCode::OK, &response.encode())
    }

    fn token(&mut self, request: &Request) -> Vec<u8> {
        let secret = self.secret(request.key_agreement.as_ref().unwrap());
        let hash = secret.decrypt(request.pin_hash_enc.as_ref().unwrap()).unwrap();
        self.retries -= 1;
        if hash[..] != Pin::new(self.pin).unwrap().hash()[..] {
            let blocked = if self.retries == 0 { StatusCode::PIN_BLOCKED } else { StatusCode::PIN_AUTH_BLOCKED };
            return status(if self.retries % 3 == 2 && self.retries > 0 { blocked } else { StatusCode::PIN_INVALID });
        }
        self.retries = 8;
        let token = secret.encrypt(&TOKEN, [3; 16]);
        reply(StatusCode::OK, &Response { pin_uv_auth_token: Some(token), ..Default::default() }.encode())
    }

    /// Evaluates hmac-secret to its own salts, so that a test sees that it can read them.
    fn echo(&self, extensions: &[(lab_protocol::cbor::Value, lab_protocol::cbor::Value)]) -> Option<Vec<u8>> {
        let (_, input) = extensions.iter().find(|(_, value)| value.is_map())?;
        let input = hmac_secret::Input::from_value(input).unwrap();
        let secret = self.secret(&input.key_agreement);
        assert_eq!(secret.authenticate(&input.salt_enc), input.salt_auth);
        Some(secret.encrypt(&secret.decrypt(&input.salt_enc).unwrap(), [4; 16]))
    }
}

impl Device for PinKey {
    fn call(
        &mut self,
        message: Message<'_>,
        _on_wait: &mut dyn FnMut(Status) -> ControlFlow<()>,
    ) -> Result<Vec<u8>, DeviceError> {
        let Message::Cbor(bytes) = message else { return Err(DeviceError::Garbled("CTAP1".into())) };
        Ok(match Command(bytes[0]) {
            Command::GET_INFO => reply(StatusCode::OK, &self.info.encode()),
            Command::CLIENT_PIN => self.client_pin(Request::parse(&bytes[1..]).unwrap()),
            Command::MAKE_CREDENTIAL => {
                let request = make_credential::Request::parse(&bytes[1..]).unwrap();
                let output = self.echo(&request.extensions).map(|output| ("hmac-secret-mc", output));
                let hash = request.client_data_hash;
                self.authorized.push((request.pin_uv_auth_param, request.pin_uv_auth_protocol));
                assert!(self.is_authorized(&hash));
                made_with_extension(output)
            }
            _ => {
                let request = get_assertion::Request::parse(&bytes[1..]).unwrap();
                let output = self.echo(&request.extensions).map(|output| ("hmac-secret", output));
                self.authorized.push((request.pin_uv_auth_param, request.pin_uv_auth_protocol));
                signed_with_extension(output)
            }
        })
    }
}

impl PinKey {
    fn is_authorized(&self, hash: &[u8; 32]) -> bool {
        let (param, _) = self.authorized.last().unwrap();
        param.as_ref().is_none_or(|param| *param == Token::new(self.protocol, &TOKEN).authenticate(hash))
    }
}
