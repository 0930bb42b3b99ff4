//! The lab server through its router, by clients and emulated keys in the same process, at a clock that tests move.

#![allow(clippy::unwrap_used, reason = "tests")]

mod anchors;
mod api;
mod ceremonies;
mod conformance;
mod described;
mod doors;
mod emulated;
mod entra_host;
mod lab;
mod security;
mod tls;
