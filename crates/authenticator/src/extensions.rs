//! Extensions at registration (`ctap-2.2 §12`).

use ciborium::Value;
use lab_protocol::cbor::Writer;
use lab_protocol::ctap2::StatusCode;

use crate::model::AsBuilt;
use crate::store::CredProtect;

/// The extension inputs of a registration that the authenticator acts on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RegistrationExtensions {
    pub cred_protect: Option<CredProtect>,
    pub hmac_secret: bool,
}

impl RegistrationExtensions {
    /// Reads the inputs of the extensions that the model has; others are ignored.
    pub fn read(inputs: &[(Value, Value)], built: &AsBuilt) -> Result<Self, StatusCode> {
        let input = |name: &str| {
            let has = built.extensions.iter().any(|extension| extension == name);
            inputs.iter().find(|(key, _)| has && key.as_text() == Some(name)).map(|(_, value)| value)
        };
        let cred_protect = input("credProtect").map(cred_protect).transpose()?;
        let hmac_secret = input("hmac-secret").map(|value| value.as_bool().ok_or(StatusCode::CBOR_UNEXPECTED_TYPE));
        Ok(Self { cred_protect, hmac_secret: hmac_secret.transpose()?.unwrap_or_default() })
    }

    /// The outputs as a CBOR map in canonical order; `None` where there are none.
    pub fn outputs(self) -> Option<Vec<u8>> {
        let members = usize::from(self.cred_protect.is_some()) + usize::from(self.hmac_secret);
        if members == 0 {
            return None;
        }
        let mut writer = Writer::new();
        writer.map(members);
        if let Some(level) = self.cred_protect {
            writer.text("credProtect").integer(i64::from(level.level()));
        }
        if self.hmac_secret {
            writer.text("hmac-secret").boolean(true);
        }
        Some(writer.into_bytes())
    }
}

fn cred_protect(value: &Value) -> Result<CredProtect, StatusCode> {
    let level = value.as_integer().ok_or(StatusCode::CBOR_UNEXPECTED_TYPE)?;
    let level = i64::try_from(level).ok().and_then(CredProtect::of);
    level.ok_or(StatusCode::INVALID_OPTION)
}
