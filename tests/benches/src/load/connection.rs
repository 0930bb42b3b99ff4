//! One connection to a server, kept open.

use std::net::{Ipv4Addr, SocketAddr};

use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A server on this machine, as browsers name it.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The port, on 127.0.0.1.
    pub port: u16,
}

impl Origin {
    /// `http://localhost:PORT`.
    #[must_use]
    pub fn text(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }
}

/// Why a request did not come to its good end.
#[derive(Debug)]
pub enum Trouble {
    /// The server is gone: whether it did what it was asked is not known.
    Gone(String),
    /// It answered, and did not do what it was asked.
    Refused(String),
}

/// A connection.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    origin: Origin,
}

impl Connection {
    /// Opens one.
    ///
    /// # Errors
    /// [`Trouble::Gone`].
    pub async fn open(origin: &Origin) -> Result<Self, Trouble> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, origin.port));
        let stream = TcpStream::connect(address).await.map_err(gone)?;
        stream.set_nodelay(true).map_err(gone)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(gone)?;
        // Whoever sends the next request hears how it ended.
        tokio::spawn(async { drop(connection.await) });
        Ok(Self { sender, origin: origin.clone() })
    }

    /// Where it leads.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Posts JSON, and gives the body of a good answer.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn post(&mut self, path: &str, body: String) -> Result<Bytes, Trouble> {
        let request = Request::post(path).header(CONTENT_TYPE, "application/json");
        self.send(request, body).await
    }

    /// Gets what is at a path.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn get(&mut self, path: &str) -> Result<Bytes, Trouble> {
        let request = Request::get(path).header(AUTHORIZATION, "Bearer any");
        self.send(request, String::new()).await
    }

    async fn send(&mut self, request: hyper::http::request::Builder, body: String) -> Result<Bytes, Trouble> {
        let request = request.header(HOST, self.origin.host()).body(Full::new(Bytes::from(body)));
        let request = request.map_err(|error| Trouble::Refused(error.to_string()))?;
        self.sender.ready().await.map_err(gone)?;
        let answer = self.sender.send_request(request).await.map_err(gone)?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(gone)?.to_bytes();
        if status.is_success() {
            return Ok(body);
        }
        Err(Trouble::Refused(format!("{status}: {}", String::from_utf8_lossy(&body))))
    }
}

fn gone(error: impl std::fmt::Display) -> Trouble {
    Trouble::Gone(error.to_string())
}
