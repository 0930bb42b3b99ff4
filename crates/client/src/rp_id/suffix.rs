//! Public suffixes, without the public suffix list.
//!
//! Every last label counts as public, except `localhost`, and so do the suffixes in
//! `public_suffixes.txt`: the commonest of two and more labels. A suffix that is missing there is
//! taken for a registrable domain, which is more than a browser would allow.

const LISTED: &str = include_str!("public_suffixes.txt");

/// The public suffix of a domain; empty for `localhost` and what is below it.
#[must_use]
pub fn public_suffix(domain: &str) -> &str {
    let last = domain.rsplit_once('.').map_or(domain, |(_, last)| last);
    if last == "localhost" {
        return "";
    }
    let listed = LISTED.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let matching =
        listed.filter(|suffix| domain.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    let longest = matching.max_by_key(|suffix| suffix.len()).map_or(last.len(), str::len);
    domain.get(domain.len() - longest..).unwrap_or(last)
}

/// The first label of the registrable domain: `example` for `www.example.co.uk`
/// (`webauthn-3 §5.11.1`, registrable origin label). None where the domain is a public suffix.
#[must_use]
pub fn registrable_label(domain: &str) -> Option<&str> {
    let rest = match public_suffix(domain) {
        "" => domain,
        suffix => domain.strip_suffix(suffix)?.strip_suffix('.')?,
    };
    rest.rsplit('.').next().filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_and_labels() {
        for (domain, suffix, label) in [
            ("login.microsoft.com", "com", Some("microsoft")),
            ("example.co.uk", "co.uk", Some("example")),
            ("a.b.example.co.uk", "co.uk", Some("example")),
            ("someone.github.io", "github.io", Some("someone")),
            ("github.io", "github.io", None),
            ("com", "com", None),
            ("notco.uk", "uk", Some("notco")),
            ("localhost", "", Some("localhost")),
            ("app.localhost", "", Some("localhost")),
        ] {
            assert_eq!(public_suffix(domain), suffix, "{domain}");
            assert_eq!(registrable_label(domain), label, "{domain}");
        }
    }
}
