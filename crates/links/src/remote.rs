//! The client of a control port.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, HOST};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use crate::control::{HEADER, ORDERS, method};
use crate::key::Order;
use crate::serve::LinksError;

/// How long an order may take.
const WITHIN: Duration = Duration::from_secs(10);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 4096;

/// Orders for a key in another process.
#[derive(Debug)]
pub struct Remote {
    port: SocketAddr,
    token: String,
    runtime: Runtime,
}

/// Why an order was not obeyed.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// Nobody answers in time.
    #[error("the control port {port} does not answer within {} s", WITHIN.as_secs())]
    Silent {
        /// Where.
        port: SocketAddr,
    },
    /// Nobody listens there.
    #[error("the control port {0}: {1}")]
    Unreachable(SocketAddr, std::io::Error),
    /// Whoever listens speaks no HTTP.
    #[error("the control port {0}: {1}")]
    Http(SocketAddr, hyper::Error),
    /// It refuses.
    #[error("the control port {port} answered {status}: {why}")]
    Refused {
        /// Where.
        port: SocketAddr,
        /// The status.
        status: StatusCode,
        /// Its words.
        why: String,
    },
}

impl Remote {
    /// The control port at an address; nothing is sent yet. The token is one of visible ASCII characters.
    ///
    /// # Errors
    /// [`LinksError::Runtime`].
    pub fn new(port: SocketAddr, token: String) -> Result<Self, LinksError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(LinksError::Runtime)?;
        Ok(Self { port, token, runtime })
    }

    /// Gives an order.
    ///
    /// # Errors
    /// [`RemoteError`].
    pub fn order(&self, order: Order) -> Result<(), RemoteError> {
        let answered = async { tokio::time::timeout(WITHIN, self.send(order)).await };
        self.runtime.block_on(answered).map_err(|_| RemoteError::Silent { port: self.port })?
    }

    async fn send(&self, order: Order) -> Result<(), RemoteError> {
        let http = |error| RemoteError::Http(self.port, error);
        let stream = TcpStream::connect(self.port).await;
        let stream = stream.map_err(|error| RemoteError::Unreachable(self.port, error))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(http)?;
        let answer = async {
            let response = sender.send_request(self.request(order)).await.map_err(http)?;
            self.judge(response).await
        };
        tokio::select! {
            answer = answer => answer,
            Err(error) = connection => Err(http(error)),
        }
    }

    fn request(&self, order: Order) -> Request<Empty<Bytes>> {
        let path = ORDERS.iter().find(|(known, _)| *known == order).map_or("/", |(_, path)| path);
        let mut request = Request::new(Empty::new());
        *request.method_mut() = method(order);
        *request.uri_mut() = hyper::Uri::from_static(path);
        let value = |text: String| text.parse().unwrap_or(hyper::header::HeaderValue::from_static(""));
        let headers = request.headers_mut();
        headers.insert(HOST, value(self.port.to_string()));
        headers.insert(AUTHORIZATION, value(format!("Bearer {}", self.token)));
        headers.insert(HEADER, value("1".to_owned()));
        request
    }

    async fn judge(&self, response: Response<Incoming>) -> Result<(), RemoteError> {
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let body = Limited::new(response.into_body(), LONGEST).collect().await;
        let body = body.map(|body| body.to_bytes()).unwrap_or_default();
        let why = String::from_utf8_lossy(&body).trim().to_owned();
        Err(RemoteError::Refused { port: self.port, status, why })
    }
}
