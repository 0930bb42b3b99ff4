//! Graph, asked over HTTP as clients ask, without a socket.

mod bad_input;
mod batches;
mod directory;
mod passkeys;
mod policies;
mod support;
