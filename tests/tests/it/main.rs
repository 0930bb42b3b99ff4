//! Tests that need more than one crate, or somebody else's word.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests, which clippy does not take for tests")]

mod architecture;
mod cases;
mod client_extensions;
mod conformance_api;
mod decisions;
mod devices;
mod interop;
mod lies;
mod metadata;
mod rules;
mod second_client;
mod second_opinion;
mod tenants;
mod vectors;
