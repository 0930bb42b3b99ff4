//! The messages of the API: what handlers read and write, and what [`super::client::Client`] sends and gets.

mod authenticators;
mod calls;
mod ceremonies;
mod jobs;
mod records;

pub use authenticators::*;
pub use calls::*;
pub use ceremonies::*;
pub use jobs::*;
pub use records::*;
