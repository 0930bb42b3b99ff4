//! Extensions at registration.

use ciborium::Value;
use lab_protocol::ctap2::StatusCode;

use super::hmac_secret::Salts;
use super::{Inputs, Outputs};
use crate::engine::Authenticator;
use crate::store::{CredProtect, Credential};

/// The extension inputs of a registration that the authenticator acts on.
#[derive(Debug, Default)]
pub(crate) struct RegistrationExtensions {
    pub cred_protect: Option<CredProtect>,
    pub hmac_secret: bool,
    pub large_blob_key: bool,
    pub third_party_payment: bool,
    salts: Option<Salts>,
    cred_blob: Option<CredBlob>,
    min_pin_length: bool,
    pin_complexity_policy: bool,
}

/// A credBlob that was asked for.
#[derive(Debug)]
enum CredBlob {
    Fits(Vec<u8>),
    TooLong,
}

impl RegistrationExtensions {
    /// Reads the inputs of the extensions that the model has; others are ignored.
    pub fn read(
        inputs: &[(Value, Value)],
        authenticator: &mut Authenticator,
        discoverable: bool,
    ) -> Result<Self, StatusCode> {
        let given = Inputs::of(inputs, authenticator);
        let large_blob_key = given.large_blob_key()?;
        if large_blob_key && !discoverable {
            return Err(StatusCode::INVALID_OPTION);
        }
        let longest = authenticator.cred_blob_length();
        let read = Self {
            cred_protect: given.get("credProtect").map(cred_protect).transpose()?,
            hmac_secret: given.flag("hmac-secret")?,
            large_blob_key,
            third_party_payment: given.flag("thirdPartyPayment")?,
            salts: None,
            cred_blob: given.get("credBlob").map(|value| cred_blob(value, longest)).transpose()?,
            min_pin_length: given.flag("minPinLength")?,
            pin_complexity_policy: given.flag("pinComplexityPolicy")?,
        };
        let salts = given.get("hmac-secret-mc").cloned();
        if salts.is_some() && !read.hmac_secret {
            return Err(StatusCode::MISSING_PARAMETER);
        }
        let salts = salts.map(|value| Salts::read(&value, authenticator)).transpose()?;
        Ok(Self { salts, ..read })
    }

    /// The blob to store.
    pub fn cred_blob(&self) -> Option<&[u8]> {
        match &self.cred_blob {
            Some(CredBlob::Fits(blob)) => Some(blob),
            Some(CredBlob::TooLong) | None => None,
        }
    }

    /// The outputs as a CBOR map in canonical order; `None` where there are none.
    pub fn outputs(
        &self,
        authenticator: &mut Authenticator,
        credential: &Credential,
        verified: bool,
    ) -> Result<Option<Vec<u8>>, StatusCode> {
        let mut outputs = Outputs::default();
        if self.cred_blob.is_some() {
            outputs.put("credBlob", |writer| _ = writer.boolean(credential.cred_blob.is_some()));
        }
        if let Some(level) = self.cred_protect {
            outputs.put("credProtect", |writer| _ = writer.integer(i64::from(level.level())));
        }
        if self.hmac_secret {
            outputs.put("hmac-secret", |writer| _ = writer.boolean(true));
        }
        if let Some(salts) = &self.salts {
            let answer = salts.answer(credential, verified, &mut *authenticator.env.rng).ok_or(StatusCode::OTHER)?;
            outputs.put("hmac-secret-mc", |writer| _ = writer.bytes(&answer));
        }
        self.policies(authenticator, credential, &mut outputs);
        Ok(outputs.encode())
    }

    /// The PIN's policy is told to the RP IDs that the administrator named, and to nobody else.
    fn policies(&self, authenticator: &Authenticator, credential: &Credential, outputs: &mut Outputs) {
        let state = &authenticator.state;
        if !state.min_pin_length_rp_ids.iter().any(|rp_id| Some(rp_id) == credential.rp_id.as_ref()) {
            return;
        }
        if self.min_pin_length {
            outputs.put("minPinLength", |writer| _ = writer.integer(i64::from(state.min_pin_length)));
        }
        if self.pin_complexity_policy {
            outputs.put("pinComplexityPolicy", |writer| _ = writer.boolean(authenticator.demands_complex_pins()));
        }
    }
}

fn cred_protect(value: &Value) -> Result<CredProtect, StatusCode> {
    let level = value.as_integer().ok_or(StatusCode::CBOR_UNEXPECTED_TYPE)?;
    let level = i64::try_from(level).ok().and_then(CredProtect::of);
    level.ok_or(StatusCode::INVALID_OPTION)
}

fn cred_blob(value: &Value, limit: usize) -> Result<CredBlob, StatusCode> {
    let blob = value.as_bytes().ok_or(StatusCode::CBOR_UNEXPECTED_TYPE)?;
    Ok(if blob.len() > limit { CredBlob::TooLong } else { CredBlob::Fits(blob.clone()) })
}
