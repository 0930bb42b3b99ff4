//! The control port: a person over HTTP, for tests.
//!
//! `GET /` tells how the key is; `POST /touch/on|off|press`, `/verify/ok|fail` and `/power/on|off`
//! change it and tell the same. A request needs `Authorization: Bearer TOKEN` and the header
//! `X-Passkey-Lab` (no page of a browser can send either unasked), and a `Host` of loopback with the
//! right port (no name that was made to point here).

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr, TcpListener as Std};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use lab_protocol::Status;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use crate::address::{Address, AddressError};
use crate::hand::Touch;
use crate::key::{Handle, Order, State};
use crate::serve::LinksError;

/// The header that a request needs; its value does not matter.
pub const HEADER: &str = "x-passkey-lab";
/// How long a client may take for the head of its request.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// Serves the control port of a key in tasks of the current tokio runtime. Gives its address.
///
/// # Errors
/// [`LinksError`]: the address is not of loopback, or taken.
pub fn serve(at: SocketAddr, token: &str, key: Handle) -> Result<SocketAddr, LinksError> {
    if !at.ip().is_loopback() {
        return Err(AddressError::NotLoopback(at).into());
    }
    let listener = listen(at).map_err(|error| LinksError::Open { address: Address::Tcp(at), error })?;
    let (listener, address) = listener;
    let port = Port { token: Sha256::digest(token).into(), address, key };
    tokio::spawn(accept(listener, port));
    Ok(address)
}

fn listen(at: SocketAddr) -> std::io::Result<(TcpListener, SocketAddr)> {
    let listener = Std::bind(at)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((TcpListener::from_std(listener)?, address))
}

#[derive(Clone)]
struct Port {
    /// Compared as hashes: how long it takes tells nothing of the token.
    token: [u8; 32],
    address: SocketAddr,
    key: Handle,
}

async fn accept(listener: TcpListener, port: Port) {
    while let Ok((client, _)) = listener.accept().await {
        let port = port.clone();
        let service = service_fn(move |request| {
            let port = port.clone();
            async move { Ok::<_, Infallible>(port.answer(&request).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_WITHIN)
            .serve_connection(TokioIo::new(client), service);
        tokio::spawn(async move {
            // A client that breaks off is nobody's error.
            let _ = connection.await;
        });
    }
}

impl Port {
    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let answer = match self.admit(request.headers()).and_then(|()| order(request.method(), request.uri().path())) {
            Ok(order) => self.key.order(order).await.ok_or(Refusal::NO_KEY).map(|state| view(&state)),
            Err(refusal) => Err(refusal),
        };
        let (status, body) = match answer {
            Ok(state) => (StatusCode::OK, state),
            Err(Refusal(status, why)) => (status, json!({ "error": why })),
        };
        let mut response = Response::new(Full::from(format!("{body}\n")));
        *response.status_mut() = status;
        let json = hyper::header::HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name: &hyper::header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        if !text(&HOST).is_some_and(|host| self.is_own_host(host)) {
            return Err(Refusal::HOST);
        }
        if !headers.contains_key(HEADER) {
            return Err(Refusal::HEADER);
        }
        let token = text(&AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        let right = token.is_some_and(|token| <[u8; 32]>::from(Sha256::digest(token.trim())) == self.token);
        if right { Ok(()) } else { Err(Refusal::TOKEN) }
    }

    fn is_own_host(&self, host: &str) -> bool {
        let Some((name, port)) = host.rsplit_once(':') else { return false };
        let ip = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        port.parse() == Ok(self.address.port()) && (name == "localhost" || ip == Ok(self.address.ip()))
    }
}

/// A request that is not obeyed, and why.
struct Refusal(StatusCode, &'static str);

impl Refusal {
    const HOST: Self = Self(StatusCode::FORBIDDEN, "expected a Host of loopback with the port of this server");
    const HEADER: Self = Self(StatusCode::FORBIDDEN, "expected the header X-Passkey-Lab");
    const TOKEN: Self = Self(StatusCode::UNAUTHORIZED, "expected Authorization: Bearer with the token of this key");
    const METHOD: Self = Self(StatusCode::METHOD_NOT_ALLOWED, "expected POST to change something, GET / to look");
    const PATH: Self = Self(
        StatusCode::NOT_FOUND,
        "expected /touch/on, /touch/off, /touch/press, /touch/deny, /power/on, /power/off, /verify/ok or /verify/fail",
    );
    const NO_KEY: Self = Self(StatusCode::SERVICE_UNAVAILABLE, "the key is gone");
}

/// Each order and its path.
pub(crate) const ORDERS: [(Order, &str); 9] = [
    (Order::Look, "/"),
    (Order::Touch(true), "/touch/on"),
    (Order::Touch(false), "/touch/off"),
    (Order::Press, "/touch/press"),
    (Order::Decline, "/touch/deny"),
    (Order::Power(true), "/power/on"),
    (Order::Power(false), "/power/off"),
    (Order::Verify(true), "/verify/ok"),
    (Order::Verify(false), "/verify/fail"),
];

/// How an order is sent: one that changes nothing by GET.
pub(crate) fn method(order: Order) -> Method {
    if order == Order::Look { Method::GET } else { Method::POST }
}

fn order(asked: &Method, path: &str) -> Result<Order, Refusal> {
    let found = ORDERS.iter().find(|(_, known)| *known == path);
    let (order, _) = found.ok_or(Refusal::PATH)?;
    if *asked == method(*order) { Ok(*order) } else { Err(Refusal::METHOD) }
}

fn view(state: &State) -> Value {
    let touch = match state.hand.touch {
        Touch::On => "on",
        Touch::Off => "off",
        Touch::Deny => "deny",
    };
    let waiting = state.waiting.map(|status| match status {
        Status::Processing => "nothing",
        Status::UpNeeded => "touch",
        Status::UvNeeded => "verification",
    });
    json!({
        "touch": touch,
        "verify": if state.hand.verifies { "ok" } else { "fail" },
        "power": if state.plugged { "on" } else { "off" },
        "waiting": waiting,
        "clients": state.clients,
        "winks": state.winks,
    })
}
