//! Responses made by hand, so that each can be wrong in one place and right, and signed, in all others.

use jiff::Timestamp;
use lab_attestation::keys::{Backend, SigningKey};
use lab_attestation::sha256;
use lab_protocol::cbor::Writer;
use lab_protocol::cose::Algorithm;
use lab_protocol::webauthn::authenticator_data::{AttestedDraft, AuthenticatorDataDraft};
use lab_protocol::webauthn::client_data::ClientDataDraft;
use lab_protocol::webauthn::{AuthenticationResponse, Flags, RegistrationResponse, attestation_object};
use lab_protocol::{Aaguid, Random, base64url};
use serde_json::json;

use crate::{CredentialRecord, Expected, Framing, NothingKnown, Origins, Policy, authentication, registration};

pub(crate) const RP_ID: &str = "example.org";
pub(crate) const ORIGIN: &str = "https://example.org";
pub(crate) const USER: &[u8] = b"user-1";

/// Bytes that repeat from run to run and not within one.
#[derive(Default)]
pub(crate) struct Counter(u64);

impl Random for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&sha256(&self.0.to_be_bytes())[..chunk.len()]);
        }
    }
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What an authenticator and a client are about to answer.
pub(crate) struct Maker {
    pub key: SigningKey,
    pub client_data: ClientDataDraft,
    /// Replaces the serialized client data.
    pub client_data_bytes: Option<Vec<u8>>,
    pub auth_data: AuthenticatorDataDraft,
    /// Replaces the encoded authenticator data.
    pub auth_data_bytes: Option<Vec<u8>>,
    pub fmt: String,
    /// Replaces the statement.
    pub att_stmt: Option<Vec<u8>>,
    /// Replaces the attestation object.
    pub object: Option<Vec<u8>>,
}

impl Default for Maker {
    fn default() -> Self {
        Self::of(Algorithm::ES256)
    }
}

impl Maker {
    /// A self-attested credential of `alg`.
    pub fn of(alg: Algorithm) -> Self {
        let key = SigningKey::generate(alg, Backend::Deterministic, &mut Counter::default()).unwrap();
        let attested =
            AttestedDraft { aaguid: Aaguid([7; 16]), credential_id: vec![9; 16], public_key: key.cose().to_vec() };
        Self {
            client_data: ClientDataDraft {
                ty: "webauthn.create".into(),
                challenge: base64url::encode([3; 32]),
                origin: ORIGIN.into(),
                cross_origin: false,
                top_origin: None,
                extra: vec![],
            },
            client_data_bytes: None,
            auth_data: AuthenticatorDataDraft {
                rp_id_hash: sha256(RP_ID.as_bytes()),
                flags: Flags(0x45),
                sign_count: 8,
                attested: Some(attested),
                extensions: None,
                trailing: vec![],
            },
            auth_data_bytes: None,
            fmt: "packed".into(),
            att_stmt: None,
            object: None,
            key,
        }
    }

    /// The same credential, signing in.
    pub fn signing_in() -> Self {
        Self::of(Algorithm::ES256).into_assertion()
    }

    pub fn into_assertion(mut self) -> Self {
        self.client_data.ty = "webauthn.get".into();
        self.auth_data.attested = None;
        self.auth_data.flags = Flags(0x05);
        self.auth_data.sign_count = 9;
        self
    }

    pub fn cose(&self) -> Vec<u8> {
        self.key.cose().to_vec()
    }

    fn client_data_bytes(&self) -> Vec<u8> {
        self.client_data_bytes.clone().unwrap_or_else(|| self.client_data.serialize())
    }

    fn auth_data_bytes(&self) -> Vec<u8> {
        self.auth_data_bytes.clone().unwrap_or_else(|| self.auth_data.encode())
    }

    fn sign(&self) -> Vec<u8> {
        let message = [self.auth_data_bytes(), sha256(&self.client_data_bytes()).to_vec()].concat();
        self.key.sign(&message, &mut Counter::default())
    }

    fn statement(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        match &self.fmt[..] {
            "none" => writer.map(0),
            _ => writer.map(2).text("alg").integer(self.key.algorithm().0).text("sig").bytes(&self.sign()),
        };
        writer.into_bytes()
    }

    pub fn registration(&self) -> RegistrationResponse {
        let statement = self.att_stmt.clone().unwrap_or_else(|| self.statement());
        let object = attestation_object::encode(&self.fmt, &statement, &self.auth_data_bytes());
        let id = self.auth_data.attested.as_ref().map_or(vec![9; 16], |attested| attested.credential_id.clone());
        let id = base64url::encode(id);
        serde_json::from_value(json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url::encode(self.client_data_bytes()),
                "attestationObject": base64url::encode(self.object.clone().unwrap_or(object)),
                "transports": ["usb", "carrier-pigeon"],
            }
        }))
        .unwrap()
    }

    pub fn authentication(&self) -> AuthenticationResponse {
        let id = base64url::encode([9; 16]);
        serde_json::from_value(json!({
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64url::encode(self.client_data_bytes()),
                "authenticatorData": base64url::encode(self.auth_data_bytes()),
                "signature": base64url::encode(self.sign()),
                "userHandle": base64url::encode(USER),
            }
        }))
        .unwrap()
    }

    pub fn record(&self) -> CredentialRecord {
        CredentialRecord {
            sign_count: 8,
            backup_eligible: Some(false),
            user_handle: Some(USER.to_vec()),
            rp_id: Some(RP_ID.to_owned()),
            ..CredentialRecord::of_key([9; 16], self.cose()).unwrap()
        }
    }
}

/// A relying party that expects what an honest [`Maker`] makes.
pub(crate) struct Site {
    pub origins: Vec<String>,
    pub related: Vec<String>,
    pub challenge: String,
    pub framing: Framing<'static>,
    pub user_verification: crate::UserVerification,
    pub algorithms: Option<Vec<Algorithm>>,
    pub mediation_conditional: bool,
    pub app_id: Option<&'static str>,
    pub expiry: Option<crate::Expiry>,
    pub policy: Policy,
    pub known: Vec<CredentialRecord>,
    pub allowed: Vec<lab_protocol::Base64Url>,
    pub user_known: Option<Vec<u8>>,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            origins: vec![ORIGIN.to_owned()],
            related: vec![],
            challenge: base64url::encode([3; 32]),
            framing: Framing::Forbidden,
            user_verification: crate::UserVerification::NotRequired,
            algorithms: None,
            mediation_conditional: false,
            app_id: None,
            expiry: None,
            policy: Policy::webauthn(),
            known: vec![],
            allowed: vec![],
            user_known: None,
        }
    }
}

impl Site {
    pub fn expected(&self) -> Expected<'_> {
        Expected {
            framing: self.framing,
            user_verification: self.user_verification,
            algorithms: self.algorithms.as_deref(),
            mediation_conditional: self.mediation_conditional,
            app_id: self.app_id,
            expiry: self.expiry,
            ..Expected::new(RP_ID, Origins { own: &self.origins, related: &self.related }, &self.challenge)
        }
    }

    /// Judges a registration, without anchors, and hands the outcome to `look`.
    pub fn register<T>(
        &self,
        response: &RegistrationResponse,
        look: impl FnOnce(&registration::Outcome<'_>) -> T,
    ) -> T {
        let expected = self.expected();
        let nothing = NothingKnown;
        let known: &dyn crate::KnownCredentials = if self.known.is_empty() { &nothing } else { &self.known };
        let trust = registration::TrustPolicy { anchors: None, intermediates: &[], at: time("2026-11-20T10:00:00Z") };
        let request = registration::Request { response, expected: &expected, known, trust, policy: &self.policy };
        look(&registration::verify(&request))
    }

    /// Judges an assertion, and hands the outcome to `look`.
    pub fn sign_in<T>(
        &self,
        response: &AuthenticationResponse,
        record: Option<&CredentialRecord>,
        look: impl FnOnce(&authentication::Outcome<'_>) -> T,
    ) -> T {
        let expected = self.expected();
        let request = authentication::Request {
            response,
            expected: &expected,
            allow_credentials: &self.allowed,
            user_known: self.user_known.as_deref(),
            record,
            policy: &self.policy,
        };
        look(&authentication::verify(&request))
    }
}
