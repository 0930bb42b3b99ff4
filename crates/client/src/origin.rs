//! Origins, as client data carries them and as RP IDs are derived from them (`webauthn-3 §5.1.3`).

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use crate::error::DomName;

/// Who calls: a page, an app, or nobody who can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A tuple origin of a page.
    Web {
        /// `https` or `http`.
        scheme: String,
        /// The host.
        host: Host<String>,
        /// The port, unless it is the scheme's default.
        port: Option<u16>,
    },
    /// A native caller, such as `android:apk-key-hash:…`; its text is passed on as it stands, and
    /// the system that vouches for it is not the lab's.
    App(String),
    /// An opaque origin: `null`, `data:`, a sandboxed frame.
    Opaque,
}

/// Why an origin cannot use WebAuthn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not an origin.
    #[error("“{text}” is no origin: {problem}")]
    Syntax {
        /// What was found, shortened.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An opaque origin has no domain.
    #[error("an opaque origin (null) cannot use WebAuthn")]
    Opaque,
    /// The host is an address.
    #[error("the origin {origin} is an IP address, and WebAuthn needs a domain")]
    IpAddress {
        /// The origin.
        origin: String,
    },
    /// Not a secure context.
    #[error("the origin {origin} is not secure: https is needed, or http on localhost")]
    NotSecure {
        /// The origin.
        origin: String,
    },
}

impl OriginError {
    /// What a page is told.
    #[must_use]
    pub const fn name(&self) -> DomName {
        match self {
            Self::Opaque => DomName::NotAllowed,
            _ => DomName::Security,
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "Write an origin such as https://login.microsoft.com, without path.",
            Self::Opaque => "Load the page over https, not from a file, a data: URL or a sandboxed frame.",
            Self::IpAddress { .. } => "Use a host name; on one machine http://localhost will do.",
            Self::NotSecure { .. } => "Serve the page over https.",
        }
    }
}

impl Origin {
    /// The caller's effective domain, where it may use WebAuthn; none for a native caller.
    ///
    /// # Errors
    /// An opaque origin, an IP address, or a page that is not secure.
    pub fn effective_domain(&self) -> Result<Option<&str>, OriginError> {
        let (scheme, host) = match self {
            Self::Opaque => return Err(OriginError::Opaque),
            Self::App(_) => return Ok(None),
            Self::Web { scheme, host, .. } => (scheme, host),
        };
        let Host::Domain(domain) = host else {
            return Err(OriginError::IpAddress { origin: self.to_string() });
        };
        if scheme == "https" || domain == "localhost" || domain.ends_with(".localhost") {
            Ok(Some(domain))
        } else {
            Err(OriginError::NotSecure { origin: self.to_string() })
        }
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    /// Reads a URL without path, query, fragment or credentials; a native caller's `android:…` or
    /// `ios:…`; or `null`. Other schemes are opaque, as in `url-standard §4.7`.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let wrong = |problem: String| OriginError::Syntax { text: text.chars().take(80).collect(), problem };
        if text == "null" {
            return Ok(Self::Opaque);
        }
        if text.starts_with("android:") || text.starts_with("ios:") {
            return Ok(Self::App(text.to_owned()));
        }
        let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
        let (scheme @ ("https" | "http"), Some(host)) = (url.scheme(), url.host()) else {
            return Ok(Self::Opaque);
        };
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("an origin is scheme, host and port only".to_owned()));
        }
        Ok(Self::Web { scheme: scheme.to_owned(), host: host.to_owned(), port: url.port() })
    }
}

impl fmt::Display for Origin {
    /// The ASCII serialization: scheme, host, and the port where it is not the default.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web { scheme, host, port: None } => write!(f, "{scheme}://{host}"),
            Self::Web { scheme, host, port: Some(port) } => write!(f, "{scheme}://{host}:{port}"),
            Self::App(text) => f.write_str(text),
            Self::Opaque => f.write_str("null"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(text: &str) -> Result<Option<String>, OriginError> {
        text.parse::<Origin>()?.effective_domain().map(|domain| domain.map(str::to_owned))
    }

    #[test]
    fn origins_are_serialized_without_their_default_port() {
        for (text, serialized) in [
            ("https://login.microsoft.com", "https://login.microsoft.com"),
            ("https://login.microsoft.com/", "https://login.microsoft.com"),
            ("HTTPS://Example.ORG:443", "https://example.org"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("https://exämple.org:8443", "https://xn--exmple-cua.org:8443"),
            ("android:apk-key-hash:abc", "android:apk-key-hash:abc"),
            ("data:text/html,x", "null"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().to_string(), serialized);
        }
    }

    #[test]
    fn what_is_more_than_an_origin_is_refused() {
        for text in ["https://a.test/x", "https://a.test?x", "https://u@a.test", "https://a.test/#x", "a.test", ""] {
            assert!(matches!(text.parse::<Origin>(), Err(OriginError::Syntax { .. })), "{text}");
        }
    }

    #[test]
    fn only_secure_domains_may_call() {
        assert_eq!(domain("https://a.test:8443"), Ok(Some("a.test".to_owned())));
        assert_eq!(domain("http://app.localhost"), Ok(Some("app.localhost".to_owned())));
        assert_eq!(domain("android:apk-key-hash:abc"), Ok(None));
        assert_eq!(domain("null"), Err(OriginError::Opaque));
        assert!(matches!(domain("https://127.0.0.1"), Err(OriginError::IpAddress { .. })));
        assert!(matches!(domain("https://[::1]:8443"), Err(OriginError::IpAddress { .. })));
        assert!(matches!(domain("http://a.test"), Err(OriginError::NotSecure { .. })));
        assert!(matches!(domain("http://notlocalhost"), Err(OriginError::NotSecure { .. })));
        assert_eq!(OriginError::Opaque.name().as_str(), "NotAllowedError");
    }
}
