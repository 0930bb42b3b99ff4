//! Which origins may answer, and how to say what is wrong with one that may not.

use lab_protocol::trace::Reason;

/// The origins that a relying party accepts. They are compared exactly, as `webauthn-3 §13.4.9` asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origins<'a> {
    /// The relying party's own.
    pub own: &'a [String],
    /// Related origins, as its `/.well-known/webauthn` lists them (`webauthn-3 §5.11`).
    pub related: &'a [String],
}

/// Where an accepted origin stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Own,
    Related,
}

/// An origin that is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected “{expected}”, found “{found}”: {difference}")]
pub struct OriginMismatch {
    /// The accepted origin that comes closest; empty when there is none.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// In what the two differ.
    pub difference: Difference,
}

/// In what an origin differs from the accepted one that comes closest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Difference {
    /// A default port is spelled out.
    #[error("a default port is never part of an origin")]
    DefaultPort,
    /// A slash or a path follows.
    #[error("an origin has no path, not even a slash")]
    Path,
    /// Letters differ in case.
    #[error("only the case of letters differs")]
    Case,
    /// Another scheme.
    #[error("the scheme differs")]
    Scheme,
    /// Another port.
    #[error("the port differs")]
    Port,
    /// A subdomain of the accepted host.
    #[error("it is a subdomain of the accepted host")]
    Subdomain,
    /// A parent domain of the accepted host.
    #[error("it is a parent domain of the accepted host")]
    ParentDomain,
    /// A host name in Unicode.
    #[error("the host is not in its ASCII form")]
    Unicode,
    /// A host that contains the accepted one without belonging to it.
    #[error("the accepted host is part of another host's name")]
    LookAlike,
    /// The opaque origin.
    #[error("the caller has an opaque origin, such as that of a sandboxed frame or a file")]
    Opaque,
    /// A native app.
    #[error("it names a native app that is not accepted")]
    App,
    /// Nothing at all.
    #[error("the origin is empty")]
    Empty,
    /// Another host.
    #[error("the host differs")]
    Host,
}

impl Reason for OriginMismatch {
    fn hint(&self) -> Option<&str> {
        Some(match self.difference {
            Difference::DefaultPort | Difference::Path | Difference::Case | Difference::Unicode => {
                "Browsers write an origin as lower-case scheme, ASCII host and a port only if it is not the default; \
                 whoever wrote this one is no browser, or altered it."
            }
            Difference::Scheme => {
                "Serve the page over https; browsers allow WebAuthn over http on localhost only, and then the \
                 origin has to be listed with http."
            }
            Difference::Port => "List the origin with its port: origins are compared with their ports, RP IDs are not.",
            Difference::Subdomain => "List the subdomain's origin too, if pages there may sign users in.",
            Difference::ParentDomain => "List the parent's origin too, if pages there may sign users in.",
            Difference::LookAlike => "This is how a phishing page looks: do not list it.",
            Difference::Opaque => "Call WebAuthn from a page that has an origin, or allow it in the frame's sandbox.",
            Difference::App => {
                "List it as an origin if it is your app; its hash is that of the certificate which signed the app."
            }
            Difference::Empty | Difference::Host => {
                "If the page belongs to this relying party, list its origin, or publish it as a related origin."
            }
        })
    }
}

impl<'a> Origins<'a> {
    /// Only these origins of the relying party's own.
    #[must_use]
    pub const fn own(own: &'a [String]) -> Self {
        Self { own, related: &[] }
    }

    pub(crate) fn standing(&self, origin: &str) -> Option<Standing> {
        let listed = |list: &[String]| list.iter().any(|listed| listed == origin);
        match (listed(self.own), listed(self.related)) {
            (true, _) => Some(Standing::Own),
            (false, true) => Some(Standing::Related),
            (false, false) => None,
        }
    }

    /// What is wrong with an origin that is not listed.
    pub(crate) fn mismatch(&self, found: &str) -> OriginMismatch {
        mismatch(found, self.own.iter().chain(self.related))
    }
}

/// What is wrong with `found`, told from the listed origin that comes closest to it.
pub(crate) fn mismatch<'o>(found: &str, listed: impl IntoIterator<Item = &'o String>) -> OriginMismatch {
    let closest = listed.into_iter().map(|expected| (difference(expected, found), expected)).min();
    let (difference, expected) =
        closest.map_or((Difference::Host, ""), |(difference, expected)| (difference, expected));
    OriginMismatch { expected: expected.to_owned(), found: crate::text::shown(found), difference }
}

struct Parts<'o> {
    scheme: &'o str,
    host: &'o str,
    port: Option<&'o str>,
    path: Option<&'o str>,
}

fn parts(origin: &str) -> Option<Parts<'_>> {
    let (scheme, rest) = origin.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|c| c.is_ascii_digit()) => (host, Some(port)),
        _ => (authority, None),
    };
    Some(Parts { scheme, host, port, path: Some(path).filter(|path| !path.is_empty()) })
}

fn difference(expected: &str, found: &str) -> Difference {
    match found {
        "" => return Difference::Empty,
        "null" => return Difference::Opaque,
        _ if expected.eq_ignore_ascii_case(found) => return Difference::Case,
        _ if found.starts_with("android:") || found.starts_with("ios:") => return Difference::App,
        _ => {}
    }
    let (Some(expected), Some(found)) = (parts(expected), parts(found)) else { return Difference::Host };
    if !expected.host.eq_ignore_ascii_case(found.host) {
        return host_difference(expected.host, found.host);
    }
    match () {
        () if expected.scheme != found.scheme => Difference::Scheme,
        () if is_default(&found) && expected.port.is_none() => Difference::DefaultPort,
        () if expected.port != found.port => Difference::Port,
        () if expected.path != found.path => Difference::Path,
        () => Difference::Case,
    }
}

fn is_default(parts: &Parts<'_>) -> bool {
    matches!((parts.scheme, parts.port), ("https", Some("443")) | ("http", Some("80")))
}

fn host_difference(expected: &str, found: &str) -> Difference {
    let below = |host: &str, parent: &str| host.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'));
    match () {
        () if below(found, expected) => Difference::Subdomain,
        () if below(expected, found) => Difference::ParentDomain,
        () if !found.is_ascii() => Difference::Unicode,
        () if found.contains(expected) => Difference::LookAlike,
        () => Difference::Host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(found: &str) -> Difference {
        let own = ["https://example.org".to_owned(), "https://example.org:8443".to_owned()];
        Origins::own(&own).mismatch(found).difference
    }

    #[test]
    fn each_way_of_missing_an_origin_has_its_name() {
        let cases = [
            ("http://example.org", Difference::Scheme),
            ("https://example.org/", Difference::Path),
            ("https://example.org/login?x", Difference::Path),
            ("https://example.org:443", Difference::DefaultPort),
            ("https://example.org:444", Difference::Port),
            ("https://EXAMPLE.org", Difference::Case),
            ("https://login.example.org", Difference::Subdomain),
            ("https://org", Difference::ParentDomain),
            ("https://example.org.evil.example", Difference::LookAlike),
            ("https://notexample.org", Difference::LookAlike),
            ("https://example.org@evil.example", Difference::LookAlike),
            ("https://exämple.org", Difference::Unicode),
            ("https://evil.example", Difference::Host),
            ("null", Difference::Opaque),
            ("android:apk-key-hash:abc", Difference::App),
            ("", Difference::Empty),
        ];
        for (found, expected) in cases {
            assert_eq!(of(found), expected, "{found}");
        }
    }

    #[test]
    fn the_closest_listed_origin_is_the_one_compared_with() {
        let own = ["https://other.example".to_owned(), "https://example.org".to_owned()];
        let mismatch = Origins::own(&own).mismatch("http://example.org");
        assert_eq!(mismatch.expected, "https://example.org");
        assert_eq!(
            mismatch.to_string(),
            "expected “https://example.org”, found “http://example.org”: the scheme differs"
        );
    }

    #[test]
    fn only_exactly_listed_origins_stand() {
        let (own, related) = (["https://a.example".to_owned()], ["https://b.example".to_owned()]);
        let origins = Origins { own: &own, related: &related };
        assert_eq!(origins.standing("https://a.example"), Some(Standing::Own));
        assert_eq!(origins.standing("https://b.example"), Some(Standing::Related));
        assert_eq!(origins.standing("https://A.example"), None);
    }
}
