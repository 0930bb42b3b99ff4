//! A registered passkey: what Graph lists, and what the relying party keeps.

use jiff::Timestamp;
use lab_entra::Passkey;
use lab_entra::graph::Fido2AuthenticationMethod;
use lab_protocol::base64url;
use lab_protocol::webauthn::Flags;
use lab_relying_party::CredentialRecord;
use serde::{Deserialize, Serialize};

/// A passkey of a user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredPasskey {
    /// Its id: [`method_id`] of the credential id, or what a tenant's `passkeys.json` says.
    pub id: String,
    /// The object id of its owner.
    pub user: String,
    /// What Graph lists.
    pub method: Fido2AuthenticationMethod,
    /// The credential record; `None` for a passkey that only `passkeys.json` knows. Such a one is listed
    /// and judged, and cannot sign in here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<CredentialRecord>,
    /// The flags of the authenticator data with which it was registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<u8>,
    /// The attestation statement format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The profile that allowed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// What a sign-in leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Use {
    /// When.
    pub at: Timestamp,
    /// The signature counter.
    pub sign_count: u32,
    /// BS.
    pub backup_state: bool,
    /// Whether UV has been seen.
    pub uv_initialized: bool,
}

impl RegisteredPasskey {
    /// The facts that the policy asks for at sign-in: those of the registration. `None` where a file
    /// describes the passkey too vaguely.
    #[must_use]
    pub fn facts(&self) -> Option<Passkey> {
        let Some(flags) = self.flags.map(Flags) else { return Passkey::registered(&self.method) };
        Some(Passkey {
            aaguid: self.method.aa_guid.as_deref()?.parse().ok()?,
            backup_eligible: flags.has(Flags::BE),
            backup_state: flags.has(Flags::BS),
        })
    }

    /// Takes over what a sign-in leaves behind.
    pub fn use_it(&mut self, used: Use) {
        self.method.last_used_date_time = Some(used.at.to_string());
        if let Some(record) = &mut self.record {
            record.sign_count = used.sign_count;
            record.backup_state = used.backup_state;
            record.uv_initialized |= used.uv_initialized;
        }
    }
}

/// Graph's id of the passkey with this credential id: its base64url. Microsoft does not say how the two
/// belong together; ids that clients pass back are read by [`spelled`].
#[must_use]
pub fn method_id(credential_id: &[u8]) -> String {
    base64url::encode(credential_id)
}

/// The ids that a client may mean by a text: itself; the base64url of what it says in base64, with or
/// without padding; and what is left of it if it is .NET's `UrlTokenEncode`, which ends in a digit that
/// counts the padding (MichaelGrafnetter/webauthn-interop issue 21).
pub fn spelled(id: &str) -> impl Iterator<Item = String> + '_ {
    let url = id.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let token = id.strip_suffix(['0', '1', '2']).filter(|text| {
        let padding = (4 - text.len() % 4) % 4;
        id.ends_with(['0', '1', '2'].get(padding).copied().unwrap_or('='))
    });
    [Some(id.to_owned()), Some(url), token.map(str::to_owned)].into_iter().flatten()
}
