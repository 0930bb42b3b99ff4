//! `login.microsoft.com` on loopback: Entra's own host as a browser sees it that was started for this lab alone.
//!
//! Here, and nowhere else, options carry Entra's RP ID; the user handles stay the lab's random ones, so that no
//! passkey of a real user is replaced. `Settings::at_origin` refuses these hosts: a lab that others can reach never
//! answers for them.

use super::{Settings, authority};

/// Entra's RP ID, and the host of its ceremonies (`entra.md` §2.6).
pub const RP_ID: &str = "login.microsoft.com";
/// The hosts whose pages may use that RP ID too: what Entra's own `/.well-known/webauthn` lists.
pub const RELATED: [&str; 2] = ["login.live.com", "login.microsoftonline.com"];
/// Where Entra's users begin; it hands over to [`RP_ID`]'s host.
pub const SECURITY_INFO: &str = "mysignins.microsoft.com";
/// Every host that the lab answers for on loopback.
pub const HOSTS: [&str; 4] = [RP_ID, RELATED[0], RELATED[1], SECURITY_INFO];

/// What an origin of the lab has to do with Entra's host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum EntraHost {
    /// Nothing.
    #[default]
    Nothing,
    /// It is one of Entra's hosts, with ceremonies.
    Here,
    /// It is where Entra's users begin, and sends them on.
    HandsOver,
    /// The ceremonies of this lab are there: with the browser that this command starts.
    By(String),
}

impl EntraHost {
    /// The command that starts the browser for it.
    #[must_use]
    pub fn command(&self) -> Option<&str> {
        match self {
            Self::By(command) => Some(command),
            Self::Nothing | Self::Here | Self::HandsOver => None,
        }
    }
}

impl Settings {
    /// A lab at each of [`HOSTS`], for sockets of loopback alone. The first is that of the RP ID.
    #[must_use]
    pub fn entra_hosts() -> Vec<Self> {
        let at = |host: &&str| Self {
            entra_host: if *host == SECURITY_INFO { EntraHost::HandsOver } else { EntraHost::Here },
            ..Self::new(format!("https://{host}"), RP_ID, authority(host, None, 443).collect())
        };
        HOSTS.iter().map(at).collect()
    }

    /// Whether it is one of Entra's hosts.
    #[must_use]
    pub fn is_entra_host(&self) -> bool {
        matches!(self.entra_host, EntraHost::Here | EntraHost::HandsOver)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::OriginError;

    #[test]
    fn all_of_them_have_entras_rp_id_and_none_is_to_be_had_for_a_team() {
        let hosts = Settings::entra_hosts();
        assert_eq!(hosts[0].origin, "https://login.microsoft.com");
        for settings in &hosts {
            assert_eq!(settings.rp_id, RP_ID);
            assert!(settings.is_secure() && settings.is_entra_host() && !settings.strict_transport);
            assert!(matches!(Settings::at_origin(&settings.origin), Err(OriginError::Microsoft(_))));
        }
    }
}
