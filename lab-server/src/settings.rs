//! How a server is set up: where it is found, who may use it, how much of it.

pub mod entra_host;

use std::net::SocketAddr;
use std::time::Duration;

use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use url::Url;

pub use entra_host::{EntraHost, HOSTS as ENTRA_HOSTS, RP_ID as ENTRA_RP_ID};

/// Where the server listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// `localhost`: 127.0.0.1 and ::1, at this port; 0 is any free one.
    Localhost(u16),
    /// One address.
    At(SocketAddr),
}

impl Listen {
    /// Whether only this machine can reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Localhost(_) => true,
            Self::At(address) => address.ip().is_loopback(),
        }
    }
}

/// A token, kept as its hash: how long a comparison takes tells nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// Of this text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Sha256::digest(text.trim()).into())
    }

    /// The hash.
    #[must_use]
    pub(crate) const fn hash(&self) -> [u8; 32] {
        self.0
    }

    /// Whether a text is the token.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        *self == Self::new(text)
    }
}

/// Bounds on what a client may ask for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a body.
    pub body: usize,
    /// Bytes of a body that is a tenant.
    pub tenant_body: usize,
    /// How long an answer may take to begin.
    pub answer_within: Duration,
    /// Requests a second from one address, with bursts of four seconds' worth; `None`: any number.
    pub rate: Option<u32>,
    /// Wrong tokens a minute from one address.
    pub guesses: u32,
    /// Browsers that are let in at the same time.
    pub sessions: usize,
    /// How long a browser stays let in.
    pub session: SignedDuration,
    /// Matrices and verifications that run at the same time.
    pub jobs: usize,
    /// Emulated authenticators that the lab keeps.
    pub authenticators: usize,
    /// Credentials that each of them holds.
    pub credentials: usize,
    /// Streams of events that are open at the same time.
    pub streams: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            tenant_body: 16 << 20,
            answer_within: Duration::from_secs(60),
            rate: Some(200),
            guesses: 10,
            sessions: 1024,
            session: SignedDuration::from_hours(12),
            jobs: 2,
            authenticators: 256,
            credentials: 500,
            streams: 256,
        }
    }
}

/// The ways to write this machine as a host.
const LOCALHOST: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The origin of its pages: `http://localhost:8080`.
    pub origin: String,
    /// The RP ID of ceremonies with clients outside the process: the host of the origin.
    pub rp_id: String,
    /// What a `Host` header may say.
    pub hosts: Vec<String>,
    /// What clients have to present; `None` on loopback only.
    pub token: Option<Token>,
    /// Bounds.
    pub limits: Limits,
    /// Whether browsers are told to come by TLS alone from now on. Only a team may say that, of a host of its own.
    pub strict_transport: bool,
    /// What it has to do with Entra's host.
    pub entra_host: EntraHost,
}

/// An origin that no lab can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// It is no origin.
    #[error("expected an origin such as https://lab.corp.example, found “{0}”")]
    Shape(String),
    /// Its host is Microsoft's, where real passkeys are at stake.
    #[error("expected a host of your own, found {0}: a passkey that is made for it replaces the user's real one")]
    Microsoft(String),
}

impl Settings {
    /// A lab at `http://localhost:PORT`.
    #[must_use]
    pub fn localhost(port: u16) -> Self {
        Self::this_machine("http", port, 80)
    }

    /// A lab at `https://localhost:PORT`.
    #[must_use]
    pub fn localhost_by_tls(port: u16) -> Self {
        Self::this_machine("https", port, 443)
    }

    fn this_machine(scheme: &str, port: u16, usual: u16) -> Self {
        let hosts = LOCALHOST.iter().flat_map(|host| authority(host, Some(port), usual));
        let port = if port == usual { String::new() } else { format!(":{port}") };
        Self::new(format!("{scheme}://localhost{port}"), "localhost", hosts.collect())
    }

    fn new(origin: String, rp_id: &str, hosts: Vec<String>) -> Self {
        Self {
            origin,
            rp_id: rp_id.to_owned(),
            hosts,
            token: None,
            limits: Limits::default(),
            strict_transport: false,
            entra_host: EntraHost::default(),
        }
    }

    /// A lab at an origin of the team's own.
    ///
    /// # Errors
    /// [`OriginError`].
    pub fn at_origin(text: &str) -> Result<Self, OriginError> {
        let shape = || OriginError::Shape(text.to_owned());
        let url: Url = text.parse().map_err(|_| shape())?;
        let host = url.host_str().filter(|_| url.path() == "/" && url.query().is_none()).ok_or_else(shape)?;
        if !matches!(url.scheme(), "http" | "https") || url.username() != "" || url.fragment().is_some() {
            return Err(shape());
        }
        if is_microsofts(host) {
            return Err(OriginError::Microsoft(host.to_owned()));
        }
        let usual = if url.scheme() == "https" { 443 } else { 80 };
        Ok(Self::new(url.origin().ascii_serialization(), host, authority(host, url.port(), usual).collect()))
    }

    /// Whether its port is the scheme's own, and left out of the origin.
    #[must_use]
    pub fn has_usual_port(&self) -> bool {
        self.origin.parse::<Url>().is_ok_and(|url| url.port().is_none())
    }

    /// Whether browsers reach it by TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.origin.starts_with("https:")
    }
}

/// Domains of Microsoft's, those of its other clouds among them, with every host below them.
const MICROSOFT: [&str; 8] = [
    "microsoft.com",
    "microsoftonline.com",
    "microsoftonline.us",
    "microsoftonline.cn",
    "microsoftonline.de",
    "live.com",
    "windows.net",
    "office.com",
];

/// Whether a host is one of Microsoft's; a dot at its end makes it no other.
fn is_microsofts(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let below = |domain: &str| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    MICROSOFT.iter().any(|domain| below(domain))
}

/// The ways to write a host and port in a `Host` header.
fn authority(host: &str, port: Option<u16>, usual: u16) -> impl Iterator<Item = String> {
    let port = port.unwrap_or(usual);
    let bare = (port == usual).then(|| host.to_owned());
    bare.into_iter().chain([format!("{host}:{port}")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_port_may_be_left_out_of_a_host() {
        assert_eq!(Settings::localhost(80).hosts[..2], ["localhost", "localhost:80"]);
        assert_eq!(Settings::localhost(8080).hosts, ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"]);
        let by_tls = Settings::localhost_by_tls(443);
        assert_eq!((by_tls.origin.as_str(), by_tls.hosts[1].as_str()), ("https://localhost", "localhost:443"));
        let team = Settings::at_origin("https://Lab.Corp.example").unwrap();
        assert_eq!((team.origin.as_str(), team.rp_id.as_str()), ("https://lab.corp.example", "lab.corp.example"));
        assert_eq!(team.hosts, ["lab.corp.example", "lab.corp.example:443"]);
    }

    #[test]
    fn what_is_no_origin_of_ones_own_is_refused() {
        for text in ["lab.corp.example", "https://lab.example/x", "ftp://lab.example", "https://a@lab.example", ""] {
            assert!(matches!(Settings::at_origin(text), Err(OriginError::Shape(_))), "{text}");
        }
        for text in [
            "https://login.microsoft.com",
            "https://LOGIN.microsoft.com.",
            "https://login.live.com:8443",
            "https://microsoftonline.com",
            "https://login.microsoftonline.us",
        ] {
            assert!(matches!(Settings::at_origin(text), Err(OriginError::Microsoft(_))), "{text}");
        }
        for text in ["https://login.microsoft.com.lab.test", "https://notmicrosoft.com"] {
            assert!(Settings::at_origin(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_token_is_compared_without_the_blanks_around_it() {
        let token = Token::new("secret\n");
        assert!(token.is("secret") && !token.is("Secret") && !token.is(""));
    }
}
