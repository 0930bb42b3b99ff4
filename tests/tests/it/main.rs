//! Tests that need more than one crate, or somebody else's word.

mod architecture;
mod decisions;
mod interop;
mod lies;
mod vectors;
