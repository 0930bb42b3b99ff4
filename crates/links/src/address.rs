//! Where a key is to be found.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// The address of a key: what `--listen` takes, and what `{"listening": ...}` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A pseudo-terminal. A door makes one, and says which.
    Pty(Option<PathBuf>),
    /// A unix socket.
    Unix(PathBuf),
    /// TCP, on loopback.
    Tcp(SocketAddr),
    /// A device of the kernel's uhid.
    Uhid,
    /// A device of the kernel's hidraw.
    Hidraw(PathBuf),
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// None of the kinds.
    #[error("expected pty, unix:PATH, tcp:ADDR or uhid, found “{0}”")]
    Kind(String),
    /// No path.
    #[error("expected a path after “{0}:”")]
    Path(&'static str),
    /// No IP address with a port.
    #[error("expected an IP address of loopback with a port, such as tcp:127.0.0.1:0, found “{0}”")]
    Socket(String),
    /// An address that others can reach.
    #[error("expected an address of loopback, such as 127.0.0.1, found {0}: an emulated key is for this machine only")]
    NotLoopback(SocketAddr),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let path = |kind, rest: &str| {
            if rest.is_empty() { Err(AddressError::Path(kind)) } else { Ok(PathBuf::from(rest)) }
        };
        match text.split_once(':') {
            None if text == "pty" => Ok(Self::Pty(None)),
            None if text == "uhid" => Ok(Self::Uhid),
            Some(("pty", rest)) => Ok(Self::Pty(Some(path("pty", rest)?))),
            Some(("unix", rest)) => Ok(Self::Unix(path("unix", rest)?)),
            Some(("hidraw", rest)) => Ok(Self::Hidraw(path("hidraw", rest)?)),
            Some(("tcp", rest)) => Ok(Self::Tcp(loopback(rest)?)),
            _ => Err(AddressError::Kind(text.to_owned())),
        }
    }
}

/// Reads an address of loopback with a port; `localhost` is 127.0.0.1.
///
/// # Errors
/// [`AddressError`].
pub fn loopback(text: &str) -> Result<SocketAddr, AddressError> {
    let numeric = text.strip_prefix("localhost:").map_or_else(|| text.to_owned(), |port| format!("127.0.0.1:{port}"));
    let address: SocketAddr = numeric.parse().map_err(|_| AddressError::Socket(text.to_owned()))?;
    if address.ip().is_loopback() { Ok(address) } else { Err(AddressError::NotLoopback(address)) }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pty(None) => f.write_str("pty"),
            Self::Pty(Some(path)) => write!(f, "pty:{}", path.display()),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
            Self::Uhid => f.write_str("uhid"),
            Self::Hidraw(path) => write!(f, "hidraw:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_their_text() {
        for text in ["pty", "pty:/dev/pts/3", "unix:/tmp/k", "unix:a:b", "tcp:127.0.0.1:0", "tcp:[::1]:9", "uhid"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        assert_eq!("tcp:localhost:7".parse::<Address>().unwrap().to_string(), "tcp:127.0.0.1:7");
    }

    #[test]
    fn what_is_no_address_says_what_was_expected() {
        assert_eq!("serial".parse::<Address>(), Err(AddressError::Kind("serial".into())));
        assert_eq!("unix:".parse::<Address>(), Err(AddressError::Path("unix")));
        assert_eq!("tcp:example.com:1".parse::<Address>(), Err(AddressError::Socket("example.com:1".into())));
        assert!(matches!("tcp:0.0.0.0:1".parse::<Address>(), Err(AddressError::NotLoopback(_))));
        assert!(matches!("tcp:192.0.2.1:1".parse::<Address>(), Err(AddressError::NotLoopback(_))));
    }
}
