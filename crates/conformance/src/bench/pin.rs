//! PINs and tokens, with all that can be done wrong with them.

use lab_client::pin_uv::{Protocol, SharedSecret, Token};
use lab_client::{Pin, manage};
use lab_protocol::ctap2::client_pin::{Request, Response, SubCommand};
use lab_protocol::ctap2::{Command, KeyAgreement, Permissions};

use super::{Bench, Reply};
use crate::outcome::Stop;

/// The PIN that the runner sets.
pub(crate) const PIN: &str = "270182";
/// A PIN that is not set.
pub(crate) const OTHER_PIN: &str = "314159";

/// A key agreement: what the platform sends, and the secret.
#[derive(Debug, Clone)]
pub(crate) struct Agreement {
    pub(crate) platform: KeyAgreement,
    pub(crate) secret: SharedSecret,
}

impl Bench<'_> {
    /// Sets the runner's PIN where the authenticator has none.
    pub(crate) fn set_pin(&mut self) -> Result<(), Stop> {
        match self.info.option("clientPin") {
            None => Err(Stop::not_applicable("it has no PIN")),
            Some(true) if self.owns_pin => Ok(()),
            Some(true) => Err(Stop::not_applicable("it has a PIN already, which the runner does not know")),
            Some(false) => {
                self.drive(manage::pin::set(pin(PIN)?))?;
                self.info = self.get_info()?;
                self.owns_pin = true;
                Ok(())
            }
        }
    }

    /// Refuses to use up the attempts of somebody's PIN.
    fn may_try(&self) -> Result<(), Stop> {
        match self.info.option("clientPin") {
            Some(true) if !self.owns_pin => {
                Err(Stop::not_applicable("it has a PIN already, whose attempts are not used up here"))
            }
            _ => Ok(()),
        }
    }

    /// The protocol that it prefers.
    pub(crate) fn protocol(&self) -> Result<Protocol, Stop> {
        let found = &self.info.pin_uv_auth_protocols;
        let first = found.iter().find_map(|number| Protocol::of(*number));
        first.ok_or_else(|| Stop::not_applicable("it names no PIN/UV auth protocol that is known here"))
    }

    /// A protocol, where it has that.
    pub(crate) fn with_protocol(&self, protocol: Protocol) -> Result<Protocol, Stop> {
        let found = self.info.pin_uv_auth_protocols.contains(&protocol.number());
        if found { Ok(protocol) } else { Err(Stop::not_applicable(format!("it does not speak {protocol}"))) }
    }

    /// A request of authenticatorClientPIN.
    pub(crate) fn client_pin(&mut self, request: &Request) -> Result<Reply, Stop> {
        self.send(Command::CLIENT_PIN, &request.encode())
    }

    /// A subcommand that needs nothing but the protocol.
    pub(crate) fn ask_pin(&mut self, sub_command: SubCommand) -> Result<Response, Stop> {
        let protocol = Some(self.protocol()?.number());
        let reply = self.client_pin(&Request { pin_uv_auth_protocol: protocol, sub_command, ..Default::default() })?;
        Ok(Response::parse(&reply.ok()?)?)
    }

    /// Attempts that are left.
    pub(crate) fn pin_retries(&mut self) -> Result<i64, Stop> {
        let retries = self.ask_pin(SubCommand::GET_PIN_RETRIES)?.pin_retries;
        retries.ok_or_else(|| Stop::fail("pinRetries", "a reply without it"))
    }

    /// The authenticator's public key in a protocol.
    pub(crate) fn authenticator_key(&mut self, protocol: Protocol) -> Result<KeyAgreement, Stop> {
        let response = Response::parse(&self.key_agreement_reply(protocol)?)?;
        response.key_agreement.ok_or_else(|| Stop::fail("keyAgreement", "a reply without it"))
    }

    /// The reply to getKeyAgreement.
    pub(crate) fn key_agreement_reply(&mut self, protocol: Protocol) -> Result<Vec<u8>, Stop> {
        let request = Request {
            pin_uv_auth_protocol: Some(protocol.number()),
            sub_command: SubCommand::GET_KEY_AGREEMENT,
            ..Default::default()
        };
        self.client_pin(&request)?.ok()
    }

    /// A key agreement in the preferred protocol.
    pub(crate) fn agree(&mut self) -> Result<Agreement, Stop> {
        let protocol = self.protocol()?;
        self.agree_by(protocol)
    }

    /// A key agreement.
    pub(crate) fn agree_by(&mut self, protocol: Protocol) -> Result<Agreement, Stop> {
        let peer = self.authenticator_key(protocol)?;
        let private = self.random();
        let agreed = protocol.encapsulate(&peer, &private).map_err(|error| Stop::fail("a point on P-256", error))?;
        Ok(Agreement { platform: agreed.0, secret: agreed.1 })
    }

    /// The request of a token by PIN, with permissions where the authenticator gives them.
    pub(crate) fn token_request(
        &mut self,
        agreement: &Agreement,
        text: &str,
        permissions: Permissions,
        rp_id: Option<&str>,
    ) -> Result<Request, Stop> {
        self.may_try()?;
        let iv = self.random();
        let with_permissions = self.info.option("pinUvAuthToken") == Some(true);
        let sub_command = match with_permissions {
            true => SubCommand::GET_PIN_UV_AUTH_TOKEN_USING_PIN_WITH_PERMISSIONS,
            false => SubCommand::GET_PIN_TOKEN,
        };
        Ok(Request {
            pin_hash_enc: Some(agreement.secret.encrypt(&*pin(text)?.hash(), iv)),
            permissions: with_permissions.then_some(permissions),
            rp_id: rp_id.filter(|_| with_permissions).map(str::to_owned),
            ..agreement.request(sub_command)
        })
    }

    /// What it answers to an attempt with a PIN.
    pub(crate) fn try_pin(&mut self, text: &str) -> Result<Reply, Stop> {
        let agreement = self.agree()?;
        let permissions = Permissions::MAKE_CREDENTIAL;
        let request = self.token_request(&agreement, text, permissions, Some(super::RP))?;
        self.client_pin(&request)
    }

    /// A token by the runner's PIN.
    pub(crate) fn token(&mut self, permissions: Permissions, rp_id: Option<&str>) -> Result<Token, Stop> {
        let protocol = self.protocol()?;
        self.token_by(protocol, permissions, rp_id)
    }

    /// A token by the runner's PIN in a protocol.
    pub(crate) fn token_by(
        &mut self,
        protocol: Protocol,
        permissions: Permissions,
        rp_id: Option<&str>,
    ) -> Result<Token, Stop> {
        let agreement = self.agree_by(protocol)?;
        let request = self.token_request(&agreement, PIN, permissions, rp_id)?;
        let body = self.client_pin(&request)?.ok()?;
        agreement.token(&body)
    }

    /// A request that sets a PIN of `padded` bytes, complete.
    pub(crate) fn set_request(&mut self, agreement: &Agreement, padded: &[u8]) -> Request {
        let new_pin_enc = agreement.secret.encrypt(padded, self.random());
        Request {
            pin_uv_auth_param: Some(agreement.secret.authenticate(&new_pin_enc)),
            new_pin_enc: Some(new_pin_enc),
            ..agreement.request(SubCommand::SET_PIN)
        }
    }

    /// A request that changes the PIN, complete.
    pub(crate) fn change_request(&mut self, agreement: &Agreement, current: &str, new: &str) -> Result<Request, Stop> {
        self.may_try()?;
        let new_pin_enc = agreement.secret.encrypt(&*pin(new)?.padded(), self.random());
        let pin_hash_enc = agreement.secret.encrypt(&*pin(current)?.hash(), self.random());
        Ok(Request {
            pin_uv_auth_param: Some(agreement.secret.authenticate(&[&new_pin_enc[..], &pin_hash_enc].concat())),
            new_pin_enc: Some(new_pin_enc),
            pin_hash_enc: Some(pin_hash_enc),
            ..agreement.request(SubCommand::CHANGE_PIN)
        })
    }
}

impl Agreement {
    /// A request that carries the platform's key.
    pub(crate) fn request(&self, sub_command: SubCommand) -> Request {
        Request {
            pin_uv_auth_protocol: Some(self.secret.protocol().number()),
            sub_command,
            key_agreement: Some(self.platform.clone()),
            ..Default::default()
        }
    }

    /// The token in a reply.
    pub(crate) fn token(&self, body: &[u8]) -> Result<Token, Stop> {
        let encrypted = Response::parse(body)?.pin_uv_auth_token;
        let encrypted = encrypted.ok_or_else(|| Stop::fail("pinUvAuthToken", "a reply without it"))?;
        let found = format!("{} bytes", encrypted.len());
        Token::decrypt(&self.secret, &encrypted).ok_or_else(|| Stop::fail("an encrypted token", found))
    }
}

/// A PIN.
pub(crate) fn pin(text: &str) -> Result<Pin, Stop> {
    Pin::new(text).map_err(|error| Stop::fail("a PIN", error))
}
