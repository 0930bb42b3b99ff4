//! The lab server through its router, by clients and emulated keys in the same process, at a clock that tests move.

#![allow(clippy::unwrap_used, reason = "tests")]

mod ceremonies;
mod conformance;
mod lab;
mod security;
