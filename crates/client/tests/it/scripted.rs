//! An authenticator that answers what a test wrote down, and remembers what it was asked.

use std::ops::ControlFlow;

use lab_client::{
    Authentication, Client, ClientError, Context, Facts, Flow, Kind, Platform, Registration, Route, Transport, no_pin,
};
use lab_protocol::cbor::Value;
use lab_protocol::ctap2::{Command, StatusCode, get_assertion, get_info, make_credential, reply};
use lab_protocol::webauthn::authenticator_data::{AttestedDraft, AuthenticatorDataDraft};
use lab_protocol::webauthn::{Flags, PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions};
use lab_protocol::{Aaguid, Device, DeviceError, Env, Message, Random, Status};

pub const MODEL: Aaguid = Aaguid([0xa2; 16]);

/// Random bytes that are none: the same every time, and a private key.
pub struct Sevens;

impl Random for Sevens {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

/// Answers getInfo with `info`, and everything else with the next of `answers`.
pub struct Scripted {
    pub info: get_info::Response,
    pub answers: std::vec::IntoIter<Vec<u8>>,
    pub asked: Vec<Vec<u8>>,
}

impl Scripted {
    pub fn new(answers: Vec<Vec<u8>>) -> Self {
        Self { info: info(), answers: answers.into_iter(), asked: Vec::new() }
    }

    pub fn with_info(mut self, change: impl FnOnce(&mut get_info::Response)) -> Self {
        change(&mut self.info);
        self
    }

    /// The parameters of the makeCredential that was sent last.
    pub fn made(&self) -> make_credential::Request {
        make_credential::Request::parse(self.last(Command::MAKE_CREDENTIAL)).unwrap()
    }

    /// The parameters of the getAssertion that was sent last.
    pub fn got(&self) -> get_assertion::Request {
        get_assertion::Request::parse(self.last(Command::GET_ASSERTION)).unwrap()
    }

    fn last(&self, command: Command) -> &[u8] {
        let found = self.asked.iter().rev().find(|message| message[0] == command.0);
        &found.unwrap_or_else(|| panic!("{command} was not sent"))[1..]
    }

    pub fn create(&mut self, options: &str, context: &Context) -> Result<Registration, ClientError> {
        let options = lab_client::options::creation_from_json(options)?;
        self.create_with(&options, context)
    }

    pub fn create_with(
        &mut self,
        options: &PublicKeyCredentialCreationOptions,
        context: &Context,
    ) -> Result<Registration, ClientError> {
        let env = &mut Env::honest(Sevens);
        Client { device: self, env, on_wait: &mut |_| ControlFlow::Continue(()), on_pin: &mut no_pin }
            .create(options, context)
    }

    pub fn get(&mut self, options: &str, context: &Context) -> Result<Authentication, ClientError> {
        let options: PublicKeyCredentialRequestOptions = lab_client::options::request_from_json(options)?;
        let env = &mut Env::honest(Sevens);
        Client { device: self, env, on_wait: &mut |_| ControlFlow::Continue(()), on_pin: &mut no_pin }
            .get(&options, context)
    }
}

impl Device for Scripted {
    fn call(
        &mut self,
        message: Message<'_>,
        _on_wait: &mut dyn FnMut(Status) -> ControlFlow<()>,
    ) -> Result<Vec<u8>, DeviceError> {
        let Message::Cbor(bytes) = message else { return Err(DeviceError::Garbled("CTAP1".into())) };
        self.asked.push(bytes.to_vec());
        if bytes == [Command::GET_INFO.0] {
            return Ok(reply(StatusCode::OK, &self.info.encode()));
        }
        self.answers.next().ok_or_else(|| DeviceError::Gone("the script ended".into()))
    }
}

/// A key with resident keys and built-in verification.
pub fn info() -> get_info::Response {
    get_info::Response {
        versions: vec!["FIDO_2_1".into()],
        extensions: vec!["credProtect".into(), "hmac-secret".into()],
        aaguid: MODEL,
        options: vec![("rk".into(), true), ("uv".into(), true)],
        max_msg_size: Some(1200),
        transports: vec!["usb".into(), "nfc".into()],
        ..Default::default()
    }
}

/// A context on the platform that changes nothing unless `none` is asked for.
pub fn context(origin: &str) -> Context {
    on("l3", origin, Transport::Usb)
}

pub fn on(platform: &str, origin: &str, transport: Transport) -> Context {
    Context::new(origin.parse().unwrap(), Platform::find(platform).unwrap(), Route::new(transport))
}

/// The context of a plugged-in key, by its flow.
pub fn plugged_in() -> Context {
    let transports = ["usb".to_owned()];
    let facts = Facts { name: "key", kind: Kind::Roaming, flows: &[Flow::SameDevice], transports: &transports };
    let route = Flow::SameDevice.route(&facts).unwrap();
    Context::new("https://login.microsoft.com".parse().unwrap(), Platform::find("l3").unwrap(), route)
}

/// An Ed25519 COSE_Key; the client reads it and does not compute with it.
pub fn cose() -> Vec<u8> {
    let key = Value::Map(vec![
        (1.into(), 1.into()),
        (3.into(), (-8).into()),
        ((-1).into(), 6.into()),
        ((-2).into(), Value::Bytes(vec![0x19; 32])),
    ]);
    lab_protocol::cbor::encode(&key)
}

pub fn registration_data(aaguid: Aaguid) -> AuthenticatorDataDraft {
    AuthenticatorDataDraft {
        rp_id_hash: [1; 32],
        flags: Flags(0x45),
        sign_count: 7,
        attested: Some(AttestedDraft { aaguid, credential_id: b"new credential".to_vec(), public_key: cose() }),
        extensions: None,
        trailing: Vec::new(),
    }
}

pub fn sign_in_data() -> Vec<u8> {
    AuthenticatorDataDraft { flags: Flags(0x05), attested: None, ..registration_data(MODEL) }.encode()
}

/// The reply to makeCredential: `packed` with a certificate.
pub fn made(aaguid: Aaguid) -> Vec<u8> {
    let members = [
        ("alg", Value::from(-7)),
        ("sig", Value::Bytes(vec![3; 70])),
        ("x5c", Value::Array(vec![Value::Bytes(vec![0x30])])),
    ];
    made_with("packed", Some(&members), &registration_data(aaguid))
}

pub fn made_with(fmt: &str, statement: Option<&[(&str, Value)]>, data: &AuthenticatorDataDraft) -> Vec<u8> {
    let members =
        |members: &[(&str, Value)]| members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
    let response = make_credential::Response {
        fmt: fmt.into(),
        auth_data: data.encode(),
        att_stmt: statement.map(|statement| Value::Map(members(statement))),
        ..Default::default()
    };
    reply(StatusCode::OK, &response.encode())
}

pub fn signed(change: impl FnOnce(&mut get_assertion::Response)) -> Vec<u8> {
    let mut response =
        get_assertion::Response { auth_data: sign_in_data(), signature: vec![9; 70], ..Default::default() };
    change(&mut response);
    reply(StatusCode::OK, &response.encode())
}

/// One extension's output, encoded.
fn outputs(output: Option<(&str, Vec<u8>)>) -> Option<Vec<u8>> {
    output.map(|(name, output)| lab_protocol::cbor::encode(&Value::Map(vec![(name.into(), Value::Bytes(output))])))
}

pub fn made_with_extension(output: Option<(&str, Vec<u8>)>) -> Vec<u8> {
    let extensions = outputs(output);
    let flags = Flags(0x45 | if extensions.is_some() { 0x80 } else { 0 });
    made_with("packed", Some(&[]), &AuthenticatorDataDraft { flags, extensions, ..registration_data(MODEL) })
}

pub fn signed_with_extension(output: Option<(&str, Vec<u8>)>) -> Vec<u8> {
    let extensions = outputs(output);
    let flags = Flags(0x05 | if extensions.is_some() { 0x80 } else { 0 });
    let data = AuthenticatorDataDraft { flags, extensions, attested: None, ..registration_data(MODEL) };
    signed(|response| response.auth_data = data.encode())
}

pub fn status(code: StatusCode) -> Vec<u8> {
    vec![code.0]
}

/// The creation options of Graph, with other members where a test wants them.
pub fn creation(members: &str) -> String {
    let given: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&format!("{{{members}}}")).unwrap();
    let mut options: serde_json::Map<String, serde_json::Value> = serde_json::from_str(
        r#"{"rp": {"id": "login.microsoft.com", "name": "Microsoft"},
            "user": {"id": "T0Y6AQID", "name": "john@contoso.com", "displayName": "John Doe"},
            "challenge": "ZXlKaGJHY2lPaUpTVTBFdFQwRkZVQzB5TlRZ",
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
            "timeout": 60000,
            "authenticatorSelection": {"authenticatorAttachment": "cross-platform",
                                       "requireResidentKey": true, "userVerification": "required"},
            "attestation": "direct",
            "extensions": {"hmacCreateSecret": true, "enforceCredentialProtectionPolicy": true,
                           "credentialProtectionPolicy": "userVerificationOptional"}}"#,
    )
    .unwrap();
    options.extend(given);
    serde_json::Value::Object(options).to_string()
}

pub fn request(members: &str) -> String {
    format!(r#"{{"challenge": "Ty5leUpo", "rpId": "login.microsoft.com", "userVerification": "required"{members}}}"#)
}
