//! The client against scripted authenticators: every case of the client layer, and vectors of others.

// Helpers of tests are tests too, which the lint does not see.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod cases;
mod conveyance;
mod get_cases;
mod pin;
mod pin_key;
mod properties;
mod scripted;
mod transcript;
mod vectors;
