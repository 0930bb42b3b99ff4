//! Where a rule comes from, and how well it is known.

use std::fmt;

/// How well a rule is known. Entra is closed: the label is what lets a reader trust a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// Microsoft's documentation says so.
    Documented,
    /// Seen in captures of live tenants or in public code that works against them.
    Observed,
    /// The lab's reading of something that nobody has written down; a switch in `lab.json` has the other.
    Assumed,
}

impl Evidence {
    /// The name used in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Observed => "observed",
            Self::Assumed => "assumed",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A document, the edition that was read, and when.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub struct Source {
    /// The document and its edition.
    pub title: &'static str,
    /// Where it is.
    pub url: &'static str,
    /// When it was read, as `YYYY-MM-DD`.
    pub date_read: &'static str,
    /// The date that the document gives itself.
    pub document_date: Option<&'static str>,
}

const READ: &str = "2026-11-20";

const fn source(title: &'static str, url: &'static str, document_date: Option<&'static str>) -> Source {
    Source { title, url, date_read: READ, document_date }
}

/// Enabling passkeys (FIDO2) in Entra ID.
pub static PASSKEYS: Source = source(
    "MicrosoftDocs/entra-docs how-to-authentication-passkeys-fido2.md @290f92ef",
    "https://learn.microsoft.com/entra/identity/authentication/how-to-authentication-passkeys-fido2",
    Some("2026-03-08"),
);

/// Passkey profiles.
pub static PROFILES: Source = source(
    "MicrosoftDocs/entra-docs how-to-authentication-passkey-profiles.md @06cae533",
    "https://learn.microsoft.com/entra/identity/authentication/how-to-authentication-passkey-profiles",
    None,
);

/// Attestation for vendors of security keys.
pub static VENDORS: Source = source(
    "MicrosoftDocs/entra-docs concept-fido2-hardware-vendor.md @01deb00f",
    "https://learn.microsoft.com/entra/identity/authentication/concept-fido2-hardware-vendor",
    Some("2026-10-06"),
);

/// Passkeys in Microsoft Authenticator.
pub static AUTHENTICATOR: Source = source(
    "MicrosoftDocs/entra-docs how-to-enable-authenticator-passkey.md",
    "https://learn.microsoft.com/entra/identity/authentication/how-to-enable-authenticator-passkey",
    Some("2026-07-05"),
);

/// Entra passkeys on Windows.
pub static WINDOWS: Source = source(
    "MicrosoftDocs/entra-docs, Entra passkey on Windows @4a7cd593 and @099582a3",
    "https://learn.microsoft.com/entra/identity/authentication/how-to-authentication-entra-passkeys-on-windows",
    Some("2026-07-05"),
);

/// Temporary Access Pass.
pub static TEMPORARY_ACCESS_PASS: Source = source(
    "MicrosoftDocs/entra-docs howto-authentication-temporary-access-pass.md",
    "https://learn.microsoft.com/entra/identity/authentication/howto-authentication-temporary-access-pass",
    Some("2026-03-04"),
);

/// What is new in Entra, May 2026.
pub static WHATS_NEW: Source = source(
    "Microsoft Entra, what's new, May 2026",
    "https://learn.microsoft.com/entra/fundamentals/whats-new",
    Some("2026-05"),
);

/// Graph's reference pages for the passkey policy.
pub static GRAPH_POLICY: Source = source(
    "microsoftgraph/microsoft-graph-docs-contrib fido2AuthenticationMethodConfiguration and its members, v1.0",
    "https://learn.microsoft.com/graph/api/resources/fido2authenticationmethodconfiguration",
    None,
);

/// Graph's reference pages for registering a passkey.
pub static GRAPH_METHODS: Source = source(
    "microsoftgraph/microsoft-graph-docs-contrib creationOptions @050fae08, POST fido2Methods @09b7f41a",
    "https://learn.microsoft.com/graph/api/authentication-post-fido2methods",
    Some("2026-04-20"),
);

/// Captures and tests of DSInternals.Passkeys.
pub static DSINTERNALS: Source = source(
    "MichaelGrafnetter/webauthn-interop @2d23b603",
    "https://github.com/MichaelGrafnetter/webauthn-interop",
    Some("2026-06-19"),
);

/// Scripts that register and use passkeys against live tenants.
pub static MCNULTY: Source = source(
    "nathanmcnulty/nathanmcnulty Entra/passkeys @05c1fd40",
    "https://github.com/nathanmcnulty/nathanmcnulty",
    Some("2026-04-28"),
);

/// Slides on Entra passkeys.
pub static BLACK_HAT: Source = source(
    "Black Hat USA 2026, slides of M. Grafnetter on Entra passkeys",
    "https://github.com/MichaelGrafnetter",
    Some("2026-08"),
);

/// The community's list of passkey providers.
pub static PASSKEY_PROVIDERS: Source = source(
    "passkeydeveloper/passkey-authenticator-aaguids @47b6f84",
    "https://github.com/passkeydeveloper/passkey-authenticator-aaguids",
    Some("2026-08-07"),
);

/// The lab's own reading, where no document decides.
pub static LAB: Source = source(
    "Passkey Lab, readings of what Microsoft's documentation leaves open",
    "fixtures/decisions/README.md",
    Some("2026-11-20"),
);
