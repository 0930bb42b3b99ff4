//! Credentials: made, used, and what is verified of them whatever the case.

use lab_attestation::{sha256, signature};
use lab_client::pin_uv::Token;
use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::cose::{Algorithm, CredentialPublicKey};
use lab_protocol::ctap2::{Command, Descriptor, Permissions, RpEntity, UserEntity, get_assertion, make_credential};
use lab_protocol::webauthn::{AuthenticatorData, Flags};

use super::{Bench, Reply};
use crate::outcome::Stop;

/// The RP ID of the cases: one that emulated keys on a wire answer to.
pub(crate) const RP: &str = "conformance.test";
/// The RP ID of what U2F and CTAP2 share: U2F is sent hashes, and an emulated key on a wire knows this name's.
pub(crate) const U2F_RP: &str = "localhost";
/// Another RP ID.
pub(crate) const OTHER_RP: &str = "other.test";
/// A client data hash.
const HASH: [u8; 32] = [0xcd; 32];

/// A credential that was made.
#[derive(Debug, Clone)]
pub(crate) struct Credential {
    /// The reply as it came.
    pub(crate) reply: Vec<u8>,
    pub(crate) response: make_credential::Response,
    pub(crate) id: Vec<u8>,
    pub(crate) public_key: CredentialPublicKey,
    pub(crate) flags: Flags,
    pub(crate) sign_count: u32,
}

/// An assertion whose signature verifies.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    pub(crate) response: get_assertion::Response,
    pub(crate) flags: Flags,
    pub(crate) sign_count: u32,
}

/// A user of the cases.
pub(crate) fn user(number: u8) -> UserEntity {
    UserEntity {
        id: vec![number; 16],
        name: Some(format!("user{number}@{RP}")),
        display_name: Some(format!("User {number}")),
    }
}

/// An allow or exclude list.
pub(crate) fn list(ids: &[&[u8]]) -> Vec<Descriptor> {
    ids.iter().map(|id| Descriptor::new(*id)).collect()
}

impl Bench<'_> {
    /// A request for a credential: ES256, not discoverable.
    pub(crate) fn creation(&self) -> make_credential::Request {
        make_credential::Request {
            client_data_hash: HASH,
            rp: RpEntity { id: RP.to_owned(), name: Some("Conformance".to_owned()) },
            user: user(1),
            pub_key_cred_params: vec![("public-key".to_owned(), Algorithm::ES256)],
            ..Default::default()
        }
    }

    /// A request for a discoverable credential.
    pub(crate) fn resident(&self, number: u8) -> make_credential::Request {
        make_credential::Request { user: user(number), options: vec![("rk".to_owned(), true)], ..self.creation() }
    }

    /// A request for an assertion of these credentials.
    pub(crate) fn request(&self, ids: &[&[u8]]) -> get_assertion::Request {
        get_assertion::Request {
            rp_id: RP.to_owned(),
            client_data_hash: HASH,
            allow_list: (!ids.is_empty()).then(|| list(ids)),
            ..Default::default()
        }
    }

    /// Asks for a credential, by somebody who is verified where nobody else is served.
    pub(crate) fn make(&mut self, request: &make_credential::Request) -> Result<Reply, Stop> {
        let mut request = request.clone();
        if self.must_verify() && request.pin_uv_auth_param.is_none() {
            let token = self.token(Permissions::MAKE_CREDENTIAL, Some(&request.rp.id))?;
            authorize_creation(&mut request, &token);
        }
        self.send(Command::MAKE_CREDENTIAL, &request.encode())
    }

    /// Asks for an assertion, by somebody who is verified where nobody else is served.
    pub(crate) fn get(&mut self, request: &get_assertion::Request) -> Result<Reply, Stop> {
        let mut request = request.clone();
        let silent = request.option("up") == Some(false);
        if self.must_verify() && request.pin_uv_auth_param.is_none() && !silent {
            let token = self.token(Permissions::GET_ASSERTION, Some(&request.rp_id))?;
            authorize_request(&mut request, &token);
        }
        self.send(Command::GET_ASSERTION, &request.encode())
    }

    /// Asks for an assertion exactly as the request says.
    pub(crate) fn get_plainly(&mut self, request: &get_assertion::Request) -> Result<Reply, Stop> {
        self.send(Command::GET_ASSERTION, &request.encode())
    }

    /// A credential, with the user verified where the authenticator insists on it.
    pub(crate) fn made(&mut self, mut request: make_credential::Request) -> Result<Credential, Stop> {
        if request.pin_uv_auth_param.is_none() && self.info.option("clientPin") == Some(true) {
            let token = self.token(Permissions::MAKE_CREDENTIAL, Some(&request.rp.id))?;
            authorize_creation(&mut request, &token);
        } else if self.info.option("uv") == Some(true) && request.option("uv").is_none() {
            request.options.push(("uv".to_owned(), true));
        }
        let body = self.make(&request)?.ok()?;
        read(&body, &request.rp.id)
    }

    /// A credential of somebody who is not verified.
    pub(crate) fn made_unverified(&mut self, request: &make_credential::Request) -> Result<Credential, Stop> {
        let body = self.make(request)?.ok()?;
        read(&body, &request.rp.id)
    }

    /// An assertion by a credential, verified.
    pub(crate) fn signed(&mut self, credential: &Credential, request: &get_assertion::Request) -> Result<Signed, Stop> {
        let body = self.get(request)?.ok()?;
        verify(credential, &body, request)
    }

    /// The next assertion.
    pub(crate) fn next(&mut self) -> Result<Reply, Stop> {
        self.send(Command::GET_NEXT_ASSERTION, &[])
    }

    /// A token for the runner's RP ID with `mc` and `ga`.
    pub(crate) fn ceremony_token(&mut self) -> Result<Token, Stop> {
        self.token(Permissions::MAKE_CREDENTIAL | Permissions::GET_ASSERTION, Some(RP))
    }
}

/// A credential out of a reply: authenticator data of this RP ID, a key that can be read.
pub(crate) fn read(body: &[u8], rp_id: &str) -> Result<Credential, Stop> {
    let response = make_credential::Response::parse(body)?;
    let (id, public_key, flags, sign_count) = {
        let data = parse(&response.auth_data, rp_id)?;
        let attested = data.attested.as_ref().ok_or_else(|| Stop::fail("attested credential data", "none"))?;
        let key = CredentialPublicKey::parse(attested.public_key).map_err(|error| Stop::fail("a COSE_Key", error))?;
        (attested.credential_id.to_vec(), key, data.flags, data.sign_count)
    };
    Ok(Credential { reply: body.to_vec(), response, id, public_key, flags, sign_count })
}

/// An assertion out of a reply, whose signature must verify.
pub(crate) fn verify(credential: &Credential, body: &[u8], request: &get_assertion::Request) -> Result<Signed, Stop> {
    let response = get_assertion::Response::parse(body)?;
    let message = [&response.auth_data[..], &request.client_data_hash].concat();
    signature::verify(&credential.public_key, &message, &response.signature)
        .map_err(|error| Stop::fail("a signature that verifies", error))?;
    let (flags, sign_count) = {
        let data = parse(&response.auth_data, &request.rp_id)?;
        (data.flags, data.sign_count)
    };
    Ok(Signed { response, flags, sign_count })
}

fn parse<'d>(auth_data: &'d [u8], rp_id: &str) -> Result<AuthenticatorData<'d>, Stop> {
    let data = AuthenticatorData::parse(auth_data).map_err(|error| Stop::fail("authenticator data", error))?;
    if *data.rp_id_hash != sha256(rp_id.as_bytes()) {
        return Err(Stop::fail(format!("rpIdHash: SHA-256 of {rp_id}"), "another hash"));
    }
    Ok(data)
}

/// The output of an extension in authenticator data.
pub(crate) fn output(auth_data: &[u8], name: &str) -> Result<Option<Value>, Stop> {
    let data = AuthenticatorData::parse(auth_data).map_err(|error| Stop::fail("authenticator data", error))?;
    let Some(extensions) = data.extensions else { return Ok(None) };
    let outputs = cbor::decode(extensions, Rules::CTAP2).map_err(|error| Stop::fail("canonical CBOR", error))?;
    let outputs = outputs.into_map().unwrap_or_default();
    Ok(outputs.into_iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value))
}

/// Adds a token's authentication to a request.
pub(crate) fn authorize_creation(request: &mut make_credential::Request, token: &Token) {
    request.pin_uv_auth_param = Some(token.authenticate(&request.client_data_hash));
    request.pin_uv_auth_protocol = Some(token.protocol().number());
}

/// Adds a token's authentication to a request.
pub(crate) fn authorize_request(request: &mut get_assertion::Request, token: &Token) {
    request.pin_uv_auth_param = Some(token.authenticate(&request.client_data_hash));
    request.pin_uv_auth_protocol = Some(token.protocol().number());
}
