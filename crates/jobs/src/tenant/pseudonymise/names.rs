//! Pseudonyms: the same text, the same pseudonym, for one run.
//!
//! Ids and principal names are one realm, compared without regard to case as Entra does, so that a member
//! is found whichever of the two names it. Names that people chose are compared as they are written.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use lab_protocol::{Aaguid, Random};

/// Texts that are the same in every tenant.
const WELL_KNOWN: &[&str] = &[
    "all_users",
    "all",
    "none",
    "fido2",
    "temporaryaccesspass",
    "guestsorexternalusers",
    "alltrusted",
    "office365",
    "microsoftadminportals",
    "default passkey profile",
];
/// Domains that belong to Microsoft, and hosts of nobody.
const PUBLIC_HOSTS: &[&str] = &[
    "microsoft.com",
    "microsoftonline.com",
    "microsoftonline.us",
    "live.com",
    "partner.microsoftonline.cn",
    "localhost",
];
/// The mark of a user from another tenant.
const EXTERNAL: &str = "#EXT#";

/// The pseudonyms of one run.
pub(super) struct Names<'r> {
    random: &'r mut dyn Random,
    known: HashMap<(&'static str, String), String>,
    counts: BTreeMap<&'static str, usize>,
}

impl<'r> Names<'r> {
    pub(super) fn new(random: &'r mut dyn Random) -> Self {
        Self { random, known: HashMap::new(), counts: BTreeMap::new() }
    }

    /// How many different texts of each kind were replaced.
    pub(super) fn counts(&self) -> Vec<(&'static str, usize)> {
        self.counts.iter().map(|(kind, count)| (*kind, *count)).collect()
    }

    /// The pseudonym of `text`: the one that it has, or a new one, of which `make` is told the number.
    fn of(&mut self, kind: &'static str, text: String, make: impl FnOnce(&mut Self, usize) -> String) -> String {
        let key = (kind, text);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let number = *count;
        let pseudonym = make(self, number);
        self.known.insert(key, pseudonym.clone());
        pseudonym
    }

    /// An object id or a user principal name.
    pub(super) fn identity(&mut self, text: &str) -> String {
        let lower = text.to_lowercase();
        if is_well_known(&lower) {
            return text.to_owned();
        }
        if lower.contains('@') {
            return self.account(lower);
        }
        self.of("ids", lower, |names, _| names.guid())
    }

    /// `local@domain`, and `local_home#EXT#@domain` for somebody from another tenant.
    fn account(&mut self, lower: String) -> String {
        let external = lower.contains(&EXTERNAL.to_lowercase());
        let domain = lower.rsplit_once('@').map_or("", |(_, domain)| domain).to_owned();
        self.of("accounts", lower, |names, number| {
            let domain = names.domain(&domain);
            if external {
                format!("guest-{number:04}_elsewhere{EXTERNAL}@{domain}")
            } else {
                format!("user-{number:04}@{domain}")
            }
        })
    }

    fn domain(&mut self, domain: &str) -> String {
        self.of("domains", domain.to_lowercase(), |_, number| format!("domain-{number}.example"))
    }

    /// An rpId or an origin: its host is replaced, unless it is Microsoft's.
    pub(super) fn host(&mut self, text: &str) -> String {
        let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, rest)| (scheme, rest));
        let end = rest.find([':', '/']).unwrap_or(rest.len());
        let (host, tail) = rest.split_at(end);
        let lower = host.to_lowercase();
        let public = |known: &&str| lower == *known || lower.ends_with(&format!(".{known}"));
        if PUBLIC_HOSTS.iter().any(public) {
            return text.to_owned();
        }
        let labels: Vec<&str> = lower.split('.').collect();
        // Hosts of one organisation keep a common suffix, as rpIds and origins need it.
        let (own, shared) = labels.split_at(labels.len().saturating_sub(2));
        let shared = self.domain(&shared.join("."));
        let own: Vec<String> = own
            .iter()
            .map(|label| self.of("hosts", (*label).to_owned(), |_, number| format!("host-{number}")))
            .collect();
        let host = own.into_iter().chain([shared]).collect::<Vec<_>>().join(".");
        if scheme.is_empty() { format!("{host}{tail}") } else { format!("{scheme}://{host}{tail}") }
    }

    /// Graph's id of a passkey: as long, and with the digit at its end that tells the padding.
    pub(super) fn method(&mut self, text: &str) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let length = text.chars().count().min(2048);
        let last = text.chars().last().filter(|last| ('0'..='2').contains(last));
        self.of("credential ids", text.to_owned(), |names, _| {
            let mut bytes = vec![0; length];
            names.random.fill(&mut bytes);
            let digit = |byte: u8| char::from(DIGITS.get(usize::from(byte & 63)).copied().unwrap_or(b'A'));
            let mut id: String = bytes.into_iter().map(digit).collect();
            if let Some(last) = last {
                id.pop();
                id.push(last);
            }
            id
        })
    }

    /// A thumbprint in hexadecimal, of the same length.
    pub(super) fn thumbprint(&mut self, text: &str) -> String {
        let length = text.len().min(256);
        self.of("thumbprints", text.to_lowercase(), |names, _| {
            let mut bytes = vec![0; length.div_ceil(2)];
            names.random.fill(&mut bytes);
            let mut hexadecimal = hexadecimal(&bytes);
            hexadecimal.truncate(length);
            hexadecimal
        })
    }

    /// A name that somebody chose.
    pub(super) fn name(&mut self, kind: &'static str, text: &str) -> String {
        if is_well_known(&text.to_lowercase()) {
            return text.to_owned();
        }
        self.of(kind, text.to_owned(), |_, number| format!("{kind} {number:04}"))
    }

    /// A text of which nothing is known: a GUID stays one, an account stays one.
    pub(super) fn unknown(&mut self, text: &str) -> String {
        if is_guid(text) || text.contains('@') {
            return self.identity(text);
        }
        self.name("text", text)
    }

    /// An annotation: every GUID and quoted key in it is replaced.
    pub(super) fn inside(&mut self, text: &str) -> String {
        let mut parts = text.split('\'');
        let mut result = self.guids(parts.next().unwrap_or_default());
        for (index, part) in parts.enumerate() {
            result.push('\'');
            let quoted = index % 2 == 0;
            result.push_str(&if quoted && !part.is_empty() { self.identity(part) } else { self.guids(part) });
        }
        result
    }

    /// A text with every GUID in it replaced.
    fn guids(&mut self, text: &str) -> String {
        const LENGTH: usize = 36;
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(guid) = rest.get(..LENGTH).filter(|part| is_guid(part)) {
                result.push_str(&self.identity(guid));
                rest = rest.get(LENGTH..).unwrap_or_default();
            } else {
                let mut letters = rest.chars();
                result.extend(letters.next());
                rest = letters.as_str();
            }
        }
        result
    }

    fn guid(&mut self) -> String {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        // Version 4, as Entra's object ids are.
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Aaguid(bytes).to_string()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.parse::<Aaguid>().is_ok()
}

/// Ids that every tenant has: words, the default profile, built-in strengths, Microsoft's own applications.
fn is_well_known(lower: &str) -> bool {
    WELL_KNOWN.contains(&lower) || lower.starts_with("0000000") && is_guid(lower)
}
