//! The platform's side of authenticatorClientPIN, for tests.

use lab_protocol::ctap2::client_pin::{Request, Response, SubCommand};
use lab_protocol::ctap2::{Command, KeyAgreement, Permissions, StatusCode, get_assertion, make_credential};

use super::{Bench, RP, Seeded};
use crate::pin::{AgreementKey, Protocol, SharedSecret};

/// The PIN of every [`Bench`] that is set up.
pub const PIN: &str = "8023-194";

/// A platform that has agreed on a key.
pub struct Platform {
    pub protocol: Protocol,
    pub shared: SharedSecret,
    pub key: KeyAgreement,
}

pub const fn number(protocol: Protocol) -> i64 {
    match protocol {
        Protocol::One => 1,
        Protocol::Two => 2,
    }
}

/// A PIN, padded.
pub fn padded(pin: &str) -> Vec<u8> {
    let mut padded = pin.as_bytes().to_vec();
    padded.resize(64.max(pin.len()), 0);
    padded
}

impl Platform {
    pub fn agree(bench: &mut Bench, protocol: Protocol) -> Self {
        let request = Request {
            pin_uv_auth_protocol: Some(number(protocol)),
            sub_command: SubCommand::GET_KEY_AGREEMENT,
            ..Request::default()
        };
        let reply = bench.call(Command::CLIENT_PIN, &request.encode());
        let theirs = Response::parse(reply.ok()).unwrap().key_agreement.unwrap();
        let ours = AgreementKey::generate(&mut Seeded(99, 0)).unwrap();
        let (x, y) = ours.public();
        let z = ours.shared(&theirs.point().unwrap()).unwrap();
        Self { protocol, shared: protocol.shared_secret(&z), key: KeyAgreement::p256(x, y) }
    }

    /// A request of a subcommand, with protocol and key.
    pub fn request(&self, sub_command: SubCommand) -> Request {
        Request {
            pin_uv_auth_protocol: Some(number(self.protocol)),
            sub_command,
            key_agreement: Some(self.key.clone()),
            ..Request::default()
        }
    }

    pub fn encrypt(&self, plaintext: &[u8]) -> Vec<u8> {
        self.shared.encrypt(plaintext, &mut Seeded(7, 7)).unwrap()
    }

    pub fn pin_hash(&self, pin: &str) -> Vec<u8> {
        self.encrypt(&lab_attestation::sha256(pin.as_bytes())[..16])
    }

    /// setPIN with these padded bytes.
    pub fn set_pin(&self, padded: &[u8]) -> Request {
        let new_pin_enc = self.encrypt(padded);
        Request {
            pin_uv_auth_param: Some(self.shared.authenticate(&new_pin_enc)),
            new_pin_enc: Some(new_pin_enc),
            ..self.request(SubCommand::SET_PIN)
        }
    }

    pub fn change_pin(&self, current: &str, new: &str) -> Request {
        let (new_pin_enc, pin_hash_enc) = (self.encrypt(&padded(new)), self.pin_hash(current));
        Request {
            pin_uv_auth_param: Some(self.shared.authenticate(&[&new_pin_enc[..], &pin_hash_enc].concat())),
            new_pin_enc: Some(new_pin_enc),
            pin_hash_enc: Some(pin_hash_enc),
            ..self.request(SubCommand::CHANGE_PIN)
        }
    }

    /// getPinToken.
    pub fn by_pin(&self, pin: &str) -> Request {
        Request { pin_hash_enc: Some(self.pin_hash(pin)), ..self.request(SubCommand::GET_PIN_TOKEN) }
    }

    /// getPinUvAuthTokenUsingPinWithPermissions.
    pub fn with_permissions(&self, pin: &str, permissions: Permissions, rp_id: Option<&str>) -> Request {
        Request {
            pin_hash_enc: Some(self.pin_hash(pin)),
            permissions: Some(permissions),
            rp_id: rp_id.map(str::to_owned),
            ..self.request(SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_PIN_WITH_PERMISSIONS)
        }
    }

    /// The token of a reply.
    pub fn token(&self, reply: &[u8]) -> Vec<u8> {
        self.shared.decrypt(&Response::parse(reply).unwrap().pin_uv_auth_token.unwrap()).unwrap()
    }
}

impl Bench {
    /// Sends a clientPIN request, and lets a willing person answer.
    pub fn client_pin(&mut self, request: &Request) -> StatusCode {
        self.call(Command::CLIENT_PIN, &request.encode()).status()
    }

    /// The protocol that it prefers.
    pub fn preferred(&mut self) -> Protocol {
        let first = self.info().pin_uv_auth_protocols[0];
        Protocol::of(first).unwrap()
    }

    /// A token for makeCredential or getAssertion, by the PIN of every bench.
    pub fn token(&mut self, protocol: Protocol, permissions: Permissions, rp_id: Option<&str>) -> Vec<u8> {
        let platform = Platform::agree(self, protocol);
        let request = match self.info().option("pinUvAuthToken") {
            Some(true) => platform.with_permissions(PIN, permissions, rp_id),
            _ => platform.by_pin(PIN),
        };
        let reply = self.call(Command::CLIENT_PIN, &request.encode());
        platform.token(reply.ok())
    }

    /// Whether a request for verification takes a PIN here.
    fn takes_pin(&mut self, options: &[(String, bool)]) -> bool {
        options.contains(&("uv".to_owned(), true)) && {
            let info = self.info();
            info.option("uv") != Some(true) && info.option("clientPin") == Some(true)
        }
    }

    /// The request as a platform sends it: what asks for verification has a token instead, where a PIN verifies.
    pub fn create_by_pin(&mut self, request: &make_credential::Request) -> make_credential::Request {
        if !self.takes_pin(&request.options) || request.pin_uv_auth_param.is_some() {
            return request.clone();
        }
        let protocol = self.preferred();
        let token = self.token(protocol, Permissions::MAKE_CREDENTIAL, Some(&request.rp.id));
        let mut request = request.clone();
        request.options.retain(|(name, _)| name != "uv");
        request.pin_uv_auth_param = Some(protocol.authenticate(&token, &request.client_data_hash));
        request.pin_uv_auth_protocol = Some(number(protocol));
        request
    }

    /// As [`Bench::create_by_pin`].
    pub fn get_by_pin(&mut self, request: &get_assertion::Request) -> get_assertion::Request {
        if !self.takes_pin(&request.options) || request.pin_uv_auth_param.is_some() {
            return request.clone();
        }
        let protocol = self.preferred();
        let token = self.token(protocol, Permissions::GET_ASSERTION, Some(&request.rp_id));
        let mut request = request.clone();
        request.options.retain(|(name, _)| name != "uv");
        request.pin_uv_auth_param = Some(protocol.authenticate(&token, &request.client_data_hash));
        request.pin_uv_auth_protocol = Some(number(protocol));
        request
    }
}

/// A request of makeCredential with a token.
pub fn with_token(request: make_credential::Request, protocol: Protocol, token: &[u8]) -> make_credential::Request {
    make_credential::Request {
        options: request.options.iter().filter(|(name, _)| name != "uv").cloned().collect(),
        pin_uv_auth_param: Some(protocol.authenticate(token, &request.client_data_hash)),
        pin_uv_auth_protocol: Some(number(protocol)),
        ..request
    }
}

/// A request of getAssertion with a token.
pub fn get_with_token(request: get_assertion::Request, protocol: Protocol, token: &[u8]) -> get_assertion::Request {
    get_assertion::Request {
        options: request.options.iter().filter(|(name, _)| name != "uv").cloned().collect(),
        pin_uv_auth_param: Some(protocol.authenticate(token, &request.client_data_hash)),
        pin_uv_auth_protocol: Some(number(protocol)),
        ..request
    }
}

/// Both ceremonies at [`RP`].
pub const BOTH: (Permissions, Option<&str>) =
    (Permissions(Permissions::MAKE_CREDENTIAL.0 | Permissions::GET_ASSERTION.0), Some(RP));
