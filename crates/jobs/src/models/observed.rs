//! What a transcript shows of an authenticator.

use lab_attestation::layout::oid;
use lab_attestation::x509::Certificate;
use lab_client::transcript::{Outcome, Transcript};
use lab_protocol::Aaguid;
use lab_protocol::cbor::{self, Rules, Value};
use lab_protocol::cose::Algorithm;
use lab_protocol::ctap2::{Command, StatusCode, client_pin, credential_management, get_assertion, get_info};
use lab_protocol::ctap2::{make_credential, split_reply};
use lab_protocol::webauthn::Flags;
use lab_protocol::webauthn::authenticator_data::AuthenticatorData;

/// Everything that is used of a transcript.
#[derive(Debug, Default)]
pub(super) struct Observed {
    /// Its first reply to authenticatorGetInfo.
    pub info: Option<get_info::Response>,
    /// The credentials that it made.
    pub made: Vec<Made>,
    /// The assertions that it signed.
    pub signed: Vec<Signed>,
    /// Attempts with the PIN, when it was first asked.
    pub pin_retries: Option<i64>,
    /// Discoverable credentials that it held, when it was first asked.
    pub existing: Option<i64>,
}

/// A credential that was made.
#[derive(Debug)]
pub(super) struct Made {
    pub format: String,
    pub aaguid: Aaguid,
    pub flags: Flags,
    pub sign_count: u32,
    pub id_length: usize,
    pub discoverable: bool,
    pub algorithm: Option<Algorithm>,
    /// `alg` of the statement.
    pub attestation_algorithm: Option<Algorithm>,
    /// `x5c` of the statement, in DER.
    pub chain: Vec<Vec<u8>>,
    pub extensions: Vec<String>,
    pub took_ms: u64,
}

/// An assertion.
#[derive(Debug)]
pub(super) struct Signed {
    pub flags: Flags,
    pub sign_count: u32,
}

impl Observed {
    /// Reads what can be read; what cannot is not observed.
    pub fn of(transcript: &Transcript) -> Self {
        let mut observed = Self::default();
        for exchange in &transcript.exchanges {
            let Outcome::Reply(reply) = &exchange.outcome else { continue };
            let (Some(command), Some((StatusCode::OK, body))) = (exchange.request.command(), split_reply(reply)) else {
                continue;
            };
            let request = exchange.request.bytes().get(1..).unwrap_or_default();
            observed.take(command, (request, body), exchange.took_ms);
        }
        observed
    }

    fn take(&mut self, command: Command, (request, body): (&[u8], &[u8]), took_ms: u64) {
        match command {
            Command::GET_INFO if self.info.is_none() => self.info = get_info::Response::parse(body).ok(),
            Command::MAKE_CREDENTIAL => self.made.extend(Made::of(request, body, took_ms)),
            Command::GET_ASSERTION | Command::GET_NEXT_ASSERTION => self.signed.extend(Signed::of(body)),
            Command::CLIENT_PIN if self.pin_retries.is_none() => {
                self.pin_retries = client_pin::Response::parse(body).ok().and_then(|response| response.pin_retries);
            }
            Command::CREDENTIAL_MANAGEMENT | Command::CREDENTIAL_MANAGEMENT_PREVIEW if self.existing.is_none() => {
                let response = credential_management::Response::parse(body).ok();
                self.existing = response.and_then(|response| response.existing_resident_credentials_count);
            }
            _ => {}
        }
    }

    /// The signature counters in their order.
    pub fn counters(&self) -> Vec<u32> {
        let made = self.made.iter().take(1).map(|made| made.sign_count);
        made.chain(self.signed.iter().map(|signed| signed.sign_count)).collect()
    }
}

impl Made {
    fn of(request: &[u8], body: &[u8], took_ms: u64) -> Option<Self> {
        let response = make_credential::Response::parse(body).ok()?;
        let data = AuthenticatorData::parse(&response.auth_data).ok()?;
        let attested = data.attested?;
        let statement = response.att_stmt.as_ref();
        let key = cbor::decode(attested.public_key, Rules::RELYING_PARTY).ok();
        let request = make_credential::Request::parse(request).ok();
        Some(Self {
            format: response.fmt.clone(),
            aaguid: attested.aaguid,
            flags: data.flags,
            sign_count: data.sign_count,
            id_length: attested.credential_id.len(),
            discoverable: request.and_then(|request| request.option("rk")) == Some(true),
            algorithm: key.as_ref().and_then(|key| algorithm(member(key, &Value::from(3))?)),
            attestation_algorithm: statement.and_then(|statement| algorithm(member(statement, &Value::from("alg"))?)),
            chain: statement.map(chain).unwrap_or_default(),
            extensions: data.extensions.map(names).unwrap_or_default(),
            took_ms,
        })
    }

    /// Whether the certificate that attests names the AAGUID (`webauthn-3 §8.2.1`); `None` where none attests.
    pub fn has_aaguid_extension(&self) -> Option<bool> {
        let leaf = Certificate::parse_odd(self.chain.first()?).ok()?;
        Some(leaf.extension(oid::FIDO_AAGUID).is_some())
    }
}

impl Signed {
    fn of(body: &[u8]) -> Option<Self> {
        let response = get_assertion::Response::parse(body).ok()?;
        let data = AuthenticatorData::parse(&response.auth_data).ok()?;
        // A question whether it holds a credential is no sign-in.
        data.flags.has(Flags::UP).then_some(Self { flags: data.flags, sign_count: data.sign_count })
    }
}

fn member<'v>(map: &'v Value, key: &Value) -> Option<&'v Value> {
    map.as_map()?.iter().find(|(found, _)| found == key).map(|(_, value)| value)
}

fn algorithm(value: &Value) -> Option<Algorithm> {
    i64::try_from(value.as_integer()?).ok().map(Algorithm)
}

fn chain(statement: &Value) -> Vec<Vec<u8>> {
    let certificates = member(statement, &Value::from("x5c")).and_then(Value::as_array);
    certificates.into_iter().flatten().filter_map(|certificate| certificate.as_bytes().cloned()).collect()
}

fn names(extensions: &[u8]) -> Vec<String> {
    let map = cbor::decode(extensions, Rules::RELYING_PARTY).ok();
    let members = map.as_ref().and_then(Value::as_map).into_iter().flatten();
    members.filter_map(|(name, _)| name.as_text().map(str::to_owned)).collect()
}
