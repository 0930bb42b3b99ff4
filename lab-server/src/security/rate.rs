//! How much one address may ask for.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;

use crate::lab::Shared;
use crate::problem::Problem;

/// How many seconds' worth of requests may come at once.
const BURST: f64 = 4.0;
/// How many addresses are remembered; beyond that all that have a full bucket are forgotten.
const MAX_PEERS: usize = 65_536;

/// Whom requests are counted for: an address, of IPv6 its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Peer(IpAddr);

impl From<SocketAddr> for Peer {
    fn from(address: SocketAddr) -> Self {
        Self(match address.ip().to_canonical() {
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            ip => ip,
        })
    }
}

impl FromRequestParts<Shared> for Peer {
    type Rejection = std::convert::Infallible;

    /// A router that is called without a socket, as tests do, has one peer.
    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Self::Rejection> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        Ok(address.unwrap_or_else(|| ([127, 0, 0, 1], 0).into()).into())
    }
}

/// A bucket of requests for each peer, and one of wrong tokens.
#[derive(Debug, Default)]
pub struct Rate {
    requests: Mutex<Buckets>,
    guesses: Mutex<Buckets>,
}

#[derive(Debug, Default)]
struct Buckets(HashMap<Peer, Bucket>);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Timestamp,
}

impl Rate {
    /// Takes a request out of a peer's bucket, if one is left.
    fn request(&self, peer: Peer, now: Timestamp, a_second: u32) -> bool {
        let a_second = f64::from(a_second);
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).take(peer, now, (a_second, BURST * a_second), 1.0)
    }

    /// Counts a wrong token; `false` where there have been too many.
    pub fn guess(&self, peer: Peer, now: Timestamp, a_minute: u32) -> bool {
        let most = f64::from(a_minute);
        self.guesses.lock().unwrap_or_else(PoisonError::into_inner).take(peer, now, (most / 60.0, most), 1.0)
    }

    /// Whether a peer may still try a token.
    pub fn may_guess(&self, peer: Peer, now: Timestamp, a_minute: u32) -> bool {
        let most = f64::from(a_minute);
        let mut guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        guesses.take(peer, now, (most / 60.0, most), 0.0) && guesses.0.get(&peer).is_none_or(|it| it.left >= 1.0)
    }
}

impl Buckets {
    fn take(&mut self, peer: Peer, now: Timestamp, (a_second, most): (f64, f64), cost: f64) -> bool {
        if self.0.len() >= MAX_PEERS {
            self.0.retain(|_, bucket| bucket.filled(now, a_second, most).left < most);
        }
        if self.0.len() >= MAX_PEERS && !self.0.contains_key(&peer) {
            return false;
        }
        let bucket = self.0.entry(peer).or_insert(Bucket { left: most, at: now });
        *bucket = bucket.filled(now, a_second, most);
        let enough = bucket.left >= cost;
        if enough {
            bucket.left -= cost;
        }
        enough
    }
}

impl Bucket {
    /// What has run in since; a clock that was set back gives nothing and takes nothing.
    fn filled(self, now: Timestamp, a_second: f64, most: f64) -> Self {
        let passed = now.duration_since(self.at).as_secs_f64().max(0.0);
        Self { left: passed.mul_add(a_second, self.left).min(most), at: now }
    }
}

/// Slows down a peer that asks too often.
pub async fn rate(State(lab): State<Shared>, peer: Peer, request: Request, next: Next) -> Response {
    let within = lab.settings.limits.rate.is_none_or(|most| lab.rate.request(peer, lab.clock.now(), most));
    if within {
        return next.run(request).await;
    }
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "There are too many requests from this address.");
    ([("retry-after", "1")], problem).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> Peer {
        text.parse::<SocketAddr>().unwrap().into()
    }

    #[test]
    fn a_burst_is_followed_by_what_runs_in() {
        let (rate, start) = (Rate::default(), Timestamp::UNIX_EPOCH);
        let one = peer("192.0.2.1:5");
        assert_eq!((0..100).filter(|_| rate.request(one, start, 10)).count(), 40);
        assert!(rate.request(peer("192.0.2.2:5"), start, 10), "another address has its own");
        let later = start + jiff::SignedDuration::from_secs(1);
        assert_eq!((0..100).filter(|_| rate.request(one, later, 10)).count(), 10);
        assert!(!rate.request(one, start, 10), "a clock that was set back gives nothing");
    }

    #[test]
    fn addresses_of_one_network_are_one_peer() {
        assert_eq!(peer("[2001:db8::1]:1"), peer("[2001:db8::2]:1"));
        assert_ne!(peer("[2001:db8::1]:1"), peer("[2001:db8:0:1::1]:1"));
        assert_eq!(peer("[::ffff:192.0.2.1]:1"), peer("192.0.2.1:9"));
    }

    #[test]
    fn guesses_are_counted_by_the_minute() {
        let (rate, start) = (Rate::default(), Timestamp::UNIX_EPOCH);
        let one = peer("192.0.2.1:5");
        assert_eq!((0..50).filter(|_| rate.guess(one, start, 10)).count(), 10);
        assert!(!rate.may_guess(one, start, 10));
        assert!(rate.may_guess(one, start + jiff::SignedDuration::from_secs(7), 10));
    }
}
