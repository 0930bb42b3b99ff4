//! The command that opens a browser for this lab alone: Chromium, or one of its relatives, with a profile that is
//! thrown away, and with one certificate that it takes although nobody issued it.
//!
//! Nobody is asked to trust a CA: the browser knows the hash of one key, and forgets it with its profile. For Entra's
//! host it also takes the lab's port for that host, and knows no other host at all, so that nothing of this browser
//! can meet the real one.

use std::fmt;
use std::path::PathBuf;

use crate::settings::{ENTRA_HOSTS, ENTRA_RP_ID};

/// A browser, as a command with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserCommand(Vec<String>);

/// What a browser is started for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// An empty folder of its own.
    pub profile: PathBuf,
    /// SHA-256 of the server's SubjectPublicKeyInfo, in base64.
    pub pin: String,
    /// The port of TLS on 127.0.0.1.
    pub port: u16,
}

impl BrowserCommand {
    /// To Entra's host, which is the lab, in a world without any other.
    #[must_use]
    pub fn for_entra_host(visit: &Visit) -> Self {
        let here = ENTRA_HOSTS.map(|host| format!("MAP {host}:443 127.0.0.1:{}", visit.port));
        let rules = format!("{}, MAP * ~NOTFOUND", here.join(", "));
        let page = format!("https://{ENTRA_RP_ID}/mysecurityinfo");
        Self::new(visit, [format!("--host-resolver-rules={rules}"), page])
    }

    /// To `https://localhost:PORT`.
    #[must_use]
    pub fn for_localhost(visit: &Visit) -> Self {
        Self::new(visit, [format!("https://localhost:{}/", visit.port)])
    }

    fn new(visit: &Visit, more: impl IntoIterator<Item = String>) -> Self {
        let own = [
            "chromium".to_owned(),
            format!("--user-data-dir={}", visit.profile.display()),
            "--no-first-run".to_owned(),
            "--no-default-browser-check".to_owned(),
            format!("--ignore-certificate-errors-spki-list={}", visit.pin),
        ];
        Self(own.into_iter().chain(more).collect())
    }

    /// Program and arguments.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

/// As a shell takes it.
impl fmt::Display for BrowserCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.0.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:+".contains(c);
            if word.chars().all(plain) {
                write!(f, "{space}{word}")?;
            } else {
                write!(f, "{space}'{}'", word.replace('\'', r"'\''"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit() -> Visit {
        Visit { profile: "/tmp/it's".into(), pin: "AAAA+/8=".to_owned(), port: 8443 }
    }

    #[test]
    fn the_world_of_entras_host_has_no_other() {
        let command = BrowserCommand::for_entra_host(&visit());
        let rules = command.words().iter().find_map(|word| word.strip_prefix("--host-resolver-rules=")).unwrap();
        let rules: Vec<_> = rules.split(", ").collect();
        assert_eq!(rules[0], "MAP login.microsoft.com:443 127.0.0.1:8443");
        assert_eq!((rules.len(), rules[4]), (5, "MAP * ~NOTFOUND"));
        assert!(command.words().contains(&"--ignore-certificate-errors-spki-list=AAAA+/8=".to_owned()));
        assert!(BrowserCommand::for_localhost(&visit()).words().iter().all(|word| !word.contains("MAP")));
    }

    #[test]
    fn a_shell_takes_it_as_it_is_meant() {
        let text = BrowserCommand::for_entra_host(&visit()).to_string();
        assert!(text.starts_with(r"chromium '--user-data-dir=/tmp/it'\''s' --no-first-run"), "{text}");
        assert!(text.contains("'--host-resolver-rules=MAP login"), "{text}");
    }
}
