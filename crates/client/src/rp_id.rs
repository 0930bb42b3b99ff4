//! Which RP IDs an origin may use (`webauthn-3 §5.1.3` step 7, `§5.11` related origins).

mod related;
mod suffix;

pub use related::{MAX_LABELS, RelatedError, RelatedOrigins, WellKnown};
pub use suffix::{public_suffix, registrable_label};

use url::Host;

use crate::error::Cause;
use crate::origin::Origin;

/// Why an origin may not use an RP ID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RpIdError {
    /// Not a domain.
    #[error("“{rp_id}” is no RP ID: expected a domain in lower case without scheme, port or path")]
    NotADomain {
        /// What was found, shortened.
        rp_id: String,
    },
    /// An address.
    #[error("the RP ID {rp_id} is an IP address, and WebAuthn needs a domain")]
    IpAddress {
        /// The RP ID.
        rp_id: String,
    },
    /// A suffix under which anybody can register.
    #[error("the RP ID {rp_id} is a public suffix: a page on {domain} may not speak for all of it")]
    PublicSuffix {
        /// The RP ID.
        rp_id: String,
        /// The caller's effective domain.
        domain: String,
    },
    /// Somebody else's domain.
    #[error("the RP ID {rp_id} is neither {domain}, the caller's domain, nor a suffix of it")]
    NotASuffix {
        /// The RP ID.
        rp_id: String,
        /// The caller's effective domain.
        domain: String,
    },
    /// A native caller has no domain to fall back on.
    #[error("a native caller has to name the RP ID")]
    AppWithoutRpId,
    /// The list of related origins cannot be used.
    #[error("the RP ID {rp_id} belongs to another domain, and its list of related origins cannot be used: {error}")]
    Related {
        /// The RP ID.
        rp_id: String,
        /// What is wrong with the list.
        error: RelatedError,
    },
    /// The list of related origins does not name the caller.
    #[error(
        "the RP ID {rp_id} belongs to another domain, and https://{rp_id}/.well-known/webauthn does not list {origin}"
    )]
    NotListed {
        /// The RP ID.
        rp_id: String,
        /// The caller.
        origin: String,
    },
    /// The list names the caller, but behind too many other names.
    #[error(
        "https://{rp_id}/.well-known/webauthn lists {origin} behind {MAX_LABELS} other names, and clients read only {MAX_LABELS}"
    )]
    TooManyLabels {
        /// The RP ID.
        rp_id: String,
        /// The caller.
        origin: String,
    },
    /// The platform does not know related origins.
    #[error("the RP ID {rp_id} belongs to another domain, and {platform} does not support related origins")]
    RelatedNotSupported {
        /// The RP ID.
        rp_id: String,
        /// The platform's name.
        platform: String,
    },
}

impl RpIdError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NotADomain { .. } => "An RP ID looks like login.microsoft.com.",
            Self::IpAddress { .. } => "Use a host name; on one machine localhost will do.",
            Self::PublicSuffix { .. } => "Use the registrable domain, one label longer.",
            Self::NotASuffix { .. } => {
                "Call from a page of that domain, or have the domain list the caller in /.well-known/webauthn (related origins)."
            }
            Self::AppWithoutRpId => "Set rp.id (create) or rpId (get).",
            Self::Related { .. } => {
                "Serve the list over https, with status 200, as application/json: {\"origins\": [\"https://…\"]}."
            }
            Self::NotListed { .. } => "Add the caller's origin, exactly, to the list of related origins.",
            Self::TooManyLabels { .. } => "Shorten the list, or move the caller's origin to the front.",
            Self::RelatedNotSupported { .. } => "Call from a page of that domain.",
        }
    }
}

/// What an RP ID is judged by, beside the caller's origin.
#[derive(Debug, Clone, Copy)]
pub struct Related<'a> {
    /// The list at the RP ID, or why there is none; `None` where nobody looked.
    pub list: Option<&'a Result<RelatedOrigins, RelatedError>>,
    /// Whether the platform supports related origins; its name otherwise.
    pub unsupported_by: Option<&'a str>,
}

/// The RP ID of a call from `origin` that asks for `requested`, or for none.
///
/// # Errors
/// An origin that cannot use WebAuthn, or may not use this RP ID.
pub fn resolve(requested: Option<&str>, origin: &Origin, related: Related<'_>) -> Result<String, Cause> {
    let domain = origin.effective_domain()?;
    let Some(rp_id) = requested else {
        return Ok(domain.ok_or(RpIdError::AppWithoutRpId)?.to_owned());
    };
    check_domain(rp_id)?;
    let Some(domain) = domain else { return Ok(rp_id.to_owned()) };
    match (check_suffix(rp_id, domain), related.list) {
        (Err(RpIdError::NotASuffix { .. }), Some(list)) => check_related(rp_id, origin, list, related.unsupported_by)?,
        (judged, _) => judged?,
    }
    Ok(rp_id.to_owned())
}

fn check_domain(rp_id: &str) -> Result<(), RpIdError> {
    match Host::parse(rp_id) {
        Ok(Host::Domain(domain)) if domain == rp_id => Ok(()),
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) => Err(RpIdError::IpAddress { rp_id: rp_id.to_owned() }),
        _ => Err(RpIdError::NotADomain { rp_id: rp_id.chars().take(80).collect() }),
    }
}

/// "Is a registrable domain suffix of or is equal to": equality comes first, so that a host that is
/// itself a public suffix can still speak for itself.
fn check_suffix(rp_id: &str, domain: &str) -> Result<(), RpIdError> {
    let named = || (rp_id.to_owned(), domain.to_owned());
    if rp_id == domain {
        return Ok(());
    }
    if !domain.strip_suffix(rp_id).is_some_and(|rest| rest.ends_with('.')) {
        let (rp_id, domain) = named();
        return Err(RpIdError::NotASuffix { rp_id, domain });
    }
    if rp_id.len() <= public_suffix(domain).len() {
        let (rp_id, domain) = named();
        return Err(RpIdError::PublicSuffix { rp_id, domain });
    }
    Ok(())
}

fn check_related(
    rp_id: &str,
    origin: &Origin,
    list: &Result<RelatedOrigins, RelatedError>,
    unsupported_by: Option<&str>,
) -> Result<(), RpIdError> {
    let named = || rp_id.to_owned();
    if let Some(platform) = unsupported_by {
        return Err(RpIdError::RelatedNotSupported { rp_id: named(), platform: platform.to_owned() });
    }
    match list {
        Ok(list) => list.check(rp_id, origin),
        Err(error) => Err(RpIdError::Related { rp_id: named(), error: error.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY_LOOKED: Related<'_> = Related { list: None, unsupported_by: None };

    fn rp_id(requested: Option<&str>, origin: &str) -> Result<String, Cause> {
        resolve(requested, &origin.parse()?, NOBODY_LOOKED)
    }

    #[test]
    fn the_default_is_the_callers_domain_without_port() {
        assert_eq!(rp_id(None, "https://login.microsoft.com:8443").unwrap(), "login.microsoft.com");
        assert_eq!(rp_id(None, "http://localhost:8080").unwrap(), "localhost");
    }

    #[test]
    fn suffixes_of_the_callers_domain_are_allowed() {
        for (wanted, origin) in [
            ("login.microsoft.com", "https://login.microsoft.com"),
            ("microsoft.com", "https://login.microsoft.com"),
            ("example.co.uk", "https://a.b.example.co.uk"),
            ("localhost", "http://app.localhost:3000"),
            ("intranet", "https://intranet"),
            ("github.io", "https://github.io"),
        ] {
            assert_eq!(rp_id(Some(wanted), origin).unwrap(), wanted, "{origin}");
        }
    }

    #[test]
    fn each_refusal_has_its_variant() {
        let error = |wanted, origin| match rp_id(Some(wanted), origin).unwrap_err() {
            Cause::RpId(error) => error,
            other => panic!("{other:?}"),
        };
        use RpIdError as E;
        assert!(matches!(error("com", "https://login.microsoft.com"), E::PublicSuffix { .. }));
        assert!(matches!(error("co.uk", "https://example.co.uk"), E::PublicSuffix { .. }));
        assert!(matches!(error("github.io", "https://someone.github.io"), E::PublicSuffix { .. }));
        assert!(matches!(error("evil.example", "https://login.microsoft.com"), E::NotASuffix { .. }));
        assert!(matches!(error("osoft.com", "https://microsoft.com"), E::NotASuffix { .. }));
        assert!(matches!(error("a.microsoft.com", "https://microsoft.com"), E::NotASuffix { .. }));
        assert!(matches!(error("127.0.0.1", "https://login.microsoft.com"), E::IpAddress { .. }));
        for text in ["https://a.test", "a.test:8443", "A.test", "a test", "", "exämple.org", "a.test/x"] {
            assert!(matches!(error(text, "https://a.test"), E::NotADomain { .. }), "{text}");
        }
    }

    #[test]
    fn related_origins_need_a_platform_that_knows_them() {
        let list = Ok(RelatedOrigins::new(["https://login.live.com"]));
        let resolve = |unsupported_by| {
            let related = Related { list: Some(&list), unsupported_by };
            resolve(Some("login.microsoft.com"), &"https://login.live.com".parse().unwrap(), related)
        };
        assert_eq!(resolve(None).unwrap(), "login.microsoft.com");
        assert!(matches!(resolve(Some("Old")), Err(Cause::RpId(RpIdError::RelatedNotSupported { .. }))));
    }

    #[test]
    fn a_native_caller_has_to_name_it() {
        let origin = "android:apk-key-hash:abc";
        assert_eq!(rp_id(Some("login.microsoft.com"), origin).unwrap(), "login.microsoft.com");
        assert_eq!(rp_id(None, origin).unwrap_err(), Cause::RpId(RpIdError::AppWithoutRpId));
    }
}
