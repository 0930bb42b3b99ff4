//! Case catalogues for authenticators: what CTAP, CTAPHID and U2F demand, as rows, against the lab's
//! models and against anybody's device.
//!
//! ```text
//! Case: id, needs, sends, must ──> Bench ──> Target (a model in memory, or a device on a link)
//!                                    └──> Outcome: pass, observation, fail, not applicable
//! ```
//!
//! A case needs things of the authenticator (an option, an extension) and of the target (that it can be
//! unplugged, that nobody touches it); where one is missing it is not applicable, with the reason. An
//! authenticator that has something an optional text leaves open gives an observation.
//!
//! To add one: a row in `cases/GROUP.rs`. To add a group: a file there and two lines in `cases.rs`.

mod bench;
mod case;
mod cases;
mod outcome;
mod run;
mod target;

pub use bench::Bench;
pub use case::{Case, Need};
pub use cases::{GROUPS, Group, all, find};
pub use outcome::{Outcome, Stop};
pub use run::{Options, Report, Row, run};
pub use target::{Attendant, Behaviour, Facts, ModelTarget, Target, WireTarget};
