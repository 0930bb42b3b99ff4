//! What the tests between the crates share with their tools.

pub mod fixtures;
pub mod folder;
