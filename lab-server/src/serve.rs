//! Sockets, start and stop.

mod by_host;
mod sockets;

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum_server::tls_rustls::RustlsAcceptor;
use axum_server::{Handle, Server as Http};
use hyper_util::rt::TokioTimer;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::lab::Shared;
use crate::manage::{self, Management};
use crate::settings::Token;
use crate::tls::Identity;

pub use sockets::{Listeners, ServeError};

/// How long requests under way may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(5);
/// How long a client may take for the head of its request, and before it for its handshake.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// What is served at a set of sockets.
pub struct Front {
    /// The sockets.
    pub listeners: Listeners,
    /// The lab at each of the origins that are found here; which one is meant, `Host` says.
    pub sites: Vec<Shared>,
    /// What is shown by TLS; without it, it is plain HTTP.
    pub identity: Option<Identity>,
}

/// A lab at its sockets.
pub struct Server {
    /// The lab, at any of its origins.
    pub lab: Shared,
    /// Its sockets.
    pub fronts: Vec<Front>,
    /// The management port, and its token.
    pub management: Option<(Listeners, Token)>,
}

impl Server {
    /// A lab at one set of sockets, without TLS and without a management port.
    #[must_use]
    pub fn plain(lab: Shared, listeners: Listeners) -> Self {
        let front = Front { listeners, sites: vec![Arc::clone(&lab)], identity: None };
        Self { lab, fronts: vec![front], management: None }
    }

    /// Serves until `end` or the management port says that it is over; requests under way are finished.
    ///
    /// # Errors
    /// [`ServeError::Socket`].
    pub async fn run(self, end: impl Future<Output = ()>) -> Result<(), ServeError> {
        let stop = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        let mut handles = Vec::new();
        for Front { listeners, sites, identity } in self.fronts {
            let app = by_host::by_host(&sites);
            for listener in listeners.sockets {
                tasks.spawn(serve(listener, app.clone(), handle(&mut handles), identity.clone()));
            }
        }
        if let Some((Listeners { sockets, address }, token)) = self.management {
            let management = Management { lab: self.lab.clone(), token, address, stop: stop.clone() };
            for listener in sockets {
                tasks.spawn(serve(listener, manage::app(management.clone()), handle(&mut handles), None));
            }
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

async fn serve(
    listener: TcpListener,
    app: Router,
    handle: Handle<SocketAddr>,
    identity: Option<Identity>,
) -> io::Result<()> {
    let server = axum_server::from_tcp(listener)?.handle(handle);
    match identity {
        Some(identity) => {
            let acceptor = RustlsAcceptor::new(identity.config()).handshake_timeout(HEAD_WITHIN);
            bounded(server.acceptor(acceptor)).serve(app.into_make_service_with_connect_info::<SocketAddr>()).await
        }
        None => bounded(server).serve(app.into_make_service_with_connect_info::<SocketAddr>()).await,
    }
}

/// HTTP/1.1 alone: it is what the bound on heads is of, and whoever says nothing meets it too.
fn bounded<A>(mut server: Http<SocketAddr, A>) -> Http<SocketAddr, A> {
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    server.http1_only()
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
