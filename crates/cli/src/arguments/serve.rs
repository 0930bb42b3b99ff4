//! `serve`.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;
use lab_server::Listen;

/// Where the pages are unless somebody says otherwise.
const PORT: u16 = 8080;
/// Where the management port is.
const MANAGEMENT_PORT: u16 = 8081;
/// Where TLS is, on this machine.
pub const TLS_PORT: u16 = 8443;

/// `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// The tenant: a folder, a file, - or example:NAME
    #[arg(long, value_name = "T", default_value = "example:admins-attested")]
    pub tenant: String,
    /// The folder in which the lab keeps what happens; a lab without one forgets everything when it ends. What is
    /// kept there goes on, whatever --tenant says
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where the pages are: a port of localhost, or an address; port 0 is any free one
    #[arg(long, value_name = "ADDR", value_parser = listen, default_value_t = Shown(Listen::Localhost(PORT)))]
    pub listen: Shown,
    /// Where the lab is managed, on loopback; port 0 is any free one
    #[arg(long, value_name = "ADDR", value_parser = management, default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, MANAGEMENT_PORT)))]
    pub management: SocketAddr,
    /// HTTPS beside HTTP, at a port of localhost (8443), with a certificate that is made for this run and pinned in the
    /// browser command that is printed; or with --cert and --key
    #[arg(
        long,
        value_name = "ADDR",
        value_parser = localhost,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "8443",
        conflicts_with = "origin"
    )]
    pub tls: Option<u16>,
    /// The origin by which a team reaches the pages; its host is the RP ID. With --cert and --key HTTPS is spoken at
    /// --listen, without them by a proxy in front
    #[arg(long, value_name = "ORIGIN")]
    pub origin: Option<String>,
    /// The certificate for the host of --origin, in PEM, followed by those above it
    #[arg(long, value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The private key of --cert, in PEM, without a passphrase
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// Rehearse at Entra's own host, login.microsoft.com: on loopback alone, at the port of --tls, for the browser
    /// whose command is printed
    #[arg(long, conflicts_with_all = ["origin", "cert"])]
    pub entra_host: bool,
    /// A file with the token that clients have to present; else PASSKEY_LAB_TOKEN. Needed off loopback
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Requests a second that one address may send; 0 is any number
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub rate_limit: u32,
    /// Roots of emulated keys that run outside, as `authenticator run --root` writes them: a file, or a folder
    #[arg(long, value_name = "DIR|FILE")]
    pub anchors: Option<PathBuf>,
    /// FIDO metadata to ask: a BLOB, or lab[:SCENARIO[=MODEL,MODEL]] for the lab's own; else the models' own files
    #[arg(long, value_name = "BLOB|lab[:SCENARIO]")]
    pub metadata: Option<String>,
}

/// Where to listen, as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Shown(pub Listen);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Listen::Localhost(port) => write!(f, "localhost:{port}"),
            Listen::At(address) => address.fmt(f),
        }
    }
}

fn listen(text: &str) -> Result<Shown, String> {
    let port = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':')).unwrap_or(text);
    if let Ok(port) = port.parse() {
        return Ok(Shown(Listen::Localhost(port)));
    }
    let address = text.parse().map_err(|_| "expected localhost:PORT, :PORT or an address with a port".to_owned())?;
    Ok(Shown(Listen::At(address)))
}

fn localhost(text: &str) -> Result<u16, String> {
    match listen(text)? {
        Shown(Listen::Localhost(port)) => Ok(port),
        Shown(Listen::At(_)) => {
            Err("expected localhost:PORT or :PORT; for others use --origin, --cert and --key".to_owned())
        }
    }
}

fn management(text: &str) -> Result<SocketAddr, String> {
    let address = match text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':')) {
        Some(port) => port.parse().ok().map(|port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
        None => text.parse().ok(),
    };
    let address = address.filter(|address| address.ip().is_loopback());
    address.ok_or_else(|| "expected an address of loopback with a port, such as 127.0.0.1:8081".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_one_of_localhost() {
        for (text, expected) in [("localhost:80", 80), (":0", 0), ("8080", 8080)] {
            assert_eq!(listen(text).unwrap().0, Listen::Localhost(expected), "{text}");
        }
        assert!(matches!(listen("0.0.0.0:80").unwrap().0, Listen::At(_)));
        assert!(listen("lab.example:80").is_err());
    }

    #[test]
    fn the_lab_is_managed_from_this_machine_only() {
        assert!(management(":0").is_ok() && management("[::1]:5").is_ok());
        assert!(management("0.0.0.0:8081").is_err() && management("nobody").is_err());
    }
}
