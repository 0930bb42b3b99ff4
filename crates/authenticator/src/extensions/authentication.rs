//! Extensions at sign-in.

use ciborium::Value;
use lab_protocol::Random;
use lab_protocol::ctap2::StatusCode;

use super::hmac_secret::Salts;
use super::{Inputs, Outputs};
use crate::engine::Authenticator;
use crate::store::Credential;

/// The extension inputs of a sign-in that the authenticator acts on.
#[derive(Debug, Clone, Default)]
pub(crate) struct AuthenticationExtensions {
    salts: Option<Salts>,
    cred_blob: bool,
    large_blob_key: bool,
    third_party_payment: bool,
}

impl AuthenticationExtensions {
    /// Reads the inputs of the extensions that the model has; others are ignored. `present`: the `up` option,
    /// without which `hmac-secret` says nothing.
    pub fn read(
        inputs: &[(Value, Value)],
        authenticator: &mut Authenticator,
        present: bool,
    ) -> Result<Self, StatusCode> {
        let given = Inputs::of(inputs, authenticator);
        let read = Self {
            salts: None,
            cred_blob: given.flag("credBlob")?,
            large_blob_key: given.large_blob_key()?,
            third_party_payment: given.flag("thirdPartyPayment")?,
        };
        let salts = given.get("hmac-secret").cloned();
        if salts.is_some() && !present {
            return Err(StatusCode::UNSUPPORTED_OPTION);
        }
        let salts = salts.map(|value| Salts::read(&value, authenticator)).transpose()?;
        Ok(Self { salts, ..read })
    }

    /// The outputs as a CBOR map in canonical order; `None` where there are none.
    pub fn outputs(&self, credential: &Credential, verified: bool, rng: &mut dyn Random) -> Option<Vec<u8>> {
        let mut outputs = Outputs::default();
        if self.cred_blob {
            outputs.put("credBlob", |writer| _ = writer.bytes(credential.cred_blob.as_deref().unwrap_or_default()));
        }
        if let Some(answer) = self.salts.as_ref().and_then(|salts| salts.answer(credential, verified, rng)) {
            outputs.put("hmac-secret", |writer| _ = writer.bytes(&answer));
        }
        if self.third_party_payment {
            outputs.put("thirdPartyPayment", |writer| _ = writer.boolean(credential.third_party_payment));
        }
        outputs.encode()
    }

    /// Member 0x07 of the reply.
    pub fn large_blob_key(&self, credential: &Credential) -> Option<Vec<u8>> {
        credential.large_blob_key.filter(|_| self.large_blob_key).map(Vec::from)
    }
}
