//! The lab server: Entra's ceremonies in a real browser, Graph for real scripts, and what decided each.
//!
//! * [`mod@app`]: every route, one line for each area; [`serve`]: sockets, start and stop.
//! * [`security`]: all that stands between a request and a handler, as one list of layers.
//! * [`lab`]: what handlers share. They get the time as an argument ([`extract::Now`]) and take randomness
//!   from [`edge`], so that a test can hand in both.
//! * [`ceremonies`]: options given out, responses judged and recorded, records judged again when looked at.
//! * [`graph`]: Microsoft Graph's paths, shapes and errors over the same state.
//! * [`tls`]: what the server shows of itself by TLS; [`browser`]: the command of a browser that takes it for Entra's
//!   host; [`well_known`]: what programs ask before they trust an origin.
//! * [`store`]: the log of all that happened, in one SQLite file.
//! * [`pages`] for people, [`api`] for programs, [`conformance`] for FIDO's tool, [`manage`] for whoever runs the
//!   lab.
//! * [`places`]: what takes long, a few at the same time.

pub mod api;
pub mod app;
pub mod browser;
pub mod ceremonies;
pub mod conformance;
pub mod edge;
pub mod extract;
pub mod graph;
pub mod lab;
pub mod manage;
pub mod pages;
pub mod pilots;
pub mod places;
pub mod problem;
pub mod security;
pub mod serve;
pub mod settings;
pub mod store;
pub mod tls;
pub mod well_known;

pub use app::app;
pub use edge::{Clock, SystemClock};
pub use lab::{Lab, Shared};
pub use serve::{ServeError, Server};
pub use settings::{EntraHost, Limits, Listen, Settings, Token};
pub use tls::{Identity, TlsError};
