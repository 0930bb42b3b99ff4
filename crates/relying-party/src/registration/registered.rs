//! The credential that a verified registration hands over.

use lab_attestation::trust::Trust;
use lab_attestation::verify::{Attested, Kind};
use lab_protocol::Aaguid;
use lab_protocol::cose::CredentialPublicKey;
use lab_protocol::trace::Known;
use lab_protocol::webauthn::{AttestedCredentialData, AuthenticatorData, Flags};

use super::Request;
use crate::{Claims, CredentialRecord};

/// A registered credential. Only verifying makes one, so whoever holds it holds values that were checked.
#[derive(Debug, Clone)]
pub struct Registration {
    credential_id: Vec<u8>,
    public_key: CredentialPublicKey,
    cose: Vec<u8>,
    aaguid: Aaguid,
    flags: Flags,
    sign_count: u32,
    format: String,
    attested: Attested,
    trust: Trust,
    transports: Vec<String>,
    rp_id: String,
}

/// What the steps established.
pub(super) struct Parts<'p, 'a> {
    pub request: &'p Request<'a>,
    pub data: Known<AuthenticatorData<'a>>,
    pub attested: Known<AttestedCredentialData<'a>>,
    pub key: Known<CredentialPublicKey>,
    pub statement: Known<Attested>,
    pub trust: Trust,
    pub claims: Claims<'a>,
}

impl Registration {
    /// `None` where a value is missing, which a valid trace excludes.
    pub(super) fn of(parts: Parts<'_, '_>) -> Option<Self> {
        let (data, attested) = (parts.data.value()?, parts.attested.value()?);
        Some(Self {
            credential_id: attested.credential_id.to_vec(),
            public_key: parts.key.value()?,
            cose: attested.public_key.to_vec(),
            aaguid: attested.aaguid,
            flags: data.flags,
            sign_count: data.sign_count,
            format: parts.claims.format?.to_owned(),
            attested: parts.statement.value()?,
            trust: parts.trust,
            transports: parts.request.response.response.transports.clone(),
            rp_id: parts.request.expected.rp_id.to_owned(),
        })
    }

    /// The attested credential id.
    #[must_use]
    pub fn credential_id(&self) -> &[u8] {
        &self.credential_id
    }

    /// The attested public key.
    #[must_use]
    pub const fn public_key(&self) -> &CredentialPublicKey {
        &self.public_key
    }

    /// The attested public key as it came, a COSE_Key.
    #[must_use]
    pub fn cose(&self) -> &[u8] {
        &self.cose
    }

    /// The model that the authenticator says it is; how far that is proved, [`Registration::trust`] says.
    #[must_use]
    pub const fn aaguid(&self) -> Aaguid {
        self.aaguid
    }

    /// The flags.
    #[must_use]
    pub const fn flags(&self) -> Flags {
        self.flags
    }

    /// The signature counter.
    #[must_use]
    pub const fn sign_count(&self) -> u32 {
        self.sign_count
    }

    /// The attestation statement format.
    #[must_use]
    pub fn format(&self) -> &str {
        &self.format
    }

    /// What kind of attestation it is.
    #[must_use]
    pub const fn attestation_kind(&self) -> Kind {
        self.attested.kind
    }

    /// What the statement established, with the path that it offers.
    #[must_use]
    pub const fn attested(&self) -> &Attested {
        &self.attested
    }

    /// Whether the path ends in an anchor.
    #[must_use]
    pub const fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The transports that the client named, unknown ones included.
    #[must_use]
    pub fn transports(&self) -> &[String] {
        &self.transports
    }

    /// The record to store (`webauthn-3 §7.1` step 27). Whose it is, is for the caller to fill in.
    #[must_use]
    pub fn record(&self) -> CredentialRecord {
        CredentialRecord {
            id: self.credential_id.clone(),
            public_key: self.public_key.clone(),
            cose: self.cose.clone(),
            sign_count: self.sign_count,
            uv_initialized: self.flags.has(Flags::UV),
            transports: self.transports.clone(),
            backup_eligible: Some(self.flags.has(Flags::BE)),
            backup_state: self.flags.has(Flags::BS),
            user_handle: None,
            rp_id: Some(self.rp_id.clone()),
        }
    }
}
