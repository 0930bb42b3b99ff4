//! Tests of the crate.

mod ceremonies;
mod directory;
mod events;
mod store;
mod support;
