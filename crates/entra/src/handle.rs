//! The user handle that Entra gives the passkeys of work accounts: 51 bytes.
//!
//! The ASCII tag `OF:`, the tenant's GUID in .NET's byte order, and the SHA-256 of the user's object id
//! in the same order. Sources: the capture in MichaelGrafnetter/webauthn-interop @2d23b603 (2026-06-19)
//! and the slides of Black Hat USA 2026, read 2026-11-20.

use lab_protocol::Aaguid;
use sha2::{Digest, Sha256};

/// The tag of passkeys of work accounts.
pub const TAG: &[u8; 3] = b"OF:";
/// How long a handle is.
pub const LENGTH: usize = 51;

/// A text that should be a GUID and is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {what} “{found}” is no GUID: expected 32 hexadecimal digits as 8-4-4-4-12")]
pub struct GuidError {
    /// Whose GUID.
    pub what: &'static str,
    /// What was found.
    pub found: String,
}

/// The handle of a user of a tenant.
///
/// # Errors
/// [`GuidError`] when one of the ids is no GUID.
pub fn user_handle(tenant_id: &str, user_id: &str) -> Result<[u8; LENGTH], GuidError> {
    let tenant = dotnet_guid("tenant id", tenant_id)?;
    let user = dotnet_guid("user's object id", user_id)?;
    let bytes = TAG.iter().chain(&tenant).copied().chain(Sha256::digest(user));
    let mut handle = [0; LENGTH];
    handle.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
    Ok(handle)
}

/// A GUID as .NET writes it into bytes: the first three groups little-endian.
fn dotnet_guid(what: &'static str, text: &str) -> Result<[u8; 16], GuidError> {
    let found = || GuidError { what, found: text.chars().take(60).collect() };
    let Aaguid([a, b, c, d, e, f, g, h, rest @ ..]) = text.parse().map_err(|_| found())?;
    let [i, j, k, l, m, n, o, p] = rest;
    Ok([d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p])
}

#[cfg(test)]
mod tests {
    use lab_protocol::base64url;

    use super::{LENGTH, user_handle};

    #[test]
    fn the_computed_example_is_reproduced() {
        let handle =
            user_handle("11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-aaaaaaaaaaaa").unwrap();
        let expected = "T0Y6ERERESIiMzNERFVVVVVVVSuwbWArBzKNPvaJ5xKIZ02ybv9528HxsGMhG0VrxgL9";
        assert_eq!(base64url::encode(handle), expected);
    }

    #[test]
    fn the_capture_of_a_live_tenant_has_this_tag_and_tenant() {
        let captured =
            base64url::decode("T0Y6mho3vwFprE6aslBq9b2Qjz7Ixbn0PntEPkHirHimyfAtmz4xoilu6sNoiPFkmvxW").unwrap();
        let ours = user_handle("bf371a9a-6901-4eac-9ab2-506af5bd908f", "00000000-0000-0000-0000-000000000000").unwrap();
        assert_eq!((captured.len(), &captured[..19]), (LENGTH, &ours[..19]));
    }

    #[test]
    fn what_is_no_guid_is_named() {
        let error = user_handle("contoso.com", "66666666-7777-8888-9999-aaaaaaaaaaaa").unwrap_err();
        assert!(error.to_string().starts_with("the tenant id “contoso.com” is no GUID"), "{error}");
    }
}
