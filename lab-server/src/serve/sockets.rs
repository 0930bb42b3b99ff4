//! Sockets that are open, before anybody is served.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use crate::settings::Listen;

/// Why a server did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address that cannot be had.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// A socket broke.
    #[error("the server's socket broke: {0}")]
    Socket(#[from] io::Error),
}

/// Sockets of one port.
#[derive(Debug)]
pub struct Listeners {
    pub(super) sockets: Vec<TcpListener>,
    pub(super) address: SocketAddr,
}

impl Listeners {
    /// Opens them. Where this machine has no IPv6, `localhost` is 127.0.0.1 alone.
    ///
    /// # Errors
    /// [`ServeError::Listen`].
    pub fn open(listen: Listen) -> Result<Self, ServeError> {
        match listen {
            Listen::Localhost(port) => {
                let (first, address) = open((Ipv4Addr::LOCALHOST, port).into())?;
                let second = open((Ipv6Addr::LOCALHOST, address.port()).into());
                let second = match second {
                    Err(error) if port != 0 && is_taken(&error) => return Err(error),
                    second => second.ok(),
                };
                let sockets = std::iter::once(first).chain(second.map(|(listener, _)| listener)).collect();
                Ok(Self { sockets, address })
            }
            Listen::At(address) => {
                let (listener, address) = open(address)?;
                Ok(Self { sockets: vec![listener], address })
            }
        }
    }

    /// The address, of several the first.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }
}

fn open(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let listen = |error| ServeError::Listen { address, error };
    let listener = TcpListener::bind(address).map_err(listen)?;
    listener.set_nonblocking(true).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    Ok((listener, address))
}

fn is_taken(error: &ServeError) -> bool {
    matches!(error, ServeError::Listen { error, .. } if error.kind() == io::ErrorKind::AddrInUse)
}
