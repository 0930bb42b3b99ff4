//! `fido2AuthenticationMethod`: a passkey that a user has registered.

use serde_json::Value;

use super::enums::{AttestationLevel, PasskeyType};
use super::fido2::objects;
use super::json::{Draft, Graph, GraphObject, Misfit, Object, Other, serde_through_graph};

/// A registered passkey, as `GET /users/{id}/authentication/fido2Methods` lists it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fido2AuthenticationMethod {
    /// Graph's id of the method.
    pub id: Option<String>,
    /// The name that its owner gave it.
    pub display_name: Option<String>,
    /// When it was registered, as written.
    pub created_date_time: Option<String>,
    /// The AAGUID, as written.
    pub aa_guid: Option<String>,
    /// The model, in free text.
    pub model: Option<String>,
    /// SHA-1 thumbprints in hexadecimal.
    pub attestation_certificates: Option<Vec<String>>,
    /// Whether Entra checked its attestation.
    pub attestation_level: Option<AttestationLevel>,
    /// Synced or device-bound.
    pub passkey_type: Option<PasskeyType>,
    /// When it was last used, as written (beta).
    pub last_used_date_time: Option<String>,
    /// Everything else.
    pub other: Other,
}

impl Graph for Fido2AuthenticationMethod {
    fn read(value: Value) -> Result<Self, Misfit> {
        let mut object = Object::of(value, "a fido2AuthenticationMethod object")?;
        Ok(Self {
            id: object.optional("id")?,
            display_name: object.optional("displayName")?,
            created_date_time: object.optional("createdDateTime")?,
            aa_guid: object.optional("aaGuid")?,
            model: object.optional("model")?,
            attestation_certificates: object.optional("attestationCertificates")?,
            attestation_level: object.optional("attestationLevel")?,
            passkey_type: object.optional("passkeyType")?,
            last_used_date_time: object.optional("lastUsedDateTime")?,
            other: object.rest(),
        })
    }

    fn write(&self) -> Value {
        Draft::over(&self.other)
            .put("id", &self.id)
            .put("displayName", &self.display_name)
            .put("createdDateTime", &self.created_date_time)
            .put("aaGuid", &self.aa_guid)
            .put("model", &self.model)
            .put("attestationCertificates", &self.attestation_certificates)
            .put("attestationLevel", &self.attestation_level)
            .put("passkeyType", &self.passkey_type)
            .put("lastUsedDateTime", &self.last_used_date_time)
            .value()
    }
}

objects! {
    Fido2AuthenticationMethod = "fido2AuthenticationMethod" [
        "id", "displayName", "createdDateTime", "aaGuid", "model", "attestationCertificates",
        "attestationLevel", "passkeyType", "lastUsedDateTime", "publicKeyCredential"
    ];
}
