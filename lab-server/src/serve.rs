//! Sockets, start and stop.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::lab::Shared;
use crate::manage::{self, Management};
use crate::settings::{Listen, Token};

/// How long requests under way may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(5);
/// How long a client may take for the head of its request.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

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

/// Sockets that are open, before anybody is served.
#[derive(Debug)]
pub struct Sockets {
    pages: Vec<TcpListener>,
    port: u16,
    management: Option<(TcpListener, SocketAddr)>,
}

impl Sockets {
    /// Opens them. Where this machine has no IPv6, `localhost` is 127.0.0.1 alone.
    ///
    /// # Errors
    /// [`ServeError::Listen`].
    pub fn open(listen: Listen, management: Option<SocketAddr>) -> Result<Self, ServeError> {
        let (pages, port) = match listen {
            Listen::Localhost(port) => {
                let (first, address) = open((Ipv4Addr::LOCALHOST, port).into())?;
                let second = open((Ipv6Addr::LOCALHOST, address.port()).into());
                let second = match second {
                    Err(error) if port != 0 && is_taken(&error) => return Err(error),
                    second => second.ok(),
                };
                let pages = std::iter::once(first).chain(second.map(|(listener, _)| listener)).collect();
                (pages, address.port())
            }
            Listen::At(address) => {
                let (listener, address) = open(address)?;
                (vec![listener], address.port())
            }
        };
        let management = management.map(open).transpose()?;
        Ok(Self { pages, port, management })
    }

    /// The port of the pages.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Where the management port is.
    #[must_use]
    pub fn management(&self) -> Option<SocketAddr> {
        self.management.as_ref().map(|(_, address)| *address)
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

/// A lab at its sockets.
pub struct Server {
    /// The lab.
    pub lab: Shared,
    /// Its sockets.
    pub sockets: Sockets,
    /// The token of the management port.
    pub management_token: Token,
}

impl Server {
    /// Serves until `end` or the management port says that it is over; requests under way are finished.
    ///
    /// # Errors
    /// [`ServeError::Socket`].
    pub async fn run(self, end: impl Future<Output = ()>) -> Result<(), ServeError> {
        let stop = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        let mut handles = Vec::new();
        let pages = crate::app(&self.lab);
        for listener in self.sockets.pages {
            tasks.spawn(serve(listener, pages.clone(), handle(&mut handles)));
        }
        if let Some((listener, address)) = self.sockets.management {
            let management =
                Management { lab: self.lab.clone(), token: self.management_token, address, stop: stop.clone() };
            tasks.spawn(serve(listener, manage::app(management), handle(&mut handles)));
        }
        tokio::select! {
            () = end => {}
            () = stop.notified() => {}
            Some(ended) = tasks.join_next() => return ended.map_err(io::Error::other)?.map_err(ServeError::from),
        }
        tracing::info!("stopping");
        self.lab.close();
        handles.iter().for_each(|handle| handle.graceful_shutdown(Some(GRACE)));
        while let Some(ended) = tasks.join_next().await {
            ended.map_err(io::Error::other)??;
        }
        Ok(())
    }
}

fn handle(handles: &mut Vec<Handle<SocketAddr>>) -> Handle<SocketAddr> {
    let handle = Handle::new();
    handles.push(handle.clone());
    handle
}

async fn serve(listener: TcpListener, app: Router, handle: Handle<SocketAddr>) -> io::Result<()> {
    let mut server = axum_server::from_tcp(listener)?.handle(handle);
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    server.serve(app.into_make_service_with_connect_info::<SocketAddr>()).await
}

/// Waits until somebody ends the process: `true` by Ctrl-C, `false` by SIGTERM.
pub async fn interrupted() -> bool {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminated) = signal(SignalKind::terminate()) else { return std::future::pending().await };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => true,
            _ = terminated.recv() => false,
        }
    }
    #[cfg(not(unix))]
    {
        _ = tokio::signal::ctrl_c().await;
        true
    }
}
