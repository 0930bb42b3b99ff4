//! Which origins the lab has, at which sockets, and by which certificate.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use lab_jobs::world::{Part, World};
use lab_server::browser::{BrowserCommand, Visit};
use lab_server::serve::{Front, Listeners};
use lab_server::settings::ENTRA_HOSTS;
use lab_server::{Clock as _, EntraHost, Identity, Lab, Listen, Settings, Shared, SystemClock};
use serde_json::{Value, json};

use super::profile::Profile;
use crate::arguments::{Serve, TLS_PORT};
use crate::failure::Failure;
use crate::world;

/// The longest certificate or key file that is read.
const LONGEST_FILE: u64 = 1 << 20;
/// The names of this machine, in the certificate that is made for a run.
const LOCALHOST: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Sockets that are open, and what is to be served there.
pub(super) struct Plan {
    /// The lab's first origin, which the interfaces for programs have.
    pub(super) settings: Settings,
    pages: Listeners,
    /// By which certificate the first origin is served; without one, it is HTTP.
    identity: Option<Identity>,
    beside: Option<Beside>,
}

/// TLS on this machine, beside the first origin.
struct Beside {
    listeners: Listeners,
    identity: Identity,
    localhost: bool,
    browser: Option<Browser>,
}

/// A browser for this lab alone. Its profile goes when the lab ends.
pub(super) struct Browser {
    pub(super) command: BrowserCommand,
    pub(super) pin: String,
    for_entra_host: bool,
    _profile: Profile,
}

/// A plan, carried out for a lab.
pub(super) struct Opened {
    pub(super) fronts: Vec<Front>,
    pub(super) listening: Value,
    pub(super) browser: Option<Browser>,
}

impl Plan {
    /// Reads certificates and opens sockets.
    pub(super) fn open(arguments: &Serve) -> Result<Self, Failure> {
        coherent(arguments)?;
        let mut settings = arguments.origin.as_deref().map(team).transpose()?;
        let mut identity = None;
        if let Some(settings) = &mut settings
            && let Some(files) = certificate(arguments)
        {
            identity = Some(read(files, settings)?);
            settings.strict_transport = settings.has_usual_port();
        }
        let beside = Beside::open(arguments)?;
        let pages = Listeners::open(arguments.listen.0)?;
        let mut settings = settings.unwrap_or_else(|| Settings::localhost(pages.port()));
        if let Some(browser) = beside.iter().flat_map(|beside| &beside.browser).find(|browser| browser.for_entra_host) {
            settings.entra_host = EntraHost::By(browser.command.to_string());
        }
        Ok(Self { settings, pages, identity, beside })
    }

    /// What is served where, and how that is announced.
    pub(super) fn open_for(self, lab: &Shared) -> Opened {
        let mut listening = json!({ "pages": lab.settings.origin });
        let mut fronts = vec![Front { listeners: self.pages, sites: vec![Arc::clone(lab)], identity: self.identity }];
        let Some(Beside { listeners, identity, localhost, browser }) = self.beside else {
            return Opened { fronts, listening, browser: None };
        };
        listening["tls"] = listeners.address().to_string().into();
        let mut sites = Vec::new();
        if localhost {
            sites.push(Settings::localhost_by_tls(listeners.port()));
            listening["secure"] = sites.iter().map(|site| site.origin.as_str()).collect::<String>().into();
        }
        if lab.settings.entra_host.command().is_some() {
            let hosts = Settings::entra_hosts();
            listening["entra"] = hosts.first().map(|site| site.origin.clone()).into();
            sites.extend(hosts);
        }
        let at = |settings| Arc::new(Lab::at(lab, settings));
        fronts.push(Front { listeners, sites: sites.into_iter().map(at).collect(), identity: Some(identity) });
        Opened { fronts, listening, browser }
    }
}

impl Beside {
    fn open(arguments: &Serve) -> Result<Option<Self>, Failure> {
        if arguments.tls.is_none() && !arguments.entra_host {
            return Ok(None);
        }
        let port = arguments.tls.unwrap_or(TLS_PORT);
        let given = certificate(arguments).map(|files| read(files, &Settings::localhost(port))).transpose()?;
        let listeners = Listeners::open(Listen::Localhost(port))?;
        let (identity, browser) = match given {
            Some(identity) => (identity, None),
            None => {
                let identity = of_this_run(arguments)?;
                let browser = Browser::new(&identity, listeners.port(), arguments.entra_host)?;
                (identity, Some(browser))
            }
        };
        Ok(Some(Self { listeners, identity, localhost: arguments.tls.is_some(), browser }))
    }
}

impl Browser {
    fn new(identity: &Identity, port: u16, for_entra_host: bool) -> Result<Self, Failure> {
        let profile = Profile::make()?;
        let visit = Visit { profile: profile.path().to_owned(), pin: identity.pin().to_owned(), port };
        let command = match for_entra_host {
            true => BrowserCommand::for_entra_host(&visit),
            false => BrowserCommand::for_localhost(&visit),
        };
        Ok(Self { command, pin: visit.pin, for_entra_host, _profile: profile })
    }

    /// For whoever started the lab.
    pub(super) fn says(&self) -> String {
        let what = match self.for_entra_host {
            true => {
                "takes this lab for login.microsoft.com, and reaches nothing else (a passkey that a real key makes there \
                 takes a slot of it)"
            }
            false => "takes the certificate of this run",
        };
        format!("this browser {what}; its profile is thrown away, and no CA is trusted: {}", self.command)
    }
}

/// Refuses options that say two things.
fn coherent(arguments: &Serve) -> Result<(), Failure> {
    let https = arguments.origin.as_deref().is_none_or(|origin| origin.starts_with("https:"));
    if arguments.cert.is_some() && !https {
        let message = "--cert is for an origin of https, and --origin is one of http";
        return Err(Failure::usage(message, "write --origin https://…, or leave --cert and --key out"));
    }
    if arguments.cert.is_some() && arguments.origin.is_none() && arguments.tls.is_none() {
        let message = "--cert needs to know for which origin: expected --origin or --tls beside it";
        return Err(Failure::usage(message, "--origin https://lab.corp.example for a team, --tls for this machine"));
    }
    if arguments.entra_host && !arguments.listen.0.is_loopback() {
        let message = "--entra-host is for this machine alone: expected --listen on loopback beside it";
        return Err(Failure::usage(message, "leave --listen out; a team rehearses at an origin of its own (--origin)"));
    }
    Ok(())
}

fn team(origin: &str) -> Result<Settings, Failure> {
    Settings::at_origin(origin).map_err(|error| {
        Failure::usage(error.to_string(), "browsers take passkeys over https, and over http on localhost alone")
    })
}

fn certificate(arguments: &Serve) -> Option<(&Path, &Path)> {
    arguments.cert.as_deref().zip(arguments.key.as_deref())
}

fn read((certificates, key): (&Path, &Path), settings: &Settings) -> Result<Identity, Failure> {
    let (chain, secret) = (bytes(certificates)?, bytes(key)?);
    Identity::from_pem(&chain, &secret, &settings.rp_id, SystemClock.now()).map_err(|error| {
        let file = if error.is_of_key() { key } else { certificates };
        let failure = Failure::from(error);
        Failure { message: format!("{}: {}", file.display(), failure.message), ..failure }
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let wrong = |why: String| Failure::from(format!("{}: {why}", path.display()));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    file.take(LONGEST_FILE + 1).read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
    match u64::try_from(bytes.len()) {
        Ok(..=LONGEST_FILE) => Ok(bytes),
        _ => Err(wrong(format!("expected PEM of at most {LONGEST_FILE} bytes"))),
    }
}

/// One that nobody can make again, whatever --seed and --at say.
fn of_this_run(arguments: &Serve) -> Result<Identity, Failure> {
    let localhost = LOCALHOST.iter().filter(|_| arguments.tls.is_some());
    let entra = ENTRA_HOSTS.iter().filter(|_| arguments.entra_host);
    let hosts: Vec<&str> = localhost.chain(entra).copied().collect();
    let now = SystemClock.now();
    let mut random = World::unseeded(world::entropy()?, now).stream(Part::RelyingParty);
    Ok(Identity::of_this_run(&hosts, now, &mut random)?)
}
