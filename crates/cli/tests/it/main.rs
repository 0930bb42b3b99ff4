//! The program as its users meet it: arguments, streams, exit statuses, files.

#![allow(clippy::unwrap_used, reason = "tests")]

mod api;
mod authenticator;
mod cases;
mod conformance;
mod determinism;
mod files;
mod key;
mod metadata;
mod models;
mod options;
mod program;
mod recordings;
mod schemas;
mod serve;
mod sharing;
mod snapshots;
mod status;
mod tenants;
mod transcripts;
