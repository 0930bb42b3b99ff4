//! The jobs of the lab: what each command does, between its arguments and its output.
//!
//! A job takes values and gives an outcome with its [`report::Report`] and exit status. Time and
//! randomness come from [`world::World`]; only [`input`] reads files.

pub mod anatomy;
pub mod case_view;
pub mod ceremony;
pub mod conformance;
pub mod diff;
pub mod emulated;
mod error;
pub mod explain;
pub mod input;
pub mod key;
pub mod live;
pub mod matrix;
pub mod metadata;
pub mod models;
pub mod pem;
pub mod real_key;
pub mod report;
pub mod tenant;
pub mod trace_view;
pub mod transcript;
pub mod verify;
pub mod world;

pub use error::JobError;
