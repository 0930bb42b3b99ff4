//! What the tests between the crates share with their tools.

pub mod crowd;
pub mod fixtures;
pub mod folder;
